//! How a GE or Datex-Ohmeda monitor is joined. From README.md beside this file.

use crate::catalog::Transport;
use crate::connect::{Cable, Connect, Plug, Way, nine_pin};

/// For the technician.
pub const CONNECT: Connect = Connect {
    models: "GE B20, B30, B40, B105, B125, CARESCAPE B450, B650, B850; Datex-Ohmeda AS/3, CS/3, S/5, Cardiocap 5",
    ways: WAYS,
};

const WAYS: &[Way] = &[
    nine_pin(
        Cable::NullModem,
        "AS/3, CS/3, S/5, Cardiocap 5",
        &["datex_interface", "datex_rts"],
    ),
    nine_pin(
        Cable::Straight,
        "B20, B40, B105, B125",
        &["datex_interface", "datex_rts"],
    ),
    Way {
        models: "CARESCAPE B450, B650, B850",
        transport: Transport::Serial,
        plug: Plug::Usb,
        cable: Cable::NullModem,
        port: None,
        steps: &["datex_adapter", "datex_interface"],
    },
];
