//! Who tries too often waits, longer each time; nobody is locked out for ever, and nothing else waits with them.
//!
//! - Counted by person and by where the tries come from: a stranger at one screen does not lock a nurse out of another.
//! - Bounded: at [`KEPT_MAX`] the one that has been quiet longest is forgotten.

use std::collections::BTreeMap;
use std::time::Duration;

use vitals::MonoTime;

/// Tries that cost nothing.
pub const FREE_TRIES: u32 = 5;
/// The longest wait between two tries.
pub const WAIT_MAX: Duration = Duration::from_secs(5 * 60);
/// A wait is forgotten when nobody has tried for this long.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(60 * 60);
/// Most counts that are kept.
pub const KEPT_MAX: usize = 1024;

/// Too many tries: wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many tries: wait {} s", .wait.as_secs().max(1))]
pub struct TooOften {
    /// How long still.
    pub wait: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Count {
    failures: u32,
    last: MonoTime,
}

/// The tries of late. `K` says who and from where.
#[derive(Debug)]
pub struct Attempts<K>(BTreeMap<K, Count>);

impl<K> Default for Attempts<K> {
    fn default() -> Self {
        Attempts(BTreeMap::new())
    }
}

impl<K: Ord + Clone> Attempts<K> {
    /// Whether a try may be looked at now.
    ///
    /// # Errors
    /// How long to wait.
    pub fn may_try(&self, key: &K, now: MonoTime) -> Result<(), TooOften> {
        let Some(count) = self.0.get(key) else {
            return Ok(());
        };
        let wait = wait_after(count.failures).saturating_sub(now.since(count.last));
        if wait.is_zero() {
            Ok(())
        } else {
            Err(TooOften { wait })
        }
    }

    /// It was wrong. Returns how many were wrong in a row.
    pub fn failed(&mut self, key: K, now: MonoTime) -> u32 {
        self.forget(&key, now);
        let count = self.0.entry(key).or_insert(Count {
            failures: 0,
            last: now,
        });
        count.failures = count.failures.saturating_add(1);
        count.last = now;
        count.failures
    }

    /// It was right.
    pub fn succeeded(&mut self, key: &K) {
        self.0.remove(key);
    }

    fn forget(&mut self, key: &K, now: MonoTime) {
        self.0.retain(|_, count| now.since(count.last) < FORGOTTEN_AFTER);
        if self.0.len() >= KEPT_MAX && !self.0.contains_key(key) {
            let quiet = self
                .0
                .iter()
                .min_by_key(|(_, count)| count.last)
                .map(|(key, _)| key.clone());
            quiet.map(|key| self.0.remove(&key));
        }
    }
}

/// 1, 2, 4 ... seconds after the free tries.
fn wait_after(failures: u32) -> Duration {
    match failures.checked_sub(FREE_TRIES) {
        None => Duration::ZERO,
        Some(more) => Duration::from_secs(1 << more.min(16)).min(WAIT_MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> MonoTime {
        MonoTime::from_ms(1_000_000 + seconds * 1000)
    }

    #[test]
    fn waits_grow_to_five_minutes_and_a_right_one_ends_them() {
        let mut attempts = Attempts::default();
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..16 {
            attempts.failed("grace", at(now));
            let wait = attempts
                .may_try(&"grace", at(now))
                .err()
                .map_or(0, |often| often.wait.as_secs());
            waits.push(wait);
            now += wait;
            assert_eq!(attempts.may_try(&"grace", at(now)), Ok(()));
        }
        assert_eq!(
            waits,
            [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
        );
        attempts.succeeded(&"grace");
        attempts.failed("grace", at(now));
        assert_eq!(attempts.may_try(&"grace", at(now)), Ok(()));
    }

    #[test]
    fn one_does_not_wait_for_another_and_an_hour_is_forgotten() {
        let mut attempts = Attempts::default();
        for _ in 0..20 {
            attempts.failed(("grace", "screen-1"), at(0));
        }
        assert!(attempts.may_try(&("grace", "screen-1"), at(1)).is_err());
        assert_eq!(attempts.may_try(&("grace", "screen-2"), at(1)), Ok(()));
        attempts.failed(("john", "screen-1"), at(3_700));
        assert_eq!(attempts.failed(("grace", "screen-1"), at(3_700)), 1);
    }

    #[test]
    fn a_stranger_with_a_thousand_names_takes_no_more_memory() {
        let mut attempts = Attempts::default();
        for number in 0..2 * KEPT_MAX {
            attempts.failed(number, at(0));
        }
        assert_eq!(attempts.0.len(), KEPT_MAX);
    }
}
