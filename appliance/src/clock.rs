//! The only place that asks the clock (I8). Everybody else takes `now` as an argument.

use nix::time::{ClockId, clock_gettime};
use vitals::{AnchorSource, BootId, ClockAnchor, ClockTrust, MonoTime, WallTime};

/// Wall times before this cannot be true: this program did not exist yet (2026-11-01T00:00:00Z).
const BUILT_AFTER: WallTime = WallTime::from_unix_ms(1_793_491_200_000);

/// Monotonic and wall clock of this boot.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    boot: BootId,
}

/// The machine has no usable clock.
#[derive(Debug, thiserror::Error)]
pub enum ClockError {
    /// The kernel's boot id is unreadable.
    #[error("cannot read /proc/sys/kernel/random/boot_id: {0}")]
    BootId(#[from] std::io::Error),
    /// The kernel's boot id is not an id.
    #[error("/proc/sys/kernel/random/boot_id: {0}")]
    BadBootId(#[from] vitals::time::BadBootId),
}

impl Clock {
    /// Reads the boot id once; it cannot change while the program runs.
    ///
    /// # Errors
    /// On a machine without `/proc`.
    pub fn system() -> Result<Clock, ClockError> {
        Ok(Clock {
            boot: std::fs::read_to_string("/proc/sys/kernel/random/boot_id")?.parse()?,
        })
    }

    /// This boot.
    pub fn boot(&self) -> BootId {
        self.boot
    }

    /// Time since boot, counting suspend.
    pub fn now(&self) -> MonoTime {
        let time = clock_gettime(ClockId::CLOCK_BOOTTIME).expect("Linux has had CLOCK_BOOTTIME since 2.6.39");
        let seconds = u64::try_from(time.tv_sec()).unwrap_or(0);
        MonoTime::from_ns(seconds * 1_000_000_000 + u64::try_from(time.tv_nsec()).unwrap_or(0))
    }

    /// The wall clock, and how far it may be believed.
    pub fn wall(&self) -> (WallTime, ClockTrust) {
        let time = clock_gettime(ClockId::CLOCK_REALTIME).expect("every Linux has CLOCK_REALTIME");
        let wall = WallTime::from_unix_ns(
            time.tv_sec()
                .saturating_mul(1_000_000_000)
                .saturating_add(time.tv_nsec()),
        );
        let trust = if wall < BUILT_AFTER {
            ClockTrust::Untrusted
        } else {
            ClockTrust::Holdover
        };
        (wall, trust)
    }

    /// Ties the two clocks together as they stand now.
    pub fn anchor(&self, source: AnchorSource) -> ClockAnchor {
        let (wall, trust) = self.wall();
        ClockAnchor {
            boot: self.boot,
            mono: self.now(),
            wall,
            trust,
            source,
        }
    }
}
