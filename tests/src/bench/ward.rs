//! A ward as it would come from the lines: every bed says all its values once a second in one packet, a little early or
//! late. Heart rate, pulse, breathing and SpO2 are those of recorded patients (BIDMC, whole numbers at 1 Hz, with their
//! gaps) where the recordings are at hand; the rest walks slowly around a usual value. Repeatable: no clock, own chance.

use std::path::Path;

use vitals::reading::{AbsentReason, Observation, Reading};
use vitals::{BedId, Code, Decimal, DeviceId, MonoTime, Record};

/// What each bed measures; the first four can be recorded ones.
pub const CODES: [Code; 10] = [
    Code::Hr,
    Code::Pr,
    Code::Rr,
    Code::Spo2,
    Code::AbpSys,
    Code::AbpDia,
    Code::AbpMean,
    Code::Temp,
    Code::Pi,
    Code::EtCo2,
];

/// Usual value, typical step per second, places after the point.
const WALKS: [(f64, f64, u8); CODES.len()] = [
    (85.0, 0.8, 0),
    (85.0, 0.8, 0),
    (17.0, 0.5, 0),
    (97.0, 0.3, 0),
    (120.0, 2.5, 0),
    (70.0, 1.5, 0),
    (87.0, 1.8, 0),
    (368.0, 0.3, 1),
    (350.0, 8.0, 2),
    (38.0, 0.8, 0),
];

/// A small, repeatable source of chance (splitmix64).
#[derive(Clone, Debug)]
pub struct Chance(pub u64);

impl Chance {
    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// About normal, around 0, with deviation 1 (sum of twelve even ones).
    pub fn normal(&mut self) -> f64 {
        let even = |chance: &mut Chance| (chance.bits() >> 11) as f64 / (1u64 << 53) as f64;
        (0..12).map(|_| even(self)).sum::<f64>() - 6.0
    }
}

/// One recorded patient: per second heart rate, pulse, breathing, SpO2.
type Recorded = Vec<[Option<i64>; 4]>;

#[derive(Clone, Debug)]
struct Bed {
    device: DeviceId,
    bed: BedId,
    recorded: Option<Recorded>,
    /// Offset of its packets within a second.
    phase_us: u64,
    walks: [f64; CODES.len()],
}

/// The ward.
#[derive(Clone, Debug)]
pub struct Ward {
    beds: Vec<Bed>,
    codes: usize,
    chance: Chance,
    /// Typical deviation of a packet's arrival.
    jitter_us: f64,
}

impl Ward {
    /// `beds` beds with `codes` (at most ten) values each, and recorded patients when `recordings` is their folder.
    pub fn new(beds: usize, codes: usize, recordings: Option<&Path>) -> Ward {
        let mut chance = Chance(7);
        let beds = (0..beds).map(|n| Bed {
            device: format!("monitor-{}", n + 1).parse().expect("a plain name"),
            bed: (n + 1).to_string().parse().expect("a plain name"),
            recorded: recordings.map(|folder| recorded(folder, 1 + 3 * n % 53)),
            phase_us: chance.bits() % 1_000_000,
            walks: WALKS.map(|(usual, _, _)| usual),
        });
        let beds = beds.collect();
        Ward {
            beds,
            codes: codes.min(CODES.len()),
            chance,
            jitter_us: 2_000.0,
        }
    }

    /// Readings in one second.
    pub fn readings_per_s(&self) -> usize {
        self.beds.len() * self.codes
    }

    /// What arrives in this second after boot, in order of arrival.
    pub fn second(&mut self, second: u64) -> Vec<Record> {
        let mut packets: Vec<(u64, Vec<Record>)> = Vec::new();
        for bed in &mut self.beds {
            let late_us = (self.chance.normal().abs() * self.jitter_us) as u64;
            let at_us = second * 1_000_000 + bed.phase_us + late_us;
            let seen = (0..self.codes).map(|place| bed.seen(place, second, &mut self.chance));
            let seen: Vec<Observation> = seen.collect();
            let record = |seen| {
                Record::Reading(Reading {
                    device: bed.device.clone(),
                    bed: Some(bed.bed.clone()),
                    admission: Some(vitals::AdmissionId::unidentified(&bed.bed)),
                    at: MonoTime::from_ns(at_us * 1_000 + 137),
                    seen,
                })
            };
            packets.push((at_us, seen.into_iter().map(record).collect()));
        }
        packets.sort_by_key(|(at_us, _)| *at_us);
        packets.into_iter().flat_map(|(_, records)| records).collect()
    }
}

impl Bed {
    fn seen(&mut self, place: usize, second: u64, chance: &mut Chance) -> Observation {
        let code = CODES[place];
        let (usual, step, places) = WALKS[place];
        let recorded = self
            .recorded
            .as_ref()
            .filter(|rows| place < 4 && !rows.is_empty());
        if let Some(rows) = recorded {
            let row = rows[usize::try_from(second).unwrap_or(0) % rows.len()];
            return match row[place] {
                Some(value) => Observation::value(code, Decimal::whole(value)),
                None => Observation::absent(code, AbsentReason::NotMeasured),
            };
        }
        let walk = &mut self.walks[place];
        *walk += chance.normal() * step + (usual - *walk) * 0.1;
        Observation::value(code, Decimal::new(walk.round() as i64, places))
    }
}

fn recorded(folder: &Path, number: usize) -> Recorded {
    let file = folder.join(format!("bidmc/bidmc_{number:02}_Numerics.csv"));
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    let number = |field: Option<&str>| field.and_then(|text| text.trim().parse::<f64>().ok());
    let whole = |value: f64| value.is_finite().then_some(value as i64);
    let rows = text.lines().skip(1).map(|line| {
        let mut fields = line.split(',').skip(1);
        std::array::from_fn(|_| number(fields.next()).and_then(whole))
    });
    rows.collect()
}
