//! What the events of earlier runs still say: read once, at the start, oldest first.

use std::collections::{BTreeMap, BTreeSet};

use vitals::alarm::{Inactivation, SignalPlace};
use vitals::{AlarmChange, BootId, Epoch, Event, Lane, MonoTime, Record, Stamp};

use super::charts::Charts;
use super::downlink::Downlink;
use super::last_heard;
use super::time::Anchors;
use super::tracks::Tracks;
use crate::clock::Clock;
use crate::store::{Cursor, Store};
use crate::ward::Ward;

/// What earlier runs left that still counts, and what this run adds to it.
#[derive(Default)]
pub(super) struct Past {
    pub tracks: Tracks,
    pub downlink: Downlink,
    pub anchors: Anchors,
    /// What rested at each place last, and whether that was in this boot.
    pub rested: BTreeMap<SignalPlace, (Inactivation, bool)>,
    /// Earlier runs whose alarms a doctor may still speak of.
    pub runs: BTreeSet<Epoch>,
}

impl Past {
    /// Looks back, and tells the clock, the ward and the charts what was before. False = not everything could be read.
    pub fn recall(
        open: &[AlarmChange],
        store: &Store,
        present: Epoch,
        clock: &Clock,
        (ward, charts): (&mut Ward, &mut Charts),
    ) -> (Past, bool) {
        let mut past = Past {
            tracks: Tracks::of(open, clock.now()),
            ..Past::default()
        };
        let alarms_since = open.iter().map(|change| change.id.epoch).min();
        let is_whole = events(store, present, alarms_since, |recalled| {
            let Recalled { boot, at, .. } = recalled;
            charts.recall(
                ward,
                Stamp { boot, mono: at },
                boot == clock.boot(),
                &recalled.event,
            );
            past.take(recalled, clock);
        });
        ward.settle_devices(clock.now());
        last_heard::recall(ward, store, clock, &past.anchors);
        (past, is_whole)
    }

    fn take(&mut self, recalled: Recalled, clock: &Clock) {
        let Recalled {
            epoch,
            boot,
            at,
            event,
        } = recalled;
        self.runs.insert(epoch);
        let heard = (boot == clock.boot()).then_some(at);
        self.downlink.recall(Stamp { boot, mono: at }, &event);
        match event {
            Event::Anchor(anchor) => {
                clock.recall(&anchor);
                self.anchors.add(anchor);
            }
            Event::Signals { place, what } => {
                self.rested.insert(place, (what, boot == clock.boot()));
            }
            Event::Seen {
                alarm,
                by,
                by_id,
                command,
            } => self.tracks.seen(alarm, (by, by_id), command, heard),
            Event::Deed { deed, at, command } => self.tracks.did(deed, command, (at, heard)),
            Event::Expired { alarm } => self.tracks.expired(alarm, heard),
            _ => {}
        }
    }
}

/// Runs looked back on. A post starts a few times a month; one that crashes all day still finds the commands of that day.
const RUNS_MAX: u64 = 1_000;

/// Events read at once.
const EVENTS_AT_ONCE_MAX: usize = 1_000;

/// One event of an earlier run.
struct Recalled {
    epoch: Epoch,
    boot: BootId,
    at: MonoTime,
    event: Event,
}

/// Hands over the events of the last runs before `present`, and of all since `alarms_since`, the epoch of the oldest
/// alarm that is still open. False = not all of them could be read.
fn events(
    store: &Store,
    present: Epoch,
    alarms_since: Option<Epoch>,
    mut each: impl FnMut(Recalled),
) -> bool {
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
                let (epoch, boot) = (batch.epoch, batch.boot);
                for record in batch.records {
                    if let Record::Event { at, event } = record {
                        each(Recalled {
                            epoch,
                            boot,
                            at,
                            event,
                        });
                    }
                }
            }
            Ok(None) => return true,
            // The store says so itself, as a state and an alarm; what was done before is then not known here.
            Err(error) => {
                tracing::warn!(%error, "earlier events cannot be read");
                return false;
            }
        }
    }
}
