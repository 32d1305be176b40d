//! Other rules than the post's, to try on recordings: what each part of a rule is worth is seen by leaving it out.
//!
//! The post itself always runs with [`Tuning::default`], which changes nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use vitals::alarm::Rule;
use vitals::{Code, Condition, Decimal, Limits, Side};

use super::Alarms;

/// What is different from the rules of the post.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tuning {
    /// Every condition is announced at the first look that sees it.
    pub without_delay: bool,
    /// Every alarm ends at the first look that does not see its condition: no deadband, and no time to stay gone.
    pub without_deadband: bool,
    /// A condition that comes back is always another alarm, each value of a sensor tells for itself that the sensor is off,
    /// and a pulse alarms beside a heart rate.
    pub without_merging: bool,
    /// Limits in place of the preset ones.
    pub limits: BTreeMap<(Code, Side), Decimal>,
    /// Delays of limit alarms in place of those of the table; [`Tuning::without_delay`] leaves these out too.
    pub delays: BTreeMap<(Code, Side), Duration>,
}

impl Tuning {
    /// The `rule` of a condition with what is tried and what is left out.
    pub(super) fn rule(&self, condition: Condition, mut rule: Rule) -> Rule {
        if let Condition::Limit { code, side } = condition
            && let Some(delay) = self.delays.get(&(code, side))
        {
            rule.delay = *delay;
        }
        if self.without_delay {
            rule.delay = Duration::ZERO;
        }
        if self.without_deadband {
            rule.deadband = Decimal::whole(0);
            rule.clear_after = Duration::ZERO;
        }
        if self.without_merging {
            rule.same_alarm_within = Duration::ZERO;
        }
        rule
    }

    /// `preset` with the limits that are tried.
    pub(super) fn limits(&self, code: Code, preset: Limits) -> Limits {
        let tried = |side| self.limits.get(&(code, side)).copied();
        Limits {
            low: tried(Side::Low).or(preset.low),
            high: tried(Side::High).or(preset.high),
        }
    }
}

impl Alarms {
    /// The same alarms by other rules.
    #[must_use]
    pub fn tuned(self, tuning: Tuning) -> Alarms {
        Alarms { tuning, ..self }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use vitals::{AbsentReason, AlarmChange, BedId, BootId, Category, Epoch, MonoTime, Observation, Reading};

    /// What is raised when these are seen second by second.
    fn raised(tuning: Tuning, seen: &[&[Observation]]) -> Vec<(String, u64, u32)> {
        let bed: BedId = "1".parse().unwrap();
        let of = HashMap::from([(bed.clone(), Category::Adult)]);
        let mut alarms = Alarms::new(BootId([1; 16]), Epoch(1), of).tuned(tuning);
        let mut out: Vec<AlarmChange> = Vec::new();
        for (second, seen) in seen.iter().enumerate() {
            let now = MonoTime::from_ms(second as u64 * 1_000);
            for seen in *seen {
                let reading = Reading {
                    device: "dev".parse().unwrap(),
                    bed: Some(bed.clone()),
                    admission: None,
                    at: now,
                    seen: *seen,
                };
                alarms.reading(&reading, now, &mut out);
            }
            alarms.tick(now, &mut out);
        }
        let announced = out
            .iter()
            .filter(|change| change.phase == vitals::AlarmPhase::Active);
        announced
            .map(|change| (change.condition.key(), change.at.as_ms() / 1_000, change.onsets))
            .collect()
    }

    fn value(code: Code, value: i64) -> Observation {
        Observation::value(code, Decimal::whole(value))
    }

    fn onset(condition: &str, second: u64, onsets: u32) -> (String, u64, u32) {
        (condition.to_owned(), second, onsets)
    }

    #[test]
    fn without_delay_one_look_beyond_the_limit_is_an_alarm() {
        let (fine, low) = ([value(Code::Spo2, 95)], [value(Code::Spo2, 88)]);
        let looks: [&[Observation]; 3] = [&fine, &low, &fine];
        assert_eq!(raised(Tuning::default(), &looks), []);
        let tuning = Tuning {
            without_delay: true,
            ..Tuning::default()
        };
        assert_eq!(raised(tuning, &looks), [onset("limit.spo2.low", 1, 1)]);
    }

    #[test]
    fn without_deadband_a_value_at_its_limit_alarms_again_and_again() {
        let looks = [[value(Code::Spo2, 89)], [value(Code::Spo2, 90)]];
        let looks: Vec<&[Observation]> = looks.iter().cycle().take(40).map(|look| &look[..]).collect();
        let tuning = |without_deadband| Tuning {
            without_delay: true,
            without_deadband,
            ..Tuning::default()
        };
        assert_eq!(raised(tuning(false), &looks).len(), 1);
        assert_eq!(raised(tuning(true), &looks).len(), 20);
    }

    #[test]
    fn without_merging_each_value_of_a_sensor_and_each_return_is_an_alarm_and_a_pulse_counts_beside_the_heart()
     {
        let on = [value(Code::Hr, 80), value(Code::Pr, 40), value(Code::Spo2, 97)];
        let off = [Code::Pr, Code::Spo2].map(|code| Observation::absent(code, AbsentReason::ProbeOff));
        let looks: Vec<&[Observation]> = (0..32)
            .map(|second| if second % 16 < 8 { &on[..] } else { &off[..] })
            .collect();
        let merged = [onset("probe_off.spo2", 12, 1), onset("probe_off.spo2", 28, 2)];
        assert_eq!(raised(Tuning::default(), &looks), merged);
        let tuning = Tuning {
            without_merging: true,
            ..Tuning::default()
        };
        let mut conditions: Vec<_> = raised(tuning, &looks).into_iter().collect();
        conditions.sort();
        conditions.dedup_by_key(|onset| (onset.0.clone(), onset.1));
        let expected = [
            onset("limit.pr.low", 5, 1),
            onset("probe_off.pr", 12, 1),
            onset("probe_off.pr", 28, 1),
            onset("probe_off.spo2", 12, 1),
            onset("probe_off.spo2", 28, 1),
        ];
        assert_eq!(conditions, expected);
    }

    #[test]
    fn a_delay_that_is_tried_stands_in_place_of_the_tables_on_its_side_only() {
        let look = [value(Code::Spo2, 89), value(Code::Hr, 121)];
        let looks = [&look[..]; 40];
        let tried = |side, without_delay| Tuning {
            delays: BTreeMap::from([((Code::Spo2, side), Duration::from_secs(30))]),
            without_delay,
            ..Tuning::default()
        };
        let (hr, spo2) = (onset("limit.hr.high", 5, 1), onset("limit.spo2.low", 10, 1));
        assert_eq!(raised(tried(Side::High, false), &looks), [hr.clone(), spo2]);
        let late = onset("limit.spo2.low", 30, 1);
        assert_eq!(raised(tried(Side::Low, false), &looks), [hr, late]);
        let mut all = raised(tried(Side::Low, true), &looks);
        all.sort();
        assert_eq!(all, [onset("limit.hr.high", 0, 1), onset("limit.spo2.low", 0, 1)]);
    }

    #[test]
    fn a_limit_that_is_tried_stands_in_place_of_the_preset_one() {
        let look = [value(Code::Spo2, 89), value(Code::Hr, 119)];
        let looks = [&look[..]; 12];
        let tried = |side, code, limit| Tuning {
            limits: BTreeMap::from([((code, side), Decimal::whole(limit))]),
            ..Tuning::default()
        };
        assert_eq!(
            raised(Tuning::default(), &looks),
            [onset("limit.spo2.low", 10, 1)]
        );
        assert_eq!(raised(tried(Side::Low, Code::Spo2, 88), &looks), []);
        let fast = raised(tried(Side::High, Code::Hr, 110), &looks);
        assert_eq!(
            fast,
            [onset("limit.hr.high", 5, 1), onset("limit.spo2.low", 10, 1)]
        );
    }
}
