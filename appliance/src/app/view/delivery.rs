//! The way of an alarm to the doctors, in a page's words.

use vitals::MonoTime;
use vitals::delivery::{Act, Delivery, Done, State};

use crate::app::tracks::{Heard, Tracks};
use crate::web::live::{self, StepKind};

/// What is told about an alarm's way beside where it stands.
pub(in crate::app) struct Told {
    pub seen: Vec<live::SeenMark>,
    pub delivery: (live::Delivery, Heard),
    pub steps: Vec<live::Step>,
    pub responsible: Option<live::Responsible>,
    /// Of an alarm that says that others are not delivered: where those are.
    pub undelivered: Vec<String>,
}

/// Who answers for an alarm now.
pub(in crate::app) fn responsible(tracks: &Tracks, known: &Delivery<Heard>) -> Option<live::Responsible> {
    let who = known.responsible(tracks.lapsed())?;
    Some(live::Responsible {
        by: who.by,
        until_wall_ms: who.until.as_unix_ms(),
        offered_to: who.offered.map(|(name, _)| name),
    })
}

/// Every step that is known: those on the way first, then what people did, in the order in which it was heard of.
pub(in crate::app) fn steps(known: &Delivery<Heard>) -> Vec<live::Step> {
    let on_the_way = [
        (State::Created, StepKind::Created),
        (State::Queued, StepKind::Queued),
        (State::Sent, StepKind::Sent),
        (State::AtCentre, StepKind::AtCentre),
    ];
    let reached = |(state, what): (State, StepKind)| {
        let at = known.reached(state)?;
        Some((at, by_itself(what, at)))
    };
    let by_people = known.deeds().map(|done| (done.noted, by_a_person(done)));
    let mut later: Vec<(Heard, live::Step)> = by_people
        .chain(reached((State::Expired, StepKind::Expired)))
        .collect();
    later.sort_by_key(|(at, _)| *at);
    let mut first: Vec<(Heard, live::Step)> = on_the_way.into_iter().filter_map(reached).collect();
    first.sort_by_key(|(at, _)| *at);
    first.into_iter().chain(later).map(|(_, step)| step).collect()
}

fn by_itself(what: StepKind, at: Heard) -> live::Step {
    live::Step {
        what,
        at_ms: at.map(MonoTime::as_ms),
        ..live::Step::default()
    }
}

fn what(act: &Act) -> StepKind {
    match act {
        Act::Shown => StepKind::Shown,
        Act::Read => StepKind::Read,
        Act::Accepted { .. } => StepKind::Accepted,
        Act::Rejected { .. } => StepKind::Rejected,
        Act::Offered { .. } => StepKind::Offered,
        Act::Declined => StepKind::Declined,
        Act::Called { .. } => StepKind::Called,
    }
}

fn by_a_person(done: &Done<Heard>) -> live::Step {
    let mut step = live::Step {
        what: what(&done.deed.act),
        at_ms: done.noted.map(MonoTime::as_ms),
        by: Some(done.deed.by.clone()),
        ..live::Step::default()
    };
    match &done.deed.act {
        Act::Accepted { until } => step.until_wall_ms = Some(until.as_unix_ms()),
        Act::Rejected { reason, words } => {
            step.reason = Some(*reason);
            step.words = Some(words.clone());
        }
        Act::Offered { to, .. } => step.to = Some(to.clone()),
        Act::Called { to, .. } => {
            // Called by the centre's own rules: by nobody.
            step.by = None;
            step.called = Some(to.iter().map(|(name, _)| name.clone()).collect());
        }
        Act::Shown | Act::Read | Act::Declined => {}
    }
    step
}
