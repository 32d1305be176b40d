//! What the ventilator says: lists of values, alarms and texts, the time, and its curves.

use std::time::Duration;

use crate::curves::Curves;
use crate::patient::Vitals;
use crate::truth::Values;

/// How the ventilator is set.
#[derive(Clone, Copy, Debug, Default)]
pub struct Setting {
    /// CO2 in kPa instead of mmHg.
    pub co2_in_kpa: bool,
    /// In standby: the list still has its last numbers, the texts say standby.
    pub standby: bool,
}

const CMH2O_PER_MBAR: f64 = 1.01972;
const MMHG_PER_KPA: f64 = 7.50062;

/// The ventilator's settings, mbar and per cent.
const PEEP: f64 = 5.0;
const FIO2: f64 = 40.0;

/// A data list under construction, with what it says.
struct List {
    text: String,
    truth: Values,
    silent: bool,
}

impl List {
    /// A value in the device's unit, and as it is understood: key and factor. No value: four spaces.
    fn add(&mut self, code: &str, value: Option<f64>, places: usize, meant: Option<(&str, f64)>) {
        let digits = value.map_or(String::new(), |value| format!("{value:.places$}"));
        self.text += &format!("{code}{digits:>4}");
        let Some((key, factor)) = meant else { return };
        let said = match digits.parse::<f64>() {
            _ if self.silent => None,
            Ok(number) if factor != 1.0 => Some(format!("{:.1}", (number * factor * 10.0).round() / 10.0)),
            Ok(_) => Some(digits),
            Err(_) => None,
        };
        self.truth.insert(key.to_owned(), said);
    }
}

/// Measured data, page 1, with what they mean.
pub fn data(vitals: &Vitals, setting: Setting) -> (Vec<u8>, Values) {
    let mut list = List {
        text: String::new(),
        truth: Values::new(),
        silent: setting.standby,
    };
    let resp = vitals.resp.map(f64::round).filter(|rate| *rate >= 1.0);
    let tidal = resp.map(|rate| (470.0 - 4.0 * (rate - 14.0)).round());
    let finger = |value: Option<f64>| {
        value
            .map(f64::round)
            .filter(|value| !vitals.probe_off && *value >= 1.0)
    };
    let etco2 = resp.map(|rate| 38.0 - 0.5 * (rate - 14.0));
    list.add("07", Some(52.0), 0, None);
    list.add("78", Some(PEEP), 0, Some(("peep", CMH2O_PER_MBAR)));
    list.add(
        "7D",
        tidal.map(|tidal| PEEP + tidal / 36.0),
        0,
        Some(("ppeak", CMH2O_PER_MBAR)),
    );
    list.add("88", tidal, 0, Some(("tv", 1.0)));
    let minute = resp.zip(tidal).map(|(rate, tidal)| rate * tidal / 1000.0);
    list.add("B9", minute, 1, Some(("mv", 1.0)));
    list.add("D6", resp, 0, Some(("rr", 1.0)));
    list.add(
        "DC",
        vitals.hr.map(f64::round).filter(|rate| *rate >= 1.0),
        0,
        Some(("hr", 1.0)),
    );
    list.add("E1", finger(vitals.pulse), 0, Some(("pr", 1.0)));
    if setting.co2_in_kpa {
        list.add(
            "E3",
            etco2.map(|mmhg| mmhg / MMHG_PER_KPA),
            1,
            Some(("etco2", MMHG_PER_KPA)),
        );
    } else {
        list.add("E6", etco2, 0, Some(("etco2", 1.0)));
    }
    list.add("EB", finger(vitals.spo2), 0, Some(("spo2", 1.0)));
    list.add("F0", Some(FIO2), 0, Some(("fio2", 1.0)));
    list.add("C3", vitals.temp, 1, Some(("temp", 1.0)));
    if let Some(nibp) = vitals.nibp {
        list.add("96", Some(nibp.sys), 0, Some(("nibp_s", 1.0)));
        list.add("8C", Some(nibp.dia), 0, Some(("nibp_d", 1.0)));
        list.add("91", Some(nibp.mean), 0, Some(("nibp_m", 1.0)));
    }
    (list.text.into_bytes(), list.truth)
}

/// Alarms, page 1: priority, code and a phrase of twelve characters each.
pub fn alarms(vitals: &Vitals) -> Vec<u8> {
    let low = |value: Option<f64>, limit: f64| value.is_some_and(|value| value.round() < limit);
    let high = |value: Option<f64>, limit: f64| value.is_some_and(|value| value.round() > limit);
    let all = [
        (low(vitals.spo2, 90.0) && !vitals.probe_off, 28, "07", "SPO2 LOW"),
        (
            high(vitals.pulse, 120.0) && !vitals.probe_off,
            20,
            "1E",
            "SPO2 PULS HI",
        ),
        (high(vitals.resp, 30.0), 15, "90", "RESP RATE HI"),
        (vitals.probe_off, 6, "35", "SPO2 SENSOR"),
    ];
    let mut text = String::new();
    for (_, priority, code, phrase) in all.into_iter().filter(|(is_present, ..)| *is_present) {
        text += &format!("{}{code}{phrase:<12}", char::from(0x30 + priority));
    }
    text.into_bytes()
}

/// Texts: code, length, text, ETX.
pub fn texts(setting: Setting) -> Vec<u8> {
    let mode = if setting.standby {
        ("1E", "STANDBY")
    } else {
        ("06", "SIMV")
    };
    let unit = if setting.co2_in_kpa {
        ("23", "kPa")
    } else {
        ("22", "mmHg")
    };
    let mut out = Vec::new();
    for (code, text) in [mode, ("20", "ADULT"), unit] {
        out.extend(code.bytes());
        out.push(0x30 + text.len() as u8);
        out.extend(text.bytes());
        out.push(0x03);
    }
    out
}

/// Date and time: the device was switched on at 09:33 of 7 October 2014 by its own clock.
pub fn time(at: Duration) -> Vec<u8> {
    let seconds = 9 * 3600 + 33 * 60 + at.as_secs();
    let (day, rest) = (7 + seconds / 86_400, seconds % 86_400);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!(
        "{hour:2}:{minute:02}:{second:02} {}-OKT-14",
        day % 31 + u64::from(day > 30)
    )
    .into_bytes()
}

/// The curves that the ventilator has: code, lowest and highest value.
pub const CURVES: [(u8, i32, i32); 4] = [
    (0x00, -20, 100),
    (0x01, -120, 120),
    (0x02, 0, 100),
    (0x06, 0, 100),
];

/// Between two samples of each curve.
pub const INTERVAL: Duration = Duration::from_millis(16);

const BINS: f64 = 4095.0;

/// What the device says about its curves.
pub fn curve_list() -> Vec<u8> {
    let record = |(code, low, high): &(u8, i32, i32)| {
        format!(
            "{code:02X}{:>8}{low:>5}{high:>5}{:03X}",
            INTERVAL.as_micros(),
            0xFFF
        )
    };
    CURVES.iter().map(record).collect::<String>().into_bytes()
}

/// A sample of a curve in its bins, 0 to 4095.
pub fn sample(code: u8, curves: &Curves) -> u16 {
    let Some((_, low, high)) = CURVES.iter().find(|(known, ..)| *known == code) else {
        return 0;
    };
    let breath = curves.breath();
    let value = match code {
        0x00 => PEEP + 13.0 * breath.max(0.0),
        0x01 => 40.0 * breath,
        0x02 => 100.0 * curves.pleth(),
        _ => 38.0 * (-breath).max(0.0),
    };
    let (low, high) = (f64::from(*low), f64::from(*high));
    ((value - low) / (high - low) * BINS).round().clamp(0.0, BINS) as u16
}
