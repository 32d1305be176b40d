//! Oximeters on bad lines, in virtual time: what slips through, counted (I5, I10). The rules that stop it are in
//! `drivers/src/nonin/README.md`; a value counts as false when the device did not say it in the last 5 s.

use std::time::Duration;

use simulators::faults::FaultOptions;
use simulators::nonin::Format;
use tests::bedside::{Story, nonin_on_bad_line};

const HOUR: Duration = Duration::from_secs(3_600);

fn false_values(story: &Story) -> Vec<(f64, &'static str, f64)> {
    let said = |at: f64, code: &str, value: f64| {
        let recent = story
            .truth
            .iter()
            .filter(|(sent, _)| (at - 5.0..=at).contains(sent));
        let mut values = recent.filter_map(|(_, values)| values.get(code)?.as_ref()?.parse::<f64>().ok());
        values.any(|sent| sent == value)
    };
    let numbers = story
        .shown
        .iter()
        .filter_map(|(at, seen)| Some((*at, seen.code.key(), seen.measured.value()?.as_f64())));
    numbers
        .filter(|(at, code, value)| !said(*at, code, *value))
        .collect()
}

/// Shown and false values of an hour on a line with this part of its bytes wrong.
fn hour(format: Format, corrupt: f64, garbage: bool) -> (usize, usize) {
    hour_of("generator:3:artefact", format, corrupt, garbage)
}

fn hour_of(patient: &str, format: Format, corrupt: f64, garbage: bool) -> (usize, usize) {
    let faults = FaultOptions {
        corrupt,
        garbage,
        silence: None,
        seed: 11,
    };
    let story = nonin_on_bad_line(format, patient, HOUR, faults);
    let wrong = false_values(&story);
    let shown = story
        .shown
        .iter()
        .filter(|(_, seen)| seen.measured.value().is_some())
        .count();
    println!(
        "{format:?}, {:4.1} % wrong bytes, garbage {garbage}: {shown} numbers shown, {} false {:?}",
        corrupt * 100.0,
        wrong.len(),
        wrong.first()
    );
    (shown, wrong.len())
}

#[test]
fn formats_with_a_checksum_show_nothing_false_at_any_rate_of_wrong_bytes() {
    for format in [Format::Two, Format::Seven] {
        for corrupt in [0.001, 0.01, 0.05, 0.2] {
            assert_eq!(hour(format, corrupt, false).1, 0);
        }
        let (shown, wrong) = hour(format, 0.0, true);
        assert_eq!(wrong, 0);
        assert!(
            shown > 4_000,
            "garbage now and then leaves most of 2 x 3600 values: {shown}"
        );
    }
}

#[test]
fn format_8_without_a_checksum_shows_at_most_what_its_readme_admits() {
    for corrupt in [0.001, 0.01, 0.05, 0.2] {
        let (shown, wrong) = hour(Format::Eight, corrupt, false);
        assert!(
            wrong * 1_000 <= shown.max(1_000),
            "at most 1 in 1000, or 1 an hour: {wrong} of {shown}"
        );
    }
    let (_, wrong) = hour(Format::Eight, 0.0, true);
    assert!(wrong <= 1, "{wrong}");
}

#[test]
fn a_good_line_shows_every_second() {
    for format in [Format::Two, Format::Seven, Format::Eight] {
        let (shown, wrong) = hour_of("generator:3", format, 0.0, false);
        assert_eq!(wrong, 0);
        assert!(
            (6_800..=7_300).contains(&shown),
            "{shown} in an hour, two a second"
        );
    }
}
