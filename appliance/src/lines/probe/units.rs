//! Looks for Modbus units: reads one register of each address in turn. Pure.
//!
//! What the register means is not known and does not matter: a good answer, or a refusal, says that somebody is there.
//! Nothing but function 3, read holding registers, is ever sent (I10).

use std::collections::VecDeque;
use std::time::Duration;

use drivers::{Dialogue, Seen, Step};
use vitals::{AbsentReason, Decimal, Measured, MonoTime};

/// Addresses that are tried; most devices are delivered with 1.
const UNITS_MAX: u8 = 20;

/// How long a unit may take to answer.
const ANSWER_WAIT: Duration = Duration::from_millis(280);

/// Most bytes that are kept: a flood is no answer.
const HEARD_BYTES_MAX: usize = 256;

/// The signal that says that the adapter sends back what it is told to send.
pub(super) const ECHO: &str = "echo";

/// Asks all addresses in turn, and each that answers once more.
#[derive(Debug)]
pub(super) struct Units {
    tcp: bool,
    /// Whose turn it is; 0 before the first.
    unit: u8,
    question: Vec<u8>,
    /// How often this unit has answered.
    answers: u8,
    answered: bool,
    next_at: MonoTime,
    heard: Vec<u8>,
    found: VecDeque<Seen>,
}

impl Units {
    /// `tcp`: a connection, whose frames have another envelope.
    pub(super) fn new(tcp: bool) -> Self {
        Self {
            tcp,
            unit: 0,
            question: Vec::new(),
            answers: 0,
            answered: false,
            next_at: MonoTime::BOOT,
            heard: Vec::new(),
            found: VecDeque::new(),
        }
    }

    fn ask(&mut self, now: MonoTime) -> Step {
        // Twice whoever has answered: one answer might be chance.
        if !std::mem::take(&mut self.answered) || self.answers > 1 {
            self.unit = self.unit % UNITS_MAX + 1;
            self.answers = 0;
        }
        self.heard.clear();
        self.next_at = now + ANSWER_WAIT;
        self.question = frame(self.tcp, &[self.unit, 3, 0, 0, 0, 1]);
        Step::Send(self.question.clone())
    }

    fn saw(&mut self, signal: String, measured: Measured) {
        self.found.push_back(Seen::Site {
            signal,
            measured,
            unit: String::new(),
        });
    }

    fn look(&mut self) {
        if self.heard.starts_with(&self.question) && !self.question.is_empty() {
            self.heard.drain(..self.question.len());
            self.saw(ECHO.to_owned(), Measured::Absent(AbsentReason::NotMeasured));
        }
        let value = |high: u8, low: u8| Decimal::whole(i64::from(u16::from_be_bytes([high, low])));
        let measured = match body(self.tcp, &self.heard) {
            Some(&[unit, 3, 2, high, low]) if unit == self.unit => Measured::Value(value(high, low)),
            Some(&[unit, 0x83, _code]) if unit == self.unit => Measured::Absent(AbsentReason::NotAvailable),
            _ => return,
        };
        self.heard.clear();
        if self.answered {
            return;
        }
        self.answered = true;
        self.answers += 1;
        self.saw(format!("unit {}", self.unit), measured);
    }
}

impl Dialogue for Units {
    fn heard(&mut self, _now: MonoTime, bytes: &[u8]) {
        let room = HEARD_BYTES_MAX.saturating_sub(self.heard.len());
        self.heard.extend(bytes.iter().take(room));
        self.look();
    }

    fn step(&mut self, now: MonoTime) -> Step {
        if let Some(seen) = self.found.pop_front() {
            return Step::Saw(seen);
        }
        if now >= self.next_at {
            return self.ask(now);
        }
        Step::SleepUntil(self.next_at)
    }
}

fn frame(tcp: bool, body: &[u8]) -> Vec<u8> {
    if tcp {
        return [&[0, 1, 0, 0, 0, 6], body].concat();
    }
    [body, &crc(body).to_le_bytes()].concat()
}

/// What stands in the envelope, if that is right.
fn body(tcp: bool, heard: &[u8]) -> Option<&[u8]> {
    if tcp {
        let (head, body) = heard.split_at_checked(6)?;
        let length = usize::from(*head.get(5)?);
        return (head.starts_with(&[0, 1, 0, 0, 0]) && length == body.len()).then_some(body);
    }
    let (body, sum) = heard.split_at_checked(heard.len().checked_sub(2)?)?;
    (sum == crc(body).to_le_bytes()).then_some(body)
}

fn crc(bytes: &[u8]) -> u16 {
    crc::Crc::<u16>::new(&crc::CRC_16_MODBUS).checksum(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays the units with these addresses for a while; what was asked and what was found.
    fn search(tcp: bool, there: &[u8], echo: bool) -> (Vec<u8>, Vec<String>) {
        let mut units = Units::new(tcp);
        let (mut asked, mut found) = (Vec::new(), Vec::new());
        let mut now = MonoTime::from_ms(1_000);
        while now < MonoTime::from_ms(12_000) {
            match units.step(now) {
                Step::Send(question) => {
                    let body = body(tcp, &question).unwrap().to_vec();
                    assert_eq!(body[1..], [3, 0, 0, 0, 1], "I10");
                    asked.push(body[0]);
                    if echo {
                        units.heard(now, &question);
                    }
                    if there.contains(&body[0]) {
                        let answer = if body[0] == 7 {
                            vec![7, 0x83, 2]
                        } else {
                            vec![body[0], 3, 2, 1, 2]
                        };
                        let mut answer = frame(tcp, &answer);
                        if tcp {
                            answer[5] = u8::try_from(answer.len() - 6).unwrap();
                        }
                        for byte in answer {
                            units.heard(now, &[byte]);
                        }
                    }
                }
                Step::Saw(seen) => found.push(drivers::tell::tell_seen(&seen)),
                Step::SleepUntil(until) => now = until,
                other => panic!("{other:?}"),
            }
        }
        (asked, found)
    }

    #[test]
    fn units_that_answer_or_refuse_are_found_and_asked_twice() {
        for tcp in [false, true] {
            let (asked, found) = search(tcp, &[3, 7], false);
            assert_eq!(asked[..9], [1, 2, 3, 3, 4, 5, 6, 7, 7]);
            assert_eq!(found[..2], ["unit 3 258 ", "unit 3 258 "]);
            assert_eq!(found[2], "unit 7 NotAvailable ");
            assert!(asked.contains(&UNITS_MAX));
        }
        assert_eq!(search(false, &[], false).1, Vec::<String>::new());
    }

    #[test]
    fn an_adapter_that_sends_back_what_it_is_told_is_noticed_and_is_no_unit() {
        let (_, found) = search(false, &[2], true);
        assert_eq!(found[0], "echo NotMeasured ");
        assert_eq!(
            found.iter().filter(|line| line.starts_with("unit 2")).count() % 2,
            0
        );
        assert!(found.iter().all(|line| !line.starts_with("unit 1 ")));
    }
}
