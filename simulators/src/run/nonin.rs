//! A Nonin oximeter in real time on a pseudo-terminal.

use std::time::Duration;

use simulators::clock;
use simulators::nonin::Sim;
use simulators::pty::{Pty, PtyError};
use simulators::truth::Log;

use super::{LOOK_EVERY, Stop, say};
use crate::args::NoninArgs;

/// A machine that slept does not make the device send faster afterwards.
const LAG_MAX: Duration = Duration::from_secs(1);

/// Runs until SIGTERM or SIGINT.
pub fn run(args: &NoninArgs) -> anyhow::Result<()> {
    let stop = Stop::catch()?;
    let sim = Sim::new(args.format, args.common.patient(&args.patient)?);
    let mut log = Log::open(args.common.truth.as_deref())?;
    let mut faults = args.common.faults();
    let mut port = Port {
        pty: Pty::open(&args.link)?,
        bytes_heard: 0,
    };
    say(&format!(
        "ready: nonin format {} at {}",
        args.format,
        args.link.display()
    ));

    let mut begun = clock::now();
    let mut packets = 0_u64;
    let (mut corrupted, mut sent) = (false, false);
    for chunk in sim {
        if !port.wait_until(begun + chunk.at, &stop)? {
            break;
        }
        let lag = clock::now().saturating_sub(begun + chunk.at);
        if lag > LAG_MAX {
            begun += lag;
        }
        let damaged = faults.damage(chunk.at, &chunk.bytes);
        corrupted |= damaged.corrupted;
        sent |= !damaged.bytes.is_empty();
        if let Some(values) = chunk.truth {
            // A packet of which nothing left the device was not said. Logged before it is whole: whoever kills the simulator
            // between the two has heard nothing that the log does not know.
            if sent {
                log.add(clock::now(), &args.device, &values, corrupted)?;
                packets += 1;
            }
            (corrupted, sent) = (false, false);
        }
        port.pty.send(&damaged.bytes);
    }
    say(&format!(
        "stopped: packets={packets} bytes_heard={}",
        port.bytes_heard
    ));
    Ok(())
}

struct Port {
    pty: Pty,
    bytes_heard: u64,
}

impl Port {
    /// Listens meanwhile. False = the program shall end.
    fn wait_until(&mut self, due: Duration, stop: &Stop) -> Result<bool, PtyError> {
        loop {
            if stop.came() {
                return Ok(false);
            }
            let mut buffer = [0; 256];
            self.bytes_heard += self.pty.hear(&mut buffer)? as u64;
            let left = due.saturating_sub(clock::now());
            if left.is_zero() {
                return Ok(true);
            }
            std::thread::sleep(left.min(LOOK_EVERY));
        }
    }
}
