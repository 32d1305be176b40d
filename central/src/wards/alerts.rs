//! The alarms of one post as a doctor needs them: the highest change of the latest run
//! wins whatever the order (I6), and each says how
//! late it came, so that nothing past looks live (I4).

use std::collections::{BTreeMap, BTreeSet};

use vitals::record::Refusal;
use vitals::wire::{Command, CommandKind, OpenAlarms};
use vitals::{AlarmChange, AlarmId, AlarmPhase, Epoch, WallTime};

use super::CommandRefused;
use super::deeds::Deeds;
use super::post_clock::PostClock;
use crate::clock::Moment;
use crate::store::{AlarmStanding, SeenMark, Verdict};

/// The most alarms of one post that are kept in memory; ended ones go first, then the least urgent, oldest first.
pub(super) const ALARMS_MAX: usize = 1_000;
/// The most people whose "seen" is kept per alarm.
pub(super) const SEEN_PER_ALARM_MAX: usize = 16;
/// The most seen marks per post that are kept in memory.
const SEEN_MAX: usize = 4_096;
/// An alert that was announced longer than this before it arrived is past.
pub(super) const PAST_AFTER_MS: i64 = 120_000;
/// The longest name of a person that is shown, in characters.
pub(super) const NAME_CHARS_MAX: usize = 80;

/// The alarms of one post.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Alerts {
    alarms: BTreeMap<AlarmId, Alert>,
    seen: BTreeMap<(AlarmId, u128), SeenMark>,
    /// What the post says is open now; empty while it is not heard.
    named: BTreeSet<AlarmId>,
    pub(super) deeds: Deeds,
}

/// One alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Alert {
    pub(super) change: AlarmChange,
    /// The run of the appliance that told it.
    epoch: Epoch,
    /// When the first of its changes arrived.
    pub(super) received: WallTime,
    /// The same by the monotonic clock; `None` when it was read back from the store at start.
    arrived: Option<Moment>,
    /// How long after its announcement it arrived; fixed once it is known.
    pub(super) late_ms: Option<i64>,
    /// The post says that it is over, though no change says so: its end was lost, or nobody saw it.
    pub(super) is_over: bool,
    /// It came late, and then the post said that it holds: from then on it is news.
    pub(super) announced: Option<WallTime>,
}

impl Alerts {
    /// Takes a change in; says whether anything that is shown has changed.
    pub(super) fn take(
        &mut self,
        epoch: Epoch,
        mut change: AlarmChange,
        arrived: Moment,
        clock: &PostClock,
    ) -> bool {
        if let Some(name) = &mut change.acknowledged_by {
            *name = clipped(name, NAME_CHARS_MAX);
        }
        match self.alarms.get_mut(&change.id) {
            Some(known) if (known.epoch, known.change.change) >= (epoch, change.change) => return false,
            Some(known) => (known.epoch, known.change, known.is_over) = (epoch, change, false),
            None => {
                let late_ms = clock.age_ms(change.onset, arrived);
                let alert = Alert {
                    received: arrived.wall,
                    arrived: Some(arrived),
                    late_ms,
                    is_over: false,
                    announced: None,
                    epoch,
                    change,
                };
                self.alarms.insert(alert.change.id, alert);
                self.forget_oldest();
            }
        }
        true
    }

    /// An alarm as it stood in the store at start.
    pub(super) fn restore(&mut self, standing: AlarmStanding, clock: &PostClock) {
        let (change, received) = (standing.change, standing.received);
        let late_ms = clock.age_by_wall_ms(change.onset, received);
        let alert = Alert {
            received,
            arrived: None,
            late_ms,
            is_over: standing.is_over,
            announced: None,
            epoch: standing.epoch,
            change,
        };
        self.alarms.insert(alert.change.id, alert);
        self.forget_oldest();
    }

    /// How late alarms came becomes known when the post's clock becomes known.
    pub(super) fn clock_changed(&mut self, clock: &PostClock) {
        for alert in self.alarms.values_mut().filter(|alert| alert.late_ms.is_none()) {
            alert.late_ms = match alert.arrived {
                Some(arrived) => clock.age_ms(alert.change.onset, arrived),
                None => clock.age_by_wall_ms(alert.change.onset, alert.received),
            };
        }
    }

    /// The post says which alarms are open now. Each that is named holds, whatever was believed; one that is not named is
    /// over if the list is whole and `lacks_nothing` says that no change of it can still be on its way (I6).
    pub(super) fn agree(
        &mut self,
        open: &OpenAlarms,
        now: WallTime,
        lacks_nothing: impl Fn(AlarmId) -> bool,
    ) -> Vec<Verdict> {
        self.named = open.latest.iter().map(|(alarm, _)| *alarm).collect();
        let mut verdicts = Vec::new();
        for (id, alert) in &mut self.alarms {
            let is_over = match self.named.contains(id) {
                true => false,
                false if open.complete && alert.is_open() && lacks_nothing(*id) => true,
                false => alert.is_over,
            };
            if self.named.contains(id) && alert.arrived.is_some() && alert.came_late() {
                alert.announced.get_or_insert(now);
            }
            if is_over != alert.is_over {
                alert.is_over = is_over;
                verdicts.push(Verdict {
                    alarm: *id,
                    change: alert.change.change,
                    is_over,
                });
            }
        }
        verdicts
    }

    /// Nobody says any more which alarms are open.
    pub(super) fn unheard(&mut self) {
        self.named.clear();
    }

    /// Announced more than two minutes before it arrived, and the post does not say that it holds now. Where the time of
    /// announcement is unknown: whatever was announced in an earlier boot of the box.
    pub(super) fn is_past(&self, alert: &Alert, clock: &PostClock) -> bool {
        let came_late = match alert.late_ms {
            Some(_) => alert.came_late(),
            None => clock.is_of_another_boot(alert.change.onset),
        };
        came_late && !self.named.contains(&alert.change.id)
    }

    /// The highest epoch in which any of these alarms was raised.
    pub(super) fn highest_epoch(&self) -> Option<Epoch> {
        self.alarms.keys().map(|alarm| alarm.epoch).max()
    }

    /// A post has applied what somebody said of an alarm, at this centre or at another.
    pub(super) fn confirmed(
        &mut self,
        (alarm, command): (AlarmId, u128),
        (by, by_id): (&str, Option<&String>),
        arrived: WallTime,
    ) -> bool {
        self.mark(SeenMark {
            alarm,
            command,
            by: by.to_owned(),
            by_id: by_id.cloned(),
            at: arrived,
            expires: arrived,
            confirmed: true,
            refused: None,
        })
    }

    /// Somebody saw an alarm: told by a doctor here (not confirmed) or by the post (confirmed). What expired unconfirmed
    /// gives way to the same person's later "seen", whichever of the two is taken in first.
    pub(super) fn mark(&mut self, mark: SeenMark) -> bool {
        let key = (mark.alarm, mark.command);
        let known = self.seen.get_mut(&key);
        if let Some(known) = known {
            let changed = mark.confirmed && !known.confirmed;
            known.confirmed |= mark.confirmed;
            return changed;
        }
        let by = clipped(&mark.by, NAME_CHARS_MAX);
        let repeats = |later: &SeenMark, earlier: &SeenMark| earlier.is_given_up(later.at);
        let (mut repeated, mut given_way) = (Vec::new(), false);
        for known in self
            .of(mark.alarm)
            .filter(|known| known.is_by(&by, mark.by_id.as_deref()))
        {
            given_way |= repeats(known, &mark);
            if repeats(&mark, known) {
                repeated.push((known.alarm, known.command));
            }
        }
        if given_way {
            return false;
        }
        for key in repeated {
            self.seen.remove(&key);
        }
        if self.of(mark.alarm).count() >= SEEN_PER_ALARM_MAX {
            return false;
        }
        if self.seen.len() == SEEN_MAX {
            self.seen.pop_first();
        }
        self.seen.insert(key, SeenMark { by, ..mark });
        true
    }

    /// The post will not show this "seen"; says whether it is one of these.
    pub(super) fn refuse(&mut self, command: u128, reason: Refusal) -> bool {
        let mark = self.seen.values_mut().find(|mark| mark.command == command);
        let Some(mark) = mark.filter(|mark| !mark.confirmed && mark.refused.is_none()) else {
            return false;
        };
        mark.refused = Some(reason);
        true
    }

    /// Whether a "seen" may be taken. Who says it twice gets the command of the first time, unless that has expired
    /// unconfirmed or was refused: then it is said anew.
    pub(super) fn check(
        &self,
        alarm: AlarmId,
        (by, by_id): (&str, Option<&str>),
        now: WallTime,
    ) -> Result<Option<u128>, CommandRefused> {
        if !self.alarms.contains_key(&alarm) {
            return Err(CommandRefused::UnknownAlarm);
        }
        let mut own = self.of(alarm).filter(|mark| mark.is_by(by, by_id)).peekable();
        let is_known = own.peek().is_some();
        if let Some(mark) = own.find(|mark| !mark.is_given_up(now)) {
            return Ok(Some(mark.command));
        }
        if !is_known && self.of(alarm).count() >= SEEN_PER_ALARM_MAX {
            return Err(CommandRefused::TooManySeen);
        }
        Ok(None)
    }

    /// The commands that the post has not answered and that have not expired.
    pub(super) fn pending(&self, now: WallTime) -> impl Iterator<Item = Command> {
        let open = self
            .seen
            .values()
            .filter(move |mark| !mark.confirmed && !mark.is_given_up(now));
        open.map(|mark| Command {
            id: mark.command,
            issued: mark.at,
            expires: mark.expires,
            kind: CommandKind::Seen {
                alarm: mark.alarm,
                by: mark.by.clone(),
                by_id: mark.by_id.clone(),
            },
        })
    }

    /// Who saw this alarm, in the order of the commands' times.
    pub(super) fn seen_by(&self, alarm: AlarmId) -> Vec<&SeenMark> {
        let mut marks: Vec<&SeenMark> = self.of(alarm).collect();
        marks.sort_by_key(|mark| (mark.at, mark.command));
        marks
    }

    /// One alarm.
    pub(super) fn get(&self, alarm: AlarmId) -> Option<&Alert> {
        self.alarms.get(&alarm)
    }

    /// What doctors did.
    pub(super) fn deeds(&self) -> &Deeds {
        &self.deeds
    }

    /// All alarms.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Alert> {
        self.alarms.values()
    }

    fn of(&self, alarm: AlarmId) -> impl Iterator<Item = &SeenMark> {
        self.seen
            .range((alarm, 0)..=(alarm, u128::MAX))
            .map(|(_, mark)| mark)
    }

    /// An open HIGH alarm goes only when all others are open and HIGH too.
    fn forget_oldest(&mut self) {
        if self.alarms.len() <= ALARMS_MAX {
            return;
        }
        let oldest = self.alarms.values().min_by_key(|alert| {
            let urgency = alert.is_open().then_some(alert.change.priority);
            (urgency, alert.received, alert.change.id)
        });
        if let Some(id) = oldest.map(|alert| alert.change.id) {
            self.alarms.remove(&id);
            self.deeds.forget(id);
            self.seen
                .retain(|(alarm, _), mark| *alarm != id || !mark.confirmed);
        }
    }
}

impl Alert {
    /// It was announced more than two minutes before it arrived.
    fn came_late(&self) -> bool {
        self.late_ms.is_some_and(|late_ms| late_ms > PAST_AFTER_MS)
    }

    /// It was read back from the store at start.
    pub(super) fn is_old(&self) -> bool {
        self.arrived.is_none()
    }

    /// Not over yet, as far as the centre knows.
    pub(super) fn is_open(&self) -> bool {
        !self.is_over && self.change.phase != AlarmPhase::Ended
    }
}

/// At most this many characters: texts from outside are shown, not trusted.
pub(super) fn clipped(text: &str, chars_max: usize) -> String {
    text.chars().take(chars_max).collect()
}
