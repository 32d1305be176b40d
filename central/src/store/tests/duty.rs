//! Who is on duty is there after a restart, whole, and calls are found again with their alarm.

use vitals::delivery::{Act, CENTRE_ITSELF, Deed};

use super::*;
use crate::duty::{Change, Known, Rung, Shift, Whom};
use crate::store::tables::{DUTY, DUTY_KEY};

const NOW: WallTime = WallTime::from_unix_ms(1_795_392_000_000);

#[test]
fn roster_stints_offers_and_ladders_are_the_same_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("central.redb");
    let store = RedbStore::open(&file).unwrap();
    assert_eq!(store.duty().unwrap(), Duty::default(), "nothing was set up");
    let mut known = Known {
        duty: Duty::default(),
        doctors: ["ann", "ben"].map(|id| (id.to_owned(), id.to_owned())).into(),
    };
    let shift = Shift {
        day: 4,
        from_min: 1_200,
        to_min: 480,
        doctor: "ben".to_owned(),
    };
    let whom = Whom::Doctor { id: "ben".to_owned() };
    let rungs = vec![Rung { after_min: 2, whom }];
    let until = WallTime::from_unix_ms(NOW.as_unix_ms() + 3_600_000);
    for change in [
        Change::AddShift(shift),
        Change::Offset(330),
        Change::Ladder(Priority::High, rungs),
        Change::Take(until),
        Change::Offer("ben".to_owned()),
    ] {
        known.duty = known.changed("ann", &change, NOW).unwrap().0;
        store.keep_duty(&known.duty).unwrap();
    }
    drop(store);
    let store = RedbStore::open(&file).unwrap();
    assert_eq!(store.duty().unwrap(), known.duty);
    assert_eq!(known.present(NOW)[0].offered_to.as_deref(), Some("ben"));
}

#[test]
fn a_row_that_cannot_be_read_is_said_and_not_taken_for_an_empty_roster() {
    let folder = tempfile::tempdir().unwrap();
    let store = RedbStore::open(&folder.path().join("central.redb")).unwrap();
    let damage = store.write(|transaction| {
        let mut rows = transaction.open_table(DUTY)?;
        rows.insert(DUTY_KEY, b"{".as_slice())?;
        Ok(())
    });
    damage.unwrap();
    assert!(matches!(store.duty(), Err(StoreError::DutyDamaged)));
}

#[test]
fn s4_a_call_is_found_again_with_its_alarm() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("central.redb");
    let store = RedbStore::open(&file).unwrap();
    let alarm = AlarmId {
        epoch: Epoch(1),
        number: 1,
    };
    let deed = Deed {
        alarm,
        by: "Centre".to_owned(),
        by_id: CENTRE_ITSELF.to_owned(),
        act: Act::Called {
            priority: Priority::High,
            rung: 1,
            to: vec![("Dr Ann".to_owned(), "ann".to_owned())],
        },
    };
    let command = Command {
        id: 7,
        issued: NOW,
        expires: NOW,
        kind: CommandKind::Deed(deed.clone()),
    };
    store.apply(&[vitals(1, 1)]).unwrap();
    // The same rung again is the same row.
    store.keep_command(&post(), &command).unwrap();
    store.keep_command(&post(), &command).unwrap();
    drop(store);
    let store = RedbStore::open(&file).unwrap();
    let standing = store.standing().unwrap();
    let marks: Vec<&Deed> = standing
        .iter()
        .flat_map(|post| &post.deeds)
        .map(|mark| &mark.deed)
        .collect();
    assert_eq!(marks, [&deed]);
}
