//! The attributes that we read, and the nomenclature: what a physio id measures, what a unit code counts.
//!
//! Parameters are known by the physio id inside the value, never by label or position. Ids and units without a remark were
//! seen in a real capture or stand in two independent sources.

use vitals::{Code, Decimal, WallTime};

use super::wire::{Reader, decimal};

pub(super) const LABEL: u16 = 0x0924;
pub(super) const NUMERIC: u16 = 0x0950;
pub(super) const NUMERIC_COMPOUND: u16 = 0x094B;
pub(super) const TIME_STAMP: u16 = 0x0990;
pub(super) const MODALITY: u16 = 0xF294;
pub(super) const METRIC_STATE: u16 = 0x0940;
pub(super) const ALERT_CONDITION: u16 = 0x0916;
pub(super) const ALARMS_PATIENT: u16 = 0x0902;
pub(super) const ALARMS_TECHNICAL: u16 = 0x0904;
pub(super) const WAVE: u16 = 0x096E;
pub(super) const WAVE_COMPOUND: u16 = 0x0967;
pub(super) const SAMPLE_SPEC: u16 = 0x096D;
pub(super) const SAMPLE_PERIOD: u16 = 0x098D;
pub(super) const FIXED_VALUES: u16 = 0x0A16;
pub(super) const OPERATING_MODE: u16 = 0x0946;
pub(super) const TIME_ABSOLUTE: u16 = 0x0987;
pub(super) const TIME_RELATIVE: u16 = 0x098F;

/// A state is valid if and only if none of these bits is set.
pub(super) const STATE_NOT_VALID: u16 = 0xFF00;
pub(super) const STATE_QUESTIONABLE: u16 = 0x4000;
pub(super) const STATE_CALIBRATING: u16 = 0x1000;
/// Test data or demonstration.
pub(super) const STATE_NOT_A_PATIENT: u16 = 0x0C00;
/// Invalid, unavailable.
pub(super) const STATE_INVALID: u16 = 0x8000 | 0x2000;

/// One numeric value: physio id, state, unit, FLOAT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Numeric {
    pub physio: u16,
    pub state: u16,
    pub unit: u16,
    pub value: Option<Decimal>,
}

impl Numeric {
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Numeric> {
        Some(Numeric {
            physio: reader.u16()?,
            state: reader.u16()?,
            unit: reader.u16()?,
            value: decimal(reader.u32()?),
        })
    }
}

/// The code of a numeric value. By one source only: airway breaths, ART, core and skin temperature, CVP.
pub(super) fn numeric(physio: u16) -> Option<Code> {
    Some(match physio {
        0x4182 => Code::Hr,
        0x4BB8 => Code::Spo2,
        0x4822 => Code::Pr,
        0x4BB0 => Code::Pi,
        0x480A => Code::PrAbp,
        0x500A => Code::Rr,
        0x5012 => Code::RrAirway,
        0x4A05 => Code::NibpSys,
        0x4A06 => Code::NibpDia,
        0x4A07 => Code::NibpMean,
        0xF0E5 => Code::PrNibp,
        // ABP, and ART where a monitor names its arterial line so.
        0x4A15 | 0x4A11 => Code::AbpSys,
        0x4A16 | 0x4A12 => Code::AbpDia,
        0x4A17 | 0x4A13 => Code::AbpMean,
        0x4A47 => Code::CvpMean,
        0x50B0 => Code::EtCo2,
        0x4B48 => Code::Temp,
        0x4B5C => Code::TempBody,
        0xE004 => Code::TempRect,
        0x4B60 => Code::TempCore,
        0x4B74 => Code::TempSkin,
        _ => return None,
    })
}

/// A curve that this family has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Curve {
    pub physio: u16,
    pub code: Code,
    /// Bits of a sample that count, until the monitor has said so itself.
    pub bits: u8,
}

/// The label of a curve is its physio id in the partition of physiological values.
pub(super) const LABEL_PARTITION: u32 = 0x0002_0000;

/// Curves, with the bits that a real capture had (V: as the other leads).
pub(super) const CURVES: [Curve; 7] = [
    Curve::new(0x0101, Code::EcgI, 14),
    Curve::new(0x0102, Code::EcgII, 14),
    Curve::new(0x013D, Code::EcgIII, 14),
    Curve::new(0x0143, Code::EcgV, 14),
    Curve::new(0x4BB4, Code::Pleth, 12),
    Curve::new(0x5000, Code::RespWave, 12),
    Curve::new(0x4A14, Code::AbpWave, 13),
];

impl Curve {
    const fn new(physio: u16, code: Code, bits: u8) -> Curve {
        Curve { physio, code, bits }
    }

    pub(super) fn of(physio: u16) -> Option<Curve> {
        CURVES.into_iter().find(|curve| curve.physio == physio)
    }

    pub(super) fn label(self) -> u32 {
        LABEL_PARTITION | u32::from(self.physio)
    }
}

/// The value in the unit of its code; `None` when the unit is unknown or is none that the code can have.
pub(super) fn in_unit_of(code: Code, unit: u16, value: Decimal) -> Option<Decimal> {
    const NONE: u16 = 0x0200;
    const PERCENT: u16 = 0x0220;
    const BEATS: u16 = 0x0AA0;
    const BREATHS: u16 = 0x0AE0;
    const MMHG: u16 = 0x0F20;
    const KPA: u16 = 0x0F03;
    const CELSIUS: u16 = 0x17A0;
    const FAHRENHEIT: u16 = 0x1140;
    let rounded = |value: f64| Decimal::from_f64(value, code.info().places);
    match (code.info().ucum, unit) {
        ("/min", BEATS | BREATHS) | ("%", PERCENT) | ("mm[Hg]", MMHG) | ("Cel", CELSIUS) => Some(value),
        // The perfusion index has no unit here; it is per cent everywhere.
        ("%", NONE) if code == Code::Pi => Some(value),
        ("mm[Hg]", KPA) => rounded(value.as_f64() * MMHG_PER_KPA),
        ("Cel", FAHRENHEIT) => rounded((value.as_f64() - 32.0) / 1.8),
        _ => None,
    }
}

/// ISO 80000-4: 1 mmHg is 133.322 Pa.
const MMHG_PER_KPA: f64 = 7.500_62;

/// Absolute time: eight BCD bytes (century, year, month, day, hour, minute, second, unused), the monitor's local clock taken
/// as UTC. `None` for a clock that is not set (FF or 00) and for what is no date.
pub(super) fn absolute_time(mut reader: Reader<'_>) -> Option<WallTime> {
    let mut bcd = || {
        let byte = reader.u8()?;
        let (high, low) = (i64::from(byte >> 4), i64::from(byte & 0x0F));
        (high <= 9 && low <= 9).then_some(high * 10 + low)
    };
    let (century, year, month, day) = (bcd()?, bcd()?, bcd()?, bcd()?);
    let (hour, minute, second) = (bcd()?, bcd()?, bcd()?);
    let year = century * 100 + year;
    let is_date = (1970..=2200).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !is_date || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    Some(WallTime::from_unix_ms(seconds * 1000))
}

/// Days from 1970-01-01 to a date of the Gregorian calendar, counted in years that begin in March.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let since_march = (month + 9) % 12;
    let day_of_year = (153 * since_march + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days_and_what_is_none_is_nothing() {
        let read = |text: &str| {
            absolute_time(Reader::new(&crate::intellivue::tests::hex(text))).map(WallTime::as_unix_ms)
        };
        assert_eq!(read("2024061006132000"), Some(1_718_000_000_000));
        assert_eq!(read("1970010100000000"), Some(0));
        assert_eq!(read("2024022923595900"), Some(1_709_251_199_000));
        for none in [
            "ffffffffffffffff",
            "0000000000000000",
            "2024130100000000",
            "20240610",
            "2024061a00000000",
        ] {
            assert_eq!(read(none), None, "{none}");
        }
    }

    #[test]
    fn units_are_converted_by_their_code_and_unknown_ones_refused() {
        let check = |code, unit, value, expected: Option<&str>| {
            let got = in_unit_of(code, unit, value).map(|value| value.to_string());
            assert_eq!(got.as_deref(), expected, "{code:?} {unit:04x}");
        };
        check(Code::NibpSys, 0x0F20, Decimal::whole(131), Some("131"));
        check(Code::NibpSys, 0x0F03, Decimal::new(175, 1), Some("131"));
        check(Code::Temp, 0x1140, Decimal::new(986, 1), Some("37.0"));
        check(Code::Temp, 0x17A0, Decimal::new(3725, 2), Some("37.25"));
        check(Code::EtCo2, 0x0F03, Decimal::new(51, 1), Some("38"));
        check(Code::Pi, 0x0200, Decimal::new(23, 1), Some("2.3"));
        check(Code::Spo2, 0x0200, Decimal::whole(97), None);
        check(Code::Hr, 0x0F20, Decimal::whole(80), None);
        check(Code::NibpSys, 0x0F21, Decimal::whole(80), None);
    }

    #[test]
    fn a_curve_has_the_label_of_its_code() {
        for curve in CURVES {
            assert_eq!(curve.label(), curve.code.info().cf_code10);
        }
    }
}
