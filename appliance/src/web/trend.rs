//! One value over a stretch of time, for drawing. A trend reads the card for up to a second ([`super::history`]).

use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use openapi::Answered;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vitals::{AdmissionId, BedId, ClockTrust, Code, Decimal, DeviceId, WallTime};

use super::caller::Acting;
use super::patients::status;
use super::router::{Answer, Served, answer_error, told};
use super::{PatientRequest, Request};
use crate::access::policy::Action;
use crate::store::{Bucket, Series, StoreError, Stretch, Trend, TrendOf, TrendQuery, Undated};

/// Buckets when nobody says how many.
const POINTS: usize = 500;

/// Of whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Deserialize)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "TrendOf")]
enum Of {
    /// What was measured at the bed.
    Bed,
    /// What was measured on whoever lies there now.
    Patient,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// With `value`; not with `signal`.
    bed: Option<BedId>,
    /// The key of a code, such as `spo2`.
    #[schemars(with = "Option<Code>")]
    value: Option<String>,
    /// A value about the post, alone.
    signal: Option<String>,
    /// Of whoever lies in the bed now, in whichever bed it was measured, with the stays that turned out to be the same
    /// patient's; when nobody says, of whoever lay in that bed, series by series.
    of: Option<Of>,
    /// From then on, in ms since 1970.
    from_ms: i64,
    /// Before then, in ms since 1970; at most 31 days later.
    to_ms: i64,
    /// The most buckets wanted, 1 to 2000; 500 when nobody says.
    points: Option<usize>,
}

/// One value over a stretch of time.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Trend")]
pub(super) struct Shown {
    /// When the first bucket begins, in ms since 1970.
    from_ms: i64,
    /// Bucket n covers `from_ms + n * bucket_ms` up to the next one.
    bucket_ms: u64,
    /// One for each device and stay.
    series: Vec<SeriesShown>,
    /// How far the time of what was heard may be believed.
    stretches: Vec<StretchShown>,
    /// What was heard in boots whose wall time nobody knows, the oldest first.
    undated: Vec<UndatedShown>,
    /// Older boots without wall time that may hold more.
    undated_left_out: usize,
    /// Blocks on the card that could not be read and may be missing.
    unreadable: usize,
}

/// What one device measured of one stay.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Series")]
struct SeriesShown {
    device: DeviceId,
    admission: Option<AdmissionId>,
    /// `null` where nothing was heard, to be drawn as a gap.
    buckets: Vec<Option<BucketShown>>,
}

/// What was heard in one bucket.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Bucket")]
struct BucketShown {
    /// As measured; null when no reading had a number.
    lowest: Option<Decimal>,
    highest: Option<Decimal>,
    mean: Option<Decimal>,
    /// Readings with a number.
    count: u64,
    /// Readings without one (I5).
    absent: u64,
}

/// What was heard within one boot, on the clock.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Stretch")]
struct StretchShown {
    boot: String,
    /// How far its wall time may be believed (I8).
    trust: ClockTrust,
    /// When the first reading here was, in ms since 1970.
    first_ms: i64,
    /// And the last.
    last_ms: i64,
}

/// What was heard within one boot whose wall time nobody knows.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Undated")]
struct UndatedShown {
    boot: String,
    /// When the first bucket begins, in ms since that boot.
    from_boot_ms: u64,
    bucket_ms: u64,
    series: Vec<SeriesShown>,
}

pub(super) async fn trend(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Answer<Shown> {
    let wrong = |text: &str| answer_error(StatusCode::UNPROCESSABLE_ENTITY, text);
    let Query(asked) = asked.map_err(|error| wrong(&error.body_text()))?;
    let bed = asked.bed.clone();
    let of_whom = bed.clone().filter(|_| asked.of == Some(Of::Patient));
    let mut query = question(asked).map_err(|text| wrong(&text))?;
    if let Some(bed) = of_whom {
        let request = |answer| Request::OfPatients(PatientRequest::Stays { bed, answer });
        let stays = told(&served, request).await?;
        query.narrow(stays.map_err(|error| answer_error(status(&error), &error.to_string()))?);
    }
    if let Some(bed) = bed {
        served
            .desk
            .tell_view(&acting.by, Action::SeeChart, &format!("bed:{bed}"));
    }
    let failed = |error: StoreError| (StatusCode::SERVICE_UNAVAILABLE, error.to_string());
    let made = served
        .history
        .read(move |store| store.trend(&query).map_err(failed));
    Ok(Answered(shown(made.await?)))
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

fn shown(trend: Trend) -> Shown {
    let stretch = |stretch: Stretch| StretchShown {
        boot: stretch.boot.to_string(),
        trust: stretch.trust,
        first_ms: stretch.first.as_unix_ms(),
        last_ms: stretch.last.as_unix_ms(),
    };
    let undated = |undated: Undated| UndatedShown {
        boot: undated.boot.to_string(),
        from_boot_ms: undated.from.as_ms(),
        bucket_ms: undated.bucket.as_millis() as u64,
        series: series(undated.series),
    };
    Shown {
        from_ms: trend.from.as_unix_ms(),
        bucket_ms: trend.bucket.as_millis() as u64,
        series: series(trend.series),
        stretches: trend.stretches.into_iter().map(stretch).collect(),
        undated: trend.undated.into_iter().map(undated).collect(),
        undated_left_out: trend.undated_left_out,
        unreadable: trend.unreadable,
    }
}

fn series(series: Vec<Series>) -> Vec<SeriesShown> {
    let one = |series: Series| SeriesShown {
        device: series.device,
        admission: series.admission,
        buckets: series
            .buckets
            .into_iter()
            .map(|heard| heard.map(bucket))
            .collect(),
    };
    series.into_iter().map(one).collect()
}

fn bucket(bucket: Bucket) -> BucketShown {
    BucketShown {
        lowest: bucket.numbers.map(|numbers| numbers.lowest),
        highest: bucket.numbers.map(|numbers| numbers.highest),
        mean: bucket.numbers.map(|numbers| numbers.mean),
        count: bucket.numbers.map_or(0, |numbers| numbers.count.into()),
        absent: bucket.absent.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use vitals::{AnchorSource, BootId, ClockAnchor, Event, MonoTime, Observation, Reading, Record};

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
