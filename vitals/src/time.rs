//! Honest time (I8): a monotonic clock per boot, wall time, and the anchors that tie the two together.

use std::fmt;
use std::ops::Add;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Nanoseconds since this machine booted, counting suspend (`CLOCK_BOOTTIME`). Comparable only within one [`BootId`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MonoTime(u64);

impl MonoTime {
    /// The moment of boot.
    pub const BOOT: MonoTime = MonoTime(0);

    /// From nanoseconds since boot.
    pub const fn from_ns(ns: u64) -> Self {
        Self(ns)
    }

    /// From milliseconds since boot.
    pub const fn from_ms(ms: u64) -> Self {
        Self(ms.saturating_mul(1_000_000))
    }

    /// Nanoseconds since boot.
    pub const fn as_ns(self) -> u64 {
        self.0
    }

    /// Whole milliseconds since boot.
    pub const fn as_ms(self) -> u64 {
        self.0 / 1_000_000
    }

    /// How long after `earlier` this is; zero when it is not after it.
    pub const fn since(self, earlier: MonoTime) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for MonoTime {
    type Output = MonoTime;
    fn add(self, by: Duration) -> MonoTime {
        MonoTime(
            self.0
                .saturating_add(u64::try_from(by.as_nanos()).unwrap_or(u64::MAX)),
        )
    }
}

/// The random id that Linux gives each boot (`/proc/sys/kernel/random/boot_id`): monotonic times of two boots do not compare.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BootId(pub [u8; 16]);

impl fmt::Display for BootId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for BootId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BootId({self})")
    }
}

impl std::str::FromStr for BootId {
    type Err = BadBootId;
    /// Accepts 32 hexadecimal digits, with or without the dashes that the kernel prints.
    fn from_str(text: &str) -> Result<Self, BadBootId> {
        let digits: Vec<u8> = text.trim().bytes().filter(|b| *b != b'-').collect();
        let mut id = [0u8; 16];
        if digits.len() != 32 {
            return Err(BadBootId);
        }
        for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| BadBootId)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| BadBootId)?;
        }
        Ok(Self(id))
    }
}

/// The text is not a boot id.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a boot id: 32 hexadecimal digits are expected")]
pub struct BadBootId;

/// Wall time: nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted. Range 1677 to 2262.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WallTime(i64);

impl WallTime {
    /// From nanoseconds since the Unix epoch.
    pub const fn from_unix_ns(ns: i64) -> Self {
        Self(ns)
    }

    /// From milliseconds since the Unix epoch.
    pub const fn from_unix_ms(ms: i64) -> Self {
        Self(ms.saturating_mul(1_000_000))
    }

    /// Nanoseconds since the Unix epoch.
    pub const fn as_unix_ns(self) -> i64 {
        self.0
    }

    /// Milliseconds since the Unix epoch, rounded down.
    pub const fn as_unix_ms(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }
}

/// How far a wall time may be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockTrust {
    /// The box has never had its clock set since it booted, or the clock reads before the build date.
    Untrusted,
    /// The clock runs on from an earlier setting (battery clock, person) and was not checked against a time server.
    Holdover,
    /// A time server agrees.
    Synchronised,
}

/// Where an anchor's wall time came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnchorSource {
    /// The system clock as it was found: at the start, and once an hour since.
    SystemStart,
    /// The system clock after it was set or stepped.
    ClockSet,
}

/// One observation that, in this boot, `mono` was the wall time `wall`. Anchors are records: times of everything that
/// was measured before the clock was set are resolved later, without changing the records themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockAnchor {
    /// The boot this anchor belongs to.
    pub boot: BootId,
    /// Monotonic time of the observation.
    pub mono: MonoTime,
    /// Wall time of the observation.
    pub wall: WallTime,
    /// How far it may be believed.
    pub trust: ClockTrust,
    /// Where it came from.
    pub source: AnchorSource,
}

/// When something happened, as it is stored: never re-stamped afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// The boot in which it happened.
    pub boot: BootId,
    /// Monotonic time within that boot.
    pub mono: MonoTime,
}

impl Stamp {
    /// The wall time of this stamp by the best anchor of its boot: highest trust first, then the latest.
    /// `None` when no anchor of that boot is known.
    pub fn resolve(&self, anchors: &[ClockAnchor]) -> Option<(WallTime, ClockTrust)> {
        let best = anchors
            .iter()
            .filter(|a| a.boot == self.boot)
            .max_by_key(|a| (a.trust, a.mono))?;
        let offset = i128::from(self.mono.as_ns()) - i128::from(best.mono.as_ns());
        let wall = i64::try_from(i128::from(best.wall.as_unix_ns()) + offset).ok()?;
        Some((WallTime(wall), best.trust))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anchor(boot: u8, mono_ms: u64, wall_ms: i64, trust: ClockTrust) -> ClockAnchor {
        ClockAnchor {
            boot: BootId([boot; 16]),
            mono: MonoTime::from_ms(mono_ms),
            wall: WallTime::from_unix_ms(wall_ms),
            trust,
            source: AnchorSource::ClockSet,
        }
    }

    #[test]
    fn i8_what_was_measured_in_1970_gets_its_right_time_once_the_clock_is_set() {
        let anchors = [
            anchor(1, 5_000, 5_000, ClockTrust::Untrusted),
            anchor(1, 60_000, 1_790_000_060_000, ClockTrust::Synchronised),
        ];
        let early = Stamp {
            boot: BootId([1; 16]),
            mono: MonoTime::from_ms(7_000),
        };
        assert_eq!(
            early.resolve(&anchors),
            Some((
                WallTime::from_unix_ms(1_790_000_007_000),
                ClockTrust::Synchronised
            ))
        );
    }

    #[test]
    fn i8_an_anchor_of_another_boot_says_nothing() {
        let anchors = [anchor(2, 0, 1_790_000_000_000, ClockTrust::Synchronised)];
        assert_eq!(
            Stamp {
                boot: BootId([1; 16]),
                mono: MonoTime::BOOT
            }
            .resolve(&anchors),
            None
        );
    }

    #[test]
    fn the_kernels_text_reads_as_a_boot_id() {
        let id: BootId = "3f1c9a52-0b7e-4c11-9d3a-6a1f0e2b4c5d\n".parse().unwrap();
        assert_eq!(id.to_string(), "3f1c9a520b7e4c119d3a6a1f0e2b4c5d");
        assert_eq!("3f1c".parse::<BootId>(), Err(BadBootId));
    }
}
