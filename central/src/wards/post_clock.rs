//! What a post's times mean here (I8): how long ago by the centre's clock, and which wall time.
//!
//! Two ways, best first. A heartbeat says "it is now `at` in boot `boot`" and travels at once, so within the post's
//! present boot the age of anything follows from two monotonic clocks, whatever anybody's wall clock says. For earlier
//! boots there are the clock anchors. Where neither is there, the age is unknown, and nothing pretends otherwise (I4).

use std::collections::{BTreeMap, VecDeque};

use vitals::{BootId, ClockAnchor, ClockTrust, Epoch, MonoTime, Stamp, WallTime};

use crate::clock::Moment;

/// How many heartbeats are remembered: ten minutes of them. The one that travelled fastest counts; old ones are
/// forgotten because two crystals drift apart by seconds a day.
const HEARTBEATS_MAX: usize = 60;

/// How many boots' anchors are remembered; more than the alerts shown can refer to.
const BOOTS_MAX: usize = 256;

/// The clocks of one post as seen from here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PostClock {
    boot: Option<BootId>,
    /// Centre's monotonic time minus the post's, in ns, per heartbeat: the true difference plus the way here.
    differences: VecDeque<i128>,
    anchors: BTreeMap<BootId, (Epoch, ClockAnchor)>,
}

impl PostClock {
    /// The post is in this boot.
    pub(super) fn in_boot(&mut self, boot: BootId) {
        if self.boot != Some(boot) {
            self.boot = Some(boot);
            self.differences.clear();
        }
    }

    /// A heartbeat, sent at `at` of the present boot, has just arrived.
    pub(super) fn heartbeat(&mut self, at: MonoTime, now: MonoTime) {
        if self.differences.len() == HEARTBEATS_MAX {
            self.differences.pop_front();
        }
        self.differences
            .push_back(i128::from(now.as_ns()) - i128::from(at.as_ns()));
    }

    /// Keeps the best anchor of each boot: highest trust, then latest.
    pub(super) fn anchor(&mut self, epoch: Epoch, anchor: ClockAnchor) {
        let better = self
            .anchors
            .get(&anchor.boot)
            .is_none_or(|(_, known)| (known.trust, known.mono) <= (anchor.trust, anchor.mono));
        if better {
            self.anchors.insert(anchor.boot, (epoch, anchor));
        }
        if self.anchors.len() > BOOTS_MAX {
            let oldest = self.anchors.iter().min_by_key(|(_, (epoch, _))| *epoch);
            if let Some(boot) = oldest.map(|(boot, _)| *boot) {
                self.anchors.remove(&boot);
            }
        }
    }

    /// Whether something happened in another boot than the present one.
    pub(super) fn is_of_another_boot(&self, stamp: Stamp) -> bool {
        self.boot.is_some_and(|boot| boot != stamp.boot)
    }

    /// The wall time by the post's anchors; `None` when its clock had never been set.
    pub(super) fn wall(&self, stamp: Stamp) -> Option<WallTime> {
        let (_, anchor) = self.anchors.get(&stamp.boot)?;
        let (wall, trust) = stamp.resolve(std::slice::from_ref(anchor))?;
        (trust > ClockTrust::Untrusted).then_some(wall)
    }

    /// How long before `now` this was, in ms; never negative. `None` = unknown.
    pub(super) fn age_ms(&self, stamp: Stamp, now: Moment) -> Option<i64> {
        let by_heartbeats = || {
            let difference = self.differences.iter().min()?;
            let here_ns = i128::from(stamp.mono.as_ns()) + difference;
            i64::try_from((i128::from(now.mono.as_ns()) - here_ns) / 1_000_000).ok()
        };
        let age = if self.boot == Some(stamp.boot) {
            by_heartbeats()
        } else {
            None
        };
        age.or_else(|| self.age_by_wall_ms(stamp, now.wall))
            .map(|age| age.max(0))
    }

    /// The same by wall clocks alone.
    pub(super) fn age_by_wall_ms(&self, stamp: Stamp, now: WallTime) -> Option<i64> {
        let wall = self.wall(stamp)?;
        Some((now.as_unix_ms() - wall.as_unix_ms()).max(0))
    }
}

#[cfg(test)]
mod tests {
    use vitals::AnchorSource;

    use super::*;

    const BOOT: BootId = BootId([1; 16]);

    fn moment(mono_ms: u64, wall_ms: i64) -> Moment {
        Moment {
            mono: MonoTime::from_ms(mono_ms),
            wall: WallTime::from_unix_ms(wall_ms),
        }
    }

    fn stamp(boot: BootId, ms: u64) -> Stamp {
        Stamp {
            boot,
            mono: MonoTime::from_ms(ms),
        }
    }

    fn anchor(boot: BootId, mono_ms: u64, wall_ms: i64, trust: ClockTrust) -> ClockAnchor {
        ClockAnchor {
            boot,
            mono: MonoTime::from_ms(mono_ms),
            wall: WallTime::from_unix_ms(wall_ms),
            trust,
            source: AnchorSource::ClockSet,
        }
    }

    #[test]
    fn i4_the_age_follows_from_heartbeats_even_when_the_posts_wall_clock_is_an_hour_wrong() {
        let mut clock = PostClock::default();
        clock.in_boot(BOOT);
        clock.anchor(Epoch(1), anchor(BOOT, 0, 1_790_003_600_000, ClockTrust::Holdover));
        // The first heartbeat took 900 ms, the second 20 ms.
        clock.heartbeat(MonoTime::from_ms(1_000), MonoTime::from_ms(501_900));
        clock.heartbeat(MonoTime::from_ms(11_000), MonoTime::from_ms(511_020));
        let now = moment(512_020, 1_790_000_012_000);
        assert_eq!(clock.age_ms(stamp(BOOT, 9_000), now), Some(3_000));
        assert_eq!(clock.age_ms(stamp(BOOT, 99_000), now), Some(0));
    }

    #[test]
    fn i8_an_earlier_boot_is_resolved_by_its_best_anchor_and_an_unset_clock_says_nothing() {
        let (before, unset) = (BootId([2; 16]), BootId([3; 16]));
        let mut clock = PostClock::default();
        clock.in_boot(BOOT);
        clock.heartbeat(MonoTime::from_ms(0), MonoTime::from_ms(500_000));
        clock.anchor(
            Epoch(1),
            anchor(before, 60_000, 1_790_000_060_000, ClockTrust::Synchronised),
        );
        clock.anchor(Epoch(1), anchor(before, 90_000, 90_000, ClockTrust::Untrusted));
        clock.anchor(Epoch(2), anchor(unset, 0, 1_000, ClockTrust::Untrusted));
        let now = moment(500_000, 1_790_000_100_000);
        assert_eq!(clock.age_ms(stamp(before, 10_000), now), Some(90_000));
        assert_eq!(
            clock.wall(stamp(before, 10_000)),
            Some(WallTime::from_unix_ms(1_790_000_010_000))
        );
        assert_eq!(clock.age_ms(stamp(unset, 10_000), now), None);
        assert_eq!(clock.wall(stamp(unset, 10_000)), None);
    }

    #[test]
    fn memory_for_boots_and_heartbeats_is_bounded_and_the_oldest_goes_first() {
        let mut clock = PostClock::default();
        for n in 0..BOOTS_MAX as u64 + 10 {
            let mut boot = [0; 16];
            boot[..8].copy_from_slice(&n.to_le_bytes());
            clock.anchor(
                Epoch(n),
                anchor(BootId(boot), 0, 1_790_000_000_000, ClockTrust::Synchronised),
            );
            clock.heartbeat(MonoTime::BOOT, MonoTime::BOOT);
        }
        assert_eq!(clock.anchors.len(), BOOTS_MAX);
        assert!(clock.anchors.values().all(|(epoch, _)| epoch.0 >= 10));
        assert_eq!(clock.differences.len(), HEARTBEATS_MAX);
    }
}
