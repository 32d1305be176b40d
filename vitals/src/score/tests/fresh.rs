//! What is fresh enough: medians, ages and their bounds.

use std::time::Duration;

use super::*;
use crate::reading::{AbsentReason, Measured, Quality};
use crate::score::entry::Findings;
use crate::score::fresh::{Entered, Fresh, FreshFor, Gathered, Known, PulseFrom, Sample, gather};
use crate::score::news2::{Outcome, Spo2Scale, assess};
use crate::time::MonoTime;

/// Ten hours after boot.
const NOW: MonoTime = MonoTime::from_ms(36_000_000);

fn ago(ms: u64) -> MonoTime {
    MonoTime::from_ms(36_000_000 - ms)
}

/// `value@age` in seconds, `?` after a questionable value, `x` for an absent one; in any order.
fn samples(line: &str) -> Vec<Sample> {
    let sample = |word: &str| {
        let (value, seconds) = word.split_once('@').unwrap();
        let ms = in_steps(decimal(seconds), 3);
        let questionable = value.ends_with('?');
        Sample {
            at: ago(ms.unsigned_abs()),
            measured: match value.trim_end_matches('?') {
                "x" => Measured::Absent(AbsentReason::ProbeOff),
                number => Measured::Value(decimal(number)),
            },
            quality: if questionable {
                Quality::Questionable
            } else {
                Quality::Good
            },
        }
    };
    line.split_whitespace().map(sample).collect()
}

fn found(at: MonoTime, findings: Findings) -> Entered<Findings> {
    Entered::new(findings, at, "nurse7").unwrap()
}

fn of_level(level: Consciousness) -> Findings {
    Findings {
        consciousness: Some(level),
        ..Findings::default()
    }
}

fn gathered(known: &Known<'_>) -> Gathered {
    gather(known, NOW, &FreshFor::default())
}

/// The median and the age of its newest sample in seconds.
fn check_median(line: &str, expected: Option<(&str, u64)>) {
    let samples = samples(line);
    let known = Known {
        rr: &samples,
        spo2: &samples,
        hr: &samples,
        ..Known::default()
    };
    let gathered = gathered(&known);
    let expected = expected.map(|(value, age)| (decimal(value), Duration::from_secs(age)));
    for fresh in [
        &gathered.rr,
        &gathered.spo2,
        &gathered.pulse.map(|(_, fresh)| fresh),
    ] {
        assert_eq!(
            fresh.as_ref().map(|fresh| (fresh.value, fresh.age)),
            expected,
            "{line}"
        );
    }
}

#[test]
fn the_median_of_the_last_minute_counts() {
    check_median("20@1", Some(("20", 1)));
    check_median("20@3 40@2 21@1", Some(("21", 1)));
    check_median("99@1 10@5 12@9 11@7 13@8", Some(("12", 1)));
    check_median("20@2 21@1", Some(("20.5", 1)));
    check_median("20.1@2 20.2@1", Some(("20.15", 1)));
    check_median("10@4 20@3 24@2 90@1", Some(("22", 1)));
    check_median("", None);
}

#[test]
fn a_sample_of_exactly_sixty_seconds_counts_and_an_older_one_does_not() {
    check_median("20@60", Some(("20", 60)));
    check_median("20@60.001", None);
    check_median("10@61 12@59 14@58 16@57", Some(("14", 57)));
}

#[test]
fn e1_what_is_absent_questionable_or_later_than_now_is_no_sample() {
    check_median("x@1 20@5", Some(("20", 5)));
    check_median("x@1", None);
    check_median("80?@1 81?@2 20@30", Some(("20", 30)));
    let later = [Sample {
        at: NOW + Duration::from_millis(1),
        ..samples("20@0")[0]
    }];
    let known = Known {
        rr: &later,
        sbp: &later,
        temp: &later,
        ..Known::default()
    };
    let gathered = gathered(&known);
    assert_eq!((gathered.rr, gathered.sbp, gathered.temp), (None, None, None));
}

#[test]
fn a_pressure_counts_for_an_hour_and_a_temperature_for_four_and_the_newest_of_them() {
    let check = |line: &str, sbp: Option<&str>, temp: Option<&str>| {
        let samples = samples(line);
        let known = Known {
            sbp: &samples,
            temp: &samples,
            ..Known::default()
        };
        let gathered = gathered(&known);
        assert_eq!(gathered.sbp.map(|fresh| fresh.value), sbp.map(decimal), "{line}");
        assert_eq!(
            gathered.temp.map(|fresh| fresh.value),
            temp.map(decimal),
            "{line}"
        );
    };
    check("120@3600", Some("120"), Some("120"));
    check("120@3600.001", None, Some("120"));
    check("120@14400", None, Some("120"));
    check("120@14400.001", None, None);
    check("110@50 120@10 130@90", Some("120"), Some("120"));
    // A cuff that failed just now does not make the one before it younger or older.
    check("x@5 120@600", Some("120"), Some("120"));
    check("180?@5 120@600", Some("120"), Some("120"));
}

#[test]
fn the_heart_rate_of_the_ecg_comes_before_the_pulse_of_the_pleth() {
    let (ecg, pleth, off) = (samples("80@10"), samples("60@1"), samples("x@1 80@90"));
    let pulse = |hr, pr| {
        gathered(&Known {
            hr,
            pr,
            ..Known::default()
        })
        .pulse
        .map(|(from, fresh)| (from, fresh.value))
    };
    assert_eq!(pulse(&ecg, &pleth), Some((PulseFrom::Ecg, Decimal::whole(80))));
    assert_eq!(pulse(&off, &pleth), Some((PulseFrom::Pleth, Decimal::whole(60))));
    assert_eq!(pulse(&off, &off), None);
}

#[test]
fn e2_an_entry_counts_for_four_hours_and_the_newest_one_does() {
    let hours = |hours: u64| hours * 3_600_000;
    let entry = |level, ms| found(ago(ms), of_level(level));
    let level = |entries: &[Entered<Findings>]| {
        let known = Known {
            found: entries,
            ..Known::default()
        };
        gathered(&known).consciousness
    };
    use Consciousness::{Alert, Voice};
    let fresh = level(&[entry(Alert, hours(4))]).unwrap();
    assert_eq!((fresh.value, fresh.age), (Alert, Duration::from_secs(4 * 3600)));
    assert_eq!(fresh.by.as_deref(), Some("nurse7"));
    assert_eq!(level(&[entry(Alert, hours(4) + 1)]), None);
    let newest = |entries: &[_]| level(entries).map(|fresh| fresh.value);
    assert_eq!(
        newest(&[entry(Alert, hours(2)), entry(Voice, hours(1))]),
        Some(Voice)
    );
    assert_eq!(
        newest(&[entry(Voice, hours(1)), entry(Alert, hours(2))]),
        Some(Voice)
    );
    assert_eq!(
        newest(&[entry(Alert, 5), entry(Voice, 5)]),
        Some(Voice),
        "the later one at one moment"
    );
    let later = found(NOW + Duration::from_millis(1), of_level(Voice));
    assert_eq!(newest(&[later]), None);
}

#[test]
fn e2_an_entry_has_a_person() {
    assert!(Entered::new(Oxygen::Air, NOW, " ").is_err());
    let entry = Entered::new(Oxygen::Air, NOW, " nurse7 ").unwrap();
    assert_eq!(entry.by(), "nurse7");
}

#[test]
fn e2_oxygen_is_on_when_a_person_entered_any_and_never_because_of_a_number() {
    let spo2 = samples("97@1");
    let on = |oxygen: Option<Oxygen>| {
        let findings = Findings {
            oxygen,
            ..Findings::default()
        };
        let entries = [found(ago(1), findings)];
        gathered(&Known {
            spo2: &spo2,
            found: &entries,
            ..Known::default()
        })
        .inputs()
        .on_oxygen
    };
    let given = Oxygen::Given {
        device: "cannula".to_owned(),
        flow: None,
        percent: None,
    };
    assert_eq!(on(Some(given)), Some(true));
    assert_eq!(on(Some(Oxygen::Air)), Some(false));
    assert_eq!(on(None), None);
}

#[test]
fn e1_a_score_goes_when_its_inputs_are_too_old() {
    let (rr, spo2, hr) = (samples("16@1"), samples("98@1"), samples("70@1"));
    let (sbp, temp) = (samples("120@1800"), samples("37.0@7200"));
    let entries = [found(
        ago(0),
        Findings {
            oxygen: Some(Oxygen::Air),
            ..of_level(Consciousness::Alert)
        },
    )];
    let known = Known {
        rr: &rr,
        spo2: &spo2,
        hr: &hr,
        pr: &[],
        sbp: &sbp,
        temp: &temp,
        found: &entries,
        paced: true,
        ..Known::default()
    };
    let at = |seconds: u64| gather(&known, NOW + Duration::from_secs(seconds), &FreshFor::default());
    let outcome = |seconds| assess(adult(), Spo2Scale::One, at(seconds).inputs()).outcome;
    let missing = |seconds| match outcome(seconds) {
        Outcome::Incomplete { missing } => missing.iter().map(|one| one.key()).collect::<Vec<_>>().join(" "),
        other => format!("{other:?}"),
    };
    assert!(at(0).paced);
    assert!(matches!(outcome(0), Outcome::Total { total: 0, .. }));
    assert!(matches!(outcome(59), Outcome::Total { total: 0, .. }));
    assert_eq!(missing(60), "rr spo2 pulse");
    assert_eq!(missing(1801), "rr spo2 sbp pulse");
    assert_eq!(missing(7201), "rr spo2 sbp pulse temp");
    assert_eq!(missing(14_401), "rr spo2 on_oxygen sbp pulse acvpu temp");
}

#[test]
fn a_site_may_want_fresher_values() {
    let sbp = samples("120@31");
    let stricter = FreshFor {
        sbp: Duration::from_secs(30),
        ..FreshFor::default()
    };
    let known = Known {
        sbp: &sbp,
        ..Known::default()
    };
    assert_eq!(gather(&known, NOW, &stricter).sbp, None);
    assert!(gathered(&known).sbp.is_some());
}

#[test]
fn e2_what_a_person_took_counts_where_no_device_measures_and_for_an_hour() {
    let minutes = |minutes: u64| ago(minutes * 60_000);
    let by_hand = |at| {
        let taken = Findings {
            rr: Some(decimal("26")),
            spo2: Some(decimal("91")),
            pulse: Some(decimal("112")),
            ..Findings::default()
        };
        found(at, taken)
    };
    let words = |known: &Known<'_>| {
        let gathered = gathered(known);
        let of = |fresh: Option<_>| match fresh {
            Some(fresh) => {
                let fresh: Fresh<Decimal> = fresh;
                format!("{} {}", fresh.value, fresh.by.unwrap_or_default())
            }
            None => "-".to_owned(),
        };
        let (from, pulse) = gathered.pulse.unzip();
        format!(
            "{} | {} | {} {from:?}",
            of(gathered.rr),
            of(gathered.spo2),
            of(pulse)
        )
    };
    let (taken, old) = ([by_hand(minutes(60))], [by_hand(ago(3_600_001))]);
    let alone = Known {
        found: &taken,
        ..Known::default()
    };
    assert_eq!(words(&alone), "26 nurse7 | 91 nurse7 | 112 nurse7 Some(Counted)");
    let (rr, spo2, hr) = (samples("16@60"), samples("98@60"), samples("70@60"));
    let measured = Known {
        rr: &rr,
        spo2: &spo2,
        hr: &hr,
        found: &taken,
        ..Known::default()
    };
    assert_eq!(words(&measured), "16  | 98  | 70  Some(Ecg)");
    let known = Known {
        found: &old,
        ..Known::default()
    };
    assert_eq!(words(&known), "- | - | - None");
}

#[test]
fn of_pressures_and_temperatures_the_newest_counts_and_a_catheter_before_a_cuff() {
    let (cuff, line, temp) = (samples("120@600"), samples("90@5 92@4 300@3"), samples("37@600"));
    let by_hand = |seconds: u64| {
        let taken = Findings {
            sbp: Some(decimal("101")),
            dbp: Some(decimal("61")),
            temp: Some(decimal("39.1")),
            ..Findings::default()
        };
        [found(ago(1_000 * seconds), taken)]
    };
    let all = |known: Known<'_>| {
        let gathered = gathered(&known);
        let of = |fresh: Option<Fresh<Decimal>>| {
            fresh.map_or_else(|| "-".to_owned(), |fresh| fresh.value.to_string())
        };
        [of(gathered.sbp), of(gathered.dbp), of(gathered.temp)].join(" ")
    };
    let (younger, older) = (by_hand(599), by_hand(601));
    let known = |found| Known {
        sbp: &cuff,
        temp: &temp,
        found,
        ..Known::default()
    };
    assert_eq!(all(known(&younger)), "101 61 39.1");
    assert_eq!(all(known(&older)), "120 61 37");
    let catheter = Known {
        sbp_line: &line,
        ..known(&younger)
    };
    assert_eq!(all(catheter), "92 61 39.1", "one flush of it is no pressure");
}

#[test]
fn a_chart_is_computed_from_all_that_is_fresh() {
    let (hr, spo2) = (samples("88@1 90@2 86@3"), samples("97@1 97@2 97@3"));
    let entered = [found(
        ago(60_000),
        Findings {
            sbp: Some(decimal("118")),
            dbp: Some(decimal("76")),
            temp: Some(decimal("36.9")),
            rr: Some(decimal("22")),
            pain: Some(decimal("1")),
            ..of_level(Consciousness::Alert)
        },
    )];
    let known = Known {
        hr: &hr,
        spo2: &spo2,
        found: &entered,
        ..Known::default()
    };
    let inputs = gathered(&known).chart_inputs();
    let numbers = [
        inputs.hr,
        inputs.spo2,
        inputs.sbp,
        inputs.dbp,
        inputs.temp,
        inputs.rr,
        inputs.pain,
        inputs.capillary_refill,
    ];
    let expected = ["88", "97", "118", "76", "36.9", "22", "1"].map(|text| Some(decimal(text)));
    assert_eq!(numbers[..7], expected);
    assert_eq!(
        (numbers[7], inputs.consciousness),
        (None, Some(Consciousness::Alert))
    );
}
