//! The tests' clock: the same one that the appliance stamps with, so that times compare.

use std::time::{Duration, Instant};

/// Nanoseconds since boot, counting suspend.
pub fn boot_ns() -> u64 {
    let time =
        nix::time::clock_gettime(nix::time::ClockId::CLOCK_BOOTTIME).expect("Linux has CLOCK_BOOTTIME");
    u64::try_from(time.tv_sec()).unwrap_or(0) * 1_000_000_000 + u64::try_from(time.tv_nsec()).unwrap_or(0)
}

/// The wall clock, in ms since 1970.
pub fn wall_ms() -> i64 {
    let time = nix::time::clock_gettime(nix::time::ClockId::CLOCK_REALTIME).expect("every Linux has it");
    time.tv_sec() * 1_000 + time.tv_nsec() / 1_000_000
}

/// Looks again and again until `look` finds something; panics with `what` after `within`.
#[track_caller]
pub fn wait_for<T>(what: &str, within: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test waits in real time for real processes"
    )]
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < within, "not within {within:?}: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
