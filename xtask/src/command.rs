//! Runs one outside program, says so, and tells what went wrong in one line.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};

/// Runs `program` in `folder` with its output on this terminal.
pub fn run(folder: &Path, program: impl AsRef<OsStr>, args: &[&str]) -> Result<()> {
    run_with(folder, program, args, &[])
}

/// The same, with environment variables.
pub fn run_with(
    folder: &Path,
    program: impl AsRef<OsStr>,
    args: &[&str],
    env: &[(&str, &str)],
) -> Result<()> {
    let program = program.as_ref();
    let shown = spoken(program, args);
    println!("$ {shown}");
    let status = prepared(folder, program, args, env).status();
    judged(status, &shown)
}

/// The same, not yet started.
pub fn prepared(folder: &Path, program: &OsStr, args: &[&str], env: &[(&str, &str)]) -> Command {
    let mut command = Command::new(program);
    for name in cargo_run_variables() {
        command.env_remove(name);
    }
    command
        .args(args)
        .envs(env.iter().copied())
        .current_dir(folder)
        .stdin(Stdio::null());
    command
}

fn judged(status: std::io::Result<ExitStatus>, shown: &str) -> Result<()> {
    let status = status.with_context(|| format!("cannot start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

/// Runs `program` and returns what it printed; `None` when it cannot be started or fails.
pub fn answer(program: impl AsRef<OsStr>, args: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// What `cargo run` told this program about itself. Passed on, it would make build scripts that watch these variables
/// (ring's does) run again, and everything above them with it.
fn cargo_run_variables() -> Vec<OsString> {
    let names = std::env::vars_os().map(|(name, _)| name);
    names
        .filter(|name| {
            let name = name.to_string_lossy();
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
        })
        .collect()
}

/// The command as a person would type it.
fn spoken(program: &OsStr, args: &[&str]) -> String {
    let name = Path::new(program)
        .file_name()
        .unwrap_or(program)
        .to_string_lossy();
    std::iter::once(name.as_ref())
        .chain(args.iter().copied())
        .collect::<Vec<_>>()
        .join(" ")
}
