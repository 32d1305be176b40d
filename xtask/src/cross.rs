//! `cargo xtask cross`: the programs for another architecture, and a look whether they work there.
//!
//! They run under QEMU's user emulation: a capture of a device is decoded as it is by the programs of this machine, the
//! packaged configuration is understood, and a post starts, says that it is ready, and stops in order.

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::dist::{self, Arch};
use crate::{command, debian, workspace};

/// Which.
#[derive(Args)]
pub struct CrossArgs {
    /// The architecture.
    arch: Arch,
}

/// What runs programs of a Raspberry Pi here, and where their libraries are.
const EMULATOR: &str = "qemu-aarch64-static";
const LIBRARIES: &str = "/usr/aarch64-linux-gnu";
/// An emulated post is ready within this.
const READY_WITHIN: Duration = Duration::from_secs(120);
/// A capture that every version decodes.
const CAPTURE: [&str; 4] = [
    "replay",
    "--family",
    "nonin",
    "drivers/src/nonin/testcases/format_8_probe_off/capture.hex",
];

/// Builds, and tries what was built.
pub fn run(args: &CrossArgs) -> Result<()> {
    let folder = dist::build_here(args.arch)?;
    if Arch::here()? == args.arch {
        println!("this is the machine's own architecture: nothing to emulate");
        return Ok(());
    }
    debian::require(&[("qemu-user-static", &[EMULATOR])])?;
    let program = folder.join("vitalpost").display().to_string();
    let emulated = |args: &[&str]| {
        let args = [&["-L", LIBRARIES, program.as_str()], args].concat();
        command::answer(EMULATOR, &args)
            .with_context(|| format!("emulated, `vitalpost {}` failed", args[3..].join(" ")))
    };
    println!("emulated: {}", emulated(&["--version"])?.trim());
    let here = own_answer()?;
    if emulated(&CAPTURE)? != here {
        bail!("a capture is decoded otherwise there than here");
    }
    println!(
        "emulated: a capture is decoded as it is here, {} lines",
        here.lines().count()
    );
    starts_and_stops(&program)
}

/// What this machine's own program says of the capture.
fn own_answer() -> Result<String> {
    command::run(&workspace::root(), workspace::cargo(), &workspace::BUILD_PROGRAMS)?;
    let own = workspace::metadata()?.target_directory.join("debug/vitalpost");
    command::answer(own, &CAPTURE).context("this machine's own `vitalpost replay` failed")
}

/// The packaged configuration, in a folder of its own.
fn starts_and_stops(program: &str) -> Result<()> {
    let folder = workspace::metadata()?.target_directory.join("cross");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    let packaged = fs::read_to_string(workspace::root().join("appliance/deb/vitalpost.toml"))?;
    let config = packaged
        .replace(
            "/var/lib/vitalpost/vitalpost.redb",
            &folder.join("store.redb").display().to_string(),
        )
        .replace("0.0.0.0:8443", "127.0.0.1:0");
    let file = folder.join("vitalpost.toml");
    fs::write(&file, config)?;
    let notify = folder.join("notify");
    let systemd = UnixDatagram::bind(&notify)?;
    systemd.set_read_timeout(Some(READY_WITHIN))?;
    let log = fs::File::create(folder.join("log"))?;
    let mut post = Command::new(EMULATOR)
        .args(["-L", LIBRARIES, program, "run", "--config"])
        .arg(&file)
        .env("NOTIFY_SOCKET", &notify)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .with_context(|| format!("cannot start {EMULATOR}"))?;
    let ready = wait_for_ready(&systemd);
    // Where it has ended by itself there is nobody to stop.
    let _ = kill(Pid::from_raw(i32::try_from(post.id())?), Signal::SIGTERM);
    let ended = post.wait()?;
    if ready.is_err() || !ended.success() {
        bail!(
            "an emulated post did not start and stop in order ({ended}): {}",
            said(&folder)
        );
    }
    println!("emulated: a post is ready, and stops in order");
    Ok(())
}

fn wait_for_ready(systemd: &UnixDatagram) -> Result<()> {
    let mut buffer = [0; 512];
    loop {
        let bytes = systemd.recv(&mut buffer)?;
        if String::from_utf8_lossy(&buffer[..bytes]).contains("READY=1") {
            return Ok(());
        }
    }
}

fn said(folder: &Path) -> String {
    fs::read_to_string(folder.join("log")).unwrap_or_default()
}
