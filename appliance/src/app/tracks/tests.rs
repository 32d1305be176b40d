//! How far an alarm got, step by step, and what happens when nobody answers.

use live::Delivery::At;

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
    tracks.recorded(alarm, record, MonoTime::BOOT);
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
    assert_eq!(look(Connecting, 0, 0, 1), (At(State::Queued), Some(1)));
    assert_eq!(look(Unreachable, 0, 2, 9), (At(State::Queued), Some(1)));
    assert_eq!(look(Up, 2, 2, 10), (At(State::Created), Some(10)));
    assert_eq!(look(Up, 3, 2, 11), (At(State::Sent), Some(11)));
    assert_eq!(look(Up, 3, 2, 12), (At(State::Sent), Some(11)));
    assert_eq!(
        look(Unreachable, 3, 2, 40),
        (At(State::Queued), Some(40)),
        "sent and never confirmed: it goes again"
    );
    let mut cut = Way {
        centre: Up,
        sent: Cursor::START,
        confirmed: place(2),
        waiting: 1,
    };
    let mut tracks = Tracks::default();
    tracks.recorded(alarm, record, MonoTime::BOOT);
    let now = MonoTime::from_ms(41_000);
    assert_eq!(
        tracks.delivery(alarm, &cut, now).0,
        At(State::Queued),
        "the link broke a moment ago"
    );
    cut.sent = place(2);
    assert_eq!(tracks.delivery(alarm, &cut, now).0, At(State::Created));
    assert_eq!(look(Up, 3, 3, 50), (At(State::AtCentre), Some(50)));
    assert_eq!(
        look(Unreachable, 0, 3, 99),
        (At(State::AtCentre), Some(50)),
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
        ..Tracks::default()
    };
    tracks.seen(alarm, who("Dr A"), 1, Some(MonoTime::from_ms(5)));
    tracks.seen(alarm, who("Dr A"), 2, Some(MonoTime::from_ms(9)));
    assert_eq!(
        tracks.marks(alarm),
        [live::SeenMark {
            by: "Dr A".to_owned(),
            at_ms: Some(5)
        }]
    );
    (0..20).for_each(|n| tracks.seen(alarm, who(&format!("Dr {n}")), 3 + n, None));
    assert_eq!(tracks.marks(alarm).len(), SEEN_MARKS_MAX);
}

fn who(name: &str) -> (String, Option<String>) {
    (name.to_owned(), Some(name.to_lowercase()))
}
