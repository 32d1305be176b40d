//! What OBX-3 names: number, text and coding system to one of our codes.
//!
//! - H3: number and text must not contradict each other. Public samples carry wrong numbers (150031 for a systolic
//!   pressure); then neither is taken.
//!
//! Sources: ISO/IEEE 11073-10101 for MDC and for Philips' MDIL, whose numbers are MDC's partition and term in hex; public
//! captures and clients for Mindray PDS; one public sample for Edan.

use vitals::Code;
use vitals::code::{CODES, CodeKind};

/// What is known about an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// One of ours.
    Code(Code),
    /// Not in the table, with the sender's own number (0 = it has none).
    Unknown(u32),
    /// Number and text contradict each other.
    Contradiction(u32),
}

/// Where identifiers without a coding system come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// A Mindray monitor: its own numbers, which its messages use alone.
    MindrayPds,
    /// Somebody else: a number counts only with a text that says the same.
    Anybody,
}

/// MDC identifiers beside those of the central table: what cuffs are called by IHE, eGateway and GE, and the site of a
/// thermometer in Mindray's numbers.
const MDC_TOO: &[(u32, &str, Code)] = &[
    (150_301, "MDC_PRESS_CUFF_SYS", Code::NibpSys),
    (150_302, "MDC_PRESS_CUFF_DIA", Code::NibpDia),
    (150_303, "MDC_PRESS_CUFF_MEAN", Code::NibpMean),
    // 1 source
    (188_496, "MDC_TEMP_AXIL", Code::TempAxil),
    (0, "MDC_CONC_AWAY_CO2_ET", Code::EtCo2),
];

/// Philips labels that are no MDC term of the central table.
const MDIL_TOO: &[(u32, Code)] = &[
    (0x0002_4822, Code::Pr),
    // Efficia
    (0x0002_480A, Code::Pr),
    (0x0002_5000, Code::Rr),
    (0x0002_F0C7, Code::Temp),
];

const MINDRAY: &[(u32, Code)] = &[
    (101, Code::Hr),
    (151, Code::Rr),
    (160, Code::Spo2),
    (161, Code::Pr),
    (162, Code::Pi),
    (170, Code::NibpSys),
    (171, Code::NibpDia),
    (172, Code::NibpMean),
    (200, Code::Temp),
    (250, Code::EtCo2),
    (500, Code::AbpSys),
    (501, Code::AbpMean),
    (502, Code::AbpDia),
];

/// 1 source: only with a text that says the same.
const EDAN: &[(u32, Code)] = &[
    (131_072, Code::Hr),
    (327_680, Code::Spo2),
    (393_219, Code::Pr),
    (393_216, Code::NibpSys),
    (393_217, Code::NibpDia),
    (458_752, Code::Temp),
];

/// Names a value by `number^text^system`.
pub fn named(number: &str, text: &str, system: &str, profile: Profile) -> Named {
    let value = numeric(number);
    let told = value.unwrap_or(0);
    match (system, profile) {
        ("MDC", _) => mdc(value, text),
        ("MDIL", _) => {
            let too = row(MDIL_TOO, told);
            weighed(too.or_else(|| numeric_code(told)), text, told, false)
        }
        ("", Profile::MindrayPds) => weighed(row(MINDRAY, told), text, told, false),
        _ if text.starts_with("MDC") => mdc(value, text),
        _ => weighed(row(MINDRAY, told).or_else(|| row(EDAN, told)), text, told, true),
    }
}

/// `160`, or Philips' `0002-4bb8`.
pub fn numeric(number: &str) -> Option<u32> {
    match number.split_once('-') {
        Some((partition, term)) => {
            let hex = |part: &str| u32::from_str_radix(part, 16).ok().filter(|_| part.len() == 4);
            Some(hex(partition)? << 16 | hex(term)?)
        }
        None => number.parse().ok(),
    }
}

fn row(table: &[(u32, Code)], number: u32) -> Option<Code> {
    table
        .iter()
        .find(|(known, _)| *known == number)
        .map(|(_, code)| *code)
}

fn numeric_code(number: u32) -> Option<Code> {
    Code::from_cf_code10(number).filter(|code| code.info().kind != CodeKind::Wave)
}

fn mdc(number: Option<u32>, text: &str) -> Named {
    let told = number.unwrap_or(0);
    let too = MDC_TOO.iter().find(|(known, ..)| *known == told && told != 0);
    let by_number = too.map(|(_, _, code)| *code).or_else(|| numeric_code(told));
    let too = MDC_TOO
        .iter()
        .find(|(_, known, _)| *known == text)
        .map(|(_, _, code)| *code);
    let by_text = too.or_else(|| {
        let found = CODES
            .iter()
            .find(|row| row.mdc == text && row.kind != CodeKind::Wave);
        found.map(|row| row.code)
    });
    match (by_number, by_text) {
        (Some(one), Some(other)) if one == other => Named::Code(one),
        (Some(_), Some(_)) => Named::Contradiction(told),
        // A term of MDC that is not this number's.
        (Some(_), None) if text.starts_with("MDC_") => Named::Contradiction(told),
        (Some(code), None) => weighed(Some(code), text, told, false),
        (None, Some(code)) if told == 0 => Named::Code(code),
        (None, Some(_)) => Named::Contradiction(told),
        (None, None) => Named::Unknown(told),
    }
}

/// A code by its number, against what its text says. `needs_text`: silence is not consent.
fn weighed(code: Option<Code>, text: &str, number: u32, needs_text: bool) -> Named {
    let Some(code) = code else {
        return Named::Unknown(number);
    };
    match sort_by_text(text) {
        Some(sort) if sort == sort_of(code) => Named::Code(code),
        Some(_) => Named::Contradiction(number),
        None if needs_text => Named::Unknown(number),
        None => Named::Code(code),
    }
}

/// What a value is about, as coarse as a label tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Heart,
    Pulse,
    Breath,
    Saturation,
    Systolic,
    Diastolic,
    Mean,
    Temperature,
    Perfusion,
    Co2,
    Other,
}

fn sort_of(code: Code) -> Sort {
    match code {
        Code::Hr => Sort::Heart,
        Code::Pr | Code::PrNibp | Code::PrAbp => Sort::Pulse,
        Code::Rr | Code::RrImpedance | Code::RrCo2 | Code::RrAirway => Sort::Breath,
        Code::Spo2 => Sort::Saturation,
        Code::NibpSys | Code::AbpSys => Sort::Systolic,
        Code::NibpDia | Code::AbpDia => Sort::Diastolic,
        Code::NibpMean | Code::AbpMean | Code::CvpMean => Sort::Mean,
        Code::Temp
        | Code::TempBody
        | Code::TempCore
        | Code::TempSkin
        | Code::TempRect
        | Code::TempOral
        | Code::TempTymp
        | Code::TempAxil => Sort::Temperature,
        Code::Pi => Sort::Perfusion,
        Code::EtCo2 => Sort::Co2,
        _ => Sort::Other,
    }
}

fn sort_by_text(text: &str) -> Option<Sort> {
    let letters = text.chars().filter(char::is_ascii_alphanumeric);
    let plain = letters.collect::<String>().to_ascii_uppercase();
    let sort = match plain.as_str() {
        "HR" | "HEARTRATE" | "BEATRATE" => Sort::Heart,
        "PR" | "PULSE" | "PULSERATE" | "PRSPO2" | "SPO2PR" => Sort::Pulse,
        "RR" | "RESP" | "RESPRATE" | "RESPIRATIONRATE" | "AWRR" => Sort::Breath,
        "SPO2" | "SAO2" | "SATO2" => Sort::Saturation,
        "PI" | "PERF" => Sort::Perfusion,
        "ETCO2" | "CO2ET" => Sort::Co2,
        _ => ending(&plain)?,
    };
    Some(sort)
}

/// `NIBP Sys`, `ART-Mean`, `T1`, `Tcore`.
fn ending(plain: &str) -> Option<Sort> {
    let ends = |words: &[&str]| words.iter().any(|word| plain.ends_with(word));
    if ends(&["SYS", "SYSTOLIC"]) {
        Some(Sort::Systolic)
    } else if ends(&["DIA", "DIAS", "DIASTOLIC"]) {
        Some(Sort::Diastolic)
    } else if ends(&["MEAN", "MAP"]) {
        Some(Sort::Mean)
    } else if plain.starts_with("TEMP") || matches!(plain, "T" | "T1" | "T2" | "TCORE" | "TBODY" | "TSKIN") {
        Some(Sort::Temperature)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(id: &str, expected: Named) {
        let parts: Vec<&str> = id.split('^').collect();
        let part = |n: usize| parts.get(n).copied().unwrap_or("");
        assert_eq!(
            named(part(0), part(1), part(2), Profile::Anybody),
            expected,
            "{id}"
        );
    }

    #[test]
    fn every_coding_system_of_the_field() {
        check("147842^MDC_ECG_HEART_RATE^MDC", Named::Code(Code::Hr));
        check("150301^MDC_PRESS_CUFF_SYS^MDC", Named::Code(Code::NibpSys));
        check("150021^MDC_PRESS_BLD_NONINV_SYS^MDC", Named::Code(Code::NibpSys));
        check("188496^^MDC", Named::Code(Code::TempAxil));
        check("0^MDC_CONC_AWAY_CO2_ET^MDC", Named::Code(Code::EtCo2));
        check("149530^Pulse^MDC", Named::Code(Code::Pr));
        check("0002-4bb8^SpO2^MDIL", Named::Code(Code::Spo2));
        check("0002-480a^Pulse^MDIL", Named::Code(Code::Pr));
        check("0002-4a15^ABPs^MDIL", Named::Code(Code::AbpSys));
        check("0002-500a^RR^MDIL", Named::Code(Code::Rr));
        check("160^SpO2", Named::Code(Code::Spo2));
        check("393216^NIBP SYS^EHC", Named::Code(Code::NibpSys));
    }

    #[test]
    fn h3_what_contradicts_itself_is_not_taken() {
        check("150031^MDC_PRESS_CUFF_SYS^MDC", Named::Contradiction(150_031));
        check(
            "150017^MDC_PRESS_BLD_NONINV_SYS^MDC",
            Named::Contradiction(150_017),
        );
        check(
            "150456^MDC_PULS_OXIM_PULS_RATE^MDC",
            Named::Contradiction(150_456),
        );
        check("150456^MDC_SOMETHING_ELSE^MDC", Named::Contradiction(150_456));
        check("150456^Pulse^MDC", Named::Contradiction(150_456));
        check("0002-4bb8^HR^MDIL", Named::Contradiction(0x0002_4BB8));
        check("160^HR", Named::Contradiction(160));
    }

    #[test]
    fn what_is_not_known_is_not_guessed() {
        check("131841^MDC_ECG_AMPL_ST_I^MDC", Named::Unknown(131_841));
        check("131329^MDC_ECG_ELEC_POTL_I^MDC", Named::Unknown(131_329));
        check("160^", Named::Unknown(160));
        check("131072^Something^EHC", Named::Unknown(131_072));
        check("abc^HR^LN", Named::Unknown(0));
        check("^^", Named::Unknown(0));
        assert_eq!(named("160", "", "", Profile::MindrayPds), Named::Code(Code::Spo2));
        assert_eq!(named("201", "T2", "", Profile::MindrayPds), Named::Unknown(201));
    }
}
