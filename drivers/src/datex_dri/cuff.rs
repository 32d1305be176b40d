//! The cuff: the monitor repeats its last result for hours; it is told once, with its age (I4).
//!
//! G6: New is a result with other numbers, one whose bit "older than 60 s" has gone, or one with another time of its own.
//! Its age is never told younger than it can be. A result whose age nothing bounds is not told.

use std::time::Duration;

use vitals::{Code, Decimal, MonoTime, Observation, WallTime};

use super::record::{Group, Raw};
use super::twice::times_needed;
use crate::confirm::Trust;
use crate::dialogue::Seen;

/// What the bit "older" in the label means.
const OLDER: Duration = Duration::from_secs(60);

/// A result older than this is of no use to anybody, or its time is wrong.
const AGE_S_MAX: u32 = 24 * 3600;

/// What a record says about the cuff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    values: [Raw; 4],
    measuring: bool,
    older: bool,
    /// By the monitor's clock.
    time: Option<u32>,
}

impl Reading {
    /// Reads the group; label bit 5 is "measuring", bit 7 "calibrating", bit 8 "older than 60 s".
    pub(super) fn read(group: Group<'_>) -> Reading {
        Reading {
            values: [6, 8, 10, 12].map(|at| group.raw(at)),
            measuring: group.label & (1 << 5 | 1 << 7) != 0,
            older: group.label >> 8 & 1 == 1,
            time: None,
        }
    }

    /// The same reading with the time that the monitor gives it.
    pub(super) fn at(self, time: Option<u32>) -> Reading {
        Reading { time, ..self }
    }

    /// The cuff is not at work and there is a pressure.
    fn is_result(&self) -> bool {
        let [sys, _, mean, _] = self.values;
        !self.measuring && (sys.number().is_ok() || mean.number().is_ok())
    }

    /// `now` may be the same result as `self`, read later.
    fn lives_on_as(&self, now: &Reading) -> bool {
        let renewed = match (self.time, now.time) {
            (Some(was), Some(is)) => was != is,
            _ => self.older && !now.older,
        };
        self.values == now.values && !renewed
    }
}

/// What was told and what waits to be told.
#[derive(Debug, Default)]
pub(super) struct Cuff {
    known: Option<Reading>,
    waiting: Option<Waiting>,
    /// When a record last said anything about vitals: a result that was not in it is younger.
    last: Option<MonoTime>,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    reading: Reading,
    times: u32,
    /// When it was certainly not there yet.
    after: Option<MonoTime>,
}

impl Cuff {
    /// Takes what a record made at `clock` of the monitor says; gives the result's parts when it is a new one.
    pub(super) fn hear(
        &mut self,
        now: MonoTime,
        clock: Option<u32>,
        reading: Option<Reading>,
        trust: Trust,
    ) -> Vec<Seen> {
        let last = self.last.replace(now);
        let Some(reading) = reading.filter(Reading::is_result) else {
            self.waiting = None;
            return Vec::new();
        };
        if let Some(known) = &mut self.known
            && known.lives_on_as(&reading)
        {
            *known = reading;
            self.waiting = None;
            return Vec::new();
        }
        let waiting = match self
            .waiting
            .take()
            .filter(|was| was.reading.lives_on_as(&reading))
        {
            Some(was) => Waiting {
                reading,
                times: was.times + 1,
                ..was
            },
            None => Waiting {
                reading,
                times: 1,
                after: last,
            },
        };
        if waiting.times < times_needed(trust) {
            self.waiting = Some(waiting);
            return Vec::new();
        }
        self.known = Some(reading);
        match age(now, clock, waiting) {
            Some((ago, time)) => parts(reading, ago, time),
            None => Vec::new(),
        }
    }

    /// A result is there that was not read often enough yet.
    pub(super) fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }
}

/// The greatest age that the result can have, and its time by the monitor's clock where that can be believed.
fn age(now: MonoTime, clock: Option<u32>, waiting: Waiting) -> Option<(Duration, Option<WallTime>)> {
    let Reading { older, time, .. } = waiting.reading;
    let by_clock = clock.zip(time).and_then(|(clock, time)| {
        let seconds = clock.checked_sub(time).filter(|seconds| *seconds <= AGE_S_MAX)?;
        Some((Duration::from_secs(seconds.into()), time))
    });
    if let Some((ago, time)) = by_clock.filter(|(ago, _)| (*ago > OLDER) == older) {
        return Some((ago, Some(WallTime::from_unix_ms(i64::from(time) * 1000))));
    }
    let after = waiting.after.map(|after| now.since(after));
    match (older, after) {
        (false, after) => Some((after.map_or(OLDER, |after| after.min(OLDER)), None)),
        (true, Some(after)) => Some((after.max(OLDER), None)),
        (true, None) => None,
    }
}

fn parts(reading: Reading, ago: Duration, device_time: Option<WallTime>) -> Vec<Seen> {
    let codes = [
        (Code::NibpSys, 2),
        (Code::NibpDia, 2),
        (Code::NibpMean, 2),
        (Code::PrNibp, 0),
    ];
    let part = |((code, places), raw): ((Code, u8), Raw)| {
        let number = raw.number().ok()?;
        let seen = Observation {
            device_time,
            ..Observation::value(code, Decimal::new(number, places))
        };
        Some(Seen::Earlier { seen, ago })
    };
    codes.into_iter().zip(reading.values).filter_map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One record every five seconds: `131/84` fresh, `131/84*` older than 60 s, `131/84@30` measured 30 s before the first
    /// record by the monitor's clock, `measuring`, `.` for a record that did not come. Says what was told and its age.
    fn check(records: &str, told: &[&str]) {
        let mut cuff = Cuff::default();
        let mut all = Vec::new();
        for (place, word) in records.split_whitespace().enumerate() {
            let second = 1_000_000 + 5 * place as u64;
            if word == "." {
                continue;
            }
            let bare = word.trim_end_matches('*');
            let (numbers, before) = bare.split_once('@').unwrap_or((bare, ""));
            let (sys, dia) = numbers.split_once('/').unwrap_or(("0", "0"));
            let raw = |text: &str| Raw(text.parse::<i16>().unwrap() * 100);
            let reading = Reading {
                values: [raw(sys), raw(dia), Raw(-32767), Raw(-32767)],
                measuring: word == "measuring",
                older: word.ends_with('*'),
                time: before.parse::<u32>().ok().map(|before| 1_000_000 - before),
            };
            let clock = Some(second as u32);
            for seen in cuff.hear(
                MonoTime::from_ms(second * 1000),
                clock,
                Some(reading),
                Trust::Plain,
            ) {
                if let Seen::Earlier { seen, ago } = seen
                    && seen.code == Code::NibpSys
                {
                    let sys = seen.measured.value().unwrap().mantissa() / 100;
                    all.push(format!("{sys} {} s", ago.as_secs()));
                }
            }
        }
        assert_eq!(all, told, "{records}");
    }

    #[test]
    fn a_result_is_told_once_however_often_it_is_repeated() {
        check("measuring 131/84 131/84 131/84 131/84* 131/84*", &["131 10 s"]);
    }

    #[test]
    fn the_same_numbers_measured_again_are_a_new_result() {
        check(
            "120/80 120/80 120/80* 120/80* 120/80 120/80",
            &["120 60 s", "120 10 s"],
        );
        check("120/80@9 120/80@9 120/80@3 120/80@3", &["120 14 s", "120 18 s"]);
    }

    #[test]
    fn i4_a_result_of_unknown_age_is_not_told() {
        check("131/84* 131/84* 131/84*", &[]);
        check("131/84 131/84", &["131 60 s"]);
        check(
            "measuring . . . . . . . . . . . . . 131/84* 131/84*",
            &["131 75 s"],
        );
        check("measuring 131/84* 131/84*", &["131 60 s"]);
    }

    #[test]
    fn i4_the_monitors_own_time_is_believed_where_the_bit_agrees() {
        check("131/84@200* 131/84@200*", &["131 205 s"]);
        // The clocks within the monitor contradict its own bit.
        check("131/84@7000 131/84@7000", &["131 60 s"]);
    }

    #[test]
    fn a_single_wrong_record_tells_nothing() {
        check("120/80* 120/80* 99/80* 120/80* 120/80 120/80* 120/80*", &[]);
    }
}
