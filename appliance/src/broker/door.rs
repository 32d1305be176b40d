//! Those who have not signed on yet: how many may try at once, and how much the log says about those who fail.
//!
//! Anybody who reaches the port can open connections, so they have places of their own: they can never take a seat from
//! a client with a certificate, and one network can fill only its own part.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use vitals::MonoTime;

/// Most connections at once that have not signed on.
pub(super) const WAITING_MAX: usize = 128;

/// Most of them from one source. Posts behind one address translation share it; they come back at random moments.
pub(super) const WAITING_PER_SOURCE_MAX: usize = 16;

/// The log gets at most one line per this time about connections that did not sign on.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Why somebody may not even try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Full {
    #[error("{WAITING_MAX} connections are signing on")]
    House,
    #[error("{WAITING_PER_SOURCE_MAX} connections from this address are signing on")]
    Source,
}

/// Counts who is signing on, by source.
#[derive(Clone, Default)]
pub(super) struct Door {
    waiting: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// The place of one connection that is signing on; given back when dropped.
pub(super) struct Waiting {
    source: IpAddr,
    door: Door,
}

impl Door {
    fn waiting(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn enter(&self, from: SocketAddr) -> Result<Waiting, Full> {
        let source = source(from.ip());
        let mut waiting = self.waiting();
        if waiting
            .get(&source)
            .is_some_and(|count| *count >= WAITING_PER_SOURCE_MAX)
        {
            return Err(Full::Source);
        }
        if waiting.values().sum::<usize>() >= WAITING_MAX {
            return Err(Full::House);
        }
        *waiting.entry(source).or_default() += 1;
        Ok(Waiting {
            source,
            door: self.clone(),
        })
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut waiting = self.door.waiting();
        if let Some(count) = waiting.get_mut(&self.source) {
            *count -= 1;
            if *count == 0 {
                waiting.remove(&self.source);
            }
        }
    }
}

/// An IPv4 address, or the /64 of an IPv6 address: a host owns all addresses of its /64.
fn source(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        v4 => v4,
    }
}

/// Decides which failures to sign on get a line in the log.
#[derive(Default)]
pub(super) struct Complaints {
    last_line: Option<MonoTime>,
    unsaid: u64,
}

impl Complaints {
    /// One failure at `now`. `Some(n)` = say it, and that `n` others were left out since the last line.
    pub(super) fn another(&mut self, now: MonoTime) -> Option<u64> {
        if self.last_line.is_some_and(|last| now.since(last) < LINE_EVERY) {
            self.unsaid += 1;
            return None;
        }
        self.last_line = Some(now);
        Some(std::mem::take(&mut self.unsaid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> SocketAddr {
        SocketAddr::new(address.parse().unwrap(), 50_000)
    }

    #[test]
    fn b3_one_source_fills_only_its_own_part_and_gets_it_back() {
        let door = Door::default();
        let mut held: Vec<Waiting> = (0..WAITING_PER_SOURCE_MAX)
            .map(|_| door.enter(at("192.0.2.1")).unwrap())
            .collect();
        assert_eq!(door.enter(at("192.0.2.1")).err(), Some(Full::Source));
        assert_eq!(door.enter(at("::ffff:192.0.2.1")).err(), Some(Full::Source));
        assert!(door.enter(at("192.0.2.2")).is_ok());
        held.pop();
        assert!(door.enter(at("192.0.2.1")).is_ok());
        held.clear();
        assert!(
            door.waiting().is_empty(),
            "nothing is remembered of those who left"
        );
    }

    #[test]
    fn b3_a_host_with_many_ipv6_addresses_is_one_source() {
        let door = Door::default();
        let held: Vec<Waiting> = (0..WAITING_PER_SOURCE_MAX)
            .map(|host| door.enter(at(&format!("2001:db8::{host:x}"))).unwrap())
            .collect();
        assert_eq!(door.enter(at("2001:db8::ffff")).err(), Some(Full::Source));
        assert!(door.enter(at("2001:db8:0:1::1")).is_ok());
        drop(held);
    }

    #[test]
    fn b3_all_sources_together_have_a_bound() {
        let door = Door::default();
        let held: Vec<Waiting> = (0..WAITING_MAX)
            .map(|place| door.enter(at(&format!("192.0.2.{place}"))).unwrap())
            .collect();
        assert_eq!(door.enter(at("198.51.100.1")).err(), Some(Full::House));
        drop(held);
        assert!(door.enter(at("198.51.100.1")).is_ok());
    }

    #[test]
    fn the_log_gets_one_line_in_ten_seconds_and_the_number_of_those_left_out() {
        let second = |n: u64| MonoTime::from_ns(n * 1_000_000_000);
        let mut complaints = Complaints::default();
        assert_eq!(
            complaints.another(second(1)),
            Some(0),
            "the first is said at once"
        );
        for _ in 0..1_000 {
            assert_eq!(complaints.another(second(10)), None);
        }
        assert_eq!(complaints.another(second(11)), Some(1_000));
        assert_eq!(complaints.another(second(12)), None);
        assert_eq!(complaints.another(second(60)), Some(1));
    }
}
