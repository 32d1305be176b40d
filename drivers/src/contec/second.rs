//! Sixty packets become one statement about the patient.
//!
//! - O2: A statement needs [`PACKETS_MIN`] packets within a second and a majority of them that agree on the state: finger
//!   in, finger out, searching.
//! - O3: A value is what the packets with the finger in say most often at their median. It stands by itself when more
//!   than half of them say it or one beside it; else it needs confirmation by the next second.
//! - O4: Finger out and searching are said when they have lasted for [`STATE_AFTER`].

use std::time::Duration;

use vitals::{AbsentReason, Code, Decimal, Measured, MonoTime};

use super::packets::{PI_MISSING, Packet};
use crate::confirm::Trust;
use crate::publisher::Said;

/// Packets of one second: the device sends 58 to 62.
const PACKETS: usize = 60;

/// Fewer say nothing.
const PACKETS_MIN: usize = 20;

/// A second on a line that loses packets.
const SECOND: Duration = Duration::from_millis(1050);

/// Packets that are older are not of this second.
const SECOND_MAX: Duration = Duration::from_millis(1500);

/// How long a finger must be out before it is said.
const STATE_AFTER: Duration = Duration::from_secs(2);

/// No pulse rate, no saturation.
const PR_MISSING: u8 = 255;
const SPO2_MISSING: u8 = 127;
/// The older generation writes this where it has neither.
const BOTH_MISSING: u8 = 127;

/// Collects the packets of a second.
#[derive(Debug)]
pub(super) struct Second {
    packets: Vec<Packet>,
    began: MonoTime,
    lasting: Option<(AbsentReason, MonoTime)>,
}

impl Second {
    pub(super) fn new() -> Self {
        Self {
            packets: Vec::with_capacity(PACKETS),
            began: MonoTime::BOOT,
            lasting: None,
        }
    }

    /// Takes a packet; returns what a second that ends with it says.
    pub(super) fn hear(&mut self, now: MonoTime, packet: Packet) -> Vec<Said> {
        let age = now.since(self.began);
        if !self.packets.is_empty() && age > SECOND_MAX {
            self.packets.clear();
            self.lasting = None;
        }
        if self.packets.is_empty() {
            self.began = now;
        }
        self.packets.push(packet);
        if self.packets.len() < PACKETS && now.since(self.began) < SECOND {
            return Vec::new();
        }
        let packets = std::mem::take(&mut self.packets);
        self.statement(now, &packets)
    }

    fn statement(&mut self, now: MonoTime, packets: &[Packet]) -> Vec<Said> {
        let most = |count: usize| count * 2 > packets.len();
        let count = |is: fn(&&Packet) -> bool| packets.iter().filter(is).count();
        // O2
        if packets.len() < PACKETS_MIN {
            return Vec::new();
        }
        let state = if most(count(|packet| packet.probe_error)) {
            Some(AbsentReason::ProbeOff)
        } else if most(count(|packet| packet.searching && !packet.probe_error)) {
            Some(AbsentReason::Searching)
        } else {
            None
        };
        let good: Vec<Packet> = packets
            .iter()
            .filter(|packet| !packet.probe_error && !packet.searching)
            .copied()
            .collect();
        match state {
            Some(reason) => self.absent(now, reason, packets),
            None => {
                self.lasting = None;
                if most(good.len()) {
                    values(&good)
                } else {
                    Vec::new()
                }
            }
        }
    }

    /// O4
    fn absent(&mut self, now: MonoTime, reason: AbsentReason, packets: &[Packet]) -> Vec<Said> {
        let since = match self.lasting {
            Some((was, since)) if was == reason => since,
            _ => self.began,
        };
        self.lasting = Some((reason, since));
        if now.since(since) < STATE_AFTER {
            return Vec::new();
        }
        let has_pi = packets.iter().all(|packet| packet.pi.is_some());
        let codes = [Some(Code::Spo2), Some(Code::Pr), has_pi.then_some(Code::Pi)];
        let said = |code| Said {
            code,
            measured: Measured::Absent(reason),
            raw: REASON,
            // More than half of at least twenty packets say so.
            trust: Trust::Redundant,
        };
        codes.into_iter().flatten().map(said).collect()
    }
}

/// A reason and a number never look alike.
const REASON: u64 = 1 << 32;

/// O3
fn values(good: &[Packet]) -> Vec<Said> {
    let spo2 = good.iter().map(|packet| u16::from(packet.spo2)).collect();
    let pr = good.iter().map(|packet| u16::from(pulse(packet))).collect();
    let pi: Vec<u16> = good.iter().filter_map(|packet| packet.pi).collect();
    let all = [(Code::Spo2, spo2), (Code::Pr, pr), (Code::Pi, pi)];
    all.into_iter()
        .filter_map(|(code, raws)| {
            let (raw, trust) = median(raws, if code == Code::Pi { 10 } else { 1 })?;
            Some(Said {
                code,
                measured: measured(code, raw),
                raw: u64::from(raw),
                trust,
            })
        })
        .collect()
}

/// 127 is a pulse rate like any other where there is a saturation beside it.
fn pulse(packet: &Packet) -> u8 {
    if packet.pr == BOTH_MISSING && packet.spo2 == SPO2_MISSING {
        PR_MISSING
    } else {
        packet.pr
    }
}

/// What was said most often beside the median, and whether more than half say it or at most `near` beside it.
fn median(mut raws: Vec<u16>, near: u16) -> Option<(u16, Trust)> {
    raws.sort_unstable();
    let middle = *raws.get(raws.len() / 2)?;
    // A wrong packet may stand just between two values that were said.
    let (_, said) = raws
        .chunk_by(|a, b| a == b)
        .filter_map(|run| Some((run.len(), *run.first()?)))
        .filter(|(_, raw)| raw.abs_diff(middle) <= near)
        .max_by_key(|(count, _)| *count)?;
    let agree = raws.iter().filter(|raw| raw.abs_diff(said) <= near).count();
    let trust = if agree * 2 > raws.len() {
        Trust::Redundant
    } else {
        Trust::Doubtful
    };
    Some((said, trust))
}

fn measured(code: Code, raw: u16) -> Measured {
    let number = i64::from(raw);
    match code {
        Code::Pi if raw == PI_MISSING => Measured::Absent(AbsentReason::NotAvailable),
        Code::Pi => code.judge(Decimal::new(number, 2)),
        Code::Pr if raw == u16::from(PR_MISSING) => Measured::Absent(AbsentReason::NotAvailable),
        Code::Spo2 if raw == u16::from(SPO2_MISSING) => Measured::Absent(AbsentReason::NotAvailable),
        _ => code.judge(Decimal::whole(number)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Packet = Packet {
        spo2: 97,
        pr: 72,
        pi: Some(420),
        probe_error: false,
        searching: false,
        pleth: 55,
    };

    fn told(said: &[Said]) -> String {
        said.iter()
            .map(|said| match said.measured {
                Measured::Value(value) => format!("{}={value} ", said.code.key()),
                Measured::Absent(reason) => format!("{}={reason:?} ", said.code.key()),
            })
            .collect()
    }

    /// One second of packets, and what it says.
    fn check(packets: &[Packet], expected: &str) {
        assert_eq!(told(&second(&mut Second::new(), 0, packets)), expected);
    }

    fn second(second: &mut Second, at_s: u64, packets: &[Packet]) -> Vec<Said> {
        let each = 1_000_000_000 / packets.len() as u64;
        let at = |n: usize| MonoTime::from_ns(at_s * 1_000_000_000 + n as u64 * each);
        let said = packets
            .iter()
            .enumerate()
            .flat_map(|(n, packet)| second.hear(at(n), *packet));
        said.collect()
    }

    #[test]
    fn o3_the_median_of_a_second_is_said() {
        check(&[GOOD; 60], "spo2=97 pr=72 pi=4.20 ");
        let odd = Packet {
            spo2: 12,
            pr: 200,
            pi: Some(9),
            ..GOOD
        };
        check(
            &[vec![odd; 25], vec![GOOD; 35]].concat(),
            "spo2=97 pr=72 pi=4.20 ",
        );
    }

    #[test]
    fn o3_a_second_that_does_not_agree_is_doubtful() {
        let spread: Vec<Packet> = (0..60).map(|n| Packet { spo2: 40 + n, ..GOOD }).collect();
        let said = second(&mut Second::new(), 0, &spread);
        assert_eq!(said.first().unwrap().trust, Trust::Doubtful);
        assert_eq!(said.get(1).unwrap().trust, Trust::Redundant);
    }

    #[test]
    fn special_values_are_reasons() {
        let none = Packet {
            spo2: 127,
            pr: 255,
            pi: Some(PI_MISSING),
            ..GOOD
        };
        check(&[none; 60], "spo2=NotAvailable pr=NotAvailable pi=NotAvailable ");
        let none = Packet {
            spo2: 127,
            pr: 127,
            pi: None,
            ..GOOD
        };
        check(&[none; 60], "spo2=NotAvailable pr=NotAvailable ");
        check(&[Packet { pr: 127, ..GOOD }; 60], "spo2=97 pr=127 pi=4.20 ");
        let zero = Packet {
            spo2: 0,
            pr: 0,
            pi: Some(0),
            ..GOOD
        };
        check(&[zero; 60], "spo2=NotMeasured pr=NotMeasured pi=NotMeasured ");
        let odd = Packet {
            spo2: 101,
            pr: 19,
            pi: Some(2201),
            ..GOOD
        };
        check(&[odd; 60], "spo2=Implausible pr=Implausible pi=Implausible ");
    }

    #[test]
    fn o2_too_few_packets_or_no_majority_say_nothing() {
        let mut few = Second::new();
        for n in 0..200 {
            assert_eq!(few.hear(MonoTime::from_ms(n * 60), GOOD), []);
        }
        let out = Packet {
            probe_error: true,
            ..GOOD
        };
        let search = Packet {
            searching: true,
            ..GOOD
        };
        check(&[[GOOD; 20], [out; 20], [search; 20]].concat(), "");
    }

    #[test]
    fn o4_finger_out_is_said_after_two_seconds_and_the_finger_in_at_once() {
        let mut at = Second::new();
        let out = [Packet {
            probe_error: true,
            searching: true,
            ..GOOD
        }; 60];
        let search = [Packet {
            searching: true,
            ..GOOD
        }; 60];
        assert_eq!(told(&second(&mut at, 0, &[GOOD; 60])), "spo2=97 pr=72 pi=4.20 ");
        assert_eq!(told(&second(&mut at, 1, &out)), "");
        assert_eq!(told(&second(&mut at, 2, &out)), "");
        assert_eq!(
            told(&second(&mut at, 3, &out)),
            "spo2=ProbeOff pr=ProbeOff pi=ProbeOff "
        );
        for s in 4..6 {
            assert_eq!(told(&second(&mut at, s, &search)), "");
        }
        assert!(told(&second(&mut at, 6, &search)).starts_with("spo2=Searching"));
        assert!(told(&second(&mut at, 7, &[GOOD; 60])).starts_with("spo2=97"));
    }

    #[test]
    fn a_second_that_a_silence_cut_says_nothing() {
        let mut cut = Second::new();
        for n in 0..40 {
            assert_eq!(cut.hear(MonoTime::from_ms(n * 16), GOOD), []);
        }
        assert_eq!(cut.hear(MonoTime::from_ms(9000), Packet { spo2: 80, ..GOOD }), []);
    }
}
