//! The site-wide alarm limits of vital signs, by category of patient. Sources: as in [`crate::alarm`].

use serde::Serialize;

use crate::bed::Category;
use crate::code::Code;
use crate::number::Decimal;

/// Lower and upper alarm limit of one value; `None` = no alarm on that side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Limits {
    /// Alarm below this.
    pub low: Option<Decimal>,
    /// Alarm above this.
    pub high: Option<Decimal>,
}

impl Limits {
    /// A value as a screen shows it: with the digits of its row in the table, as monitors do, however finely it was sent.
    /// One that is beyond a limit and would be rounded back to it keeps its digits: 89.6 below a limit of 90 is not "90".
    pub fn shown(&self, code: Code, value: Decimal) -> Decimal {
        let rounded = value.rounded(code.info().places);
        if self.is_beyond(value) == self.is_beyond(rounded) {
            rounded
        } else {
            value.trimmed()
        }
    }

    fn is_beyond(&self, value: Decimal) -> bool {
        self.low.is_some_and(|low| value < low) || self.high.is_some_and(|high| value > high)
    }

    /// The site-wide default of a category; no limits for what has no default.
    pub fn preset(category: Category, code: Code) -> Limits {
        use Category::{Adult, Child, Neonate};
        let both = |low: i64, high: i64| Limits {
            low: Some(Decimal::whole(low)),
            high: Some(Decimal::whole(high)),
        };
        match (code, category) {
            (Code::Hr | Code::Pr | Code::PrAbp, Adult) => both(50, 120),
            (Code::Hr | Code::Pr | Code::PrAbp, Child) => both(75, 160),
            (Code::Hr | Code::Pr | Code::PrAbp, Neonate) => both(100, 200),
            (Code::Spo2, Adult | Child) => Limits {
                low: Some(Decimal::whole(90)),
                high: None,
            },
            // The upper limit (95) makes sense on oxygen only: a person switches it on.
            (Code::Spo2, Neonate) => Limits {
                low: Some(Decimal::whole(85)),
                high: None,
            },
            (Code::Rr | Code::RrImpedance | Code::RrAirway | Code::RrCo2, Adult | Child) => both(8, 30),
            (Code::Rr | Code::RrImpedance | Code::RrAirway | Code::RrCo2, Neonate) => both(30, 100),
            (Code::NibpSys | Code::AbpSys, Adult) => both(90, 160),
            (Code::NibpSys | Code::AbpSys, Child) => both(70, 120),
            (Code::NibpSys | Code::AbpSys, Neonate) => both(40, 90),
            (Code::NibpDia | Code::AbpDia, Adult) => both(50, 90),
            (Code::NibpDia | Code::AbpDia, Child) => both(40, 70),
            (Code::NibpDia | Code::AbpDia, Neonate) => both(20, 60),
            (Code::NibpMean | Code::AbpMean, Adult) => both(60, 110),
            (Code::NibpMean | Code::AbpMean, Child) => both(50, 90),
            (Code::NibpMean | Code::AbpMean, Neonate) => both(25, 70),
            (
                Code::Temp
                | Code::TempBody
                | Code::TempCore
                | Code::TempRect
                | Code::TempOral
                | Code::TempTymp
                | Code::TempAxil,
                _,
            ) => both(36, 39),
            (Code::EtCo2, Adult | Child) => both(25, 50),
            (Code::EtCo2, Neonate) => both(30, 45),
            _ => Limits::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i4_a_number_is_shown_as_monitors_show_it_and_never_back_inside_its_limit() {
        let adult = |code, mantissa, places| {
            let limits = Limits::preset(Category::Adult, code);
            limits.shown(code, Decimal::new(mantissa, places)).to_string()
        };
        assert_eq!(adult(Code::Spo2, 8400, 2), "84");
        assert_eq!(adult(Code::Spo2, 8960, 2), "89.6");
        assert_eq!(adult(Code::Spo2, 9040, 2), "90");
        assert_eq!(adult(Code::Temp, 3904, 2), "39.04");
        assert_eq!(adult(Code::Temp, 3840, 2), "38.4");
        assert_eq!(adult(Code::Temp, 37, 0), "37", "no digit is invented");
    }

    #[test]
    fn every_preset_leaves_room_between_its_limits() {
        for row in crate::code::CODES {
            for category in [Category::Adult, Category::Child, Category::Neonate] {
                if let Limits {
                    low: Some(low),
                    high: Some(high),
                } = Limits::preset(category, row.code)
                {
                    assert!(low.plus(Decimal::whole(2)) <= high, "{} {category:?}", row.key);
                }
            }
        }
    }
}
