//! Cuff pressure: the device repeats its last result for hours and does not say when it was measured.
//!
//! D11: What stands there when the session begins is of unknown age and is not shown. A triple that changes while we listen
//! is a new measurement; it is told once, with the time since the list before the first that had it, so never younger
//! than it is. A new measurement with exactly the three old numbers cannot be told from the old one.

use vitals::{Code, MonoTime, Observation};

use super::lists::{self, Digits, Told};
use super::values::Moment;
use crate::dialogue::{LineFault, Seen, Step};
use crate::steps::Steps;

const CODES: [Code; 3] = [Code::NibpSys, Code::NibpDia, Code::NibpMean];

type Triple = [Digits; 3];

/// The cuff of one device.
#[derive(Debug, Default)]
pub(super) struct Cuff {
    known: Option<Triple>,
    waiting: Option<Waiting>,
    /// When the last list came.
    last: Option<MonoTime>,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    triple: Triple,
    said: u32,
    /// When the list came that did not have it yet; `None`: there was none.
    after: Option<MonoTime>,
}

impl Cuff {
    /// A list has these numbers; the cuff counts only with all three.
    pub(super) fn hear(&mut self, moment: Moment, digits: impl Fn(Code) -> Option<Digits>, out: &mut Steps) {
        let before = self.last.replace(moment.now);
        let [Some(sys), Some(dia), Some(mean)] = CODES.map(digits) else {
            self.waiting = None;
            return;
        };
        let triple = [sys, dia, mean];
        let is_number = |digits: &Digits| matches!(lists::number(*digits), Told::Number(_));
        if self.known == Some(triple) || !triple.iter().all(is_number) {
            self.waiting = None;
            return;
        }
        let was = self.waiting.filter(|waiting| waiting.triple == triple);
        let waiting = Waiting {
            triple,
            said: was.map_or(1, |was| was.said.saturating_add(1)),
            after: was.map_or(before, |was| was.after),
        };
        if waiting.said < if moment.is_noisy { 3 } else { 2 } {
            self.waiting = Some(waiting);
            out.fault(LineFault::Unconfirmed);
            return;
        }
        self.waiting = None;
        let had_one = self.known.replace(triple).is_some();
        if let Some(after) = waiting.after.filter(|_| had_one) {
            tell(moment.now, triple, after, out);
        }
    }
}

fn tell(now: MonoTime, triple: Triple, after: MonoTime, out: &mut Steps) {
    for (code, digits) in CODES.into_iter().zip(triple) {
        if let Told::Number(value) = lists::number(digits) {
            out.push(Step::Saw(Seen::Earlier {
                seen: Observation::value(code, value),
                ago: now.since(after),
            }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::alarms::Oximeter;
    use super::super::values::Facts;
    use super::*;

    /// One list a second, `120` or `.`; the seconds in which a measurement was told, with its age.
    fn check(lists: &str, told: &str) {
        let (mut cuff, mut found) = (Cuff::default(), Vec::new());
        for (second, word) in lists.split_whitespace().enumerate() {
            let mut steps = Steps::default();
            let moment = Moment {
                now: MonoTime::from_ms(second as u64 * 1000),
                is_noisy: false,
                facts: Facts::default(),
                oximeter: Oximeter::Fine,
            };
            let digits = |_| format!("{word:>4}").into_bytes().try_into().ok();
            cuff.hear(moment, |code| digits(code).filter(|_| word != "."), &mut steps);
            while let Some(step) = steps.take() {
                if let Step::Saw(Seen::Earlier { seen, ago }) = step
                    && seen.code == Code::NibpSys
                {
                    let value = seen.measured.value().unwrap();
                    found.push(format!("{second}:{value}-{}", ago.as_secs()));
                }
            }
        }
        assert_eq!(found.join(" "), told, "{lists}");
    }

    #[test]
    fn d11_what_stood_there_at_the_beginning_is_not_shown() {
        check("120 120 120 120", "");
        check(". . 120 120 120", "");
    }

    #[test]
    fn d11_a_change_is_told_once_with_its_age() {
        check("120 120 120 131 131 131 131", "4:131-2");
        check("120 120 131 125 131 131 131", "5:131-2");
        check("120 120 . . 131 131 . 131", "5:131-2");
        check("120 120 120 999 120 120", "");
    }
}
