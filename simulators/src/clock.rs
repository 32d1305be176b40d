//! The only place of this crate that asks the clock: the same one the appliance stamps with, so that a truth log and a
//! stored reading can be compared directly.

use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

/// Time since boot, counting suspend (`CLOCK_BOOTTIME`).
pub fn now() -> Duration {
    Duration::from(clock_gettime(ClockId::CLOCK_BOOTTIME).expect("Linux has had CLOCK_BOOTTIME since 2.6.39"))
}
