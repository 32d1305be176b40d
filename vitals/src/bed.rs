//! Who and where: post, bed, device, patient category, admission, and the binding of a device to a bed (I3).

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record::Epoch;
use crate::time::MonoTime;

/// The text is not usable as an identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} cannot be an id: use 1 to {ID_BYTES_MAX} of a-z, A-Z, 0-9, '-', '_' and '.'")]
pub struct BadId {
    /// The text that was refused.
    pub text: String,
}

/// The longest identifier, in bytes.
pub const ID_BYTES_MAX: usize = 64;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                let fits = (1..=ID_BYTES_MAX).contains(&text.len())
                    && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
                if fits { Ok(Self(text.to_owned())) } else { Err(BadId { text: text.to_owned() }) }
            }
        }
        impl TryFrom<String> for $name {
            type Error = BadId;
            fn try_from(text: String) -> Result<Self, BadId> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id! {
    /// A health post. Stands in MQTT topics and certificates.
    PostId
}
id! {
    /// A bed at a post.
    BedId
}
id! {
    /// A monitor or sensor at a post.
    DeviceId
}
id! {
    /// One stay of one patient at the post; carries no name.
    AdmissionId
}

impl AdmissionId {
    /// The admission of whoever lies in a bed before anybody was admitted there. Bed ids are short (the configuration
    /// allows 16 characters), so this stays within [`ID_BYTES_MAX`].
    pub fn unidentified(bed: &BedId) -> AdmissionId {
        AdmissionId(format!("unidentified-{bed}"))
    }

    /// The `number`th admission that began in this run of the post, in this bed. Unique: no two runs have one epoch.
    pub fn begun(bed: &BedId, epoch: Epoch, number: u32) -> AdmissionId {
        AdmissionId(format!("{bed}-{epoch}-{number}"))
    }
}

/// Age group that decides limits and scores.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// From about 12 years (site policy).
    #[default]
    Adult,
    /// Child.
    Child,
    /// Up to 28 days.
    Neonate,
}

impl Category {
    /// Its name in the configuration, in the API and in the audit.
    pub const fn key(self) -> &'static str {
        match self {
            Category::Adult => "adult",
            Category::Child => "child",
            Category::Neonate => "neonate",
        }
    }
}

/// Words about a patient: printed as `***` wherever they are formatted by accident.
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Masked<T>(T);

impl<T> Masked<T> {
    /// Wraps a word about a patient.
    pub fn new(word: T) -> Self {
        Self(word)
    }

    /// The word itself; call it only where a person with the right to see it will read it.
    pub fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Masked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
impl<T> fmt::Display for Masked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A device stood at a bed, for an admission, or at none, from one moment until another (I3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Binding {
    /// The device.
    pub device: DeviceId,
    /// The bed; `None` = it stands at none.
    pub bed: Option<BedId>,
    /// Whoever was admitted to that bed then.
    pub admission: Option<AdmissionId>,
    /// First moment of the binding.
    pub from: MonoTime,
    /// The bed that the configuration gave the device then; `None` = none, or an older post, which did not say.
    pub home: Option<BedId>,
    /// Whose word it is; empty = the configuration's.
    pub by: String,
}

/// Whether a device can be heard at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceLink {
    /// Its port cannot be opened, or the cable is out.
    Disconnected,
    /// The port is open, nothing valid comes.
    Silent,
    /// Valid data come.
    Live,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_could_break_a_topic_or_a_path_are_refused() {
        for bad in ["", "a/b", "bed 1", "+", "#", "é", &"x".repeat(65)] {
            assert!(bad.parse::<PostId>().is_err(), "{bad:?}");
        }
        assert_eq!("post-7.north".parse::<PostId>().unwrap().as_str(), "post-7.north");
    }

    #[test]
    fn the_longest_bed_leaves_room_for_its_admissions() {
        let bed: BedId = "a".repeat(16).parse().unwrap();
        for id in [
            AdmissionId::unidentified(&bed),
            AdmissionId::begun(&bed, Epoch(u64::MAX), u32::MAX),
        ] {
            assert_eq!(id.as_str().parse(), Ok(id));
        }
    }

    #[test]
    fn a_masked_word_never_prints() {
        let name = Masked::new(String::from("MARKED-NAME"));
        assert_eq!(format!("{name} {name:?}"), "*** ***");
        assert_eq!(name.reveal(), "MARKED-NAME");
    }
}
