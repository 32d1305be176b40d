//! The bedside devices that Vitalpost listens to, played from their protocol sheets.
//!
//! Owns: what a simulated patient's body does ([`patient`]), what a device makes of it on the wire ([`nonin`],
//! [`modbus`], [`medibus`]), what a bad line does to the bytes ([`faults`]) and the log of what was really sent ([`truth`]).
//! The models own no port and no clock: tests drive them in virtual time; only [`clock`], [`pty`] and [`truth`]
//! touch the machine. Invariants:
//! - Nothing here is taken from the decoders: both sides read the sheets for themselves, so that a misreading on one
//!   side shows up as a disagreement.
//! - Same seed, same options, same bytes.
//! - A request to change anything in a device is refused and counted (proves I10 from the other end).

pub mod astm;
pub mod clock;
pub mod contec;
pub mod curves;
pub mod datex_dri;
pub mod device;
pub mod device_clock;
pub mod faults;
pub mod hl7;
pub mod intellivue;
pub mod masimo;
pub mod medibus;
pub mod mindray_pds;
pub mod modbus;
pub mod nellcor;
pub mod nonin;
pub mod nonin_text;
pub mod patient;
pub mod pty;
pub mod random;
pub mod sensor;
pub mod truth;
