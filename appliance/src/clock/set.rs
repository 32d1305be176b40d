//! Notices when somebody sets the wall clock, by however little: the kernel cancels a timer for it.
//!
//! The core looks ten times a second. What is measured between the setting and the look needs no care: nothing is
//! stamped with the wall clock.

use std::io;

use nix::errno::Errno;
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use nix::unistd::read;

/// A timer that never ends, because its time is too far away; only a clock that is set cancels it. The year 2200.
const NEVER_S: i64 = 7_258_118_400;

/// The kernel's word that the wall clock was set.
#[derive(Debug)]
pub struct SetNotice {
    timer: TimerFd,
}

impl SetNotice {
    /// Asks the kernel to say so from now on.
    ///
    /// # Errors
    /// A kernel or a sandbox that allows no such timer.
    pub fn new() -> io::Result<SetNotice> {
        let timer = TimerFd::new(
            ClockId::CLOCK_REALTIME,
            TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC,
        )?;
        timer.set(
            Expiration::OneShot(TimeSpec::new(NEVER_S, 0)),
            TimerSetTimeFlags::TFD_TIMER_ABSTIME | TimerSetTimeFlags::TFD_TIMER_CANCEL_ON_SET,
        )?;
        Ok(SetNotice { timer })
    }

    /// Whether the clock has been set since the last look. Does not wait.
    pub fn was_set(&self) -> bool {
        // The timer stands on afterwards and is cancelled anew by the next setting.
        read(&self.timer, &mut [0; 8]) == Err(Errno::ECANCELED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_nobody_sets_gives_no_notice_and_the_timer_stands() {
        let notice = SetNotice::new().unwrap();
        assert!(!notice.was_set());
        assert_eq!(read(&notice.timer, &mut [0; 8]), Err(Errno::EAGAIN));
    }
}
