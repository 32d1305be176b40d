//! How a Nonin oximeter with text output is joined. From README.md beside this file.

use crate::connect::{Cable, Connect, Way, nine_pin};

/// For the technician.
pub const CONNECT: Connect = Connect {
    models: "Nonin 8500, 9847, Avant 9600",
    ways: WAYS,
};

const WAYS: &[Way] = &[nine_pin(Cable::Measure, "", &["two_wires"])];
