//! The only place that asks the clock (I8). Everybody else takes `now` as an argument.
//!
//! Order, delays and ages come from the monotonic clock alone. The wall clock is only shown and recorded, and always
//! with how far it may be believed ([`trust`]); what is believed is shared by all copies of one clock, so that the
//! page, the records and the centre are told the same.

mod set;
#[cfg(any(test, feature = "simulation"))]
mod simulated;
mod trust;

use std::fs;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use nix::time::{ClockId, clock_gettime};
use vitals::{AnchorSource, BootId, ClockAnchor, ClockTrust, MonoTime, WallTime};

pub use set::SetNotice;
#[cfg(any(test, feature = "simulation"))]
pub use simulated::SimulatedTime;
pub(crate) use trust::BUILT;
use trust::Believed;

/// systemd-timesyncd touches this file whenever a time server has answered; it asks at least every 34 minutes.
const SYNCHRONISED_MARK: &str = "/run/systemd/timesync/synchronized";

/// A time server's word that is older than this says nothing about the clock of now.
const SYNCHRONISED_FOR: Duration = Duration::from_secs(3_600);

/// Monotonic and wall clock of this boot.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Lives as long as the program: a clock is handed to every task.
    shared: &'static Shared,
}

#[derive(Debug)]
struct Shared {
    source: Source,
    believed: Mutex<Believed>,
}

#[derive(Debug)]
enum Source {
    System {
        boot: BootId,
    },
    #[cfg(any(test, feature = "simulation"))]
    Simulated(SimulatedTime),
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
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id")?.parse()?;
        Ok(Clock::of(Source::System { boot }, trust::BUILT))
    }

    fn of(source: Source, built: WallTime) -> Clock {
        let believed = Mutex::new(Believed::new(built));
        Clock {
            shared: Box::leak(Box::new(Shared { source, believed })),
        }
    }

    /// This boot.
    pub fn boot(&self) -> BootId {
        match &self.shared.source {
            Source::System { boot } => *boot,
            #[cfg(any(test, feature = "simulation"))]
            Source::Simulated(dial) => dial.boot(),
        }
    }

    /// Time since boot, counting suspend.
    pub fn now(&self) -> MonoTime {
        match &self.shared.source {
            Source::System { .. } => system_now(),
            #[cfg(any(test, feature = "simulation"))]
            Source::Simulated(dial) => dial.now(),
        }
    }

    /// The wall clock, and how far it may be believed.
    pub fn wall(&self) -> (WallTime, ClockTrust) {
        let (wall, synchronised) = match &self.shared.source {
            Source::System { .. } => {
                let wall = system_wall();
                (wall, is_synchronised(Path::new(SYNCHRONISED_MARK), wall))
            }
            #[cfg(any(test, feature = "simulation"))]
            Source::Simulated(dial) => dial.wall(),
        };
        let trust = self.believed().judge(self.now(), wall, synchronised);
        (wall, trust)
    }

    /// Ties the two clocks together as they stand now.
    pub fn anchor(&self, source: AnchorSource) -> ClockAnchor {
        let (wall, trust) = self.wall();
        ClockAnchor {
            boot: self.boot(),
            mono: self.now(),
            wall,
            trust,
            source,
        }
    }

    /// What was recorded before this start, in the order of the records: the clock is not believed behind its own
    /// history.
    pub fn recall(&self, anchor: &ClockAnchor) {
        self.believed().recall(anchor);
    }

    /// What is recorded now: later readings are measured against it.
    pub fn rely_on(&self, anchor: &ClockAnchor) {
        self.believed().rely_on(anchor);
    }

    fn believed(&self) -> MutexGuard<'static, Believed> {
        self.shared
            .believed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn system_now() -> MonoTime {
    let time = clock_gettime(ClockId::CLOCK_BOOTTIME).expect("Linux has had CLOCK_BOOTTIME since 2.6.39");
    let seconds = u64::try_from(time.tv_sec()).unwrap_or(0);
    MonoTime::from_ns(seconds * 1_000_000_000 + u64::try_from(time.tv_nsec()).unwrap_or(0))
}

fn system_wall() -> WallTime {
    let time = clock_gettime(ClockId::CLOCK_REALTIME).expect("every Linux has CLOCK_REALTIME");
    WallTime::from_unix_ns(
        time.tv_sec()
            .saturating_mul(1_000_000_000)
            .saturating_add(time.tv_nsec()),
    )
}

/// Whether a time server has agreed lately. Both the mark and `wall` are by the same clock: after a step by hand the
/// mark is too old or in the future, and counts no longer.
fn is_synchronised(mark: &Path, wall: WallTime) -> bool {
    let touched = fs::metadata(mark).and_then(|mark| mark.modified()).ok();
    let touched = touched.and_then(|touched| touched.duration_since(UNIX_EPOCH).ok());
    touched
        .and_then(|touched| i64::try_from(touched.as_nanos()).ok())
        .is_some_and(|touched| {
            let age_ns = i128::from(wall.as_unix_ns()) - i128::from(touched);
            (0..=SYNCHRONISED_FOR.as_nanos() as i128).contains(&age_ns)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i8_a_time_servers_word_counts_for_an_hour_and_not_after_a_step_by_hand() {
        let folder = tempfile::tempdir().unwrap();
        let mark = folder.path().join("synchronized");
        let touched = WallTime::from_unix_ms(1_800_000_000_000);
        let at = |s: i64| WallTime::from_unix_ms(touched.as_unix_ms() + s * 1_000);
        assert!(!is_synchronised(&mark, touched), "no time service");
        let file = fs::File::create(&mark).unwrap();
        file.set_modified(UNIX_EPOCH + Duration::from_secs(1_800_000_000))
            .unwrap();
        assert!(is_synchronised(&mark, at(0)));
        assert!(is_synchronised(&mark, at(3_600)));
        assert!(!is_synchronised(&mark, at(3_601)), "silent for too long");
        assert!(!is_synchronised(&mark, at(-3_600)), "set back by hand");
        assert!(
            !is_synchronised(&mark, at(10 * 365 * 86_400)),
            "set forward by hand"
        );
    }
}
