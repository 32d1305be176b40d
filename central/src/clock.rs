//! The only place that asks the clock (I8). Everybody else takes a [`Moment`] as an argument.

use nix::time::{ClockId, clock_gettime};
use vitals::{BootId, MonoTime, WallTime};

/// One moment by both clocks of the centre's machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Time since the centre's machine booted.
    pub mono: MonoTime,
    /// Wall time; a centre is a server that keeps its clock synchronised.
    pub wall: WallTime,
}

/// The clocks of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock;

impl Clock {
    /// Both clocks now.
    pub fn now(self) -> Moment {
        Moment {
            mono: self.mono(),
            wall: self.wall(),
        }
    }

    /// The boot of this machine; zeros on a system that does not name it.
    pub fn boot(self) -> BootId {
        let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
        text.ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(BootId([0; 16]))
    }

    /// Time since boot, counting suspend.
    pub fn mono(self) -> MonoTime {
        let time = clock_gettime(ClockId::CLOCK_BOOTTIME).expect("Linux has had CLOCK_BOOTTIME since 2.6.39");
        let seconds = u64::try_from(time.tv_sec()).unwrap_or(0);
        MonoTime::from_ns(seconds * 1_000_000_000 + u64::try_from(time.tv_nsec()).unwrap_or(0))
    }

    /// The wall clock.
    pub fn wall(self) -> WallTime {
        let time = clock_gettime(ClockId::CLOCK_REALTIME).expect("every Linux has CLOCK_REALTIME");
        WallTime::from_unix_ns(
            time.tv_sec()
                .saturating_mul(1_000_000_000)
                .saturating_add(time.tv_nsec()),
        )
    }
}
