//! What the live picture starts from after a restart: a few rows per post, not the whole history.

use std::collections::BTreeSet;

use redb::{ReadTransaction, ReadableTable};
use vitals::wire::{Command, PostState};
use vitals::{AlarmId, ClockAnchor, Epoch, Lane, PostId, Record, Seq, WallTime};

use super::read::{BlockRows, one};
use super::tables::{
    ALARMS, ANCHORS, ANSWERS, BLOCKS, HELD, IDENTIFIED, LATEST, OPEN, OUTAGES, OVER, PATIENTS, PENDING,
    POSTS, SEEN, SEEN_BY,
};
use super::tables::{POST_HEADS, POST_LOST, SENT, anchor_of, answer_of, lane_of};
use super::{AlarmStanding, ENDED_ALARMS_MAX, Held, LaneHeld, PostStanding, SeenMark, Sent, StoreError};
use super::{OUTAGES_MAX, PATIENT_EVENTS_MAX, SENT_MAX, Stored, deeds, proofs};

pub(super) fn standing(transaction: &ReadTransaction) -> Result<Vec<PostStanding>, StoreError> {
    let blocks = transaction.open_table(BLOCKS)?;
    let (heads, lost) = (
        transaction.open_table(POST_HEADS)?,
        transaction.open_table(POST_LOST)?,
    );
    let mut all = Vec::new();
    for post in posts(transaction)? {
        let alarms = alarms(transaction, &blocks, &post)?;
        let state = transaction.open_table(POSTS)?.get(post.as_str())?;
        let state = state.map(|row| PostState::decode(row.value()));
        let state = state.transpose().map_err(|_| damaged("the state", &post))?;
        let present = state.as_ref().map(|state| state.epoch);
        let of = of_interest(transaction, &post, &alarms)?;
        let (deeds, expired) = deeds::of_alarms(transaction, &post, of.iter().copied())?;
        all.push(PostStanding {
            deeds,
            expired,
            state,
            anchors: anchors(transaction, &post)?,
            latest: latest(transaction, &blocks, &post)?,
            seen: seen(transaction, &post, &of)?,
            alarms,
            sent: sent(transaction, &post)?,
            outages: outages(transaction, &blocks, &post)?,
            lanes: lanes(transaction, &post, present)?,
            patients: patients(transaction, &blocks, &post)?,
            audit: proofs::standing(&heads, &lost, &post)?,
            post,
        });
    }
    Ok(all)
}

fn damaged(table: &'static str, post: &PostId) -> StoreError {
    StoreError::Damaged {
        table,
        post: post.to_string(),
    }
}

/// Every post that ever said something: those that told their state and those that only sent records.
fn posts(transaction: &ReadTransaction) -> Result<BTreeSet<PostId>, StoreError> {
    let mut found = BTreeSet::new();
    let mut add = |post: &str| {
        let id: PostId = post.parse().map_err(|_| StoreError::Damaged {
            table: "the id",
            post: post.to_owned(),
        })?;
        found.insert(id);
        Ok::<(), StoreError>(())
    };
    for row in transaction.open_table(POSTS)?.iter()? {
        add(row?.0.value())?;
    }
    for row in transaction.open_table(HELD)?.iter()? {
        add(row?.0.value().0)?;
    }
    Ok(found)
}

fn anchors(transaction: &ReadTransaction, post: &PostId) -> Result<Vec<(Epoch, ClockAnchor)>, StoreError> {
    let post = post.as_str();
    let rows = transaction.open_table(ANCHORS)?;
    let mut anchors = Vec::new();
    for row in rows.range((post, [0; 16])..=(post, [0xff; 16]))? {
        let (key, value) = row?;
        anchors.push((Epoch(value.value().0), anchor_of(key.value().1, value.value())));
    }
    Ok(anchors)
}

fn latest(
    transaction: &ReadTransaction,
    blocks: &BlockRows,
    post: &PostId,
) -> Result<Vec<Stored>, StoreError> {
    let rows = transaction.open_table(LATEST)?;
    let mut latest = Vec::new();
    for row in rows.range((post.as_str(), "", 0)..)? {
        let (key, value) = row?;
        if key.value().0 != post.as_str() {
            break;
        }
        let (epoch, _, seq) = value.value();
        let stored = one(blocks, post, Lane::Vitals, Epoch(epoch), Seq(seq))?;
        // What was the latest long ago may have been deleted for its age since.
        latest.extend(stored);
    }
    Ok(latest)
}

fn alarms(
    transaction: &ReadTransaction,
    blocks: &BlockRows,
    post: &PostId,
) -> Result<Vec<AlarmStanding>, StoreError> {
    let (rows, open) = (transaction.open_table(ALARMS)?, transaction.open_table(OPEN)?);
    let over = transaction.open_table(OVER)?;
    let of_post = (post.as_str(), 0, 0)..=(post.as_str(), u64::MAX, u32::MAX);
    let mut wanted = BTreeSet::new();
    for row in open.range(of_post.clone())? {
        let (_, epoch, number) = row?.0.value();
        wanted.insert((epoch, number));
    }
    for row in rows.range(of_post)?.rev().take(ENDED_ALARMS_MAX) {
        let (_, epoch, number) = row?.0.value();
        wanted.insert((epoch, number));
    }
    let mut alarms = Vec::new();
    for (epoch, number) in wanted {
        let row = rows.get((post.as_str(), epoch, number))?;
        let (change, of_epoch, seq, received) = row.ok_or_else(|| damaged("an alarm", post))?.value();
        let said_over = over.get((post.as_str(), epoch, number))?.map(|row| row.value());
        let epoch = of_epoch;
        match one(blocks, post, Lane::Alerts, Epoch(epoch), Seq(seq))?.map(|stored| stored.record) {
            Some(Record::Alarm(latest)) => alarms.push(AlarmStanding {
                epoch: Epoch(epoch),
                change: latest,
                is_over: said_over == Some(change),
                received: WallTime::from_unix_ns(received),
            }),
            _ => return Err(damaged("an alarm", post)),
        }
    }
    Ok(alarms)
}

/// These alarms, and every one about which a command waits for its answer.
fn of_interest(
    transaction: &ReadTransaction,
    post: &PostId,
    alarms: &[AlarmStanding],
) -> Result<BTreeSet<AlarmId>, StoreError> {
    let mut of: BTreeSet<AlarmId> = alarms.iter().map(|alarm| alarm.change.id).collect();
    let pending = transaction.open_table(PENDING)?;
    for row in pending.range((post.as_str(), 0)..=(post.as_str(), u128::MAX))? {
        let (epoch, number) = row?.1.value();
        of.insert(AlarmId {
            epoch: Epoch(epoch),
            number,
        });
    }
    Ok(of)
}

fn seen(
    transaction: &ReadTransaction,
    post: &PostId,
    of: &BTreeSet<AlarmId>,
) -> Result<Vec<SeenMark>, StoreError> {
    let (rows, answers) = (transaction.open_table(SEEN)?, transaction.open_table(ANSWERS)?);
    let accounts = transaction.open_table(SEEN_BY)?;
    let mut marks = Vec::new();
    for alarm in of.iter().copied() {
        let key = |command| (post.as_str(), alarm.epoch.0, alarm.number, command);
        for row in rows.range(key(0)..=key(u128::MAX))? {
            let (key, value) = row?;
            let (by, at, expires, confirmed) = value.value();
            let answer = answers.get((post.as_str(), key.value().3))?;
            marks.push(SeenMark {
                alarm,
                command: key.value().3,
                by: by.to_owned(),
                by_id: accounts.get(key.value())?.map(|row| row.value().to_owned()),
                at: WallTime::from_unix_ns(at),
                expires: WallTime::from_unix_ns(expires),
                confirmed,
                refused: answer.and_then(|row| answer_of(row.value()).refused),
            });
        }
    }
    Ok(marks)
}

fn sent(transaction: &ReadTransaction, post: &PostId) -> Result<Vec<Sent>, StoreError> {
    let (rows, answers) = (transaction.open_table(SENT)?, transaction.open_table(ANSWERS)?);
    let of_post = (post.as_str(), i64::MIN, 0)..=(post.as_str(), i64::MAX, u128::MAX);
    let mut sent = Vec::new();
    for row in rows.range(of_post)?.rev().take(SENT_MAX) {
        let (key, value) = row?;
        let answer = answers.get((post.as_str(), key.value().2))?;
        sent.push(Sent {
            command: Command::decode(value.value()).map_err(|_| damaged("a command", post))?,
            answer: answer.map(|row| answer_of(row.value())),
        });
    }
    sent.reverse();
    Ok(sent)
}

fn outages(
    transaction: &ReadTransaction,
    blocks: &BlockRows,
    post: &PostId,
) -> Result<Vec<Stored>, StoreError> {
    let rows = transaction.open_table(OUTAGES)?;
    let of_post = (post.as_str(), i64::MIN, 0, 0)..=(post.as_str(), i64::MAX, u64::MAX, u64::MAX);
    let mut outages = Vec::new();
    for row in rows.range(of_post)?.rev().take(OUTAGES_MAX) {
        let (_, _, epoch, seq) = row?.0.value();
        let stored = one(blocks, post, Lane::Events, Epoch(epoch), Seq(seq))?;
        outages.push(stored.ok_or_else(|| damaged("an outage report", post))?);
    }
    outages.reverse();
    Ok(outages)
}

/// The newest events about patients and results, and the latest word on each bed, in the order of the lane.
fn patients(
    transaction: &ReadTransaction,
    blocks: &BlockRows,
    post: &PostId,
) -> Result<Vec<Stored>, StoreError> {
    let mut wanted = BTreeSet::new();
    let rows = transaction.open_table(IDENTIFIED)?;
    for row in rows.range((post.as_str(), "")..)? {
        let (key, place) = row?;
        if key.value().0 != post.as_str() {
            break;
        }
        wanted.insert(place.value());
    }
    let rows = transaction.open_table(PATIENTS)?;
    let of_post = (post.as_str(), 0, 0)..=(post.as_str(), u64::MAX, u64::MAX);
    for row in rows.range(of_post)?.rev().take(PATIENT_EVENTS_MAX) {
        let (_, epoch, seq) = row?.0.value();
        wanted.insert((epoch, seq));
    }
    let event = |(epoch, seq)| {
        let stored = one(blocks, post, Lane::Events, Epoch(epoch), Seq(seq))?;
        stored.ok_or_else(|| damaged("an event about a patient", post))
    };
    wanted.into_iter().map(event).collect()
}

fn lanes(
    transaction: &ReadTransaction,
    post: &PostId,
    present: Option<Epoch>,
) -> Result<Vec<LaneHeld>, StoreError> {
    let rows = transaction.open_table(HELD)?;
    let mut lanes = Vec::new();
    for row in rows.range((post.as_str(), 0, 0)..=(post.as_str(), u64::MAX, u8::MAX))? {
        let (key, value) = row?;
        let (_, epoch, lane) = key.value();
        let held = Held::from_bytes(value.value()).ok_or_else(|| damaged("marks", post))?;
        let lane = lane_of(lane).ok_or_else(|| damaged("marks", post))?;
        lanes.push(LaneHeld {
            epoch: Epoch(epoch),
            lane,
            held,
        });
    }
    let latest = lanes.iter().map(|lane| lane.epoch).max();
    lanes.retain(|lane| {
        let is_present = Some(lane.epoch) == latest || Some(lane.epoch) == present;
        is_present || lane.held.lacking(Seq(0)) > 0
    });
    Ok(lanes)
}
