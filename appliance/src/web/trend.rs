//! `GET /api/v1/trend?bed=&value=&from_ms=&to_ms=&points=`: one value over a stretch of time, for drawing.
//!
//! `bed` and `value` (a code's key such as `spo2`), or `signal` alone for a value about the post. With `of=patient` it is of
//! whoever lies in that bed now, in whichever bed it was measured, with the stays that turned out to be the same patient's;
//! else of whoever lay in that bed, series by series. `from_ms` and `to_ms`
//! are wall time in milliseconds since 1970, at most 31 days apart; `points` is the most buckets wanted, 1 to 2000, 500
//! when left out. The answer:
//!
//! - `from_ms`, `bucket_ms`: bucket n covers `from_ms + n * bucket_ms` up to the next one.
//! - `series`: one for each `device` and `admission` (I3); `buckets` holds `null` where nothing was heard (to be drawn
//!   as a gap), else `lowest`, `highest`, `mean` (text, as measured; `null` when no reading had a number), `count`
//!   (readings with a number) and `absent` (readings without, I5).
//! - `stretches`: for each `boot` with its `trust` (I8: `synchronised`, `holdover`, `untrusted`), when its first and last
//!   reading here were: `first_ms`, `last_ms`.
//! - `undated`: what was heard in boots whose wall time nobody knows: `boot`, `from_boot_ms` (since that boot),
//!   `bucket_ms` and `series` as above; `undated_left_out` counts older such boots.
//! - `unreadable`: blocks on the card that could not be read and may be missing.
//!
//! A trend reads the card for up to a second ([`super::history`]).

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};
use vitals::{BedId, Code, WallTime};

use super::caller::Acting;
use super::patients::status;
use super::router::{Served, answer_error, told};
use super::{PatientRequest, Request};
use crate::access::policy::Action;
use crate::store::{Bucket, Series, StoreError, Stretch, Trend, TrendOf, TrendQuery, Undated};

/// Buckets when nobody says how many.
const POINTS: usize = 500;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Of {
    /// What was measured at the bed.
    Bed,
    /// What was measured on whoever lies there now.
    Patient,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    bed: Option<BedId>,
    value: Option<String>,
    signal: Option<String>,
    of: Option<Of>,
    from_ms: i64,
    to_ms: i64,
    points: Option<usize>,
}

pub(super) async fn trend(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let asked = match asked {
        Ok(Query(asked)) => asked,
        Err(error) => return answer_error(StatusCode::UNPROCESSABLE_ENTITY, &error.body_text()),
    };
    let bed = asked.bed.clone();
    let of_whom = bed.clone().filter(|_| asked.of == Some(Of::Patient));
    let mut query = question(asked);
    if let (Ok(asked), Some(bed)) = (&mut query, of_whom) {
        match told(&served, |answer| {
            Request::OfPatients(PatientRequest::Stays { bed, answer })
        })
        .await
        {
            Ok(Ok(stays)) => asked.narrow(stays),
            Ok(Err(error)) => return answer_error(status(&error), &error.to_string()),
            Err(answer) => return *answer,
        }
    }
    let query = match query {
        Ok(query) => query,
        Err(text) => return answer_error(StatusCode::UNPROCESSABLE_ENTITY, &text),
    };
    if let Some(bed) = bed {
        served
            .desk
            .tell_view(&acting.by, Action::SeeChart, &format!("bed:{bed}"));
    }
    let failed = |error: StoreError| (StatusCode::SERVICE_UNAVAILABLE, error.to_string());
    let made = served
        .history
        .read(move |store| store.trend(&query).map_err(failed));
    match made.await {
        Ok(trend) => Json(shown(&trend)).into_response(),
        Err(answer) => *answer,
    }
}

fn question(asked: Asked) -> Result<TrendQuery, String> {
    if asked.of == Some(Of::Patient) && asked.bed.is_none() {
        return Err("say bed and value, or signal alone".to_owned());
    }
    let of = match (asked.bed, asked.value, asked.signal) {
        (Some(bed), Some(value), None) => {
            let code = Code::from_key(&value)
                .ok_or_else(|| format!("{value:?} is no value: use a key such as spo2 or hr"))?;
            TrendOf::Vital { bed, code }
        }
        (None, None, Some(signal)) => TrendOf::Site { signal },
        _ => return Err("say bed and value, or signal alone".to_owned()),
    };
    let (from, to) = (
        WallTime::from_unix_ms(asked.from_ms),
        WallTime::from_unix_ms(asked.to_ms),
    );
    TrendQuery::new(of, from, to, asked.points.unwrap_or(POINTS)).map_err(|error| error.to_string())
}

fn shown(trend: &Trend) -> Value {
    let stretch = |stretch: &Stretch| {
        json!({
            "boot": stretch.boot.to_string(),
            "trust": stretch.trust,
            "first_ms": stretch.first.as_unix_ms(),
            "last_ms": stretch.last.as_unix_ms(),
        })
    };
    let undated = |undated: &Undated| {
        json!({
            "boot": undated.boot.to_string(),
            "from_boot_ms": undated.from.as_ms(),
            "bucket_ms": undated.bucket.as_millis() as u64,
            "series": series(&undated.series),
        })
    };
    json!({
        "from_ms": trend.from.as_unix_ms(),
        "bucket_ms": trend.bucket.as_millis() as u64,
        "series": series(&trend.series),
        "stretches": trend.stretches.iter().map(stretch).collect::<Vec<_>>(),
        "undated": trend.undated.iter().map(undated).collect::<Vec<_>>(),
        "undated_left_out": trend.undated_left_out,
        "unreadable": trend.unreadable,
    })
}

fn series(series: &[Series]) -> Vec<Value> {
    let one = |series: &Series| {
        json!({
            "device": series.device,
            "admission": series.admission,
            "buckets": series.buckets.iter().map(|heard| heard.as_ref().map(bucket)).collect::<Vec<_>>(),
        })
    };
    series.iter().map(one).collect()
}

fn bucket(bucket: &Bucket) -> Value {
    json!({
        "lowest": bucket.numbers.map(|numbers| numbers.lowest),
        "highest": bucket.numbers.map(|numbers| numbers.highest),
        "mean": bucket.numbers.map(|numbers| numbers.mean),
        "count": bucket.numbers.map_or(0, |numbers| numbers.count),
        "absent": bucket.absent,
    })
}

#[cfg(test)]
mod tests {
    use vitals::{
        AnchorSource, BootId, ClockAnchor, ClockTrust, Decimal, Event, MonoTime, Observation, Reading, Record,
    };

    use super::super::tests::Running;
    use super::*;
    use crate::store::Store;

    const BOOT: BootId = BootId([3; 16]);

    fn fill(store: &Store) {
        let at = MonoTime::BOOT;
        let event = Event::Anchor(ClockAnchor {
            boot: BOOT,
            mono: at,
            wall: WallTime::from_unix_ms(1_000_000),
            trust: ClockTrust::Synchronised,
            source: AnchorSource::SystemStart,
        });
        store.append(Record::Event { at, event });
        for (at_ms, value) in [(0, 97), (500, 84), (3_000, 95)] {
            store.append(Record::Reading(Reading {
                device: "oxi".parse().unwrap(),
                bed: Some("1".parse().unwrap()),
                admission: None,
                at: MonoTime::from_ms(at_ms),
                seen: Observation::value(Code::Spo2, Decimal::whole(value)),
            }));
        }
    }

    fn get(running: &Running, path: &str) -> (u16, Value) {
        let (status, answer) = running.ask(&format!(
            "GET /api/v1/trend{path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            running.address
        ));
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        (status, serde_json::from_str(body).unwrap())
    }

    #[test]
    fn a_trend_is_answered_with_its_gaps_and_its_trust() {
        let running = Running::start_in_boot(BOOT);
        fill(&running.store);
        let (status, trend) = get(
            &running,
            "?bed=1&value=spo2&from_ms=1000000&to_ms=1004000&points=4",
        );
        let expected = json!({
            "from_ms": 1_000_000, "bucket_ms": 1_000,
            "series": [{"device": "oxi", "admission": null, "buckets": [
                {"lowest": "84", "highest": "97", "mean": "91", "count": 2, "absent": 0},
                null, null,
                {"lowest": "95", "highest": "95", "mean": "95", "count": 1, "absent": 0},
            ]}],
            "stretches": [{"boot": BOOT.to_string(), "trust": "synchronised",
                "first_ms": 1_000_000, "last_ms": 1_003_000}],
            "undated": [], "undated_left_out": 0, "unreadable": 0,
        });
        assert_eq!((status, trend), (200, expected));
    }

    #[test]
    fn i3_a_trend_of_the_patient_has_all_stays_of_that_one_and_nothing_of_anybody_else() {
        let mut running = Running::start_in_boot(BOOT);
        fill(&running.store);
        for (at_ms, bed, admission, value) in [
            (0, "1", "a", 97),
            (500, "2", "x", 84),
            (1_000, "2", "somebody", 70),
            (1_500, "1", "other", 60),
        ] {
            running.store.append(Record::Reading(Reading {
                device: "oxi".parse().unwrap(),
                bed: Some(bed.parse().unwrap()),
                admission: Some(admission.parse().unwrap()),
                at: MonoTime::from_ms(at_ms),
                seen: Observation::value(Code::Spo2, Decimal::whole(value)),
            }));
        }
        let mut requests = running.take_requests();
        let core = std::thread::spawn(move || match requests.blocking_recv() {
            Some(Request::OfPatients(PatientRequest::Stays { bed, answer })) => {
                let stays = ["a", "x"].map(|stay| stay.parse().unwrap()).into();
                answer.send(Ok(stays)).unwrap();
                bed.to_string()
            }
            other => format!("{other:?}"),
        });
        let path = "?bed=1&of=patient&value=spo2&from_ms=1000000&to_ms=1004000&points=4";
        let (status, trend) = get(&running, path);
        assert_eq!(status, 200, "{trend}");
        let series = trend["series"].as_array().unwrap().iter();
        let told: Vec<String> = series
            .map(|series| format!("{} {}", series["admission"], series["buckets"][0]["mean"]))
            .collect();
        assert_eq!(told, [r#""a" "97""#, r#""x" "84""#]);
        assert_eq!(core.join().unwrap(), "1");
    }

    #[test]
    fn a_question_that_makes_no_sense_is_answered_with_what_is_wrong() {
        let running = Running::start();
        for (path, says) in [
            ("", "missing field"),
            ("?bed=1&from_ms=0&to_ms=1", "say bed and value, or signal alone"),
            (
                "?signal=fridge&of=patient&from_ms=0&to_ms=1",
                "say bed and value, or signal alone",
            ),
            ("?bed=1&value=hr&of=ward&from_ms=0&to_ms=1", "of"),
            ("?bed=1&value=spo3&from_ms=0&to_ms=1", "is no value"),
            ("?bed=1&value=hr&from_ms=9&to_ms=9", "not after its begin"),
            ("?bed=1&value=hr&from_ms=0&to_ms=9000000000", "at most 31 days"),
            (
                "?bed=1&value=hr&from_ms=0&to_ms=9&points=9999",
                "1 to 2000 points",
            ),
        ] {
            let (status, answer) = get(&running, path);
            assert_eq!(status, 422, "{path}");
            let text = answer["error"].as_str().unwrap();
            assert!(text.contains(says), "{path}: {text}");
        }
    }

    #[test]
    fn i10_no_more_trends_are_made_at_once_than_there_are_places() {
        let running = Running::start();
        let taken: Vec<_> = std::iter::from_fn(|| running.history.take_place()).collect();
        let path = "?bed=1&value=hr&from_ms=0&to_ms=1000";
        let (status, answer) = get(&running, path);
        assert_eq!(status, 429);
        assert!(
            answer["error"].as_str().unwrap().contains("ask again"),
            "{answer}"
        );
        drop(taken);
        assert_eq!(get(&running, path).0, 200);
    }
}
