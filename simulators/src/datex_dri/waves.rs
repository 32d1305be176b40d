//! The curves of the monitor: which are sent, and their samples.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::curves::Curves;
use crate::patient::Vitals;

/// The monitor gives so many samples a second in the order asked and leaves out the rest.
const SAMPLES_PER_S: u32 = 600;

/// All curves are drawn at the ECG's rate; slower ones take each third or each twelfth point.
const POINTS_PER_S: u64 = 300;

/// Samples a second of a type; `None` for what is not played.
fn rate(kind: u8) -> Option<u32> {
    match kind {
        1..=3 => Some(300),
        4..=8 => Some(100),
        9 | 13..=15 => Some(25),
        _ => None,
    }
}

/// What is being sent.
#[derive(Debug)]
pub struct Waves {
    kinds: Vec<(u8, u32)>,
    curves: Curves,
    waiting: BTreeMap<u8, Vec<i16>>,
    points: u64,
    begun: Duration,
    due: Duration,
    first: bool,
}

impl Waves {
    /// Starts with these types at this time.
    pub fn start(at: Duration, asked: &[u8]) -> Waves {
        let mut left = SAMPLES_PER_S;
        let mut kinds = Vec::new();
        for kind in asked {
            if let Some(rate) = rate(*kind).filter(|rate| *rate <= left) {
                left -= rate;
                kinds.push((*kind, rate));
            }
        }
        let mut waves = Waves {
            kinds,
            curves: Curves::default(),
            waiting: BTreeMap::new(),
            points: 0,
            begun: at,
            due: at,
            first: true,
        };
        waves.due = at + waves.period();
        waves
    }

    /// Up to 200 samples a second once a second, more of them more often.
    fn period(&self) -> Duration {
        let total: u32 = self.kinds.iter().map(|(_, rate)| rate).sum();
        Duration::from_millis(match total {
            0..=200 => 1000,
            201..=400 => 500,
            _ => 250,
        })
    }

    /// The subrecords that are due: type and bytes.
    pub fn due(
        &mut self,
        at: Duration,
        vitals: impl FnOnce(Duration) -> Vitals,
    ) -> Option<Vec<(u8, Vec<u8>)>> {
        if at < self.due || self.kinds.is_empty() {
            return None;
        }
        let until = self.due;
        self.due += self.period();
        self.draw(until, &vitals(until));
        // Bit 0: the first block after a question begins after a gap. The other bits were seen in real records.
        let status = u16::from(std::mem::take(&mut self.first)) | 0x0630;
        let mut parts = Vec::new();
        for (kind, _) in &self.kinds {
            let samples = self.waiting.remove(kind).unwrap_or_default();
            let mut part = (samples.len() as i16).to_le_bytes().to_vec();
            part.extend(status.to_le_bytes());
            part.extend([0, 0]);
            part.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
            parts.push((*kind, part));
        }
        Some(parts)
    }

    fn draw(&mut self, until: Duration, vitals: &Vitals) {
        let points = (until - self.begun).as_millis() as u64 * POINTS_PER_S / 1000;
        let step = Duration::from_nanos(1_000_000_000 / POINTS_PER_S);
        let heart = vitals.hr.or(vitals.pulse);
        while self.points < points {
            self.curves.advance(step, heart, vitals.resp);
            for (kind, rate) in &self.kinds {
                if self.points.is_multiple_of(POINTS_PER_S / u64::from(*rate)) {
                    let sample = sample(*kind, &self.curves, vitals);
                    self.waiting.entry(*kind).or_default().push(sample);
                }
            }
            self.points += 1;
        }
    }
}

/// In the steps of the sheet: µV, 1/100 mmHg, 1/100 %, 1/100 ohm.
fn sample(kind: u8, curves: &Curves, vitals: &Vitals) -> i16 {
    let value = match kind {
        1..=3 => curves.ecg_mv() * 1000.0,
        4..=7 => {
            let (sys, dia) = vitals.nibp.map_or((0.0, 0.0), |nibp| (nibp.sys, nibp.dia));
            (dia + (sys - dia) * curves.pressure()) * 100.0
        }
        8 if vitals.probe_off => return super::body::NO_VALUE,
        8 => curves.pleth() * 400.0,
        9 => (250.0 - 250.0 * curves.breath()).max(0.0),
        _ => curves.breath() * 50.0,
    };
    value.round() as i16
}
