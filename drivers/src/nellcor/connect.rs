//! How a Nellcor oximeter is joined. From README.md beside this file.

use crate::connect::{Cable, Connect, Way, nine_pin};

/// For the technician.
pub const CONNECT: Connect = Connect {
    models: "Nellcor NPB-190, NPB-290, NPB-295, N-560, N-595, N-600x",
    ways: WAYS,
};

const WAYS: &[Way] = &[nine_pin(Cable::Measure, "", &["nellcor_ascii", "nellcor_mains"])];
