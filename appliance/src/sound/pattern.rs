//! The neutral tones: which pulses a burst of each priority has, when and how loud (IEC 60601-1-8 tables 3 and 4). Pure.
//!
//! The page plays the same (`web-ui/live/burst.ts`, where the ranges of the standard are tested); `bursts.txt` is what
//! both are compared with.

use std::f64::consts::TAU;
use std::sync::LazyLock;
use std::time::Duration;

use vitals::Priority;

/// Of the tone.
const FUNDAMENTAL_HZ: f64 = 523.0;

/// Of the fundamental and four harmonics: within 8 dB of each other.
const PARTIALS: [f64; 5] = [1.0, 0.8, 0.65, 0.5, 0.4];

/// Of the pulse.
const RISE: f64 = 0.15;
const FALL_S: f64 = 0.01;

const HIGH_PULSE_MS: u64 = 150;
const HIGH_SPACING_MS: u64 = 90;
const HIGH_LONG_MS: u64 = 2 * HIGH_SPACING_MS + HIGH_PULSE_MS;

/// What can be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tone {
    /// Sound is off somewhere: one soft pulse.
    Reminder,
    /// A person listens whether the output is heard: as the most urgent alarm, once.
    Test,
    /// An alarm.
    Alarm(Priority),
}

/// One pulse; it lies between silence and silence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pulse {
    /// After the beginning of the burst.
    pub start: Duration,
    /// Rise and fall included.
    pub length: Duration,
    /// Of the loudest that there is.
    pub gain: f64,
}

/// A burst, and the silence after it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Burst {
    pub pulses: Vec<Pulse>,
    pub length: Duration,
    /// Until it is played again; `None` = it is not.
    pub pause: Option<Duration>,
}

impl Burst {
    pub fn of(tone: Tone) -> Burst {
        const X: u64 = HIGH_SPACING_MS;
        const LONG: u64 = HIGH_LONG_MS;
        let (pulse_ms, gain, gaps_ms, pause_s): (u64, f64, &[u64], Option<u64>) = match tone {
            // 3 + 2, twice.
            Tone::Alarm(Priority::High) | Tone::Test => {
                (HIGH_PULSE_MS, 0.9, &[X, X, LONG, X, 600, X, X, LONG, X], Some(4))
            }
            Tone::Alarm(Priority::Medium) => (200, 0.75, &[150, 150], Some(10)),
            Tone::Alarm(Priority::Low) => (200, 0.6, &[200], None),
            Tone::Reminder => (200, 0.4, &[], None),
        };
        let length = Duration::from_millis(pulse_ms);
        let pulse = |start| Pulse { start, length, gain };
        let mut pulses = vec![pulse(Duration::ZERO)];
        let mut start = Duration::ZERO;
        for gap in gaps_ms {
            start += length + Duration::from_millis(*gap);
            pulses.push(pulse(start));
        }
        Burst {
            pulses,
            length: start + length,
            pause: pause_s.map(Duration::from_secs),
        }
    }

    /// Whether a pulse is on at this moment after the beginning.
    pub fn is_on(&self, at: Duration) -> bool {
        self.pulse(at).is_some()
    }

    fn pulse(&self, at: Duration) -> Option<&Pulse> {
        self.pulses
            .iter()
            .find(|pulse| at >= pulse.start && at < pulse.start + pulse.length)
    }

    /// How loud it is at this moment, 0 to 1.
    fn loudness(&self, at: Duration) -> f64 {
        let Some(pulse) = self.pulse(at) else { return 0.0 };
        let (length, into) = (pulse.length.as_secs_f64(), (at - pulse.start).as_secs_f64());
        let rise = into / (RISE * length);
        let fall = (length - into) / FALL_S;
        pulse.gain * rise.min(fall).min(1.0)
    }

    /// The samples from one number to another, at this rate.
    pub fn samples(&self, from: u64, to: u64, rate: u32) -> impl Iterator<Item = i16> {
        (from..to).map(move |n| {
            let at = n as f64 / f64::from(rate);
            let height = self.loudness(Duration::from_secs_f64(at)) * tone(at);
            (height * f64::from(i16::MAX)) as i16
        })
    }
}

/// The tone itself, -1 to 1.
fn tone(at_s: f64) -> f64 {
    /// How high the partials together go, so that nothing is cut off.
    static HIGHEST: LazyLock<f64> = LazyLock::new(|| {
        let heights = (0..2_000).map(|n| partials(f64::from(n) / 2_000.0).abs());
        1.01 * heights.fold(0.0, f64::max)
    });
    partials(FUNDAMENTAL_HZ * at_s) / *HIGHEST
}

/// The sum of the partials at this many turns of the fundamental.
fn partials(turns: f64) -> f64 {
    let partial = |(n, height): (f64, f64)| height * (TAU * n * turns).sin();
    [1.0, 2.0, 3.0, 4.0, 5.0]
        .into_iter()
        .zip(PARTIALS)
        .map(partial)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [(Tone, &str); 4] = [
        (Tone::Alarm(Priority::High), "high"),
        (Tone::Alarm(Priority::Medium), "medium"),
        (Tone::Alarm(Priority::Low), "low"),
        (Tone::Reminder, "reminder"),
    ];

    #[test]
    fn the_box_plays_what_the_page_plays() {
        let mut told = Vec::new();
        for (tone, name) in ALL {
            for pulse in Burst::of(tone).pulses {
                let (start, length) = (pulse.start.as_secs_f64(), pulse.length.as_secs_f64());
                told.push(format!("{name} {start:.3} {length:.3} {:.2}", pulse.gain));
            }
        }
        for (tone, name) in ALL {
            let pause = Burst::of(tone)
                .pause
                .map(|pause| format!("{:.3}", pause.as_secs_f64()));
            told.push(format!("{name} pause {}", pause.as_deref().unwrap_or("none")));
        }
        assert_eq!(told.join("\n"), include_str!("bursts.txt").trim());
    }

    #[test]
    fn as_samples_a_pulse_is_where_it_belongs_and_as_loud_as_it_can_be_without_being_cut_off() {
        let rate = 48_000;
        for (tone, name) in ALL {
            let burst = Burst::of(tone);
            let count = (burst.length.as_secs_f64() * f64::from(rate)) as u64 + 4_800;
            let samples: Vec<i16> = burst.samples(0, count, rate).collect();
            // 5 ms at a time: longer than one turn of the tone.
            let heights = samples
                .chunks(240)
                .map(|part| part.iter().map(|s| s.unsigned_abs()).max().unwrap());
            let on: Vec<bool> = heights.clone().map(|height| height > 3_000).collect();
            let begins = on.windows(2).filter(|pair| !pair[0] && pair[1]).count() + usize::from(on[0]);
            assert_eq!(begins, burst.pulses.len(), "{name}");
            let highest = f64::from(heights.max().unwrap()) / f64::from(i16::MAX);
            let gain = burst.pulses[0].gain;
            assert!(highest > 0.9 * gain && highest < gain, "{name} {highest}");
            for (n, sample) in samples.iter().enumerate() {
                let at = Duration::from_secs_f64(n as f64 / f64::from(rate));
                assert!(burst.is_on(at) || *sample == 0, "{name}: {sample} at {at:?}");
            }
        }
    }
}
