//! How far each open alarm got on its way to the doctors, and what they did with it (I6).

use std::collections::{BTreeMap, BTreeSet};

use vitals::alarm::UNDELIVERED_AFTER;
use vitals::delivery::{self, Act, Deed, Delivery, Done, Responsible, State};
use vitals::{AlarmChange, AlarmId, BedId, BootId, MonoTime, RecordId, WallTime};

use crate::relay::CentreState;
use crate::store::Cursor;
use crate::web::live;

/// "Seen" marks kept per alarm; more people than this do not fit on a tile.
const SEEN_MARKS_MAX: usize = 8;

/// Changes of one alarm that wait for the centre and are timed; the oldest of them counts.
const PENDING_MAX: usize = 16;

/// When a step was heard of here; `None` = in an earlier boot, or not known.
pub(super) type Heard = Option<MonoTime>;

/// The open alarms' tracks.
#[derive(Default)]
pub(super) struct Tracks {
    alarms: BTreeMap<AlarmId, Track>,
    now: MonoTime,
    /// What this box believes of the time of the day.
    wall: Option<WallTime>,
    /// Where alarms were not confirmed in time, while that alarm is open; none of a bed = the post's own.
    undelivered: BTreeSet<Option<BedId>>,
}

#[derive(Default)]
struct Track {
    /// The record of its latest change; none for an alarm from before this start.
    record: Option<RecordId>,
    /// The changes that the centre has not confirmed, oldest first, and when they were made.
    pending: Vec<(RecordId, MonoTime)>,
    /// Since when this run has known of it.
    since: MonoTime,
    seen: Vec<live::SeenMark>,
    /// Where the latest change is on its way, and since when.
    way: Option<(live::Delivery, Heard)>,
    delivery: Delivery<Heard>,
}

impl Tracks {
    /// The tracks of alarms that are still open from before this start.
    pub fn of(open: &[AlarmChange], now: MonoTime) -> Tracks {
        let track = || Track {
            since: now,
            ..Track::default()
        };
        Tracks {
            alarms: open.iter().map(|change| (change.id, track())).collect(),
            now,
            ..Tracks::default()
        }
    }

    /// It is so late now; `wall` = by a clock that can be believed.
    pub fn time(&mut self, now: MonoTime, wall: Option<WallTime>) {
        (self.now, self.wall) = (now, wall);
    }

    /// Somebody at the centre saw an alarm: who, their account, by which command.
    pub fn seen(&mut self, alarm: AlarmId, (by, by_id): (String, Option<String>), command: u128, at: Heard) {
        let Some(track) = self.alarms.get_mut(&alarm) else {
            return;
        };
        if track.seen.len() < SEEN_MARKS_MAX && track.seen.iter().all(|mark| mark.by != by) {
            let at_ms = at.map(MonoTime::as_ms);
            track.seen.push(live::SeenMark {
                by: by.clone(),
                at_ms,
            });
        }
        let deed = Deed {
            alarm,
            by,
            by_id: by_id.unwrap_or_default(),
            act: Act::Read,
        };
        // Who saw it takes no part in the order of who answers for it.
        let noted = (WallTime::from_unix_ns(0), at);
        self.did(deed, command, noted);
    }

    /// Somebody at the centre did something with an alarm, by this command: when by the centre's clock, and when that was
    /// heard here.
    pub fn did(&mut self, deed: Deed, command: u128, (at, noted): (WallTime, Heard)) {
        if let Some(track) = self.alarms.get_mut(&deed.alarm) {
            track.delivery.did(command, Done { at, noted, deed });
        }
    }

    /// Its time was over before anybody at the centre had read it.
    pub fn expired(&mut self, alarm: AlarmId, at: Heard) {
        if let Some(track) = self.alarms.get_mut(&alarm) {
            track.delivery.reach(State::Expired, at);
        }
    }

    /// An open alarm's latest change is this record.
    pub fn recorded(&mut self, alarm: AlarmId, record: RecordId, now: MonoTime) {
        let new = || {
            let mut track = Track {
                since: now,
                ..Track::default()
            };
            track.delivery.reach(State::Created, Some(now));
            track
        };
        let track = self.alarms.entry(alarm).or_insert_with(new);
        track.record = Some(record);
        track.way = None;
        if track.pending.len() < PENDING_MAX {
            track.pending.push((record, now));
        } else if let Some(newest) = track.pending.last_mut() {
            newest.0 = record;
        }
    }

    /// An alarm is over.
    pub fn forget(&mut self, alarm: AlarmId) {
        self.alarms.remove(&alarm);
    }

    /// Whether an alarm is followed: it is open.
    pub fn is_open(&self, alarm: AlarmId) -> bool {
        self.alarms.contains_key(&alarm)
    }

    /// Somebody at the centre answers for it now.
    pub fn is_accepted(&self, alarm: AlarmId) -> bool {
        let track = self.alarms.get(&alarm);
        track.is_some_and(|track| track.delivery.responsible(self.lapsed()).is_some())
    }

    /// Somebody at the centre has read it.
    pub fn is_read(&self, alarm: AlarmId) -> bool {
        self.alarms
            .get(&alarm)
            .is_some_and(|track| track.delivery.is_read())
    }

    /// Who saw an alarm.
    pub fn marks(&self, alarm: AlarmId) -> Vec<live::SeenMark> {
        self.alarms
            .get(&alarm)
            .map(|track| track.seen.clone())
            .unwrap_or_default()
    }

    /// All that is known of an alarm's way.
    pub fn known(&self, alarm: AlarmId) -> Option<&Delivery<Heard>> {
        self.alarms.get(&alarm).map(|track| &track.delivery)
    }

    /// Whether somebody's word, as the centre took it for a time, is over. In this boot that time is counted from when it
    /// was heard, whatever the clocks of the two sides say; of an earlier boot only a clock knows, and without one nobody
    /// answers.
    pub fn lapsed(&self) -> impl Fn(&Responsible<Heard>) -> bool + use<> {
        let (now, wall) = (self.now, self.wall);
        move |who| match who.noted {
            Some(heard) => {
                let for_ns = i128::from(who.until.as_unix_ns()) - i128::from(who.at.as_unix_ns());
                i128::try_from(now.since(heard).as_nanos()).unwrap_or(i128::MAX) >= for_ns
            }
            None => wall.is_none_or(|wall| who.until <= wall),
        }
    }

    /// How far an open alarm got, and since when. Looked at ten times a second: a step is noted when it is first seen.
    pub fn delivery(&mut self, alarm: AlarmId, way: &Way, now: MonoTime) -> (live::Delivery, Heard) {
        let lapsed = self.lapsed();
        let track = self.alarms.entry(alarm).or_default();
        let on_its_way = track.look(way, now);
        let state = track.delivery.state(&lapsed);
        if state <= State::AtCentre {
            return on_its_way;
        }
        let of_deed = |done: &Done<Heard>| (done.deed.act.state() == Some(state)).then_some(done.noted);
        let since = match state {
            State::Accepted => track.delivery.last_accepted().and_then(|who| who.noted),
            _ => track
                .delivery
                .reached(state)
                .or_else(|| track.delivery.deeds().filter_map(of_deed).min())
                .flatten(),
        };
        (live::Delivery::At(state), since)
    }

    /// The open alarms whose time is over and that nobody has read: each is told once.
    pub fn expire(&mut self, open: &[&AlarmChange], boot: BootId) -> Vec<AlarmId> {
        let mut over = Vec::new();
        for change in open
            .iter()
            .filter(|change| delivery::asks_doctors(change.condition))
        {
            let (Some(limit), Some(track)) = (
                delivery::read_within(change.priority),
                self.alarms.get(&change.id),
            ) else {
                continue;
            };
            let from = match change.onset.boot == boot {
                true => change.onset.mono,
                false => track.since,
            };
            let answered = self.is_read(change.id) || self.is_accepted(change.id);
            let is_told = track.delivery.reached(State::Expired).is_some();
            if self.now.since(from) >= limit && !answered && !is_told {
                over.push(change.id);
            }
        }
        for alarm in &over {
            self.expired(*alarm, Some(self.now));
        }
        over
    }

    /// Whether alarms that a doctor must know of have waited too long for the centre's word; notes where.
    pub fn judge_undelivered(&mut self, open: &[&AlarmChange], way: &Way) -> bool {
        if way.centre == CentreState::NotConfigured {
            return false;
        }
        let heard = way.centre == CentreState::Up;
        let mut late = open.iter().filter(|change| {
            delivery::must_arrive(change.condition, change.priority, heard)
                && self
                    .alarms
                    .get_mut(&change.id)
                    .is_some_and(|track| track.is_late(way, self.now))
        });
        let first = late.next().map(|change| change.bed.clone());
        let beds: BTreeSet<Option<BedId>> = first
            .into_iter()
            .chain(late.map(|change| change.bed.clone()))
            .collect();
        let any = !beds.is_empty();
        self.undelivered.extend(beds);
        any
    }

    /// Where alarms were not confirmed in time.
    pub fn undelivered(&self) -> &BTreeSet<Option<BedId>> {
        &self.undelivered
    }

    /// That alarm is over.
    pub fn forget_undelivered(&mut self) {
        self.undelivered.clear();
    }
}

impl Track {
    /// Where its latest change is on its way, and since when.
    fn look(&mut self, way: &Way, now: MonoTime) -> (live::Delivery, Heard) {
        let reached = |cursor: Cursor| match self.record {
            Some(id) => cursor >= place(id),
            // An alarm from before this start: it is there when nothing waits.
            None => cursor == way.confirmed && way.waiting == 0,
        };
        let step = match way.centre {
            CentreState::NotConfigured => None,
            _ if reached(way.confirmed) => Some(State::AtCentre),
            CentreState::Unreachable | CentreState::Connecting => Some(State::Queued),
            // Heard a moment ago, and the link is gone.
            CentreState::Up if way.sent == Cursor::START => Some(State::Queued),
            CentreState::Up if reached(way.sent) => Some(State::Sent),
            CentreState::Up => Some(State::Created),
        };
        let shown = step.map_or(live::Delivery::NoCentre, live::Delivery::At);
        // Where it stands at the first look is how it was found: the time of that is not known.
        let since = (self.way.is_some() || self.record.is_some()).then_some(now);
        if self.way.map(|(known, _)| known) != Some(shown) {
            self.way = Some((shown, since));
        }
        if let Some(step) = step {
            self.delivery.reach(step, since);
        }
        self.way.unwrap_or((shown, None))
    }

    /// One of its changes has waited too long.
    fn is_late(&mut self, way: &Way, now: MonoTime) -> bool {
        self.pending.retain(|(record, _)| way.confirmed < place(*record));
        let oldest = self.pending.first();
        oldest.is_some_and(|(_, made)| now.since(*made) >= UNDELIVERED_AFTER)
    }
}

fn place(record: RecordId) -> Cursor {
    let (epoch, seq) = (record.epoch, record.seq);
    Cursor { epoch, seq }
}

/// How far the alerts lane got, now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    pub centre: CentreState,
    /// What has left on the present connection; [`Cursor::START`] = there is none.
    pub sent: Cursor,
    /// What the centre has confirmed.
    pub confirmed: Cursor,
    /// Alarm changes that it has not confirmed.
    pub waiting: u64,
}

#[cfg(test)]
mod tests;
