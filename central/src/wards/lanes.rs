//! How far the centre has come in each lane of one post: what is still to come, and from which time.
//!
//! After an outage the newest records come first, so a lane has a gap that fills later. The times at both edges of a gap
//! say which stretch of time is still on its way.

use std::collections::BTreeMap;

use vitals::wire::PostState;
use vitals::{BootId, Epoch, Lane, MonoTime, Record, Seq, Stamp};

use crate::store::{Held, LaneHeld};

/// The most lanes per post that are kept in memory.
const LANES_MAX: usize = 256;

/// The lanes of one post.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lanes {
    lanes: BTreeMap<(Epoch, Lane), Followed>,
    gap_since: Option<MonoTime>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Followed {
    held: Held,
    /// When the records at the edges of gaps were made, as far as they came since the centre's start.
    edges: BTreeMap<Seq, Stamp>,
}

/// Records that are missing before newer ones that are here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) records: u64,
    /// When the last records before gaps were made.
    pub(super) before: Vec<Stamp>,
    /// When the first records after gaps were made.
    pub(super) after: Vec<Stamp>,
    /// Since when something has been missing.
    pub(super) since: MonoTime,
}

impl Lanes {
    /// Remembers how far lanes have come: of the present run, of the latest and of the one that sends all, because it
    /// may be the next present one; of other runs those that lack something.
    pub(super) fn follow(&mut self, moved: &[LaneHeld], present: Option<Epoch>, now: MonoTime) {
        for lane in moved {
            let followed = self.lanes.entry((lane.epoch, lane.lane)).or_default();
            followed.held.clone_from(&lane.held);
            followed.keep_edges();
        }
        let latest = self.lanes.keys().map(|(epoch, _)| *epoch).max();
        let sends = moved.first().map(|lane| lane.epoch);
        let is_kept = |epoch: Epoch| [present, latest, sends].contains(&Some(epoch));
        self.lanes
            .retain(|(epoch, _), lane| is_kept(*epoch) || lane.held.lacking(Seq(0)) > 0);
        while self.lanes.len() > LANES_MAX {
            let oldest = self.lanes.keys().copied().find(|(epoch, _)| !is_kept(*epoch));
            let Some(oldest) = oldest else { break };
            self.lanes.remove(&oldest);
        }
        match (self.missing(), self.gap_since) {
            (0, _) => self.gap_since = None,
            (_, None) => self.gap_since = Some(now),
            _ => {}
        }
    }

    /// New records of a lane, in order: when they were made.
    pub(super) fn timed(&mut self, (epoch, lane): (Epoch, Lane), boot: BootId, new: &[(Seq, Record)]) {
        let Some(followed) = self.lanes.get_mut(&(epoch, lane)) else {
            return;
        };
        let mut last: Option<Seq> = None;
        for (place, (seq, record)) in new.iter().enumerate() {
            let begins = last.is_none_or(|last| last.next() != *seq);
            let ends = new.get(place + 1).is_none_or(|(next, _)| seq.next() != *next);
            if begins || ends {
                let mono = record.at();
                followed.edges.insert(*seq, Stamp { boot, mono });
            }
            last = Some(*seq);
        }
        followed.keep_edges();
    }

    /// How many records the post has made and the centre lacks. Curves stay at the post and do not count.
    pub(super) fn behind(&self, state: Option<&PostState>) -> u64 {
        let told = || state.into_iter().flat_map(|state| &state.last);
        let made = |epoch: Epoch, lane: Lane| {
            let found = told().find(|last| (last.epoch, last.lane) == (epoch, lane));
            found.map_or(Seq(0), |last| last.last_seq)
        };
        let lacking = self
            .relayed()
            .map(|((epoch, lane), followed)| followed.held.lacking(made(*epoch, *lane)));
        let unheard = told()
            .filter(|last| last.lane != Lane::Waves && !self.lanes.contains_key(&(last.epoch, last.lane)))
            .map(|last| last.last_seq.0);
        lacking.chain(unheard).fold(0, u64::saturating_add)
    }

    /// What is missing before something newer that is here.
    pub(super) fn gap(&self) -> Option<Gap> {
        let since = self.gap_since?;
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for (_, followed) in self.relayed() {
            for (first, last) in followed.held.missing() {
                before.extend(followed.edges.get(&Seq(first.0.saturating_sub(1))));
                after.extend(followed.edges.get(&last.next()));
            }
        }
        Some(Gap {
            records: self.missing(),
            before,
            after,
            since,
        })
    }

    /// Whether no alert can still be on its way that was made before this state, in the runs from `from` on. The post
    /// names the ends of all its earlier runs that are not complete here in the events of the present one, so a run
    /// whose end it did not name has nothing more to send.
    pub(super) fn lacks_no_alert(&self, state: &PostState, from: Epoch) -> bool {
        let made = |lane: Lane| {
            let last = state.last.iter();
            let mut of = last.filter(|last| (last.epoch, last.lane) == (state.epoch, lane));
            of.next().map_or(Seq(0), |last| last.last_seq)
        };
        let nothing = Held::default();
        let held = |lane: Lane| {
            let followed = self.lanes.get(&(state.epoch, lane));
            followed.map_or(&nothing, |followed| &followed.held)
        };
        // Less than the state knows: something is on its way. More: the state was made before what is here already.
        let (alerts, alerts_made) = (held(Lane::Alerts), made(Lane::Alerts));
        let is_whole = alerts.contiguous() == alerts_made && alerts.lacking(alerts_made) == 0;
        let knows_ends = held(Lane::Events).contiguous() >= made(Lane::Events).max(Seq(1));
        let mut earlier = self.lanes.iter().filter(|((epoch, lane), _)| {
            *lane == Lane::Alerts && *epoch != state.epoch && (*epoch >= from || from > state.epoch)
        });
        let has_all = |held: &Held| !held.is_closed() || held.lacking(Seq(0)) == 0;
        is_whole && knows_ends && earlier.all(|(_, followed)| has_all(&followed.held))
    }

    /// The highest epoch of which anything has come.
    pub(super) fn highest_epoch(&self) -> Option<Epoch> {
        self.lanes.keys().map(|(epoch, _)| *epoch).max()
    }

    fn missing(&self) -> u64 {
        self.relayed()
            .map(|(_, followed)| followed.held.lacking(Seq(0)))
            .fold(0, u64::saturating_add)
    }

    fn relayed(&self) -> impl Iterator<Item = (&(Epoch, Lane), &Followed)> {
        self.lanes.iter().filter(|((_, lane), _)| *lane != Lane::Waves)
    }
}

impl Followed {
    fn keep_edges(&mut self) {
        let gaps = self.held.missing();
        let is_edge = |seq: Seq| {
            gaps.iter()
                .any(|(first, last)| seq.next() == *first || last.next() == seq)
        };
        let highest = self.edges.keys().next_back().copied();
        self.edges.retain(|seq, _| Some(*seq) == highest || is_edge(*seq));
    }
}
