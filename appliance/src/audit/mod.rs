//! The post's audit: the key that signs how far it goes, and what reads it.

mod key;

pub use key::{BoxKey, BoxKeyError, key_file, reseal};
