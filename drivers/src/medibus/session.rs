//! The session: closed, identifying, running; who asks, who answers, and what silence means.
//!
//! D15: Silence of 3 s ends what earlier values vouch for; silence of 10 s ends the session, and with it everything that was
//! known. Nothing is repeated meanwhile: what is on the screen ages there.

use std::time::Duration;

use vitals::{Code, MonoTime};

use super::alarms::{self, Alarms};
use super::clock::{self, DeviceClock};
use super::codes::Unit;
use super::frame::{self, Found, Frame, FrameReader, Kind};
use super::lists;
use super::questions::{Question, Questions};
use super::values::{Facts, Moment, Values};
use super::waves::Waves;
use crate::confirm::LineNoise;
use crate::dialogue::{LineFault, Seen, Step};
use crate::steps::Steps;

const INITIALISE: u8 = 0x51;
const IDENTIFY: u8 = 0x52;
const STOP: u8 = 0x55;
const TIME_CHANGED: u8 = 0x49;
const WAVES_CHANGED: u8 = 0x56;
const NOP: u8 = 0x30;

/// Stands in the place of the code in the answer to a corrupt command.
const NAK: u8 = 0x15;

/// What the device is told when it asks who we are: a number, a name, a revision of eleven characters.
const OUR_ID: &[u8] = b"0000'Vitalpost'01.00:06.00";

/// While nobody answers, a session is tried this often.
const TRY_EVERY: Duration = Duration::from_secs(3);

/// A question without an answer for this long is given up, unless the answer is on its way.
const ANSWER_BEGINS: Duration = Duration::from_secs(2);

/// And this long in any case.
const ANSWER_ENDS: Duration = Duration::from_secs(5);

/// Between an answer and the next question.
const TURN: Duration = Duration::from_millis(20);

/// What must be said twice is asked again after this long.
const CONFIRM: Duration = Duration::from_millis(200);

/// D15.
const LOST_AFTER: Duration = Duration::from_secs(3);

/// D15.
const CLOSED_AFTER: Duration = Duration::from_secs(10);

/// How often an answer that is still coming is looked at.
const LOOK: Duration = Duration::from_millis(100);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Closed,
    Identifying,
    Running,
}

#[derive(Debug)]
pub(super) struct Session {
    link: Link,
    reader: FrameReader,
    noise: LineNoise,
    out: Steps,
    /// When the next ICC or request for identification is sent.
    try_at: MonoTime,
    /// When the last good frame came.
    valid: MonoTime,
    is_lost: bool,
    waiting: Option<(Question, MonoTime)>,
    /// No question before this time.
    turn: MonoTime,
    passed: Option<MonoTime>,
    questions: Questions,
    alarms: Alarms,
    values: Values,
    clock: DeviceClock,
    facts: Facts,
    facts_waiting: Option<(Facts, u32)>,
    waves: Waves,
}

impl Session {
    pub(super) fn new(wanted: Vec<Code>) -> Self {
        Self {
            link: Link::Closed,
            reader: FrameReader::default(),
            noise: LineNoise::default(),
            out: Steps::default(),
            try_at: MonoTime::BOOT,
            valid: MonoTime::BOOT,
            is_lost: false,
            waiting: None,
            turn: MonoTime::BOOT,
            passed: None,
            questions: Questions::new(MonoTime::BOOT),
            alarms: Alarms::default(),
            values: Values::default(),
            clock: DeviceClock::default(),
            facts: Facts::default(),
            facts_waiting: None,
            waves: Waves::new(wanted),
        }
    }

    /// Time passes. Once for each time, so that it does not matter how the bytes of one moment are cut.
    pub(super) fn pass(&mut self, now: MonoTime) {
        if self.passed.replace(now) == Some(now) || self.link == Link::Closed {
            return;
        }
        let silent = now.since(self.valid);
        if silent >= CLOSED_AFTER {
            self.out.fault(LineFault::NoAnswer);
            self.close(now);
            return;
        }
        if self.link == Link::Identifying {
            return;
        }
        if silent >= LOST_AFTER && !self.is_lost {
            self.is_lost = true;
            self.values.forget_confirmed();
        }
        if let Some((question, at)) = self.waiting {
            let waited = now.since(at);
            if waited >= ANSWER_ENDS || waited >= ANSWER_BEGINS && !self.reader.is_open(now) {
                self.waiting = None;
                self.questions.unanswered(question, now);
                self.out.fault(LineFault::NoAnswer);
            }
        }
        if self.waves.are_silent(now) {
            self.waves.stop();
            self.questions.ask(Question::WaveConfig, now);
        }
    }

    /// A byte of the slow half.
    pub(super) fn hear(&mut self, now: MonoTime, byte: u8) {
        let mut found = None;
        let mut skipped = None;
        self.reader.hear(now, byte, &mut |what| match what {
            Found::Skipped(bytes) => skipped = Some(bytes),
            what => found = Some(what),
        });
        if let Some(skipped) = skipped {
            self.disturbed(now, LineFault::Resynchronised { skipped });
        }
        match found {
            Some(Found::Frame(frame)) => self.frame(now, &frame),
            Some(Found::Damaged(kind)) => self.damaged(now, kind),
            Some(Found::Skipped(_)) | None => {}
        }
    }

    /// A byte of the fast half.
    pub(super) fn hear_real_time(&mut self, now: MonoTime, byte: u8) {
        if self.waves.are_running() {
            self.waves.hear(now, byte, &mut self.out);
        } else {
            self.reader.skip(1);
        }
    }

    pub(super) fn step(&mut self, now: MonoTime) -> Step {
        if let Some(step) = self.out.take() {
            return step;
        }
        if let Some(bytes) = self.ask(now) {
            return Step::Send(bytes);
        }
        Step::SleepUntil(self.wake(now))
    }

    fn ask(&mut self, now: MonoTime) -> Option<Vec<u8>> {
        if self.link != Link::Running {
            if now < self.try_at {
                return None;
            }
            self.try_at = now + TRY_EVERY;
            let code = if self.link == Link::Closed {
                INITIALISE
            } else {
                IDENTIFY
            };
            return Some(frame::command(code, &[]));
        }
        if self.waiting.is_some() || now < self.turn {
            return None;
        }
        let question = self.questions.next(now)?;
        let argument = match question {
            Question::WaveSelect => self.waves.selection()?,
            _ => Vec::new(),
        };
        self.waiting = Some((question, now));
        Some(frame::command(question as u8, &argument))
    }

    fn wake(&self, now: MonoTime) -> MonoTime {
        let next = match (self.link, self.waiting) {
            (Link::Closed, _) => self.try_at,
            (Link::Identifying, _) => self.try_at.min(self.valid + CLOSED_AFTER),
            (Link::Running, Some((_, at))) => at + ANSWER_BEGINS,
            (Link::Running, None) => self
                .questions
                .due()
                .map_or(now + TRY_EVERY, |due| due.max(self.turn)),
        };
        if next > now { next } else { now + LOOK }
    }

    fn frame(&mut self, now: MonoTime, frame: &Frame) {
        self.valid = now;
        self.is_lost = false;
        match frame.kind {
            Kind::Command => self.command(now, frame.code),
            Kind::Response => self.response(now, frame),
        }
    }

    /// The device asks. Whatever it asks is answered, what is not known with nothing.
    fn command(&mut self, now: MonoTime, code: u8) {
        let payload = if code == IDENTIFY { OUR_ID } else { &[] };
        self.answer(code, payload);
        match code {
            INITIALISE => {
                if self.link == Link::Running {
                    self.close(now);
                }
                self.identify(now);
            }
            STOP => {
                self.close(now);
                // Not at once: it has just said that it wants to be left alone.
                self.try_at = now + TRY_EVERY;
            }
            TIME_CHANGED => self.questions.ask(Question::Clock, now),
            WAVES_CHANGED if self.waves.are_wanted() => {
                self.waves.stop();
                self.questions.ask(Question::WaveConfig, now);
            }
            _ => {}
        }
    }

    fn response(&mut self, now: MonoTime, frame: &Frame) {
        let waiting = self.waiting.map(|(question, _)| question);
        match (self.link, frame.code) {
            (_, NAK) => {
                self.disturbed(now, LineFault::Refused { code: NAK });
                self.ask_again(now);
            }
            (Link::Closed, INITIALISE) => self.identify(now),
            // Our own answer comes back from a line that is a loop, never from a device.
            (Link::Identifying, IDENTIFY) if frame.payload != OUR_ID => self.run(now),
            // A second answer to a session that was opened from both sides, and answers to a keep-alive.
            (Link::Identifying, INITIALISE) | (_, NOP) => {}
            (Link::Running, code) => match waiting {
                Some(question) if question as u8 == code => {
                    self.waiting = None;
                    self.turn = now + TURN;
                    self.questions.answered(question);
                    self.answered(now, question, &frame.payload);
                }
                _ => self.disturbed(now, LineFault::WrongAnswer),
            },
            _ => self.disturbed(now, LineFault::WrongAnswer),
        }
    }

    fn answered(&mut self, now: MonoTime, question: Question, payload: &[u8]) {
        let moment = Moment {
            now,
            is_noisy: self.noise.is_noisy(now),
            facts: self.facts,
            oximeter: self.alarms.oximeter(),
        };
        let is_well_formed = match question {
            Question::Data1 => self.data(moment, 1, payload),
            Question::Data2 => self.data(moment, 2, payload),
            Question::Alarms1 => self.alarm_list(moment, question, 1, payload),
            Question::Alarms2 => self.alarm_list(moment, question, 2, payload),
            Question::Alarms3 => self.alarm_list(moment, question, 3, payload),
            Question::Texts => self.texts(moment, payload),
            Question::Clock => self.time(now, payload),
            Question::WaveConfig => {
                let is_well_formed = self.waves.configure(payload);
                if is_well_formed && self.waves.selection().is_some() {
                    self.questions.ask(Question::WaveSelect, now);
                }
                is_well_formed
            }
            Question::WaveSelect => {
                let enable = self.waves.enable(now);
                self.out.push(Step::Send(enable));
                true
            }
        };
        if !is_well_formed {
            // Asked again in its turn: a device that always answers like this must not be asked without a pause.
            self.disturbed(now, LineFault::WrongAnswer);
        }
    }

    fn data(&mut self, moment: Moment, page: u8, payload: &[u8]) -> bool {
        let is_well_formed = self.values.hear(moment, page, payload, &mut self.out);
        let is_needed = self.values.needs_page(2);
        self.questions.page_2_each_second(moment.now, is_needed);
        is_well_formed
    }

    fn alarm_list(&mut self, moment: Moment, question: Question, page: u8, payload: &[u8]) -> bool {
        match self.alarms.hear(page, payload, moment.is_noisy) {
            alarms::Heard::Malformed => return false,
            alarms::Heard::Unconfirmed => self.questions.ask(question, moment.now + CONFIRM),
            alarms::Heard::Known => {}
        }
        if let Some(list) = self.alarms.changed() {
            self.out.push(Step::Saw(Seen::Alarms(list)));
        }
        true
    }

    /// Facts count when they are said twice in a row, three times on a disturbed line.
    fn texts(&mut self, moment: Moment, payload: &[u8]) -> bool {
        let Some(codes) = lists::texts(payload) else {
            return false;
        };
        let facts = facts(&codes);
        if facts == self.facts {
            self.facts_waiting = None;
            return true;
        }
        let before = self.facts_waiting.filter(|(waiting, _)| *waiting == facts);
        let said = before.map_or(1, |(_, said)| said + 1);
        if said < if moment.is_noisy { 3 } else { 2 } {
            self.facts_waiting = Some((facts, said));
            self.questions.ask(Question::Texts, moment.now + CONFIRM);
        } else {
            self.facts = facts;
            self.facts_waiting = None;
        }
        true
    }

    fn time(&mut self, now: MonoTime, payload: &[u8]) -> bool {
        match self.clock.hear(now, payload) {
            clock::Heard::Time(time) => self.values.clock(now, time),
            clock::Heard::Unconfirmed => self.questions.ask(Question::Clock, now + CONFIRM),
            clock::Heard::Nothing => {}
            clock::Heard::Malformed => return false,
        }
        true
    }

    fn damaged(&mut self, now: MonoTime, kind: Kind) {
        self.disturbed(now, LineFault::BadChecksum);
        match kind {
            Kind::Command => self.answer(NAK, &[]),
            Kind::Response => self.ask_again(now),
        }
    }

    /// The answer that was waited for is lost: the same question comes next.
    fn ask_again(&mut self, now: MonoTime) {
        if let Some((question, _)) = self.waiting.take() {
            self.turn = now + TURN;
            self.questions.ask(question, now);
        }
    }

    fn answer(&mut self, code: u8, payload: &[u8]) {
        self.out.push(Step::Send(frame::response(code, payload)));
    }

    fn disturbed(&mut self, now: MonoTime, fault: LineFault) {
        self.noise.fault(now);
        self.out.fault(fault);
    }

    fn identify(&mut self, now: MonoTime) {
        self.link = Link::Identifying;
        self.try_at = now + TURN;
    }

    fn run(&mut self, now: MonoTime) {
        self.link = Link::Running;
        self.turn = now + TURN;
        self.questions = Questions::new(now);
        if self.waves.are_wanted() {
            self.questions.ask(Question::WaveConfig, now);
        }
    }

    /// The next session begins with nothing known.
    fn close(&mut self, now: MonoTime) {
        self.link = Link::Closed;
        self.try_at = now;
        self.is_lost = false;
        self.waiting = None;
        self.alarms = Alarms::default();
        self.values = Values::default();
        self.clock = DeviceClock::default();
        self.facts = Facts::default();
        self.facts_waiting = None;
        self.waves.stop();
    }
}

/// Standby, and standby of the device.
const STANDBY: [u8; 2] = [0x1E, 0x54];

/// The unit in which the device shows CO2.
const CO2_UNITS: [(u8, Unit); 3] = [(0x22, Unit::MmHg), (0x23, Unit::KPa), (0x24, Unit::Percent)];

fn facts(codes: &[u8]) -> Facts {
    let mut units = CO2_UNITS.iter().filter(|(code, _)| codes.contains(code));
    let co2 = match (units.next(), units.next()) {
        (Some((_, unit)), None) => Some(*unit),
        _ => None,
    };
    Facts {
        is_standby: STANDBY.iter().any(|code| codes.contains(code)),
        co2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trap_4_only_one_unit_of_co2_is_a_unit() {
        assert_eq!(facts(&[0x22]).co2, Some(Unit::MmHg));
        assert_eq!(facts(&[0x23, 0x06]).co2, Some(Unit::KPa));
        assert_eq!(facts(&[0x22, 0x24]).co2, None);
        assert_eq!(facts(&[0x06]), Facts::default());
        assert!(facts(&[0x1E]).is_standby && facts(&[0x54]).is_standby);
    }
}
