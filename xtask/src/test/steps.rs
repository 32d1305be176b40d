//! The list of steps, in order. The pages come first: the programs carry them inside.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::{crates, prerequisites, units};
use crate::{command, tidy, ui, workspace};

/// One step.
pub struct Step {
    /// Its name, for `--only`.
    pub name: &'static str,
    /// What it does, for people.
    pub what: &'static str,
    /// Steps that must have passed; they stand before it.
    pub needs: &'static [&'static str],
    /// Does it.
    pub run: fn() -> Result<()>,
}

/// Clippy is the compiler of our own crates: what is linted is what is tested, and no crate is compiled for the lints alone
/// (docs/decisions/0014-clippy-compiles-the-tests.md).
const CHECKED: [(&str, &str); 2] = [
    ("RUSTC_WORKSPACE_WRAPPER", "clippy-driver"),
    ("CLIPPY_ARGS", "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__"),
];

/// All steps.
pub static STEPS: &[Step] = &[
    Step {
        name: "format",
        what: "Rust sources are formatted",
        needs: &[],
        run: format,
    },
    Step {
        name: "tidy",
        what: "the rules of the tree hold",
        needs: &[],
        run: tidy::run,
    },
    Step {
        name: "units",
        what: "systemd understands every unit, and each is shut to what it does not need",
        needs: &[],
        run: units::check,
    },
    Step {
        name: "crates",
        what: "licences, origin and bans of every crate; known vulnerabilities where their list can be had",
        needs: &[],
        run: crates::check,
    },
    Step {
        name: "ui",
        what: "the web pages are installed and built",
        needs: &[],
        run: ui::build_if_stale,
    },
    Step {
        name: "web-types",
        what: "the pages type-check",
        needs: &["ui"],
        run: || npm("check"),
    },
    Step {
        name: "web-unit",
        what: "unit tests of the pages",
        needs: &["ui"],
        run: || npm("test"),
    },
    Step {
        name: "programs",
        what: "the programs build, and clippy finds nothing in them",
        needs: &["ui"],
        run: || cargo(&workspace::BUILD_PROGRAMS),
    },
    Step {
        name: "rust",
        what: "all Rust tests build, clippy finds nothing in them, and they pass: every crate, and real processes from the device's bytes to the doctor's page",
        needs: &["programs"],
        run: rust,
    },
    Step {
        name: "doc",
        what: "examples in the documentation",
        needs: &[],
        run: || cargo(&["test", "--locked", "--workspace", "--doc"]),
    },
    Step {
        name: "browser",
        what: "the pages in a real browser",
        needs: &["ui"],
        run: || in_browser("browser"),
    },
    Step {
        name: "journeys",
        what: "what a nurse, a doctor and a technician do in a browser on the real programs",
        needs: &["ui", "programs"],
        run: || in_browser("journeys"),
    },
];

/// The fuzzer's sources too, although they are no part of the workspace.
fn format() -> Result<()> {
    cargo(&["fmt", "--all", "--check"])?;
    cargo(&["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"])
}

/// One run: while real processes wait for an outage to end, the cores work through the tests of the crates.
fn rust() -> Result<()> {
    if has_nextest() {
        return tests(&["nextest", "run", "--locked", "--no-fail-fast", "--workspace"]);
    }
    println!("cargo nextest is not installed; using cargo test");
    let all = [
        "test",
        "--locked",
        "--no-fail-fast",
        "--workspace",
        "--all-targets",
    ];
    tests(&[&all[..], &["--", "--test-threads", "1"]].concat())
}

/// Where files are in memory, when the system has such a place with room. A third of the time of the tests is a disk that
/// confirms, and none of them cuts its power: a process that is killed loses nothing that its system has taken.
const MEMORY: &str = "/dev/shm";
/// What all tests together leave there at a time is less.
const MEMORY_BYTES_MIN: u64 = 4 << 30;

/// Tests write into memory, unless the person chose another place.
fn tests(args: &[&str]) -> Result<()> {
    let has_room = nix::sys::statvfs::statvfs(MEMORY)
        .is_ok_and(|place| place.blocks_available() * place.fragment_size() >= MEMORY_BYTES_MIN);
    let mut env = CHECKED.to_vec();
    if has_room && std::env::var_os("TMPDIR").is_none() {
        println!("TMPDIR={MEMORY}");
        env.push(("TMPDIR", MEMORY));
    }
    command::run_with(&workspace::root(), workspace::cargo(), args, &env)
}

fn has_nextest() -> bool {
    command::answer("cargo", &["nextest", "--version"]).is_some()
}

fn cargo(args: &[&str]) -> Result<()> {
    command::run_with(&workspace::root(), workspace::cargo(), args, &CHECKED)
}

/// Tells the tests which browser the prerequisites found, unless the person chose one.
fn in_browser(script: &str) -> Result<()> {
    let found = prerequisites::browser().map(|path| path.display().to_string());
    let mut env = CHECKED.to_vec();
    if let (None, Some(path)) = (std::env::var_os("CHROMIUM"), &found) {
        env.push(("CHROMIUM", path));
    }
    command::run_with(&pages()?, "npm", &["run", script], &env)
}

fn npm(script: &str) -> Result<()> {
    command::run(&pages()?, "npm", &["run", script])
}

fn pages() -> Result<PathBuf> {
    let folder = workspace::root().join("web-ui");
    if !folder.join("package.json").is_file() {
        bail!(
            "{} has no package.json; is this a whole checkout?",
            folder.display()
        );
    }
    Ok(folder)
}
