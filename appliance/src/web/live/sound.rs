//! Who hears the alarms of the post.

use schemars::JsonSchema;
use serde::Serialize;

/// Where alarms can be heard now.
#[derive(Clone, Debug, Default, PartialEq, Eq, JsonSchema, Serialize)]
#[schemars(rename = "SoundNow")]
pub struct Sound {
    /// Pages that said within the last seconds that their sound is on.
    pub screens: usize,
    /// The box itself.
    pub output: Output,
}

/// The box's own output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "SoundOutput")]
pub enum Output {
    /// It has none.
    #[default]
    None,
    /// It works, as far as the box knows.
    On,
    /// It does not work.
    Failed,
}
