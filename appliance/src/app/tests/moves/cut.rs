//! What a power cut leaves of a move.

use super::*;

/// A word about a bed as it would have been recorded.
fn word(n: usize, admission: &AdmissionId, family: &str, vacant: bool) -> Event {
    Event::Identified(Box::new(Identified {
        bed: bed(n),
        admission: admission.clone(),
        identity: if vacant {
            Identity::default()
        } else {
            person("PT-7", family)
        },
        by: "Grace".to_owned(),
        category: None,
        vacant,
        perhaps: None,
    }))
}

/// The power goes when only these events of a move are on the card.
fn cut_after(rig: &mut Rig, events: impl IntoIterator<Item = Event>) {
    let at = rig.time.now();
    for event in events {
        rig.store().append(Record::Event { at, event });
    }
    rig.restart();
    let stays = [rig.patient(1).admission, rig.patient(2).admission];
    assert_ne!(stays[0], stays[1], "i3: one stay in two beds");
    rig.restart();
    assert_eq!(
        stays,
        [rig.patient(1).admission, rig.patient(2).admission],
        "and once is enough"
    );
}

fn bed_pair() -> (BedId, BedId) {
    (bed(1), bed(2))
}

#[test]
fn i3_a_start_that_finds_only_the_beginning_of_a_move_finishes_it() {
    let (from, to) = bed_pair();
    let by = || "Grace".to_owned();
    for (swap, words) in [
        (true, 0),
        (true, 1),
        (true, 2),
        (false, 0),
        (false, 1),
        (false, 2),
    ] {
        let mut rig = rig();
        rig.specimen(1, "S-1", false).unwrap();
        rig.lab(hgb("S-1", "7.9", LabFlag::Low));
        if !swap {
            rig.discharge(2, Disposition::Home).unwrap();
        }
        let (doe, other) = (rig.patient(1).admission, rig.patient(2).admission);
        let left = if swap {
            word(1, &other, "Karim", false)
        } else {
            word(1, &AdmissionId::begun(&from, vitals::Epoch(7), 7), "", true)
        };
        let told = Event::Transferred(Transferred {
            admission: doe.clone(),
            from: from.clone(),
            to: to.clone(),
            by: by(),
        });
        let all = [told, left, word(2, &doe, "Doe", false)];
        cut_after(&mut rig, all.into_iter().take(words + 1));
        let told = format!("swap {swap}, {words} words");
        assert_eq!(
            (rig.patient(2).admission, rig.family(2)),
            (doe, "Doe".to_owned()),
            "{told}"
        );
        assert_eq!(rig.patient(2).results.len(), 1, "{told}");
        assert_eq!(rig.is_vacant(1), !swap, "{told}");
        if swap {
            assert_eq!(
                (rig.patient(1).admission, rig.family(1)),
                (other, "Karim".to_owned()),
                "{told}"
            );
        }
    }
    let mut rig = rig();
    let discharged = Discharged {
        bed: from,
        admission: rig.patient(1).admission,
        disposition: Disposition::Home,
        by: by(),
    };
    cut_after(&mut rig, [Event::Discharged(discharged.clone())]);
    assert!(rig.is_vacant(1));
    assert_eq!(rig.earlier().stays[0].admission, discharged.admission);
}

#[test]
fn i3_records_that_put_one_stay_into_two_beds_leave_it_in_neither() {
    let mut rig = rig();
    let doe = rig.patient(1).admission;
    cut_after(&mut rig, [word(2, &doe, "Doe", false)]);
    for n in [1, 2] {
        assert!(rig.patient(n).admission != doe && rig.patient(n).identity.is_none());
    }
}
