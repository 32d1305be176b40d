//! The way of one alarm, in the words of the doctors' page.

use vitals::WallTime;
use vitals::delivery::{Act, Delivery, Responsible, State};

use super::super::Post;
use super::super::alerts::Alert;
use crate::store::DeedMark;
use crate::view::{DeliveryView, ResponsibleView, StepView};

/// Whether an acceptance has run out.
fn lapsed(now: WallTime) -> impl Fn(&Responsible<WallTime>) -> bool {
    move |who| who.until <= now
}

impl Post {
    /// How far an alarm has come, who answers for it, and every step.
    pub(super) fn delivery_view(&self, alert: &Alert, now: WallTime) -> DeliveryView {
        let known = self.alerts.delivery(alert, &self.clock);
        let mut steps: Vec<StepView> = [State::Created, State::AtCentre, State::Expired]
            .into_iter()
            .filter_map(|state| Some(by_itself(state, known.reached(state)?)))
            .collect();
        let seen = self.alerts.seen_by(alert.change.id);
        steps.extend(seen.into_iter().map(|mark| StepView {
            what: "read",
            by: Some(mark.by.clone()),
            confirmed: mark.confirmed,
            refused: mark.refused,
            ..by_itself(State::Read, mark.at)
        }));
        steps.extend(self.alerts.deeds().of(alert.change.id).map(by_a_person));
        steps.sort_by_key(|step| step.wall_ms);
        DeliveryView {
            state: known.state(lapsed(now)),
            responsible: self.responsible(alert, &known, now),
            steps,
        }
    }

    fn responsible(
        &self,
        alert: &Alert,
        known: &Delivery<WallTime>,
        now: WallTime,
    ) -> Option<ResponsibleView> {
        let who = known.responsible(lapsed(now))?;
        let mut marks = self.alerts.deeds().of(alert.change.id);
        let is_it = |mark: &DeedMark| mark.at == who.at && mark.deed.by_id == who.by_id;
        let confirmed = marks.any(|mark| is_it(mark) && mark.confirmed);
        let (offered_to, offered_to_id) = who.offered.unzip();
        Some(ResponsibleView {
            by: who.by,
            by_id: who.by_id,
            until_wall_ms: who.until.as_unix_ms(),
            confirmed,
            offered_to,
            offered_to_id,
        })
    }
}

fn by_itself(state: State, at: WallTime) -> StepView {
    StepView {
        what: state.key(),
        wall_ms: at.as_unix_ms(),
        by: None,
        to: None,
        until_wall_ms: None,
        reason: None,
        words: None,
        called: None,
        called_ids: Vec::new(),
        confirmed: true,
        refused: None,
    }
}

fn by_a_person(mark: &DeedMark) -> StepView {
    let mut step = StepView {
        what: mark.deed.act.key(),
        by: Some(mark.deed.by.clone()),
        confirmed: mark.confirmed,
        refused: mark.refused,
        ..by_itself(State::Read, mark.at)
    };
    match &mark.deed.act {
        Act::Accepted { until } => step.until_wall_ms = Some(until.as_unix_ms()),
        Act::Rejected { reason, words } => {
            step.reason = Some(*reason);
            step.words = Some(words.clone());
        }
        Act::Offered { to, .. } => step.to = Some(to.clone()),
        Act::Called { to, .. } => {
            // Called by the centre's own rules: by nobody.
            step.by = None;
            let (names, ids) = to.iter().cloned().unzip();
            (step.called, step.called_ids) = (Some(names), ids);
        }
        Act::Shown | Act::Read | Act::Declined => {}
    }
    step
}
