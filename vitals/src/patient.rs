//! Who a patient is, in the words of whoever says so: a nurse who admits, an analyser, a hospital's system.
//!
//! Nothing here decides whether two of them are the same person; every word of it is [`Masked`].

use serde::{Deserialize, Serialize};

use crate::bed::Masked;

/// What is known of who a patient is; often little in a health post.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// Identifiers (of the practice, the laboratory, the country), most trusted first, at most [`IDS_MAX`].
    pub ids: Vec<Masked<String>>,
    /// Family name; may be empty.
    pub family: Masked<String>,
    /// Given names; may be empty.
    pub given: Masked<String>,
    /// Date of birth, `YYYY-MM-DD`.
    pub born: Option<Masked<String>>,
    /// Sex as administrations write it: `F`, `M`, `O` (other), `U` (unknown); may be empty.
    pub sex: Masked<String>,
}

/// Most identifiers of one patient.
pub const IDS_MAX: usize = 4;
