//! How far each open alarm got on its way to the doctors, and who there has seen it (I6).

use std::collections::{BTreeMap, VecDeque};

use vitals::{AlarmChange, AlarmId, Lane, MonoTime, RecordId};

use crate::store::{Cursor, Destination, Store};
use crate::web::live;

/// Commands remembered so that a repeated one is applied once.
const COMMANDS_REMEMBERED_MAX: usize = 1_024;

/// "Seen" marks kept per alarm; more people than this do not fit on a tile.
const SEEN_MARKS_MAX: usize = 8;

/// The open alarms' tracks, and the commands applied lately.
#[derive(Default)]
pub(super) struct Tracks {
    alarms: BTreeMap<AlarmId, Track>,
    commands: VecDeque<u128>,
}

#[derive(Default)]
struct Track {
    /// The record of its latest change; none for an alarm from before this start.
    record: Option<RecordId>,
    seen: Vec<live::SeenMark>,
}

impl Tracks {
    /// The tracks of alarms that are still open from before this start.
    pub fn of(open: &[AlarmChange]) -> Tracks {
        Tracks {
            alarms: open.iter().map(|change| (change.id, Track::default())).collect(),
            commands: VecDeque::new(),
        }
    }

    /// True for a command that was not applied lately; it counts as applied from now on.
    pub fn is_new(&mut self, command: u128) -> bool {
        if self.commands.contains(&command) {
            return false;
        }
        if self.commands.len() == COMMANDS_REMEMBERED_MAX {
            self.commands.pop_front();
        }
        self.commands.push_back(command);
        true
    }

    /// Somebody at the centre saw an alarm.
    pub fn seen(&mut self, alarm: AlarmId, by: String, at: Option<MonoTime>) {
        let Some(track) = self.alarms.get_mut(&alarm) else {
            return;
        };
        if track.seen.len() < SEEN_MARKS_MAX && track.seen.iter().all(|mark| mark.by != by) {
            track.seen.push(live::SeenMark {
                by,
                at_ms: at.map(MonoTime::as_ms),
            });
        }
    }

    /// An open alarm's latest change is this record.
    pub fn recorded(&mut self, alarm: AlarmId, record: RecordId) {
        self.alarms.entry(alarm).or_default().record = Some(record);
    }

    /// An alarm is over.
    pub fn forget(&mut self, alarm: AlarmId) {
        self.alarms.remove(&alarm);
    }

    /// Who saw an alarm.
    pub fn marks(&self, alarm: AlarmId) -> Vec<live::SeenMark> {
        self.alarms
            .get(&alarm)
            .map(|track| track.seen.clone())
            .unwrap_or_default()
    }

    /// How far an alarm got: the centre has confirmed everything up to its latest change, or not yet.
    pub fn delivery(&self, alarm: AlarmId, store: &Store) -> live::Delivery {
        let at_centre = match self.alarms.get(&alarm).and_then(|track| track.record) {
            Some(id) => {
                store.outbox_cursor(Destination::CENTRE, Lane::Alerts)
                    >= Cursor {
                        epoch: id.epoch,
                        seq: id.seq,
                    }
            }
            None => store.waiting(Destination::CENTRE, Lane::Alerts) == 0,
        };
        if at_centre {
            live::Delivery::AtCentre
        } else {
            live::Delivery::Waiting
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_applied_once_and_the_memory_of_commands_has_a_bound() {
        let mut tracks = Tracks::default();
        assert!(tracks.is_new(7));
        assert!(!tracks.is_new(7));
        for command in 100..100 + COMMANDS_REMEMBERED_MAX as u128 {
            assert!(tracks.is_new(command));
        }
        assert_eq!(tracks.commands.len(), COMMANDS_REMEMBERED_MAX);
    }

    #[test]
    fn a_person_who_says_seen_twice_stands_there_once_and_a_crowd_has_a_bound() {
        let alarm = AlarmId {
            epoch: vitals::Epoch(1),
            number: 1,
        };
        let mut tracks = Tracks {
            alarms: BTreeMap::from([(alarm, Track::default())]),
            ..Tracks::default()
        };
        tracks.seen(alarm, "Dr A".to_owned(), Some(MonoTime::from_ms(5)));
        tracks.seen(alarm, "Dr A".to_owned(), Some(MonoTime::from_ms(9)));
        assert_eq!(
            tracks.marks(alarm),
            [live::SeenMark {
                by: "Dr A".to_owned(),
                at_ms: Some(5)
            }]
        );
        (0..20).for_each(|n| tracks.seen(alarm, format!("Dr {n}"), None));
        assert_eq!(tracks.marks(alarm).len(), SEEN_MARKS_MAX);
    }
}
