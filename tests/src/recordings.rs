//! Where the recordings of real patients are. They are never part of the project.

use std::path::PathBuf;

/// The folder of recordings: `$VITALPOST_RECORDINGS`, or `../shared/data/recordings` beside the project. When it is
/// absent, prints clearly what is not tested.
pub fn folder(what: &str) -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/recordings");
    let folder = std::env::var_os("VITALPOST_RECORDINGS").map_or(beside, PathBuf::from);
    if folder.join("bidmc").is_dir() {
        return Some(folder);
    }
    println!(
        "SKIPPED: {what}: the recordings are not at {} (set VITALPOST_RECORDINGS)",
        folder.display()
    );
    None
}

/// The numerics of one BIDMC patient, when the recordings are there.
pub fn bidmc(number: u32, what: &str) -> Option<PathBuf> {
    Some(folder(what)?.join(format!("bidmc/bidmc_{number:02}_Numerics.csv")))
}
