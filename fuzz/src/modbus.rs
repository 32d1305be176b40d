//! Modbus: any text as a map, and any answers of its unit. A map asks for what Modbus allows; an answer becomes nothing
//! that no living patient has (I5), and nothing from the future.
//!
//! An input is the text of a map, a zero byte, and answers. Without a text the byte after the zero names a built-in map.

use std::sync::Arc;

use drivers::Seen;
use drivers::catalog::Family;
use drivers::modbus_map::{
    Answer, BUILTIN, Finding, Found, LineTiming, Map, Poll, PollError, Poller, Request, UnitPlan,
};
use vitals::{Measured, MonoTime};

use crate::Target;
use crate::captures::{cases, directive, hex, read};

/// A line of one input.
const QUESTIONS_MAX: usize = 200;
/// Most sleeps between two questions.
const SLEEPS_MAX: usize = 10;
/// Most registers and most bits that one question may ask for.
const WORDS_MAX: u16 = 125;
const BITS_MAX: u16 = 2_000;

/// The answer has the right length; anything from here on.
const ANSWER: u8 = 6;

/// The target of all units that a map describes, with built-in maps and the answers of the cases as seeds.
pub fn target(family: &Family) -> Target {
    Target {
        name: family.name.to_owned(),
        run: Box::new(run),
        seeds: seeds(family),
    }
}

fn seeds(family: &Family) -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = BUILTIN.iter().map(|(_, text)| text.as_bytes().to_vec()).collect();
    for case in cases(family) {
        let capture = read(&case.join("capture.hex"));
        let map = directive(&capture, "map").unwrap_or_default();
        let mut seed = match BUILTIN.iter().position(|(name, _)| *name == map) {
            Some(place) => vec![0, u8::try_from(place).expect("few maps")],
            None => [read(&case.join(map)).as_bytes(), &[0]].concat(),
        };
        let tcp = directive(&capture, "transport") == Some("tcp");
        for answer in capture.lines().filter_map(|line| line.strip_prefix('<')) {
            let frame = hex(answer);
            // Unit, function and length in front; before them the head of TCP, behind them the checksum of RTU.
            let data = match tcp {
                true => frame.get(9..),
                false => frame.get(3..frame.len().saturating_sub(2)),
            };
            match data {
                Some(data) => seed.extend([&[ANSWER], data].concat()),
                None => seed.push(0),
            }
        }
        seeds.push(seed);
    }
    seeds
}

fn run(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
    let (text, answers) = data.split_at(end);
    let mut answers = answers.iter().skip(1).copied();
    let built_in = text.is_empty();
    let text = match built_in {
        true => {
            let place = usize::from(answers.next().unwrap_or(0)) % BUILTIN.len();
            BUILTIN[place].1.to_owned()
        }
        false => String::from_utf8_lossy(text).into_owned(),
    };
    match Map::parse("any.toml", &text) {
        Ok(map) => play(map, answers),
        Err(error) => {
            assert!(!built_in, "a built-in map is refused: {error}");
            assert!(error.line >= 1 && error.column >= 1, "{error}");
        }
    }
}

fn play(map: Map, mut answers: impl Iterator<Item = u8>) {
    let plan = UnitPlan {
        unit: 7,
        map: Arc::new(map),
    };
    let mut poller = Poller::new(vec![plan], LineTiming::tcp());
    let mut now = MonoTime::from_ms(86_400_000);
    for _ in 0..QUESTIONS_MAX {
        let Some(request) = next(&mut poller, &mut now) else {
            return;
        };
        let Some(answer) = answer(&request, &mut answers) else {
            return;
        };
        for finding in poller.answered(now, request.unit, answer) {
            judge(&finding, now);
        }
    }
}

fn next(poller: &mut Poller, now: &mut MonoTime) -> Option<Request> {
    for _ in 0..SLEEPS_MAX {
        match poller.next(*now) {
            Poll::Read(request) => {
                let most = if request.table.is_bits() {
                    BITS_MAX
                } else {
                    WORDS_MAX
                };
                assert!((1..=most).contains(&request.count), "{request:?}");
                let end = u32::from(request.addr) + u32::from(request.count);
                assert!(end <= 1 << 16, "{request:?}");
                return Some(request);
            }
            Poll::SleepUntil(at) => {
                assert!(at > *now, "it sleeps until a time that is over");
                *now = at;
            }
        }
    }
    None
}

/// The next answer; `None` = there are no more bytes.
fn answer(request: &Request, bytes: &mut impl Iterator<Item = u8>) -> Option<Result<Answer, PollError>> {
    Some(match bytes.next()? {
        0 => Err(PollError::Timeout),
        1 => Err(PollError::BadFrame),
        2 => Err(PollError::WrongAnswer),
        3 => Err(PollError::PortClosed),
        4 => Err(PollError::Exception(bytes.next()?)),
        5 => {
            let count = usize::from(bytes.next()?);
            Ok(Answer::Words((0..count).filter_map(|_| word(bytes)).collect()))
        }
        _ if request.table.is_bits() => {
            let packed: Vec<u8> = bytes.take(usize::from(request.count.div_ceil(8))).collect();
            let bit = |n: u16| {
                packed
                    .get(usize::from(n / 8))
                    .is_some_and(|byte| byte >> (n % 8) & 1 == 1)
            };
            Ok(Answer::Bits((0..request.count).map(bit).collect()))
        }
        _ => {
            let words: Option<Vec<u16>> = (0..request.count).map(|_| word(bytes)).collect();
            Ok(Answer::Words(words?))
        }
    })
}

fn word(bytes: &mut impl Iterator<Item = u8>) -> Option<u16> {
    Some(u16::from_be_bytes([bytes.next()?, bytes.next()?]))
}

fn judge(finding: &Finding, now: MonoTime) {
    assert!(finding.at <= now, "{finding:?} is told at {now:?}");
    if let Found::Saw(Seen::Vital(seen) | Seen::Earlier { seen, .. }) = &finding.what
        && let Measured::Value(value) = seen.measured
    {
        assert_eq!(seen.code.judge(value), seen.measured, "{seen:?}");
    }
}
