//! How a Contec finger oximeter is joined. From README.md beside this file.

use crate::catalog::Transport;
use crate::connect::{Cable, Connect, Plug, Way};

/// For the technician.
pub const CONNECT: Connect = Connect {
    models: "Contec CMS50D+, CMS50E, CMS50F, CMS50I, CMS50EW, CMS50FW, CMS50IW",
    ways: WAYS,
};

const WAYS: &[Way] = &[Way {
    models: "",
    transport: Transport::Serial,
    plug: Plug::Usb,
    cable: Cable::Own,
    port: None,
    steps: &["contec_cable", "contec_spot"],
}];
