//! Repeatable chance: the same seed gives the same run on every machine.

/// A small generator (splitmix64). Good enough for noise and faults, not for secrets.
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

impl Random {
    /// Starts a sequence.
    pub fn new(seed: u64) -> Random {
        Random { state: seed }
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.state)
    }

    /// Even between 0 (included) and 1 (excluded).
    pub fn unit(&mut self) -> f64 {
        unit(self.bits())
    }

    /// A whole number below `end`, which must not be 0. The bias is below 1e-9 for the small ends used here.
    pub fn below(&mut self, end: u64) -> u64 {
        self.bits() % end
    }

    /// One byte.
    pub fn byte(&mut self) -> u8 {
        self.bits().to_le_bytes()[0]
    }
}

/// Smooth noise: a curve through one random point per whole `x`, between -1 and 1. It depends on nothing but its
/// arguments, so that a patient can be asked about any moment in any order.
pub fn smooth_noise(seed: u64, curve: u64, x: f64) -> f64 {
    let whole = x.floor();
    let part = x - whole;
    let eased = part * part * (3.0 - 2.0 * part);
    let from = lattice(seed, curve, whole as i64);
    let to = lattice(seed, curve, whole as i64 + 1);
    from + (to - from) * eased
}

fn lattice(seed: u64, curve: u64, point: i64) -> f64 {
    let mixed = mix(mix(mix(seed).wrapping_add(curve)).wrapping_add(point as u64));
    unit(mixed) * 2.0 - 1.0
}

fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_is_the_published_splitmix64() {
        let mut random = Random::new(1_234_567);
        assert_eq!(random.bits(), 6_457_827_717_110_365_317);
        assert_eq!(random.bits(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn smooth_noise_has_no_jumps_and_stays_in_its_range() {
        let mut last = smooth_noise(1, 2, -3.0);
        for step in -2_999..3_000 {
            let now = smooth_noise(1, 2, f64::from(step) / 1_000.0);
            assert!((-1.0..=1.0).contains(&now));
            assert!(
                (now - last).abs() < 0.01,
                "jump from {last} to {now} at step {step}"
            );
            last = now;
        }
    }
}
