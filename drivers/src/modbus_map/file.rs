//! The text of a register-map file, as it is written: every key, nothing checked beyond its type.
//!
//! Every value that can be wrong carries its place, so that an error can name line and column.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;
use vitals::{AbsentReason, Priority, alarm::AlarmKind};

use super::map::Table;
use crate::catalog::Parity;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MapText {
    pub format: Spanned<i64>,
    pub device: DeviceText,
    #[serde(default)]
    pub defaults: DefaultsText,
    pub serial: Option<SerialText>,
    #[serde(default)]
    pub holes: Vec<Spanned<HoleText>>,
    #[serde(default, rename = "signal")]
    pub signals: Vec<Spanned<SignalText>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeviceText {
    pub make: String,
    pub model: String,
    pub kind: String,
    pub source: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DefaultsText {
    pub table: Option<Table>,
    #[serde(rename = "type")]
    pub kind: Option<Spanned<String>>,
    pub order: Option<Spanned<String>>,
    pub interval: Option<Spanned<String>>,
    pub timeout: Option<Spanned<String>>,
    pub max_gap: Option<Spanned<i64>>,
    pub max_block: Option<Spanned<i64>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SerialText {
    pub baud: u32,
    pub parity: Parity,
    pub stop: Spanned<u8>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HoleText {
    pub table: Table,
    pub from: u16,
    pub to: u16,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignalText {
    pub id: Spanned<String>,
    pub addr: Option<Spanned<i64>>,
    #[serde(rename = "ref")]
    pub reference: Option<Spanned<String>>,
    pub table: Option<Table>,
    #[serde(rename = "type")]
    pub kind: Option<Spanned<String>>,
    pub order: Option<Spanned<String>>,
    pub bit: Option<Spanned<i64>>,
    pub bits: Option<Spanned<String>>,
    pub scale: Option<Spanned<f64>>,
    pub divisor: Option<Spanned<f64>>,
    pub offset: Option<Spanned<f64>>,
    pub scale_ref: Option<Spanned<String>>,
    #[serde(default)]
    pub sentinel: Vec<Spanned<i64>>,
    pub valid: Option<Spanned<[f64; 2]>>,
    pub unit: Option<Spanned<String>>,
    pub map: Option<Spanned<BTreeMap<String, String>>>,
    pub code: Option<Spanned<String>>,
    pub interval: Option<Spanned<String>>,
    #[serde(default, deserialize_with = "one_or_several")]
    pub alarm: Vec<AlarmText>,
    pub writable: Option<Spanned<bool>>,
    #[serde(default)]
    pub absent: Vec<Spanned<AbsentText>>,
    #[serde(default)]
    pub questionable: Vec<Spanned<RuleText>>,
    pub aged_by: Option<Spanned<String>>,
    #[serde(default = "yes")]
    pub publish: bool,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AlarmText {
    pub when: Spanned<String>,
    #[serde(rename = "for")]
    pub delay: Option<Spanned<String>>,
    pub class: AlarmKind,
    pub priority: Priority,
    pub deadband: Option<Spanned<f64>>,
    pub text: Option<Spanned<String>>,
}

/// `alarm = { ... }` or `alarm = [{ ... }, { ... }]`.
fn one_or_several<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<AlarmText>, D::Error> {
    struct Either;
    impl<'de> Visitor<'de> for Either {
        type Value = Vec<AlarmText>;

        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str("an alarm { when = ... } or a list of them")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            AlarmText::deserialize(MapAccessDeserializer::new(map)).map(|one| vec![one])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut several = Vec::new();
            while let Some(one) = list.next_element()? {
                several.push(one);
            }
            Ok(several)
        }
    }
    from.deserialize_any(Either)
}

/// Another signal that rules this one: by a bit, by any of several bits, or by being none of these numbers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleText {
    pub bit: Option<i64>,
    pub bits: Option<String>,
    pub unless: Option<Vec<i64>>,
    pub of: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AbsentText {
    pub bit: Option<i64>,
    pub bits: Option<String>,
    pub unless: Option<Vec<i64>>,
    pub of: String,
    pub reason: AbsentReason,
}

impl AbsentText {
    /// When it applies.
    pub(super) fn rule(&self) -> RuleText {
        RuleText {
            bit: self.bit,
            bits: self.bits.clone(),
            unless: self.unless.clone(),
            of: self.of.clone(),
        }
    }
}
