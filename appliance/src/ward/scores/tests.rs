//! What is kept of a stay, its bounds, and which device's value counts.

use vitals::score::Consciousness;
use vitals::{Code, Decimal, Observation, Quality};

use super::*;

fn stay(name: &str) -> AdmissionId {
    name.parse().unwrap()
}

fn stamp(ms: u64) -> Stamp {
    Stamp {
        boot: vitals::BootId([1; 16]),
        mono: MonoTime::from_ms(ms),
    }
}

fn reading(of: &str, at_ms: u64, seen: Observation) -> Reading {
    Reading {
        device: "oxi".parse().unwrap(),
        bed: None,
        admission: Some(stay(of)),
        at: MonoTime::from_ms(at_ms),
        seen,
    }
}

fn value(code: Code, value: i64) -> Observation {
    Observation::value(code, Decimal::whole(value))
}

/// What stands in one part of the score of stay `a`.
fn part(scores: &mut Scores, key: &str, now_ms: u64) -> Option<String> {
    let (now, a) = (MonoTime::from_ms(now_ms), stay("a"));
    let age_of = |at: Stamp| Some(now.since(at.mono));
    let moment = Moment {
        now,
        age_of: &age_of,
        today: (2027, 1, 15),
    };
    let scored = ScoredStay {
        admission: &a,
        category: Category::Adult,
        born: None,
    };
    scores.compute(scored, moment, None);
    let parts = scores.now(&a).unwrap().parts.iter();
    parts
        .filter(|part| part.key == key)
        .find_map(|part| part.value.clone())
}

#[test]
fn e1_the_median_of_the_good_numbers_of_the_last_minute_counts() {
    let mut scores = Scores::new(Epoch(1));
    for (s, spo2) in [(0, 60), (30, 97), (31, 98), (32, 60), (80, 99)] {
        scores.reading(&reading("a", s * 1_000, value(Code::Spo2, spo2)));
    }
    let doubtful = value(Code::Spo2, 60).with_quality(Quality::Questionable);
    scores.reading(&reading("a", 81_000, doubtful));
    scores.reading(&reading("b", 81_000, value(Code::Spo2, 60)));
    assert_eq!(part(&mut scores, "spo2", 82_000).as_deref(), Some("98"));
    assert_eq!(part(&mut scores, "spo2", 140_000).as_deref(), Some("99"));
    assert_eq!(part(&mut scores, "spo2", 140_001), None);
}

#[test]
fn of_several_ways_to_measure_one_thing_the_one_that_measures_now_counts() {
    let mut scores = Scores::new(Epoch(1));
    scores.reading(&reading("a", 0, value(Code::TempCore, 39)));
    scores.reading(&reading("a", 1_000, value(Code::TempSkin, 31)));
    assert_eq!(part(&mut scores, "temp", 3_600_000).as_deref(), Some("39"));
    scores.reading(&reading("a", 3_600_000, value(Code::TempAxil, 36)));
    assert_eq!(part(&mut scores, "temp", 3_600_000).as_deref(), Some("36"));
    scores.reading(&reading("a", 3_600_000, value(Code::TempCore, 38)));
    assert_eq!(part(&mut scores, "temp", 3_600_001).as_deref(), Some("38"));
    scores.reading(&reading("a", 3_600_000, value(Code::RrCo2, 12)));
    scores.reading(&reading("a", 3_600_000, value(Code::RrImpedance, 30)));
    assert_eq!(part(&mut scores, "rr", 3_600_001).as_deref(), Some("30"));
}

#[test]
fn what_persons_measured_last_is_told_until_it_is_taken_back_or_a_day_old() {
    let mut scores = Scores::new(Epoch(1));
    let whole = |value| Some(Decimal::whole(value));
    let pressure = Findings {
        sbp: whole(132),
        dbp: whole(84),
        temp: Some(Decimal::new(382, 1)),
        ..Findings::default()
    };
    let later = Findings {
        temp: whole(37),
        consciousness: Some(Consciousness::Alert),
        ..Findings::default()
    };
    scores.enter(&stay("a"), pressure, stamp(60_000), "Grace");
    let second = scores.enter(&stay("a"), later, stamp(90_000), "Amina");
    let told = |scores: &mut Scores, now_ms| {
        part(scores, "spo2", now_ms);
        let found = &scores.now(&stay("a")).unwrap().by_hand;
        let words = found.iter().map(|one| {
            let (key, value, unit, by) = (one.key, one.value, one.unit, &one.by);
            format!("{key} {value} {unit} {} {by}", one.at_ms)
        });
        words.collect::<Vec<_>>().join("; ")
    };
    assert_eq!(
        told(&mut scores, 18_000_000),
        "temp 37 Cel 90000 Amina; sbp 132 mm[Hg] 60000 Grace; dbp 84 mm[Hg] 60000 Grace"
    );
    scores.observed(&Observed {
        bed: "1".parse().unwrap(),
        admission: stay("a"),
        by: "Amina".to_owned(),
        what: What::Withdrawn(second.id),
    });
    let first = "temp 38.2 Cel 60000 Grace; sbp 132 mm[Hg] 60000 Grace; dbp 84 mm[Hg] 60000 Grace";
    assert_eq!(told(&mut scores, 86_460_000), first);
    assert_eq!(told(&mut scores, 86_460_001), "");
}

#[test]
fn only_so_many_stays_entries_and_samples_are_kept() {
    let mut scores = Scores::new(Epoch(1));
    let found = || Findings {
        consciousness: Some(Consciousness::Alert),
        ..Findings::default()
    };
    for n in 0..=STAYS_MAX {
        scores.enter(&stay(&format!("s{n}")), found(), stamp(0), "Grace");
    }
    assert_eq!(scores.stays.len(), STAYS_MAX);
    assert_eq!(scores.entries(&stay("s0")).count(), 0, "heard of longest ago");
    for n in 0..=ENTRIES_MAX as u64 {
        scores.enter(&stay("a"), found(), stamp(n), "Grace");
    }
    assert_eq!(scores.entries(&stay("a")).count(), ENTRIES_MAX);
    let newest = scores.entries(&stay("a")).next().unwrap();
    assert_eq!(newest.entry.found, stamp(ENTRIES_MAX as u64));
    for n in 0..1_000 {
        scores.reading(&reading("a", n, value(Code::Hr, 70)));
    }
    let kept = scores
        .known(&stay("a"))
        .unwrap()
        .samples
        .of(Code::Hr, Duration::ZERO);
    assert_eq!(kept.len(), 128);
    assert_eq!(kept[127].at, MonoTime::from_ms(999));
    scores.left(&stay("a"));
    let left = scores.known(&stay("a")).unwrap();
    assert!(left.samples.of(Code::Hr, Duration::ZERO).is_empty() && left.entries.len() == ENTRIES_MAX);
}

#[test]
fn an_entry_that_is_recalled_twice_is_one() {
    let mut scores = Scores::new(Epoch(1));
    let found = Findings::default();
    let entry = scores.enter(&stay("a"), found, stamp(0), "Grace");
    let bed: BedId = "1".parse().unwrap();
    scores.observed(&Observed {
        bed: bed.clone(),
        admission: stay("a"),
        by: "Grace".to_owned(),
        what: What::Found(Box::new(entry.clone())),
    });
    assert_eq!(scores.entries(&stay("a")).count(), 1);
    let told = scores.told_again(&bed, &stay("a"));
    let mut again = Scores::new(Epoch(2));
    for event in &told {
        if let Event::Observed(observed) = event {
            again.observed(observed);
        }
    }
    assert_eq!(again.entry(&stay("a"), entry.id).unwrap().by, "Grace");
}
