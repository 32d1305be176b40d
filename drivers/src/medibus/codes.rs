//! The table of measurement codes: what each means, in which unit it comes, and what it is called here.
//!
//! Two published programs share the table of page 1 for the most part; the rows marked "X" stand in one of them only, in
//! its set for MEDIBUS.X devices. A code that is not in the table is counted as unknown and never shown; a code
//! without a name here is known and not shown. Where several rows have one name, the first that a device sends counts.

use vitals::{Code, Decimal};

/// The unit in which the device sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Mbar,
    KPa,
    MmHg,
    Percent,
    PerMin,
    Ml,
    LPerMin,
    Celsius,
    /// Nothing that is shown here comes in it.
    Other,
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// 1 or 2.
    pub page: u8,
    pub code: u8,
    pub unit: Unit,
    /// `None`: known, not shown.
    pub shown: Option<Code>,
}

/// Page and code as one number: what stands in [`crate::LineFault::UnknownCode`].
pub(super) fn key(page: u8, code: u8) -> u16 {
    u16::from(page) << 8 | u16::from(code)
}

/// The row of this code.
pub(super) fn row(page: u8, code: u8) -> Option<&'static Row> {
    ROWS.iter().find(|row| (row.page, row.code) == (page, code))
}

/// cmH2O in one mbar.
const CMH2O_PER_MBAR: f64 = 1.01972;

/// mmHg in one kPa.
const MMHG_PER_KPA: f64 = 7.50062;

/// A number of the device in the unit that its name here has; converted numbers have one place.
pub(super) fn converted(unit: Unit, value: Decimal) -> Option<Decimal> {
    match unit {
        Unit::Mbar => Decimal::from_f64(value.as_f64() * CMH2O_PER_MBAR, 1),
        Unit::KPa => Decimal::from_f64(value.as_f64() * MMHG_PER_KPA, 1),
        _ => Some(value),
    }
}

const fn row_of(page: u8, code: u8, unit: Unit, shown: Option<Code>) -> Row {
    Row {
        page,
        code,
        unit,
        shown,
    }
}

use Unit::{Celsius, KPa, LPerMin, Mbar, Ml, MmHg, Other, PerMin, Percent};

/// The end-tidal CO2 in per cent: not shown, because how a device relates per cent to a pressure (dry or saturated gas) is
/// not known, but it tells that the device sends each unit under its own code.
pub(super) const ETCO2_PERCENT: u8 = 0xDB;

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    row_of(1, 0x05, Mbar, None),                        // airway pressure
    row_of(1, 0x06, Other, None),                       // compliance, scale differs between models
    row_of(1, 0x07, Other, None),                       // dynamic compliance, L/bar
    row_of(1, 0x08, Other, None),                       // resistance, mbar/(L/s)
    row_of(1, 0x09, Other, None),                       // CO2 production, mL/min
    row_of(1, 0x6B, Mbar, None),                        // ambient pressure
    row_of(1, 0x73, Mbar, None),                        // mean airway pressure
    row_of(1, 0x74, Mbar, None),                        // plateau pressure
    row_of(1, 0x78, Mbar, Some(Code::Peep)),            // PEEP
    row_of(1, 0x79, Mbar, None),                        // intrinsic PEEP
    row_of(1, 0x7B, PerMin, None),                      // mandatory respiratory rate
    row_of(1, 0x7D, Mbar, Some(Code::PeakPressure)),    // peak pressure
    row_of(1, 0x82, Other, None),                       // "Frac", scale differs between models
    row_of(1, 0x83, Ml, None),                          // VTe, mandatory
    row_of(1, 0x84, Ml, None),                          // VTe, spontaneous
    row_of(1, 0x88, Ml, Some(Code::TidalVolume)),       // tidal volume
    row_of(1, 0x8C, MmHg, Some(Code::NibpDia)),         // X: cuff, diastolic
    row_of(1, 0x91, MmHg, Some(Code::NibpMean)),        // X: cuff, mean
    row_of(1, 0x96, MmHg, Some(Code::NibpSys)),         // X: cuff, systolic
    row_of(1, 0xB3, Percent, None),                     // leak
    row_of(1, 0xB5, PerMin, None),                      // spontaneous respiratory rate
    row_of(1, 0xB7, LPerMin, None),                     // spontaneous minute volume
    row_of(1, 0xB8, Other, None),                       // "Frac", scale differs between models
    row_of(1, 0xB9, LPerMin, Some(Code::MinuteVolume)), // minute volume
    row_of(1, 0xBA, Other, None),                       // "Frac", scale differs between models
    row_of(1, 0xBD, Other, None),                       // apnoea duration, s
    row_of(1, 0xBE, Celsius, None),                     // X: temperature 2; where it is measured is not said
    row_of(1, 0xC1, Celsius, None),                     // temperature of the breathing gas
    row_of(1, 0xC3, Celsius, Some(Code::Temp)),         // X: temperature 1
    row_of(1, 0xC6, Percent, None),                     // X: battery
    row_of(1, 0xC8, MmHg, Some(Code::AbpDia)),          // X: arterial, diastolic
    row_of(1, 0xCD, MmHg, Some(Code::AbpMean)),         // X: arterial, mean
    row_of(1, 0xD2, MmHg, Some(Code::AbpSys)),          // X: arterial, systolic
    row_of(1, 0xD5, PerMin, Some(Code::RrCo2)),         // respiratory rate from CO2
    row_of(1, 0xD6, PerMin, Some(Code::Rr)),            // respiratory rate
    row_of(1, 0xD7, PerMin, Some(Code::RrAirway)),      // respiratory rate from flow
    row_of(1, 0xDA, Percent, None),                     // inspired CO2
    row_of(1, ETCO2_PERCENT, Percent, None),            // end-tidal CO2
    row_of(1, 0xDC, PerMin, Some(Code::Hr)),            // X: heart rate (ECG)
    row_of(1, 0xE1, PerMin, Some(Code::Pr)),            // pulse rate (oximeter)
    row_of(1, 0xE6, MmHg, Some(Code::EtCo2)),           // end-tidal CO2
    row_of(1, 0xE3, KPa, Some(Code::EtCo2)),            // end-tidal CO2
    row_of(1, 0xE5, MmHg, None),                        // inspired CO2
    row_of(1, 0xE7, Other, None),                       // I:E, I part
    row_of(1, 0xE8, Other, None),                       // I:E, E part
    row_of(1, 0xEB, Percent, Some(Code::Spo2)),         // SpO2
    row_of(1, 0xEF, Percent, None),                     // expired O2
    row_of(1, 0xF0, Percent, Some(Code::FiO2)),         // FiO2
    row_of(1, 0xFB, Percent, None),                     // inspired N2O
    row_of(1, 0xFC, Percent, None),                     // expired N2O
    row_of(1, 0xFF, KPa, None),                         // inspired CO2
    row_of(2, 0x00, Ml, None),                          // VT, spontaneous
    row_of(2, 0x06, Other, None),                       // elastance, mbar/L
    row_of(2, 0x07, Other, None),                       // time constant, s
    row_of(2, 0x21, Ml, Some(Code::TidalVolume)),       // VTe; where page 1 has no tidal volume
    row_of(2, 0x22, Ml, None),                          // VTi
    row_of(2, 0x23, Mbar, None),                        // end-inspiratory pressure
    row_of(2, 0x36, Other, None),                       // VT per kg
    row_of(2, 0x37, LPerMin, None),                     // leak
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_code_stands_twice_and_every_shown_row_comes_in_its_unit() {
        let keys: BTreeSet<u16> = ROWS.iter().map(|row| key(row.page, row.code)).collect();
        assert_eq!(keys.len(), ROWS.len());
        for row in ROWS {
            let Some(code) = row.shown else { continue };
            let fits = match row.unit {
                Unit::Mbar => "cm[H2O]",
                Unit::KPa | Unit::MmHg => "mm[Hg]",
                Unit::Percent => "%",
                Unit::PerMin => "/min",
                Unit::Ml => "mL",
                Unit::LPerMin => "L/min",
                Unit::Celsius => "Cel",
                Unit::Other => "nothing",
            };
            assert_eq!(code.info().ucum, fits, "{row:?}");
        }
    }

    #[test]
    fn trap_3_codes_whose_scale_differs_between_models_are_known_and_not_shown() {
        for code in [0x06, 0x82, 0xB8, 0xBA] {
            assert!(row(1, code).is_some_and(|row| row.shown.is_none()), "{code:02X}");
        }
        assert!(row(1, 0x01).is_none());
    }

    #[test]
    fn pressures_are_converted_to_one_place() {
        let told = |unit, value| converted(unit, value).map(|value| value.to_string());
        assert_eq!(told(Unit::Mbar, Decimal::whole(5)), Some("5.1".to_owned()));
        assert_eq!(told(Unit::Mbar, Decimal::whole(18)), Some("18.4".to_owned()));
        assert_eq!(told(Unit::KPa, Decimal::new(51, 1)), Some("38.3".to_owned()));
        assert_eq!(told(Unit::MmHg, Decimal::whole(38)), Some("38".to_owned()));
    }
}
