//! Modbus units in real time on a pseudo-terminal.

use std::time::Duration;

use simulators::clock;
use simulators::modbus::RtuInput;
use simulators::pty::Pty;
use simulators::truth::Log;

use super::{LOOK_EVERY, Stop, Units, say};
use crate::args::ModbusRtuArgs;

/// While a master has the line open: how long a request may wait to be noticed.
const LISTEN_EVERY: Duration = Duration::from_millis(2);

/// Runs until SIGTERM or SIGINT.
pub fn run(args: &ModbusRtuArgs) -> anyhow::Result<()> {
    let stop = Stop::catch()?;
    let mut units = Units {
        server: args.units.server()?,
        faults: args.units.common.faults(),
        log: Log::open(args.units.common.truth.as_deref())?,
        writes_reported: 0,
    };
    let mut pty = Pty::open(&args.link)?;
    let begun = clock::now();
    units.refresh(Duration::ZERO)?;
    say(&format!("ready: modbus-rtu at {}", args.link.display()));

    let mut input = RtuInput::default();
    while !stop.came() {
        units.refresh(clock::now() - begun)?;
        let mut buffer = [0; 256];
        let count = pty.hear(&mut buffer)?;
        if count == 0 {
            std::thread::sleep(if pty.is_open() { LISTEN_EVERY } else { LOOK_EVERY });
            continue;
        }
        let Some(request) = input.heard(clock::now() - begun, &buffer[..count]) else {
            continue;
        };
        let answer = units.server.answer_rtu(&request);
        units.report_writes();
        if let Some(answer) = answer {
            std::thread::sleep(args.units.delay());
            let unit = answer[0];
            pty.send(&units.send(clock::now() - begun, unit, &answer)?);
        }
    }
    say(&units.stopped());
    Ok(())
}
