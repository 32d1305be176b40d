//! How a Nonin oximeter is joined. From README.md beside this file.

use crate::catalog::Transport;
use crate::connect::{Cable, Connect, Plug, Way, nine_pin};

/// For the technician.
pub const CONNECT: Connect = Connect {
    models: "Nonin OEM III, Xpod, 9560, 3150",
    ways: WAYS,
};

const WAYS: &[Way] = &[
    nine_pin(Cable::Measure, "Xpod (RS-232)", &["two_wires"]),
    Way {
        models: "OEM III, Xpod (3.3 V)",
        transport: Transport::Serial,
        plug: Plug::Wires,
        cable: Cable::LowVoltage,
        port: None,
        steps: &["never_rs232", "nonin_strap"],
    },
    Way {
        models: "9560, 3150",
        transport: Transport::Serial,
        plug: Plug::Bluetooth,
        cable: Cable::None,
        port: None,
        steps: &["nonin_real_time"],
    },
];
