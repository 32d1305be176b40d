//! What the 25 frames of a packet say: the rotating values, the flags, and how far they agree with each other.
//!
//! N2: The numbers for the display (SpO2-D, HR-D) count at once only when two of their siblings in the same packet
//! agree; otherwise the next packet must say the same (see [`crate::confirm`]).
//! N3: A state (probe off, searching) holds when the majority of the 25 frames say so.

use vitals::{AbsentReason, Code, Decimal, Measured};

use super::frames::{Frame, PACKET_FRAMES};
use crate::confirm::{Sample, Trust, step};

const SENSOR_DISCONNECTED: u8 = 0x40;
const ARTEFACT: u8 = 0x20;
const OUT_OF_TRACK: u8 = 0x10;
const SENSOR_ALARM: u8 = 0x08;
/// Red (low) and yellow (marginal) perfusion both have this bit; green has not.
const PERFUSION_WEAK: u8 = 0x04;
const PERFUSION_ANY: u8 = 0x06;

/// Frames that must say so for a state to hold: more than half.
const MAJORITY_FRAMES: usize = PACKET_FRAMES / 2 + 1;

/// Frames that must say so for a state to count as said without contradiction.
const CLEAR_FRAMES: usize = 20;

/// Frames with a pulse in them that are needed to judge the perfusion; a stray flag is not a pulse.
const PULSE_FRAMES_MIN: usize = 3;

/// "No value" in a heart-rate field and in an SpO2 field.
pub(super) const HR_MISSING: u16 = 511;
pub(super) const SPO2_MISSING: u16 = 127;

/// The device measures pulse rates in this range (its data sheet).
pub(super) const HR_RANGE: std::ops::RangeInclusive<u16> = 18..=321;

/// What one packet says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Packet {
    /// SpO2-D.
    pub spo2: Sample,
    /// HR-D.
    pub pr: Sample,
    /// `Some(true)` weak or disturbed, `Some(false)` good; `None` when the packet shows no pulse.
    pub weak: Option<bool>,
    /// The packet counter, 14 bits.
    pub timer: u16,
    /// The curve; none while the sensor is off, when it means nothing.
    pub pleth: Option<Vec<i16>>,
}

/// Reads a packet; `None` when a value that is never above 127 has its top bit set.
pub(super) fn read(frames: &[Frame; PACKET_FRAMES]) -> Option<Packet> {
    let rotating = |frame: usize| frames.get(frame - 1).map_or(0, |frame| frame.rotating);
    let values = [1, 2, 3, 6, 7, 9, 10, 14, 15, 16, 17, 20, 21, 22, 23];
    if values.iter().any(|frame| rotating(*frame) > 0x7F) {
        return None;
    }
    let hr = |msb, lsb| heart_rate(rotating(msb), rotating(lsb));
    let spo2 = |frame| u16::from(rotating(frame));
    let state = state(frames);
    let sensor_off = state.is_some_and(|(reason, _)| reason == AbsentReason::ProbeOff);
    Some(Packet {
        spo2: sample(
            state,
            spo2(9),
            spo2_measured(spo2(9)),
            agreement(Code::Spo2, spo2(9), &[spo2(3), spo2(10), spo2(16), spo2(17)]),
        ),
        pr: sample(
            state,
            hr(20, 21),
            pr_measured(hr(20, 21)),
            agreement(Code::Pr, hr(20, 21), &[hr(1, 2), hr(14, 15), hr(22, 23)]),
        ),
        weak: weak(frames),
        timer: u16::from(rotating(6)) << 7 | u16::from(rotating(7)),
        pleth: (!sensor_off).then(|| frames.iter().map(|frame| frame.pleth).collect()),
    })
}

/// Nine bits in two bytes of seven. (Joining them with a shift by 8 is a known error of public code from 128 up.)
pub(super) fn heart_rate(msb: u8, lsb: u8) -> u16 {
    u16::from(msb & 0x03) << 7 | u16::from(lsb & 0x7F)
}

/// A pulse rate as the device codes it.
pub(super) fn pr_measured(raw: u16) -> Measured {
    match raw {
        HR_MISSING => Measured::Absent(AbsentReason::NotAvailable),
        0 => Measured::Absent(AbsentReason::NotMeasured),
        _ if HR_RANGE.contains(&raw) => Code::Pr.judge(Decimal::whole(i64::from(raw))),
        _ => Measured::Absent(AbsentReason::Implausible),
    }
}

/// A saturation as the device codes it.
pub(super) fn spo2_measured(raw: u16) -> Measured {
    match raw {
        SPO2_MISSING => Measured::Absent(AbsentReason::NotAvailable),
        _ => Code::Spo2.judge(Decimal::whole(i64::from(raw))),
    }
}

fn sample(state: Option<(AbsentReason, Trust)>, raw: u16, measured: Measured, trust: Trust) -> Sample {
    let (measured, trust) = match state {
        Some((reason, trust)) => (Measured::Absent(reason), trust),
        None => (measured, trust),
    };
    Sample {
        measured,
        trust,
        raw: u64::from(raw),
    }
}

/// N3
fn state(frames: &[Frame]) -> Option<(AbsentReason, Trust)> {
    let says = |mask: u8| frames.iter().filter(|frame| frame.status & mask != 0).count();
    [
        (SENSOR_DISCONNECTED | SENSOR_ALARM, AbsentReason::ProbeOff),
        (OUT_OF_TRACK, AbsentReason::Searching),
    ]
    .into_iter()
    .map(|(mask, reason)| (says(mask), reason))
    .find(|(count, _)| *count >= MAJORITY_FRAMES)
    .map(|(count, reason)| {
        let trust = if count >= CLEAR_FRAMES {
            Trust::Redundant
        } else {
            Trust::Plain
        };
        (reason, trust)
    })
}

/// N2: two siblings within twice the step (they average differently), or all missing together.
fn agreement(code: Code, shown: u16, siblings: &[u16]) -> Trust {
    let missing = if code == Code::Spo2 {
        SPO2_MISSING
    } else {
        HR_MISSING
    };
    let near = step(code).plus(step(code));
    let agrees = |other: u16| {
        (shown == missing) == (other == missing) && Decimal::whole(i64::from(shown.abs_diff(other))) <= near
    };
    if siblings.iter().filter(|other| agrees(**other)).count() >= 2 {
        Trust::Redundant
    } else {
        Trust::Plain
    }
}

/// Perfusion and artefact flags stand only in the frames of a pulse (about 12), so those frames are counted, not all 25.
fn weak(frames: &[Frame]) -> Option<bool> {
    let pulse = |frame: &&Frame| frame.status & (PERFUSION_ANY | ARTEFACT) != 0;
    let bad = |frame: &&Frame| frame.status & (PERFUSION_WEAK | ARTEFACT) != 0;
    let pulses = frames.iter().filter(pulse).count();
    let weak = frames.iter().filter(bad).count();
    (pulses >= PULSE_FRAMES_MIN).then_some(weak * 2 > pulses)
}
