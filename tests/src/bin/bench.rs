//! Measures store, relay, drivers, signing in or alarms and writes the figures as JSON; `cargo xtask bench` builds and runs it, and judges.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use tests::bench::{self, Plan};

/// Measures.
#[derive(Parser)]
struct Arguments {
    /// What.
    what: What,
    /// Where the figures go.
    #[arg(long)]
    out: PathBuf,
    /// A folder on the file system to measure.
    #[arg(long)]
    folder: PathBuf,
    /// Recordings of patients (BIDMC numerics); without them the values are made up.
    #[arg(long)]
    recordings: Option<PathBuf>,
    /// Only whether it works: seconds, and the figures mean nothing.
    #[arg(long)]
    quick: bool,
    /// Days of the large store.
    #[arg(long, default_value_t = 30)]
    days: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    Store,
    Relay,
    Drivers,
    Access,
    Alarms,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir_in(&arguments.folder)
        .with_context(|| format!("cannot write in {}", arguments.folder.display()))?;
    let plan = Plan {
        folder: folder.path().to_owned(),
        recordings: arguments.recordings,
        quick: arguments.quick,
        days: arguments.days,
    };
    let figures = match arguments.what {
        What::Store => bench::store::measure(&plan)?,
        What::Relay => bench::relay::measure(&plan)?,
        What::Drivers => bench::drivers::measure(&plan)?,
        What::Access => bench::access::measure(&plan)?,
        What::Alarms => bench::alarms::measure(&plan)?,
    };
    let text = serde_json::to_string_pretty(&figures.into_json())?;
    std::fs::write(&arguments.out, text + "\n")
        .with_context(|| format!("cannot write {}", arguments.out.display()))
}
