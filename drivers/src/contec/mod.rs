//! Contec CMS50 pulse oximeters on a USB or Bluetooth serial port: the 5-byte stream of the older generation and the
//! packets of V7.0.
//!
//! The older ones send by themselves. V7.0 sends after a start command and as long as a keep-alive follows each second;
//! nothing else is ever sent (I10), and in the format "tap" not even that. What keeps a false value off the screen
//! (I5), by number, each proven in `drivers/tests/contec_hostile_line.rs`:
//!
//! - O1 only packets in a run of three (`packets.rs`);
//! - O2 to O4 one statement a second, by the majority of its packets (`second.rs`);
//! - O5 a curve whose time axis counts samples (`curve.rs`);
//! - C1 to C4 confirmation by the next second where the packets of one do not agree ([`crate::confirm`]).

pub mod connect;
mod curve;
mod packets;
mod second;

use std::time::Duration;

use vitals::MonoTime;

use crate::catalog::BadOption;
use crate::dialogue::{Dialogue, LineFault, Seen, Step};
use crate::publisher::{Publisher, Timing};
use curve::Curve;
use packets::{Found, Layout, Packet, RUN_MIN, Reader};
use second::Second;

/// One statement a second.
const TIMING: Timing = Timing {
    every: Duration::from_millis(850),
    pair_max: Duration::from_millis(2500),
};

const START: &[u8] = &[0x7D, 0x81, 0xA1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80];
const KEEP_ALIVE: &[u8] = &[0x7D, 0x81, 0xAF, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80];

/// A keep-alive, or another start where nothing came, after each second.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// With "auto": listen first, because the older generation sends unasked.
const LISTEN: Duration = Duration::from_millis(1500);

/// The device sends while packets came within this.
const SENDING_WITHIN: Duration = Duration::from_millis(1200);

/// With "auto" and "tap": a generation that was found but brings no packet for this long, while bytes come, is given up.
const GIVE_UP_AFTER: Duration = Duration::from_secs(10);

/// While no generation is found, bytes are reported after this many.
const UNKNOWN_REPORT_BYTES: u32 = 1000;

/// Nothing happens here without bytes; the owner may sleep this long.
const IDLE: Duration = Duration::from_secs(1);

/// The dialogue with one Contec device.
#[derive(Debug)]
pub struct Contec {
    /// One, or both while it is not known which.
    readers: Vec<Reader>,
    finds_out: bool,
    unknown: u32,
    last_packet: Option<MonoTime>,
    asking: Option<Asking>,
    second: Second,
    curve: Curve,
    out: Publisher,
}

/// The questions of V7.0.
#[derive(Debug)]
struct Asking {
    listen: Duration,
    /// `None` before the first step.
    due: Option<MonoTime>,
    /// A start was sent and nothing came since.
    unanswered: bool,
}

impl Contec {
    /// A dialogue that has heard nothing yet. `format` is "auto", "v7", "old", or "tap" to send nothing whatever happens.
    ///
    /// # Errors
    /// For any other format.
    pub fn new(format: Option<&str>) -> Result<Self, BadOption> {
        let (layouts, listen): (&[Layout], _) = match format {
            None | Some("auto") => (&[Layout::Five, Layout::Seven], Some(LISTEN)),
            Some("v7") => (&[Layout::Seven], Some(Duration::ZERO)),
            Some("old") => (&[Layout::Five], None),
            Some("tap") => (&[Layout::Five, Layout::Seven], None),
            Some(other) => {
                return Err(BadOption::Format {
                    text: other.to_owned(),
                    family: "contec",
                    choices: "\"auto\", \"v7\", \"old\" or \"tap\"",
                });
            }
        };
        Ok(Self {
            readers: layouts.iter().map(|layout| Reader::new(*layout)).collect(),
            finds_out: layouts.len() > 1,
            unknown: 0,
            last_packet: None,
            asking: listen.map(|listen| Asking {
                listen,
                due: None,
                unanswered: false,
            }),
            second: Second::new(),
            curve: Curve::default(),
            out: Publisher::new(TIMING),
        })
    }

    fn byte(&mut self, now: MonoTime, byte: u8) {
        let mut all = Vec::new();
        if let [reader] = self.readers.as_mut_slice() {
            reader.hear(byte, &mut |found| all.push(found));
            let layout = reader.layout();
            all.into_iter().for_each(|found| self.found(now, layout, found));
        } else {
            self.find_out(now, byte);
        }
    }

    /// What one reader skips may be the other's, so only packets count here.
    fn find_out(&mut self, now: MonoTime, byte: u8) {
        self.unknown += 1;
        let mut packets = Vec::new();
        let mut hear = |reader: &mut Reader| {
            reader.hear(byte, &mut |found| {
                if matches!(found, Found::Packet(_)) {
                    packets.push(found);
                }
            });
            !packets.is_empty()
        };
        let layout = self
            .readers
            .iter_mut()
            .find_map(|reader| hear(reader).then(|| reader.layout()));
        if let Some(layout) = layout {
            self.readers.retain(|reader| reader.layout() == layout);
            let counted = u32::try_from(RUN_MIN * layout.packet_bytes()).unwrap_or(u32::MAX);
            let skipped = std::mem::take(&mut self.unknown).saturating_sub(counted);
            if skipped > 0 {
                self.found(now, layout, Found::Skipped(skipped));
            }
            packets
                .into_iter()
                .for_each(|found| self.found(now, layout, found));
        } else if self.unknown >= UNKNOWN_REPORT_BYTES {
            let skipped = std::mem::take(&mut self.unknown);
            self.out.disturbed(now, LineFault::Resynchronised { skipped });
        }
    }

    fn found(&mut self, now: MonoTime, layout: Layout, found: Found) {
        match found {
            Found::Packet(packet) => self.packet(now, packet),
            Found::Skipped(skipped) => {
                self.out.disturbed(now, LineFault::Resynchronised { skipped });
                // A remnant is a packet as well.
                let packets = u64::from(skipped).div_ceil(layout.packet_bytes() as u64);
                let out = &mut self.out;
                self.curve.lost(packets, &mut |block| out.saw(Seen::Wave(block)));
            }
            Found::Fault(fault) => self.out.fault(fault),
        }
    }

    fn packet(&mut self, now: MonoTime, packet: Packet) {
        self.last_packet = Some(now);
        if let Some(asking) = &mut self.asking {
            asking.unanswered = false;
        }
        for said in self.second.hear(now, packet) {
            self.out.value(now, said, None);
        }
        let sample = (!packet.probe_error).then_some(packet.pleth);
        let out = &mut self.out;
        self.curve
            .hear(now, sample, &mut |block| out.saw(Seen::Wave(block)));
    }

    fn is_sending(&self, now: MonoTime, within: Duration) -> bool {
        self.last_packet.is_some_and(|at| now.since(at) <= within)
    }

    /// The question whose time has come, if any.
    fn question(&mut self, now: MonoTime) -> Option<&'static [u8]> {
        let is_sending = self.is_sending(now, SENDING_WITHIN);
        let asking = self.asking.as_mut()?;
        let due = asking.due.get_or_insert(now + asking.listen);
        if now < *due {
            return None;
        }
        *due = now + ASK_EVERY;
        match self.readers.as_slice() {
            [reader] if reader.layout() == Layout::Five => None,
            _ if is_sending => Some(KEEP_ALIVE),
            _ => {
                if std::mem::replace(&mut asking.unanswered, true) {
                    self.out.fault(LineFault::NoAnswer);
                }
                Some(START)
            }
        }
    }
}

impl Dialogue for Contec {
    fn heard(&mut self, now: MonoTime, bytes: &[u8]) {
        if self.finds_out && self.readers.len() == 1 && !self.is_sending(now, GIVE_UP_AFTER) {
            self.readers = [Layout::Five, Layout::Seven].map(Reader::new).into();
            self.unknown = 0;
        }
        bytes.iter().for_each(|byte| self.byte(now, *byte));
    }

    fn step(&mut self, now: MonoTime) -> Step {
        if let Some(step) = self.out.take() {
            return step;
        }
        match self.question(now) {
            Some(bytes) => Step::Send(bytes.to_vec()),
            None => {
                let due = self.asking.as_ref().and_then(|asking| asking.due);
                let idle = now + IDLE;
                Step::SleepUntil(due.map_or(idle, |due| due.min(idle)))
            }
        }
    }
}
