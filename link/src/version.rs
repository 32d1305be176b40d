//! Which MQTT a link speaks, as people write it.

use std::fmt;

use serde::Deserialize;

/// The version of MQTT. A broker that knows both passes messages between clients of either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Mqtt {
    /// MQTT 5, written `"5"`.
    #[default]
    V5,
    /// MQTT 3.1.1, written `"3.1.1"`.
    V311,
}

impl Mqtt {
    pub(crate) fn other(self) -> Mqtt {
        match self {
            Mqtt::V5 => Mqtt::V311,
            Mqtt::V311 => Mqtt::V5,
        }
    }
}

impl fmt::Display for Mqtt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Mqtt::V5 => "5",
            Mqtt::V311 => "3.1.1",
        })
    }
}

/// Not a version of MQTT that is spoken here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("MQTT {0:?} is not spoken: write \"5\" or \"3.1.1\"")]
pub struct UnknownMqtt(String);

impl TryFrom<String> for Mqtt {
    type Error = UnknownMqtt;

    fn try_from(text: String) -> Result<Self, UnknownMqtt> {
        match text.as_str() {
            "5" => Ok(Mqtt::V5),
            "3.1.1" => Ok(Mqtt::V311),
            _ => Err(UnknownMqtt(text)),
        }
    }
}
