//! A sound card, through the program `aplay` (package alsa-utils): one process for each burst, fed with samples as they
//! are due. Silence at once is the end of the process.

use std::io::{ErrorKind, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use nix::fcntl::{FcntlArg, OFlag, fcntl};

use super::pattern::Burst;
use super::player::Output;

const RATE: u32 = 48_000;

/// What `aplay` has in hand beyond what is heard: it must not run dry while this thread is late.
const AHEAD: Duration = Duration::from_millis(200);

/// A card that has not even taken what was due this long ago hangs.
const LATE_MAX: Duration = Duration::from_secs(1);

/// A try without a sound takes no longer.
const CHECK_STEPS_MAX: u32 = 200;
const CHECK_STEP: Duration = Duration::from_millis(10);

/// Most bytes of what `aplay` complains of.
const COMPLAINT_BYTES_MAX: u64 = 1_000;

/// Of this much sound: two for each sample.
fn bytes(sound: Duration) -> u64 {
    2 * (sound.as_secs_f64() * f64::from(RATE)) as u64
}

pub(super) struct Alsa {
    program: &'static str,
    device: String,
    running: Option<(Child, ChildStdin)>,
    /// The burst before, whose last samples are still being heard.
    draining: Option<Child>,
    /// Bytes of the burst that were handed over, and that it has.
    written: u64,
    whole: u64,
}

impl Alsa {
    pub fn new(program: &'static str, device: String) -> Alsa {
        Alsa {
            program,
            device,
            running: None,
            draining: None,
            written: 0,
            whole: 0,
        }
    }

    fn start(&self) -> Result<(Child, ChildStdin), String> {
        let program = self.program;
        let mut child = Command::new(program)
            .args(["-q", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r"])
            .arg(RATE.to_string())
            .args(["--buffer-time=100000", "-D", &self.device])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{program} does not start ({error}): install alsa-utils"))?;
        let Some(stdin) = child.stdin.take() else {
            return Err(format!("{program} takes no samples"));
        };
        // A card that hangs must not hold this thread.
        fcntl(&stdin, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).map_err(|error| error.to_string())?;
        Ok((child, stdin))
    }

    /// Why `aplay` ended; it has ended, or is ended here.
    fn complaint(&self, mut child: Child) -> String {
        // It may have ended already.
        let _ = child.kill();
        let _ = child.wait();
        let mut words = Vec::new();
        if let Some(stderr) = child.stderr.take() {
            // What it does not say is not told.
            let _ = stderr.take(COMPLAINT_BYTES_MAX).read_to_end(&mut words);
        }
        let words = String::from_utf8_lossy(&words);
        let first = words
            .lines()
            .find(|line| !line.trim().is_empty())
            .unwrap_or("it says nothing");
        format!(
            "the sound card {:?} does not play: {first}. Look at the cable and at `aplay -L`",
            self.device
        )
    }

    fn gone(&mut self) -> Result<(), String> {
        let ended = |child: &mut Child| matches!(child.try_wait(), Ok(Some(status)) if !status.success());
        if self.running.as_mut().is_some_and(|(child, _)| ended(child))
            && let Some((child, _)) = self.running.take()
        {
            return Err(self.complaint(child));
        }
        if self.draining.as_mut().is_some_and(ended)
            && let Some(child) = self.draining.take()
        {
            return Err(self.complaint(child));
        }
        Ok(())
    }

    /// Hands these samples over, as many as are taken now.
    fn write(&mut self, samples: &[u8]) -> Result<(), String> {
        let Some((_, stdin)) = &mut self.running else {
            return Ok(());
        };
        match stdin.write(samples) {
            Ok(taken) => {
                self.written += taken as u64;
                return Ok(());
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
                return Ok(());
            }
            Err(_) => {}
        }
        match self.running.take() {
            Some((child, _)) => Err(self.complaint(child)),
            None => Ok(()),
        }
    }

    fn hangs(&self) -> String {
        format!("the sound card {:?} takes no more samples: it hangs", self.device)
    }
}

impl Output for Alsa {
    fn check(&mut self) -> Result<(), String> {
        self.hush();
        let (mut child, mut stdin) = self.start()?;
        // What it refuses it says at its end.
        let _ = stdin.write_all(&[0; 2 * RATE as usize / 20]);
        drop(stdin);
        for _ in 0..CHECK_STEPS_MAX {
            match child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(_)) | Err(_) => return Err(self.complaint(child)),
                Ok(None) => std::thread::sleep(CHECK_STEP),
            }
        }
        let _ = self.complaint(child);
        Err(format!("the sound card {:?} does not answer", self.device))
    }

    fn begin(&mut self) -> Result<(), String> {
        self.running = Some(self.start()?);
        self.written = 0;
        Ok(())
    }

    fn go(&mut self, burst: &Burst, at: Duration) -> Result<(), String> {
        self.gone()?;
        self.whole = bytes(burst.length);
        let to = bytes(at + AHEAD).min(self.whole);
        let samples: Vec<u8> = burst
            .samples(self.written / 2, to / 2, RATE)
            .flat_map(i16::to_le_bytes)
            .skip((self.written % 2) as usize)
            .collect();
        self.write(&samples)?;
        let due = bytes(at.saturating_sub(LATE_MAX));
        if self.running.is_some() && due > self.written {
            return Err(self.hangs());
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        self.gone()?;
        if self.running.is_some() && self.written < self.whole {
            return Err(self.hangs());
        }
        // Its input ends here, and it plays what it has.
        self.draining = self.running.take().map(|(child, _)| child);
        Ok(())
    }

    fn hush(&mut self) {
        let running = self.running.take().map(|(child, _)| child);
        for mut child in running.into_iter().chain(self.draining.take()) {
            // It may have ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Alsa {
    fn drop(&mut self) {
        self.hush();
    }
}
