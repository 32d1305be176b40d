//! What a monitor makes of a body: the blocks of displayed values, and the log of what they say.
//!
//! B1. A value that the monitor does not have is a mark, never 0 (I5).
//! B2. The cuff's last result stays in the record until the next one; label bit 8 says that it is older than 60 s.

use std::time::Duration;

use crate::patient::{Perfusion, Vitals};
use crate::truth::Values;

/// "Invalid".
pub const NO_VALUE: i16 = -32767;

/// What the monitor is equipped with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Modules {
    /// An arterial line on P2.
    pub artery: bool,
    /// A CO2 module.
    pub co2: bool,
}

/// Bits 0 and 1 of every status: the module is there and measures.
const ACTIVE: u32 = 3;

/// Fraction of CO2 at the end of a breath, 1/100 %, and ambient pressure, 1/10 mmHg.
const CO2_END_TIDAL: i16 = 500;
const AMBIENT: i16 = 7_598;

/// A block of 270 bytes as it is filled, and what it says.
#[derive(Clone, Debug)]
pub struct Block {
    class: u8,
    bytes: Vec<u8>,
    /// By code key.
    pub said: Values,
}

/// Offsets of the groups of the Basic class and how many values each has.
const BASIC: &[(usize, usize)] = &[
    (0, 5),
    (16, 4),
    (30, 4),
    (44, 4),
    (58, 4),
    (72, 4),
    (86, 1),
    (94, 1),
    (102, 1),
    (110, 1),
    (118, 4),
    (132, 4),
    (146, 2),
    (156, 2),
    (166, 3),
    (178, 8),
    (200, 4),
    (214, 3),
    (232, 1),
    (240, 4),
    (254, 4),
];

/// The same of Ext1, as far as it is played.
const EXT1: &[(usize, usize)] = &[(54, 12), (78, 4), (92, 4), (106, 4), (120, 1), (128, 1)];

impl Block {
    /// A block in which nothing is measured.
    pub fn new(class: u8) -> Block {
        let mut block = Block {
            class,
            bytes: vec![0; 270],
            said: Values::new(),
        };
        let groups = match class {
            0 => BASIC,
            1 => EXT1,
            _ => &[],
        };
        for (at, count) in groups {
            (0..*count).for_each(|value| block.put(at + 6 + 2 * value, NO_VALUE));
        }
        if class == 0 {
            [226, 228, 230].into_iter().for_each(|at| block.put(at, NO_VALUE));
        }
        block
    }

    /// Writes two bytes.
    pub fn put(&mut self, at: usize, value: i16) {
        self.bytes[at..at + 2].copy_from_slice(&value.to_le_bytes());
    }

    /// Writes a group: status, label, values.
    pub fn group(&mut self, at: usize, status: u32, label: u16, values: &[i16]) {
        self.bytes[at..at + 4].copy_from_slice(&status.to_le_bytes());
        self.bytes[at + 4..at + 6].copy_from_slice(&label.to_le_bytes());
        for (place, value) in values.iter().enumerate() {
            self.put(at + 6 + 2 * place, *value);
        }
    }

    /// Notes what a value says: the raw number with so many digits after the point.
    pub fn say(&mut self, key: &str, raw: i16, places: usize) {
        let text = (raw > -32_001).then(|| {
            let scale = 10_i16.pow(places as u32);
            format!("{:.*}", places, f64::from(raw) / f64::from(scale))
        });
        self.said.insert(key.to_owned(), text);
    }

    /// The subrecord: time, block, marker, class word.
    pub fn subrecord(&self, time: u32, level: u8) -> Vec<u8> {
        let mut part = time.to_le_bytes().to_vec();
        part.extend(&self.bytes);
        part.extend([0, 0]);
        part.extend([(level << 4) | 1, self.class]);
        part
    }
}

fn whole(value: Option<f64>) -> i16 {
    value.map_or(NO_VALUE, |value| value.round() as i16)
}

fn hundredths(value: Option<f64>, step: f64) -> i16 {
    value.map_or(NO_VALUE, |value| {
        ((value / step).round() * step * 100.0).round() as i16
    })
}

/// The Basic class.
pub fn basic(vitals: &Vitals, modules: Modules) -> Block {
    let mut block = Block::new(0);
    ecg(&mut block, vitals);
    cuff(&mut block, vitals);
    // T1, not placed anywhere in particular.
    let temperature = hundredths(vitals.temp, 0.1);
    block.group(86, ACTIVE, 11, &[temperature]);
    block.say("temp", temperature, 2);
    oximeter(&mut block, vitals);
    if modules.artery {
        artery(&mut block, vitals);
    }
    if modules.co2 {
        let rate = whole(vitals.resp);
        block.group(132, ACTIVE, 1, &[CO2_END_TIDAL, 10, rate, AMBIENT]);
        let mmhg = f64::from(CO2_END_TIDAL) * f64::from(AMBIENT) / 100_000.0;
        block.said.insert("etco2".to_owned(), Some(format!("{mmhg:.1}")));
        block.say("rr_co2", rate, 0);
    }
    block
}

fn ecg(block: &mut Block, vitals: &Vitals) {
    let (rate, breath) = (whole(vitals.hr), whole(vitals.resp));
    // Bit 2 asystole; bits 3 to 6 the source of the rate: 1 is the ECG; bits 11 to 13 leads off.
    let status = match vitals.hr {
        None => ACTIVE | 7 << 11,
        Some(rate) if rate < 1.0 => ACTIVE | 1 << 2 | 1 << 3,
        Some(_) => ACTIVE | 1 << 3,
    };
    // Channel 1 is lead II, channel 2 lead V, channel 3 lead I; QRS from channel 1.
    block.group(0, status, 0x1271, &[rate, 20, NO_VALUE, NO_VALUE, breath]);
    block.put(226, rate);
    block.say("hr", if rate == 0 { NO_VALUE } else { rate }, 0);
    block.say("rr_imp", if breath == 0 { NO_VALUE } else { breath }, 0);
}

fn cuff(block: &mut Block, vitals: &Vitals) {
    let Some(nibp) = vitals.nibp else {
        return;
    };
    let values = [nibp.sys, nibp.dia, nibp.mean].map(|value| hundredths(Some(value), 1.0));
    let measuring = if vitals.nibp_measuring { 1 << 5 } else { 0 };
    let older = if nibp.age > Duration::from_secs(60) {
        1 << 8
    } else {
        0
    };
    let [sys, dia, mean] = values;
    block.group(
        72,
        ACTIVE,
        1 << 3 | measuring | older,
        &[sys, dia, mean, NO_VALUE],
    );
    for (key, raw) in ["nibp_s", "nibp_d", "nibp_m"].into_iter().zip(values) {
        block.say(key, raw, 2);
    }
}

fn oximeter(block: &mut Block, vitals: &Vitals) {
    let there = |value: Option<f64>| value.filter(|value| !vitals.probe_off && *value >= 1.0);
    let saturation = hundredths(there(vitals.spo2), 1.0);
    let pulse = whole(there(vitals.pulse));
    let modulation = match vitals.perfusion {
        _ if saturation == NO_VALUE => NO_VALUE,
        Perfusion::Good => 250,
        Perfusion::Marginal => 80,
        Perfusion::Low => 30,
    };
    block.group(118, ACTIVE, 0, &[saturation, pulse, modulation, NO_VALUE]);
    block.say("spo2", saturation, 2);
    block.say("pr", pulse, 0);
    block.say("pi", modulation, 2);
}

/// An artery that agrees with the cuff.
fn artery(block: &mut Block, vitals: &Vitals) {
    let pressures = vitals.nibp.map(|nibp| [nibp.sys, nibp.dia, nibp.mean]);
    let values = pressures.map_or([NO_VALUE; 3], |all| all.map(|value| hundredths(Some(value), 1.0)));
    let [sys, dia, mean] = values;
    let pulse = whole(vitals.hr);
    block.group(30, ACTIVE | 1 << 3, 1, &[sys, dia, mean, pulse]);
    for (key, raw) in ["abp_s", "abp_d", "abp_m"].into_iter().zip(values) {
        block.say(key, raw, 2);
    }
    block.say("pr_abp", pulse, 0);
}

/// The Ext1 class: what the monitor finds in the rhythm.
pub fn ext1(vitals: &Vitals) -> Block {
    let mut block = Block::new(1);
    let found = match vitals.hr {
        None => 1 << 30,
        Some(rate) if rate < 1.0 => 1,
        Some(rate) if rate < 50.0 => 1 << 27,
        Some(rate) if rate > 120.0 => 1 << 28,
        Some(_) => 0_u32,
    };
    block.group(0, ACTIVE, 0, &[whole(vitals.hr), NO_VALUE, 0]);
    block.bytes[12..16].copy_from_slice(&found.to_le_bytes());
    block
}

/// The auxiliary block: when the cuff measured, by the monitor's clock.
pub fn auxiliary(vitals: &Vitals, time: u32) -> Vec<u8> {
    let measured = vitals.nibp.map_or(0, |nibp| time - nibp.age.as_secs() as u32);
    let mut part = measured.to_le_bytes().to_vec();
    part.resize(114, 0);
    part
}

/// What an alarm says and its colour: 1 white, 2 yellow, 3 red.
pub type Alarm = (&'static str, i16);

/// The alarms of a monitor with usual limits, the most urgent first.
pub fn alarms(vitals: &Vitals) -> Vec<Alarm> {
    let below = |value: Option<f64>, limit: f64| value.is_some_and(|value| value < limit);
    let above = |value: Option<f64>, limit: f64| value.is_some_and(|value| value > limit);
    let mut alarms: Vec<Alarm> = [
        (below(vitals.hr, 1.0), ("ASYSTOLE", 3)),
        (below(vitals.spo2, 85.0), ("SpO2 LOW", 3)),
        (
            below(vitals.spo2, 90.0) && !below(vitals.spo2, 85.0),
            ("SpO2 LOW", 2),
        ),
        (above(vitals.hr, 120.0), ("HR HIGH", 2)),
        (below(vitals.hr, 50.0) && !below(vitals.hr, 1.0), ("HR LOW", 2)),
        (above(vitals.resp, 30.0), ("Resp HIGH", 2)),
        (vitals.probe_off, ("SpO2 PROBE OFF", 1)),
        (vitals.hr.is_none(), ("ECG LEADS OFF", 1)),
    ]
    .into_iter()
    .filter_map(|(is_there, alarm)| is_there.then_some(alarm))
    .collect();
    alarms.truncate(5);
    alarms
}

/// The alarm subrecord.
pub fn alarm_part(alarms: &[Alarm]) -> Vec<u8> {
    let mut part = vec![0; 10];
    part[2] = 1;
    for slot in 0..5 {
        let (text, colour) = alarms.get(slot).copied().unwrap_or(("", 0));
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(82, 0);
        bytes.extend(colour.to_le_bytes());
        bytes.resize(98, 0);
        part.extend(bytes);
    }
    part.resize(510, 0);
    part
}
