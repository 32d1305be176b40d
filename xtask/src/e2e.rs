//! `cargo xtask e2e --times N`: the outage test with real processes, several times in a row. One green run proves
//! little about a test that kills processes at random moments.

use anyhow::{Result, bail};
use clap::Args;

use crate::clock::Stopwatch;
use crate::{command, workspace};

/// What to run.
#[derive(Args)]
pub struct E2eArgs {
    /// How often.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1000))]
    times: u32,
}

/// Runs all of them, also after a failure, so that the share of bad runs is known.
pub fn run(args: &E2eArgs) -> Result<()> {
    let root = workspace::root();
    crate::ui::build_if_stale()?;
    command::run(&root, workspace::cargo(), &workspace::BUILD_PROGRAMS)?;
    let mut failed = 0;
    for round in 1..=args.times {
        let watch = Stopwatch::start();
        let test = [
            "test",
            "--locked",
            "--package",
            "tests",
            "--test",
            "outage",
            "--",
            "--nocapture",
        ];
        let result = command::run(&root, workspace::cargo(), &test);
        let word = if result.is_ok() { "passed" } else { "FAILED" };
        println!(
            "outage test, run {round} of {}: {word} in {:.0} s",
            args.times,
            watch.elapsed().as_secs_f64()
        );
        failed += u32::from(result.is_err());
    }
    println!("{} passed, {failed} failed", args.times - failed);
    if failed > 0 {
        bail!("the outage test failed in {failed} of {} runs", args.times);
    }
    Ok(())
}
