//! A clock whose hands somebody holds: for tests and for simulations. Not in the program that is shipped.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use vitals::{BootId, MonoTime, WallTime};

use super::{Clock, Source};

/// The hands of a simulated clock; clones hold the same hands.
#[derive(Clone, Debug)]
pub struct SimulatedTime {
    hands: Arc<Mutex<Hands>>,
}

#[derive(Clone, Copy, Debug)]
struct Hands {
    boot: BootId,
    now: MonoTime,
    wall: WallTime,
    synchronised: bool,
}

impl SimulatedTime {
    /// A machine that has just booted, whose wall clock reads `wall`, and to which no time server has spoken.
    pub fn new(boot: BootId, wall: WallTime) -> SimulatedTime {
        let hands = Hands {
            boot,
            now: MonoTime::BOOT,
            wall,
            synchronised: false,
        };
        SimulatedTime {
            hands: Arc::new(Mutex::new(hands)),
        }
    }

    /// Time passes: both hands move. The only way for the monotonic one, short of a reboot.
    pub fn pass(&self, time: Duration) {
        let mut hands = self.hands();
        hands.now = hands.now + time;
        let wall = i128::from(hands.wall.as_unix_ns()) + time.as_nanos() as i128;
        hands.wall = WallTime::from_unix_ns(i64::try_from(wall).unwrap_or(i64::MAX));
    }

    /// Somebody, or something, sets the wall clock.
    pub fn set_wall(&self, wall: WallTime) {
        self.hands().wall = wall;
    }

    /// Whether a time server agrees with the wall clock from now on.
    pub fn set_synchronised(&self, synchronised: bool) {
        self.hands().synchronised = synchronised;
    }

    /// The machine boots anew: another boot id, the monotonic clock from zero, no time server yet, and the wall clock
    /// that a battery kept, or did not.
    pub fn reboot(&self, boot: BootId, wall: WallTime) {
        *self.hands() = Hands {
            boot,
            now: MonoTime::BOOT,
            wall,
            synchronised: false,
        };
    }

    pub(super) fn boot(&self) -> BootId {
        self.hands().boot
    }

    /// Where the monotonic hand stands.
    pub fn now(&self) -> MonoTime {
        self.hands().now
    }

    /// Where the wall hand stands, and whether a time server agrees.
    pub fn wall(&self) -> (WallTime, bool) {
        let hands = self.hands();
        (hands.wall, hands.synchronised)
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock {
    /// A clock whose hands `time` holds; `built` is the day of the program, before which no wall time is believed. A
    /// process that starts anew takes a new clock on the same hands: what it believes begins empty.
    pub fn simulated(time: &SimulatedTime, built: WallTime) -> Clock {
        Clock::of(Source::Simulated(time.clone()), built)
    }
}
