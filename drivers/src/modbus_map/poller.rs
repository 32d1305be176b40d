//! Which question goes out next on one line, and what its answer means.
//!
//! - M3: A dead unit costs the others nothing but its probes: after [`FAILED_CYCLES`] failed cycles it is asked once in
//!   2, 4, 8 ... 60 s, while the others keep their rate.
//! - M4: After a failure a unit is asked the same question again or, for [`LATE_ANSWER_MAX`], nothing: a late answer
//!   finds no other question that it could be taken for. The first good answer after trouble is questionable.
//! - M5: A question that the device refuses for good is asked in halves from then on, once it was refused twice (on TCP
//!   a refusal can be a damaged answer).

use std::sync::Arc;
use std::time::Duration;

use vitals::{AbsentReason, MonoTime, Observation};

use super::line::LineTiming;
use super::map::{Map, Table};
use super::plan::Block;
use super::unit::{self, Channel, Circumstances};
use crate::confirm::LineNoise;
use crate::dialogue::{LineFault, Seen};

/// Attempts for one question: the first and two more.
pub const ATTEMPTS: u32 = 3;

/// Failed cycles (of [`ATTEMPTS`] each) after which a unit is asked less often.
pub const FAILED_CYCLES: u32 = 3;

/// The longest pause between two probes of a unit that does not answer.
pub const BACK_OFF_MAX: Duration = Duration::from_secs(60);

/// The longest delay with which an answer is known to come after its time-out.
pub const LATE_ANSWER_MAX: Duration = Duration::from_millis(1500);

/// How soon a value that needs confirmation is read again, where its interval is longer.
const CONFIRM_WITHIN: Duration = Duration::from_secs(1);

/// How often a register that the device refuses is asked nevertheless: it may have been restarting.
const REFUSED_AGAIN: Duration = Duration::from_secs(60);

/// How often a port that is gone is tried.
const PORT_AGAIN: Duration = Duration::from_secs(1);

/// Refusals in a row that count as meant.
const REFUSALS: u32 = 2;

/// One unit on the line.
#[derive(Clone, Debug)]
pub struct UnitPlan {
    /// Modbus address, 1 to 247.
    pub unit: u8,
    /// What to ask it.
    pub map: Arc<Map>,
}

/// One read question (I10: there is no other kind).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Which unit.
    pub unit: u8,
    /// Which table.
    pub table: Table,
    /// First address, 0-based.
    pub addr: u16,
    /// How many registers or bits.
    pub count: u16,
    /// How long to wait for the whole answer.
    pub timeout: Duration,
}

/// What to do next on the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Poll {
    /// Ask this, then call [`Poller::answered`].
    Read(Request),
    /// Nothing is due before this time.
    SleepUntil(MonoTime),
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Registers (holding, input).
    Words(Vec<u16>),
    /// Bits (coil, discrete).
    Bits(Vec<bool>),
}

/// Why nothing usable came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PollError {
    /// No answer, or half an answer, in time.
    Timeout,
    /// The checksum or the frame was wrong.
    BadFrame,
    /// The unit refused with this Modbus exception code.
    Exception(u8),
    /// A good frame that answers another question: unit, function or length differ.
    WrongAnswer,
    /// The port or connection is gone.
    PortClosed,
}

/// Something that an answer, or its absence, said about a unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Which unit.
    pub unit: u8,
    /// When it was measured: the time of the answer, or earlier where the unit sends the age of its measurement.
    pub at: MonoTime,
    /// What was found.
    pub what: Found,
}

/// What was found in an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// A value or the reason for its absence.
    Saw(Seen),
    /// A text signal (maker, serial number): for the log.
    Text {
        /// The signal's id in its map file.
        signal: String,
        /// The text.
        text: String,
    },
    /// Something was wrong; counted and shown to the technician.
    Fault(LineFault),
}

/// Polls all units of one line. Owns no port and no clock: ask [`Poller::next`], do it, tell [`Poller::answered`].
#[derive(Debug)]
pub struct Poller {
    units: Vec<Unit>,
    timing: LineTiming,
    asked: Option<Asked>,
    free_at: MonoTime,
}

#[derive(Debug)]
struct Unit {
    number: u8,
    map: Arc<Map>,
    channels: Vec<Channel>,
    questions: Vec<Question>,
    noise: LineNoise,
    /// Cycles that failed in a row.
    failed_cycles: u32,
    /// Nothing is asked before this (M3, M4), but for the repetition of the same question.
    rest_until: MonoTime,
    /// The last attempt failed.
    in_trouble: bool,
}

#[derive(Debug)]
struct Question {
    block: Block,
    due: MonoTime,
    attempts: u32,
    refusals: u32,
    refused_for_good: bool,
}

/// The question whose answer is awaited.
#[derive(Clone, Copy, Debug)]
struct Asked {
    unit: usize,
    question: usize,
}

impl Poller {
    /// A poller for these units; each unit number at most once.
    pub fn new(plans: Vec<UnitPlan>, timing: LineTiming) -> Self {
        Self {
            units: plans.into_iter().map(Unit::new).collect(),
            timing,
            asked: None,
            free_at: MonoTime::BOOT,
        }
    }

    /// What to do now. After a [`Poll::Read`], call [`Poller::answered`] before calling this again; a question whose
    /// answer is never told is asked again later.
    pub fn next(&mut self, now: MonoTime) -> Poll {
        self.asked = None;
        let due = |unit: &Unit, question: &Question| {
            // M4: a repetition does not wait, everything else does.
            let rest = if question.attempts == 0 {
                unit.rest_until
            } else {
                MonoTime::BOOT
            };
            question.due.max(rest)
        };
        let questions = self.units.iter().enumerate().flat_map(|(at, unit)| {
            let questions = unit.questions.iter().enumerate();
            questions.map(move |(place, question)| (due(unit, question), at, place))
        });
        // Whoever has waited longest is next: a unit that is repeated does not push the others back.
        match questions.min() {
            None => Poll::SleepUntil(now + BACK_OFF_MAX),
            Some((at, ..)) if at.max(self.free_at) > now => Poll::SleepUntil(at.max(self.free_at)),
            Some((_, unit, question)) => {
                self.asked = Some(Asked { unit, question });
                self.request(unit, question)
                    .map_or(Poll::SleepUntil(now + BACK_OFF_MAX), Poll::Read)
            }
        }
    }

    fn request(&self, unit: usize, question: usize) -> Option<Request> {
        let unit = self.units.get(unit)?;
        let block = &unit.questions.get(question)?.block;
        let count = block.count + block.pad;
        let think = unit
            .map
            .timeout
            .map_or(self.timing.response, |own| own.max(self.timing.response));
        Some(Request {
            unit: unit.number,
            table: block.table,
            addr: block.addr,
            count,
            timeout: think + self.timing.line_time(block.table, count),
        })
    }

    /// Takes the answer to the last question, which went to `unit`.
    pub fn answered(&mut self, now: MonoTime, unit: u8, answer: Result<Answer, PollError>) -> Vec<Finding> {
        self.free_at = now + self.timing.pause;
        let asked = self.asked.take();
        let asked = asked.and_then(|asked| Some((self.units.get_mut(asked.unit)?, asked.question)));
        let Some((asked_unit, question)) = asked.filter(|(asked, _)| asked.number == unit) else {
            return Vec::new();
        };
        asked_unit
            .answered(now, question, answer)
            .into_iter()
            .map(|(at, what)| Finding { unit, at, what })
            .collect()
    }
}

impl Unit {
    fn new(plan: UnitPlan) -> Unit {
        let mut channels: Vec<Channel> = Vec::new();
        channels.extend(plan.map.signals.iter().enumerate().map(|(index, signal)| {
            let block = plan
                .map
                .blocks
                .iter()
                .find(|block| block.signals().any(|of| of == index));
            Channel::new(signal, block.map_or(signal.interval, |block| block.interval))
        }));
        Unit {
            number: plan.unit,
            channels,
            questions: plan.map.blocks.iter().cloned().map(Question::new).collect(),
            map: plan.map,
            noise: LineNoise::default(),
            failed_cycles: 0,
            rest_until: MonoTime::BOOT,
            in_trouble: false,
        }
    }

    fn answered(
        &mut self,
        now: MonoTime,
        question: usize,
        answer: Result<Answer, PollError>,
    ) -> Vec<(MonoTime, Found)> {
        let Some(asked) = self.questions.get(question) else {
            return Vec::new();
        };
        match answer {
            Ok(answer) if !answer.fits(&asked.block) => self.failed(now, question, LineFault::WrongAnswer),
            // A device that starts again answers with zeros at first; after silence they are not believed once.
            Ok(answer) if self.in_trouble && answer.is_zero() => {
                self.in_trouble = false;
                self.again(question, now + CONFIRM_WITHIN);
                vec![(now, Found::Fault(LineFault::WrongAnswer))]
            }
            Ok(answer) => self.heard(now, question, &answer),
            Err(PollError::Timeout) => self.failed(now, question, LineFault::NoAnswer),
            Err(PollError::BadFrame) => self.failed(now, question, LineFault::BadChecksum),
            Err(PollError::WrongAnswer) => self.failed(now, question, LineFault::WrongAnswer),
            Err(PollError::Exception(code)) => self.refused(now, question, code),
            Err(PollError::PortClosed) => {
                self.noise.fault(now);
                self.in_trouble = true;
                self.rest_until = now + PORT_AGAIN;
                self.again(question, now + PORT_AGAIN);
                Vec::new()
            }
        }
    }

    fn heard(&mut self, now: MonoTime, question: usize, answer: &Answer) -> Vec<(MonoTime, Found)> {
        let circumstances = Circumstances {
            now,
            noisy: self.noise.is_noisy(now),
            after_trouble: self.in_trouble,
        };
        self.alive();
        let Some(asked) = self.questions.get_mut(question) else {
            return Vec::new();
        };
        let read = unit::read(&self.map, &mut self.channels, &asked.block, answer, circumstances);
        let interval = asked.block.interval;
        asked.attempts = 0;
        asked.refusals = 0;
        asked.refused_for_good = false;
        // On the grid of the interval, unless that is already past.
        asked.due = asked.due + interval;
        if asked.due <= now {
            asked.due = now + interval;
        }
        if read.unconfirmed {
            asked.due = asked.due.min(now + CONFIRM_WITHIN);
        }
        read.found
    }

    fn alive(&mut self) {
        self.failed_cycles = 0;
        self.rest_until = MonoTime::BOOT;
        self.in_trouble = false;
    }

    fn again(&mut self, question: usize, at: MonoTime) {
        if let Some(asked) = self.questions.get_mut(question) {
            asked.attempts = 0;
            asked.due = at;
        }
    }

    /// M3, M4
    fn failed(&mut self, now: MonoTime, question: usize, fault: LineFault) -> Vec<(MonoTime, Found)> {
        self.noise.fault(now);
        self.in_trouble = true;
        let probing = self.failed_cycles >= FAILED_CYCLES;
        if let Some(asked) = self.questions.get_mut(question) {
            asked.attempts += 1;
            asked.due = now;
            if probing || asked.attempts >= ATTEMPTS {
                asked.attempts = 0;
                asked.due = now + asked.block.interval;
                self.failed_cycles += 1;
                self.rest_until = now + rest_after(self.failed_cycles);
            } else {
                self.rest_until = now + LATE_ANSWER_MAX;
            }
        }
        vec![(now, Found::Fault(fault))]
    }

    /// M5; an answer of any kind shows that the unit lives.
    fn refused(&mut self, now: MonoTime, question: usize, code: u8) -> Vec<(MonoTime, Found)> {
        self.alive();
        let fault = (now, Found::Fault(LineFault::Refused { code }));
        let Some(asked) = self.questions.get_mut(question) else {
            return Vec::new();
        };
        asked.attempts = 0;
        if !(1..=3).contains(&code) {
            // Busy or ill (4, 5, 6, gateways): the question is right, the time is not.
            asked.due = now + asked.block.interval.max(CONFIRM_WITHIN);
            return vec![fault];
        }
        asked.refusals += 1;
        if asked.refused_for_good {
            asked.due = now + REFUSED_AGAIN;
            return Vec::new();
        }
        if asked.refusals < REFUSALS {
            asked.due = now + CONFIRM_WITHIN.min(asked.block.interval);
            return Vec::new();
        }
        let Some(smaller) = asked.block.smaller() else {
            asked.refused_for_good = true;
            asked.due = now + REFUSED_AGAIN;
            let mut found = vec![fault];
            let signals = asked
                .block
                .signals()
                .filter_map(|index| self.map.signals.get(index));
            found.extend(signals.filter_map(|signal| signal.code).map(|code| {
                let none = Observation::absent(code, AbsentReason::NotAvailable);
                (now, Found::Saw(Seen::Vital(none)))
            }));
            return found;
        };
        self.questions.remove(question);
        self.questions.extend(smaller.into_iter().map(Question::new));
        vec![fault]
    }
}

impl Question {
    fn new(block: Block) -> Question {
        Question {
            block,
            due: MonoTime::BOOT,
            attempts: 0,
            refusals: 0,
            refused_for_good: false,
        }
    }
}

impl Answer {
    fn fits(&self, block: &Block) -> bool {
        let count = usize::from(block.count + block.pad);
        match self {
            Answer::Words(words) => !block.table.is_bits() && words.len() == count,
            Answer::Bits(bits) => block.table.is_bits() && bits.len() == count,
        }
    }

    fn is_zero(&self) -> bool {
        match self {
            Answer::Words(words) => words.iter().all(|word| *word == 0),
            // All bits off is an ordinary state.
            Answer::Bits(_) => false,
        }
    }
}

/// M4 for the first failed cycles, M3 from then on.
fn rest_after(failed_cycles: u32) -> Duration {
    match failed_cycles.checked_sub(FAILED_CYCLES) {
        None => LATE_ANSWER_MAX,
        Some(more) => Duration::from_secs(2 << more.min(10)).min(BACK_OFF_MAX),
    }
}
