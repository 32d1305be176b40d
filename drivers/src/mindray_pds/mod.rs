//! Mindray's Patient Data Share: the monitor (BeneView, iMEC, uMEC, iPM, T series) is the server, the post asks.
//!
//! - P1: it is asked when the connection begins, once more when the monitor has ended its first burst of messages, and
//!   whenever [`ASKED_AGAIN_AFTER`] have brought no value. A sign of life goes out each second.
//! - P2: [`LOST_AFTER`] without a message the monitor counts as lost: what it said of its alarms is over.
//! - P3: MSH-10 is the kind of a message; only kinds 204 and 503 hold values, 54 and 56 alarms.
//! - C1 to C4 hold for everything that is measured all the time ([`crate::confirm`]). A cuff pressure is said once, so it
//!   cannot be confirmed; H7 and H8 of [`crate::hl7`] hold for it.

mod alarms;
pub mod announce;
mod ask;
pub mod connect;

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use vitals::{AlarmKind, Code, MonoTime};

use crate::confirm::{Confirm, LineNoise, Sample, Trust};
use crate::dialogue::{Dialogue, LineFault, Seen, Step};
use crate::hl7::codes::Profile;
use crate::hl7::message::Message;
use crate::hl7::mllp::{Cut, Reader};
use crate::hl7::oru::{Item, Row, item};
use crate::hl7::publish::{Sent, Told};
use crate::hl7::stamp::Stamp;
use crate::steps::Steps;
use alarms::Lists;

/// Between two signs of life.
pub const ECHO_EVERY: Duration = Duration::from_secs(1);

/// A monitor that has sent no message for this long is lost.
pub const LOST_AFTER: Duration = Duration::from_secs(10);

/// A question that brought no value for this long is asked again.
pub const ASKED_AGAIN_AFTER: Duration = Duration::from_secs(10);

/// Two values further apart do not confirm each other.
const PAIR_MAX: Duration = Duration::from_secs(5);

/// A value that is sent more often than once a second leaves out some.
const TOLD_EVERY: Duration = Duration::from_millis(900);

/// The monitor's clock, when it was heard this lately, dates its cuff pressures.
const CLOCK_GOOD_FOR: Duration = Duration::from_secs(10);

/// The dialogue with one monitor.
#[derive(Debug, Default)]
pub struct MindrayPds {
    reader: Reader,
    steps: Steps,
    told: Told,
    values: BTreeMap<Code, Value>,
    noise: LineNoise,
    lists: Lists,
    unknown: std::collections::BTreeSet<u32>,
    /// The monitor's own time, and when it said so.
    clock: Option<(MonoTime, Stamp)>,
    heard: Option<MonoTime>,
    valued: Option<MonoTime>,
    asked: Option<MonoTime>,
    echoed: Option<MonoTime>,
    questions: u32,
    /// The first echo of the monitor has come.
    burst_over: bool,
    lost: bool,
}

#[derive(Debug)]
struct Value {
    confirm: Confirm,
    told: Option<MonoTime>,
}

impl MindrayPds {
    /// A dialogue that has heard nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn cut(&mut self, now: MonoTime, cut: Cut) {
        match cut {
            Cut::Message(bytes) => self.message(now, &bytes),
            Cut::TooLong(_) => self.fault(now, LineFault::TooLong),
            Cut::Skipped(skipped) => self.fault(now, LineFault::Resynchronised { skipped }),
            Cut::NoReturn => self.noise.fault(now),
        }
    }

    fn fault(&mut self, now: MonoTime, fault: LineFault) {
        self.noise.fault(now);
        self.steps.fault(fault);
    }

    fn message(&mut self, now: MonoTime, bytes: &[u8]) {
        let Some(message) = Message::read(bytes) else {
            return self.fault(now, LineFault::BadMessage);
        };
        let msh = message.msh();
        if (msh.component(9, 1).as_str(), msh.component(9, 2).as_str()) != ("ORU", "R01") {
            return;
        }
        self.heard = Some(now);
        if std::mem::take(&mut self.lost) {
            self.ask(now);
        }
        if let Some(time) = Stamp::read(&msh.component(7, 1)) {
            self.clock = Some((now, time));
        }
        if matches!(msh.component(11, 1).as_str(), "T" | "D") {
            return self.steps.fault(LineFault::NotAPatient);
        }
        match msh.component(10, 1).as_str() {
            "204" | "503" => self.results(now, &message),
            "54" => self.alarms(AlarmKind::Physiological, &message),
            "56" => self.alarms(AlarmKind::Technical, &message),
            "106" if !std::mem::replace(&mut self.burst_over, true) => self.ask(now),
            _ => {}
        }
    }

    fn alarms(&mut self, kind: AlarmKind, message: &Message) {
        if let Some(list) = self.lists.take(kind, message) {
            self.steps.push(Step::Saw(Seen::Alarms(list)));
        }
    }

    fn results(&mut self, now: MonoTime, message: &Message) {
        let (mut rows, mut observed) = (Vec::new(), None);
        for segment in message.segments().take(crate::hl7::ROWS_MAX) {
            match segment.name() {
                "OBR" => observed = Stamp::read(&segment.component(7, 1)),
                "OBX" => match item(segment, observed, Profile::MindrayPds) {
                    Item::Row(row) => {
                        self.valued = Some(now);
                        if row.spot || self.accepts(now, &row, segment.line()) {
                            rows.push(row);
                        }
                    }
                    Item::Nothing => {}
                    Item::Unknown(code) => {
                        if self.unknown.len() < 256 && self.unknown.insert(code) {
                            self.steps.fault(LineFault::UnknownCode { code });
                        }
                    }
                    Item::Bad => self.fault(now, LineFault::BadItem),
                },
                _ => {}
            }
        }
        let newest = rows
            .iter()
            .filter(|row| !row.spot)
            .filter_map(|row| row.time)
            .max();
        if let Some(time) = newest {
            self.clock = Some((now, time));
        }
        let clock = self.clock.filter(|(at, _)| now.since(*at) <= CLOCK_GOOD_FOR);
        let sent = clock.map_or(Sent::default(), |(at, time)| Sent {
            at: Some(time),
            late: now.since(at),
        });
        let (news, without_age) = self.told.news(rows, sent);
        if without_age > 0 {
            self.steps.fault(LineFault::Unconfirmed);
        }
        news.into_iter().for_each(|seen| self.steps.push(Step::Saw(seen)));
    }

    /// C1 to C4, and once a second.
    fn accepts(&mut self, now: MonoTime, row: &Row, line: &str) -> bool {
        let trust = if self.noise.is_noisy(now) {
            Trust::Doubtful
        } else {
            Trust::Plain
        };
        let mut hasher = DefaultHasher::new();
        line.hash(&mut hasher);
        let sample = Sample {
            measured: row.measured,
            trust,
            raw: hasher.finish(),
        };
        let value = self.values.entry(row.code).or_insert_with(|| Value {
            confirm: Confirm::new(row.code, PAIR_MAX),
            told: None,
        });
        if !value.confirm.accepts(now, sample) {
            self.steps.fault(LineFault::Unconfirmed);
            return false;
        }
        let due = value.told.is_none_or(|told| now.since(told) >= TOLD_EVERY);
        if due {
            value.told = Some(now);
        }
        due
    }

    fn ask(&mut self, now: MonoTime) {
        self.questions = self.questions.wrapping_add(1);
        self.asked = Some(now);
        self.steps.push(Step::Send(ask::question(self.questions)));
    }

    fn tick(&mut self, now: MonoTime) {
        let due = self
            .asked
            .is_none_or(|asked| now.since(self.valued.unwrap_or(asked).max(asked)) >= ASKED_AGAIN_AFTER);
        if due {
            self.ask(now);
        }
        if self.echoed.is_none_or(|echoed| now.since(echoed) >= ECHO_EVERY) {
            self.echoed = Some(now);
            self.steps.push(Step::Send(ask::echo()));
        }
        let began = *self.heard.get_or_insert(now);
        if !self.lost && now.since(began) >= LOST_AFTER {
            self.lost = true;
            self.lists.forget();
            self.steps.fault(LineFault::NoAnswer);
        }
    }
}

impl Dialogue for MindrayPds {
    fn heard(&mut self, now: MonoTime, bytes: &[u8]) {
        let mut cuts = Vec::new();
        self.reader.hear(now, bytes, &mut |cut| cuts.push(cut));
        cuts.into_iter().for_each(|cut| self.cut(now, cut));
    }

    fn step(&mut self, now: MonoTime) -> Step {
        if let Some(step) = self.steps.take() {
            return step;
        }
        self.heard(now, &[]);
        self.tick(now);
        let next = self.echoed.map_or(now, |echoed| echoed + ECHO_EVERY);
        self.steps.take().unwrap_or(Step::SleepUntil(next))
    }
}
