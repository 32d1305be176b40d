//! Philips IntelliVue monitors (MP2 to MP90, MX, X2, FM): the Data Export Interface, over the LAN (UDP) or a serial port.
//!
//! The monitor speaks only within a session that we ask for. What is sent: the beginning and end of a session, the answer
//! to its first event, questions for data, and, only where the configuration names curves, which curves to export (I10).
//! By number, each proven in the tests of its module or of `drivers/tests`:
//!
//! - F1 to F3 whole frames with a 16-bit check on the serial port (`frame.rs`); on the LAN a datagram is a message, and
//!   UDP's own checksum is all that guards it;
//! - S1 to S4 the session (`session.rs`, `asks.rs`);
//! - V1 to V3 numerics, and measurements that are over (`numerics.rs`);
//! - W1 to W3 curves (`waves.rs`).
//!
//! What is shown, what is not, and which facts are confirmed: `README.md` in this folder.

mod alarms;
mod asks;
mod association;
mod attributes;
mod clock;
pub mod connect;
pub mod discovery;
mod frame;
mod numerics;
mod poll;
mod requests;
mod session;
mod unknown;
mod waves;
mod wire;

use vitals::MonoTime;

use crate::catalog::{BadOption, StreamOptions, Transport};
use crate::dialogue::{Dialogue, Step};
use frame::{Found, FrameReader};
use session::Session;

/// The name in the catalogue.
const FAMILY: &str = "intellivue";

/// The largest messages that we take: on the serial port, and in datagrams that need not be cut on an Ethernet.
const MTU_SERIAL: u32 = 1000;
const MTU_LAN: u32 = 1364;

/// The dialogue with one monitor.
#[derive(Debug)]
pub struct IntelliVue {
    line: Line,
    session: Session,
}

#[derive(Debug)]
enum Line {
    Serial(FrameReader),
    Datagrams,
}

impl IntelliVue {
    /// A dialogue that has heard nothing yet.
    ///
    /// # Errors
    /// When the options name a format (there is only one) or a curve that the family does not have.
    pub fn new(options: &StreamOptions<'_>) -> Result<Self, BadOption> {
        options.without_format(FAMILY)?;
        let wanted = session::wanted(options.waves).map_err(|code| BadOption::Wave {
            key: code.key(),
            family: FAMILY,
            choices: attributes::CURVES.map(|curve| curve.code.key()).join(", "),
        })?;
        let (line, mtu) = match options.transport {
            Transport::Udp => (Line::Datagrams, MTU_LAN),
            Transport::Serial | Transport::Tcp | Transport::Listen | Transport::Broker => {
                (Line::Serial(FrameReader::default()), MTU_SERIAL)
            }
        };
        Ok(Self {
            line,
            session: Session::new(mtu, wanted),
        })
    }
}

impl Dialogue for IntelliVue {
    fn heard(&mut self, now: MonoTime, bytes: &[u8]) {
        let session = &mut self.session;
        match &mut self.line {
            Line::Datagrams => session.message(now, bytes),
            Line::Serial(reader) => {
                for byte in bytes {
                    reader.hear(*byte, &mut |found| match found {
                        Found::Frame(user_data) => session.message(now, &user_data),
                        Found::Fault(fault) => session.out.fault(fault),
                    });
                }
            }
        }
    }

    fn step(&mut self, now: MonoTime) -> Step {
        let next = self.session.out.take().or_else(|| {
            self.session.tick(now);
            self.session.out.take()
        });
        match (next, &self.line) {
            (Some(Step::Send(user_data)), Line::Serial(_)) => Step::Send(frame::wrap(&user_data)),
            (Some(step), _) => step,
            (None, _) => Step::SleepUntil(self.session.deadline(now)),
        }
    }
}

#[cfg(test)]
mod tests;
