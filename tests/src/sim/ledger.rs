//! What must always hold, written down as it happens and checked at the end. Knows nothing of how the product works.
//!
//! - I1: what the post had committed, and what it heard [`SAFE_AFTER`] before a run ended, is at the centre in the end, or a record there says that it was given up, and only a
//!   full card is a reason for that.
//! - I2: the centre calls each record new once, and each thing that a device said becomes one record.
//! - I7: on a way that has been good for a while no alert takes longer than [`ALERT_MAX`]; no alert is ever given up.
//! - I9: the audit, as the centre has it, is a chain that holds from its beginning.
//! - I8: a record's time is the time at which it happened, whatever the clocks said meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use vitals::audit::{Book, Strictness};
use vitals::{
    AlarmId, BootId, ClockAnchor, ClockTrust, DeviceId, Epoch, Event, Lane, Measured, MonoTime, Observation,
    Record, RecordId, Seq, Stamp,
};

use super::centre::{Taken, true_wall};

/// The longest that an alert may take on a way that has been good for [`GOOD_FOR`]: three seconds, the goal of a link
/// of 64 kbit/s with a long backlog (DESIGN 9), and the delay of the worst way that is simulated.
pub const ALERT_MAX: Duration = Duration::from_millis(4_000);

/// So long must everything have worked before an alert is timed: connecting and its first messages take a while.
pub const GOOD_FOR: Duration = Duration::from_secs(10);

/// What was heard this long before a run of the post ended is on the card, or at the centre: the commit window of what
/// the centre has not receipted (5 s), and as much again for a round that was just beginning.
pub const SAFE_AFTER: Duration = Duration::from_secs(10);

/// How far a resolved wall time may be from the truth where a time server was there.
const WALL_OFF_MAX: Duration = Duration::from_secs(3);

/// What a device said: who, in which boot, when (monotonic), which value.
type Said = (DeviceId, BootId, MonoTime, String);

/// What became of what a device said.
#[derive(Debug)]
struct Heard {
    measured: Measured,
    /// When it was said, in true time.
    at: MonoTime,
    /// It is a record at the centre.
    used: bool,
}

/// The books of one world.
#[derive(Debug, Default)]
pub struct Ledger {
    said: BTreeMap<Said, Heard>,
    /// When runs of the post ended, in true time.
    ends: Vec<MonoTime>,
    taken: BTreeMap<RecordId, Taken>,
    committed: BTreeMap<(Epoch, Lane), Seq>,
    /// When each boot of the post began, in true time.
    boots: BTreeMap<BootId, MonoTime>,
    last_bad: MonoTime,
    card_was_full: bool,
    slowest_alert: Duration,
    wrong: Vec<String>,
}

impl Ledger {
    /// Something does not hold.
    pub fn wrong(&mut self, what: String) {
        // The first ones tell the story.
        if self.wrong.len() < 20 {
            self.wrong.push(what);
        }
    }

    /// The post booted at this true time.
    pub fn booted(&mut self, boot: BootId, at: MonoTime) {
        self.boots.insert(boot, at);
    }

    /// A device said a value, and the post heard it.
    pub fn said(&mut self, device: &DeviceId, boot: BootId, at: MonoTime, seen: &Observation, now: MonoTime) {
        let said = (device.clone(), boot, at, seen.code.key().to_owned());
        let heard = Heard {
            measured: seen.measured,
            at: now,
            used: false,
        };
        self.said.insert(said, heard);
    }

    /// A run of the post ended.
    pub fn ended(&mut self, now: MonoTime) {
        self.ends.push(now);
    }

    /// Something on the way between post and doctor did not work at this moment.
    pub fn bad(&mut self, now: MonoTime) {
        self.last_bad = now;
    }

    /// The card was full: records may be given up, and must be recorded as lost.
    pub fn card_full(&mut self) {
        self.card_was_full = true;
    }

    /// The post's card holds this lane of this epoch up to here.
    pub fn committed(&mut self, epoch: Epoch, lane: Lane, seq: Seq) {
        if seq > Seq(0) {
            let known = self.committed.entry((epoch, lane)).or_insert(Seq(0));
            *known = seq.max(*known);
        }
    }

    /// The centre called this record new.
    pub fn taken(&mut self, taken: Taken) {
        let id = taken.id;
        if self.taken.contains_key(&id) {
            self.wrong(format!("I2: {id:?} counted twice at the centre"));
        }
        match &taken.record {
            Record::Reading(reading) => {
                let code = reading.seen.code.key().to_owned();
                let said = (reading.device.clone(), taken.boot, reading.at, code);
                match self.said.get_mut(&said) {
                    Some(heard) if heard.measured == reading.seen.measured && !heard.used => {
                        heard.used = true;
                    }
                    Some(heard) if heard.used => self.wrong(format!("I2: {said:?} became two records")),
                    Some(heard) => {
                        let measured = heard.measured;
                        self.wrong(format!("{said:?} was {measured:?}, arrived as {reading:?}"));
                    }
                    None => self.wrong(format!("I8: no device said this at that time: {reading:?}")),
                }
            }
            Record::Alarm(change) => {
                let since_boot = self.boots.get(&taken.boot).copied().unwrap_or(MonoTime::BOOT);
                let made = since_boot + Duration::from_nanos(change.at.as_ns());
                if self.last_bad + GOOD_FOR < made {
                    let took = taken.at.since(made);
                    self.slowest_alert = self.slowest_alert.max(took);
                    if took > ALERT_MAX {
                        self.wrong(format!(
                            "I7: alert {} {} took {took:?} on a good way",
                            change.id, change.condition
                        ));
                    }
                }
            }
            _ => {}
        }
        self.taken.insert(id, taken);
    }

    /// The slowest alert on a good way.
    pub fn slowest_alert(&self) -> Duration {
        self.slowest_alert
    }

    /// Records at the centre.
    pub fn records(&self) -> usize {
        self.taken.len()
    }

    /// Everything has been mended and has drained: what is wrong?
    pub fn settle(&mut self, at_post: &BTreeSet<AlarmId>, at_centre: &BTreeSet<AlarmId>) -> Vec<String> {
        self.check_committed();
        self.check_heard();
        self.check_times();
        self.check_commands();
        self.check_audit();
        if at_post != at_centre {
            let (only_post, only_centre): (Vec<_>, Vec<_>) = (
                at_post.difference(at_centre).collect(),
                at_centre.difference(at_post).collect(),
            );
            self.wrong(format!(
                "I6: open alarms differ: only at the post {only_post:?}, only at the centre {only_centre:?}"
            ));
            for alarm in at_post.symmetric_difference(at_centre) {
                self.wrong(format!(
                    "    what the centre ever got of {alarm}: {}",
                    self.changes_of(*alarm)
                ));
            }
        }
        std::mem::take(&mut self.wrong)
    }

    /// The life of an alarm as far as it arrived.
    fn changes_of(&self, alarm: AlarmId) -> String {
        let changes = self.taken.values().filter_map(|taken| match &taken.record {
            Record::Alarm(change) if change.id == alarm => Some(format!(
                "{} {:?} {} as {:?} after {:?}",
                change.change,
                change.phase,
                change.condition,
                taken.id,
                taken.at.since(MonoTime::BOOT)
            )),
            _ => None,
        });
        changes.collect::<Vec<_>>().join("; ")
    }

    fn given_up(&self) -> Vec<(Epoch, Lane, Seq, Seq)> {
        let lost = |taken: &Taken| match &taken.record {
            Record::Event {
                event:
                    Event::Lost {
                        epoch,
                        lane,
                        first,
                        last,
                    },
                ..
            } => Some((*epoch, *lane, *first, *last)),
            _ => None,
        };
        self.taken.values().filter_map(lost).collect()
    }

    fn check_committed(&mut self) {
        let given_up = self.given_up();
        let mut wrong = Vec::new();
        for loss in &given_up {
            if loss.1 == Lane::Alerts || loss.1 == Lane::Events {
                wrong.push(format!("I7: given up: {loss:?}"));
            } else if !self.card_was_full {
                wrong.push(format!("I1: given up although the card was never full: {loss:?}"));
            }
        }
        for (&(epoch, lane), &last) in &self.committed {
            for seq in (1..=last.0).map(Seq) {
                let there = self.taken.contains_key(&RecordId { epoch, lane, seq });
                let told = given_up.iter().any(|(of, in_lane, first, last)| {
                    (*of, *in_lane) == (epoch, lane) && (*first..=*last).contains(&seq)
                });
                if lane != Lane::Waves && !there && !told {
                    wrong.push(format!(
                        "I1: {lane} {epoch} {} was on the card and never arrived (up to {} was)",
                        seq.0, last.0
                    ));
                    break;
                }
            }
        }
        wrong.into_iter().for_each(|what| self.wrong(what));
    }

    /// I1, without asking the product what it committed.
    fn check_heard(&mut self) {
        if self.card_was_full {
            return;
        }
        let lost = self.said.iter().find(|(_, heard)| {
            let end = self.ends.iter().find(|end| **end >= heard.at);
            !heard.used && end.is_none_or(|end| end.since(heard.at) > SAFE_AFTER)
        });
        if let Some((said, heard)) = lost {
            let what = format!(
                "I1: heard at {:?} and never arrived: {said:?}",
                heard.at.since(MonoTime::BOOT)
            );
            self.wrong(what);
        }
    }

    /// I8: where a boot has an anchor that a time server vouches for, each of its records resolves to the truth.
    fn check_times(&mut self) {
        let anchors: Vec<ClockAnchor> = self
            .taken
            .values()
            .filter_map(|taken| match &taken.record {
                Record::Event {
                    event: Event::Anchor(anchor),
                    ..
                } => Some(*anchor),
                _ => None,
            })
            .collect();
        let mut wrong = Vec::new();
        for taken in self.taken.values() {
            let Some(&booted) = self.boots.get(&taken.boot) else {
                wrong.push(format!("I8: {:?} is of a boot that never was", taken.id));
                continue;
            };
            let (boot, mono) = (taken.boot, taken.record.at());
            let truth = true_wall(booted + Duration::from_nanos(mono.as_ns()));
            if let Some((wall, ClockTrust::Synchronised)) = (Stamp { boot, mono }).resolve(&anchors) {
                let off = wall.as_unix_ns().abs_diff(truth.as_unix_ns());
                if off > WALL_OFF_MAX.as_nanos() as u64 {
                    wrong.push(format!(
                        "I8: {:?} resolves {:?} away from the truth",
                        taken.id,
                        Duration::from_nanos(off)
                    ));
                }
            }
        }
        wrong.into_iter().for_each(|what| self.wrong(what));
    }

    /// I9: the centre's copy of the audit holds, from its beginning.
    fn check_audit(&mut self) {
        let mut book = Book::new(Some("demo".to_owned()), Strictness::Centre, Vec::new());
        for taken in self.taken.values() {
            match &taken.record {
                Record::Event {
                    event: Event::Audited(entry),
                    ..
                } => book.entry(entry),
                Record::Event {
                    event: Event::AuditHead(signed),
                    ..
                } => book.head(signed),
                _ => {}
            }
        }
        let (chains, _, found) = book.end();
        if chains.is_empty() {
            self.wrong("I9: the centre has no audit".to_owned());
        }
        found.iter().for_each(|found| self.wrong(format!("I9: {found}")));
    }

    /// Each command is answered once.
    fn check_commands(&mut self) {
        let mut answers: BTreeMap<u128, u32> = BTreeMap::new();
        for taken in self.taken.values() {
            let Record::Event { event, .. } = &taken.record else {
                continue;
            };
            match event {
                Event::Seen { command, .. }
                | Event::Message { command, .. }
                | Event::LimitProposed { command, .. }
                | Event::Deed { command, .. }
                | Event::CommandRefused { command, .. } => *answers.entry(*command).or_default() += 1,
                _ => {}
            }
        }
        for (command, answers) in answers.into_iter().filter(|(_, answers)| *answers > 1) {
            self.wrong(format!(
                "a command was carried out {answers} times: {command:032x}"
            ));
        }
    }
}
