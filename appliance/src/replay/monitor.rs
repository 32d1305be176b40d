//! What a bedside monitor would have said while a recording was made, look by look.
//!
//! A recording says no more than its numbers; what is read into it is this, and no more:
//! - a 0 where the value cannot be 0 and a number that no living patient has are absent, as at every line's door (I5,
//!   [`Code::judge`](vitals::Code::judge));
//! - a gap in a value that the recording has elsewhere is the sensor being off, as a living monitor says by its flag or its "no
//!   value"; the oximeter's, when saturation and pulse are missing together;
//! - where all of them are missing, the monitor said nothing;
//! - a cuff value is a measurement of its moment: between two of them the cuff says nothing.

use std::time::Duration;

use recordings::{Channel, Record};
use vitals::code::CodeKind;
use vitals::{AbsentReason, Code, Decimal, Observation};

/// What the files call the values that a post judges.
const NAMES: [(&str, Code); 11] = [
    ("HR", Code::Hr),
    ("PULSE", Code::Pr),
    ("SpO2", Code::Spo2),
    ("RESP", Code::Rr),
    ("TEMP", Code::Temp),
    ("ABPSys", Code::AbpSys),
    ("ABPDias", Code::AbpDia),
    ("ABPMean", Code::AbpMean),
    ("NBPSys", Code::NibpSys),
    ("NBPDias", Code::NibpDia),
    ("NBPMean", Code::NibpMean),
];

/// The longest recording that is replayed: a year and a month.
const LENGTH_S_MAX: f64 = 400.0 * 86_400.0;

/// Why a recording is not judged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotJudged {
    /// No number that alarms.
    #[error("holds no numbers, only {0}: Vitalpost alarms about numbers and looks at no curve")]
    CurvesOnly(String),
    /// Longer than any stay.
    #[error("is longer than 400 days; cut it shorter")]
    TooLong,
}

/// A moment of a recording. Rates are rounded in the files (0.0166666666667 Hz): to the millisecond, what belongs to one look
/// comes at one time.
fn moment(seconds: f64) -> Duration {
    // At most 400 days, and never negative.
    Duration::from_millis((seconds * 1_000.0).round() as u64)
}

/// A recording as a monitor tells it.
#[derive(Clone, Debug)]
pub struct Monitor {
    told: Vec<(Code, Channel)>,
    length: Duration,
}

impl Monitor {
    /// Takes the numbers that a post judges, and leaves the rest.
    ///
    /// # Errors
    /// When nothing is left, or it is too long.
    pub fn new(record: Record) -> Result<Monitor, NotJudged> {
        let names: Vec<String> = record
            .channels
            .iter()
            .map(|channel| channel.name.clone())
            .collect();
        let mut told: Vec<(Code, Channel)> = Vec::new();
        for channel in record.channels {
            let row = NAMES.iter().find(|row| row.0.eq_ignore_ascii_case(&channel.name));
            let Some((_, code)) = row.filter(|_| channel.is_numeric()) else {
                continue;
            };
            // A channel without one number was never connected.
            let has_number = channel.samples.iter().any(|sample| !sample.is_nan());
            if has_number && told.iter().all(|(known, _)| known != code) {
                told.push((*code, channel));
            }
        }
        if told.is_empty() {
            return Err(NotJudged::CurvesOnly(names.join(", ")));
        }
        let too_long = |channel: &Channel| channel.samples.len() as f64 * channel.period_s > LENGTH_S_MAX;
        if told.iter().any(|(_, channel)| too_long(channel)) {
            return Err(NotJudged::TooLong);
        }
        let length = |channel: &Channel| moment(channel.samples.len() as f64 * channel.period_s);
        let length = told.iter().map(|(_, channel)| length(channel)).max();
        Ok(Monitor {
            told,
            length: length.unwrap_or_default(),
        })
    }

    /// From the first look to the end of the last.
    pub fn length(&self) -> Duration {
        self.length
    }

    /// What it tells, as the file names it.
    pub fn names(&self) -> Vec<&str> {
        self.told
            .iter()
            .map(|(_, channel)| channel.name.as_str())
            .collect()
    }

    /// How often it tells each value.
    pub fn intervals(&self) -> impl Iterator<Item = (Code, Duration)> {
        let told = self.told.iter();
        told.map(|(code, channel)| (*code, moment(channel.period_s)))
    }

    /// Each look and what it sees, in order; looks that see nothing are left out.
    pub fn looks(&self) -> impl Iterator<Item = (Duration, Vec<Observation>)> {
        let mut next = vec![0_usize; self.told.len()];
        std::iter::from_fn(move || {
            let due = |place: usize| {
                let channel = &self.told[place].1;
                let index = next[place];
                (index < channel.samples.len()).then(|| moment(index as f64 * channel.period_s))
            };
            let now = (0..self.told.len()).filter_map(due).min()?;
            let now_due: Vec<usize> = (0..self.told.len())
                .filter(|place| due(*place).is_some_and(|at| at == now))
                .collect();
            // Whatever rounding moved the look by, it is of the sample that begins there.
            let moment = now + Duration::from_micros(500);
            let silent = self.is_silent(moment);
            let mut seen = Vec::with_capacity(now_due.len());
            for place in now_due {
                let (code, channel) = &self.told[place];
                let sample = channel.value(next[place]);
                next[place] += 1;
                seen.extend(self.observation(*code, sample, moment).filter(|_| !silent));
            }
            Some((now, seen))
        })
        .filter(|(_, seen)| !seen.is_empty())
    }

    fn observation(&self, code: Code, sample: Option<f64>, now: Duration) -> Option<Observation> {
        // Two places are finer than any monitor's; a number too large for a decimal is impossible as well.
        match sample {
            Some(sample) => Some(match Decimal::from_f64(sample, 2) {
                Some(value) => Observation::value(code, value.trimmed()),
                None => Observation::absent(code, AbsentReason::Implausible),
            }),
            None if is_of_a_moment(code) => None,
            None => Some(Observation::absent(code, self.gap(code, now))),
        }
    }

    fn gap(&self, code: Code, now: Duration) -> AbsentReason {
        let other = match code {
            Code::Spo2 => Code::Pr,
            Code::Pr => Code::Spo2,
            _ => return AbsentReason::ProbeOff,
        };
        // The other half of the oximeter has a number: the finger is there, the device is still looking.
        let other = self.told.iter().find(|(told, _)| *told == other);
        match other.and_then(|(_, channel)| channel.at(now)) {
            Some(_) => AbsentReason::Searching,
            None => AbsentReason::ProbeOff,
        }
    }

    fn is_silent(&self, now: Duration) -> bool {
        self.told.iter().all(|(_, channel)| channel.at(now).is_none())
    }
}

fn is_of_a_moment(code: Code) -> bool {
    code.info().kind == CodeKind::Intermittent
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitals::Measured;

    const GAP: f64 = f64::NAN;

    pub fn record(channels: &[(&str, f64, &[f64])]) -> Record {
        let channel = |(name, period_s, samples): &(&str, f64, &[f64])| Channel {
            name: (*name).to_owned(),
            period_s: *period_s,
            samples: samples.to_vec(),
        };
        Record {
            channels: channels.iter().map(channel).collect(),
            notes: Vec::new(),
        }
    }

    fn said(channels: &[(&str, f64, &[f64])]) -> Vec<(u64, Vec<String>)> {
        let monitor = Monitor::new(record(channels)).unwrap();
        let word = |seen: &Observation| match seen.measured {
            Measured::Value(value) => format!("{} {value}", seen.code.key()),
            Measured::Absent(reason) => format!("{} {reason:?}", seen.code.key()),
        };
        let looks = monitor.looks();
        looks
            .map(|(at, seen)| (at.as_secs(), seen.iter().map(word).collect()))
            .collect()
    }

    #[test]
    fn i5_a_zero_and_a_number_nobody_has_are_reasons_and_a_gap_is_a_sensor_that_is_off() {
        let said = said(&[
            ("HR", 1.0, &[80.0, 0.0, GAP, 81.26]),
            ("spo2", 1.0, &[97.0, 0.0, 130.0, 96.0]),
        ]);
        let expected = [
            (0, ["hr 80", "spo2 97"]),
            (1, ["hr NotMeasured", "spo2 NotMeasured"]),
            (2, ["hr ProbeOff", "spo2 Implausible"]),
            (3, ["hr 81.26", "spo2 96"]),
        ];
        assert_eq!(
            said,
            expected.map(|(at, words)| (at, words.map(str::to_owned).to_vec()))
        );
    }

    #[test]
    fn a_finger_is_off_when_both_its_values_are_missing_and_a_monitor_is_silent_when_all_are() {
        let said = said(&[
            ("HR", 1.0, &[80.0, 80.0, GAP]),
            ("PULSE", 1.0, &[80.0, GAP, GAP]),
            ("SpO2", 1.0, &[GAP, GAP, GAP]),
        ]);
        assert_eq!(
            said.len(),
            2,
            "SpO2 was never connected, and the last look is silence"
        );
        assert_eq!(said[1].1, ["hr 80", "pr ProbeOff"]);
        let said = self::said(&[
            ("PULSE", 1.0, &[80.0, GAP, 80.0]),
            ("SpO2", 1.0, &[GAP, GAP, 97.0]),
        ]);
        assert_eq!(said[0].1, ["pr 80", "spo2 Searching"]);
    }

    #[test]
    fn values_of_two_rates_come_when_they_are_due_and_a_cuff_only_when_it_measured() {
        let said = said(&[
            ("HR", 1.0, &[80.0, 81.0, 82.0, 83.0]),
            ("NBPSys", 2.0, &[120.0, GAP]),
        ]);
        let words: Vec<String> = said.into_iter().map(|(_, words)| words.join(" ")).collect();
        assert_eq!(words, ["hr 80 nibp_s 120", "hr 81", "hr 82", "hr 83"]);
    }

    #[test]
    fn a_rate_that_a_header_rounds_moves_no_value_out_of_its_look() {
        let said = said(&[
            ("PULSE", 1.0 / 0.0166666666667, &[70.0, GAP, 72.0]),
            ("SpO2", 1.0 / 0.0166666666667, &[97.0, GAP, GAP]),
            ("HR", 1.0 / 0.0166666666667, &[70.0, 71.0, 72.0]),
        ]);
        let times: Vec<u64> = said.iter().map(|(at, _)| *at).collect();
        assert_eq!(times, [0, 60, 120]);
        assert_eq!(said[1].1, ["pr ProbeOff", "spo2 ProbeOff", "hr 71"]);
        assert_eq!(said[2].1, ["pr 72", "spo2 Searching", "hr 72"]);
        let odd = self::said(&[
            ("PULSE", 1.0001, &[70.0, 71.0, 72.0]),
            ("SpO2", 1.0001, &[GAP, 97.0, GAP]),
        ]);
        assert_eq!(odd[2].1, ["pr 72", "spo2 Searching"]);
    }

    #[test]
    fn curves_and_what_lasts_for_ever_are_not_judged_and_say_why() {
        let why = |channels: &[(&str, f64, &[f64])]| Monitor::new(record(channels)).unwrap_err();
        let curves = why(&[("II", 0.004, &[0.1]), ("RESP", 0.008, &[0.2])]);
        assert!(curves.to_string().contains("only II, RESP"), "{curves}");
        assert_eq!(why(&[("HR", 1e300, &[70.0, 71.0])]), NotJudged::TooLong);
        assert_eq!(why(&[("HR", 86_400.0, &[70.0; 401])]), NotJudged::TooLong);
    }
}
