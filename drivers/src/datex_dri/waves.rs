//! Curves: which there are, and where their samples stand on a time axis that counts samples.
//!
//! G9: Lost records, samples that are marks, and leads that are off leave a hole in the numbering, never repeated samples.
//! G10: Curves cannot be confirmed: while most frames are damaged, and from a record with an impossible part, none is shown.

use std::collections::BTreeMap;
use std::time::Duration;

use vitals::{Code, MonoTime, WaveBlock};

use super::labels::{self, Pressure};
use super::record::{SMALLEST, i16_at, u16_at};
use crate::dialogue::{Seen, Step};
use crate::steps::Steps;

/// A curve of the interface.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wave {
    /// The subrecord type that asks for it and carries it.
    pub kind: u8,
    /// Samples in a second.
    pub rate: u32,
    /// What it is a curve of.
    pub of: Of,
}

/// What decides the code of a curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// The lead of this ECG channel, from 0.
    Ecg(usize),
    /// The label of this pressure channel, from 0.
    Pressure(usize),
    /// Always the same.
    Always(Code),
}

const fn wave(kind: u8, rate: u32, of: Of) -> Wave {
    Wave { kind, rate, of }
}

/// The curves that the table of codes knows, with the vendor's rates.
pub(super) const WAVES: &[Wave] = &[
    wave(1, 300, Of::Ecg(0)),
    wave(2, 300, Of::Ecg(1)),
    wave(3, 300, Of::Ecg(2)),
    wave(4, 100, Of::Pressure(0)),
    wave(5, 100, Of::Pressure(1)),
    wave(6, 100, Of::Pressure(2)),
    wave(7, 100, Of::Pressure(3)),
    wave(16, 100, Of::Pressure(4)),
    wave(17, 100, Of::Pressure(5)),
    wave(36, 100, Of::Pressure(6)),
    wave(37, 100, Of::Pressure(7)),
    wave(8, 100, Of::Always(Code::Pleth)),
    wave(9, 25, Of::Always(Code::Co2Wave)),
    wave(13, 25, Of::Always(Code::AirwayPressureWave)),
    wave(14, 25, Of::Always(Code::AirwayFlowWave)),
    wave(15, 25, Of::Always(Code::RespWave)),
];

/// What the labels say that are believed: leads of the ECG channels, kinds of the pressure channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Channels {
    /// The ECG's label, once it is known.
    pub ecg: Option<u16>,
    /// The pressures' labels, where they are known.
    pub pressures: [Option<u16>; 8],
}

impl Channels {
    /// What a curve is now; `None` while its label is not known, or the table has none for it.
    pub(super) fn code(&self, of: Of) -> Option<Code> {
        match of {
            Of::Always(code) => Some(code),
            Of::Ecg(channel) => labels::leads(self.ecg?)
                .get(channel)
                .copied()
                .and_then(labels::lead),
            Of::Pressure(channel) => match labels::pressure((*self.pressures.get(channel)?)?) {
                Ok(Some(Pressure::Arterial)) => Some(Code::AbpWave),
                Ok(Some(Pressure::CentralVenous)) => Some(Code::CvpWave),
                Ok(None) | Err(_) => None,
            },
        }
    }
}

/// Status bit 0: the monitor left samples out before this block.
const GAP: u16 = 1;
/// Status bit 3: the electrode is off.
const LEAD_OFF: u16 = 1 << 3;

/// One subrecord, checked.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub wave: Wave,
    gap: bool,
    off: bool,
    samples: Vec<i16>,
}

/// What a subrecord is.
#[derive(Debug)]
pub(super) enum Part {
    Known(Block),
    /// A curve that the table of codes does not know.
    Unknown(u8),
    /// Cut short, or with more samples than time.
    Damaged,
}

impl Part {
    /// Reads a subrecord: number of samples, status, two reserved bytes, samples.
    pub(super) fn read(kind: u8, part: &[u8]) -> Part {
        let (Some(count), Some(status)) = (i16_at(part, 0), u16_at(part, 2)) else {
            return Part::Damaged;
        };
        let Ok(count) = usize::try_from(count) else {
            return Part::Damaged;
        };
        let Some(bytes) = part.get(6..6 + 2 * count) else {
            return Part::Damaged;
        };
        let Some(wave) = WAVES.iter().find(|wave| wave.kind == kind) else {
            return Part::Unknown(kind);
        };
        // A record holds a second at most; the monitor may send a sample more or less.
        if count > wave.rate as usize * 3 / 2 {
            return Part::Damaged;
        }
        Part::Known(Block {
            wave: *wave,
            gap: status & GAP != 0,
            off: status & LEAD_OFF != 0,
            samples: bytes.chunks_exact(2).filter_map(|two| i16_at(two, 0)).collect(),
        })
    }
}

/// Without records for this long a counter of 8 bits proves nothing.
const COUNTER_HOLDS: Duration = Duration::from_secs(30);

/// Numbers the samples of one session of the line.
#[derive(Debug, Default)]
pub(super) struct Tracks {
    tracks: BTreeMap<Code, Track>,
    /// Goes up with each lost record.
    losses: u64,
}

#[derive(Clone, Copy, Debug)]
struct Track {
    next: u64,
    ended: MonoTime,
    losses: u64,
}

impl Tracks {
    /// Records are missing, or the channels are no longer what they were.
    pub(super) fn lost(&mut self) {
        self.losses += 1;
    }

    /// Takes the blocks of one record. On a `disturbed` line they only count.
    pub(super) fn hear(
        &mut self,
        now: MonoTime,
        blocks: Vec<Block>,
        channels: &Channels,
        disturbed: bool,
        out: &mut Steps,
    ) {
        let mut seen = Vec::new();
        for block in blocks {
            let Some(code) = channels.code(block.wave.of).filter(|code| !seen.contains(code)) else {
                continue;
            };
            seen.push(code);
            let first = self.place(now, code, &block);
            if disturbed || block.off {
                continue;
            }
            for (at, samples) in runs(&block.samples) {
                out.push(Step::Saw(Seen::Wave(WaveBlock {
                    code,
                    rate: (block.wave.rate, 1),
                    first_sample: first + at,
                    samples,
                })));
            }
        }
    }

    /// The number of the first sample of a block that ends now.
    fn place(&mut self, now: MonoTime, code: Code, block: &Block) -> u64 {
        let count = block.samples.len() as u64;
        let first = match self.tracks.get(&code) {
            None => 0,
            Some(track) => {
                let elapsed = now.since(track.ended);
                let is_next = !block.gap && track.losses == self.losses && elapsed < COUNTER_HOLDS;
                let by_clock = if is_next {
                    0
                } else {
                    let ms = u64::try_from(elapsed.as_millis()).unwrap_or(0);
                    (ms * u64::from(block.wave.rate) + 500) / 1000
                };
                track.next + by_clock.saturating_sub(count)
            }
        };
        let track = Track {
            next: first + count,
            ended: now,
            losses: self.losses,
        };
        self.tracks.insert(code, track);
        first
    }
}

/// The runs of real samples, each with its place in the block.
fn runs(samples: &[i16]) -> Vec<(u64, Vec<i16>)> {
    let mut at = 0;
    let mut runs = Vec::new();
    // In curves -32000 itself is a mark already.
    for run in samples.split(|sample| *sample <= SMALLEST) {
        if !run.is_empty() {
            runs.push((at, run.to_vec()));
        }
        at += run.len() as u64 + 1;
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(count: usize, status: u16) -> Block {
        let mut part = i16::try_from(count).unwrap().to_le_bytes().to_vec();
        part.extend(status.to_le_bytes());
        part.extend([0, 0]);
        part.extend((0..count).flat_map(|_| 7i16.to_le_bytes()));
        match Part::read(8, &part) {
            Part::Known(block) => block,
            other => panic!("{other:?}"),
        }
    }

    /// `(ms, samples, status, lost)`, and where each block is placed.
    fn check(blocks: &[(u64, usize, u16, bool)], firsts: &[u64]) {
        let mut tracks = Tracks::default();
        let mut placed = Vec::new();
        for (ms, count, status, lost) in blocks {
            if *lost {
                tracks.lost();
            }
            placed.push(tracks.place(MonoTime::from_ms(*ms), Code::Pleth, &block(*count, *status)));
        }
        assert_eq!(placed, firsts, "{blocks:?}");
    }

    #[test]
    fn blocks_of_99_to_101_samples_follow_each_other_whatever_the_clock_says() {
        let line = [
            (1000, 100, 1, false),
            (2000, 99, 0, false),
            (3900, 101, 0, false),
            (3900, 100, 0, false),
        ];
        check(&line, &[0, 100, 199, 300]);
    }

    #[test]
    fn g9_a_gap_and_a_lost_record_are_holes_by_the_clock() {
        let line = [
            (1000, 100, 1, false),
            (4000, 100, 1, false),
            (7000, 100, 0, true),
            (8000, 100, 0, false),
        ];
        check(&line, &[0, 300, 600, 700]);
        check(&[(1000, 100, 1, false), (61_000, 100, 0, false)], &[0, 6000]);
    }

    #[test]
    fn undocumented_status_bits_are_not_looked_at() {
        check(
            &[(1000, 100, 0x0631, false), (2000, 100, 0x0712, false)],
            &[0, 100],
        );
    }

    #[test]
    fn i5_marks_among_samples_are_holes() {
        let told = runs(&[125, -7, -32767, 300, -32000, -31999]);
        assert_eq!(told, [(0, vec![125, -7]), (3, vec![300]), (5, vec![-31999])]);
    }

    #[test]
    fn more_samples_than_a_record_can_hold_are_damage() {
        let mut part = 151i16.to_le_bytes().to_vec();
        part.resize(6 + 2 * 151, 0);
        assert!(matches!(Part::read(8, &part), Part::Damaged));
        assert!(matches!(Part::read(8, &part[..100]), Part::Damaged));
        part[0] = 150;
        assert!(matches!(Part::read(8, &part), Part::Known(_)));
        part[1] = 0x80;
        assert!(matches!(Part::read(8, &part), Part::Damaged));
    }
}
