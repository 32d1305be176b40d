//! Ties the wall clock to the monotonic one, again and again (I8): nothing is re-stamped, ever; whoever shows a time
//! resolves it from these anchors. Pure; both clocks are arguments.

use std::collections::VecDeque;
use std::time::Duration;

use vitals::{AnchorSource, ClockAnchor, ClockTrust, MonoTime, Stamp, WallTime};

/// Most that the two clocks may come apart before that is recorded, when nobody said that the clock was set.
const STEP_UNSAID: Duration = Duration::from_secs(2);

/// The same when the kernel said so: a time server's small correction counts too.
const STEP_SAID: Duration = Duration::from_millis(10);

/// A clock that is believed is recorded this often: after a power cut the post knows that it cannot be earlier.
const RECORD_EVERY: Duration = Duration::from_secs(3_600);

/// The last anchor, and whether it still holds.
#[derive(Debug)]
pub(super) struct TimeWatch {
    anchor: ClockAnchor,
}

impl TimeWatch {
    pub fn new(first: ClockAnchor) -> TimeWatch {
        TimeWatch { anchor: first }
    }

    pub fn anchor(&self) -> ClockAnchor {
        self.anchor
    }

    /// The wall time of a moment of this run; `None` = the clock is not to be believed.
    pub fn believed(&self, at: MonoTime) -> Option<WallTime> {
        let (boot, mono) = (self.anchor.boot, at);
        let (wall, trust) = Stamp { boot, mono }.resolve(&[self.anchor])?;
        (trust > ClockTrust::Untrusted).then_some(wall)
    }

    /// Looks at the clock, many times a second; a new anchor where the last one holds no longer.
    pub fn look(&mut self, now: MonoTime, (wall, trust): (WallTime, ClockTrust)) -> Option<ClockAnchor> {
        let stepped = self.step(now, wall) >= STEP_UNSAID;
        if stepped || trust != self.anchor.trust {
            return Some(self.take(now, wall, trust, AnchorSource::ClockSet));
        }
        let due = now.since(self.anchor.mono) >= RECORD_EVERY && trust > ClockTrust::Untrusted;
        due.then(|| self.take(now, wall, trust, AnchorSource::SystemStart))
    }

    /// The kernel says that the clock was set.
    pub fn set(&mut self, now: MonoTime, (wall, trust): (WallTime, ClockTrust)) -> Option<ClockAnchor> {
        let stepped = self.step(now, wall) >= STEP_SAID;
        stepped.then(|| self.take(now, wall, trust, AnchorSource::ClockSet))
    }

    fn step(&self, now: MonoTime, wall: WallTime) -> Duration {
        let since = i128::from(now.as_ns()) - i128::from(self.anchor.mono.as_ns());
        let expected = i128::from(self.anchor.wall.as_unix_ns()) + since;
        let step = (i128::from(wall.as_unix_ns()) - expected).unsigned_abs();
        Duration::from_nanos(u64::try_from(step).unwrap_or(u64::MAX))
    }

    fn take(
        &mut self,
        mono: MonoTime,
        wall: WallTime,
        trust: ClockTrust,
        source: AnchorSource,
    ) -> ClockAnchor {
        self.anchor = ClockAnchor {
            boot: self.anchor.boot,
            mono,
            wall,
            trust,
            source,
        };
        self.anchor
    }
}

/// The best anchor of each boot that is remembered.
#[derive(Debug, Default)]
pub(super) struct Anchors {
    boots: VecDeque<ClockAnchor>,
}

/// Boots remembered; what still stands on the page is not older.
const BOOTS_MAX: usize = 64;

impl Anchors {
    /// Remembers an anchor, in the order of the records.
    pub fn add(&mut self, anchor: ClockAnchor) {
        if let Some(known) = self.boots.iter_mut().find(|known| known.boot == anchor.boot) {
            if (known.trust, known.mono) <= (anchor.trust, anchor.mono) {
                *known = anchor;
            }
            return;
        }
        if self.boots.len() == BOOTS_MAX {
            self.boots.pop_front();
        }
        self.boots.push_back(anchor);
    }

    /// The wall time of something; `None` = nobody knows, or the clock was not to be believed then.
    pub fn wall(&self, at: Stamp) -> Option<WallTime> {
        let anchor = self.boots.iter().find(|anchor| anchor.boot == at.boot)?;
        let (wall, trust) = at.resolve(std::slice::from_ref(anchor))?;
        (trust > ClockTrust::Untrusted).then_some(wall)
    }
}

#[cfg(test)]
mod tests {
    use vitals::BootId;

    use super::*;

    const HOLDOVER: ClockTrust = ClockTrust::Holdover;

    fn at(ms: u64) -> MonoTime {
        MonoTime::from_ms(ms)
    }

    /// So many milliseconds after the wall time at which the box booted.
    fn wall(ms: i64) -> WallTime {
        WallTime::from_unix_ms(1_800_000_000_000 + ms)
    }

    fn watch(trust: ClockTrust) -> TimeWatch {
        TimeWatch::new(ClockAnchor {
            boot: BootId([1; 16]),
            mono: at(0),
            wall: wall(0),
            trust,
            source: AnchorSource::SystemStart,
        })
    }

    #[test]
    fn i8_a_step_is_an_anchor_at_once_and_a_second_look_is_none() {
        for step_ms in [-3_600_000, -2_000, 2_000, 10 * 365 * 86_400_000] {
            let mut watch = watch(HOLDOVER);
            assert_eq!(watch.look(at(100), (wall(100), HOLDOVER)), None);
            let anchor = watch.look(at(200), (wall(200 + step_ms), HOLDOVER)).unwrap();
            assert_eq!((anchor.mono, anchor.wall), (at(200), wall(200 + step_ms)));
            assert_eq!(anchor.source, AnchorSource::ClockSet);
            assert_eq!(watch.look(at(300), (wall(300 + step_ms), HOLDOVER)), None);
        }
    }

    #[test]
    fn i8_a_small_step_counts_when_the_kernel_says_so() {
        let mut watch = watch(HOLDOVER);
        assert_eq!(watch.look(at(100), (wall(600), HOLDOVER)), None);
        assert!(watch.set(at(100), (wall(600), HOLDOVER)).is_some());
        assert_eq!(
            watch.set(at(200), (wall(700), HOLDOVER)),
            None,
            "set to what it was"
        );
    }

    #[test]
    fn i8_a_time_server_that_agrees_is_an_anchor_without_any_step() {
        let mut watch = watch(HOLDOVER);
        let anchor = watch
            .look(at(100), (wall(100), ClockTrust::Synchronised))
            .unwrap();
        assert_eq!(anchor.trust, ClockTrust::Synchronised);
    }

    #[test]
    fn i8_a_clock_that_is_believed_is_recorded_every_hour_and_another_is_not() {
        for (trust, anchors) in [(HOLDOVER, 24), (ClockTrust::Untrusted, 0)] {
            let mut watch = watch(trust);
            let looks = (1..=24 * 3_600).map(|s| watch.look(at(s * 1_000), (wall(s as i64 * 1_000), trust)));
            assert_eq!(looks.flatten().count(), anchors, "{trust:?}");
        }
    }
}
