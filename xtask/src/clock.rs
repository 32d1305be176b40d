//! The only place in this crate that asks the clock: how long steps took, how long to wait for a page, which six digits
//! the demo's people would read from their apps, and how the clock of a simulator and that of a page belong together.

use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};

/// Seconds since 1970.
pub fn wall_s() -> u64 {
    let time = clock_gettime(ClockId::CLOCK_REALTIME).expect("every Linux has CLOCK_REALTIME");
    u64::try_from(time.tv_sec()).unwrap_or(0)
}

/// Milliseconds since 1970 at which this machine's clock since boot (`CLOCK_BOOTTIME`) was 0. Simulators note by that clock, a
/// browser by the wall; it is the same until somebody sets the wall.
pub fn boot_wall_ms() -> f64 {
    let read = |clock| clock_gettime(clock).expect("every Linux has both clocks");
    let (boot, wall) = (read(ClockId::CLOCK_BOOTTIME), read(ClockId::CLOCK_REALTIME));
    (Duration::from(wall).as_secs_f64() - Duration::from(boot).as_secs_f64()) * 1000.0
}

/// Runs from its creation.
#[derive(Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one clock of this crate; nothing here is domain time"
    )]
    pub fn start() -> Stopwatch {
        Stopwatch(Instant::now())
    }

    /// Time since the start.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}
