//! A laboratory analyser that sends results as ASTM E1394 records in E1381 frames, and asks what is ordered.
//!
//! S1. It is a sender as the standard has it: ENQ, one frame at a time, each until it is acknowledged, EOT; after six
//!     refusals or 15 s without an answer it gives up, ends, and begins with the same message 10 s later.
//! S2. A message stays in its queue until its last frame was acknowledged: what the other end keeps, nobody else has.
//! S3. It answers an ENQ while it has nothing to say, and takes what comes; when two ENQ meet it comes again after 1 s.
//!
//! Results are those of an invented patient of an invented specimen; each specimen is another one.

use std::collections::VecDeque;
use std::time::Duration;

use crate::device::{Chunk, Device, Family, Options};
use crate::random::Random;
use crate::truth::Values;

/// The family, for [`crate::device::FAMILIES`].
pub const FAMILY: Family = Family {
    name: "astm",
    title: "a laboratory analyser (ASTM E1381/E1394) that sends a blood count for each specimen",
    options: &[
        ("interval_s", "seconds between two specimens; 60"),
        ("framing", "bare: records without frames, over TCP only"),
        (
            "frames",
            "cut: the message in a run of ETB frames of 60 bytes; lax: numbers 7 to 1, ETX after each block",
        ),
        ("control", "yes: every third specimen is a control material"),
        ("query", "yes: asks what is ordered before each specimen"),
        ("seed", "same seed, same results; 1"),
    ],
    make: |_patient, options| Ok(Box::new(Analyser::new(options)?)),
};

const STX: u8 = 0x02;
const ETX: u8 = 0x03;
const EOT: u8 = 0x04;
const ENQ: u8 = 0x05;
const ACK: u8 = 0x06;
const NAK: u8 = 0x15;
const ETB: u8 = 0x17;

const ANSWER_WAIT: Duration = Duration::from_secs(15);
const BUSY_WAIT: Duration = Duration::from_secs(10);
const CONTENTION_WAIT: Duration = Duration::from_secs(1);
const TRIES_MAX: u32 = 6;

/// So long it waits for the answer to a query before it goes on without one.
const QUERY_WAIT: Duration = Duration::from_secs(10);

/// Most messages that wait; the oldest go first.
pub const QUEUE_MAX: usize = 100;

/// Code, unit, range, middle and spread in hundredths.
type Test = (&'static str, &'static str, (f64, f64), (u64, u64));

/// What it measures.
const TESTS: [Test; 5] = [
    ("WBC", "10*3/uL", (4.0, 10.0), (720, 500)),
    ("RBC", "10*6/uL", (3.8, 5.8), (470, 150)),
    ("HGB", "g/dL", (12.0, 16.0), (1250, 600)),
    ("PLT", "10*3/uL", (150.0, 400.0), (22_000, 15_000)),
    ("CRP", "mg/L", (0.0, 5.0), (600, 590)),
];

/// The analyser.
#[derive(Debug)]
pub struct Analyser {
    interval: Duration,
    is_bare: bool,
    style: Style,
    has_controls: bool,
    asks: bool,
    random: Random,
    specimens: u64,
    due: Duration,
    queue: VecDeque<Vec<Chunk>>,
    state: State,
    /// What was heard of an answer to a query.
    heard: Vec<u8>,
    answered: u64,
    delivered: u64,
    is_query_under_way: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Usual,
    Cut,
    Lax,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing is sent before this.
    Idle(Duration),
    /// The ENQ (place 0) or a frame of the first message goes out now.
    Due { place: usize, tries: u32 },
    /// It went out and is not answered yet.
    Sent { place: usize, tries: u32, at: Duration },
    /// EOT goes out now; the next try is not before.
    Ending(Duration),
    /// The other end sends.
    Listening,
}

impl Analyser {
    /// An analyser whose first specimen is done after 2 s.
    ///
    /// # Errors
    /// An option that makes no sense.
    pub fn new(options: &Options) -> Result<Analyser, String> {
        let number = |key: &str, usual: u64| match options.get(key) {
            None => Ok(usual),
            Some(text) => match text.parse() {
                Ok(number) if number > 0 => Ok(number),
                _ => Err(format!("{key}={text} is no number above 0")),
            },
        };
        Ok(Analyser {
            interval: Duration::from_secs(number("interval_s", 60)?),
            is_bare: match options.get("framing") {
                None => false,
                Some("bare") => true,
                Some(other) => return Err(format!("framing={other}: write bare, or leave it out")),
            },
            style: match options.get("frames") {
                None => Style::Usual,
                Some("cut") => Style::Cut,
                Some("lax") => Style::Lax,
                Some(other) => return Err(format!("frames={other}: write cut or lax, or leave it out")),
            },
            has_controls: options.is_on("control"),
            asks: options.is_on("query"),
            random: Random::new(number("seed", 1)?),
            specimens: 0,
            due: Duration::from_secs(2),
            queue: VecDeque::new(),
            state: State::Idle(Duration::ZERO),
            heard: Vec::new(),
            answered: 0,
            delivered: 0,
            is_query_under_way: false,
        })
    }

    /// Messages whose last frame was acknowledged.
    pub fn delivered(&self) -> u64 {
        self.delivered
    }

    /// Messages that wait.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Answers to a query that say that there is nothing to do (`L|1|I`).
    pub fn answered(&self) -> u64 {
        self.answered
    }

    /// A specimen is done.
    fn finish(&mut self, at: Duration) {
        self.specimens += 1;
        let number = self.specimens;
        let now = clock(at);
        let is_control = self.has_controls && number.is_multiple_of(3);
        let letter = if is_control { "Q" } else { "P" };
        let head = format!("H|\\^&|||SimHema^1.0|||||||{letter}|LIS2-A2|{now}\r");
        if self.asks {
            let query = format!("Q|1|^S-{number}||ALL||||||||O\r");
            self.push(vec![
                (head.clone(), None),
                (query, None),
                ("L|1|N\r".to_owned(), None),
            ]);
        }
        let mut records = vec![
            (head, None),
            (format!("P|1||PT-{number:04}||NOBODY^SIM||19600101|F\r"), None),
            (format!("O|1|S-{number}||^^^CBC|R||{now}||||||||BLOOD\r"), None),
        ];
        for (place, (code, unit, (low, high), (middle, spread))) in TESTS.iter().enumerate() {
            let hundredths = middle + self.random.below(2 * spread + 1) - spread;
            let value = format!("{}.{:02}", hundredths / 100, hundredths % 100);
            let (measured, width) = (hundredths as f64 / 100.0, high - low);
            let flag = match measured {
                value if value < low - width / 2.0 => "LL",
                value if value < *low => "L",
                value if value > high + width => "HH",
                value if value > *high => "H",
                _ => "N",
            };
            let record = format!(
                "R|{}|^^^{code}|{value}|{unit}|{low}^{high}|{flag}||F||op1|{now}|{now}\r",
                place + 1
            );
            let said = format!("{value} {unit} {flag}");
            let truth = Values::from([(format!("S-{number}/{code}"), Some(said))]);
            records.push((record, (!is_control).then_some(truth)));
        }
        records.push(("L|1|N\r".to_owned(), None));
        self.push(records);
    }

    fn push(&mut self, records: Vec<(String, Option<Values>)>) {
        let all = || records.iter().map(|(text, _)| text.as_str()).collect::<String>();
        let truth = || {
            let values = records.iter().filter_map(|(_, truth)| truth.clone()).flatten();
            Some(values.collect::<Values>()).filter(|values| !values.is_empty())
        };
        let chunks = if self.is_bare {
            vec![Chunk {
                bytes: all().into_bytes(),
                truth: truth(),
            }]
        } else if self.style == Style::Cut {
            let text = all().into_bytes();
            let blocks = text.chunks(60).count();
            let block = |(place, block): (usize, &[u8])| Chunk {
                bytes: frame(place + 1, block, if place + 1 < blocks { ETB } else { ETX }),
                truth: (place + 1 == blocks).then(truth).flatten(),
            };
            text.chunks(60).enumerate().map(block).collect()
        } else {
            let lax = self.style == Style::Lax;
            let number = |place: usize| if lax { place % 7 + 1 } else { place + 1 };
            let record = |(place, (text, truth)): (usize, (String, Option<Values>))| Chunk {
                bytes: frame(number(place), text.as_bytes(), ETX),
                truth,
            };
            records.into_iter().enumerate().map(record).collect()
        };
        if self.queue.len() >= QUEUE_MAX {
            // What is under way stays.
            self.queue.remove(1);
        }
        self.queue.push_back(chunks);
    }

    /// A byte that answers what was sent, or asks.
    fn control(&mut self, at: Duration, byte: u8) {
        match (self.state, byte) {
            (State::Sent { place, .. }, ACK) => {
                let frames = self.queue.front().map_or(0, Vec::len);
                if place < frames {
                    self.state = State::Due {
                        place: place + 1,
                        tries: 0,
                    };
                } else {
                    self.queue.pop_front();
                    self.delivered += 1;
                    let wait = if std::mem::take(&mut self.is_query_under_way) {
                        QUERY_WAIT
                    } else {
                        Duration::ZERO
                    };
                    self.state = State::Ending(at + wait);
                }
            }
            (State::Sent { place: 0, .. }, NAK) => self.state = State::Idle(at + BUSY_WAIT),
            (State::Sent { place, tries, .. }, NAK) => {
                self.state = match tries + 1 < TRIES_MAX {
                    true => State::Due {
                        place,
                        tries: tries + 1,
                    },
                    false => State::Ending(at + BUSY_WAIT),
                };
            }
            (State::Sent { place: 0, .. }, ENQ) => self.state = State::Idle(at + CONTENTION_WAIT),
            (State::Sent { .. }, EOT) => self.state = State::Ending(at + BUSY_WAIT),
            _ => {}
        }
    }
}

impl Device for Analyser {
    fn hear(&mut self, at: Duration, bytes: &[u8]) {
        for byte in bytes {
            match (self.state, *byte) {
                (State::Idle(_), ENQ) => {
                    self.state = State::Listening;
                    self.heard = vec![ENQ];
                }
                (State::Listening, EOT) => {
                    self.answered += u64::from(self.heard.windows(5).any(|five| five == b"L|1|I"));
                    self.heard = Vec::new();
                    self.state = State::Idle(at);
                }
                (State::Listening, byte) => self.heard.push(byte),
                (_, byte) => self.control(at, byte),
            }
        }
    }

    fn next(&mut self, at: Duration) -> Option<Chunk> {
        while at >= self.due {
            let due = self.due;
            self.finish(due);
            self.due += self.interval;
        }
        match self.state {
            State::Idle(from) if at >= from && !self.queue.is_empty() => {
                if self.is_bare {
                    return self.queue.pop_front()?.pop();
                }
                self.state = State::Due { place: 0, tries: 0 };
                // A header, the question, and the end.
                self.is_query_under_way =
                    self.asks && self.queue.front().is_some_and(|first| first.len() == 3);
                self.next(at)
            }
            State::Idle(_) => None,
            State::Due { place, tries } => {
                self.state = State::Sent { place, tries, at };
                let frames = self.queue.front()?;
                let frame = place.checked_sub(1).and_then(|place| frames.get(place));
                Some(frame.cloned().unwrap_or_else(|| Chunk::plain(vec![ENQ])))
            }
            State::Sent { at: sent, .. } if at >= sent + ANSWER_WAIT => {
                self.state = State::Idle(at + BUSY_WAIT);
                Some(Chunk::plain(vec![EOT]))
            }
            State::Sent { .. } => None,
            State::Ending(next) => {
                self.state = State::Idle(next);
                Some(Chunk::plain(vec![EOT]))
            }
            // Every ENQ and every whole frame is acknowledged at once.
            State::Listening => {
                let is_whole = matches!(self.heard.last(), Some(b'\n' | &ENQ));
                if !is_whole {
                    return None;
                }
                self.heard.push(0);
                Some(Chunk::plain(vec![ACK]))
            }
        }
    }
}

/// Number, text and its end, with the sum of all of them.
fn frame(number: usize, text: &[u8], end: u8) -> Vec<u8> {
    let digit = b"01234567"[number % 8];
    let inner = [&[digit], text, &[end]].concat();
    let sum = inner.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    [&[STX][..], &inner, format!("{sum:02X}\r\n").as_bytes()].concat()
}

/// The analyser's clock: an invented day.
fn clock(at: Duration) -> String {
    let seconds = 11 * 3600 + at.as_secs();
    let (day, second) = (1 + seconds / 86_400 % 28, seconds % 86_400);
    format!(
        "202405{day:02}{:02}{:02}{:02}",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn analyser(options: &[(&str, &str)]) -> Analyser {
        let options = options
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Analyser::new(&Options(options.collect())).unwrap()
    }

    fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_vectors_of_the_sheet_come_out() {
        assert_eq!(
            frame(
                4,
                b"R|1|^^^WBC|7.21|10*3/uL|4.0^10.0|N||F||op1|20240514112400|\r",
                ETX
            ),
            b"\x024R|1|^^^WBC|7.21|10*3/uL|4.0^10.0|N||F||op1|20240514112400|\r\x0310\r\n"
        );
        assert_eq!(frame(8, b"L|1|N\r", ETX), b"\x020L|1|N\r\x0303\r\n");
    }

    #[test]
    fn s1_a_message_goes_frame_by_frame_and_ends() {
        let mut analyser = analyser(&[]);
        assert_eq!(analyser.next(s(1)), None);
        assert_eq!(analyser.next(s(2)).unwrap().bytes, [ENQ]);
        assert_eq!(analyser.next(s(2)), None);
        let mut texts = Vec::new();
        loop {
            analyser.hear(s(3), &[ACK]);
            let chunk = analyser.next(s(3)).unwrap();
            if chunk.bytes == [EOT] {
                break;
            }
            texts.push(String::from_utf8(chunk.bytes).unwrap());
        }
        let begins: Vec<&str> = texts.iter().map(|text| &text[1..3]).collect();
        assert_eq!(begins, ["1H", "2P", "3O", "4R", "5R", "6R", "7R", "0R", "1L"]);
        assert_eq!((analyser.delivered(), analyser.waiting()), (1, 0));
    }

    #[test]
    fn s1_s2_refused_six_times_or_never_answered_it_begins_again() {
        let mut analyser = analyser(&[]);
        analyser.next(s(2));
        analyser.hear(s(2), &[ACK]);
        let first = analyser.next(s(2)).unwrap();
        for _ in 0..5 {
            analyser.hear(s(2), &[NAK]);
            assert_eq!(analyser.next(s(2)), Some(first.clone()));
        }
        analyser.hear(s(2), &[NAK]);
        assert_eq!(analyser.next(s(2)).unwrap().bytes, [EOT]);
        assert_eq!(analyser.next(s(11)), None);
        assert_eq!(analyser.next(s(12)).unwrap().bytes, [ENQ]);
        analyser.hear(s(12), &[NAK]);
        assert_eq!(analyser.next(s(21)), None);
        assert_eq!(analyser.next(s(22)).unwrap().bytes, [ENQ]);
        assert_eq!(analyser.next(s(37)).unwrap().bytes, [EOT]);
        assert_eq!(analyser.next(s(47)).unwrap().bytes, [ENQ]);
        assert_eq!((analyser.delivered(), analyser.waiting()), (0, 1));
    }

    #[test]
    fn s3_two_enquiries_meet_and_an_answer_is_taken() {
        let mut analyser = analyser(&[("query", "yes")]);
        assert_eq!(analyser.next(s(2)).unwrap().bytes, [ENQ]);
        analyser.hear(s(2), &[ENQ]);
        assert_eq!(analyser.next(s(2)), None);
        analyser.hear(s(2), &[ENQ]);
        assert_eq!(analyser.next(s(2)).unwrap().bytes, [ACK]);
        for text in ["H|\\^&\r", "L|1|I\r"] {
            analyser.hear(s(2), &frame(1, text.as_bytes(), ETX));
            assert_eq!(analyser.next(s(2)).unwrap().bytes, [ACK]);
            assert_eq!(analyser.next(s(2)), None);
        }
        analyser.hear(s(3), &[EOT]);
        assert_eq!(
            (analyser.answered(), analyser.next(s(3)).unwrap().bytes),
            (1, vec![ENQ])
        );
    }

    #[test]
    fn a_queue_is_bounded_and_options_are_checked() {
        let mut analyser = analyser(&[("interval_s", "1")]);
        analyser.next(s(1_000));
        assert_eq!(analyser.waiting(), QUEUE_MAX);
        for wrong in [("interval_s", "0"), ("framing", "x"), ("frames", "x")] {
            assert!(Analyser::new(&Options(vec![(wrong.0.to_owned(), wrong.1.to_owned())])).is_err());
        }
    }
}
