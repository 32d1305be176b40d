//! The running programs: real time, real ports, one loop each.

use std::io::Write;
use std::time::Duration;

use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use simulators::clock;
use simulators::faults::Faults;
use simulators::modbus::Server;
use simulators::truth::{Log, TruthError};

pub mod device;
pub mod modbus_rtu;
pub mod modbus_tcp;
pub mod nonin;
pub mod sensor;

/// Longest sleep between two looks at the line and at [`Stop`].
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// SIGTERM and SIGINT, to be asked for instead of interrupting.
struct Stop {
    signals: SignalFd,
}

impl Stop {
    /// Before any thread starts, so that all of them leave these signals to this.
    fn catch() -> nix::Result<Stop> {
        let mut wanted = SigSet::empty();
        wanted.add(Signal::SIGTERM);
        wanted.add(Signal::SIGINT);
        wanted.thread_block()?;
        let signals = SignalFd::with_flags(&wanted, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?;
        Ok(Stop { signals })
    }

    /// Whether one has come.
    fn came(&self) -> bool {
        matches!(self.signals.read_signal(), Ok(Some(_)))
    }
}

/// Tells whoever waits for this program, at once. Nobody may be listening any more; that does not stop a device.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _unheard = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Tells whoever watches the errors.
fn warn(line: &str) {
    let _unheard = writeln!(std::io::stderr(), "warning: {line}");
}

/// Modbus units with the line's faults and the truth log: the same behind a serial line and a TCP port.
struct Units {
    server: Server,
    faults: Faults,
    log: Log,
    writes_reported: u64,
}

impl Units {
    /// Brings the banks to device time `t` and logs what they took.
    fn refresh(&mut self, t: Duration) -> Result<(), TruthError> {
        for (name, values) in self.server.refresh(t) {
            self.log.add(clock::now(), &name, &values, false)?;
        }
        Ok(())
    }

    /// What the line makes of an answer; a damaged one from `unit` is logged as such.
    fn send(&mut self, t: Duration, unit: u8, answer: &[u8]) -> Result<Vec<u8>, TruthError> {
        let damaged = self.faults.damage(t, answer);
        if damaged.corrupted
            && !damaged.bytes.is_empty()
            && let Some((name, values)) = self.server.said(unit)
        {
            self.log.add(clock::now(), name, values, true)?;
        }
        Ok(damaged.bytes)
    }

    /// Says at once that somebody tried to change something (I10).
    fn report_writes(&mut self) {
        if self.server.writes_refused() > self.writes_reported {
            self.writes_reported = self.server.writes_refused();
            eprintln!(
                "warning: a request to write was refused ({} so far)",
                self.writes_reported
            );
        }
    }

    fn stopped(&self) -> String {
        format!(
            "stopped: requests={} writes_refused={}",
            self.server.requests(),
            self.server.writes_refused()
        )
    }
}
