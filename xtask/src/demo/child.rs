//! Between the demo and a program it starts: gives the program clean signals and lets it die with the demo.
//!
//! The demo blocks signals so that it can wait for them, and a started program would inherit that and never hear
//! SIGTERM. This step undoes it, asks the kernel for SIGTERM when the demo goes (even by SIGKILL), and becomes the program.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;
use nix::sys::prctl;
use nix::sys::signal::{SigSet, Signal};
use nix::unistd::{Pid, getppid};

/// Which program.
#[derive(Args)]
pub struct ChildArgs {
    /// Process id of the demo.
    #[arg(long)]
    parent: i32,
    /// The program and its arguments.
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
}

/// Becomes the program; returns only when that fails.
pub fn run(args: &ChildArgs) -> Result<()> {
    SigSet::empty()
        .thread_set_mask()
        .context("cannot unblock signals")?;
    prctl::set_pdeathsig(Signal::SIGTERM).context("cannot ask to be ended with the demo")?;
    if getppid() != Pid::from_raw(args.parent) {
        bail!("the demo has ended already");
    }
    let Some((program, rest)) = args.command.split_first() else {
        bail!("no program was named");
    };
    let error = Command::new(program).args(rest).exec();
    Err(error).with_context(|| format!("cannot start {}", program.to_string_lossy()))
}
