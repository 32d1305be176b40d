//! How long records are on their way to the centre: measured on those that go there anyway.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use vitals::{Lane, MonoTime, WallTime};

/// Most trips that are remembered.
pub const TRIPS_MAX: usize = 256;

/// What the link to the centre was measured to do; a handle that can be copied, and asked at any time.
#[derive(Clone, Debug, Default)]
pub struct LinkFigures(Arc<Mutex<Figures>>);

#[derive(Debug, Default)]
struct Figures {
    trips: VecDeque<Trip>,
    lost: u64,
    centre_clock: Option<(MonoTime, WallTime)>,
}

/// One message with records that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trip {
    /// The records' lane.
    pub lane: Lane,
    /// When the centre's word came that it keeps them.
    pub at: MonoTime,
    /// From sending it until then.
    pub took: Duration,
}

impl LinkFigures {
    /// The last ones, at most [`TRIPS_MAX`].
    pub fn trips(&self) -> Vec<Trip> {
        self.lock().trips.iter().copied().collect()
    }

    /// Messages that did not arrive and went again, since the start.
    pub fn lost(&self) -> u64 {
        self.lock().lost
    }

    /// The centre's wall clock as its last heartbeat said, and when that came.
    pub fn centre_clock(&self) -> Option<(MonoTime, WallTime)> {
        self.lock().centre_clock
    }

    pub(super) fn add(&self, lane: Lane, trips: Trips, at: MonoTime) {
        let figures = &mut *self.lock();
        figures.lost += trips.lost;
        for took in trips.took {
            if figures.trips.len() == TRIPS_MAX {
                figures.trips.pop_front();
            }
            figures.trips.push_back(Trip { lane, at, took });
        }
    }

    pub(super) fn centre_says(&self, at: MonoTime, wall: WallTime) {
        self.lock().centre_clock = Some((at, wall));
    }

    fn lock(&self) -> MutexGuard<'_, Figures> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The messages of one lane that one receipt told of.
#[derive(Debug, Default)]
pub(super) struct Trips {
    took: Vec<Duration>,
    pub(super) lost: u64,
}

impl Trips {
    pub(super) fn arrived(&mut self, took: Duration) {
        if self.took.len() < TRIPS_MAX {
            self.took.push(took);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_trips_are_remembered_and_all_losses_are_counted() {
        let figures = LinkFigures::default();
        for ms in 0..300 {
            let mut trips = Trips {
                lost: 1,
                ..Trips::default()
            };
            trips.arrived(Duration::from_millis(ms));
            figures.add(Lane::Events, trips, MonoTime::from_ms(ms));
        }
        let trips = figures.trips();
        assert_eq!((trips.len(), figures.lost()), (TRIPS_MAX, 300));
        assert_eq!(
            trips.first().map(|trip| trip.took),
            Some(Duration::from_millis(44))
        );
    }
}
