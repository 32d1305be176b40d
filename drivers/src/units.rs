//! Units as texts say them, for families whose messages name a unit beside each value.

use vitals::{Code, Decimal};

/// kPa in mmHg and cmH2O in mmHg (NIST SP 811).
const KPA: f64 = 7.500_617;
const CM_H2O: f64 = 0.735_559;

/// A unit, as far as vital signs need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    PerMinute,
    Percent,
    MmHg,
    KPa,
    CmH2O,
    Celsius,
    Fahrenheit,
    Litres,
    Millilitres,
}

impl Unit {
    /// By its MDC name, in UCUM, or as people write it. `None` = it is not known.
    pub(crate) fn by_text(text: &str) -> Option<Unit> {
        let unit = match text {
            "MDC_DIM_BEAT_PER_MIN" | "MDC_DIM_RESP_PER_MIN" | "MDC_DIM_X_PER_MIN" => Unit::PerMinute,
            "bpm" | "BPM" | "rpm" | "RPM" | "brpm" | "/min" | "1/min" => Unit::PerMinute,
            "{beat}/min" | "{beats}/min" | "{breath}/min" | "{breaths}/min" => Unit::PerMinute,
            "MDC_DIM_PERCENT" | "%" => Unit::Percent,
            "MDC_DIM_MMHG" | "mmHg" | "mm[Hg]" | "MMHG" => Unit::MmHg,
            "MDC_DIM_KILO_PASCAL" | "kPa" | "KPA" => Unit::KPa,
            "MDC_DIM_CM_H2O" | "cmH2O" | "cm[H2O]" => Unit::CmH2O,
            "MDC_DIM_DEGC" | "Cel" | "degC" | "C" | "\u{b0}C" | "\u{2103}" => Unit::Celsius,
            "MDC_DIM_FAHR" | "[degF]" | "degF" | "F" | "\u{b0}F" | "\u{2109}" => Unit::Fahrenheit,
            "MDC_DIM_L_PER_MIN" | "L/min" | "l/min" => Unit::Litres,
            "MDC_DIM_MILLI_L" | "mL" | "ml" => Unit::Millilitres,
            _ => return None,
        };
        Some(unit)
    }
}

/// The value in the unit of the code. `None` = such a unit cannot be of this code.
pub(crate) fn in_unit_of(code: Code, value: Decimal, unit: Unit) -> Option<Decimal> {
    let row = code.info();
    let times = |factor: f64| Decimal::from_f64(value.as_f64() * factor, row.places);
    match (row.ucum, unit) {
        ("/min", Unit::PerMinute)
        | ("%", Unit::Percent)
        | ("mm[Hg]", Unit::MmHg)
        | ("Cel", Unit::Celsius)
        | ("L/min", Unit::Litres)
        | ("mL", Unit::Millilitres)
        | ("cm[H2O]", Unit::CmH2O) => Some(value),
        ("mm[Hg]", Unit::KPa) => times(KPA),
        ("mm[Hg]", Unit::CmH2O) => times(CM_H2O),
        ("cm[H2O]", Unit::MmHg) => times(1.0 / CM_H2O),
        ("Cel", Unit::Fahrenheit) => Decimal::from_f64((value.as_f64() - 32.0) / 1.8, row.places),
        _ => None,
    }
}
