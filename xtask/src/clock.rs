//! The only place in this crate that asks the clock: how long steps took, how long to wait for a page, and which six digits
//! the demo's people would read from their apps.

use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};

/// Seconds since 1970.
pub fn wall_s() -> u64 {
    let time = clock_gettime(ClockId::CLOCK_REALTIME).expect("every Linux has CLOCK_REALTIME");
    u64::try_from(time.tv_sec()).unwrap_or(0)
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
