//! `cargo xtask bench store|relay|drivers|access|alarms|ui`: measures with a release build, prints each figure beside its goal, and keeps the
//! figures in `target/bench` and the table in `docs/benchmarks.md`.
//!
//! A missed goal is a figure like any other and says by how much; only what cannot be measured is an error.

mod figures;
mod machine;
mod table;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use crate::{clock, command, workspace};

/// The programs that are measured, and the one that measures.
const BUILD: [&str; 12] = [
    "build",
    "--release",
    "--locked",
    "--bins",
    "--package",
    "appliance",
    "--package",
    "central",
    "--package",
    "tests",
    "--package",
    "simulators",
];

/// Where the table stands.
const DOCUMENT: &str = "docs/benchmarks.md";

/// What to measure.
#[derive(Args)]
pub struct BenchArgs {
    /// Which part.
    part: Part,
    /// Recordings of patients (BIDMC numerics) to replay; without them the values are made up.
    #[arg(long, value_name = "DIR")]
    recordings: Option<PathBuf>,
    /// Days of 16 beds in the large store; a day takes about 15 seconds and 20 MB.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=60))]
    days: u32,
    /// Only see whether it works, in a minute; the figures mean nothing and the table stays as it is.
    #[arg(long)]
    quick: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Bytes written and kept, commits, start.
    Store,
    /// Bytes on the wire, drain, alerts.
    Relay,
    /// What decoding costs, and how many devices one core carries.
    Drivers,
    /// What wrong sign-in tries do to alarms and memory.
    Access,
    /// How soon alarms are on the page in a storm of them.
    Alarms,
    /// What the nurse's page costs in a browser: size, processor time, memory, and from a device's bytes to the screen.
    Ui,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Part::Store => "store",
            Part::Relay => "relay",
            Part::Drivers => "drivers",
            Part::Access => "access",
            Part::Alarms => "alarms",
            Part::Ui => "ui",
        }
    }
}

/// Builds, measures, judges.
pub fn run(args: &BenchArgs) -> Result<()> {
    let part = args.part.name();
    crate::ui::build_if_stale()?;
    command::run(&workspace::root(), workspace::cargo(), &BUILD)?;
    let target = workspace::metadata()?.target_directory;
    let folder = target.join("bench");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let machine = machine::describe(&folder);
    let out = folder.join(format!("{part}.json"));
    match args.part {
        Part::Ui => measure_page(args, &target.join("release"), &out)?,
        _ => measure(args, &target.join("release/bench"), &out, &folder)?,
    }
    let figures = figures::read(&out)?;
    let (table, machine) = (table::of(&figures), machine?);
    println!("\n{}\n\n{table}", machine.sentence());
    figures::write(&out, &machine, &figures)?;
    println!("written: {}", out.display());
    if args.quick {
        println!("{DOCUMENT} stays as it is: this was only a try");
        return Ok(());
    }
    keep(part, &format!("{}\n\n{table}", machine.sentence()))
}

/// The machine in a sentence, before anything is measured; `folder` lies on the measured file system.
pub fn machine(folder: &Path) -> Result<String> {
    Ok(machine::describe(folder)?.sentence())
}

/// Puts this in the place of what the document says of `part`.
pub fn keep(part: &str, contents: &str) -> Result<()> {
    let document = workspace::root().join(DOCUMENT);
    let text =
        std::fs::read_to_string(&document).with_context(|| format!("cannot read {}", document.display()))?;
    let text = table::replaced(&text, part, contents)
        .with_context(|| format!("{DOCUMENT} has no place for {part}"))?;
    std::fs::write(&document, text).with_context(|| format!("cannot write {}", document.display()))?;
    println!("updated: {DOCUMENT}");
    Ok(())
}

/// The page in a real browser, on a scripted server and on a real post with simulated devices.
fn measure_page(args: &BenchArgs, programs: &Path, out: &Path) -> Result<()> {
    let [out, programs] = [out, programs].map(|path| path.to_string_lossy().into_owned());
    let boot = clock::boot_wall_ms().to_string();
    let mut words = vec!["tests/bench/ui.mjs", "--out", &out, "--programs", &programs];
    words.extend(["--boot-wall-ms", &boot]);
    if args.quick {
        words.push("--quick");
    }
    crate::ui::run_in_browser(&words)
}

fn measure(args: &BenchArgs, program: &Path, out: &Path, folder: &Path) -> Result<()> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let (out, folder, days) = (text(out), text(folder), args.days.to_string());
    let recordings = args.recordings.as_deref().map(text);
    let mut words = vec![
        args.part.name(),
        "--out",
        &out,
        "--folder",
        &folder,
        "--days",
        &days,
    ];
    if let Some(recordings) = &recordings {
        words.extend(["--recordings", recordings]);
    }
    if args.quick {
        words.push("--quick");
    }
    command::run(&workspace::root(), program, &words)
}
