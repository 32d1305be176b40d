//! What the events of earlier runs still say: read once, at the start, oldest first.

use vitals::record::Epoch;
use vitals::{BootId, Event, Lane, MonoTime, Record};

use crate::store::{Cursor, Store};

/// Runs looked back on. A post starts a few times a month; one that crashes all day still finds the commands of that day.
const RUNS_MAX: u64 = 1_000;

/// Events read at once.
const EVENTS_AT_ONCE_MAX: usize = 1_000;

/// One event of an earlier run.
pub(super) struct Recalled {
    pub boot: BootId,
    pub at: MonoTime,
    pub event: Event,
}

/// Hands over the events of the last runs before `present`, and of all since `alarms_since`, the epoch of the oldest
/// alarm that is still open.
pub(super) fn events(
    store: &Store,
    present: Epoch,
    alarms_since: Option<Epoch>,
    mut each: impl FnMut(Recalled),
) {
    let runs = Epoch::of_run(present.run().saturating_sub(RUNS_MAX));
    let first = alarms_since.map_or(runs, |since| since.min(runs));
    let mut after = Cursor {
        epoch: first,
        ..Cursor::START
    };
    loop {
        match store.read(Lane::Events, after, EVENTS_AT_ONCE_MAX) {
            Ok(Some(batch)) => {
                after = batch.end();
                let boot = batch.boot;
                for record in batch.records {
                    if let Record::Event { at, event } = record {
                        each(Recalled { boot, at, event });
                    }
                }
            }
            Ok(None) => return,
            // The store says so itself, as a state and an alarm; what was done before is then not known here.
            Err(error) => {
                tracing::warn!(%error, "earlier events cannot be read");
                return;
            }
        }
    }
}
