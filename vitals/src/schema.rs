//! What the API's document says of types that are text in JSON: each is named there, with what may stand in it.

use crate::score::chart::{ACVPU, EFFORTS};
use crate::score::news2::Band;
use crate::score::{Consciousness, Effort, Pregnancy};

macro_rules! text {
    ($($name:ty, $called:literal, $text:literal;)*) => {$(
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $called.into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "description": $text })
            }
        }
    )*};
}

text! {
    crate::PostId, "PostId", "A health post: 1 to 64 of a-z, A-Z, 0-9, '-', '_' and '.'.";
    crate::BedId, "BedId", "A bed at a post, spelled like a post.";
    crate::DeviceId, "DeviceId", "A monitor or sensor at a post, spelled like a post.";
    crate::AdmissionId, "AdmissionId", "One stay of one patient at the post; carries no name.";
    crate::AlarmId, "AlarmId", "One alarm: the epoch in which it began (16 hexadecimal digits), '-', its number.";
    crate::LabId, "LabId", "A laboratory result: the epoch in which it came (16 hexadecimal digits), '-', its number.";
    crate::score::entry::EntryId, "EntryId", "An entry: the epoch in which it was made (16 hexadecimal digits), '-', its number.";
    crate::Condition, "Condition", "What alarms, such as `limit.spo2.low`; the part before the first dot says what kind.";
    crate::Decimal, "Decimal", "A number as the device sent it, with its places: `36.80`.";
}

impl schemars::JsonSchema for crate::Code {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Code".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let keys: Vec<&str> = crate::code::CODES.iter().map(|row| row.key).collect();
        // Not a closed list: a newer post measures more.
        schemars::json_schema!({ "type": "string", "description": "What is measured, by its key.", "examples": keys })
    }
}

impl<T: schemars::JsonSchema> schemars::JsonSchema for crate::Masked<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }
    fn schema_id() -> std::borrow::Cow<'static, str> {
        T::schema_id()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }
}

/// What is not known is not there.
pub(crate) fn may_be_left_out(schema: &mut schemars::Schema) {
    schema.remove("required");
    for word in ["anyOf", "oneOf"] {
        let ways = schema.get_mut(word).and_then(serde_json::Value::as_array_mut);
        for way in ways.into_iter().flatten().filter_map(|way| way.as_object_mut()) {
            way.remove("required");
        }
    }
}

macro_rules! keys {
    ($($name:ty, $called:literal, $all:expr, $text:literal;)*) => {$(
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $called.into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let keys: Vec<&str> = $all.into_iter().map(|one| one.key()).collect();
                schemars::json_schema!({ "type": "string", "description": $text, "enum": keys })
            }
        }
    )*};
}

keys! {
    Consciousness, "Consciousness", ACVPU, "Alert, newly confused, responds to voice, to pain, unresponsive.";
    Effort, "Effort", EFFORTS, "How hard a child works to breathe.";
    Pregnancy, "Pregnancy", Pregnancy::ALL, "Whether a pregnancy decides which score applies.";
    crate::Section, "Section", crate::Section::ALL, "Where a line of a handover stands (SBAR).";
    Band, "Band", [Band::Low, Band::LowMedium, Band::Medium, Band::High], "What a NEWS2 total asks for.";
}
