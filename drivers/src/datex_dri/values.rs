//! What a block of displayed values says: vitals, the cuff, labels, and what the monitor itself has found.
//!
//! G5: A number counts only where the monitor measures (bit 1 of the group's status) and it is not one of the marks.

use vitals::{AbsentReason, Code, Decimal, Measured, Quality};

use super::cuff;
use super::labels::{self, Pressure};
use super::record::{Block, Class, Group, Mark, Raw, u32_at};

/// What a record claims about one code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    pub code: Code,
    pub class: Class,
    pub measured: Measured,
    pub quality: Quality,
    /// The bits that it was read from.
    pub raw: u64,
    /// The record says the same number at another place, too.
    pub said_twice: bool,
}

/// What the ECG's label and the pressures' labels say; `None` where the class did not come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Labels {
    pub ecg: Option<u16>,
    pub pressures: [Option<u16>; 8],
}

/// What the monitor has found, as bits: see `findings.rs`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Of Basic.
    pub basic: Option<u32>,
    /// The arrhythmia bits of Ext1.
    pub arrhythmia: Option<u32>,
}

/// Asystole, by the ECG's own status.
pub(super) const FOUND_ASYSTOLE: u32 = 1;
/// Apnoea, by CO2 or by another measurement of the breath.
pub(super) const FOUND_APNOEA: u32 = 2;

/// Everything that one record of displayed values says.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub claims: Vec<Claim>,
    pub classes: Vec<Class>,
    /// The monitor's time of the values.
    pub time: Option<u32>,
    pub cuff: Option<cuff::Reading>,
    /// When the monitor says that the cuff measured.
    pub cuff_time: Option<u32>,
    pub labels: Labels,
    pub found: Found,
    /// Numbers for [`crate::LineFault::UnknownCode`].
    pub unknown: Vec<u32>,
    class: Option<Class>,
}

/// What the status of a group makes of its values.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    /// No number of the group counts, for this reason.
    never: Option<AbsentReason>,
    /// Why there is none where there is none.
    lacking: Option<AbsentReason>,
    /// A number is questionable.
    weak: bool,
}

impl Said {
    /// Takes a block of displayed values.
    pub(super) fn block(&mut self, block: Block<'_>) {
        self.class = Some(block.class);
        self.classes.push(block.class);
        self.time = Some(block.time);
        match block.class {
            Class::Basic => self.basic(block),
            Class::Ext1 => self.ext1(block),
            // Nothing in them has a code: relaxation, EEG, BIS, entropy, gas exchange, PiCCO.
            Class::Ext2 | Class::Ext3 => {}
        }
    }

    /// Takes an auxiliary block; 0 is unknown there.
    pub(super) fn auxiliary(&mut self, part: &[u8]) {
        self.cuff_time = u32_at(part, 0).filter(|time| *time != 0);
    }

    fn basic(&mut self, block: Block<'_>) {
        self.ecg(block);
        for (channel, at) in [(0, 16), (1, 30), (2, 44), (3, 58), (4, 240), (5, 254)] {
            self.pressure(channel, block.group(at));
        }
        [86, 94, 102, 110]
            .into_iter()
            .for_each(|at| self.temperature(block.group(at)));
        let cuff = block.group(72);
        self.cuff = cuff.is_active().then(|| cuff::Reading::read(cuff));
        self.saturation(block.group(118));
        self.carbon_dioxide(block.group(132));
        self.oxygen(block.group(146));
        self.flow(block.group(178));
    }

    fn ext1(&mut self, block: Block<'_>) {
        let arrhythmia = block.group(0);
        self.found.arrhythmia = Some(if arrhythmia.is_active() { block.bits(12) } else { 0 });
        self.pressure(6, block.group(78));
        self.pressure(7, block.group(92));
        self.temperature(block.group(120));
        self.temperature(block.group(128));
        if block.group(106).is_active() {
            self.unknown.push(labels::SECOND_SATURATION);
        }
    }

    fn ecg(&mut self, block: Block<'_>) {
        let group = block.group(0);
        self.labels.ecg = Some(group.label);
        let found = self.found.basic.get_or_insert_default();
        if !group.is_active() {
            return;
        }
        if group.has(2) {
            *found |= FOUND_ASYSTOLE;
        }
        let off = [11, 12, 13].map(|bit| group.has(bit));
        let state = State {
            // With all three channels off nothing can be measured, whatever stands in the number.
            never: (off == [true; 3]).then_some(AbsentReason::ProbeOff),
            lacking: if off.contains(&true) {
                Some(AbsentReason::ProbeOff)
            } else {
                group.has(9).then_some(AbsentReason::Searching)
            },
            weak: group.has(7) || group.has(8) || group.has(9),
        };
        // The selected rate may come from the oximeter or a pressure; the ECG's own stands apart.
        let (selected, own) = (group.raw(6), block.raw(226));
        let from_ecg = matches!(group.status >> 3 & 0x0F, 1 | 9);
        let rate = if from_ecg { selected } else { own };
        self.claim(group, Code::Hr, rate, 0, state);
        if let Some(claim) = self.claims.last_mut().filter(|claim| claim.code == Code::Hr) {
            claim.said_twice = from_ecg && selected == own && claim.measured.value().is_some();
        }
        let breath = State { weak: false, ..state };
        self.claim(group, Code::RrImpedance, group.raw(14), 0, breath);
    }

    fn pressure(&mut self, channel: usize, group: Group<'_>) {
        if let Some(label) = self.labels.pressures.get_mut(channel) {
            *label = Some(if group.is_active() { group.label } else { 0 });
        }
        if !group.is_active() {
            return;
        }
        // Zeroing: the pressure of the room.
        let never = group.has(2).then_some(AbsentReason::NotMeasured);
        let state = State {
            never,
            ..State::default()
        };
        match labels::pressure(group.label) {
            Ok(Some(Pressure::Arterial)) => {
                self.claim(group, Code::AbpSys, group.raw(6), 2, state);
                self.claim(group, Code::AbpDia, group.raw(8), 2, state);
                self.claim(group, Code::AbpMean, group.raw(10), 2, state);
                self.claim(group, Code::PrAbp, group.raw(12), 0, state);
            }
            Ok(Some(Pressure::CentralVenous)) => self.claim(group, Code::CvpMean, group.raw(10), 2, state),
            Ok(None) => {}
            Err(unknown) => self.unknown.push(unknown),
        }
    }

    fn temperature(&mut self, group: Group<'_>) {
        if !group.is_active() {
            return;
        }
        match labels::temperature(group.label) {
            Ok(Some(code)) => self.claim(group, code, group.raw(6), 2, State::default()),
            Ok(None) => {}
            Err(unknown) => self.unknown.push(unknown),
        }
    }

    fn saturation(&mut self, group: Group<'_>) {
        if !group.is_active() {
            return;
        }
        let place = group.label & 0x03;
        if place >= labels::VENOUS_SATURATION {
            self.unknown.push(labels::UNKNOWN_SATURATION + u32::from(place));
            return;
        }
        let state = State::default();
        self.claim(group, Code::Spo2, group.raw(6), 2, state);
        self.claim(group, Code::Pr, group.raw(8), 0, state);
        self.claim(group, Code::Pi, group.raw(10), 2, state);
    }

    fn carbon_dioxide(&mut self, group: Group<'_>) {
        if !group.is_active() {
            return;
        }
        let apnoea = (group.has(2) || group.has(7)) && !group.has(8);
        if apnoea {
            *self.found.basic.get_or_insert_default() |= FOUND_APNOEA;
        }
        let trouble = group.has(5) || group.has(6);
        let state = State {
            never: (group.has(3) || group.has(4)).then_some(AbsentReason::NotMeasured),
            lacking: trouble.then_some(AbsentReason::SensorFault),
            // How a wet value becomes a dry one is not known for certain.
            weak: trouble || group.has(9),
        };
        let (fraction, ambient) = (group.raw(6), group.raw(12));
        let [low, high] = ambient.0.to_le_bytes();
        let bits = group.read_from(fraction) ^ u64::from_le_bytes([0, 0, low, high, 0, 0, low, high]);
        let measured = end_tidal(fraction, ambient);
        self.push(Code::EtCo2, measured, bits, state);
        // Source 1 is CO2; impedance stands with the ECG.
        if group.label & 0x07 == 1 {
            self.claim(
                group,
                Code::RrCo2,
                group.raw(10),
                0,
                State {
                    weak: trouble,
                    ..state
                },
            );
        }
    }

    fn oxygen(&mut self, group: Group<'_>) {
        if group.is_active() {
            let never = (group.has(2) || group.has(3)).then_some(AbsentReason::NotMeasured);
            self.claim(
                group,
                Code::FiO2,
                group.raw(8),
                2,
                State {
                    never,
                    ..State::default()
                },
            );
        }
    }

    fn flow(&mut self, group: Group<'_>) {
        if !group.is_active() {
            return;
        }
        let state = State {
            never: [3, 4, 7]
                .iter()
                .any(|bit| group.has(*bit))
                .then_some(AbsentReason::NotMeasured),
            lacking: group.has(2).then_some(AbsentReason::ProbeOff),
            weak: [2, 5, 6].iter().any(|bit| group.has(*bit)),
        };
        self.claim(group, Code::RrAirway, group.raw(6), 0, state);
        self.claim(group, Code::PeakPressure, group.raw(8), 2, state);
        self.claim(group, Code::Peep, group.raw(10), 2, state);
        self.claim(group, Code::TidalVolume, group.raw(16), 1, state);
        self.claim(group, Code::MinuteVolume, group.raw(20), 2, state);
    }

    fn claim(&mut self, group: Group<'_>, code: Code, raw: Raw, places: u8, state: State) {
        let measured = match raw.number() {
            Ok(number) => code.judge(Decimal::new(number, places)),
            Err(mark) => Measured::Absent(reason(mark)),
        };
        self.push(code, measured, group.read_from(raw), state);
    }

    fn push(&mut self, code: Code, measured: Measured, raw: u64, state: State) {
        let Some(class) = self.class else {
            return;
        };
        // Two channels with one label: the first one is shown.
        if self.claims.iter().any(|claim| claim.code == code) {
            return;
        }
        let measured = match (state.never, state.lacking, measured) {
            (Some(reason), _, _) => Measured::Absent(reason),
            (None, Some(reason), Measured::Absent(AbsentReason::NotAvailable)) => Measured::Absent(reason),
            (None, _, measured) => measured,
        };
        // The quality speaks about a number; a reason needs none.
        let quality = match measured {
            Measured::Value(_) if state.weak => Quality::Questionable,
            _ => Quality::Good,
        };
        self.claims.push(Claim {
            code,
            class,
            measured,
            quality,
            raw,
            said_twice: false,
        });
    }
}

fn reason(mark: Mark) -> AbsentReason {
    match mark {
        Mark::None => AbsentReason::NotAvailable,
        Mark::OutOfRange => AbsentReason::Implausible,
        Mark::NotCalibrated => AbsentReason::SensorFault,
    }
}

/// Ambient pressure that a post on this earth can have, 1/10 mmHg: the Dead Sea to 6000 m.
const AMBIENT: std::ops::RangeInclusive<i64> = 3_500..=8_500;

/// 1/100 % of an ambient pressure in 1/10 mmHg becomes 1/10 mmHg, dry.
fn end_tidal(fraction: Raw, ambient: Raw) -> Measured {
    match (fraction.number(), ambient.number()) {
        (Err(mark), _) | (_, Err(mark)) => Measured::Absent(reason(mark)),
        (Ok(fraction), Ok(ambient)) if AMBIENT.contains(&ambient) => {
            let tenths = (fraction * ambient + 5_000).div_euclid(10_000);
            Code::EtCo2.judge(Decimal::new(tenths, 1))
        }
        _ => Measured::Absent(AbsentReason::NotAvailable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn end_tidal_carbon_dioxide_is_told_in_mmhg() {
        let five = end_tidal(Raw(500), Raw(7600));
        assert_eq!(
            five.value().map(|value| value.to_string()),
            Some("38.0".to_owned())
        );
        // At 2400 m the same part of the air is less pressure.
        let high = end_tidal(Raw(500), Raw(5700));
        assert_eq!(
            high.value().map(|value| value.to_string()),
            Some("28.5".to_owned())
        );
    }

    #[test]
    fn i5_without_an_ambient_pressure_there_is_no_end_tidal_pressure() {
        for ambient in [0, 1, 20_000, -32_767, -32_766] {
            let measured = end_tidal(Raw(500), Raw(ambient));
            assert_eq!(
                measured,
                Measured::Absent(AbsentReason::NotAvailable),
                "{ambient}"
            );
        }
    }
}
