//! What is put together of what persons measured, and of alarms that go on.

use vitals::{AlarmId, AlarmPhase, Epoch, Priority};

use super::super::super::live::score::{ByHand, Score};
use super::super::super::tests::open_alarm;
use super::*;
use crate::alarm_log::{AlarmEntry, Moment};

#[test]
fn what_persons_measured_is_told_with_its_age_and_a_pressure_in_one_line() {
    let found = |key, value, ago_ms: u64| ByHand {
        key,
        value,
        unit: if key == "temp" { "Cel" } else { "mm[Hg]" },
        at_ms: i64::try_from(NOW_MS - ago_ms).unwrap(),
        by: "Grace".to_owned(),
    };
    let drawn = |by_hand| {
        let mut snapshot = snapshot("unidentified-1");
        let mut bed = snapshot.beds[0].as_ref().clone();
        bed.score = Some(Score { by_hand, ..score() });
        snapshot.beds[0] = Arc::new(bed);
        let lines = told(&draw::sheet(&snapshot, &facts(), &shift(), 12).beds[0].lines);
        let by_hand = lines
            .into_iter()
            .filter_map(|line| Some(line.strip_prefix("situation by_hand ")?.to_owned()));
        by_hand.collect::<Vec<_>>().join("; ")
    };
    let (temp, upper) = (Decimal::new(382, 1), Decimal::whole(132));
    let lower = Decimal::whole(84);
    assert_eq!(
        drawn(vec![
            found("temp", temp, 90_000),
            found("sbp", upper, 60_000),
            found("dbp", lower, 60_000)
        ]),
        "temp,38.2,Cel,90,Grace; bp,132/84,mm[Hg],60,Grace"
    );
    assert_eq!(
        drawn(vec![found("sbp", upper, 60_000), found("dbp", lower, 90_000)]),
        "sbp,132,mm[Hg],60,Grace; dbp,84,mm[Hg],90,Grace"
    );
}

fn score() -> Score {
    Score {
        score: vitals::score::ScoreKind::News2,
        name: "NEWS2",
        total: None,
        band: None,
        reason: Some("incomplete"),
        missing: Vec::new(),
        impossible: Vec::new(),
        age_missing: false,
        not_for: None,
        red: false,
        age_recorded: true,
        scale: 1,
        scale_by: None,
        paced: false,
        parts: Vec::new(),
        by_hand: Vec::new(),
        since_ms: NOW_MS,
        by: None,
    }
}

#[test]
fn of_an_alarm_that_goes_on_the_worst_so_far_is_told_and_how_often_it_called() {
    let (id, admission) = (
        AlarmId {
            epoch: Epoch(1),
            number: 3,
        },
        id("unidentified-1"),
    );
    let at = Moment {
        wall: Some(wall_ms(WALL_MS - 60_000)),
        trust: ClockTrust::Synchronised,
    };
    let logged = AlarmEntry {
        id,
        bed: None,
        admission: Some(admission),
        condition: "limit.spo2.low".parse().unwrap(),
        unit: String::new(),
        text: String::new(),
        device: None,
        priority_first: Priority::High,
        priority: Priority::High,
        value: Some(Decimal::whole(89)),
        worst: Some(Decimal::whole(86)),
        limit: Some(Decimal::whole(90)),
        crossed: at,
        ended: None,
        phase: AlarmPhase::Active,
        onsets: 6,
        answered: None,
        steps: Vec::new(),
    };
    let shift = Shift {
        alarms: vec![logged],
        ..shift()
    };
    let mut snapshot = snapshot("unidentified-1");
    let drawn = |snapshot: &Snapshot| {
        let lines = told(&draw::sheet(snapshot, &facts(), &shift, 12).beds[0].lines);
        lines
            .into_iter()
            .filter(|line| line.contains("alarms ") || line.contains("worst "))
            .collect::<Vec<_>>()
    };
    let worst = |value| {
        format!(
            "assessment worst high,limit.spo2.low,,{value},90,,{},",
            WALL_MS - 60_000
        )
    };
    assert_eq!(
        drawn(&snapshot),
        ["assessment alarms 1,1,0,0,,6".to_owned(), worst(86)]
    );
    snapshot.alarms = Arc::new(vec![open_alarm(id, 83)]);
    assert_eq!(drawn(&snapshot)[1], worst(83));
}
