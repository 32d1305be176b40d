//! The curves that a device draws of a body: all from one beat and one breath, so that they belong together.

use std::time::Duration;

/// Where the heart and the breath are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Curves {
    beat: f64,
    breath: f64,
}

impl Curves {
    /// Time passes: `heart` beats and `breath` breaths a minute. Without a rate that one stands still.
    pub fn advance(&mut self, by: Duration, heart: Option<f64>, breath: Option<f64>) {
        let on =
            |phase: f64, rate: Option<f64>| (phase + rate.unwrap_or(0.0) / 60.0 * by.as_secs_f64()).fract();
        self.beat = on(self.beat, heart);
        self.breath = on(self.breath, breath);
    }

    /// Lead II in mV: P, QRS, T.
    pub fn ecg_mv(&self) -> f64 {
        let bump = |centre: f64, width: f64| self.bump(self.beat, centre, width);
        0.12 * bump(0.18, 0.025) - 0.12 * bump(0.285, 0.008) + 1.1 * bump(0.3, 0.01)
            - 0.25 * bump(0.32, 0.009)
            + 0.3 * bump(0.55, 0.05)
    }

    /// The light curve of an oximeter, 0 to 1.
    pub fn pleth(&self) -> f64 {
        let bump = |centre: f64, width: f64| self.bump(self.beat, centre, width);
        (0.1 + 0.03 * self.breath() + 0.7 * bump(0.5, 0.1) + 0.25 * bump(0.78, 0.12)).clamp(0.0, 1.0)
    }

    /// Arterial pressure between diastole (0) and systole (1).
    pub fn pressure(&self) -> f64 {
        let bump = |centre: f64, width: f64| self.bump(self.beat, centre, width);
        (0.95 * bump(0.45, 0.09) + 0.35 * bump(0.72, 0.12)).clamp(0.0, 1.0)
    }

    /// The chest, -1 (out) to 1 (in).
    pub fn breath(&self) -> f64 {
        (std::f64::consts::TAU * self.breath).sin()
    }

    fn bump(&self, phase: f64, centre: f64, width: f64) -> f64 {
        // The curve closes: the end of one beat is the beginning of the next.
        let off = (phase - centre + 0.5).rem_euclid(1.0) - 0.5;
        (-(off / width).powi(2)).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_beats_a_minute_have_one_peak_each_second_and_a_dead_heart_has_none() {
        let mut curves = Curves::default();
        let step = Duration::from_millis(2);
        let mut peaks = 0;
        let mut before = 0.0;
        for _ in 0..5_000 {
            curves.advance(step, Some(60.0), Some(15.0));
            let now = curves.ecg_mv();
            peaks += u32::from(before < 0.6 && now >= 0.6);
            before = now;
            assert!((0.0..=1.0).contains(&curves.pleth()) && (0.0..=1.0).contains(&curves.pressure()));
        }
        assert_eq!(peaks, 10);
        let still = curves.ecg_mv();
        curves.advance(Duration::from_secs(3), None, None);
        assert!((curves.ecg_mv() - still).abs() < 1e-9);
    }
}
