//! `cargo xtask fuzz`: coverage-guided fuzzing of every decoder and every wire message, on stable Rust.
//!
//! The program in `fuzz/` is built with LLVM's coverage passes and libFuzzer, and knows its own targets and seeds; this
//! command runs them one after another. What it makes stands in `target/fuzz`: `corpus/TARGET` grows from run to run,
//! `findings/` holds inputs that broke a promise, `logs/TARGET.log` what libFuzzer said. `fuzz/corpus/TARGET` in the
//! repository is the small part that everybody begins with.

mod corpus;
mod log;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};
use clap::Args;

use self::log::Said;
use crate::{command, workspace};

/// What makes LLVM count: one counter on each edge, and the operands of each comparison. The same flags as nightly's
/// `-Zsanitizer` tools use, but for the sanitizer itself, which safe code does not need.
const RUSTFLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Ccodegen-units=1";

/// Longest input: some seconds of a fast device.
const INPUT_BYTES_MAX: u32 = 8_192;
/// An input that takes longer has found something.
const INPUT_S_MAX: u32 = 10;
/// A program that takes more has found something.
const MEMORY_MB_MAX: u32 = 1_024;

/// What to run.
#[derive(Args)]
pub struct FuzzArgs {
    /// Minutes for each target.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    minutes: u32,
    /// Only this target; without it all, one after another.
    #[arg(long)]
    target: Option<String>,
    /// Runs this one input of the target again, and nothing else.
    #[arg(long, value_name = "FILE", requires = "target")]
    input: Option<PathBuf>,
    /// Afterwards puts the smallest inputs that reach all that was reached into fuzz/corpus, to be committed.
    #[arg(long, conflicts_with = "input")]
    keep: bool,
}

/// The built program, and where things stand.
struct Fuzzer {
    program: PathBuf,
    made: PathBuf,
    committed: PathBuf,
}

/// Builds, runs, tells. Not a success when a promise was broken.
pub fn run(args: &FuzzArgs) -> Result<ExitCode> {
    let fuzzer = build()?;
    let known = fuzzer.targets()?;
    let targets: Vec<&String> = known
        .iter()
        .filter(|name| args.target.as_ref().is_none_or(|wanted| wanted == *name))
        .collect();
    if targets.is_empty() {
        bail!("there is no such target; there are: {}", known.join(", "));
    }
    if let (Some(input), Some(target)) = (&args.input, &args.target) {
        return fuzzer.again(target, input);
    }
    let mut rows = Vec::new();
    for target in targets {
        println!("\n== {target}: {} min", args.minutes);
        let said = fuzzer.explore(target, args.minutes)?;
        println!("   {}", said.sentence());
        for finding in &said.findings {
            println!(
                "   run it again: cargo xtask fuzz --target {target} --input {}",
                finding.display()
            );
        }
        if args.keep {
            fuzzer.keep(target)?;
        }
        rows.push((target.clone(), said));
    }
    println!("\n{}", log::table(&rows));
    let broken: usize = rows.iter().filter(|(_, said)| said.is_broken()).count();
    println!("{} targets, {broken} with findings", rows.len());
    Ok(if broken == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn build() -> Result<Fuzzer> {
    if command::answer("c++", &["--version"]).is_none() {
        bail!(
            "install first: a C++ compiler, `c++` (Debian package g++); libFuzzer is built from its C++ source"
        );
    }
    let version = command::answer("rustc", &["-vV"]).context("`rustc -vV` does not answer")?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.context("`rustc -vV` names no host")?;
    let root = workspace::root();
    let made = workspace::metadata()?.target_directory.join("fuzz");
    let folder = made.to_string_lossy();
    // With --target the flags do not reach build scripts, which run without libFuzzer.
    let args = [
        "build",
        "--release",
        "--locked",
        "--manifest-path",
        "fuzz/Cargo.toml",
        "--target",
        host,
        "--target-dir",
        &folder,
    ];
    command::run_with(&root, workspace::cargo(), &args, &[("RUSTFLAGS", RUSTFLAGS)])?;
    Ok(Fuzzer {
        program: made.join(host).join("release/fuzz"),
        committed: root.join("fuzz/corpus"),
        made,
    })
}

impl Fuzzer {
    fn targets(&self) -> Result<Vec<String>> {
        let names = command::answer(&self.program, &[]).context("the fuzzer does not tell its targets")?;
        Ok(names.lines().map(str::to_owned).collect())
    }

    fn explore(&self, target: &str, minutes: u32) -> Result<Said> {
        let findings = self.folder("findings")?.join(format!("{target}-"));
        let (corpus, seeds) = (self.folder(&format!("corpus/{target}"))?, self.seeds(target)?);
        let log = self.folder("logs")?.join(format!("{target}.log"));
        let file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let mut command = self.command(target);
        command
            .arg(format!("-max_total_time={}", u64::from(minutes) * 60))
            .arg(format!("-max_len={INPUT_BYTES_MAX}"))
            .arg(format!("-artifact_prefix={}", findings.display()))
            .arg("-print_final_stats=1")
            .args([&corpus, &seeds]);
        let committed = self.committed.join(target);
        if committed.is_dir() {
            command.arg(&committed);
        }
        command.stdout(Stdio::null()).stderr(file).stdin(Stdio::null());
        let status = command.status().context("cannot start the fuzzer")?;
        let text = std::fs::read(&log).with_context(|| format!("cannot read {}", log.display()))?;
        Ok(log::read(&String::from_utf8_lossy(&text), status.success(), log))
    }

    /// One input, with everything that it says.
    fn again(&self, target: &str, input: &Path) -> Result<ExitCode> {
        std::fs::metadata(input).with_context(|| format!("cannot read {}", input.display()))?;
        let status = self
            .command(target)
            .arg(input)
            .status()
            .context("cannot start the fuzzer")?;
        Ok(if status.success() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    fn keep(&self, target: &str) -> Result<()> {
        let merged = self.made.join("merged").join(target);
        corpus::empty(&merged)?;
        let (reached, seeds) = (self.folder(&format!("corpus/{target}"))?, self.seeds(target)?);
        let mut command = self.command(target);
        command
            // The fewest that reach it all, not the first that do.
            .arg("-set_cover_merge=1")
            .arg(format!("-max_len={INPUT_BYTES_MAX}"))
            .args([&merged, &reached, &seeds])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let status = command.status().context("cannot start the fuzzer")?;
        if !status.success() {
            bail!("the corpus of {target} cannot be merged: an input in it breaks a promise");
        }
        let kept = corpus::keep(&merged, &seeds, &self.committed.join(target))?;
        println!("   kept: {kept} in fuzz/corpus/{target}");
        Ok(())
    }

    /// The target's own seeds, written anew: test cases change.
    fn seeds(&self, target: &str) -> Result<PathBuf> {
        let seeds = self.made.join("seeds").join(target);
        corpus::empty(&seeds)?;
        let mut command = self.command(target);
        command.env("VITALPOST_FUZZ_SEEDS", &seeds).stderr(Stdio::null());
        let status = command.status().context("cannot start the fuzzer")?;
        if !status.success() {
            bail!("the fuzzer writes no seeds for {target}");
        }
        Ok(seeds)
    }

    fn command(&self, target: &str) -> Command {
        let mut command = Command::new(&self.program);
        command
            .env("VITALPOST_FUZZ_TARGET", target)
            .arg(format!("-timeout={INPUT_S_MAX}"))
            .arg(format!("-rss_limit_mb={MEMORY_MB_MAX}"));
        command
    }

    fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.made.join(name);
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(folder)
    }
}
