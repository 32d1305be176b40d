//! The devices that hang on a Modbus line: what they measure and in which registers it stands.

use std::f64::consts::TAU;
use std::time::Duration;

use crate::patient::{Nibp, Patient, Perfusion, Vitals};
use crate::truth::{Values, values};

use super::bank::Bank;

/// "No value" of the invented bedside map.
const NO_VALUE: u16 = 0xFFFF;

/// One device.
pub enum Unit {
    /// The invented bedside monitor on a patient.
    Bedside {
        /// Who lies there.
        patient: Box<dyn Patient>,
        /// Counts the seconds it has measured; wraps.
        packets: u16,
    },
    /// A fridge with an SHT20 / XY-MD02 sensor.
    XyMd02,
    /// A solar charge controller (EPEver Tracer) with its battery.
    Epever,
}

impl Unit {
    /// The bedside monitor of the invented map.
    pub fn bedside(patient: Box<dyn Patient>) -> Unit {
        Unit::Bedside { patient, packets: 0 }
    }

    /// What it holds at device time `t`, and the values of its truth log.
    pub(super) fn measure(&mut self, t: Duration) -> (Bank, Values) {
        match self {
            Unit::Bedside { patient, packets } => {
                *packets = packets.wrapping_add(1);
                bedside(&patient.at(t), *packets)
            }
            Unit::XyMd02 => fridge(t),
            Unit::Epever => solar(t),
        }
    }
}

/// Input registers 0 to 10 of the invented map: status bits, HR, PR, SpO2, RR, T x0.1, NIBP sys, dia, mean, age, counter.
fn bedside(vitals: &Vitals, packets: u16) -> (Bank, Values) {
    let rates = [vitals.hr, vitals.pulse, vitals.spo2, vitals.resp].map(|value| value.map(word));
    let [hr, pr, spo2, rr] = rates;
    let temp = vitals.temp.map(|celsius| word(celsius * 10.0));
    let cuff = |part: fn(&Nibp) -> f64| vitals.nibp.as_ref().map(part).map(word);
    let [sys, dia, mean] = [
        cuff(|nibp| nibp.sys),
        cuff(|nibp| nibp.dia),
        cuff(|nibp| nibp.mean),
    ];
    let age = cuff(|nibp| nibp.age.as_secs_f64().floor());
    let registers = [hr, pr, spo2, rr, temp, sys, dia, mean, age].map(|value| value.unwrap_or(NO_VALUE));
    let mut bank = Bank::default();
    bank.put_input(0, &[status(vitals)]);
    bank.put_input(1, &registers);
    bank.put_input(10, &[packets]);
    let text = |value: Option<u16>| value.map(|value| value.to_string());
    let said = values([
        ("hr", text(hr)),
        ("pr", text(pr)),
        ("spo2", text(spo2)),
        ("rr", text(rr)),
        ("temp", temp.map(|tenths| decimal(i32::from(tenths), 1))),
        ("nibp_s", text(sys)),
        ("nibp_d", text(dia)),
        ("nibp_m", text(mean)),
    ]);
    (bank, said)
}

fn status(vitals: &Vitals) -> u16 {
    let bits = [
        vitals.hr.is_none(),
        vitals.probe_off,
        vitals.artefact,
        vitals.perfusion == Perfusion::Low,
        vitals.nibp_measuring,
        vitals.resp.is_none(),
    ];
    bits.iter()
        .rev()
        .fold(0, |word, bit| (word << 1) | u16::from(*bit))
}

/// The nearest register value; one below "no value" is the largest.
fn word(value: f64) -> u16 {
    value.round().clamp(0.0, f64::from(NO_VALUE - 1)) as u16
}

/// SHT20 / XY-MD02: input 1 temperature int16 x0.1 Cel, 2 humidity x0.1 %; holding 0101h.. settings.
fn fridge(t: Duration) -> (Bank, Values) {
    // The compressor runs once in twenty minutes: 3.4 to 5.8 degrees, well within 2 to 8.
    let wave = (TAU * t.as_secs_f64() / 1_200.0).sin();
    let temperature = (46.0 + 12.0 * wave).round() as i16;
    let humidity = word(452.0 - 40.0 * wave);
    let mut bank = Bank::default();
    bank.put_input(1, &[temperature.cast_unsigned(), humidity]);
    bank.holding
        .extend([(0x0101, 1), (0x0102, 9_600), (0x0103, 0), (0x0104, 0)]);
    let said = values([
        ("temperature", Some(decimal(i32::from(temperature), 1))),
        ("humidity", Some(decimal(i32::from(humidity), 1))),
    ]);
    (bank, said)
}

/// EPEver Tracer: 32-bit values low word first, addresses of the sheet; 3108h to 310Bh do not exist.
fn solar(t: Duration) -> (Bank, Values) {
    // A day begins at noon; the sun is up while the cosine is positive.
    let sun = (TAU * t.as_secs_f64() / 86_400.0).cos().max(0.0);
    let pv_volts = word(1_843.0 * sun.sqrt());
    let pv_amps = word(215.0 * sun);
    let charge = word(55.0 + 35.0 * sun);
    let battery_volts = word(1_240.0 + 90.0 * f64::from(charge) / 100.0);
    let (load_volts, load_amps) = (battery_volts, 120_u16);
    let pv_watts = u32::from(pv_volts) * u32::from(pv_amps) / 100;
    let battery_amps = word(298.0 * sun);
    let battery_watts = u32::from(battery_volts) * u32::from(battery_amps) / 100;
    let load_watts = u32::from(load_volts) * u32::from(load_amps) / 100;
    let net_amps = (i32::from(battery_amps) - i32::from(load_amps)).cast_unsigned();
    let day = sun > 0.0;
    let mut bank = Bank::default();
    let [pv_low, pv_high] = words(pv_watts);
    let [battery_low, battery_high] = words(battery_watts);
    let head = [
        pv_volts,
        pv_amps,
        pv_low,
        pv_high,
        battery_volts,
        battery_amps,
        battery_low,
        battery_high,
    ];
    bank.put_input(0x3100, &head);
    let [load_low, load_high] = words(load_watts);
    bank.put_input(
        0x310C,
        &[load_volts, load_amps, load_low, load_high, 2_510, 2_840],
    );
    bank.put_input(0x311A, &[charge]);
    bank.put_input(0x331B, &words(net_amps));
    bank.put_input(0x3200, &[0, if day { 0b1011 } else { 0b0001 }]);
    bank.discrete.extend([(0x2000, false), (0x200C, !day)]);
    let hundredths = |value: u16| Some(decimal(i32::from(value), 2));
    let said = values([
        ("pv.voltage", hundredths(pv_volts)),
        ("battery.voltage", hundredths(battery_volts)),
        ("battery.current", hundredths(battery_amps)),
        ("battery.soc", Some(charge.to_string())),
        ("battery.status", Some("0".to_owned())),
    ]);
    (bank, said)
}

/// Low word first.
fn words(value: u32) -> [u16; 2] {
    [(value & 0xFFFF) as u16, (value >> 16) as u16]
}

/// A register with so many decimal places, as text: -7 tenths is "-0.7".
fn decimal(scaled: i32, places: usize) -> String {
    let sign = if scaled < 0 { "-" } else { "" };
    let digits = format!("{:0width$}", scaled.unsigned_abs(), width = places + 1);
    let (whole, part) = digits.split_at(digits.len() - places);
    format!("{sign}{whole}.{part}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_their_sign_and_zeros() {
        assert_eq!(decimal(-7, 1), "-0.7");
        assert_eq!(decimal(-187, 1), "-18.7");
        assert_eq!(decimal(1_300, 2), "13.00");
        assert_eq!(decimal(5, 2), "0.05");
    }

    #[test]
    fn i5_the_bedside_map_says_no_value_by_ffff_and_repeats_a_zero() {
        let vitals = Vitals {
            resp: Some(0.0),
            temp: Some(36.75),
            probe_off: true,
            ..Vitals::default()
        };
        let (bank, said) = bedside(&vitals, 9);
        let words: Vec<u16> = bank.input.values().copied().collect();
        let none = NO_VALUE;
        assert_eq!(
            words,
            [0b00_0011, none, none, none, 0, 368, none, none, none, none, 9]
        );
        assert_eq!(said["rr"], Some("0".to_owned()));
        assert_eq!(said["temp"], Some("36.8".to_owned()));
        assert_eq!(said["spo2"], None);
    }

    #[test]
    fn the_bedside_map_holds_every_value_at_its_address() {
        let vitals = Vitals {
            hr: Some(81.4),
            pulse: Some(80.0),
            spo2: Some(83.5),
            resp: Some(25.0),
            temp: Some(38.0),
            nibp: Some(Nibp {
                sys: 121.0,
                dia: 79.4,
                mean: 93.0,
                age: Duration::from_millis(61_900),
            }),
            nibp_measuring: true,
            artefact: true,
            perfusion: Perfusion::Low,
            ..Vitals::default()
        };
        let (bank, said) = bedside(&vitals, 65_535);
        let words: Vec<u16> = bank.input.values().copied().collect();
        assert_eq!(words, [0b01_1100, 81, 80, 84, 25, 380, 121, 79, 93, 61, 65_535]);
        assert_eq!(said["temp"], Some("38.0".to_owned()));
        assert_eq!(said["nibp_d"], Some("79".to_owned()));
    }

    #[test]
    fn a_fridge_stays_between_two_and_eight_degrees() {
        for second in 0..3_600 {
            let (bank, _) = fridge(Duration::from_secs(second));
            assert!((20..=80).contains(&bank.input[&1]));
        }
    }

    #[test]
    fn a_battery_fills_by_day_and_the_controller_has_its_holes() {
        let noon = solar(Duration::ZERO).0;
        let midnight = solar(Duration::from_secs(43_200)).0;
        assert_eq!((noon.input[&0x311A], midnight.input[&0x311A]), (90, 55));
        assert_eq!(
            (noon.discrete[&0x200C], midnight.discrete[&0x200C]),
            (false, true)
        );
        assert!(!noon.input.contains_key(&0x3108));
        // The battery gives at night: a negative 32-bit current, low word first.
        assert_eq!(
            (midnight.input[&0x331B], midnight.input[&0x331C]),
            (0xFFFF - 119, 0xFFFF)
        );
    }
}
