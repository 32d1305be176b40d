//! Early-warning scores at a whole post: what is entered, computed, told, moved and remembered.

use vitals::audit::Outcome;
use vitals::score::care::CareFact;
use vitals::score::entry::{EntryId, Findings};
use vitals::score::news2::Spo2Scale;
use vitals::score::{Consciousness, Oxygen, Pregnancy};
use vitals::{AlarmPhase, Category, Condition, Disposition, Identity, Priority};

use super::patients::{WARD, bed, person};
use super::*;
use crate::access::By;
use crate::ward::{Change, ScoreError, Telling};
use crate::web::live::score::Score;
use crate::web::{Finding, PatientError, PatientRequest, ScoreRequest};

impl Rig {
    fn enter(&mut self, n: usize, findings: Findings, minutes_ago: u32) -> Result<EntryId, PatientError> {
        let finding = Box::new(Finding {
            bed: bed(n),
            saw: self.patient(n).admission,
            findings,
            minutes_ago,
        });
        let by = By::named("Grace");
        self.post()
            .of_scores(|answer| ScoreRequest::Observe { finding, by, answer })
    }

    fn withdraw(&mut self, n: usize, entry: EntryId) -> Result<(), PatientError> {
        let saw = self.patient(n).admission;
        self.post().of_scores(|answer| ScoreRequest::Withdraw {
            bed: bed(n),
            saw,
            entry,
            by: By::named("John"),
            answer,
        })
    }

    fn say_of(&mut self, n: usize, fact: CareFact) {
        let saw = self.patient(n).admission;
        let told = self.post().of_scores(|answer| ScoreRequest::Care {
            bed: bed(n),
            saw,
            fact,
            by: By::named("Amina"),
            answer,
        });
        told.unwrap();
    }

    fn score(&mut self, n: usize) -> Option<Score> {
        let page = self.post().page();
        page.beds[n - 1].score.clone()
    }

    /// `news2 6 medium red`, `news2 incomplete: rr temp`.
    fn score_shown(&mut self, n: usize) -> String {
        let Some(score) = self.score(n) else {
            return "none".to_owned();
        };
        let said = match (score.total, score.reason) {
            (Some(total), None) => format!("{total} {}", score.band.unwrap()),
            (None, Some(reason)) => format!("{reason}: {}", score.missing.join(" ")),
            other => panic!("{other:?}"),
        };
        let red = if score.red { " red" } else { "" };
        format!("{} {said}{red}", score.score.key())
    }

    /// The alarms about scores, in words.
    fn told(&mut self) -> String {
        let page = self.post().page();
        let scores = page.alarms.iter().filter(|alarm| is_score(alarm.condition));
        let words = scores.map(|alarm| {
            let (bed, total) = (alarm.bed.clone().unwrap(), alarm.value.unwrap());
            let priority = format!("{:?}", alarm.priority).to_lowercase();
            let told = format!("{} {total} {priority}, {} times", alarm.condition, alarm.onsets);
            format!("{bed}: {told} >= {}", alarm.limit.unwrap())
        });
        words.collect::<Vec<_>>().join("; ")
    }

    fn acknowledge_score(&mut self) {
        let page = self.post().page();
        let alarm = page.alarms.iter().find(|alarm| is_score(alarm.condition));
        let id = alarm.unwrap().id;
        self.post().acknowledge(id, "Grace").unwrap();
    }

    fn says_age_group(&mut self, n: usize, category: Category, born: Option<&str>) {
        let telling = Box::new(Telling {
            bed: bed(n),
            saw: self.patient(n).admission,
            change: Change::New,
            identity: Identity {
                born: born.map(|born| vitals::Masked::new(born.to_owned())),
                ..Identity::default()
            },
            category: Some(category),
            by: "Grace".to_owned(),
        });
        let by = By::named("Grace");
        let request = |answer| PatientRequest::Identify { telling, by, answer };
        self.post().of_patients(request).unwrap();
    }
}

fn is_score(condition: Condition) -> bool {
    matches!(condition, Condition::Score { .. })
}

fn number(text: &str) -> Option<Decimal> {
    Some(text.parse().unwrap())
}

/// Nothing is wrong; the oximeter says the rest.
fn well() -> Findings {
    Findings {
        consciousness: Some(Consciousness::Alert),
        oxygen: Some(Oxygen::Air),
        temp: number("37.0"),
        sbp: number("120"),
        pulse: number("70"),
        rr: number("16"),
        ..Findings::default()
    }
}

/// 3 for confusion, 2 for breathing: 5.
fn worse() -> Findings {
    Findings {
        consciousness: Some(Consciousness::Confused),
        rr: number("22"),
        ..Findings::default()
    }
}

fn rig() -> Rig {
    let mut rig = Rig::with(WARD, wall(0));
    rig.run(2, Some(98));
    rig
}

#[test]
fn e4_an_entry_makes_a_total_and_a_crossing_is_one_alarm_however_often_it_is_computed() {
    let mut rig = rig();
    assert_eq!(
        rig.score_shown(1),
        "news2 incomplete: rr on_oxygen sbp pulse acvpu temp"
    );
    rig.enter(1, well(), 0).unwrap();
    assert_eq!(
        (rig.score_shown(1).as_str(), rig.told().as_str()),
        ("news2 0 low", "")
    );
    rig.enter(1, worse(), 0).unwrap();
    assert_eq!(rig.score_shown(1), "news2 5 medium red");
    let once = "bed-1: score.news2 5 medium, 1 times >= 5";
    assert_eq!(rig.told(), once);
    let score = rig.score(1).unwrap();
    assert_eq!((score.by.as_deref(), score.age_recorded), (Some("Grace"), false));
    rig.run(60, Some(98));
    assert_eq!(rig.told(), once);
    assert_eq!(
        rig.score(1).unwrap().since_ms,
        score.since_ms,
        "it has said so since"
    );
    let changes = rig.records(Lane::Alerts);
    let changes = changes.iter().filter(|record| match record {
        Record::Alarm(change) => is_score(change.condition),
        _ => false,
    });
    assert_eq!(changes.count(), 1, "nothing is told by computing again");
    rig.acknowledge_score();
    rig.run(60, Some(98));
    assert_eq!(rig.told(), "");
    let still_worse = Findings {
        sbp: number("85"),
        ..Findings::default()
    };
    rig.enter(1, still_worse, 0).unwrap();
    assert_eq!(rig.score_shown(1), "news2 8 high red");
    assert_eq!(rig.told(), "bed-1: score.news2 8 high, 1 times >= 7");
}

#[test]
fn e4_i1_a_restart_keeps_entries_alarms_and_what_was_told() {
    let mut rig = rig();
    rig.enter(1, well(), 0).unwrap();
    rig.enter(1, worse(), 0).unwrap();
    let told = rig.told();
    rig.restart();
    assert_eq!(rig.told(), told, "it waits for a person");
    rig.run(2, Some(98));
    assert_eq!(
        (rig.score_shown(1), rig.told()),
        ("news2 5 medium red".to_owned(), told)
    );
    rig.acknowledge_score();
    rig.restart();
    rig.run(60, Some(98));
    assert_eq!(rig.score_shown(1), "news2 5 medium red");
    assert_eq!(rig.told(), "", "told before, and taken in");
    // Another boot, an hour and a half later by a clock that is believed: what was counted is too old by then.
    rig.reboot(2, wall(90 * 60_000));
    rig.run(2, Some(98));
    assert_eq!(rig.score_shown(1), "news2 incomplete: rr sbp pulse red");
    let acvpu = rig
        .score(1)
        .unwrap()
        .parts
        .into_iter()
        .find(|part| part.key == "acvpu");
    let acvpu = acvpu.unwrap();
    assert_eq!(
        (acvpu.value.as_deref(), acvpu.by.as_deref()),
        (Some("C"), Some("Grace"))
    );
    assert!(acvpu.at_ms.unwrap() < -80 * 60_000, "before this boot");
}

#[test]
fn e1_what_is_stale_makes_it_incomplete_and_never_0() {
    let mut rig = rig();
    rig.enter(1, well(), 0).unwrap();
    assert_eq!(rig.score_shown(1), "news2 0 low");
    rig.run(62, None);
    assert_eq!(rig.score_shown(1), "news2 incomplete: spo2");
    rig.run(2, Some(97));
    assert_eq!(rig.score_shown(1), "news2 0 low");
    let old = Findings {
        spo2: number("97"),
        ..well()
    };
    rig.enter(2, old.clone(), 0).unwrap();
    assert_eq!(rig.score_shown(2), "news2 0 low");
    rig.run(3_601, None);
    assert_eq!(rig.score_shown(2), "news2 incomplete: rr spo2 sbp pulse");
    // Found an hour ago: too old for most of it already, and for the pressure since this minute.
    rig.enter(2, old, 59).unwrap();
    assert_eq!(rig.score_shown(2), "news2 0 low");
    rig.run(61, None);
    assert_eq!(rig.score_shown(2), "news2 incomplete: rr spo2 sbp pulse");
    let too_early = rig.enter(2, well(), 240);
    assert_eq!(
        too_early,
        Err(PatientError::BeforeStart),
        "this box cannot name that moment"
    );
}

#[test]
fn e2_an_entry_that_was_wrong_counts_no_more_and_stays_in_the_list() {
    let mut rig = rig();
    rig.enter(1, well(), 0).unwrap();
    let wrong = rig.enter(1, worse(), 0).unwrap();
    rig.withdraw(1, wrong).unwrap();
    assert_eq!(rig.score_shown(1), "news2 0 low");
    assert_eq!(
        rig.told(),
        "bed-1: score.news2 5 medium, 1 times >= 5",
        "a person looks at it all the same"
    );
    let again = rig.withdraw(1, wrong);
    assert_eq!(again, Err(ScoreError::Withdrawn.into()));
    rig.restart();
    rig.run(2, Some(98));
    assert_eq!(rig.score_shown(1), "news2 0 low");
    let listed: Vec<(String, Option<String>)> = rig
        .patient(1)
        .observations
        .into_iter()
        .map(|entry| (entry.by, entry.withdrawn_by))
        .collect();
    let grace = || "Grace".to_owned();
    assert_eq!(listed, [(grace(), Some("John".to_owned())), (grace(), None)]);
    assert_eq!(
        rig.withdraw(2, wrong),
        Err(ScoreError::NoSuchEntry.into()),
        "of another patient"
    );
}

#[test]
fn scale_2_is_said_by_a_person_shown_and_kept() {
    let mut rig = Rig::with(WARD, wall(0));
    rig.run(2, Some(90));
    rig.enter(1, well(), 0).unwrap();
    assert_eq!(rig.score_shown(1), "news2 3 low-medium red");
    rig.say_of(1, CareFact::Scale(Spo2Scale::Two));
    assert_eq!(rig.score_shown(1), "news2 0 low");
    rig.reboot(2, wall(60_000));
    rig.run(2, Some(90));
    let score = rig.score(1).unwrap();
    assert_eq!((score.scale, score.scale_by.as_deref()), (2, Some("Amina")));
    let said = rig.patient(1).care.spo2_scale.unwrap();
    assert_eq!((said.value, said.by.as_str(), said.at_ms), (2, "Amina", None));
    assert!(said.wall_ms.is_some());
    assert_eq!(rig.score(2).unwrap().scale, 1, "of one patient");
}

#[test]
fn a_child_never_gets_news2_and_a_pregnancy_gets_meows() {
    let mut rig = rig();
    rig.enter(1, well(), 0).unwrap();
    rig.says_age_group(1, Category::Child, None);
    rig.run(2, Some(98));
    rig.enter(1, well(), 0).unwrap();
    let score = rig.score(1).unwrap();
    assert_eq!(
        (score.score.key(), score.total, score.age_missing),
        ("bedside_pews", None, true)
    );
    rig.says_age_group(1, Category::Adult, Some("2019-05-01"));
    rig.run(2, Some(98));
    assert_eq!(
        rig.score_shown(1),
        "bedside_pews incomplete: hr sbp rr capillary_refill effort oxygen"
    );
    rig.says_age_group(1, Category::Adult, Some("1990-05-01"));
    rig.run(2, Some(98));
    assert!(rig.score_shown(1).starts_with("news2"), "{}", rig.score_shown(1));
    rig.say_of(1, CareFact::Pregnancy(Pregnancy::Pregnant));
    rig.enter(1, well(), 0).unwrap();
    assert_eq!(rig.score_shown(1), "meows incomplete: dbp");
    let pressures = Findings {
        sbp: number("152"),
        dbp: number("92"),
        ..Findings::default()
    };
    rig.enter(1, pressures, 0).unwrap();
    assert_eq!(rig.score_shown(1), "meows 2 medium red");
    assert_eq!(rig.told(), "bed-1: score.meows 2 medium, 1 times >= 2");
}

#[test]
fn i3_a_score_and_its_alarm_go_along_with_a_transfer_and_are_gone_with_a_discharge() {
    let mut rig = rig();
    rig.identify(1, Change::New, person("PT-1", "Doe")).unwrap();
    rig.run(2, Some(98));
    rig.enter(1, well(), 0).unwrap();
    rig.enter(1, worse(), 0).unwrap();
    assert_eq!(rig.told(), "bed-1: score.news2 5 medium, 1 times >= 5");
    rig.transfer(1, 2, true).unwrap();
    rig.run(2, None);
    assert_eq!(rig.score_shown(2), "news2 5 medium red");
    assert_eq!(rig.told(), "bed-2: score.news2 5 medium, 1 times >= 5");
    assert_eq!(
        rig.score_shown(1),
        "news2 incomplete: rr spo2 on_oxygen sbp pulse acvpu temp"
    );
    rig.restart();
    assert_eq!(rig.told(), "bed-2: score.news2 5 medium, 1 times >= 5");
    rig.discharge(2, Disposition::Home).unwrap();
    rig.run(2, None);
    assert_eq!((rig.score_shown(2).as_str(), rig.told().as_str()), ("none", ""));
    let ended = rig
        .records(Lane::Alerts)
        .into_iter()
        .rev()
        .find_map(|record| match record {
            Record::Alarm(change) if is_score(change.condition) => Some(change),
            _ => None,
        });
    let ended = ended.unwrap();
    assert_eq!(
        (ended.phase, ended.priority),
        (AlarmPhase::Ended, Priority::Medium)
    );
    rig.says_age_group(2, Category::Adult, None);
    rig.run(2, None);
    assert_eq!(
        rig.score_shown(2),
        "news2 incomplete: rr spo2 on_oxygen sbp pulse acvpu temp"
    );
}

#[test]
fn i3_what_is_known_of_somebody_unknown_is_of_the_patient_who_he_turns_out_to_be() {
    let mut rig = rig();
    rig.identify(1, Change::New, person("PT-1", "Doe")).unwrap();
    rig.say_of(1, CareFact::Scale(Spo2Scale::Two));
    let earlier = rig.patient(1).admission;
    rig.discharge(1, Disposition::Home).unwrap();
    rig.says_age_group(1, Category::Adult, None);
    rig.run(2, Some(98));
    rig.enter(1, well(), 0).unwrap();
    rig.enter(1, worse(), 0).unwrap();
    rig.merge(1, &earlier).unwrap();
    for _ in 0..2 {
        rig.run(2, Some(98));
        assert_eq!(rig.score_shown(1), "news2 5 medium red");
        assert_eq!(rig.score(1).unwrap().scale, 2, "said in the earlier stay");
        assert_eq!(rig.told(), "bed-1: score.news2 5 medium, 1 times >= 5");
        rig.restart();
    }
}

#[test]
fn i9_what_is_entered_said_and_taken_back_stands_in_the_audit_and_so_does_a_refusal() {
    let mut rig = rig();
    let entry = rig.enter(1, worse(), 0).unwrap();
    rig.withdraw(1, entry).unwrap();
    rig.withdraw(1, entry).unwrap_err();
    rig.say_of(1, CareFact::Scale(Spo2Scale::Two));
    rig.enter(1, Findings::default(), 0).unwrap_err();
    let audited = rig.events().into_iter().filter_map(|event| match event {
        Event::Audited(entry) => Some(entry.deed.told),
        _ => None,
    });
    let told: Vec<String> = audited
        .filter(|told| ["observe", "withdraw_observation", "set_spo2_scale"].contains(&told.action.as_str()))
        .map(|told| {
            let refused = if told.outcome == Outcome::Refused {
                " refused"
            } else {
                ""
            };
            format!("{}{refused}: {}", told.action, told.after.unwrap().reveal())
        })
        .collect();
    let expected = [
        "observe: consciousness C; rr 22",
        "withdraw_observation: taken back",
        "withdraw_observation refused: this entry was taken back already",
        "set_spo2_scale: SpO2 scale 2",
        "observe refused: enter at least one of what was found",
    ];
    assert_eq!(told, expected);
}
