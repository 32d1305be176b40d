//! How a Philips IntelliVue monitor is joined. From README.md beside this file.

use crate::catalog::Transport;
use crate::connect::{Cable, Connect, Plug, Way};

/// For the technician.
pub const CONNECT: Connect = Connect {
    models: "Philips IntelliVue MP2 to MP90, MX, X2, FM",
    ways: WAYS,
};

const WAYS: &[Way] = &[
    Way {
        models: "",
        transport: Transport::Udp,
        plug: Plug::Lan,
        cable: Cable::Network,
        port: Some(24105),
        steps: &["lan_on", "intellivue_central"],
    },
    Way {
        models: "",
        transport: Transport::Serial,
        plug: Plug::SerialRj45,
        cable: Cable::Own,
        port: None,
        steps: &["intellivue_data_out"],
    },
];
