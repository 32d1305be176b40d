//! What the monitor makes of the patient: numerics, alarms and curves as objects of results, with what they say.

use std::time::Duration;

use super::bytes::{attribute, list, sized, u16s, u32s};
use super::results::{Alarm, Object, Value};
use crate::curves::Curves;
use crate::patient::{Perfusion, Vitals};
use crate::truth::Values;

const BEATS: u16 = 0x0AA0;
const BREATHS: u16 = 0x0AE0;
const PERCENT: u16 = 0x0220;
const MMHG: u16 = 0x0F20;
const KPA: u16 = 0x0F03;
const CELSIUS: u16 = 0x17A0;

const INVALID: u16 = 0x8000;
const UNAVAILABLE: u16 = 0x2000;
const QUESTIONABLE: u16 = 0x4000;
const DEMONSTRATION: u16 = 0x0400;
const ONGOING: u16 = 0x0020;

/// Leads of the compound ECG that is exported unless somebody selects other curves.
const LEADS: [u16; 3] = [0x0101, 0x0102, 0x013D];
const PLETH: u16 = 0x4BB4;
const RESP: u16 = 0x5000;

/// Curves that can be selected.
pub const CURVES: [u16; 6] = [0x0101, 0x0102, 0x013D, 0x0143, PLETH, RESP];

/// A block of every curve lasts 256 ms, in steps of 2 ms.
const BLOCK_STEPS: usize = 128;
const STEP: Duration = Duration::from_millis(2);

/// An object and what it says.
pub struct Said {
    /// The object.
    pub object: Object,
    /// By code key.
    pub truth: Values,
}

/// How the monitor is set up.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    /// Every value is flagged as demonstration.
    pub demonstration: bool,
    /// Pressures in kPa.
    pub kpa: bool,
}

/// A number that stands for something: what a body says as 0, it does not say.
fn usable(value: Option<f64>, places: u8) -> Option<f64> {
    let scale = 10_f64.powi(places.into());
    let rounded = (value? * scale).round() / scale;
    (rounded > 0.0).then_some(rounded)
}

fn one(handle: u16, key: &str, value: Value) -> Said {
    let is_said = value.state & 0xFF00 & !QUESTIONABLE == 0;
    let said = value.number.filter(|_| is_said);
    Said {
        object: (1, handle, vec![attribute(0x0950, &value.bytes())]),
        truth: [(
            key.to_owned(),
            said.map(|number| format!("{number:.*}", usize::from(value.places))),
        )]
        .into(),
    }
}

/// All numerics; the cuff's time stamp by the monitor's clock, which says `wall_s` now.
pub fn numerics(vitals: &Vitals, look: Look, wall_s: i64) -> Vec<Said> {
    let flags = if look.demonstration { DEMONSTRATION } else { 0 };
    let weak = vitals.artefact || vitals.perfusion == Perfusion::Low;
    let value = |physio, unit, number: Option<f64>, places, missing| {
        let number = usable(number, places);
        Value {
            physio,
            state: flags | if number.is_some() { 0 } else { missing },
            unit,
            number,
            places,
        }
    };
    let finger = |mut value: Value| {
        if weak && value.number.is_some() {
            value.state |= QUESTIONABLE;
        }
        value
    };
    let on = |number: Option<f64>| number.filter(|_| !vitals.probe_off);
    let mut all = vec![
        one(0x82B3, "hr", value(0x4182, BEATS, vitals.hr, 0, INVALID)),
        one(
            0x83D5,
            "spo2",
            finger(value(0x4BB8, PERCENT, on(vitals.spo2), 0, INVALID)),
        ),
        one(
            0x83D6,
            "pr",
            finger(value(0x4822, BEATS, on(vitals.pulse), 0, UNAVAILABLE)),
        ),
        one(0x8410, "rr", value(0x500A, BREATHS, vitals.resp, 0, INVALID)),
        one(0x8408, "temp", value(0x4B48, CELSIUS, vitals.temp, 1, INVALID)),
        // Switched off: an object without a value.
        Said {
            object: (1, 0x82CA, Vec::new()),
            truth: Values::new(),
        },
    ];
    all.extend(cuff(vitals, look, flags, wall_s));
    all
}

fn cuff(vitals: &Vitals, look: Look, flags: u16, wall_s: i64) -> Option<Said> {
    let nibp = vitals.nibp?;
    let state = flags | if vitals.nibp_measuring { ONGOING } else { 0 };
    let (unit, scale, places) = if look.kpa {
        (KPA, 7.500_62, 1)
    } else {
        (MMHG, 1.0, 0)
    };
    let (mut values, mut truth) = (Vec::new(), Values::new());
    for (physio, key, mmhg) in [
        (0x4A05, "nibp_s", nibp.sys),
        (0x4A06, "nibp_d", nibp.dia),
        (0x4A07, "nibp_m", nibp.mean),
    ] {
        let number = usable(Some(mmhg / scale), places);
        let value = Value {
            physio,
            state: state | if number.is_some() { 0 } else { INVALID },
            unit,
            number,
            places,
        };
        values.push(value.bytes());
        truth.insert(
            key.to_owned(),
            number.map(|number| format!("{:.0}", (number * scale).round())),
        );
    }
    let taken = wall_s - nibp.age.as_secs() as i64;
    let attributes = vec![
        attribute(0x0990, &super::bytes::absolute(taken)),
        // Real monitors send this one; nobody knows what it means.
        attribute(0xF237, &u32s(&[u32::MAX])),
        attribute(0x094B, &list(&values)),
    ];
    Some(Said {
        object: (1, 0x826A, attributes),
        truth,
    })
}

/// What alarms: of the patient, and technical.
pub fn alarms(vitals: &Vitals) -> (Vec<Alarm>, Vec<Alarm>) {
    let alarm = |source, code, kind, handle, text| Alarm {
        source,
        code,
        kind,
        state: 0,
        handle,
        text,
    };
    let (mut patient, mut technical) = (Vec::new(), Vec::new());
    if vitals.probe_off {
        technical.push(alarm(0x4BB8, 308, 0x0002, 0x83D5, "SpO2 SENSOR OFF"));
    } else if vitals.spo2.is_some_and(|spo2| spo2.round() < 90.0) {
        patient.push(alarm(0x4BB8, 62, 0x0400, 0x83D5, "*** SpO2 LOW"));
    }
    if vitals.hr.is_some_and(|hr| hr.round() > 120.0) {
        patient.push(alarm(0x4182, 40, 0x0200, 0x82B3, "** HR HIGH"));
    }
    (patient, technical)
}

/// The alarm monitor with both lists.
pub fn alarm_object(lists: &(Vec<Alarm>, Vec<Alarm>), counter: u16, demonstration: bool) -> Object {
    let state = if demonstration { 0x1100 } else { 0 };
    let entries = |list: &[Alarm]| list.iter().map(Alarm::bytes).collect::<Vec<_>>();
    let worst = |list: &[Alarm]| list.iter().map(|alarm| alarm.kind).max().unwrap_or(0);
    let (patient, technical) = lists;
    let condition = [
        state,
        counter,
        worst(patient),
        worst(technical),
        worst(patient).max(worst(technical)),
    ];
    (
        0,
        0x8401,
        vec![
            attribute(0x0916, &u16s(&condition)),
            attribute(0x0902, &list(&entries(patient))),
            attribute(0x0904, &list(&entries(technical))),
        ],
    )
}

/// The objects of one block of every exported curve. `selected`: single curves; nothing: a compound ECG, pleth, breath. The
/// form of one curve in turn comes with each fourth block.
pub fn waves(curves: &mut Curves, vitals: &Vitals, selected: &[u16], block: u64) -> Vec<Object> {
    let (mut ecg, mut pleth, mut breath) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..BLOCK_STEPS {
        curves.advance(STEP, vitals.hr, vitals.resp);
        ecg.push(curves.ecg_mv());
        pleth.push((curves.pleth() * 4095.0) as u16);
        breath.push(((curves.breath() * 0.5 + 0.6 + 0.65) / 2.5 * 4095.0) as u16);
    }
    let lead = |physio: u16, every: usize| {
        let height = match physio {
            0x0101 => 0.6,
            0x013D => 0.4,
            0x0143 => 1.2,
            _ => 1.0,
        };
        let steps = ecg.iter().step_by(every);
        // The highest bit is a mark that nobody may take for a height.
        steps
            .map(|mv| 0x4000 | (8192.0 + mv * height * 200.0) as u16 & 0x3FFF)
            .collect::<Vec<u16>>()
    };
    let samples =
        |physio: u16, state: u16, samples: &[u16]| [u16s(&[physio, state]), sized(&u16s(samples))].concat();
    let every = |all: &[u16], step: usize| all.iter().copied().step_by(step).collect::<Vec<u16>>();
    let finger = if vitals.probe_off { INVALID } else { 0 };
    let mut objects: Vec<(Object, [u16; 3])> = Vec::new();
    let plain = [PLETH, RESP];
    if selected.is_empty() {
        let leads: Vec<_> = LEADS
            .iter()
            .map(|physio| samples(*physio, 0, &lead(*physio, 2)))
            .collect();
        objects.push(((1, 0x9200, vec![attribute(0x0967, &list(&leads))]), [64, 14, 32]));
    }
    for physio in if selected.is_empty() { &plain } else { selected } {
        let (handle, bytes, form) = match *physio {
            PLETH => (0x9100, samples(PLETH, finger, &every(&pleth, 4)), [32, 12, 64]),
            RESP => (0x9300, samples(RESP, 0, &every(&breath, 8)), [16, 12, 128]),
            // All ECG curves share one handle, as in real monitors.
            lead_id => (0x9200, samples(lead_id, 0, &lead(lead_id, 1)), [128, 14, 16]),
        };
        objects.push(((1, handle, vec![attribute(0x096E, &bytes)]), form));
    }
    let turn = (block / 4) as usize % objects.len();
    if block % 4 == 3 {
        let (object, [count, bits, period]) = &mut objects[turn];
        object
            .2
            .push(attribute(0x096D, &u16s(&[*count, 0x1000 | *bits, 0x1000])));
        object.2.push(attribute(0x098D, &u32s(&[u32::from(*period)])));
    }
    objects.into_iter().map(|(object, _)| object).collect()
}
