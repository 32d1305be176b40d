//! The programs of a demo: started, watched, started again on request, always stopped and reaped.
//!
//! Invariant: when [`Children`] is dropped, none of its programs runs any more.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::clock::Stopwatch;

/// How long a program may take to stop before it is killed.
const STOP_PATIENCE: Duration = Duration::from_secs(10);
/// Lines of a log that are shown when its program has died.
const TAIL_LINES_MAX: usize = 12;

/// What to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Short name: of the log file, of the process in messages.
    pub name: String,
    /// The executable.
    pub binary: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
}

/// A program that has ended by itself.
#[derive(Debug)]
pub struct Fallen {
    /// Its name.
    pub name: String,
    /// How it ended.
    pub status: ExitStatus,
    /// Where it wrote.
    pub log: PathBuf,
    /// The last lines it wrote.
    pub tail: Vec<String>,
}

/// All programs of one demo.
pub struct Children {
    logs: PathBuf,
    all: Vec<(Program, Option<Child>)>,
}

impl Children {
    /// None yet; logs go to this folder.
    pub fn new(logs: &Path) -> Children {
        Children {
            logs: logs.to_path_buf(),
            all: Vec::new(),
        }
    }

    /// Starts one more.
    pub fn start(&mut self, program: Program) -> Result<()> {
        let child = spawn(&program, &self.log_of(&program.name))?;
        self.all.push((program, Some(child)));
        Ok(())
    }

    /// Process id, while it runs.
    pub fn pid(&self, name: &str) -> Option<u32> {
        let (_, child) = self.all.iter().find(|(program, _)| program.name == name)?;
        child.as_ref().map(Child::id)
    }

    /// Those that have ended since the last call.
    pub fn fallen(&mut self) -> Result<Vec<Fallen>> {
        let mut fallen = Vec::new();
        for (program, slot) in &mut self.all {
            let Some(child) = slot else { continue };
            let Some(status) = child
                .try_wait()
                .with_context(|| format!("cannot watch {}", program.name))?
            else {
                continue;
            };
            *slot = None;
            let log = self.logs.join(format!("{}.log", program.name));
            let tail = tail(&log);
            fallen.push(Fallen {
                name: program.name.clone(),
                status,
                log,
                tail,
            });
        }
        Ok(fallen)
    }

    /// Starts again whatever is not running; returns names and new process ids.
    pub fn restart_fallen(&mut self) -> Result<Vec<(String, u32)>> {
        let mut restarted = Vec::new();
        for (program, slot) in &mut self.all {
            if slot.is_none() {
                let child = spawn(program, &self.logs.join(format!("{}.log", program.name)))?;
                restarted.push((program.name.clone(), child.id()));
                *slot = Some(child);
            }
        }
        Ok(restarted)
    }

    /// Stops and reaps all, the last started first, so that the centre outlives the post and devices go last.
    pub fn stop_all(&mut self) {
        for (program, slot) in self.all.iter_mut().rev() {
            if let Some(mut child) = slot.take() {
                stop(&program.name, &mut child);
            }
        }
    }

    fn log_of(&self, name: &str) -> PathBuf {
        self.logs.join(format!("{name}.log"))
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        self.stop_all();
    }
}

/// Starts through `cargo xtask child`, in its own process group: Ctrl-C reaches the demo alone, which then stops all
/// in order.
fn spawn(program: &Program, log: &Path) -> Result<Child> {
    let out = OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| format!("cannot write {}", log.display()))?;
    let err = out
        .try_clone()
        .with_context(|| format!("cannot write {}", log.display()))?;
    Command::new(std::env::current_exe().context("cannot find this program")?)
        .args(["child", "--parent", &std::process::id().to_string(), "--"])
        .arg(&program.binary)
        .args(&program.args)
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err)
        .process_group(0)
        .spawn()
        .with_context(|| format!("cannot start {}", program.name))
}

fn stop(name: &str, child: &mut Child) {
    let pid = Pid::from_raw(i32::try_from(child.id()).expect("Linux process ids fit 22 bits"));
    // Not reaped yet, so the id is still ours. A stopped (SIGSTOP) program must run to hear SIGTERM.
    for signal in [Signal::SIGTERM, Signal::SIGCONT] {
        if let Err(error) = kill(pid, signal) {
            eprintln!("cannot signal {name} ({pid}): {error}");
        }
    }
    let watch = Stopwatch::start();
    while watch.elapsed() < STOP_PATIENCE {
        match child.try_wait() {
            Ok(None) => std::thread::sleep(Duration::from_millis(20)),
            Ok(Some(_)) => return,
            Err(error) => return eprintln!("cannot wait for {name} ({pid}): {error}"),
        }
    }
    eprintln!(
        "{name} ({pid}) did not stop within {} s and is killed",
        STOP_PATIENCE.as_secs()
    );
    if let Err(error) = child.kill().and_then(|()| child.wait()) {
        eprintln!("cannot kill {name} ({pid}): {error}");
    }
}

fn tail(log: &Path) -> Vec<String> {
    let Ok(file) = File::open(log) else {
        return Vec::new();
    };
    let mut lines = VecDeque::new();
    for line in BufReader::new(file).split(b'\n').map_while(Result::ok) {
        if lines.len() == TAIL_LINES_MAX {
            lines.pop_front();
        }
        lines.push_back(String::from_utf8_lossy(&line).into_owned());
    }
    lines.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_of_a_long_log_is_its_last_lines() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("x.log");
        let text: String = (0..100).map(|n| format!("line {n}\n")).collect();
        std::fs::write(&log, text).unwrap();
        let tail = tail(&log);
        assert_eq!(tail.len(), TAIL_LINES_MAX);
        assert_eq!(tail.last().map(String::as_str), Some("line 99"));
    }

    #[test]
    fn a_program_that_never_wrote_has_an_empty_tail() {
        assert!(tail(Path::new("/nonexistent/x.log")).is_empty());
    }
}
