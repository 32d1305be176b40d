//! How a Mindray monitor is joined. From README.md beside this file.

use crate::catalog::Transport;
use crate::connect::{Cable, Connect, Plug, Way};

/// For the technician.
pub const CONNECT: Connect = Connect {
    models: "Mindray BeneView, iMEC, uMEC, iPM, T series",
    ways: WAYS,
};

const WAYS: &[Way] = &[Way {
    models: "",
    transport: Transport::Tcp,
    plug: Plug::Lan,
    cable: Cable::Network,
    port: Some(4601),
    steps: &["mindray_share", "lan_fixed", "mindray_one"],
}];
