//! The one central table of what can be measured: code, label, unit, resolution, plausible range.
//!
//! Sources: ISO/IEEE 11073-10101 (MDC, `cf_code10 = partition * 65536 + code`), LOINC, UCUM. Rows that only one
//! independent source confirmed are marked `// 1 source`; check those against the RTMMS before a conformity claim.
//! Codes that are not in this table are counted and shown to the technician by the driver, never guessed.

use serde::{Deserialize, Serialize};

use crate::number::Decimal;
use crate::reading::{AbsentReason, Measured};

/// One row of the table.
#[derive(Debug)]
pub struct CodeInfo {
    /// The code this row describes.
    pub code: Code,
    /// Stable key in files, topics and the API: lower case, `a-z0-9_`.
    pub key: &'static str,
    /// What stands on the screen, language-independent by convention (HR, SpO2).
    pub label: &'static str,
    /// MDC reference identifier.
    pub mdc: &'static str,
    /// MDC `cf_code10`.
    pub cf_code10: u32,
    /// First LOINC code to send (the one the FHIR vital-signs profile demands where there is one); empty for waves.
    pub loinc: &'static str,
    /// UCUM unit.
    pub ucum: &'static str,
    /// Digits shown after the point.
    pub places: u8,
    /// Lowest and highest value a living patient can have; outside it is [`AbsentReason::Implausible`].
    pub plausible: (i32, i32),
    /// True where a device that measures nothing commonly sends 0: such a zero is [`AbsentReason::NotMeasured`].
    /// A device that can tell a real zero (asystole, apnoea) says so by its own alarm, not by the number.
    pub zero_is_unmeasured: bool,
    /// What kind of value it is.
    pub kind: CodeKind,
}

/// How a code is sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeKind {
    /// A number that a device renews about every second.
    Continuous,
    /// A number from a single measurement (a cuff, a spot thermometer); carries its own time and ages.
    Intermittent,
    /// A curve.
    Wave,
}

macro_rules! codes {
    ($($(#[$note:meta])* $name:ident $key:literal $label:literal $mdc:literal $cf:literal $loinc:literal $ucum:literal
       $places:literal ($low:literal, $high:literal) $zero:literal $kind:ident;)*) => {
        /// What was measured. The table is [`Code::info`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$note])* #[doc = $mdc] $name,)* }

        /// Every code, in table order.
        pub const CODES: &[CodeInfo] = &[$(CodeInfo {
            code: Code::$name, key: $key, label: $label, mdc: $mdc, cf_code10: $cf, loinc: $loinc, ucum: $ucum,
            places: $places, plausible: ($low, $high), zero_is_unmeasured: $zero, kind: CodeKind::$kind,
        },)*];
    };
}

codes! {
    Hr "hr" "HR" "MDC_ECG_HEART_RATE" 147842 "8867-4" "/min" 0 (15, 350) true Continuous;
    Pr "pr" "PR" "MDC_PULS_OXIM_PULS_RATE" 149530 "8889-8" "/min" 0 (20, 350) true Continuous;
    PrNibp "pr_nibp" "PR(NIBP)" "MDC_PULS_RATE_NON_INV" 149546 "8867-4" "/min" 0 (20, 350) true Intermittent;
    // 1 source
    PrAbp "pr_abp" "PR(ABP)" "MDC_BLD_PULS_RATE_INV" 149522 "60978-4" "/min" 0 (20, 350) true Continuous;
    Spo2 "spo2" "SpO2" "MDC_PULS_OXIM_SAT_O2" 150456 "59408-5" "%" 0 (1, 100) true Continuous;
    // 1 source
    Pi "pi" "PI" "MDC_BLD_PERF_INDEX" 150488 "61006-3" "%" 2 (0, 20) true Continuous;
    Rr "rr" "RR" "MDC_RESP_RATE" 151562 "9279-1" "/min" 0 (1, 150) true Continuous;
    // 1 source
    RrImpedance "rr_imp" "RR" "MDC_TTHOR_RESP_RATE" 151578 "9279-1" "/min" 0 (1, 150) true Continuous;
    // 1 source
    RrCo2 "rr_co2" "awRR" "MDC_CO2_RESP_RATE" 151594 "9279-1" "/min" 0 (1, 150) true Continuous;
    RrAirway "rr_aw" "awRR" "MDC_AWAY_RESP_RATE" 151570 "9279-1" "/min" 0 (1, 150) true Continuous;
    // 1 source
    EtCo2 "etco2" "etCO2" "MDC_CONC_AWAY_CO2_ET" 151708 "19891-1" "mm[Hg]" 0 (1, 150) true Continuous;
    NibpSys "nibp_s" "SYS" "MDC_PRESS_BLD_NONINV_SYS" 150021 "8480-6" "mm[Hg]" 0 (30, 300) true Intermittent;
    NibpDia "nibp_d" "DIA" "MDC_PRESS_BLD_NONINV_DIA" 150022 "8462-4" "mm[Hg]" 0 (10, 250) true Intermittent;
    NibpMean "nibp_m" "MAP" "MDC_PRESS_BLD_NONINV_MEAN" 150023 "8478-0" "mm[Hg]" 0 (15, 270) true Intermittent;
    AbpSys "abp_s" "ABPs" "MDC_PRESS_BLD_ART_ABP_SYS" 150037 "76215-3" "mm[Hg]" 0 (0, 350) true Continuous;
    AbpDia "abp_d" "ABPd" "MDC_PRESS_BLD_ART_ABP_DIA" 150038 "76213-8" "mm[Hg]" 0 (0, 300) true Continuous;
    AbpMean "abp_m" "ABPm" "MDC_PRESS_BLD_ART_ABP_MEAN" 150039 "76214-6" "mm[Hg]" 0 (0, 320) true Continuous;
    // 1 source; zero is a real central venous pressure
    CvpMean "cvp_m" "CVP" "MDC_PRESS_BLD_VEN_CENT_MEAN" 150087 "60985-9" "mm[Hg]" 0 (-20, 60) false Continuous;
    // 1 source
    Temp "temp" "T" "MDC_TEMP" 150344 "8310-5" "Cel" 1 (25, 45) true Continuous;
    TempBody "temp_body" "T" "MDC_TEMP_BODY" 150364 "8310-5" "Cel" 1 (25, 45) true Continuous;
    TempCore "temp_core" "Tcore" "MDC_TEMP_CORE" 150368 "8310-5" "Cel" 1 (25, 45) true Continuous;
    TempSkin "temp_skin" "Tskin" "MDC_TEMP_SKIN" 150388 "61008-9" "Cel" 1 (15, 45) true Continuous;
    TempRect "temp_rect" "Trect" "MDC_TEMP_RECT" 188420 "8310-5" "Cel" 1 (25, 45) true Continuous;
    TempOral "temp_oral" "Toral" "MDC_TEMP_ORAL" 188424 "8310-5" "Cel" 1 (25, 45) true Continuous;
    TempTymp "temp_tymp" "Ttymp" "MDC_TEMP_TYMP" 150392 "8310-5" "Cel" 1 (25, 45) true Continuous;
    TempAxil "temp_axil" "Tax" "MDC_TEMP_AXILLA" 188452 "8310-5" "Cel" 1 (25, 45) true Continuous;
    // 1 source
    FiO2 "fio2" "FiO2" "MDC_CONC_AWAY_O2_INSP" 152196 "3150-6" "%" 0 (15, 100) true Continuous;
    MinuteVolume "mv" "MV" "MDC_VOL_MINUTE_AWAY" 151880 "76009-0" "L/min" 1 (0, 60) true Continuous;
    TidalVolume "tv" "VT" "MDC_VOL_AWAY_TIDAL" 151868 "76222-9" "mL" 0 (0, 3000) true Continuous;
    // zero is a real end-expiratory pressure
    Peep "peep" "PEEP" "MDC_VENT_PRESS_AWAY_END_EXP_POS" 151976 "76248-4" "cm[H2O]" 0 (0, 50) false Continuous;
    // 1 source
    PeakPressure "ppeak" "Ppeak" "MDC_PRESS_AWAY_INSP_PEAK" 151817 "76531-3" "cm[H2O]" 0 (0, 120) true Continuous;
    EcgI "ecg_i" "I" "MDC_ECG_ELEC_POTL_I" 131329 "" "mV" 0 (0, 0) false Wave;
    EcgII "ecg_ii" "II" "MDC_ECG_ELEC_POTL_II" 131330 "" "mV" 0 (0, 0) false Wave;
    EcgIII "ecg_iii" "III" "MDC_ECG_ELEC_POTL_III" 131389 "" "mV" 0 (0, 0) false Wave;
    EcgAvr "ecg_avr" "aVR" "MDC_ECG_ELEC_POTL_AVR" 131390 "" "mV" 0 (0, 0) false Wave;
    EcgAvl "ecg_avl" "aVL" "MDC_ECG_ELEC_POTL_AVL" 131391 "" "mV" 0 (0, 0) false Wave;
    EcgAvf "ecg_avf" "aVF" "MDC_ECG_ELEC_POTL_AVF" 131392 "" "mV" 0 (0, 0) false Wave;
    EcgV "ecg_v" "V" "MDC_ECG_ELEC_POTL_V" 131395 "" "mV" 0 (0, 0) false Wave;
    Pleth "pleth" "Pleth" "MDC_PULS_OXIM_PLETH" 150452 "" "1" 0 (0, 0) false Wave;
    RespWave "resp" "RESP" "MDC_RESP" 151552 "" "1" 0 (0, 0) false Wave;
    // 1 source
    AbpWave "abp" "ABP" "MDC_PRESS_BLD_ART_ABP" 150036 "" "mm[Hg]" 0 (0, 0) false Wave;
    CvpWave "cvp" "CVP" "MDC_PRESS_BLD_VEN_CENT" 150084 "" "mm[Hg]" 0 (0, 0) false Wave;
    // 1 source
    Co2Wave "co2" "CO2" "MDC_AWAY_CO2" 151724 "" "mm[Hg]" 0 (0, 0) false Wave;
    // 1 source
    AirwayPressureWave "paw" "Paw" "MDC_PRESS_AWAY" 151792 "" "cm[H2O]" 0 (0, 0) false Wave;
    // 1 source
    AirwayFlowWave "flow" "Flow" "MDC_FLOW_AWAY" 151764 "" "L/min" 0 (0, 0) false Wave;
}

impl Code {
    /// The table row of this code.
    pub fn info(self) -> &'static CodeInfo {
        // The table is written by the same macro as the enum, in the same order.
        CODES.get(self as usize).expect("every code has its row")
    }

    /// Stable key in files and the API.
    pub fn key(self) -> &'static str {
        self.info().key
    }

    /// Finds a code by its key.
    pub fn from_key(key: &str) -> Option<Code> {
        CODES.iter().find(|row| row.key == key).map(|row| row.code)
    }

    /// Finds a code by its MDC `cf_code10`.
    pub fn from_cf_code10(cf_code10: u32) -> Option<Code> {
        CODES
            .iter()
            .find(|row| row.cf_code10 == cf_code10)
            .map(|row| row.code)
    }

    /// I5 at the door: a zero where the device measured nothing, or a value no living patient has, is not a number.
    pub fn judge(self, value: Decimal) -> Measured {
        let row = self.info();
        let (low, high) = row.plausible;
        if row.zero_is_unmeasured && value == Decimal::whole(0) {
            Measured::Absent(AbsentReason::NotMeasured)
        } else if value < Decimal::whole(i64::from(low)) || value > Decimal::whole(i64::from(high)) {
            Measured::Absent(AbsentReason::Implausible)
        } else {
            Measured::Value(value)
        }
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.key())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let key = String::deserialize(deserializer)?;
        Code::from_key(&key).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "unknown code {key:?}; the codes are listed in vitals/src/code.rs"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_at_its_own_row_and_no_key_or_number_is_used_twice() {
        for (place, row) in CODES.iter().enumerate() {
            assert_eq!(row.code as usize, place);
            assert_eq!(Code::from_key(row.key), Some(row.code));
            assert_eq!(Code::from_cf_code10(row.cf_code10), Some(row.code));
        }
    }

    #[test]
    fn the_numbers_that_public_code_often_gets_wrong_are_right() {
        // Seen in the wild: the mean as 150022, body height as temperature, blood-gas saturation as SpO2.
        assert_eq!(Code::NibpMean.info().cf_code10, 2 * 65536 + 18951);
        assert_eq!(Code::Spo2.info().cf_code10, 2 * 65536 + 19384);
        assert_eq!(Code::TempBody.info().cf_code10, 2 * 65536 + 19292);
    }

    #[test]
    fn i5_zero_and_impossible_values_are_reasons_not_numbers() {
        assert_eq!(
            Code::Hr.judge(Decimal::whole(0)),
            Measured::Absent(AbsentReason::NotMeasured)
        );
        assert_eq!(
            Code::Rr.judge(Decimal::whole(0)),
            Measured::Absent(AbsentReason::NotMeasured)
        );
        assert_eq!(
            Code::Spo2.judge(Decimal::whole(127)),
            Measured::Absent(AbsentReason::Implausible)
        );
        assert_eq!(
            Code::Temp.judge(Decimal::new(451, 1)),
            Measured::Absent(AbsentReason::Implausible)
        );
        assert_eq!(
            Code::Spo2.judge(Decimal::whole(84)),
            Measured::Value(Decimal::whole(84))
        );
        assert_eq!(
            Code::CvpMean.judge(Decimal::whole(0)),
            Measured::Value(Decimal::whole(0))
        );
    }
}
