//! What the pages are told after each cause.

use std::sync::Arc;
use std::time::Duration;

use vitals::{ClockTrust, Condition, MonoTime};

use super::super::view;
use super::Post;
use crate::store::StoreState;
use crate::web::live::{self, Update};

/// What came of an outage is shown for so long.
const OUTAGE_SHOWN: Duration = Duration::from_secs(3_600);

impl Post {
    /// Tells the pages what changed.
    pub fn publish(&mut self, now: MonoTime) {
        self.publish_curves(now);
        for bed in std::mem::take(&mut self.changed_beds) {
            if let Some(bed) = self.ward.bed(&bed) {
                self.pages.publish(Update::Bed {
                    bed: view::bed(&self.ward, bed, &self.charts),
                });
            }
        }
        if std::mem::take(&mut self.site_changed) {
            self.pages.publish(Update::Site {
                site: view::site(&self.ward),
            });
        }
        let signals = self.signals_shown();
        self.pages.publish(Update::Signals { signals });
        let alarms = self.alarms_shown(now);
        self.tell_output(&alarms);
        self.pages.publish(Update::Alarms { alarms });
        self.pages.publish(Update::Centre {
            centre: view::centre(&self.centre.borrow()),
        });
        self.pages.publish(Update::Problems {
            problems: Arc::new(self.problems()),
        });
        let messages = self.messages();
        self.pages.publish(Update::Messages { messages });
        let outage = self.outage(now);
        self.pages.publish(Update::Outage { outage });
        let laboratory = view::unassigned(&self.charts);
        self.pages.publish(Update::Laboratory { laboratory });
        let sound = self.sound();
        self.pages.publish(Update::Sound { sound });
    }

    fn messages(&self) -> Arc<Vec<live::Message>> {
        let boot = self.clock.boot();
        let unread = self.past.downlink.unread();
        let messages = unread.map(|(id, notice)| view::message(id, notice, boot, &self.past.anchors));
        Arc::new(messages.collect())
    }

    fn outage(&self, now: MonoTime) -> Arc<Option<live::Outage>> {
        let centre = self.centre.borrow();
        let shown = centre
            .outage
            .as_ref()
            .filter(|outage| now.since(outage.to) < OUTAGE_SHOWN);
        Arc::new(shown.map(|outage| view::outage(outage, self.clock.boot())))
    }

    fn problems(&self) -> Vec<live::Problem> {
        let open = self.alarms.open();
        let is_open = |condition| open.iter().any(|alarm| alarm.condition == condition);
        let mut problems = Vec::new();
        if let StoreState::Failing { reason } = &*self.store_state.borrow() {
            problems.push(problem(Condition::StoreFailing, reason.clone()));
        }
        if let Some(aside) = self.set_aside.borrow().as_ref()
            && is_open(Condition::StoreSetAside)
        {
            let text = format!("{}: {}", aside.fate(), aside.reason);
            problems.push(problem(Condition::StoreSetAside, text));
        }
        if let Some(text) = &self.space.borrow().nearly_full
            && is_open(Condition::CardNearlyFull)
        {
            problems.push(problem(Condition::CardNearlyFull, text.clone()));
        }
        if is_open(Condition::ClockNotSet) && self.time.anchor().trust == ClockTrust::Untrusted {
            let text =
                "set the clock of this box, or connect it to a time server; records stay in their order";
            problems.push(problem(Condition::ClockNotSet, text.to_owned()));
        }
        if is_open(Condition::CertificateExpiring)
            && let Some(expires) = self.centre.borrow().certificate_expires
        {
            let text = format!(
                "valid until {}; bring a new one before that, or doctors will not see this post",
                view::day(expires)
            );
            problems.push(problem(Condition::CertificateExpiring, text));
        }
        if let Some(text) = self.output_problem() {
            let key = "sound_output".to_owned();
            problems.push(live::Problem { key, text });
        }
        problems
    }
}

fn problem(condition: Condition, text: String) -> live::Problem {
    let key = condition.key();
    live::Problem { key, text }
}
