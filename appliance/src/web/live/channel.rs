//! The live view between the core and the pages: a snapshot that is always whole, and what changes after it.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use tokio::sync::broadcast;

use super::{Snapshot, Update};

/// Updates that wait for a slow page; a page that falls further behind is cut off and starts anew from a snapshot.
const UPDATES_MAX: usize = 512;

/// Frames of curves that wait for a slow page: some seconds. What it cannot take is a gap there, and holds up no number.
const FRAMES_MAX: usize = 32;

/// The core's end: publishes what changed.
#[derive(Clone, Debug)]
pub struct Publisher {
    shared: Arc<Mutex<Snapshot>>,
    updates: broadcast::Sender<Update>,
    frames: broadcast::Sender<Bytes>,
}

/// A page's end.
#[derive(Clone, Debug)]
pub struct Feed {
    shared: Arc<Mutex<Snapshot>>,
    updates: broadcast::Sender<Update>,
    frames: broadcast::Sender<Bytes>,
}

/// Both ends of the live view.
pub fn channel(first: Snapshot) -> (Publisher, Feed) {
    let shared = Arc::new(Mutex::new(first));
    let (updates, _) = broadcast::channel(UPDATES_MAX);
    let (frames, _) = broadcast::channel(FRAMES_MAX);
    let publisher = Publisher {
        shared: shared.clone(),
        updates: updates.clone(),
        frames: frames.clone(),
    };
    let feed = Feed {
        shared,
        updates,
        frames,
    };
    (publisher, feed)
}

impl Publisher {
    /// Takes over a part that changed; unchanged parts are not sent.
    pub fn publish(&self, update: Update) {
        let mut snapshot = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = match &update {
            Update::Bed { bed } => match snapshot.beds.iter_mut().find(|known| known.id == bed.id) {
                Some(known) => replace(known, bed),
                None => false,
            },
            Update::Alarms { alarms } => replace(&mut snapshot.alarms, alarms),
            Update::Centre { centre } => replace(&mut snapshot.centre, centre),
            Update::Site { site } => replace(&mut snapshot.site, site),
            Update::Problems { problems } => replace(&mut snapshot.problems, problems),
            Update::Messages { messages } => replace(&mut snapshot.messages, messages),
            Update::Outage { outage } => replace(&mut snapshot.outage, outage),
            Update::Laboratory { laboratory } => replace(&mut snapshot.laboratory, laboratory),
            Update::Signals { signals } => replace(&mut snapshot.signals, signals),
            Update::Sound { sound } => replace(&mut snapshot.sound, sound),
            Update::Curves { curves } => replace(&mut snapshot.curves, curves),
            Update::Beat(_) => true,
        };
        if changed {
            // Nobody listening is fine: the next page starts from the snapshot.
            let _ = self.updates.send(update);
        }
    }

    /// Sends samples to whoever draws them now.
    pub fn publish_frame(&self, frame: Bytes) {
        // Nobody drawing is fine.
        let _ = self.frames.send(frame);
    }
}

fn replace<T: PartialEq>(known: &mut Arc<T>, new: &Arc<T>) -> bool {
    let changed = known != new;
    if changed {
        *known = new.clone();
    }
    changed
}

impl Feed {
    /// What is known now.
    pub fn snapshot(&self) -> Snapshot {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What is known now, and everything after it: no update between the two is missed.
    pub fn subscribe(&self) -> (Snapshot, broadcast::Receiver<Update>) {
        let snapshot = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        (snapshot.clone(), self.updates.subscribe())
    }
    /// Frames of samples from now on. Who falls behind misses some, and no more.
    pub fn frames(&self) -> broadcast::Receiver<Bytes> {
        self.frames.subscribe()
    }
}
