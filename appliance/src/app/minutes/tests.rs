//! M1 to M3.

use proptest::prelude::*;
use vitals::{AbsentReason, Code, Decimal, Observation};

use super::*;

fn reading(at_s: u64, value: Option<i64>) -> Reading {
    let code = Code::Spo2;
    let seen = match value {
        Some(value) => Observation::value(code, Decimal::whole(value)),
        None => Observation::absent(code, AbsentReason::ProbeOff),
    };
    Reading {
        device: "mon".parse().unwrap(),
        bed: Some("1".parse().unwrap()),
        admission: None,
        at: MonoTime::from_ms(at_s * 1_000),
        seen,
    }
}

fn at(s: u64) -> MonoTime {
    MonoTime::from_ms(s * 1_000)
}

/// `(minute, count, lowest, highest, absent)` of what is closed.
fn told(closed: &[MinuteSummary]) -> Vec<(u64, u32, String, String, u32)> {
    let row = |summary: &MinuteSummary| {
        let numbers = summary.numbers;
        let text = |number: Option<Decimal>| number.map_or("-".to_owned(), |number| number.to_string());
        (
            summary.at.as_ms() / 60_000,
            numbers.map_or(0, |numbers| numbers.count),
            text(numbers.map(|numbers| numbers.lowest)),
            text(numbers.map(|numbers| numbers.highest)),
            summary.absent,
        )
    };
    closed.iter().map(row).collect()
}

#[test]
fn a_minute_is_told_when_it_is_over_and_not_before() {
    let mut minutes = Minutes::default();
    for (s, value) in [(60, Some(97)), (61, Some(84)), (62, None), (119, Some(95))] {
        minutes.take_reading(&reading(s, value), at(s));
    }
    assert_eq!(minutes.close(at(121)), []);
    let one = (1, 3, "84".to_owned(), "97".to_owned(), 1);
    assert_eq!(told(&minutes.close(at(122))), std::slice::from_ref(&one));
    assert_eq!(minutes.close(at(500)), [], "told once");
}

#[test]
fn a_late_value_goes_into_the_minute_in_which_it_comes_and_opens_no_written_one() {
    let mut minutes = Minutes::default();
    minutes.take_reading(&reading(70, Some(97)), at(70));
    assert_eq!(minutes.close(at(130)).len(), 1);
    // A cuff value of minute 1 that the device repeats in minutes 2 and 5.
    minutes.take_reading(&reading(70, Some(90)), at(130));
    minutes.take_reading(&reading(70, Some(90)), at(310));
    assert_eq!(
        told(&minutes.close_all()),
        [
            (2, 1, "90".to_owned(), "90".to_owned(), 0),
            (5, 1, "90".to_owned(), "90".to_owned(), 0)
        ]
    );
}

#[test]
fn i3_another_admission_is_another_summary() {
    let mut minutes = Minutes::default();
    for admission in ["mary", "john"] {
        let admission = Some(admission.parse().unwrap());
        minutes.take_reading(
            &Reading {
                admission,
                ..reading(61, Some(97))
            },
            at(61),
        );
    }
    assert_eq!(minutes.close_all().len(), 2);
}

#[test]
fn the_number_of_values_has_a_bound_and_quiet_ones_make_room() {
    let mut minutes = Minutes::default();
    for device in 0..VALUES_MAX + 10 {
        let device = format!("mon-{device}").parse().unwrap();
        minutes.take_reading(
            &Reading {
                device,
                ..reading(61, Some(97))
            },
            at(61),
        );
    }
    assert_eq!(minutes.values.len(), VALUES_MAX);
    minutes.close(at(3_600 + 200));
    assert_eq!(minutes.values.len(), 0);
}

proptest! {
    #[test]
    fn every_reading_is_counted_once_and_no_minute_is_told_twice(
        steps in proptest::collection::vec((0u64..50, 0u64..200, any::<bool>()), 1..200),
    ) {
        let mut minutes = Minutes::default();
        let (mut now, mut closed) = (200, Vec::new());
        for (pass, late, tick) in &steps {
            now += pass;
            minutes.take_reading(&reading(now - late, Some(97)), at(now));
            if *tick {
                closed.extend(minutes.close(at(now)));
            }
        }
        closed.extend(minutes.close_all());
        let told = told(&closed);
        prop_assert_eq!(told.iter().map(|row| row.1).sum::<u32>(), steps.len() as u32);
        let mut numbers: Vec<u64> = told.iter().map(|row| row.0).collect();
        prop_assert!(numbers.is_sorted());
        numbers.dedup();
        prop_assert_eq!(numbers.len(), told.len());
    }
}
