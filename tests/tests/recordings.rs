//! Real patients through the device protocols, the ward and the alarms, in virtual time: the named cases of the
//! recordings and, over all 53, what must never happen. The recordings are never part of the project.

use std::time::Duration;

use simulators::nonin::Format;
use tests::bedside::{self, Story};
use tests::recordings;
use vitals::{AbsentReason, Code, Measured};

/// Length of a BIDMC record.
const RECORD: Duration = Duration::from_secs(481);

const FORMATS: [Format; 3] = [Format::Two, Format::Seven, Format::Eight];

fn spec(number: u32) -> Option<String> {
    let file = recordings::bidmc(
        number,
        &format!("record {number:02} through the device protocols"),
    )?;
    Some(format!("bidmc:{}", file.display()))
}

#[test]
fn record_32_raises_spo2_low_once_and_does_not_chatter() {
    let Some(spec) = spec(32) else { return };
    for format in FORMATS {
        let story = bedside::nonin(format, &spec, RECORD);
        assert_eq!(story.conditions(), ["limit.spo2.low"], "{format:?}");
        assert_eq!(
            story.changes.len(),
            1,
            "announced once, never again: {:?}",
            story.changes
        );
    }
    assert_eq!(bedside::modbus(&spec, RECORD).conditions(), ["limit.spo2.low"]);
}

#[test]
fn record_19_is_one_probe_off_alarm_and_never_a_number_while_the_probe_is_off() {
    let Some(spec) = spec(19) else { return };
    // Read off the recording itself: seconds in which SpO2 and pulse are both absent.
    let off = [
        (0, 6),
        (34, 43),
        (60, 76),
        (95, 111),
        (151, 158),
        (272, 296),
        (394, 404),
        (407, 413),
    ];
    let mut stories: Vec<Story> = FORMATS
        .iter()
        .map(|format| bedside::nonin(*format, &spec, RECORD))
        .collect();
    stories.push(bedside::modbus(&spec, RECORD));
    for story in stories {
        assert_eq!(story.conditions(), ["probe_off.spo2"]);
        for (from, to) in off {
            // A device's packet and its confirmation are under 3 s behind the finger.
            let inside = |at: f64| at > f64::from(from) + 3.0 && at < f64::from(to);
            for code in [Code::Spo2, Code::Pr] {
                let shown = story
                    .shown
                    .iter()
                    .filter(|(at, seen)| seen.code == code && inside(*at));
                for (at, seen) in shown {
                    assert_eq!(
                        seen.measured,
                        Measured::Absent(AbsentReason::ProbeOff),
                        "{code:?} at {at} s"
                    );
                }
            }
        }
        assert!(story.absent(Code::Spo2).count() > 40, "the tile says probe off");
        assert!(
            story.numbers(Code::Spo2).count() > 200,
            "and shows the number when the probe is on"
        );
    }
}

#[test]
fn record_13_with_absent_and_zero_breathing_is_a_technical_matter_and_no_apnoea() {
    let Some(spec) = spec(13) else { return };
    // Whenever the monitor is asked: the rate sinks for 9 s and is then lost, which must never become 10 s.
    for phase_ms in (0..1_000).step_by(50) {
        let story = bedside::modbus_asked_at(Duration::from_millis(phase_ms), &spec, RECORD);
        assert_eq!(
            story.conditions(),
            ["probe_off.rr"],
            "asked {phase_ms} ms after the registers"
        );
    }
    let story = bedside::modbus(&spec, RECORD);
    assert!(
        story.numbers(Code::Rr).all(|(_, rate)| rate > 0.0),
        "a zero is never shown as a breathing rate"
    );
    assert!(story.absent(Code::Rr).count() > 200);
}

#[test]
fn record_39_with_a_pulse_that_the_heart_does_not_share_raises_nothing() {
    let Some(spec) = spec(39) else { return };
    let story = bedside::modbus(&spec, RECORD);
    assert_eq!(story.conditions(), Vec::<String>::new());
    assert!(
        story.numbers(Code::Pr).any(|(_, rate)| rate < 45.0),
        "the pulse artefact itself is shown"
    );
}

#[test]
fn records_at_the_border_of_a_limit_need_their_delay() {
    // 22: SpO2 below 90 for 2 s. 45: heart rate below 50 for 1 or 2 s, five times. 46: SpO2 91 to 98.
    for number in [22, 45, 46] {
        let Some(spec) = spec(number) else { return };
        let story = bedside::modbus(&spec, RECORD);
        assert_eq!(story.conditions(), Vec::<String>::new(), "record {number}");
    }
}

#[test]
fn record_21_with_a_steadily_fast_heart_is_one_alarm() {
    let Some(spec) = spec(21) else { return };
    assert_eq!(bedside::modbus(&spec, RECORD).raised("limit.hr.high"), 1);
}

/// Over all 53: nothing is shown that the recording does not say, and nobody is flooded.
#[test]
fn all_53_patients_show_only_what_was_recorded() {
    let Some(folder) = recordings::folder("all 53 BIDMC patients") else {
        return;
    };
    let mut alarms = 0;
    for number in 1..=53 {
        let file = folder.join(format!("bidmc/bidmc_{number:02}_Numerics.csv"));
        let recorded = columns(&std::fs::read_to_string(&file).expect("the recording can be read"));
        let spec = format!("bidmc:{}", file.display());
        for (device, story) in [
            ("nonin", bedside::nonin(FORMATS[number % 3], &spec, RECORD)),
            ("modbus", bedside::modbus(&spec, RECORD)),
        ] {
            for (code, column) in [(Code::Hr, 1), (Code::Pr, 2), (Code::Rr, 3), (Code::Spo2, 4)] {
                for (at, shown) in story.numbers(code) {
                    // The device's own averaging and packet, the poll, and the confirmation: under 5 s behind.
                    let recent = (at as usize).saturating_sub(5)..=(at as usize).min(recorded.len() - 1);
                    let said = recorded[recent].iter().any(|row| row[column] == Some(shown));
                    assert!(
                        said,
                        "record {number}, {device}: {} {shown} at {at} s was never recorded",
                        code.key()
                    );
                }
            }
            alarms += story.conditions().len();
        }
    }
    let bed_hours = 2.0 * 53.0 * RECORD.as_secs_f64() / 3_600.0;
    println!("{alarms} alarms in {bed_hours:.1} bed hours");
}

fn columns(csv: &str) -> Vec<[Option<f64>; 5]> {
    let number = |text: &str| text.trim().parse().ok().filter(|value: &f64| value.is_finite());
    let row = |line: &str| {
        let mut cells = line.split(',').map(number);
        std::array::from_fn(|_| cells.next().flatten())
    };
    csv.lines().skip(1).map(row).collect()
}
