//! `cargo xtask sim --seeds N`: the ward in a box over many seeds, and whether four classic mistakes would be found.

use anyhow::Result;
use clap::Args;

use crate::{command, workspace};

/// What to run.
#[derive(Args)]
pub struct SimArgs {
    /// How many seeds.
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    seeds: u64,
    /// The first seed. With `--seeds 1`: one world again, with its story.
    #[arg(long, default_value_t = 1)]
    from: u64,
}

/// Runs both tests of the box, optimised.
pub fn run(args: &SimArgs) -> Result<()> {
    let root = workspace::root();
    let test = [
        "test",
        "--locked",
        "--profile",
        "sim",
        "--package",
        "tests",
        "--test",
        "sim",
        "--",
        "--nocapture",
        "--test-threads=1",
    ];
    let (seeds, from) = (args.seeds.to_string(), args.from.to_string());
    let env = [
        ("VITALPOST_SIM_SEEDS", seeds.as_str()),
        ("VITALPOST_SIM_FROM", from.as_str()),
    ];
    command::run_with(&root, workspace::cargo(), &test, &env)
}
