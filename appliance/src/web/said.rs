//! What a page says through its connection. It is hostile data: short, and what is not understood changes nothing.

use schemars::JsonSchema;
use serde::Deserialize;

/// Longest text that a page may send; a longer one ends its connection.
pub(super) const SAID_BYTES_MAX: usize = 1_024;

/// What a page may say.
#[derive(Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schemars(rename = "PageMessage")]
pub(super) enum Said {
    /// Whether its sound is on.
    Sound { on: bool },
    /// Whether it draws curves, and wants their samples.
    Curves { on: bool },
}

/// `None` = not understood.
pub(super) fn read(text: &str) -> Option<Said> {
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_understood_says_nothing() {
        assert_eq!(
            read(r#"{"type":"sound","on":true}"#),
            Some(Said::Sound { on: true })
        );
        assert_eq!(
            read(r#"{"type":"curves","on":false}"#),
            Some(Said::Curves { on: false })
        );
        for text in [
            "",
            "null",
            "7",
            "on",
            r#"{"type":"sound"}"#,
            r#"{"type":"sound","on":"yes"}"#,
            r#"{"type":"x","on":true}"#,
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
