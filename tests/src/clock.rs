//! The tests' clock: the same one that the appliance stamps with, so that times compare.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
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

/// How often [`Standstill`] looks at the clock.
const LOOKS_EVERY: Duration = Duration::from_millis(100);

/// Notices when the whole machine stands still (a virtual one that its host holds for seconds): what was sent before is
/// read after it, so what a device said is as old as the standstill was long.
#[derive(Debug, Default)]
pub struct Standstill {
    longest_ns: Arc<AtomicU64>,
}

impl Standstill {
    /// Watches until it is dropped.
    pub fn watch() -> Standstill {
        let standstill = Standstill::default();
        let longest_ns = Arc::downgrade(&standstill.longest_ns);
        std::thread::spawn(move || {
            let mut looked_ns = boot_ns();
            while let Some(longest_ns) = longest_ns.upgrade() {
                std::thread::sleep(LOOKS_EVERY);
                let now_ns = boot_ns();
                longest_ns.fetch_max(now_ns - looked_ns, Ordering::Relaxed);
                looked_ns = now_ns;
            }
        });
        standstill
    }

    /// The longest so far; a machine that runs gives [`LOOKS_EVERY`] and little more.
    pub fn longest(&self) -> Duration {
        Duration::from_nanos(self.longest_ns.load(Ordering::Relaxed))
    }
}

/// Waits as long as a machine that runs needs for it: of a standstill only the second in which it falls is lost.
pub fn run_for(seconds: u32) {
    for _ in 0..seconds {
        std::thread::sleep(Duration::from_secs(1));
    }
}
