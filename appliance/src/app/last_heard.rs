//! When the beds were heard last before this start, out of the readings on the card: a post that was off for long asks who
//! lies there now (I3).

use std::collections::BTreeMap;
use std::time::Duration;

use vitals::{BedId, ClockTrust, Lane, MonoTime, Record, Stamp};

use super::time::Anchors;
use crate::clock::Clock;
use crate::store::Store;
use crate::ward::{Heard, Ward};

/// Readings looked through, from the newest back: more than sixteen monitors tell in half an hour. A bed that is not among
/// them was not heard for longer than anybody can say.
const READINGS_MAX: usize = 200_000;

/// Tells the ward when each bed was heard last in the stay that is in force.
pub(super) fn recall(ward: &mut Ward, store: &Store, clock: &Clock, anchors: &Anchors) {
    let mut wanted: BTreeMap<BedId, _> = ward.beds_to_recall().into_iter().collect();
    let mut found: Vec<(BedId, Stamp)> = Vec::new();
    let mut looked = 0;
    let read = store.read_back(Lane::Vitals, |boot, record| {
        if wanted.is_empty() || looked == READINGS_MAX {
            return false;
        }
        looked += 1;
        let Record::Reading(reading) = record else {
            return true;
        };
        let bed = reading.bed.zip(reading.admission);
        if let Some((bed, admission)) = bed
            && wanted
                .get(&bed)
                .is_some_and(|stay| ward.is_one_patient(stay, &admission))
        {
            wanted.remove(&bed);
            let mono = reading.at;
            found.push((bed, Stamp { boot, mono }));
        }
        true
    });
    for (bed, heard) in found {
        ward.recall_heard(&bed, age(heard, clock, anchors));
    }
    // What was read to its end has never heard them in this stay.
    if read.is_err() || looked == READINGS_MAX {
        for bed in wanted.into_keys() {
            ward.recall_heard(&bed, Heard::Before(None));
        }
    }
}

fn age(heard: Stamp, clock: &Clock, anchors: &Anchors) -> Heard {
    if heard.boot == clock.boot() {
        return Heard::At(heard.mono);
    }
    let (wall, trust) = clock.wall();
    let up = i128::from(clock.now().since(MonoTime::BOOT).as_nanos() as u64);
    let booted = (trust > ClockTrust::Untrusted).then_some(i128::from(wall.as_unix_ns()) - up);
    let ago = booted.zip(anchors.wall(heard)).map(|(booted, heard)| {
        let ns = booted - i128::from(heard.as_unix_ns());
        Duration::from_nanos(u64::try_from(ns.max(0)).unwrap_or(u64::MAX))
    });
    Heard::Before(ago)
}
