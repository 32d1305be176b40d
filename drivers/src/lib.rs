//! Bytes of devices become observations. Pure: no port, no clock, no async (I10: device bytes are hostile data).
//!
//! One folder is one device family, complete: `mod.rs`, `README.md`, `sample.toml`, `testcases/`. The list of families
//! is [`catalog`].
#![warn(missing_docs)]
#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

pub mod astm;
pub mod capture;
pub mod catalog;
pub mod confirm;
pub mod connect;
pub mod contec;
pub mod datex_dri;
pub mod device_clock;
pub mod dialogue;
pub mod framing;
pub mod hl7;
pub mod intellivue;
mod lab;
pub mod masimo;
pub mod medibus;
pub mod mindray_pds;
pub mod modbus_map;
pub mod nellcor;
pub mod nonin;
pub mod nonin_text;
pub mod publisher;
pub mod sensor_json;
pub mod steps;
pub mod tell;
mod units;

pub use dialogue::{Dialogue, LineFault, Seen, Step};
