//! How a Dräger ventilator or anaesthesia machine is joined. From README.md beside this file.

use crate::connect::{Cable, Connect, Way, nine_pin};

/// For the technician.
pub const CONNECT: Connect = Connect {
    models: "Dräger Evita 4, Evita XL, Infinity V500, Apollo",
    ways: WAYS,
};

const WAYS: &[Way] = &[nine_pin(
    Cable::Measure,
    "",
    &["medibus_protocol", "medibus_speed"],
)];
