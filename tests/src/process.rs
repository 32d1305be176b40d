//! A program of ours, or one of the system, as a real process, with its log in a file.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::clock::wait_for;

/// A running program. Dropping it kills it.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

/// The built program `name`; builds it first, so that a test never runs yesterday's.
pub fn program(name: &str) -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let folder = BUILT.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        // What cargo told this test about itself would make build scripts that watch it run again.
        for (name, _) in std::env::vars_os().filter(|(name, _)| {
            let name = name.to_string_lossy();
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
        }) {
            build.env_remove(name);
        }
        // By the words of `cargo xtask`, or Cargo would choose other features and build half of it once more.
        let status = build
            .args([
                "build",
                "--quiet",
                "--locked",
                "--bins",
                "--workspace",
                "--exclude",
                "xtask",
            ])
            .status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "the programs under test do not build"
        );
        let test = std::env::current_exe().expect("a test knows its own file");
        test.ancestors()
            .nth(2)
            .expect("tests lie in target/PROFILE/deps")
            .to_owned()
    });
    folder.join(name)
}

impl Process {
    /// Starts `program` with `args`; output is appended to `LOG_DIR/name.log`.
    pub fn start(name: &str, program_name: &str, args: &[&str], log_dir: &Path) -> Process {
        Process::start_system(name, &program(program_name), args, log_dir)
    }

    /// The same with a program that is not ours, at `program`.
    pub fn start_system(name: &str, program: &Path, args: &[&str], log_dir: &Path) -> Process {
        Process::start_with(name, program, args, &[], log_dir)
    }

    /// The same with something more in its environment.
    pub fn start_with(
        name: &str,
        program: &Path,
        args: &[&str],
        env: &[(&str, &str)],
        log_dir: &Path,
    ) -> Process {
        let log = log_dir.join(format!("{name}.log"));
        let file = File::options()
            .create(true)
            .append(true)
            .open(&log)
            .expect("the test's folder is writable");
        let child = Command::new(program)
            .args(args)
            .envs(env.iter().copied())
            .stdin(Stdio::null())
            .stdout(file.try_clone().expect("a file handle copies"))
            .stderr(file)
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", program.display()));
        Process {
            name: name.to_owned(),
            child,
            log,
        }
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).expect("a process id fits");
        kill(Pid::from_raw(pid), signal).unwrap_or_else(|error| panic!("{}: {error}", self.name));
    }

    /// Kills without warning (SIGKILL), as a power cut would.
    pub fn kill(mut self) {
        self.child.kill().expect("the process can be killed");
        self.child.wait().expect("the process can be reaped");
    }

    /// Asks to stop (SIGTERM) and waits until it has.
    pub fn stop(mut self) -> ExitStatus {
        self.signal(Signal::SIGTERM);
        self.wait(Duration::from_secs(20))
    }

    /// Waits until it ends by itself.
    pub fn wait(&mut self, within: Duration) -> ExitStatus {
        let what = format!("{} ends; its log:\n{}", self.name, self.log());
        wait_for(&what, within, || {
            self.child.try_wait().expect("a child can be waited for")
        })
    }

    /// True while it runs.
    pub fn runs(&mut self) -> bool {
        self.child
            .try_wait()
            .expect("a child can be waited for")
            .is_none()
    }

    /// Everything it has printed.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let tail: Vec<&str> = log.lines().rev().take(25).collect();
            eprintln!("--- last lines of {}:", self.name);
            tail.iter().rev().for_each(|line| eprintln!("{line}"));
        }
        // It may have ended already; a test that fails must leave nothing running.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
