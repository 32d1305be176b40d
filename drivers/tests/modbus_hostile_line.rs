//! What a bad line may do to a Modbus unit whose transport has no checksum: next to nothing may reach the screen that
//! the unit did not say (I5).

mod support;

use std::sync::Arc;
use std::time::Duration;

use drivers::Seen;
use drivers::modbus_map::{
    Answer, Found, LineTiming, Map, Poll, PollError, Poller, Request, UnitPlan, builtin,
};
use support::{Finger, ON, Patient, Random, ms, truth};
use vitals::code::CodeKind;
use vitals::{Code, Decimal, Measured, MonoTime, Observation};

const MINUTES: u64 = 30;

/// When the line begins, after the boot.
const BEGIN_S: u64 = 600;

/// The monitor always says that its cuff measured so long ago.
const CUFF_AGE_S: u16 = 5;

/// A bedside monitor behind a connection that damages bytes.
struct Monitor {
    patient: Patient,
    noise: Random,
    per_mille: u64,
    second: u64,
    /// What the patient was in the last seconds, newest last.
    sent: Vec<Finger>,
}

impl Monitor {
    fn seeded(seed: u64, per_mille: u64) -> Monitor {
        Monitor {
            patient: Patient::seeded(seed),
            noise: Random(seed),
            per_mille,
            second: BEGIN_S,
            sent: vec![ON; 3],
        }
    }

    /// The answer to a question. What a transport can see (transaction, protocol, length, unit, function, count) it
    /// refuses.
    fn answer(&mut self, now: MonoTime, request: Request) -> Result<Answer, PollError> {
        while self.second < now.as_ms() / 1000 {
            self.second += 1;
            self.sent.remove(0);
            self.sent.push(self.patient.next_second());
        }
        let finger = self.sent[2];
        let status = if finger.off { 2 } else { 0 };
        let bank = [
            status,
            80,
            finger.pr,
            u16::from(finger.spo2),
            16,
            366,
            120,
            80,
            93,
            CUFF_AGE_S,
        ];
        let asked = &bank[usize::from(request.addr)..usize::from(request.addr + request.count)];
        let mut bytes = vec![0, 1, 0, 0, 0, 23, 1, 4, 20];
        let head = bytes.clone();
        bytes.extend(asked.iter().flat_map(|word| word.to_be_bytes()));
        self.noise.corrupt(&mut bytes, self.per_mille);
        if bytes[..9] != head {
            return Err(PollError::WrongAnswer);
        }
        let words = bytes[9..]
            .chunks(2)
            .map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
        Ok(Answer::Words(words.collect()))
    }

    /// Everything that was true in the last two seconds.
    fn truth(&self, code: Code) -> Vec<Measured> {
        let fixed = |number| vec![Measured::Value(number)];
        match code {
            Code::Spo2 | Code::Pr => self.sent.iter().map(|finger| truth(*finger, code)).collect(),
            Code::Hr => fixed(Decimal::whole(80)),
            Code::Rr => fixed(Decimal::whole(16)),
            Code::Temp => fixed(Decimal::new(366, 1)),
            Code::NibpSys => fixed(Decimal::whole(120)),
            Code::NibpDia => fixed(Decimal::whole(80)),
            _ => fixed(Decimal::whole(93)),
        }
    }
}

#[derive(Debug, Default)]
struct Tally {
    shown: u32,
    wrong: u32,
    worst: i64,
}

impl Tally {
    fn count(&mut self, seen: Observation, truth: &[Measured]) {
        self.shown += 1;
        if truth.contains(&seen.measured) {
            return;
        }
        self.wrong += 1;
        println!("    false: {seen:?} instead of {truth:?}");
        let off = truth
            .iter()
            .filter_map(|truth| Some((truth.value()?, seen.measured.value()?)))
            .map(|(a, b)| (a.mantissa() - b.mantissa()).abs())
            .min();
        self.worst = self.worst.max(off.unwrap_or(999));
    }
}

impl Tally {
    /// A value of the wrong time is as false as a wrong value (I4).
    fn count_time(&mut self, age: Duration, truth: Duration) {
        if age.abs_diff(truth) > Duration::from_secs(3) {
            self.wrong += 1;
            println!("    false: {age:?} old instead of {truth:?}");
        }
    }
}

fn half_an_hour(per_mille: u64, seed: u64) -> Tally {
    let text = builtin("bedside-invented").expect("it is built in");
    let map = Arc::new(Map::parse("bedside-invented", text).expect("it is sound"));
    let mut poller = Poller::new(vec![UnitPlan { unit: 1, map }], LineTiming::tcp());
    let mut monitor = Monitor::seeded(seed, per_mille);
    let (mut now, mut tally) = (ms(BEGIN_S * 1000), Tally::default());
    while now < ms((BEGIN_S + MINUTES * 60) * 1000) {
        match poller.next(now) {
            Poll::SleepUntil(at) => now = at,
            Poll::Read(request) => {
                let answer = monitor.answer(now, request);
                now = now + Duration::from_millis(5);
                for finding in poller.answered(now, 1, answer) {
                    if let Found::Saw(Seen::Vital(seen)) = finding.what {
                        tally.count(seen, &monitor.truth(seen.code));
                        let age = match seen.code.info().kind {
                            CodeKind::Intermittent if seen.measured.value().is_some() => CUFF_AGE_S,
                            _ => 0,
                        };
                        tally.count_time(now.since(finding.at), Duration::from_secs(u64::from(age)));
                    }
                }
            }
        }
    }
    println!("{per_mille} of 1000 bytes wrong, seed {seed}: {tally:?}");
    tally
}

#[test]
fn i5_with_a_fifth_of_the_bytes_wrong_hardly_anything_false_is_shown() {
    let mut all = Tally::default();
    for seed in 1..=10 {
        let tally = half_an_hour(200, seed);
        all.shown += tally.shown;
        all.wrong += tally.wrong;
    }
    println!("five hours: {all:?}");
    assert!(all.shown > 0, "some truth must get through");
    assert!(
        all.wrong <= 1,
        "README.md of the family has the arithmetic: {all:?}"
    );
}

#[test]
fn i5_with_few_wrong_bytes_nothing_shown_is_further_off_than_one_step() {
    let mut all = Tally::default();
    for (per_mille, seed) in [(50, 2), (10, 3), (2, 4)] {
        let tally = half_an_hour(per_mille, seed);
        all.wrong += tally.wrong;
        all.worst = all.worst.max(tally.worst);
    }
    assert!(all.wrong <= 20 && all.worst <= 5, "{all:?}");
}

#[test]
fn a_clean_line_shows_every_second() {
    let tally = half_an_hour(0, 3);
    assert_eq!(tally.wrong, 0);
    // Five values a second; jumps and reasons of this restless patient wait for their confirmation.
    assert!(u64::from(tally.shown) > 5 * MINUTES * 60 * 95 / 100, "{tally:?}");
}
