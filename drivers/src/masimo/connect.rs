//! How a Masimo oximeter is joined. From README.md beside this file.

use crate::connect::{Cable, Connect, Way, nine_pin};

/// For the technician.
pub const CONNECT: Connect = Connect {
    models: "Masimo Radical, Radical-5, Radical-7, Rad-8, Rad-87",
    ways: WAYS,
};

const WAYS: &[Way] = &[nine_pin(
    Cable::Measure,
    "",
    &["masimo_ascii1", "masimo_rad8", "two_wires"],
)];
