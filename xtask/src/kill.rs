//! `cargo xtask kill --times N`: the appliance is killed N times at random moments under load, and nothing may be lost.

use anyhow::Result;
use clap::Args;

use crate::{command, workspace};

/// What to run.
#[derive(Args)]
pub struct KillArgs {
    /// How many kills.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    times: u32,
}

/// Runs the campaign once with so many kills.
pub fn run(args: &KillArgs) -> Result<()> {
    let root = workspace::root();
    crate::ui::build_if_stale()?;
    command::run(&root, workspace::cargo(), &workspace::BUILD_PROGRAMS)?;
    let test = [
        "test",
        "--locked",
        "--package",
        "tests",
        "--test",
        "kills",
        "--",
        "--nocapture",
    ];
    let kills = args.times.to_string();
    command::run_with(&root, workspace::cargo(), &test, &[("VITALPOST_KILLS", &kills)])
}
