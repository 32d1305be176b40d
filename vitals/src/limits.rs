//! The site-wide alarm limits of vital signs, by category of patient. Sources: as in [`crate::alarm`].

use schemars::JsonSchema;
use serde::Serialize;

use crate::bed::{AdmissionId, BedId, Category};
use crate::code::Code;
use crate::number::Decimal;
use crate::reading::Measured;

/// Lower and upper alarm limit of one value; `None` = no alarm on that side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, JsonSchema, Serialize)]
pub struct Limits {
    /// Alarm below this.
    pub low: Option<Decimal>,
    /// Alarm above this.
    pub high: Option<Decimal>,
}

/// Limits of one value that a person set for one stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitsSet {
    /// Where the patient lay.
    pub bed: BedId,
    /// Whose limits.
    pub admission: AdmissionId,
    /// Of which value.
    pub code: Code,
    /// The limits; `None` = those of the age group count again.
    pub limits: Option<Limits>,
    /// Who set them.
    pub by: String,
}

/// Limits that cannot be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitsError {
    /// This value never alarms by limits.
    #[error("{} has no alarm limits", .0.info().label)]
    NoLimits(Code),
    /// Not a number, or none that this value can have in a living patient.
    #[error(
        "a number from {} to {} with at most {} digits after the point for {}",
        .0.info().plausible.0, .0.info().plausible.1, .0.info().places, .0.info().label
    )]
    NotANumber(Code),
    /// The lower limit is not below the upper one by at least 2.
    #[error("the lower limit must be at least 2 below the upper one")]
    TooClose,
    /// SpO2 below its limit cannot be switched off.
    #[error(
        "the lower limit of SpO2 cannot be switched off, nor set below {}",
        crate::alarm::DESATURATION_SPO2
    )]
    Spo2Low,
}

/// Lowest and highest limit that "suggest from the current value" proposes for a heart rate, and for breathing.
const PROPOSED_HR: (i64, i64) = (40, 240);
const PROPOSED_RR: (i64, i64) = (6, 30);

/// A limit as a person writes it, with a point or a comma.
///
/// # Errors
/// No number that the value can have.
pub fn written(text: &str, code: Code) -> Result<Decimal, LimitsError> {
    let written: Option<f64> = text.trim().replace(',', ".").parse().ok();
    let exact = |written: f64| {
        let limit = Decimal::from_f64(written, code.info().places)?;
        let is_same = (limit.as_f64() - written).abs() < 1e-9;
        (is_same && matches!(code.judge(limit), Measured::Value(_))).then_some(limit)
    };
    written.and_then(exact).ok_or(LimitsError::NotANumber(code))
}

impl Limits {
    /// These limits, when they may be set for this value.
    ///
    /// # Errors
    /// One sentence that says what to do.
    pub fn checked(self, code: Code) -> Result<Limits, LimitsError> {
        if Limits::preset(Category::Adult, code) == Limits::default() {
            return Err(LimitsError::NoLimits(code));
        }
        let mut said = [self.low, self.high].into_iter().flatten();
        if said.any(|limit| !matches!(code.judge(limit), Measured::Value(_))) {
            return Err(LimitsError::NotANumber(code));
        }
        if let (Some(low), Some(high)) = (self.low, self.high)
            && low.plus(Decimal::whole(2)) > high
        {
            return Err(LimitsError::TooClose);
        }
        let desaturation = Decimal::whole(crate::alarm::DESATURATION_SPO2);
        if code == Code::Spo2 && self.low.is_none_or(|low| low < desaturation) {
            return Err(LimitsError::Spo2Low);
        }
        Ok(self)
    }

    /// Whether a value may go further without an alarm than with `usual` limits.
    pub fn are_wider_than(&self, usual: &Limits) -> bool {
        let below = usual
            .low
            .is_some_and(|usual| self.low.is_none_or(|low| low < usual));
        let above = usual
            .high
            .is_some_and(|usual| self.high.is_none_or(|high| high > usual));
        below || above
    }

    /// "Suggest limits from the current value", for adults: what a person may accept, never set by itself. Source: manual of
    /// Mindray BeneVision. `None` = no proposal is known for it.
    pub fn proposed(category: Category, code: Code, value: Decimal) -> Option<Limits> {
        if category != Category::Adult {
            return None;
        }
        let value = value.as_f64();
        let whole = |number: f64| Decimal::whole(number.round() as i64);
        let within = |number: f64, (least, most): (i64, i64)| whole(number.clamp(least as f64, most as f64));
        let (low, high) = match code {
            Code::Hr | Code::Pr | Code::PrAbp => (
                within(value * 0.8, PROPOSED_HR),
                within(value * 1.25, PROPOSED_HR),
            ),
            Code::Rr | Code::RrImpedance | Code::RrAirway | Code::RrCo2 => {
                (within(value * 0.5, PROPOSED_RR), within(value * 1.5, PROPOSED_RR))
            }
            Code::NibpSys | Code::AbpSys => (whole(value * 0.68 + 10.0), whole(value * 0.86 + 38.0)),
            Code::NibpDia | Code::AbpDia => (whole(value * 0.68 + 6.0), whole(value * 0.86 + 32.0)),
            _ => return None,
        };
        let limits = Limits {
            low: Some(low),
            high: Some(high),
        };
        limits.checked(code).ok()
    }

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

    fn both(low: i64, high: i64) -> Limits {
        Limits {
            low: Some(Decimal::whole(low)),
            high: Some(Decimal::whole(high)),
        }
    }

    #[test]
    fn limits_that_could_never_alarm_or_always_would_are_refused() {
        assert_eq!(both(40, 42).checked(Code::Hr), Ok(both(40, 42)));
        assert_eq!(both(40, 41).checked(Code::Hr), Err(LimitsError::TooClose));
        assert_eq!(both(42, 40).checked(Code::Hr), Err(LimitsError::TooClose));
        assert_eq!(
            both(-1, 400).checked(Code::Hr),
            Err(LimitsError::NotANumber(Code::Hr))
        );
        assert_eq!(both(80, 100).checked(Code::Spo2), Ok(both(80, 100)));
        assert_eq!(both(79, 100).checked(Code::Spo2), Err(LimitsError::Spo2Low));
        assert_eq!(Limits::default().checked(Code::Spo2), Err(LimitsError::Spo2Low));
        assert_eq!(
            Limits::default().checked(Code::Hr),
            Ok(Limits::default()),
            "off on both sides"
        );
        assert_eq!(both(1, 9).checked(Code::Pi), Err(LimitsError::NoLimits(Code::Pi)));
        assert_eq!(
            LimitsError::NotANumber(Code::Temp).to_string(),
            "a number from 25 to 45 with at most 1 digits after the point for T"
        );
    }

    #[test]
    fn a_limit_is_written_with_point_or_comma_and_no_finer_than_its_value() {
        assert_eq!(written(" 38,5", Code::Temp), Ok(Decimal::new(385, 1)));
        assert_eq!(written("120", Code::Hr), Ok(Decimal::whole(120)));
        for wrong in ["", "x", "1e9", "120.5", "NaN", "-3"] {
            assert_eq!(
                written(wrong, Code::Hr),
                Err(LimitsError::NotANumber(Code::Hr)),
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn wider_is_what_lets_a_value_go_further_without_an_alarm() {
        let usual = both(50, 120);
        let wider = |limits: Limits| limits.are_wider_than(&usual);
        assert!(!wider(usual) && !wider(both(60, 110)));
        assert!(wider(both(49, 120)) && wider(both(50, 121)));
        assert!(wider(Limits { high: None, ..usual }) && wider(Limits { low: None, ..usual }));
        assert!(
            !both(1, 2).are_wider_than(&Limits::default()),
            "nothing alarms usually"
        );
    }

    #[test]
    fn proposals_are_those_of_the_manual_and_for_adults_alone() {
        let proposed = |code, value| Limits::proposed(Category::Adult, code, Decimal::whole(value));
        assert_eq!(proposed(Code::Hr, 80), Some(both(64, 100)));
        assert_eq!(proposed(Code::Hr, 45), Some(both(40, 56)), "never below 40");
        assert_eq!(proposed(Code::Rr, 10), Some(both(6, 15)), "never below 6");
        assert_eq!(proposed(Code::Rr, 24), Some(both(12, 30)), "never above 30");
        assert_eq!(proposed(Code::NibpSys, 120), Some(both(92, 141)));
        assert_eq!(proposed(Code::NibpDia, 80), Some(both(60, 101)));
        assert_eq!(proposed(Code::Spo2, 92), None, "stays as it is");
        assert_eq!(
            Limits::proposed(Category::Child, Code::Hr, Decimal::whole(100)),
            None
        );
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
