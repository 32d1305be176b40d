//! At which bed each device stands.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use tokio::sync::oneshot;
use vitals::{BedId, DeviceId, DeviceLink};

use super::Request;
use super::caller::Acting;
use super::router::{Answer, Body, Served, answer_error, ask, ask_with};
use crate::access::By;
use crate::ward::{DeviceSetup, PlaceError, Placing};
use alarms::PERSON_CHARS_MAX;

/// Why what a person says of a device is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// The name is empty, too long, or holds control characters.
    #[error("say who you are: a name of 1 to {PERSON_CHARS_MAX} characters")]
    NoPerson,
    /// About where it stands.
    #[error(transparent)]
    Move(#[from] PlaceError),
}

/// What a browser asks of the core about devices.
#[derive(Debug)]
pub enum DeviceRequest {
    /// Where each stands.
    Devices {
        /// Where the answer goes.
        answer: oneshot::Sender<Result<DevicesNow, DeviceError>>,
    },
    /// A person has added one, on a line that is set up and not heard yet.
    Join {
        /// The device and its bed.
        setup: Box<DeviceSetup>,
        /// The line, as the audit tells it.
        line: LineTold,
        /// Who added it.
        by: By,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<(), DeviceError>>,
    },
    /// A person has taken one away, with its line.
    Part {
        /// The device.
        device: DeviceId,
        /// The line, as the audit tells it.
        line: LineTold,
        /// Who took it.
        by: By,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<(), DeviceError>>,
    },
    /// A person says where one stands.
    Move {
        /// What is said.
        placing: Placing,
        /// Who says it.
        by: By,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<(), DeviceError>>,
    },
}

/// A line, as the audit tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineTold {
    /// Its id.
    pub id: String,
    /// Family and port.
    pub words: String,
}

/// The devices that may stand at a bed: laboratories are left out.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
pub struct DevicesNow {
    /// In the order of their ids.
    pub devices: Vec<DeviceNow>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
pub struct DeviceNow {
    /// Its id.
    pub id: DeviceId,
    /// Where it stands; none = at no bed.
    pub bed: Option<BedId>,
    /// Where the configuration has it.
    pub home: Option<BedId>,
    /// Whether it is heard.
    pub link: DeviceLink,
    /// Who moved it away from home.
    pub moved_by: Option<String>,
}

/// A device stands elsewhere from now on.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
// Both have to be said, although they may be null.
#[schemars(rename = "Placing", extend("required" = ["saw", "bed"]))]
pub(super) struct Told {
    /// Where the person saw that it stands, `null` = at no bed: one that was moved meanwhile is refused.
    #[serde(deserialize_with = "said")]
    saw: Option<BedId>,
    /// Where it stands, `null` = at no bed.
    #[serde(deserialize_with = "said")]
    bed: Option<BedId>,
}

/// At no bed is said as `null`, not left out.
fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<BedId>, D::Error> {
    Option::deserialize(deserializer)
}

pub(super) async fn devices(State(served): State<Served>) -> Answer<DevicesNow> {
    let request = |answer| Request::OfDevices(DeviceRequest::Devices { answer });
    ask(&served, request, status).await
}

pub(super) async fn bind(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    Path(device): Path<String>,
    body: Body<Told>,
) -> Answer<()> {
    let device = device.parse::<DeviceId>();
    let device = device.map_err(|_| answer_error(StatusCode::NOT_FOUND, "there is no such device here"))?;
    let by = acting.by;
    let request = |Told { saw, bed }, answer| {
        let placing = Placing {
            device,
            saw,
            bed,
            by: by.name().to_owned(),
        };
        Request::OfDevices(DeviceRequest::Move { placing, by, answer })
    };
    ask_with(&served, body, request, status).await
}

fn status(error: &DeviceError) -> StatusCode {
    match error {
        DeviceError::Move(PlaceError::UnknownDevice(_) | PlaceError::UnknownBed(_)) => StatusCode::NOT_FOUND,
        DeviceError::Move(PlaceError::Moved(_) | PlaceError::Known(_)) => StatusCode::CONFLICT,
        DeviceError::NoPerson | DeviceError::Move(PlaceError::There(_) | PlaceError::Laboratory(_)) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::Running;
    use super::*;

    /// What reaches the core of a move, and what its answer becomes.
    fn moved(body: &str, answered: Result<(), DeviceError>) -> (String, u16, Value) {
        let mut running = Running::start();
        let mut requests = running.take_requests();
        let core = std::thread::spawn(move || match requests.blocking_recv() {
            Some(Request::OfDevices(DeviceRequest::Move { placing, by, answer })) => {
                answer.send(answered).unwrap();
                assert_eq!(by.name(), placing.by);
                format!(
                    "{} {:?} {:?} {}",
                    placing.device, placing.saw, placing.bed, placing.by
                )
            }
            other => format!("{other:?}"),
        });
        let (status, _, answer) = running.post("/api/v1/devices/oxi-1/bind", body);
        drop(running);
        (core.join().unwrap(), status, answer)
    }

    #[test]
    fn i9_where_a_device_stands_reaches_the_core_with_the_name_and_with_what_was_seen() {
        let (told, status, answer) = moved(r#"{"saw":"1","bed":null}"#, Ok(()));
        assert_eq!(told, r#"oxi-1 Some(BedId("1")) None Grace"#);
        assert_eq!((status, answer), (200, json!({})));
    }

    #[test]
    fn devices_are_told_with_where_they_stand_and_who_moved_them() {
        let mut running = Running::start();
        let mut requests = running.take_requests();
        let core = std::thread::spawn(move || {
            if let Some(Request::OfDevices(DeviceRequest::Devices { answer })) = requests.blocking_recv() {
                let device = DeviceNow {
                    id: "oxi-1".parse().unwrap(),
                    bed: None,
                    home: Some("1".parse().unwrap()),
                    link: DeviceLink::Silent,
                    moved_by: Some("Grace".to_owned()),
                };
                let devices = vec![device];
                answer.send(Ok(DevicesNow { devices })).unwrap();
            }
        });
        let told = running.get("/api/v1/devices");
        let device = json!({"id": "oxi-1", "bed": null, "home": "1", "link": "silent", "moved_by": "Grace"});
        assert_eq!(told, (200, json!({"devices": [device]})));
        core.join().unwrap();
    }

    #[test]
    fn a_refused_move_is_a_status_and_a_sentence() {
        let device: DeviceId = "oxi-1".parse().unwrap();
        for (error, expected, words) in [
            (DeviceError::NoPerson, 422, "say who you are"),
            (
                PlaceError::UnknownDevice(device.clone()).into(),
                404,
                "no device oxi-1",
            ),
            (
                PlaceError::UnknownBed("9".parse().unwrap()).into(),
                404,
                "no bed 9",
            ),
            (
                PlaceError::Moved(device.clone()).into(),
                409,
                "look at the devices again",
            ),
            (PlaceError::There(device.clone()).into(), 422, "there already"),
            (
                PlaceError::Laboratory(device).into(),
                422,
                "results are of specimens",
            ),
        ] {
            let (_, status, answer) = moved(r#"{"saw":"1","bed":"2"}"#, Err(error));
            let text = answer["error"].as_str().unwrap();
            assert!(status == expected && text.contains(words), "{status} {text}");
        }
    }

    #[test]
    fn what_is_no_move_does_not_reach_the_core() {
        for (path, body, expected) in [
            ("/api/v1/devices/a%20b/bind", r#"{"saw":"1","bed":null}"#, 404),
            ("/api/v1/devices/oxi-1/bind", r#"{"saw":"1"}"#, 422),
            ("/api/v1/devices/oxi-1/bind", r#"{"bed":"1"}"#, 422),
            ("/api/v1/devices/oxi-1/bind", r#"{"saw":"1","bed":"a b"}"#, 422),
            (
                "/api/v1/devices/oxi-1/bind",
                r#"{"saw":"1","bed":"2","by":"G"}"#,
                422,
            ),
        ] {
            let running = Running::start();
            let (status, _, answer) = running.post(path, body);
            assert_eq!(status, expected, "{path} {body} {answer}");
            assert!(answer["error"].is_string());
        }
    }
}
