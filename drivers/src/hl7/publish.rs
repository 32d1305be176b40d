//! From the rows of a message to what a bed is told: each measurement once, with its true age.
//!
//! - H7: what a monitor repeats for hours (the last cuff pressure) is told once.
//! - H8: a single measurement whose age nobody knows is not told: it could be from before this patient (I3, I4).

use std::collections::BTreeMap;
use std::time::Duration;

use vitals::code::CodeKind;
use vitals::{AbsentReason, Code, Measured, Observation};

use super::oru::Row;
use super::stamp::Stamp;
use crate::dialogue::Seen;

/// A measurement that is younger counts as made now.
const NOW_WITHIN: Duration = Duration::from_secs(2);

/// What a bed was told last, by value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// `None` = something was told, but it was not kept: whatever comes is news.
    last: BTreeMap<Code, Option<(Option<Stamp>, Measured)>>,
}

/// The time by which the ages of a message are told.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sent {
    /// When the device wrote it, by the clock that its rows are dated by.
    pub at: Option<Stamp>,
    /// How long it was under way.
    pub late: Duration,
}

impl Told {
    /// What of these rows is news, in the order of their times; and how many were left out by H8.
    pub(crate) fn news(&mut self, mut rows: Vec<Row>, sent: Sent) -> (Vec<Seen>, u32) {
        rows.sort_by_key(|row| row.time);
        let cuff_moved = rows.iter().any(|row| is_cuff(row.code) && !self.is_told(row));
        let mut news = Vec::new();
        let mut without_age = 0;
        let mut here: Vec<(Code, Option<Stamp>)> = Vec::new();
        for row in rows {
            let undated = row.time.is_none();
            let again = if is_cuff(row.code) && undated {
                !cuff_moved
            } else {
                (row.spot || !undated) && self.is_told(&row)
            };
            // A second channel of the same value, or the same row twice.
            let twice = here.contains(&(row.code, row.time));
            here.push((row.code, row.time));
            if again || twice {
                continue;
            }
            let is_first = self
                .last
                .insert(row.code, Some((row.time, row.measured)))
                .is_none();
            match age(&row, sent, is_first) {
                Some(age) => news.push(seen(&row, age)),
                None => without_age += 1,
            }
        }
        (news, without_age)
    }

    fn is_told(&self, row: &Row) -> bool {
        self.last.get(&row.code) == Some(&Some((row.time, row.measured)))
    }

    /// What was told was not kept: the same again is news.
    pub(crate) fn forget(&mut self) {
        self.last.values_mut().for_each(|last| *last = None);
    }
}

fn is_cuff(code: Code) -> bool {
    code.info().kind == CodeKind::Intermittent
}

/// How old a value is; `None` = nobody can know.
fn age(row: &Row, sent: Sent, is_first: bool) -> Option<Duration> {
    let dated = match (row.time, sent.at) {
        (Some(time), Some(at)) => time.before(at),
        _ => None,
    };
    match dated {
        Some(age) => Some(age + sent.late),
        // What is measured all the time is measured now, and so is what has just changed. A reason has no age.
        None if !row.spot || !is_first || row.measured.value().is_none() => Some(sent.late),
        None => None,
    }
}

fn seen(row: &Row, ago: Duration) -> Seen {
    let seen = Observation {
        measured: row.measured,
        device_time: row.time.map(Stamp::wall),
        ..Observation::absent(row.code, AbsentReason::NotMeasured)
    };
    if ago < NOW_WITHIN {
        Seen::Vital(seen)
    } else {
        Seen::Earlier { seen, ago }
    }
}

#[cfg(test)]
mod tests {
    use vitals::Decimal;

    use super::*;

    fn row(code: Code, value: i64, time: &str) -> Row {
        Row {
            code,
            measured: Measured::Value(Decimal::whole(value)),
            spot: is_cuff(code),
            time: Stamp::read(time),
        }
    }

    fn sent(time: &str, late_s: u64) -> Sent {
        Sent {
            at: Stamp::read(time),
            late: Duration::from_secs(late_s),
        }
    }

    fn tell(told: &mut Told, rows: &[Row], sent: Sent) -> String {
        let (news, without_age) = told.news(rows.to_vec(), sent);
        let mut text: Vec<String> = news
            .iter()
            .map(|seen| match seen {
                Seen::Vital(seen) => format!("{}={}", seen.code.key(), seen.measured.value().unwrap()),
                Seen::Earlier { seen, ago } => {
                    let value = seen.measured.value().unwrap();
                    format!("{}={value}@{}", seen.code.key(), ago.as_secs())
                }
                _ => panic!("{seen:?}"),
            })
            .collect();
        if without_age > 0 {
            text.push(format!("left out {without_age}"));
        }
        text.join(" ")
    }

    #[test]
    fn h7_a_cuff_pressure_is_told_once_with_its_age() {
        let mut told = Told::default();
        let cuff = [
            row(Code::NibpSys, 120, "20260912120000"),
            row(Code::NibpDia, 80, "20260912120000"),
        ];
        assert_eq!(
            tell(&mut told, &cuff, sent("20260912120500", 0)),
            "nibp_s=120@300 nibp_d=80@300"
        );
        assert_eq!(tell(&mut told, &cuff, sent("20260912120501", 0)), "");
        let next = [row(Code::NibpSys, 120, "20260912121000")];
        assert_eq!(tell(&mut told, &next, sent("20260912121000", 0)), "nibp_s=120");
    }

    #[test]
    fn h8_without_any_age_only_a_change_is_told() {
        let mut told = Told::default();
        let old = [row(Code::NibpSys, 120, ""), row(Code::NibpDia, 80, "")];
        assert_eq!(tell(&mut told, &old, sent("", 0)), "left out 2");
        assert_eq!(tell(&mut told, &old, sent("", 0)), "");
        // One number of the cuff is another one: all of them are new.
        let new = [row(Code::NibpSys, 120, ""), row(Code::NibpDia, 75, "")];
        assert_eq!(tell(&mut told, &new, sent("", 0)), "nibp_s=120 nibp_d=75");
    }

    #[test]
    fn a_value_is_as_old_as_it_and_its_message_are() {
        let mut told = Told::default();
        let hr = |time| [row(Code::Hr, 60, time)];
        assert_eq!(
            tell(&mut told, &hr("20260912120000"), sent("20260912120001", 0)),
            "hr=60"
        );
        assert_eq!(
            tell(&mut told, &hr("20260912120010"), sent("20260912120020", 0)),
            "hr=60@10"
        );
        assert_eq!(
            tell(&mut told, &hr("20260912120030"), sent("20260912120030", 90)),
            "hr=60@90"
        );
        assert_eq!(tell(&mut told, &hr(""), sent("20260912120030", 90)), "hr=60@90");
        assert_eq!(tell(&mut told, &hr(""), sent("20260912120031", 0)), "hr=60");
    }

    #[test]
    fn several_times_in_one_message_come_in_their_order_and_a_second_channel_does_not_count() {
        let mut told = Told::default();
        let rows = [
            row(Code::Hr, 62, "20260912120010"),
            row(Code::Hr, 61, "20260912120000"),
            row(Code::Spo2, 97, ""),
            row(Code::Spo2, 91, ""),
        ];
        assert_eq!(
            tell(&mut told, &rows, sent("20260912120010", 0)),
            "spo2=97 hr=61@10 hr=62"
        );
    }
}
