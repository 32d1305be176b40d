//! What a bad line does to good bytes: flipped bytes, garbage bursts, half frames, silence. Repeatable by seed.

use std::time::Duration;

use crate::random::Random;

/// Which faults to inject.
#[derive(Clone, Debug, Default)]
pub struct FaultOptions {
    /// Part of all bytes that is changed, 0 to 1.
    pub corrupt: f64,
    /// Now and then (every 2 to 8 s) put up to 64 random bytes before a frame, or cut a frame short.
    pub garbage: bool,
    /// Say nothing for the first of these times at the end of each of the second (`10 s` of every `60 s`).
    pub silence: Option<Silence>,
    /// Same seed, same faults.
    pub seed: u64,
}

/// A device that goes quiet again and again.
#[derive(Clone, Copy, Debug)]
pub struct Silence {
    /// How long it is quiet.
    pub quiet: Duration,
    /// How long from the end of one quiet time to the end of the next; must not be shorter than `quiet`.
    pub every: Duration,
}

/// Injects the faults.
#[derive(Debug)]
pub struct Faults {
    options: FaultOptions,
    random: Random,
    next_burst: Duration,
}

/// What is left of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged {
    /// The bytes to send; empty in a silence.
    pub bytes: Vec<u8>,
    /// True when they differ from what the device meant.
    pub corrupted: bool,
}

/// Longest garbage burst.
pub const BURST_BYTES_MAX: u64 = 64;

impl Faults {
    /// Starts at device time 0.
    pub fn new(options: FaultOptions) -> Faults {
        let mut random = Random::new(options.seed ^ 0xFA17);
        let next_burst = pause(&mut random);
        Faults {
            options,
            random,
            next_burst,
        }
    }

    /// What the line makes of a frame that the device sends at device time `at`.
    pub fn damage(&mut self, at: Duration, frame: &[u8]) -> Damaged {
        if self.options.silence.is_some_and(|silence| silence.covers(at)) {
            return Damaged {
                bytes: Vec::new(),
                corrupted: true,
            };
        }
        let mut bytes = frame.to_vec();
        for byte in &mut bytes {
            if self.options.corrupt > 0.0 && self.random.unit() < self.options.corrupt {
                // Never 0, or the byte would stay what it was.
                let change = self.random.below(255) + 1;
                *byte ^= change.to_le_bytes()[0];
            }
        }
        if self.options.garbage && at >= self.next_burst {
            self.next_burst = at + pause(&mut self.random);
            self.burst(&mut bytes);
        }
        let corrupted = bytes != frame;
        Damaged { bytes, corrupted }
    }

    fn burst(&mut self, bytes: &mut Vec<u8>) {
        if bytes.len() > 1 && self.random.below(2) == 0 {
            let kept = 1 + self.random.below(bytes.len() as u64 - 1) as usize;
            bytes.truncate(kept);
        } else {
            let count = 1 + self.random.below(BURST_BYTES_MAX);
            let garbage: Vec<u8> = (0..count).map(|_| self.random.byte()).collect();
            bytes.splice(0..0, garbage);
        }
    }
}

impl Silence {
    fn covers(self, at: Duration) -> bool {
        let every = self.every.as_nanos().max(1);
        let within = at.as_nanos() % every;
        within >= every.saturating_sub(self.quiet.as_nanos())
    }
}

fn pause(random: &mut Random) -> Duration {
    Duration::from_millis(2_000 + random.below(6_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(options: FaultOptions) -> Faults {
        Faults::new(options)
    }

    #[test]
    fn the_asked_fraction_of_bytes_is_changed_and_reported() {
        let mut faults = faults(FaultOptions {
            corrupt: 0.2,
            seed: 7,
            ..FaultOptions::default()
        });
        let (mut changed, mut total) = (0, 0);
        for step in 0..4_000_u64 {
            let frame = [0x5A; 5];
            let damaged = faults.damage(Duration::from_millis(step * 13), &frame);
            let here = damaged.bytes.iter().filter(|&&byte| byte != 0x5A).count();
            assert_eq!(damaged.corrupted, here > 0);
            changed += here;
            total += frame.len();
        }
        let fraction = changed as f64 / f64::from(total as u32);
        assert!((0.18..0.22).contains(&fraction), "{fraction}");
    }

    #[test]
    fn a_byte_that_is_changed_is_never_what_it_was() {
        let mut faults = faults(FaultOptions {
            corrupt: 1.0,
            ..FaultOptions::default()
        });
        let damaged = faults.damage(Duration::ZERO, &[0x5A; 10_000]);
        assert!(damaged.bytes.iter().all(|&byte| byte != 0x5A));
    }

    #[test]
    fn garbage_bursts_and_half_frames_both_happen_within_their_bounds() {
        let mut faults = faults(FaultOptions {
            garbage: true,
            seed: 3,
            ..FaultOptions::default()
        });
        let (mut bursts, mut halves, mut last) = (0, 0, Duration::ZERO);
        for step in 0..75 * 600_u64 {
            let at = Duration::from_nanos(step * 1_000_000_000 / 75);
            let damaged = faults.damage(at, &[1, 2, 3, 4, 5]);
            if !damaged.corrupted {
                assert_eq!(damaged.bytes, [1, 2, 3, 4, 5]);
                continue;
            }
            assert!(
                at - last >= Duration::from_secs(2),
                "two faults within {:?}",
                at - last
            );
            last = at;
            match damaged.bytes.len() {
                1..5 => halves += 1,
                length => {
                    assert!(length > 5 && length <= 5 + BURST_BYTES_MAX as usize, "{length}");
                    bursts += 1;
                }
            }
        }
        assert!(
            bursts > 30 && halves > 30,
            "{bursts} bursts, {halves} half frames in 600 s"
        );
    }

    #[test]
    fn a_silent_device_says_nothing_at_the_end_of_each_period() {
        let mut faults = faults(FaultOptions {
            silence: Some(Silence {
                quiet: Duration::from_secs(10),
                every: Duration::from_secs(60),
            }),
            ..FaultOptions::default()
        });
        for second in 0..180_u64 {
            let silent = faults.damage(Duration::from_secs(second), &[1]).bytes.is_empty();
            assert_eq!(silent, second % 60 >= 50, "at {second} s");
        }
    }

    #[test]
    fn the_same_seed_makes_the_same_faults() {
        let run = |seed| {
            let mut faults = faults(FaultOptions {
                corrupt: 0.1,
                garbage: true,
                seed,
                ..FaultOptions::default()
            });
            (0..500_u64)
                .flat_map(|step| faults.damage(Duration::from_millis(step * 100), &[9; 8]).bytes)
                .collect::<Vec<u8>>()
        };
        assert_eq!(run(5), run(5));
        assert_ne!(run(5), run(6));
    }
}
