//! A Philips IntelliVue monitor with its Data Export Interface, over UDP or a serial port, as the protocol sheet describes it.
//!
//! P1. Nothing but the answer to a question for a session is said before the client has answered the first event; that event
//!     is repeated three times, then the session is cut off. A client that is silent for the granted time-out is cut off.
//! P2. Numerics and alarms come every 1.024 s while somebody has asked for them, curves in bursts of four blocks of 256 ms.
//! P3. A SET of anything but the list of exported curves is refused and counted (I10 from the other end).
//! P4. Results that are too large for the granted message size come in linked parts with an empty end.
//!
//! Owns no port and no clock.

pub mod association;
pub mod body;
pub mod bytes;
pub mod results;

use std::collections::VecDeque;
use std::time::Duration;

use crate::curves::Curves;
use crate::device::{Chunk, Device, Family, Options};
use crate::patient::Patient;
use crate::truth::Values;
use association::Request;
use body::{Look, Said};
use results::{Asked, EXTENDED, Object, SINGLE};

/// For the list of families.
pub const FAMILY: Family = Family {
    name: "intellivue",
    title: "Philips IntelliVue monitor (Data Export)",
    options: &[
        ("transport", "udp (default) or serial"),
        ("demo", "yes: the monitor is in demonstration mode"),
        ("kpa", "yes: pressures in kPa"),
        (
            "small",
            "yes: messages of 300 bytes, so that every result comes in parts",
        ),
    ],
    make: |patient, options| Ok(Box::new(Monitor::new(patient, options)?)),
};

/// From one result to the next.
const EVERY: Duration = Duration::from_millis(1024);

/// Blocks of curves in one burst, and how long each lasts by the relative clock (8000 ticks a second).
const BURST_BLOCKS: u64 = 4;
const BLOCK_TICKS: u32 = 2048;

/// A real monitor cut its results at about this size, whatever was granted.
const MESSAGE_BYTES: usize = 900;
const SMALL_MESSAGE_BYTES: usize = 300;

/// The first event is said so often, so far apart.
const CREATED_TIMES: u32 = 3;
const CREATED_EVERY: Duration = Duration::from_secs(3);

/// The monitor's local clock when it is switched on: 2024-06-10 06:13:20.
const CLOCK_S: i64 = 1_718_000_000;

/// The relative clock when it is switched on: it wraps 400 s later.
const TICKS: u32 = u32::MAX - 3_200_000 + 1;

const CLASS_NUMERICS: u16 = 6;
const CLASS_WAVES: u16 = 9;
const CLASS_MONITOR: u16 = 33;
const CLASS_ALARMS: u16 = 54;
const GROUP_STATIC: u16 = 0x0811;

const NO_SUCH_CLASS: u16 = 0;
const ACCESS_DENIED: u16 = 2;

/// The monitor.
pub struct Monitor {
    patient: Box<dyn Patient>,
    frames: Option<bytes::Frames>,
    look: Look,
    limit: usize,
    session: Option<Session>,
    curves: Curves,
    blocks: u64,
    alarms: (Vec<results::Alarm>, Vec<results::Alarm>),
    alarm_counter: u16,
    out: VecDeque<Chunk>,
    refused: u64,
}

/// A session with a client.
struct Session {
    granted: Request,
    heard_at: Duration,
    /// When the first event is said next, and how often it was.
    created: Option<(Duration, u32)>,
    polls: Vec<Poll>,
    selected: Vec<u16>,
}

/// Something that was asked for and is said again and again.
struct Poll {
    asked: Asked,
    until: Duration,
    next: Duration,
    sequence: u16,
}

impl Monitor {
    /// On this patient.
    ///
    /// # Errors
    /// When the transport is none.
    pub fn new(patient: Box<dyn Patient>, options: &Options) -> Result<Monitor, String> {
        let frames = match options.get("transport") {
            None | Some("udp") => None,
            Some("serial") => Some(bytes::Frames::default()),
            Some(other) => return Err(format!("transport {other:?}: write udp or serial")),
        };
        Ok(Monitor {
            patient,
            frames,
            look: Look {
                demonstration: options.is_on("demo"),
                kpa: options.is_on("kpa"),
            },
            limit: if options.is_on("small") {
                SMALL_MESSAGE_BYTES
            } else {
                MESSAGE_BYTES
            },
            session: None,
            curves: Curves::default(),
            blocks: 0,
            alarms: Default::default(),
            alarm_counter: 0,
            out: VecDeque::new(),
            refused: 0,
        })
    }

    /// How many attempts to change something were refused (I10).
    pub fn refused(&self) -> u64 {
        self.refused
    }

    fn say(&mut self, message: Vec<u8>, truth: Option<Values>) {
        let bytes = match self.frames {
            Some(_) => bytes::frame(&message),
            None => message,
        };
        self.out.push_back(Chunk { bytes, truth });
    }

    fn message(&mut self, at: Duration, message: &[u8]) {
        if let Some(session) = &mut self.session {
            session.heard_at = at;
        }
        match message.first() {
            Some(0x0D) => self.asked_for_a_session(at, message),
            Some(0x09) if self.session.take().is_some() => self.say(association::RELEASED.to_vec(), None),
            Some(0x19) => self.session = None,
            Some(0xE1) => self.data(at, message),
            _ => {}
        }
    }

    fn asked_for_a_session(&mut self, at: Duration, message: &[u8]) {
        match Request::read(message).filter(|_| self.session.is_none()) {
            Some(granted) => {
                self.say(granted.granted(), None);
                self.session = Some(Session {
                    granted,
                    heard_at: at,
                    created: Some((at, 0)),
                    polls: Vec::new(),
                    selected: Vec::new(),
                });
            }
            None => self.say(association::REFUSED.to_vec(), None),
        }
    }

    fn data(&mut self, at: Duration, message: &[u8]) {
        let Some(session) = &mut self.session else {
            return;
        };
        let word = |place: usize| {
            let bytes = message.get(place..place + 2)?;
            Some(u16::from_be_bytes(bytes.try_into().ok()?))
        };
        match (word(4), word(8), word(10)) {
            // The answer to the first event.
            (Some(2), _, Some(1)) => session.created = None,
            (Some(1), Some(invoke), Some(command)) if session.created.is_none() => {
                self.request(at, invoke, command, message)
            }
            _ => {}
        }
    }

    fn request(&mut self, at: Duration, invoke: u16, command: u16, message: &[u8]) {
        let word = |place: usize| message.get(place..place + 2).map(|two| [two[0], two[1]]);
        let word = |place| word(place).map_or(0, u16::from_be_bytes);
        if command == 5 {
            return self.set(invoke, message);
        }
        let action = word(24);
        if command != 7 || !matches!(action, SINGLE | EXTENDED) {
            self.refused += u64::from(command != 7);
            return self.say(results::no_such_action(invoke, action), None);
        }
        let asked = Asked {
            invoke,
            action,
            number: word(28),
            class: word(32),
            group: word(34),
        };
        let has_waves = self
            .session
            .as_ref()
            .is_some_and(|session| session.granted.waves());
        match asked.class {
            CLASS_MONITOR | CLASS_NUMERICS | CLASS_ALARMS => {}
            CLASS_WAVES if has_waves => {}
            class => {
                return self.say(
                    results::error(invoke, NO_SUCH_CLASS, &bytes::u16s(&[class])),
                    None,
                );
            }
        }
        if action == SINGLE {
            return self.answer(at, asked, 0);
        }
        let ticks = u32::from(word(44)) << 16 | u32::from(word(46));
        let poll = Poll {
            asked,
            until: at + Duration::from_secs(ticks.into()) / 8000,
            next: at,
            sequence: 0,
        };
        if let Some(session) = &mut self.session {
            let same = session
                .polls
                .iter_mut()
                .find(|known| (known.asked.class, known.asked.group) == (asked.class, asked.group));
            match same {
                // Goes on in its rhythm.
                Some(known) => (known.asked, known.until) = (asked, poll.until),
                None => session.polls.push(poll),
            }
        }
    }

    /// The list of exported curves may be replaced, nothing else.
    fn set(&mut self, invoke: u16, message: &[u8]) {
        let list = message.get(28..).unwrap_or_default();
        let is_curves = list.get(..4) == Some(&[0, 0, 0xF2, 0x3A]);
        let (Some(session), true) = (&mut self.session, is_curves) else {
            self.refused += 1;
            return self.say(results::error(invoke, ACCESS_DENIED, &[]), None);
        };
        let ids = list.get(10..).unwrap_or_default().chunks_exact(4);
        session.selected = ids
            .map(|id| u16::from_be_bytes([id[2], id[3]]))
            .filter(|physio| body::CURVES.contains(physio))
            .collect();
        let now: Vec<Vec<u8>> = session
            .selected
            .iter()
            .map(|physio| bytes::u32s(&[0x0002_0000 | u32::from(*physio)]))
            .collect();
        let attribute = bytes::attribute(0xF23A, &bytes::list(&now));
        self.say(results::set(invoke, &[attribute]), None);
    }

    /// One result now.
    fn answer(&mut self, at: Duration, asked: Asked, sequence: u16) {
        let ticks = ticks(at);
        let vitals = self.patient.at(at);
        match asked.class {
            CLASS_NUMERICS => {
                let said = body::numerics(&vitals, self.look, wall_s(at));
                self.say_in_parts(asked, sequence, ticks, &[0], said);
            }
            CLASS_ALARMS if asked.group == GROUP_STATIC => {
                let object = vec![silent((0, 0x8401, Vec::new()))];
                self.say_in_parts(asked, sequence, ticks, &[], object);
            }
            CLASS_ALARMS => {
                let lists = body::alarms(&vitals);
                if lists != self.alarms {
                    self.alarm_counter = self.alarm_counter.wrapping_add(1);
                    self.alarms = lists;
                }
                let object = body::alarm_object(&self.alarms, self.alarm_counter, self.look.demonstration);
                self.say_in_parts(asked, sequence, ticks, &[], vec![silent(object)]);
            }
            CLASS_WAVES => {
                let selected = self.session.as_ref().map(|session| session.selected.clone());
                for block in 0..BURST_BLOCKS {
                    let objects = body::waves(
                        &mut self.curves,
                        &vitals,
                        &selected.clone().unwrap_or_default(),
                        self.blocks,
                    );
                    self.blocks += 1;
                    let ticks = ticks.wrapping_add(BLOCK_TICKS * block as u32);
                    let sequence = sequence.wrapping_mul(4).wrapping_add(block as u16);
                    let objects = objects.into_iter().map(silent).collect();
                    self.say_in_parts(asked, sequence, ticks, &[], objects);
                }
            }
            _ => {
                let object = (0, 0, results::monitor(self.mode(), wall_s(at), ticks));
                self.say_in_parts(asked, sequence, ticks, &[], vec![silent(object)]);
            }
        }
    }

    fn say_in_parts(&mut self, asked: Asked, sequence: u16, ticks: u32, empty: &[u16], said: Vec<Said>) {
        let granted = self.session.as_ref().map_or(0, |session| session.granted.mtu());
        let objects: Vec<Object> = said.iter().map(|said| said.object.clone()).collect();
        let parts = results::cut(&objects, self.limit.min(granted));
        let truth = |range: &std::ops::Range<usize>| {
            let all: Values = said[range.clone()]
                .iter()
                .flat_map(|said| said.truth.clone())
                .collect();
            (!all.is_empty()).then_some(all)
        };
        if let [all] = parts.as_slice() {
            let message = results::result(asked, sequence, ticks, empty, &objects);
            return self.say(message, truth(all));
        }
        for (count, range) in (1..).zip(&parts) {
            let state = match usize::from(count) {
                1 => 1,
                count if count == parts.len() => 3,
                _ => 2,
            };
            let message = results::part(asked, [state, count], sequence, ticks, &objects[range.clone()]);
            self.say(message, truth(range));
        }
        self.say(results::result(asked, sequence, ticks, &[], &[]), None);
    }

    fn mode(&self) -> u16 {
        if self.look.demonstration { 0x2000 } else { 0x4000 }
    }

    /// Says what is due.
    fn go_on(&mut self, at: Duration) {
        let Some(session) = &mut self.session else {
            return;
        };
        if at >= session.heard_at + session.granted.timeout() {
            self.session = None;
            return self.say(association::ABORTED.to_vec(), None);
        }
        if let Some((due, times)) = session.created {
            if at < due {
                return;
            }
            if times >= CREATED_TIMES {
                self.session = None;
                return self.say(association::ABORTED.to_vec(), None);
            }
            session.created = Some((at + CREATED_EVERY, times + 1));
            let attributes = results::monitor(self.mode(), wall_s(at), ticks(at));
            return self.say(results::created(&attributes), None);
        }
        session.polls.retain(|poll| at < poll.until);
        let mut due = Vec::new();
        for poll in session.polls.iter_mut().filter(|poll| poll.next <= at) {
            due.push((poll.next, poll.asked, poll.sequence));
            poll.sequence = poll.sequence.wrapping_add(1);
            poll.next += EVERY;
        }
        for (when, asked, sequence) in due {
            self.answer(when, asked, sequence);
        }
    }
}

impl Device for Monitor {
    fn hear(&mut self, at: Duration, bytes: &[u8]) {
        let messages = match &mut self.frames {
            Some(frames) => frames.hear(bytes),
            None => VecDeque::from([bytes.to_vec()]),
        };
        for message in messages {
            self.message(at, &message);
        }
    }

    fn next(&mut self, at: Duration) -> Option<Chunk> {
        if self.out.is_empty() {
            self.go_on(at);
        }
        self.out.pop_front()
    }
}

fn silent(object: Object) -> Said {
    Said {
        object,
        truth: Values::new(),
    }
}

fn ticks(at: Duration) -> u32 {
    // Set with a precision of 2 ms.
    TICKS.wrapping_add((at.as_millis() / 2 * 16) as u32)
}

fn wall_s(at: Duration) -> i64 {
    CLOCK_S + at.as_secs() as i64
}

#[cfg(test)]
mod tests;
