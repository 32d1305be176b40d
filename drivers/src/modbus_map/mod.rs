//! Modbus units described by a register-map file: what to ask, when, and what the answers mean.
//!
//! A map says in TOML what stands in which register; the format is described in `README.md` in this folder. A
//! [`Poller`] turns the maps of all units of one line into read questions and their answers into readings. It owns no
//! port and no clock; whoever owns the line sends the question and hands in the answer. Only functions 1 to 4 exist
//! here (I10). Invariants by number: M1, M2 in `plan.rs`, M3 to M5 in `poller.rs`, C1 to C4 in [`crate::confirm`].

mod alarms;
mod check;
mod decode;
mod error;
mod file;
mod line;
mod links;
mod map;
mod plan;
mod poller;
mod unit;
mod values;

pub use error::{MapError, MapProblem};
pub use line::{LineTiming, Overload, check_load, line_load};
pub use map::{Device, Map, Signal, Table};
pub use plan::Block;
pub use poller::{
    ATTEMPTS, Answer, BACK_OFF_MAX, FAILED_CYCLES, Finding, Found, LATE_ANSWER_MAX, Poll, PollError, Poller,
    Request, UnitPlan,
};

impl Map {
    /// Reads and checks a map. `file` is only used to name the place of an error.
    ///
    /// # Errors
    /// The first thing that is wrong, with file, line, column and what to do.
    pub fn parse(file: &str, text: &str) -> Result<Map, MapError> {
        check::check(file, text)
    }
}

/// Maps that come with the program: name and text.
pub const BUILTIN: &[(&str, &str)] = &[
    ("xy-md02", include_str!("maps/xy-md02.toml")),
    (
        "vaccine-fridge-xy-md02",
        include_str!("maps/vaccine-fridge-xy-md02.toml"),
    ),
    (
        "vaccine-freezer-xy-md02",
        include_str!("maps/vaccine-freezer-xy-md02.toml"),
    ),
    ("room-xy-md02", include_str!("maps/room-xy-md02.toml")),
    ("epever-tracer", include_str!("maps/epever-tracer.toml")),
    ("victron-gx", include_str!("maps/victron-gx.toml")),
    ("victron-battery", include_str!("maps/victron-battery.toml")),
    ("apc-smart-ups", include_str!("maps/apc-smart-ups.toml")),
    ("sunspec-inverter", include_str!("maps/sunspec-inverter.toml")),
    ("south-tek-n2", include_str!("maps/south-tek-n2.toml")),
    ("parker-db", include_str!("maps/parker-db.toml")),
    ("rki-beacon-410", include_str!("maps/rki-beacon-410.toml")),
    ("bedside-invented", include_str!("maps/bedside-invented.toml")),
];

/// The text of a built-in map.
pub fn builtin(name: &str) -> Option<&'static str> {
    BUILTIN
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
}
