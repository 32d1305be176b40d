//! The calendar of a device that prints the date in its lines.

use std::time::Duration;

/// A moment as a device's clock shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// With the century.
    pub year: u64,
    /// 1 to 12.
    pub month: usize,
    /// 1 to 31.
    pub day: u64,
    /// Seconds since midnight.
    pub second: u64,
}

/// Where the clocks of simulated devices stand when they are switched on: shortly before a midnight, so that it passes.
pub const SWITCHED_ON: Moment = Moment {
    year: 2016,
    month: 2,
    day: 28,
    second: 23 * 3600 + 50 * 60,
};

impl Moment {
    /// This much later.
    pub fn after(self, time: Duration) -> Moment {
        let second = self.second + time.as_secs();
        let mut later = Moment {
            second: second % 86_400,
            ..self
        };
        for _ in 0..second / 86_400 {
            later = later.next_day();
        }
        later
    }

    /// `hh:mm:ss`.
    pub fn clock(self) -> String {
        let (hour, minute, second) = (self.second / 3600, self.second / 60 % 60, self.second % 60);
        format!("{hour:02}:{minute:02}:{second:02}")
    }

    fn next_day(self) -> Moment {
        let leap =
            self.year.is_multiple_of(4) && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        let days = match self.month {
            2 => 28 + u64::from(leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        match (self.day < days, self.month < 12) {
            (true, _) => Moment {
                day: self.day + 1,
                ..self
            },
            (false, true) => Moment {
                day: 1,
                month: self.month + 1,
                ..self
            },
            (false, false) => Moment {
                day: 1,
                month: 1,
                year: self.year + 1,
                ..self
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_months_and_years_end_where_they_should() {
        let after = |days: u64| {
            let later = SWITCHED_ON.after(Duration::from_secs(600 + days * 86_400));
            (later.year, later.month, later.day, later.clock())
        };
        assert_eq!(after(0), (2016, 2, 29, "00:00:00".to_owned()));
        assert_eq!(after(1), (2016, 3, 1, "00:00:00".to_owned()));
        assert_eq!(after(307), (2017, 1, 1, "00:00:00".to_owned()));
        assert_eq!(after(307 + 59).1, 3);
    }
}
