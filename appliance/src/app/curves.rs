//! The curves that pages draw: which there are now, and their samples as they come. Pure.
//!
//! - V1: samples go out as the device counted them: a gap is a jump of their number, and nothing fills it (I4).
//! - V2: another bed, stay, rate or counting is another lane, so that what was drawn before is never continued by it (I3).
//! - V3: curves hold up nothing: what is too much is dropped, and seen as a gap.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use vitals::{AdmissionId, BedId, Code, DeviceId, MonoTime, WaveBlock};

use crate::web::live::{Frame, Lane};

/// Samples are gathered for so long, so that a page gets ten frames a second however many curves there are.
const FRAME_EVERY: Duration = Duration::from_millis(100);

/// A curve that has not come for so long is not a curve of its bed any more.
const QUIET_MAX: Duration = Duration::from_secs(60);

/// Most curves at once: eight at each of sixteen beds. A further one is kept on the card and not drawn.
const LANES_MAX: usize = 128;

#[derive(Debug)]
struct Known {
    number: u32,
    bed: BedId,
    stay: Option<AdmissionId>,
    device: DeviceId,
    code: Code,
    rate: (u32, u32),
    next_sample: u64,
    heard: MonoTime,
}

/// All curves of the post.
#[derive(Debug, Default)]
pub(super) struct Curves {
    lanes: Vec<Known>,
    /// Lanes that there ever were.
    numbered: u32,
    changed: bool,
    frame: Frame,
    framed: Option<MonoTime>,
}

impl Curves {
    /// A device at `bed` sent a stretch, of whoever has this stay there.
    pub fn take(
        &mut self,
        (bed, stay): (&BedId, Option<&AdmissionId>),
        device: &DeviceId,
        block: &WaveBlock,
        now: MonoTime,
    ) {
        if let Some(number) = self.lane((bed, stay), device, block, now) {
            // What finds no room is a gap on the page (V3).
            self.frame.push(number, block.first_sample, &block.samples);
        }
    }

    /// The number of the lane that goes on with this block.
    fn lane(
        &mut self,
        (bed, stay): (&BedId, Option<&AdmissionId>),
        device: &DeviceId,
        block: &WaveBlock,
        now: MonoTime,
    ) -> Option<u32> {
        let is_it = |known: &&mut Known| known.device == *device && known.code == block.code;
        let end = block.first_sample + block.samples.len() as u64;
        if let Some(known) = self.lanes.iter_mut().find(is_it) {
            let of_same = known.bed == *bed && known.stay.as_ref() == stay;
            if of_same && known.rate == block.rate && block.first_sample >= known.next_sample {
                (known.next_sample, known.heard) = (end, now);
                return Some(known.number);
            }
            let over = known.number;
            self.lanes.retain(|known| known.number != over);
            self.changed = true;
        }
        if self.lanes.len() >= LANES_MAX || block.rate.0 == 0 || block.rate.1 == 0 {
            return None;
        }
        self.numbered += 1;
        self.changed = true;
        self.lanes.push(Known {
            number: self.numbered,
            bed: bed.clone(),
            stay: stay.cloned(),
            device: device.clone(),
            code: block.code,
            rate: block.rate,
            next_sample: end,
            heard: now,
        });
        Some(self.numbered)
    }

    /// Which there are, when that changed since it was asked last.
    pub fn changed(&mut self, now: MonoTime) -> Option<Arc<Vec<Lane>>> {
        let before = self.lanes.len();
        self.lanes.retain(|known| now.since(known.heard) < QUIET_MAX);
        let changed = std::mem::take(&mut self.changed) || self.lanes.len() != before;
        changed.then(|| Arc::new(self.lanes.iter().map(shown).collect()))
    }

    /// What came since the last frame, when it is time for the next.
    pub fn frame(&mut self, now: MonoTime) -> Option<Bytes> {
        if self.framed.is_some_and(|last| now.since(last) < FRAME_EVERY) {
            return None;
        }
        let frame = self.frame.take()?;
        self.framed = Some(now);
        Some(frame)
    }
}

fn shown(known: &Known) -> Lane {
    Lane {
        lane: known.number,
        bed: known.bed.clone(),
        device: known.device.clone(),
        code: known.code,
        label: known.code.info().label,
        rate_hz: f64::from(known.rate.0) / f64::from(known.rate.1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(first_sample: u64, rate: (u32, u32)) -> WaveBlock {
        WaveBlock {
            code: Code::Pleth,
            rate,
            first_sample,
            samples: vec![1; 25],
        }
    }

    fn at(ms: u64) -> MonoTime {
        MonoTime::from_ms(ms)
    }

    /// The lanes after each block, by number.
    fn lanes(curves: &mut Curves, ms: u64) -> Option<Vec<(u32, String)>> {
        let told = curves.changed(at(ms))?;
        Some(
            told.iter()
                .map(|lane| (lane.lane, lane.bed.to_string()))
                .collect(),
        )
    }

    #[test]
    fn v2_another_bed_stay_rate_or_counting_is_another_lane_and_a_gap_is_not() {
        let mut curves = Curves::default();
        let (one, two): (BedId, BedId) = ("1".parse().unwrap(), "2".parse().unwrap());
        let device: DeviceId = "nonin-1".parse().unwrap();
        let (her, him): (AdmissionId, AdmissionId) = ("a".parse().unwrap(), "b".parse().unwrap());
        let mut of = |stay, bed: &BedId, first, rate| {
            curves.take((bed, Some(stay)), &device, &block(first, rate), at(0));
            lanes(&mut curves, 0)
        };
        let only = |number, bed: &str| Some(vec![(number, bed.to_owned())]);
        assert_eq!(of(&her, &one, 0, (75, 1)), only(1, "1"));
        assert_eq!(of(&her, &one, 25, (75, 1)), None);
        assert_eq!(of(&her, &one, 500, (75, 1)), None, "a gap");
        assert_eq!(of(&her, &one, 0, (75, 1)), only(2, "1"), "it counts anew");
        assert_eq!(of(&her, &two, 25, (75, 1)), only(3, "2"));
        assert_eq!(of(&her, &two, 50, (125, 1)), only(4, "2"));
        assert_eq!(
            of(&him, &two, 75, (125, 1)),
            only(5, "2"),
            "somebody else lies there"
        );
        assert_eq!(
            of(&him, &two, 100, (0, 1)),
            only(0, "2").map(|_| Vec::new()),
            "no rate"
        );
    }

    #[test]
    fn frames_are_at_least_a_tenth_of_a_second_apart_and_hold_all_that_came() {
        let mut curves = Curves::default();
        let (bed, device) = ("1".parse().unwrap(), "nonin-1".parse().unwrap());
        assert_eq!(curves.frame(at(0)), None);
        curves.take((&bed, None), &device, &block(0, (75, 1)), at(10));
        assert_eq!(curves.frame(at(10)).unwrap().len(), 4 + 16 + 50);
        curves.take((&bed, None), &device, &block(25, (75, 1)), at(50));
        curves.take((&bed, None), &device, &block(50, (75, 1)), at(80));
        assert_eq!(curves.frame(at(100)), None);
        assert_eq!(curves.frame(at(110)).unwrap().len(), 4 + 2 * (16 + 50));
        assert_eq!(curves.frame(at(300)), None, "nothing came");
    }

    #[test]
    fn a_curve_that_stopped_is_no_curve_of_its_bed_after_a_minute_and_there_is_a_bound() {
        let mut curves = Curves::default();
        let bed = "1".parse().unwrap();
        for n in 0..130 {
            let device = format!("dev-{n}").parse().unwrap();
            curves.take((&bed, None), &device, &block(0, (75, 1)), at(n * 100));
        }
        assert_eq!(lanes(&mut curves, 13_000).unwrap().len(), LANES_MAX);
        assert_eq!(lanes(&mut curves, 59_999), None);
        assert_eq!(lanes(&mut curves, 60_000).unwrap().len(), LANES_MAX - 1);
    }
}
