//! Who may send now: the receiving side of E1381 as a state machine, and the one answer that is sent as a sender.
//!
//! ```text
//! IDLE --ENQ/ACK--> OPEN(1) --good frame/ACK--> OPEN(next modulo 8) ... --EOT--> IDLE
//! OPEN --bad frame/NAK--> OPEN;  OPEN --30 s without a frame--> IDLE;  IDLE --query, 1 s of quiet--> SENDING
//! ```
//!
//! A2: a frame counts when its number is the next one. The one before, with the same text, is a repetition: it is
//! acknowledged and not taken. Everything else is refused. `format = "lax"` takes any number.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use vitals::MonoTime;

use super::answers::Answers;
use super::frame::{ACK, Cut, ENQ, EOT, Frame, Frames, NAK, framed};
use super::inbox::{Inbox, RECORD_BYTES_MAX, Taken};
use super::record::Delimiters;
use super::text::text_of;
use crate::catalog::{BadOption, StreamOptions, Transport};
use crate::dialogue::{Dialogue, LineFault, Step};
use crate::steps::Steps;

/// So long an open session may be without a frame.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// So long an answer to what we sent is waited for.
const ANSWER_WAIT: Duration = Duration::from_secs(15);

/// So long a line must be quiet before we send by ourselves.
const QUIET: Duration = Duration::from_secs(1);

/// So long nothing may follow an ENQ that comes where a frame should.
const ALONE: Duration = Duration::from_millis(100);

/// After NAK to our ENQ, and after an ENQ that met ours: the computer is the patient one.
const BUSY_WAIT: Duration = Duration::from_secs(10);
const CONTENTION_WAIT: Duration = Duration::from_secs(20);

/// So often the same is sent again.
const TRIES_MAX: u8 = 6;

/// Nothing to do: whoever owns the port looks in now and then anyhow.
const IDLE_SLEEP: Duration = Duration::from_secs(3_600);

/// After so many damaged frames in one session its messages must be confirmed.
const DAMAGED_MAX: u32 = 2;

/// Stray bytes are told at the latest after so many.
const SKIPPED_TOLD: u32 = 256;

/// What answers a host query: nothing is ordered here. Sent as two frames.
const NOTHING_ORDERED: [&str; 2] = ["H|\\^&|||VITALPOST|||||||P|LIS2-A2\r", "L|1|I\r"];

/// An analyser on a line.
#[derive(Debug)]
pub struct Astm {
    is_lax: bool,
    /// TCP has a sum of its own: bare records are taken.
    takes_bare: bool,
    frames: Frames,
    state: State,
    inbox: Inbox,
    answers: Answers,
    steps: Steps,
    /// A line without a frame around it, as far as it has come.
    bare: Vec<u8>,
    skipped: u32,
    heard: MonoTime,
    /// An ENQ came where a frame should: it is one if nothing follows it until then.
    enquired: Option<MonoTime>,
    /// The last frame that was refused because it makes no sense.
    refused: Option<Mark>,
    /// When the answer to a query may be tried, and how often it was.
    query: Option<(MonoTime, u8)>,
}

/// Number and text of a frame.
type Mark = (u8, u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    /// Records without frames come, since a header without one.
    Bare,
    Open {
        expected: u8,
        /// The last frame that counted.
        last: Option<Mark>,
        /// When the last frame came, or the ENQ.
        at: MonoTime,
        /// The message was refused: nothing counts until the next ENQ.
        is_spoilt: bool,
        /// Damaged frames so far.
        damaged: u32,
    },
    /// The ENQ (0) or this frame of our answer was sent, so often, and is waited for until then.
    Sending {
        place: usize,
        tries: u8,
        until: MonoTime,
    },
}

impl Astm {
    /// A session that is not open.
    ///
    /// # Errors
    /// A format that does not exist.
    pub fn new(options: &StreamOptions<'_>) -> Result<Astm, BadOption> {
        let is_lax = match options.format {
            None | Some("standard") => false,
            Some("lax") => true,
            Some(text) => {
                return Err(BadOption::Format {
                    text: text.to_owned(),
                    family: "astm",
                    choices: "\"standard\" or \"lax\"",
                });
            }
        };
        Ok(Astm {
            is_lax,
            takes_bare: options.transport != Transport::Serial,
            frames: Frames::default(),
            state: State::Idle,
            inbox: Inbox::default(),
            answers: Answers::default(),
            steps: Steps::default(),
            bare: Vec::new(),
            skipped: 0,
            heard: MonoTime::BOOT,
            enquired: None,
            refused: None,
            query: None,
        })
    }

    fn send(&mut self, now: MonoTime, bytes: Vec<u8>) {
        self.answers.send(now, Step::Send(bytes), &mut self.steps);
    }

    /// Everything whose time has come.
    fn tick(&mut self, now: MonoTime) {
        self.answers.tick(now, &mut self.steps);
        if self.enquired.is_some_and(|due| now >= due) {
            self.enquired = None;
            self.enquiry(now);
            self.tell_skipped();
        }
        if let Some(cut) = self.frames.tick(now) {
            self.found(now, cut);
        }
        match self.state {
            State::Open { at, .. } if now.since(at) >= SILENCE_MAX => self.close(now),
            State::Bare if now.since(self.heard) >= SILENCE_MAX => self.close(now),
            State::Sending { until, .. } if now >= until => {
                self.steps.fault(LineFault::NoAnswer);
                self.send(now, vec![EOT]);
                self.state = State::Idle;
            }
            State::Idle if self.query_due().is_some_and(|due| now >= due) => {
                let (_, tries) = self.query.take().unwrap_or((now, 0));
                self.sending(now, 0, tries);
            }
            _ => {}
        }
        if self.skipped > 0 && now.since(self.heard) >= QUIET {
            self.tell_skipped();
        }
    }

    fn query_due(&self) -> Option<MonoTime> {
        let (due, _) = self.query.filter(|_| self.state == State::Idle)?;
        Some(due.max(self.heard + QUIET))
    }

    fn next_tick(&self) -> Option<MonoTime> {
        let state = match self.state {
            State::Open { at, .. } => Some(at + SILENCE_MAX),
            State::Bare => Some(self.heard + SILENCE_MAX),
            State::Sending { until, .. } => Some(until),
            State::Idle => self.query_due(),
        };
        let skipped = (self.skipped > 0).then(|| self.heard + QUIET);
        let all = [
            self.answers.next_tick(),
            self.frames.next_tick(),
            self.enquired,
            state,
            skipped,
        ];
        all.into_iter().flatten().min()
    }

    fn found(&mut self, now: MonoTime, cut: Cut) {
        match cut {
            Cut::Stray(byte) => return self.stray(byte),
            Cut::Control(ENQ) => return self.asked(now),
            Cut::Control(EOT) => self.ended(now),
            Cut::Control(answer) => self.answered(now, answer),
            Cut::Frame(frame) => self.frame(now, frame),
            Cut::Broken(fault, bytes) => match &mut self.state {
                State::Open {
                    at,
                    damaged,
                    is_spoilt,
                    ..
                } => {
                    *at = now;
                    *damaged += 1;
                    // What is told frame by frame cannot be confirmed.
                    *is_spoilt |= self.is_lax && *damaged >= DAMAGED_MAX;
                    self.steps.fault(fault);
                    self.send(now, vec![NAK]);
                }
                _ => self.skipped = self.skipped.saturating_add(bytes),
            },
        }
        self.tell_skipped();
    }

    /// An ENQ, or a wrong byte that looks like one: whoever acknowledges it then acknowledges a frame that is lost.
    fn asked(&mut self, now: MonoTime) {
        match self.state {
            // Within the noise of a frame.
            State::Open { .. } if self.skipped > 0 => self.skipped += 1,
            State::Open { .. } => self.enquired = Some(now + ALONE),
            _ if self.skipped > 0 => self.enquired = Some(now + ALONE),
            _ => self.enquiry(now),
        }
    }

    fn enquiry(&mut self, now: MonoTime) {
        if let State::Sending { place: 0, tries, .. } = self.state {
            // Both asked at once: the analyser comes again after a second, and we later.
            self.state = State::Idle;
            self.query = Some((now + CONTENTION_WAIT, tries));
            return;
        }
        self.inbox.drop_unfinished(&mut self.steps);
        self.query = None;
        self.bare.clear();
        self.state = State::Open {
            expected: 1,
            last: None,
            at: now,
            is_spoilt: false,
            damaged: 0,
        };
        self.send(now, vec![ACK]);
    }

    fn ended(&mut self, now: MonoTime) {
        match self.state {
            State::Open { .. } | State::Bare => {
                if self.is_lax {
                    self.inbox.finish();
                }
                self.close(now);
            }
            // "Stop soon": there is nothing of ours that could not wait.
            State::Sending { .. } => {
                self.state = State::Idle;
                self.send(now, vec![EOT]);
            }
            State::Idle => {}
        }
    }

    /// The session is over; what is unfinished is forgotten.
    fn close(&mut self, now: MonoTime) {
        let is_asked = std::mem::take(&mut self.inbox.is_asked) && self.state != State::Bare;
        self.inbox.drop_unfinished(&mut self.steps);
        self.query = is_asked.then_some((now + QUIET, 0));
        self.state = State::Idle;
        self.bare = Vec::new();
    }

    fn frame(&mut self, now: MonoTime, frame: Frame) {
        let State::Open {
            expected,
            last,
            is_spoilt,
            damaged,
            ..
        } = self.state
        else {
            // Nobody has asked whether we listen: who sends it will.
            self.skipped = self
                .skipped
                .saturating_add(u32::try_from(frame.text.len()).unwrap_or(u32::MAX));
            return;
        };
        let mark = {
            let mut hasher = DefaultHasher::new();
            frame.text.hash(&mut hasher);
            (frame.number, hasher.finish())
        };
        let is_repeat = last == Some(mark);
        let counts = !is_spoilt && !is_repeat && (frame.number == expected || self.is_lax);
        let mut open = (expected, last, is_spoilt);
        let answer = if counts {
            // Some end each block of a long record as if it were the last one.
            let ends_record = frame.is_last && !(self.is_lax && frame.text.len() >= 240);
            self.inbox.is_doubtful = damaged >= DAMAGED_MAX;
            let before = (self.refused != Some(mark)).then(|| self.inbox.before());
            let mut taken = self.inbox.take(&frame.text, ends_record, &mut self.steps);
            if before.is_some_and(|before| self.inbox.undo(before)) {
                self.refused = Some(mark);
                self.restate(now, open, damaged);
                return self.send(now, vec![NAK]);
            }
            self.refused = None;
            if taken == Taken::More && self.is_lax && self.inbox.is_holding() {
                taken = self.inbox.tell(&mut self.steps);
            }
            open = ((frame.number + 1) % 8, Some(mark), taken == Taken::Refused);
            match taken {
                Taken::More => Step::Send(vec![ACK]),
                Taken::Told => Step::SendWhenKept(vec![ACK]),
                Taken::Refused => Step::Send(vec![NAK]),
            }
        } else if is_repeat && !is_spoilt {
            Step::Send(vec![ACK])
        } else {
            self.steps.fault(LineFault::OutOfOrder);
            Step::Send(vec![NAK])
        };
        self.restate(now, open, damaged);
        self.answers.send(now, answer, &mut self.steps);
    }

    /// A frame has come, whatever became of it.
    fn restate(&mut self, now: MonoTime, open: (u8, Option<Mark>, bool), damaged: u32) {
        let (expected, last, is_spoilt) = open;
        self.state = State::Open {
            expected,
            last,
            at: now,
            is_spoilt,
            damaged,
        };
    }

    /// ACK or NAK: about what we sent.
    fn answered(&mut self, now: MonoTime, answer: u8) {
        let State::Sending { place, tries, .. } = self.state else {
            self.skipped = self.skipped.saturating_add(1);
            return;
        };
        match answer {
            ACK if place < NOTHING_ORDERED.len() => self.sending(now, place + 1, 0),
            NAK if tries + 1 < TRIES_MAX && place == 0 => {
                self.state = State::Idle;
                self.query = Some((now + BUSY_WAIT, tries + 1));
            }
            NAK if tries + 1 < TRIES_MAX => self.sending(now, place, tries + 1),
            _ => {
                if answer == NAK {
                    self.steps.fault(LineFault::NoAnswer);
                }
                self.state = State::Idle;
                self.send(now, vec![EOT]);
            }
        }
    }

    /// Sends the ENQ (0) or a frame of the answer to a query.
    fn sending(&mut self, now: MonoTime, place: usize, tries: u8) {
        let text = place.checked_sub(1).and_then(|place| NOTHING_ORDERED.get(place));
        let number = u8::try_from(place).unwrap_or(0);
        let bytes = text.map_or(vec![ENQ], |text| framed(number, text));
        self.state = State::Sending {
            place,
            tries,
            until: now + ANSWER_WAIT,
        };
        self.send(now, bytes);
    }

    /// A byte outside frames: of a bare record, or noise.
    fn stray(&mut self, byte: u8) {
        let may_be_bare = match self.state {
            State::Bare => true,
            State::Idle => self.takes_bare && (!self.bare.is_empty() || byte == b'H'),
            State::Open { .. } | State::Sending { .. } => false,
        };
        if !may_be_bare {
            // Line ends after frames, and what fills pauses, are no noise.
            if !matches!(byte, b'\r' | b'\n' | 0) {
                self.skipped = self.skipped.saturating_add(1);
            }
            if self.skipped >= SKIPPED_TOLD {
                self.tell_skipped();
            }
            return;
        }
        if self.bare.len() < RECORD_BYTES_MAX {
            self.bare.push(byte);
        }
        if matches!(byte, b'\r' | b'\n') {
            self.bare_record();
        }
    }

    fn bare_record(&mut self) {
        let line = std::mem::take(&mut self.bare);
        if self.state == State::Idle {
            if Delimiters::of(text_of(&line).trim()).is_none() {
                let bytes = u32::try_from(line.len()).unwrap_or(u32::MAX);
                self.skipped = self.skipped.saturating_add(bytes);
                return;
            }
            self.tell_skipped();
            self.state = State::Bare;
        }
        self.inbox.is_doubtful = false;
        let taken = self.inbox.take(&line, true, &mut self.steps);
        if self.is_lax {
            self.inbox.tell(&mut self.steps);
        }
        if taken != Taken::More && !self.inbox.is_begun() {
            self.inbox.is_asked = false;
            self.state = State::Idle;
        }
    }

    fn tell_skipped(&mut self) {
        let skipped = std::mem::take(&mut self.skipped);
        if skipped > 0 {
            self.steps.fault(LineFault::Resynchronised { skipped });
        }
    }
}

impl Dialogue for Astm {
    fn heard(&mut self, now: MonoTime, bytes: &[u8]) {
        self.tick(now);
        for byte in bytes {
            self.heard = now;
            // Whoever asks waits for the answer.
            if self.enquired.take().is_some() {
                self.skipped += 1;
            }
            // At most two: what a beginning breaks off, and what it is.
            let mut cuts = Vec::new();
            self.frames.hear(now, *byte, &mut |cut| cuts.push(cut));
            for cut in cuts {
                self.found(now, cut);
            }
        }
    }

    fn step(&mut self, now: MonoTime) -> Step {
        self.tick(now);
        if let Some(step) = self.steps.take() {
            return step;
        }
        Step::SleepUntil(self.next_tick().unwrap_or(now + IDLE_SLEEP))
    }

    fn reopened(&mut self) -> bool {
        self.steps.forget_answers();
        self.answers.clear();
        self.inbox.drop_unfinished(&mut self.steps);
        self.frames = Frames::default();
        self.state = State::Idle;
        self.bare = Vec::new();
        self.enquired = None;
        self.query = None;
        true
    }
}
