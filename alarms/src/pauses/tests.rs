use super::*;
use crate::flood::Floods;
use vitals::{BootId, Condition, Epoch, Stamp};

fn s(seconds: u64) -> MonoTime {
    MonoTime::from_ms(1_000 * seconds)
}

fn bed(name: &str) -> SignalPlace {
    Some(name.parse().unwrap())
}

fn alarm(number: u32, at: &str, priority: Priority) -> AlarmChange {
    let stamp = Stamp {
        boot: BootId([1; 16]),
        mono: s(1),
    };
    AlarmChange {
        id: AlarmId {
            epoch: Epoch(1),
            number,
        },
        change: 1,
        condition: Condition::Desaturation,
        priority,
        phase: AlarmPhase::Active,
        bed: (!at.is_empty()).then(|| at.parse().unwrap()),
        device: None,
        admission: None,
        value: None,
        limit: None,
        unit: String::new(),
        text: String::new(),
        crossed: stamp,
        onset: stamp,
        at: s(1),
        onsets: 1,
        acknowledged_by: None,
    }
}

fn pausing(place: SignalPlace, what: Inactive) -> Pausing {
    Pausing {
        place,
        what,
        lasts: None,
    }
}

use Priority::{High, Low, Medium};

#[test]
fn a13_a_pause_of_the_sound_is_for_the_usual_time_for_its_bed_and_leaves_the_light() {
    let (one, two) = (alarm(1, "1", Medium), alarm(2, "2", High));
    let mut pauses = Pauses::default();
    let step = pauses.pause(
        pausing(bed("1"), Inactive::AudioPaused),
        &[&one, &two],
        "Grace",
        s(10),
    );
    let until = Some(s(130));
    let what = Inactive::AudioPaused;
    let by = "Grace".to_owned();
    assert_eq!(step, Ok((bed("1"), Inactivation::Paused { what, until, by })));
    assert_eq!((pauses.sounds(&one), pauses.flashes(&one)), (false, true));
    assert_eq!(
        (pauses.sounds(&two), pauses.flashes(&two)),
        (true, true),
        "the other bed"
    );
    assert!(pauses.tick(s(129)).is_empty());
    assert_eq!(
        pauses.tick(s(130)),
        [(bed("1"), Inactivation::Enabled(Resumed::TimeOver))]
    );
    assert!(pauses.sounds(&one));
}

#[test]
fn a13_what_was_not_among_the_paused_and_is_as_urgent_ends_the_pause() {
    let one = alarm(1, "1", Medium);
    let ends = |change: &AlarmChange| {
        let mut pauses = Pauses::default();
        pauses
            .pause(pausing(bed("1"), Inactive::AudioPaused), &[&one], "Grace", s(10))
            .unwrap();
        let steps = pauses.heard(change);
        assert_eq!(pauses.sounds(change), !steps.is_empty() || change.bed != bed("1"));
        steps
    };
    assert_eq!(
        ends(&alarm(2, "1", Medium)),
        [(
            bed("1"),
            Inactivation::Enabled(Resumed::NewAlarm(alarm(2, "1", Medium).id))
        )]
    );
    assert_eq!(ends(&alarm(2, "1", High)).len(), 1);
    assert!(
        ends(&alarm(2, "1", Low)).is_empty(),
        "less urgent than what was paused"
    );
    assert!(ends(&alarm(2, "2", High)).is_empty(), "of another bed");
    assert!(ends(&alarm(2, "", High)).is_empty(), "of the post");
    assert!(ends(&one).is_empty(), "the paused one");
    let again = AlarmChange {
        onsets: 2,
        ..one.clone()
    };
    assert_eq!(ends(&again).len(), 1, "it calls again: worse, or a reminder");
    let urgent = AlarmChange {
        priority: High,
        ..one.clone()
    };
    assert_eq!(ends(&urgent).len(), 1, "it is more urgent now");
}

#[test]
fn a_pause_of_a_procedure_and_a_sound_that_is_off_outlast_new_alarms() {
    let one = alarm(1, "1", Medium);
    for what in [Inactive::AlarmPaused, Inactive::AudioOff] {
        let mut pauses = Pauses::default();
        pauses
            .pause(pausing(bed("1"), what), &[], "Grace", s(10))
            .unwrap();
        assert!(pauses.heard(&alarm(2, "1", High)).is_empty());
        assert_eq!(
            (pauses.sounds(&one), pauses.flashes(&one)),
            (false, what == Inactive::AudioOff)
        );
        let over = pauses.tick(s(10_000));
        assert_eq!(over.len(), usize::from(what == Inactive::AlarmPaused));
    }
}

#[test]
fn a_pause_of_the_post_covers_every_bed_and_the_post() {
    let all = [alarm(1, "1", Low), alarm(2, "2", High), alarm(3, "", Medium)];
    let mut pauses = Pauses::default();
    let open: Vec<&AlarmChange> = all.iter().collect();
    pauses
        .pause(pausing(None, Inactive::AudioPaused), &open, "Grace", s(1))
        .unwrap();
    assert!(all.iter().all(|alarm| !pauses.sounds(alarm)));
    assert!(
        pauses.heard(&alarm(4, "1", Medium)).is_empty(),
        "less urgent than bed 2"
    );
    assert_eq!(pauses.heard(&alarm(4, "1", High)).len(), 1);
}

#[test]
fn i9_what_cannot_be_paused_is_refused_in_words() {
    let one = alarm(1, "1", Medium);
    let answered = AlarmChange {
        phase: AlarmPhase::Acknowledged,
        ..one.clone()
    };
    let mut pauses = Pauses::default();
    let mut try_to = |what, lasts: Option<u64>, open: &[&AlarmChange], by| {
        let pausing = Pausing {
            lasts: lasts.map(Duration::from_secs),
            ..pausing(bed("1"), what)
        };
        pauses.pause(pausing, open, by, s(10)).map(|_| ())
    };
    use Inactive::{AlarmPaused, AudioOff, AudioPaused};
    let most = Duration::from_secs(180);
    assert_eq!(
        try_to(AudioPaused, None, &[], "Grace"),
        Err(PauseError::NothingSounds)
    );
    assert_eq!(
        try_to(AudioPaused, None, &[&answered], "Grace"),
        Err(PauseError::NothingSounds)
    );
    assert_eq!(
        try_to(AudioPaused, Some(181), &[&one], "Grace"),
        Err(PauseError::Lasts { most })
    );
    assert_eq!(
        try_to(AlarmPaused, Some(0), &[&one], "Grace"),
        Err(PauseError::Lasts { most })
    );
    assert_eq!(
        try_to(AudioOff, Some(60), &[&one], "Grace"),
        Err(PauseError::Untimed)
    );
    assert_eq!(try_to(AudioPaused, None, &[&one], " "), Err(PauseError::NoPerson));
    assert_eq!(try_to(AudioPaused, Some(180), &[&one], "Grace"), Ok(()));
    assert_eq!(pauses.resume(&bed("2"), "Grace"), Err(PauseError::NotPaused));
    assert_eq!(pauses.resume(&bed("1"), ""), Err(PauseError::NoPerson));
    let by = Resumed::ByPerson("Amina".to_owned());
    assert_eq!(
        pauses.resume(&bed("1"), "Amina"),
        Ok((bed("1"), Inactivation::Enabled(by)))
    );
    assert_eq!(PauseError::Lasts { most }.to_string(), "say 1 to 180 seconds");
}

#[test]
fn a14_a_pause_ends_with_the_stay() {
    let mut pauses = Pauses::default();
    pauses
        .pause(pausing(bed("1"), Inactive::AudioOff), &[], "Grace", s(1))
        .unwrap();
    assert_eq!(pauses.stay_over(&"2".parse().unwrap()), None);
    let step = pauses.stay_over(&"1".parse().unwrap());
    assert_eq!(
        step,
        Some((bed("1"), Inactivation::Enabled(Resumed::AnotherPatient)))
    );
}

#[test]
fn a14_a_start_keeps_what_it_can_know_and_says_what_it_ends() {
    let rested = |what, until| Inactivation::Paused {
        what,
        until,
        by: "Grace".to_owned(),
    };
    let one = alarm(1, "1", Medium);
    let mut pauses = Pauses::default();
    let steps = pauses.restore(
        vec![
            (bed("1"), rested(Inactive::AudioPaused, Some(s(100))), true),
            (bed("2"), rested(Inactive::AudioPaused, Some(s(100))), false),
            (bed("3"), rested(Inactive::AlarmPaused, Some(s(50))), true),
            (bed("4"), rested(Inactive::AudioOff, None), false),
            (bed("5"), Inactivation::Enabled(Resumed::TimeOver), true),
        ],
        &[&one],
        s(50),
    );
    let restart = |name| (bed(name), Inactivation::Enabled(Resumed::Restart));
    assert_eq!(steps, [restart("2"), restart("3")]);
    let places: Vec<_> = pauses
        .in_force()
        .map(|(place, pause)| (place.clone(), pause.what))
        .collect();
    assert_eq!(
        places,
        [(bed("1"), Inactive::AudioPaused), (bed("4"), Inactive::AudioOff)]
    );
    assert!(!pauses.sounds(&one));
    assert!(pauses.heard(&one).is_empty(), "it was paused before the start");
    assert_eq!(pauses.heard(&alarm(9, "1", Medium)).len(), 1);
}

#[test]
fn more_than_ten_announcements_in_ten_minutes_are_a_flood_at_that_bed_alone() {
    let mut floods = Floods::default();
    let told = |floods: &Floods| {
        floods
            .now()
            .map(|(bed, n)| (bed.to_string(), n))
            .collect::<Vec<_>>()
    };
    for number in 1..=10 {
        let change = AlarmChange {
            at: s(u64::from(number)),
            ..alarm(number, "1", Low)
        };
        floods.heard(&change);
        floods.heard(&AlarmChange {
            change: 2,
            priority: Medium,
            ..change.clone()
        });
        floods.heard(&AlarmChange {
            phase: AlarmPhase::Ended,
            change: 3,
            ..change
        });
    }
    floods.heard(&alarm(50, "", Low));
    assert!(told(&floods).is_empty(), "ten are none");
    floods.heard(&AlarmChange {
        onsets: 2,
        at: s(20),
        ..alarm(1, "1", Low)
    });
    assert_eq!(told(&floods), [("1".to_owned(), 11)]);
    floods.tick(s(600));
    assert_eq!(told(&floods), [("1".to_owned(), 11)]);
    floods.tick(s(601));
    assert!(told(&floods).is_empty(), "the first is ten minutes ago");
    let mut again = floods.clone();
    again.stay_over(&"1".parse().unwrap());
    (60..80).for_each(|number| again.heard(&alarm(number, "1", Low)));
    assert_eq!(told(&again), [("1".to_owned(), 20)]);
}

#[test]
fn a13_a_paused_alarm_that_comes_back_stays_paused_and_one_that_gets_worse_does_not() {
    let one = alarm(1, "1", Medium);
    let step = |phase, onsets| AlarmChange {
        phase,
        onsets,
        ..one.clone()
    };
    let paused = || {
        let mut pauses = Pauses::default();
        let pausing = pausing(bed("1"), Inactive::AudioPaused);
        pauses.pause(pausing, &[&one], "Grace", s(10)).unwrap();
        pauses
    };
    use AlarmPhase::{Acknowledged, Active, Ended};
    let mut restless = paused();
    for again in 1..4 {
        assert!(restless.heard(&step(Ended, again)).is_empty());
        assert!(
            restless.heard(&step(Active, again + 1)).is_empty(),
            "the finger is off again"
        );
    }
    assert_eq!(restless.heard(&alarm(2, "1", Medium)).len(), 1);
    let mut answered = paused();
    assert!(answered.heard(&step(Acknowledged, 1)).is_empty());
    assert_eq!(
        answered.heard(&step(Active, 2)).len(),
        1,
        "worse than at its acknowledgement"
    );
    assert_eq!(
        paused().heard(&step(Active, 2)).len(),
        1,
        "a score that got worse, a further result"
    );
}
