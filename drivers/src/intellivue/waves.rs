//! Curves: blocks of samples on a time axis that counts samples.
//!
//! - W1: Lost blocks, and samples that the monitor calls invalid, are a hole in the numbering, never repeated samples. The
//!   monitor's relative clock says how many are missing; where it jumps, our own does.
//! - W2: A curve is known by context, handle and physio id: several ECG curves share one handle.
//! - W3: Samples are the monitor's own steps, of the bits that count; the other bits are marks.

use std::collections::BTreeMap;
use std::time::Duration;

use vitals::{Code, MonoTime, WaveBlock};

use super::association::TICKS_PER_S;
use super::attributes::{
    Curve, FIXED_VALUES, LABEL, LABEL_PARTITION, SAMPLE_PERIOD, SAMPLE_SPEC, STATE_NOT_A_PATIENT,
    STATE_NOT_VALID, STATE_QUESTIONABLE, WAVE, WAVE_COMPOUND,
};
use super::poll::{Attributes, Poll};
use super::unknown::Unknown;
use super::wire::Reader;
use crate::dialogue::{LineFault, Seen, Step};
use crate::steps::Steps;

/// Most curves whose form is remembered.
const SPECS_MAX: usize = 64;

/// A curve that was silent for this long gives its place to another one of the same code.
const OWNED_FOR: Duration = Duration::from_secs(10);

/// The monitor's clock and ours may be so far apart between two blocks: blocks come in bursts, lines hold them back.
const CLOCKS_APART_TICKS: i64 = 5 * TICKS_PER_S as i64;

/// Blocks last 256 ms (real capture): what the length of a block says about its rate, until the monitor has said so itself.
const BLOCK_TICKS: u32 = 2048;

const FIXED_INVALID: u16 = 1;

/// Context, handle, physio id.
type Key = (u16, u16, u16);

#[derive(Debug, Default)]
pub(super) struct Waves {
    specs: BTreeMap<Key, Spec>,
    curves: BTreeMap<Code, Axis>,
}

/// What the monitor said about the form of a curve.
#[derive(Clone, Copy, Debug, Default)]
struct Spec {
    bits: Option<u8>,
    /// Ticks from one sample to the next.
    period: Option<u32>,
    /// The mark of an invalid sample.
    invalid: u16,
}

/// The time axis of one curve.
#[derive(Clone, Copy, Debug)]
struct Axis {
    key: Key,
    /// When the last block came, by our clock and by the monitor's.
    at: MonoTime,
    rel_time: u32,
    /// Number of its first sample, and how many it had.
    first: u64,
    count: u64,
}

/// Samples of one curve in one result.
struct Block<'a> {
    physio: u16,
    state: u16,
    samples: Reader<'a>,
}

impl Waves {
    /// Another session: handles may mean something else. The samples are numbered on.
    pub(super) fn forget(&mut self) {
        self.specs.clear();
    }

    pub(super) fn hear(&mut self, now: MonoTime, poll: &Poll<'_>, unknown: &mut Unknown, out: &mut Steps) {
        for object in &poll.objects {
            let Some(blocks) = blocks(&object.attributes) else {
                out.fault(LineFault::WrongAnswer);
                continue;
            };
            let key = |physio| (object.context, object.handle, physio);
            let physios: Vec<u16> = match label(&object.attributes) {
                Some(physio) if blocks.is_empty() => vec![physio],
                _ => blocks.iter().map(|block| block.physio).collect(),
            };
            for physio in physios {
                self.learn(key(physio), &object.attributes);
            }
            for block in blocks {
                match Curve::of(block.physio) {
                    Some(curve) => self.block(now, poll.rel_time, key(block.physio), curve, &block, out),
                    None => unknown.tell(block.physio, out),
                }
            }
        }
    }

    /// The form of a curve comes now and then, for one curve at a time, and may come after its first samples.
    fn learn(&mut self, key: Key, attributes: &Attributes<'_>) {
        if self.specs.len() >= SPECS_MAX && !self.specs.contains_key(&key) {
            return;
        }
        let spec = self.specs.entry(key).or_default();
        if let Some(mut reader) = attributes.get(SAMPLE_SPEC) {
            spec.bits = reader.take(3).and_then(|_| reader.u8()).or(spec.bits);
        }
        if let Some(mut reader) = attributes.get(SAMPLE_PERIOD) {
            spec.period = reader.u32().filter(|period| *period > 0).or(spec.period);
        }
        if let Some(mut reader) = attributes.get(FIXED_VALUES)
            && let Some((count, mut items)) = reader.list()
        {
            for _ in 0..count {
                if let (Some(FIXED_INVALID), Some(mark)) = (items.u16(), items.u16()) {
                    spec.invalid = mark;
                }
            }
        }
    }

    fn block(
        &mut self,
        now: MonoTime,
        rel_time: u32,
        key: Key,
        curve: Curve,
        block: &Block<'_>,
        out: &mut Steps,
    ) {
        if block.state & STATE_NOT_A_PATIENT != 0 {
            return out.fault(LineFault::NotAPatient);
        }
        let owner = self.curves.get(&curve.code);
        if owner.is_some_and(|axis| axis.key != key && now.since(axis.at) <= OWNED_FOR) {
            return;
        }
        let spec = self.specs.get(&key).copied().unwrap_or_default();
        let words: Vec<u16> = block
            .samples
            .rest()
            .chunks_exact(2)
            .filter_map(|pair| Some(u16::from_be_bytes(pair.try_into().ok()?)))
            .collect();
        let bits = spec.bits.unwrap_or(curve.bits);
        let (Some(period), 1..=15) = (spec.period.or_else(|| usual_period(words.len())), bits) else {
            return out.fault(LineFault::WrongAnswer);
        };
        let count = words.len() as u64;
        let Some(first) = self.place(now, rel_time, key, curve.code, count, period) else {
            return out.fault(LineFault::OutOfOrder);
        };
        if block.state & STATE_NOT_VALID & !STATE_QUESTIONABLE != 0 {
            return;
        }
        let rate = rate(period);
        for (start, samples) in valid_runs(&words, spec.invalid, (1 << bits) - 1) {
            out.push(Step::Saw(Seen::Wave(WaveBlock {
                code: curve.code,
                rate,
                first_sample: first + start,
                samples,
            })));
        }
    }

    /// The number of the first sample of a block; `None` for one that came before or is overtaken (W1).
    fn place(
        &mut self,
        now: MonoTime,
        rel_time: u32,
        key: Key,
        code: Code,
        count: u64,
        period: u32,
    ) -> Option<u64> {
        let first = match self.curves.get(&code) {
            None => 0,
            Some(axis) => axis.first + axis.samples_until(now, rel_time, period)?,
        };
        let axis = Axis {
            key,
            at: now,
            rel_time,
            first,
            count,
        };
        self.curves.insert(code, axis);
        Some(first)
    }
}

impl Axis {
    /// How many samples lie between the beginning of the last block and that of the one which comes now.
    fn samples_until(&self, now: MonoTime, rel_time: u32, period: u32) -> Option<u64> {
        let elapsed_ns = now.since(self.at).as_nanos();
        let elapsed = i64::try_from(elapsed_ns * u128::from(TICKS_PER_S) / 1_000_000_000).unwrap_or(i64::MAX);
        let counted = i64::from(rel_time.wrapping_sub(self.rel_time).cast_signed());
        let believed = counted.saturating_sub(elapsed).abs() <= CLOCKS_APART_TICKS;
        if believed && counted <= 0 {
            return None;
        }
        let ticks = u64::try_from(if believed { counted } else { elapsed }).unwrap_or(0);
        let period = u64::from(period);
        let samples = (ticks + period / 2) / period;
        // A few ticks of jitter are no hole.
        let is_next = samples.abs_diff(self.count) < self.count / 2;
        Some(if is_next {
            self.count
        } else {
            samples.max(self.count)
        })
    }
}

fn label(attributes: &Attributes<'_>) -> Option<u16> {
    let label = attributes.get(LABEL)?.u32()?;
    u16::try_from(label ^ LABEL_PARTITION).ok()
}

/// The samples of an object: one curve, or several together. `None` where they are cut short.
fn blocks<'a>(attributes: &Attributes<'a>) -> Option<Vec<Block<'a>>> {
    let read = |reader: &mut Reader<'a>| {
        Some(Block {
            physio: reader.u16()?,
            state: reader.u16()?,
            samples: reader.sized()?,
        })
    };
    let mut found = Vec::new();
    if let Some(mut reader) = attributes.get(WAVE) {
        found.push(read(&mut reader)?);
    }
    if let Some(mut reader) = attributes.get(WAVE_COMPOUND) {
        let (count, mut items) = reader.list()?;
        for _ in 0..count {
            found.push(read(&mut items)?);
        }
    }
    Some(found)
}

/// Ticks per sample of a block of the four lengths that a real capture had.
fn usual_period(samples: usize) -> Option<u32> {
    match samples {
        16 | 32 | 64 | 128 => Some(BLOCK_TICKS / u32::try_from(samples).ok()?),
        _ => None,
    }
}

/// Samples per second as a fraction in lowest terms.
fn rate(period: u32) -> (u32, u32) {
    let (mut a, mut b) = (TICKS_PER_S, period);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    (TICKS_PER_S / a, period / a)
}

/// The stretches between invalid samples, each with the place of its first one.
fn valid_runs(words: &[u16], invalid: u16, mask: u16) -> Vec<(u64, Vec<i16>)> {
    let mut runs: Vec<(u64, Vec<i16>)> = Vec::new();
    let mut goes_on = false;
    for (place, word) in (0..).zip(words) {
        let is_valid = word & invalid == 0;
        if is_valid {
            let sample = i16::try_from(word & mask).unwrap_or(i16::MAX);
            match runs.last_mut().filter(|_| goes_on) {
                Some((_, samples)) => samples.push(sample),
                None => runs.push((place, vec![sample])),
            }
        }
        goes_on = is_valid;
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `time_ms:rel_ticks` of blocks of 32 samples at 125 Hz, and the number of each first sample.
    fn check(blocks: &[(u64, u32)], firsts: &[Option<u64>]) {
        let mut waves = Waves::default();
        let placed: Vec<_> = blocks
            .iter()
            .map(|(ms, rel)| waves.place(MonoTime::from_ms(*ms), *rel, (0, 0, 1), Code::Pleth, 32, 64))
            .collect();
        assert_eq!(placed, firsts, "{blocks:?}");
    }

    #[test]
    fn w1_blocks_in_a_row_have_no_holes_also_where_the_clock_wraps_or_jitters() {
        let wrap = u32::MAX - 2047;
        check(
            &[(0, wrap), (0, 0), (0, 2064), (256, 4096)],
            &[Some(0), Some(32), Some(64), Some(96)],
        );
    }

    #[test]
    fn w1_a_lost_block_is_a_hole_and_an_old_one_is_dropped() {
        check(
            &[(0, 0), (512, 4096), (512, 4096), (512, 2048), (768, 6144)],
            &[Some(0), Some(64), None, None, Some(96)],
        );
    }

    #[test]
    fn w1_a_monitor_that_was_switched_on_again_is_a_hole_by_our_clock() {
        check(&[(0, 900_000_000), (8_000, 500)], &[Some(0), Some(1000)]);
    }

    #[test]
    fn w3_invalid_samples_are_holes_and_marks_are_no_height() {
        assert_eq!(
            valid_runs(&[1, 0x4002, 0x8003, 4, 5], 0x8000, 0x3FFF),
            [(0, vec![1, 2]), (3, vec![4, 5])]
        );
    }

    #[test]
    fn rates_are_fractions_in_lowest_terms() {
        assert_eq!(
            [16, 32, 64, 128].map(rate),
            [(500, 1), (250, 1), (125, 1), (125, 2)]
        );
    }
}
