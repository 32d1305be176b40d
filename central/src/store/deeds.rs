//! What doctors did with alarms, and which nobody had read in time.

use redb::{ReadTransaction, ReadableTable, WriteTransaction};
use vitals::delivery::Deed;
use vitals::wire::{Command, CommandKind};
use vitals::{AlarmId, PostId, WallTime};

use super::tables::{ANSWERS, DEEDS, EXPIRED, PENDING, answer_of};
use super::{DeedMark, StoreError};

/// S4: a command of a doctor.
pub(super) fn keep(
    transaction: &WriteTransaction,
    post: &PostId,
    command: &Command,
    alarm: AlarmId,
) -> Result<(), StoreError> {
    let key = (post.as_str(), alarm.epoch.0, alarm.number, command.id);
    transaction
        .open_table(DEEDS)?
        .insert(key, command.encode().as_slice())?;
    let mut pending = transaction.open_table(PENDING)?;
    pending.insert((post.as_str(), command.id), (alarm.epoch.0, alarm.number))?;
    Ok(())
}

/// The post has applied a command; one of another centre is noted.
pub(super) fn confirm(
    transaction: &WriteTransaction,
    post: &PostId,
    (deed, at): (&Deed, WallTime),
    command: u128,
) -> Result<(), StoreError> {
    let key = (post.as_str(), deed.alarm.epoch.0, deed.alarm.number, command);
    let mut deeds = transaction.open_table(DEEDS)?;
    if deeds.get(key)?.is_none() {
        let foreign = Command {
            id: command,
            issued: at,
            expires: at,
            kind: CommandKind::Deed(deed.clone()),
        };
        deeds.insert(key, foreign.encode().as_slice())?;
    }
    Ok(())
}

/// Nobody had read it in time.
pub(super) fn expire(
    transaction: &WriteTransaction,
    post: &PostId,
    alarm: AlarmId,
    received: WallTime,
) -> Result<(), StoreError> {
    let key = (post.as_str(), alarm.epoch.0, alarm.number);
    let mut expired = transaction.open_table(EXPIRED)?;
    if expired.get(key)?.is_none() {
        expired.insert(key, received.as_unix_ns())?;
    }
    Ok(())
}

/// What was done with some alarms, and which of them expired, with when that came.
pub(super) type OfAlarms = (Vec<DeedMark>, Vec<(AlarmId, WallTime)>);

/// All that was done with these alarms, and which of them expired.
pub(super) fn of_alarms(
    transaction: &ReadTransaction,
    post: &PostId,
    alarms: impl IntoIterator<Item = AlarmId>,
) -> Result<OfAlarms, StoreError> {
    let (rows, answers) = (transaction.open_table(DEEDS)?, transaction.open_table(ANSWERS)?);
    let over = transaction.open_table(EXPIRED)?;
    let damaged = || StoreError::Damaged {
        table: "what was done with an alarm",
        post: post.to_string(),
    };
    let (mut marks, mut expired) = (Vec::new(), Vec::new());
    for alarm in alarms {
        let (epoch, number) = (alarm.epoch.0, alarm.number);
        if let Some(at) = over.get((post.as_str(), epoch, number))? {
            expired.push((alarm, WallTime::from_unix_ns(at.value())));
        }
        let key = |command| (post.as_str(), epoch, number, command);
        for row in rows.range(key(0)..=key(u128::MAX))? {
            let (_, value) = row?;
            let command = Command::decode(value.value()).map_err(|_| damaged())?;
            let CommandKind::Deed(deed) = command.kind else {
                return Err(damaged());
            };
            let answer = answers.get((post.as_str(), command.id))?;
            let answer = answer.map(|row| answer_of(row.value()));
            marks.push(DeedMark {
                deed,
                command: command.id,
                at: command.issued,
                expires: command.expires,
                confirmed: answer.is_some_and(|answer| answer.refused.is_none()),
                refused: answer.and_then(|answer| answer.refused),
            });
        }
    }
    Ok((marks, expired))
}
