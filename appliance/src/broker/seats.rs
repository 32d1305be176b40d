//! Who is connected: at most one connection per certificate and client id, the newest wins; and at most
//! [`PER_IDENTITY_MAX`] per certificate, so that one of them cannot take the seats of all.
//!
//! The broker inside knows clients only as `seat-N`. Its own take-over of an older connection with the same client id
//! can publish the will of the new one, so it never sees two: the front ends the older one first, waits until it is
//! gone, and hands seats out again in turn, the longest unused first.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// How long a newcomer waits for its predecessor to be gone.
const LEAVE_MAX: Duration = Duration::from_secs(2);

/// Most seats of one certificate's name. A post needs one; a centre that was cut off leaves one behind until its
/// keep-alive has passed.
pub(super) const PER_IDENTITY_MAX: usize = 4;

#[derive(Clone)]
pub(super) struct Seats {
    inner: Arc<Mutex<Taken>>,
}

struct Taken {
    free: VecDeque<usize>,
    by_client: HashMap<ClientKey, Occupant>,
}

/// Name in the certificate, and client id.
type ClientKey = (String, String);

#[derive(Clone)]
struct Occupant {
    seat: usize,
    leave: CancellationToken,
    gone: CancellationToken,
}

/// One connection's place; given back when dropped.
pub(super) struct Seat {
    client: ClientKey,
    me: Occupant,
    seats: Seats,
}

impl Seats {
    pub(super) fn new(seats_max: usize) -> Seats {
        Seats {
            inner: Arc::new(Mutex::new(Taken {
                free: (0..seats_max).collect(),
                by_client: HashMap::new(),
            })),
        }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A seat for `client_id` of `identity`, after an older connection of the same client is gone. `None` = all seats, or
    /// all of this identity, are taken, or the older connection does not go, or a still newer one came.
    pub(super) async fn take(&self, identity: &str, client_id: &str) -> Option<Seat> {
        let client = (identity.to_owned(), client_id.to_owned());
        let before = self.taken().by_client.get(&client).cloned();
        if let Some(older) = before {
            older.leave.cancel();
            timeout(LEAVE_MAX, older.gone.cancelled()).await.ok()?;
        }
        let mut taken = self.taken();
        let of_identity = taken
            .by_client
            .keys()
            .filter(|(name, _)| name == identity)
            .count();
        if taken.by_client.contains_key(&client) || of_identity >= PER_IDENTITY_MAX {
            return None;
        }
        let me = Occupant {
            seat: taken.free.pop_front()?,
            leave: CancellationToken::new(),
            gone: CancellationToken::new(),
        };
        taken.by_client.insert(client.clone(), me.clone());
        Some(Seat {
            client,
            me,
            seats: self.clone(),
        })
    }
}

impl Seat {
    /// What the broker inside calls this client.
    pub(super) fn inner_id(&self) -> String {
        format!("seat-{}", self.me.seat)
    }

    /// Resolves when a newer connection of the same client wants the seat.
    pub(super) async fn asked_to_leave(&self) {
        self.me.leave.cancelled().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        taken.by_client.remove(&self.client);
        taken.free.push_back(self.me.seat);
        self.me.gone.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_newest_connection_of_a_client_gets_the_seat_when_the_older_one_is_gone() {
        let seats = Seats::new(4);
        let older = seats.take("post a", "relay").await.unwrap();
        let leaving = tokio::spawn(async move {
            older.asked_to_leave().await;
            drop(older);
        });
        let newer = seats.take("post a", "relay").await.unwrap();
        leaving.await.unwrap();
        assert_eq!(newer.inner_id(), "seat-1");
        drop(newer);
        assert_eq!(seats.taken().free, [2, 3, 0, 1]);
    }

    #[tokio::test]
    async fn no_more_clients_than_seats() {
        let seats = Seats::new(1);
        let only = seats.take("a", "relay").await;
        assert!(only.is_some());
        assert!(seats.take("b", "relay").await.is_none());
        drop(only);
        assert!(seats.take("b", "relay").await.is_some());
    }

    #[tokio::test]
    async fn b3_one_certificate_with_many_client_ids_cannot_take_every_seat() {
        let seats = Seats::new(2 * PER_IDENTITY_MAX);
        let mut held = Vec::new();
        for id in 0..PER_IDENTITY_MAX {
            held.push(seats.take("post a", &id.to_string()).await.unwrap());
        }
        assert!(seats.take("post a", "one more").await.is_none());
        assert!(seats.take("post b", "relay").await.is_some());
        held.pop();
        assert!(seats.take("post a", "one more").await.is_some());
    }
}
