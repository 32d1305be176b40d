//! The words of a message: each item is read by itself, so that a bad one costs only itself (S6).
//!
//! S5: what an item must say is said by its type; units are converted to that of the code, or refused.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use vitals::code::CodeKind;
use vitals::site::SignalId;
use vitals::{AbsentReason, Code, Decimal, Measured, Method, Observation, Quality};

use crate::units::{Unit, in_unit_of};

/// Most vital signs of one message.
pub const VITALS_MAX: usize = 32;

/// Most values about the post of one message.
pub const SITE_VALUES_MAX: usize = 16;

/// Most stretches of curves of one message.
pub const CURVES_MAX: usize = 4;

/// Most samples of one stretch.
pub const SAMPLES_MAX: usize = 2_000;

/// Longest name of a run, in bytes.
const RUN_BYTES_MAX: usize = 32;

/// Longest unit of a value about the post, in characters.
const UNIT_CHARS_MAX: usize = 16;

/// No curve of a patient has more samples in a second.
const RATE_HZ_MAX: u32 = 1_000;

/// Digits after the point that a vital sign is reckoned with.
const VITAL_PLACES_MAX: u8 = 4;

/// Digits after the point of a value about the post.
const SITE_PLACES_MAX: u8 = 3;

/// Beyond this JSON readers do not agree on whole numbers.
const COUNT_MAX: u64 = 1 << 53;

/// A message that could be read; its items are still as they came.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) run: String,
    pub(super) seq: u64,
    pub(super) up_ms: u64,
    pub(super) values: Vec<Value>,
    pub(super) site: Vec<Value>,
    pub(super) waves: Vec<Value>,
    /// It had more items than a message may have; those are gone.
    pub(super) is_cut: bool,
}

/// As it stands in the message. Fields that nobody here knows are left alone: a newer sensor may say more.
#[derive(Deserialize)]
struct Envelope {
    run: String,
    seq: u64,
    up_ms: u64,
    #[serde(default)]
    values: Vec<Value>,
    #[serde(default)]
    site: Vec<Value>,
    #[serde(default)]
    waves: Vec<Value>,
}

impl Words {
    /// `None` = it is no JSON, or lacks what every message has.
    pub(super) fn read(payload: &[u8]) -> Option<Words> {
        let said: Envelope = serde_json::from_slice(payload).ok()?;
        let named = (1..=RUN_BYTES_MAX).contains(&said.run.len()) && said.run.is_ascii();
        if !named || said.seq > COUNT_MAX || said.up_ms > COUNT_MAX {
            return None;
        }
        let is_cut = said.values.len() > VITALS_MAX
            || said.site.len() > SITE_VALUES_MAX
            || said.waves.len() > CURVES_MAX;
        let first = |items: Vec<Value>, most| items.into_iter().take(most).collect();
        Some(Words {
            run: said.run,
            seq: said.seq,
            up_ms: said.up_ms,
            values: first(said.values, VITALS_MAX),
            site: first(said.site, SITE_VALUES_MAX),
            waves: first(said.waves, CURVES_MAX),
            is_cut,
        })
    }
}

/// Why an item cannot be used.
#[derive(Debug)]
pub(super) enum Bad {
    /// It cannot be read, or says too little or too much.
    Item,
    /// Its code is not in the central table.
    UnknownCode {
        /// 0 where the sensor has no number for it.
        number: u32,
        /// As it was written.
        name: String,
    },
}

/// A code by its key or by its MDC number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Name {
    Number(u32),
    Key(String),
}

impl Name {
    fn code(self) -> Result<Code, Bad> {
        let (found, number, name) = match self {
            Name::Number(number) => (Code::from_cf_code10(number), number, number.to_string()),
            Name::Key(key) => {
                let name = key.chars().take(super::ITEM_CHARS_MAX).collect();
                (Code::from_key(&key), 0, name)
            }
        };
        found.ok_or(Bad::UnknownCode { number, name })
    }
}

/// The item as a type says it.
fn item<'de, T: Deserialize<'de>>(item: &'de Value) -> Result<T, Bad> {
    T::deserialize(item).map_err(|_| Bad::Item)
}

/// The number with as many digits after the point as it needs, at most `places_max`: sensors reckon in binary, and 36.7
/// may arrive as 36.70000076.
fn decimal(value: f64, places_max: u8) -> Option<Decimal> {
    let finest = Decimal::from_f64(value, places_max)?;
    let coarser = (0..places_max).filter_map(|places| Decimal::from_f64(value, places));
    Some(coarser.into_iter().find(|one| *one == finest).unwrap_or(finest))
}

/// With the digits that the code usually has, and one more where the sensor has it: 89.6 % is not 90.
fn shown(code: Code, value: Decimal) -> Decimal {
    let usual = code.info().places;
    let value = decimal(value.as_f64(), usual + 1).unwrap_or(value);
    value.plus(Decimal::new(0, usual))
}

/// A vital sign.
#[derive(Debug)]
pub(super) struct Vital {
    pub(super) seen: Observation,
    /// By the sensor's own sum, when it wrote the message.
    pub(super) ago: Duration,
}

#[derive(Deserialize)]
struct VitalWords {
    code: Name,
    value: Option<f64>,
    unit: Option<String>,
    absent: Option<AbsentReason>,
    quality: Option<Quality>,
    method: Option<Method>,
    ago_ms: Option<u64>,
}

impl Vital {
    pub(super) fn read(value: &Value) -> Result<Vital, Bad> {
        let said: VitalWords = item(value)?;
        let code = said.code.code()?;
        let kind = code.info().kind;
        let measured = match (said.value, said.absent) {
            _ if kind == CodeKind::Wave => return Err(Bad::Item),
            (Some(value), None) => {
                let unit = said.unit.as_deref().and_then(Unit::by_text).ok_or(Bad::Item)?;
                let value = decimal(value, VITAL_PLACES_MAX).ok_or(Bad::Item)?;
                let value = in_unit_of(code, value, unit).ok_or(Bad::Item)?;
                code.judge(shown(code, value))
            }
            (None, Some(reason)) => Measured::Absent(reason),
            _ => return Err(Bad::Item),
        };
        // A cuff pressure of unknown age could be of the patient before (I3, I4).
        if kind == CodeKind::Intermittent && measured.value().is_some() && said.ago_ms.is_none() {
            return Err(Bad::Item);
        }
        let seen = Observation {
            measured,
            quality: said.quality.unwrap_or(Quality::Good),
            method: said.method.unwrap_or(Method::Automatic),
            ..Observation::absent(code, AbsentReason::NotMeasured)
        };
        let ago = Duration::from_millis(said.ago_ms.unwrap_or(0).min(COUNT_MAX));
        Ok(Vital { seen, ago })
    }
}

/// A value about the post.
#[derive(Debug)]
pub(super) struct SiteValue {
    pub(super) signal: SignalId,
    pub(super) measured: Measured,
    pub(super) unit: String,
}

#[derive(Deserialize)]
struct SiteWords {
    signal: String,
    value: Option<f64>,
    unit: Option<String>,
    absent: Option<AbsentReason>,
}

impl SiteValue {
    pub(super) fn read(value: &Value) -> Result<SiteValue, Bad> {
        let said: SiteWords = item(value)?;
        let signal = said.signal.parse().map_err(|_| Bad::Item)?;
        let unit = said.unit.ok_or(Bad::Item)?;
        if unit.is_empty() || unit.chars().count() > UNIT_CHARS_MAX || unit.chars().any(char::is_control) {
            return Err(Bad::Item);
        }
        let measured = match (said.value, said.absent) {
            (Some(value), None) => Measured::Value(decimal(value, SITE_PLACES_MAX).ok_or(Bad::Item)?),
            (None, Some(reason)) => Measured::Absent(reason),
            _ => return Err(Bad::Item),
        };
        Ok(SiteValue {
            signal,
            measured,
            unit,
        })
    }
}

/// A stretch of a curve.
#[derive(Debug)]
pub(super) struct Curve {
    pub(super) code: Code,
    pub(super) rate_hz: u32,
    /// Counted from the beginning of the sensor's run.
    pub(super) first: u64,
    pub(super) samples: Vec<i16>,
}

#[derive(Deserialize)]
struct CurveWords {
    code: Name,
    rate_hz: u32,
    first: u64,
    samples: Vec<i16>,
}

impl Curve {
    pub(super) fn read(value: &Value) -> Result<Curve, Bad> {
        let said: CurveWords = item(value)?;
        let code = said.code.code()?;
        let good = code.info().kind == CodeKind::Wave
            && (1..=RATE_HZ_MAX).contains(&said.rate_hz)
            && (1..=SAMPLES_MAX).contains(&said.samples.len())
            && said.first <= COUNT_MAX;
        if !good {
            return Err(Bad::Item);
        }
        Ok(Curve {
            code,
            rate_hz: said.rate_hz,
            first: said.first,
            samples: said.samples,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(item: &Value) -> String {
        match Vital::read(item) {
            Ok(Vital { seen, ago }) => match seen.measured {
                Measured::Value(value) => format!("{}={value}@{}", seen.code.key(), ago.as_millis()),
                Measured::Absent(reason) => format!("{} {reason:?}", seen.code.key()),
            },
            Err(Bad::Item) => "bad".to_owned(),
            Err(Bad::UnknownCode { number, name }) => format!("unknown {number} {name}"),
        }
    }

    #[test]
    fn s5_units_are_converted_and_what_has_none_or_a_wrong_one_is_refused() {
        let with =
            |code: &str, value: f64, unit: &str| told(&json!({"code": code, "value": value, "unit": unit}));
        assert_eq!(with("pr", 72.0, "/min"), "pr=72@0");
        assert_eq!(with("temp_axil", 36.7, "Cel"), "temp_axil=36.7@0");
        assert_eq!(with("temp_axil", 37.0, "Cel"), "temp_axil=37.0@0");
        assert_eq!(with("temp_axil", 36.700_000_76, "Cel"), "temp_axil=36.7@0");
        assert_eq!(with("spo2", 89.6, "%"), "spo2=89.6@0");
        assert_eq!(with("temp_axil", 98.6, "[degF]"), "temp_axil=37.0@0");
        assert_eq!(with("etco2", 5.1, "kPa"), "etco2=38@0");
        assert_eq!(with("spo2", 97.0, "/min"), "bad");
        assert_eq!(with("pr", 72.0, "furlong"), "bad");
        assert_eq!(told(&json!({"code": "pr", "value": 72})), "bad");
        assert_eq!(told(&json!({"code": "temp_axil", "value": 98.6})), "bad");
        assert_eq!(
            told(&json!({"code": "pr", "value": 1e300, "unit": "/min"})),
            "bad"
        );
    }

    #[test]
    fn i5_a_number_or_a_reason_and_never_both_or_none() {
        assert_eq!(
            told(&json!({"code": "spo2", "absent": "probe_off"})),
            "spo2 ProbeOff"
        );
        assert_eq!(told(&json!({"code": "spo2"})), "bad");
        assert_eq!(told(&json!({"code": "spo2", "value": null})), "bad");
        let both = json!({"code": "spo2", "value": 97, "unit": "%", "absent": "searching"});
        assert_eq!(told(&both), "bad");
        assert_eq!(told(&json!({"code": "spo2", "absent": "because"})), "bad");
        assert_eq!(
            told(&json!({"code": "spo2", "value": 0, "unit": "%"})),
            "spo2 NotMeasured"
        );
        assert_eq!(
            told(&json!({"code": "spo2", "value": 127, "unit": "%"})),
            "spo2 Implausible"
        );
        assert_eq!(told(&json!({"code": "spo2", "value": "97", "unit": "%"})), "bad");
        assert_eq!(told(&json!({"code": "pleth", "value": 97, "unit": "1"})), "bad");
    }

    #[test]
    fn codes_are_keys_or_mdc_numbers_and_others_are_not_guessed() {
        assert_eq!(
            told(&json!({"code": 150456, "value": 97, "unit": "%"})),
            "spo2=97@0"
        );
        assert_eq!(
            told(&json!({"code": 150457, "value": 97, "unit": "%"})),
            "unknown 150457 150457"
        );
        assert_eq!(
            told(&json!({"code": "8867-4", "value": 70, "unit": "/min"})),
            "unknown 0 8867-4"
        );
    }

    #[test]
    fn i4_a_cuff_pressure_says_how_old_it_is_or_is_refused() {
        let cuff = |more: Value| {
            let mut item = json!({"code": "nibp_s", "value": 120, "unit": "mm[Hg]"});
            item.as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            told(&item)
        };
        assert_eq!(cuff(json!({})), "bad");
        assert_eq!(cuff(json!({"ago_ms": 4000})), "nibp_s=120@4000");
        assert_eq!(cuff(json!({"ago_ms": -1})), "bad");
    }

    #[test]
    fn what_every_message_has_is_there_or_it_is_none() {
        let read = |text: &str| Words::read(text.as_bytes()).is_some();
        assert!(read(r#"{"run":"a","seq":0,"up_ms":0}"#));
        assert!(read(r#"{"run":"a","seq":0,"up_ms":0,"firmware":[1,{"x":2}]}"#));
        for bad in [
            "",
            "[]",
            "{}",
            r#"{"run":"","seq":0,"up_ms":0}"#,
            r#"{"run":"a","up_ms":0}"#,
            r#"{"run":"a","seq":1}"#,
            r#"{"run":"a","seq":-1,"up_ms":0}"#,
            r#"{"run":"a","seq":1.5,"up_ms":0}"#,
            r#"{"run":7,"seq":1,"up_ms":0}"#,
            r#"{"run":"a","seq":1,"up_ms":0"#,
            r#"{"run":"a","seq":1,"seq":2,"up_ms":0}"#,
        ] {
            assert!(!read(bad), "{bad}");
        }
    }
}
