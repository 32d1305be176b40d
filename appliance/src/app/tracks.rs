//! How far each open alarm got on its way to the doctors, and who there has seen it (I6).

use std::collections::BTreeMap;

use vitals::{AlarmChange, AlarmId, MonoTime, RecordId};

use crate::relay::CentreState;
use crate::store::Cursor;
use crate::web::live;

/// "Seen" marks kept per alarm; more people than this do not fit on a tile.
const SEEN_MARKS_MAX: usize = 8;

/// The open alarms' tracks.
#[derive(Default)]
pub(super) struct Tracks {
    alarms: BTreeMap<AlarmId, Track>,
}

#[derive(Default)]
struct Track {
    /// The record of its latest change; none for an alarm from before this start.
    record: Option<RecordId>,
    seen: Vec<live::SeenMark>,
    /// How far that record got, and since when.
    step: Option<(live::Delivery, Option<MonoTime>)>,
}

impl Tracks {
    /// The tracks of alarms that are still open from before this start.
    pub fn of(open: &[AlarmChange]) -> Tracks {
        Tracks {
            alarms: open.iter().map(|change| (change.id, Track::default())).collect(),
        }
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
        let track = self.alarms.entry(alarm).or_default();
        track.record = Some(record);
        track.step = None;
    }

    /// An alarm is over.
    pub fn forget(&mut self, alarm: AlarmId) {
        self.alarms.remove(&alarm);
    }

    /// Whether an alarm is followed: it is open.
    pub fn is_open(&self, alarm: AlarmId) -> bool {
        self.alarms.contains_key(&alarm)
    }

    /// Who saw an alarm.
    pub fn marks(&self, alarm: AlarmId) -> Vec<live::SeenMark> {
        self.alarms
            .get(&alarm)
            .map(|track| track.seen.clone())
            .unwrap_or_default()
    }

    /// How far an open alarm's latest change got, and since when. Looked at ten times a second: a step is noted when
    /// it is first seen.
    pub fn delivery(
        &mut self,
        alarm: AlarmId,
        way: &Way,
        now: MonoTime,
    ) -> (live::Delivery, Option<MonoTime>) {
        let track = self.alarms.entry(alarm).or_default();
        let reached = |cursor: Cursor| match track.record {
            Some(id) => {
                let (epoch, seq) = (id.epoch, id.seq);
                cursor >= Cursor { epoch, seq }
            }
            // An alarm from before this start: it is there when nothing waits.
            None => cursor == way.confirmed && way.waiting == 0,
        };
        let step = match way.centre {
            CentreState::NotConfigured => live::Delivery::NoCentre,
            _ if reached(way.confirmed) => live::Delivery::AtCentre,
            CentreState::Unreachable | CentreState::Connecting => live::Delivery::Queued,
            // Heard a moment ago, and the link is gone.
            CentreState::Up if way.sent == Cursor::START => live::Delivery::Queued,
            CentreState::Up if reached(way.sent) => live::Delivery::Sent,
            CentreState::Up => live::Delivery::Created,
        };
        if track.step.map(|(known, _)| known) != Some(step) {
            // Where it stands at the first look is how it was found: the time of that is not known.
            let since = (track.step.is_some() || track.record.is_some()).then_some(now);
            track.step = Some((step, since));
        }
        track.step.unwrap_or((step, None))
    }
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
mod tests {
    use super::*;

    #[test]
    fn i6_each_step_of_an_alarm_is_told_with_its_time() {
        let alarm = AlarmId {
            epoch: vitals::Epoch(1),
            number: 1,
        };
        let place = |seq| Cursor {
            epoch: vitals::Epoch(1),
            seq: vitals::Seq(seq),
        };
        let mut tracks = Tracks::default();
        let record = RecordId {
            epoch: vitals::Epoch(1),
            lane: vitals::Lane::Alerts,
            seq: vitals::Seq(3),
        };
        tracks.recorded(alarm, record);
        let mut look = |centre, sent, confirmed, s: u64| {
            let way = Way {
                centre,
                sent: place(sent),
                confirmed: place(confirmed),
                waiting: 1,
            };
            let (step, since) = tracks.delivery(alarm, &way, MonoTime::from_ms(s * 1_000));
            (step, since.map(|at| at.as_ms() / 1_000))
        };
        use CentreState::{Connecting, NotConfigured, Unreachable, Up};
        assert_eq!(look(Connecting, 0, 0, 1), (live::Delivery::Queued, Some(1)));
        assert_eq!(look(Unreachable, 0, 2, 9), (live::Delivery::Queued, Some(1)));
        assert_eq!(look(Up, 2, 2, 10), (live::Delivery::Created, Some(10)));
        assert_eq!(look(Up, 3, 2, 11), (live::Delivery::Sent, Some(11)));
        assert_eq!(look(Up, 3, 2, 12), (live::Delivery::Sent, Some(11)));
        assert_eq!(
            look(Unreachable, 3, 2, 40),
            (live::Delivery::Queued, Some(40)),
            "sent and never confirmed: it goes again"
        );
        let mut cut = Way {
            centre: Up,
            sent: Cursor::START,
            confirmed: place(2),
            waiting: 1,
        };
        let mut tracks = Tracks::default();
        tracks.recorded(alarm, record);
        let now = MonoTime::from_ms(41_000);
        assert_eq!(
            tracks.delivery(alarm, &cut, now).0,
            live::Delivery::Queued,
            "the link broke a moment ago"
        );
        cut.sent = place(2);
        assert_eq!(tracks.delivery(alarm, &cut, now).0, live::Delivery::Created);
        assert_eq!(look(Up, 3, 3, 50), (live::Delivery::AtCentre, Some(50)));
        assert_eq!(
            look(Unreachable, 0, 3, 99),
            (live::Delivery::AtCentre, Some(50)),
            "confirmed is confirmed"
        );
        assert_eq!(look(NotConfigured, 0, 0, 100).0, live::Delivery::NoCentre);
    }

    #[test]
    fn a_person_who_says_seen_twice_stands_there_once_and_a_crowd_has_a_bound() {
        let alarm = AlarmId {
            epoch: vitals::Epoch(1),
            number: 1,
        };
        let mut tracks = Tracks {
            alarms: BTreeMap::from([(alarm, Track::default())]),
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
