//! One value over one minute: what is kept for a year, and what goes first when much waits to be sent.

use std::time::Duration;

use crate::bed::{AdmissionId, BedId, DeviceId};
use crate::code::Code;
use crate::number::Decimal;
use crate::reading::Measured;
use crate::time::MonoTime;

/// How long a summary covers.
pub const SUMMARY_TIME: Duration = Duration::from_secs(60);

/// Everything that one device said about one value of one patient within one minute of the monotonic clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MinuteSummary {
    /// The device.
    pub device: DeviceId,
    /// The bed it stood at.
    pub bed: Option<BedId>,
    /// Whoever lay there; a change of admission begins another summary (I3).
    pub admission: Option<AdmissionId>,
    /// When the minute began.
    pub at: MonoTime,
    /// Which value.
    pub of: Summarised,
    /// The numbers; `None` = there was none in this minute.
    pub numbers: Option<Numbers>,
    /// Readings without a number (I5: they are counted, and never take part in the numbers).
    pub absent: u32,
}

/// What a summary is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Summarised {
    /// A value of a patient.
    Vital(Code),
    /// A value about the post itself.
    Site {
        /// The signal's id in its map file.
        signal: String,
        /// Its unit.
        unit: String,
    },
}

/// The numbers of one minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// How many; never 0.
    pub count: u32,
    /// The lowest.
    pub lowest: Decimal,
    /// The highest.
    pub highest: Decimal,
    /// Their mean, rounded to the places of the finest of them.
    pub mean: Decimal,
}

/// Numbers that are being gathered.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gathered {
    numbers: Option<(u32, Decimal, Decimal, Decimal)>,
    absent: u32,
}

impl Gathered {
    /// Takes one more reading in.
    pub fn take(&mut self, measured: Measured) {
        let Measured::Value(value) = measured else {
            self.absent = self.absent.saturating_add(1);
            return;
        };
        self.numbers = Some(match self.numbers {
            None => (1, value, value, value),
            Some((count, lowest, highest, sum)) => (
                count.saturating_add(1),
                lowest.min(value),
                highest.max(value),
                sum.plus(value),
            ),
        });
    }

    /// Readings without a number.
    pub fn absent(&self) -> u32 {
        self.absent
    }

    /// What has been gathered; `None` = no number.
    pub fn numbers(&self) -> Option<Numbers> {
        let (count, lowest, highest, sum) = self.numbers?;
        let half = i64::from(count / 2);
        let mantissa = sum.mantissa();
        let rounded = if mantissa < 0 {
            mantissa.saturating_sub(half)
        } else {
            mantissa.saturating_add(half)
        };
        Some(Numbers {
            count,
            lowest,
            highest,
            mean: Decimal::new(rounded / i64::from(count), sum.places()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::AbsentReason;

    fn gather(values: &[Option<(i64, u8)>]) -> (Option<(u32, String, String, String)>, u32) {
        let mut gathered = Gathered::default();
        for value in values {
            gathered.take(match value {
                Some((mantissa, places)) => Measured::Value(Decimal::new(*mantissa, *places)),
                None => Measured::Absent(AbsentReason::ProbeOff),
            });
        }
        let text = |numbers: Numbers| {
            let Numbers {
                count,
                lowest,
                highest,
                mean,
            } = numbers;
            (count, lowest.to_string(), highest.to_string(), mean.to_string())
        };
        (gathered.numbers().map(text), gathered.absent())
    }

    #[test]
    fn a_minute_keeps_its_extremes_and_its_mean() {
        let of = |count, lowest: &str, highest: &str, mean: &str| {
            Some((count, lowest.to_owned(), highest.to_owned(), mean.to_owned()))
        };
        assert_eq!(
            gather(&[Some((97, 0)), Some((84, 0)), Some((96, 0))]),
            (of(3, "84", "97", "92"), 0)
        );
        assert_eq!(
            gather(&[Some((366, 1)), Some((37, 0))]),
            (of(2, "36.6", "37", "36.8"), 0)
        );
        assert_eq!(
            gather(&[Some((-46, 1)), Some((-45, 1))]),
            (of(2, "-4.6", "-4.5", "-4.6"), 0)
        );
    }

    #[test]
    fn i5_what_is_absent_is_counted_and_is_no_number() {
        assert_eq!(gather(&[None, None]), (None, 2));
        let (numbers, absent) = gather(&[None, Some((0, 0))]);
        assert_eq!((numbers.unwrap().0, absent), (1, 1));
    }
}
