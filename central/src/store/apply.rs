//! Takes envelopes into the tables: everything that one group of envelopes changes, in one transaction (S1).

use std::collections::btree_map::{BTreeMap, Entry};
use std::collections::{BTreeSet, HashMap};

use redb::{ReadableTable, Table, WriteTransaction};
use vitals::wire::Block;
use vitals::{
    AlarmChange, AlarmPhase, ClockAnchor, Code, Epoch, Event, Lane, PostId, Record, Seq, Stamp, WallTime,
};

use super::tables::{
    ALARMS, ANCHORS, ANSWERS, BLOCKS, BlockRow, HELD, IDENTIFIED, LATEST, OPEN, OUTAGES, OVER, PATIENTS,
    PENDING, SEEN, SEEN_BY,
};
use super::tables::{ASIDE, anchor_of, anchor_row, answer_row, lane_number, lane_of};
use super::tables::{POST_HEADS, POST_LOST};
use super::{Answer, Applied, Arrived, Held, LaneHeld, StoreError, deeds, proofs};

type HeldRows<'t> = Table<'t, (&'static str, u64, u8), &'static [u8]>;

pub(super) fn apply(transaction: &WriteTransaction, arrived: &[Arrived]) -> Result<Vec<Applied>, StoreError> {
    let mut marks = Marks {
        rows: transaction.open_table(HELD)?,
        aside: transaction.open_table(ASIDE)?,
        changed: BTreeMap::new(),
    };
    let mut applied = Vec::with_capacity(arrived.len());
    for one in arrived {
        applied.push(apply_one(transaction, &mut marks, one)?);
    }
    judge_audits(transaction, &mut marks, &mut applied)?;
    marks.write()?;
    Ok(applied)
}

fn apply_one(
    transaction: &WriteTransaction,
    marks: &mut Marks<'_>,
    one: &Arrived,
) -> Result<Applied, StoreError> {
    let envelope = &one.envelope;
    let (post, epoch, lane, first) = (&envelope.post, envelope.epoch, envelope.lane, envelope.first);
    let mut applied = Applied {
        post: post.clone(),
        epoch,
        boot: one.block.boot,
        new: Vec::new(),
        lanes: Vec::new(),
        audit: None,
        too_many_gaps: false,
    };
    let mut moved = vec![(epoch, lane)];
    if !one.block.records.is_empty() {
        let last = Seq(first.0 + one.block.records.len() as u64 - 1);
        match marks.of(post, epoch, lane)?.store(first, last) {
            Ok(ranges) => {
                for range in ranges {
                    applied.new.extend(store_range(transaction, one, range)?);
                }
                index(transaction, post, epoch, one, &applied.new)?;
                moved.extend(marks.settle_by_events(post, epoch, &applied.new)?);
            }
            Err(_) => applied.too_many_gaps = true,
        }
    }
    for (epoch, lane) in moved {
        let held = marks.final_of(post, epoch, lane)?.clone();
        applied.lanes.push(LaneHeld { epoch, lane, held });
    }
    Ok(applied)
}

/// Stores one run of new records as one block; as it came when all of it is new.
fn store_range(
    transaction: &WriteTransaction,
    one: &Arrived,
    (first, last): (Seq, Seq),
) -> Result<Vec<(Seq, Record)>, StoreError> {
    let envelope = &one.envelope;
    let place = |seq: Seq| usize::try_from(seq.0 - envelope.first.0).unwrap_or(usize::MAX);
    let records = one
        .block
        .records
        .get(place(first)..=place(last))
        .expect("the new ranges lie within the envelope");
    let cut;
    let block = if records.len() == one.block.records.len() {
        &envelope.block
    } else {
        cut = Block {
            boot: one.block.boot,
            records: records.to_vec(),
        }
        .encode();
        &cut
    };
    let row = BlockRow {
        received: one.received,
        count: u32::try_from(records.len()).unwrap_or(u32::MAX),
        block,
    };
    let key = (
        envelope.post.as_str(),
        lane_number(envelope.lane),
        envelope.epoch.0,
        first.0,
    );
    transaction
        .open_table(BLOCKS)?
        .insert(key, row.to_bytes().as_slice())?;
    Ok((first.0..=last.0).map(Seq).zip(records.iter().cloned()).collect())
}

/// Keeps the short ways to what the live picture needs.
fn index(
    transaction: &WriteTransaction,
    post: &PostId,
    epoch: Epoch,
    one: &Arrived,
    new: &[(Seq, Record)],
) -> Result<(), StoreError> {
    let mut latest: HashMap<(&str, Code), (u64, u64, u64)> = HashMap::new();
    for (seq, record) in new {
        match record {
            Record::Reading(reading) => {
                if let Some(bed) = &reading.bed {
                    let order = (epoch.0, reading.at.as_ns(), seq.0);
                    let best = latest.entry((bed.as_str(), reading.seen.code)).or_insert(order);
                    *best = order.max(*best);
                }
            }
            Record::Alarm(change) => {
                let received = one.received.as_unix_ns();
                index_alarm(transaction, post, change, (epoch.0, seq.0), received)?;
            }
            Record::Event { at, event } => {
                let place = Place {
                    epoch,
                    seq: *seq,
                    at: Stamp {
                        boot: one.block.boot,
                        mono: *at,
                    },
                };
                index_event(transaction, post, place, event, one.received)?;
            }
            Record::Site(_) | Record::Summary(_) | Record::Wave(_) => {}
        }
    }
    if latest.is_empty() {
        return Ok(());
    }
    let mut rows = transaction.open_table(LATEST)?;
    for ((bed, code), order) in latest {
        let key = (post.as_str(), bed, code.info().cf_code10);
        let before = rows.get(key)?.map(|row| row.value());
        if before.is_none_or(|before| before < order) {
            rows.insert(key, order)?;
        }
    }
    Ok(())
}

/// The highest change of the latest run is the truth; the first arrival of any of them is when the centre was told.
fn index_alarm(
    transaction: &WriteTransaction,
    post: &PostId,
    change: &AlarmChange,
    record: (u64, u64),
    received: i64,
) -> Result<(), StoreError> {
    let mut alarms = transaction.open_table(ALARMS)?;
    let key = (post.as_str(), change.id.epoch.0, change.id.number);
    let before = alarms.get(key)?.map(|row| row.value());
    if before.is_some_and(|before| (before.1, before.0) >= (record.0, change.change)) {
        return Ok(());
    }
    transaction.open_table(OVER)?.remove(key)?;
    let first_received = before.map_or(received, |before| before.3);
    alarms.insert(key, (change.change, record.0, record.1, first_received))?;
    let mut open = transaction.open_table(OPEN)?;
    if change.phase == AlarmPhase::Ended {
        open.remove(key)?;
    } else {
        open.insert(key, ())?;
    }
    Ok(())
}

/// The name of an event and when it happened.
struct Place {
    epoch: Epoch,
    seq: Seq,
    at: Stamp,
}

fn index_event(
    transaction: &WriteTransaction,
    post: &PostId,
    place: Place,
    event: &Event,
    received: WallTime,
) -> Result<(), StoreError> {
    let answer = |refused| Answer {
        at: place.at,
        received,
        refused,
    };
    match event {
        Event::Anchor(anchor) => index_anchor(transaction, post, place.epoch, anchor),
        Event::Seen {
            alarm,
            by,
            by_id,
            command,
        } => {
            let key = (post.as_str(), alarm.epoch.0, alarm.number, *command);
            if let Some(by_id) = by_id {
                transaction.open_table(SEEN_BY)?.insert(key, by_id.as_str())?;
            }
            confirm(transaction, key, by, received.as_unix_ns())
        }
        Event::Message { command, .. } | Event::LimitProposed { command, .. } => {
            keep_answer(transaction, post, *command, answer(None))
        }
        Event::CommandRefused { command, reason } => {
            keep_answer(transaction, post, *command, answer(Some(*reason)))
        }
        Event::Deed { deed, at, command } => {
            deeds::confirm(transaction, post, (deed, *at), *command)?;
            keep_answer(transaction, post, *command, answer(None))
        }
        Event::Expired { alarm } => deeds::expire(transaction, post, *alarm, received),
        Event::Outage(_) => {
            let key = (post.as_str(), received.as_unix_ns(), place.epoch.0, place.seq.0);
            transaction.open_table(OUTAGES)?.insert(key, ())?;
            Ok(())
        }
        Event::Started { .. }
        | Event::Bound(_)
        | Event::Lost { .. }
        | Event::StoreSetAside { .. }
        | Event::MessageRead { .. }
        | Event::LimitsSet(_)
        | Event::Signals { .. }
        | Event::Discharged(_)
        | Event::Transferred(_)
        | Event::Observed(_)
        | Event::CareTold(_)
        | Event::NoteWritten(_)
        | Event::NoteWithdrawn(_)
        | Event::HandoverOffered(_)
        | Event::HandoverAccepted(_) => Ok(()),
        Event::Audited(entry) => proofs::take_entry(transaction, post, entry),
        Event::AuditHead(signed) => proofs::take_head(transaction, post, (place.epoch, place.seq), signed),
        Event::Identified(_)
        | Event::SpecimenTaken(_)
        | Event::Lab(_)
        | Event::LabAssigned(_)
        | Event::LabSetAside(_)
        | Event::Merged { .. } => index_patients(transaction, post, &place, event),
    }
}

fn index_patients(
    transaction: &WriteTransaction,
    post: &PostId,
    place: &Place,
    event: &Event,
) -> Result<(), StoreError> {
    let order = (place.epoch.0, place.seq.0);
    let key = (post.as_str(), order.0, order.1);
    transaction.open_table(PATIENTS)?.insert(key, ())?;
    if let Event::Identified(identified) = event {
        let mut latest = transaction.open_table(IDENTIFIED)?;
        let key = (post.as_str(), identified.bed.as_str());
        let before = latest.get(key)?.map(|row| row.value());
        if before.is_none_or(|before| before < order) {
            latest.insert(key, order)?;
        }
    }
    Ok(())
}

/// The first answer to a command counts; nobody waits for it any more.
fn keep_answer(
    transaction: &WriteTransaction,
    post: &PostId,
    command: u128,
    answer: Answer,
) -> Result<(), StoreError> {
    let mut answers = transaction.open_table(ANSWERS)?;
    if answers.get((post.as_str(), command))?.is_none() {
        answers.insert((post.as_str(), command), answer_row(&answer))?;
    }
    transaction
        .open_table(PENDING)?
        .remove((post.as_str(), command))?;
    Ok(())
}

fn index_anchor(
    transaction: &WriteTransaction,
    post: &PostId,
    epoch: Epoch,
    anchor: &ClockAnchor,
) -> Result<(), StoreError> {
    let mut anchors = transaction.open_table(ANCHORS)?;
    let key = (post.as_str(), anchor.boot.0);
    let before = anchors.get(key)?.map(|row| anchor_of(anchor.boot.0, row.value()));
    if before.is_none_or(|before| (before.trust, before.mono) <= (anchor.trust, anchor.mono)) {
        anchors.insert(key, anchor_row(epoch.0, anchor))?;
    }
    Ok(())
}

/// A command of ours is confirmed; one of another centre is noted.
fn confirm(
    transaction: &WriteTransaction,
    key: (&str, u64, u32, u128),
    by: &str,
    received: i64,
) -> Result<(), StoreError> {
    let mut seen = transaction.open_table(SEEN)?;
    let before = seen.get(key)?.map(|row| {
        let (by, at, expires, _) = row.value();
        (by.to_owned(), at, expires)
    });
    let (by, at, expires) = before.unwrap_or_else(|| (by.to_owned(), received, received));
    seen.insert(key, (by.as_str(), at, expires, true))?;
    transaction.open_table(PENDING)?.remove((key.0, key.3))?;
    Ok(())
}

/// What these envelopes say about the audits of their posts.
fn judge_audits(
    transaction: &WriteTransaction,
    marks: &mut Marks<'_>,
    applied: &mut [Applied],
) -> Result<(), StoreError> {
    let mut judged = BTreeSet::new();
    for one in applied.iter_mut().rev() {
        let is_of_audit = |(_, record): &(Seq, Record)| {
            matches!(
                record,
                Record::Event {
                    event: Event::Audited(_)
                        | Event::AuditHead(_)
                        | Event::Started { .. }
                        | Event::Lost { .. },
                    ..
                }
            )
        };
        if !one.new.iter().any(is_of_audit) || !judged.insert(one.post.clone()) {
            continue;
        }
        let post = one.post.clone();
        proofs::judge(transaction, &post, |epoch, seq| {
            marks.events_may_come(&post, epoch, seq)
        })?;
        let (heads, lost) = (
            transaction.open_table(POST_HEADS)?,
            transaction.open_table(POST_LOST)?,
        );
        one.audit = Some(proofs::standing(&heads, &lost, &post)?);
    }
    Ok(())
}

/// The marks that this transaction has touched.
struct Marks<'t> {
    rows: HeldRows<'t>,
    aside: Table<'t, &'static str, u64>,
    changed: BTreeMap<(PostId, Epoch, Lane), Held>,
}

impl Marks<'_> {
    fn of(&mut self, post: &PostId, epoch: Epoch, lane: Lane) -> Result<&mut Held, StoreError> {
        match self.changed.entry((post.clone(), epoch, lane)) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let row = self.rows.get((post.as_str(), epoch.0, lane_number(lane)))?;
                let held = row.map_or(Some(Held::default()), |row| Held::from_bytes(row.value()));
                Ok(entry.insert(held.ok_or_else(|| StoreError::Damaged {
                    table: "marks",
                    post: post.to_string(),
                })?))
            }
        }
    }

    /// The same after everything that is known about the lane: of a run whose card was set aside nothing more comes.
    fn final_of(&mut self, post: &PostId, epoch: Epoch, lane: Lane) -> Result<&Held, StoreError> {
        let aside = self.aside.get(post.as_str())?.map_or(0, |row| row.value());
        let held = self.of(post, epoch, lane)?;
        if epoch.0 < aside {
            held.give_up_all();
        }
        Ok(held)
    }

    /// S3: what the events of a post say about lanes: closed epochs, records given up, a store that was set aside.
    fn settle_by_events(
        &mut self,
        post: &PostId,
        epoch: Epoch,
        new: &[(Seq, Record)],
    ) -> Result<Vec<(Epoch, Lane)>, StoreError> {
        let mut moved = Vec::new();
        for (_, record) in new {
            match record {
                Record::Event {
                    event: Event::Started { closed, .. },
                    ..
                } => {
                    for closed in closed {
                        self.of(post, closed.epoch, closed.lane)?.close(closed.last_seq);
                        moved.push((closed.epoch, closed.lane));
                    }
                }
                Record::Event {
                    event:
                        Event::Lost {
                            epoch,
                            lane,
                            first,
                            last,
                        },
                    ..
                } if first <= last => {
                    if let Err(error) = self.of(post, *epoch, *lane)?.give_up(*first, *last) {
                        tracing::warn!(post.id = %post, %epoch, %lane, "a reported loss is not taken: {error}");
                    }
                    moved.push((*epoch, *lane));
                }
                Record::Event {
                    event: Event::StoreSetAside { .. },
                    ..
                } => {
                    let before = self.aside.get(post.as_str())?.map_or(0, |row| row.value());
                    self.aside.insert(post.as_str(), before.max(epoch.0))?;
                    for (earlier, lane) in self.earlier(post, epoch)? {
                        if self.of(post, earlier, lane)?.lacking(Seq(0)) > 0 {
                            moved.push((earlier, lane));
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(moved)
    }

    /// The lanes of earlier epochs: stored ones and those that this transaction has begun.
    fn earlier(&self, post: &PostId, epoch: Epoch) -> Result<BTreeSet<(Epoch, Lane)>, StoreError> {
        let begun = self.changed.keys().filter(|(of, ..)| of == post);
        let mut lanes: BTreeSet<(Epoch, Lane)> = begun.map(|(_, epoch, lane)| (*epoch, *lane)).collect();
        for row in self
            .rows
            .range((post.as_str(), 0, 0)..(post.as_str(), epoch.0, 0))?
        {
            let (_, epoch, lane) = row?.0.value();
            lanes.extend(lane_of(lane).map(|lane| (Epoch(epoch), lane)));
        }
        lanes.retain(|(earlier, _)| *earlier < epoch);
        Ok(lanes)
    }

    /// Events up to this place that are not here may still come.
    fn events_may_come(&mut self, post: &PostId, epoch: Epoch, seq: Seq) -> Result<bool, StoreError> {
        for (earlier, lane) in self.earlier(post, epoch)? {
            if lane == Lane::Events && self.final_of(post, earlier, lane)?.lacking(Seq(0)) > 0 {
                return Ok(true);
            }
        }
        Ok(self.final_of(post, epoch, Lane::Events)?.contiguous() < seq)
    }

    fn write(mut self) -> Result<(), StoreError> {
        for ((post, epoch, lane), held) in &self.changed {
            let key = (post.as_str(), epoch.0, lane_number(*lane));
            self.rows.insert(key, held.to_bytes().as_slice())?;
        }
        Ok(())
    }
}
