//! HL7: whatever connects and sends, what is found goes to a source that exists, and is the same in any cut; nothing
//! implausible is shown (I5), and every message has few and short answers.
//!
//! An input is a script as for the families that stream; its first byte chooses the field that names the bed.

use drivers::Seen;
use drivers::capture::Capture;
use drivers::catalog::Family;
use drivers::hl7::mllp::{Cut, Reader};
use drivers::hl7::{Found, Inbox, LocationField};
use vitals::{MonoTime, WallTime};

use crate::Target;
use crate::captures::{cases, read};
use crate::promises::{judge_alarms, judge_lab, judge_observation, pieces};
use crate::script::{Moment, Script};

/// The fields, each with the locations of two sources; those of the last one are laboratories.
const FIELDS: [(&str, [&str; 2]); 3] = [
    ("PV1-3", ["ICU^^3", "ICU^^4"]),
    ("PV1-3.3", ["bed3", "bed4"]),
    (LABORATORIES, ["LIS", "BC-5390"]),
];
const LABORATORIES: &str = "MSH-3";
/// One for the transport, one for the application.
const ANSWERS_MAX: usize = 2;
/// A header, a verdict, and a sentence.
const ANSWER_BYTES_MAX: usize = 8 << 10;

/// The target of a family that listens, with its captures as seeds.
pub fn target(family: &Family) -> Target {
    Target {
        name: family.name.to_owned(),
        run: Box::new(run),
        seeds: seeds(family),
    }
}

fn seeds(family: &Family) -> Vec<Vec<u8>> {
    let script = |case: &std::path::PathBuf| {
        let text = read(&case.join("capture.hex"));
        let capture = Capture::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", case.display()));
        let mut before = MonoTime::BOOT;
        let moments = capture.moments.iter().map(|moment| Moment {
            pause: moment.at.since(std::mem::replace(&mut before, moment.at)),
            bytes: moment.lines.concat(),
        });
        Script {
            setting: match capture.directive("field") {
                None => 0,
                Some(LABORATORIES) => 2,
                Some(_) => 1,
            },
            cut: 7,
            moments: moments.collect(),
        }
        .encode()
    };
    cases(family).iter().map(script).collect()
}

fn run(data: &[u8]) {
    let script = Script::decode(data);
    let whole = play(&script, None);
    let other = play(&script, Some(script.cut));
    assert_eq!(whole, other, "P1: whole, and cut by {}", script.cut);
}

fn play(script: &Script, cut: Option<u8>) -> Vec<(MonoTime, usize, Seen)> {
    let (name, locations) = FIELDS[usize::from(script.setting) % FIELDS.len()];
    let field: LocationField = name.parse().expect("a field");
    let locations = locations.map(|text| field.location(text).expect("a location"));
    let laboratories = (0..locations.len()).filter(|_| name == LABORATORIES);
    let mut inbox = Inbox::new(field, locations.to_vec()).with_laboratories(laboratories);
    let mut reader = Reader::default();
    let mut now = MonoTime::from_ms(86_400_000);
    let mut told = Vec::new();
    for moment in &script.moments {
        now = now + moment.pause;
        for found in inbox.tick(now) {
            note(now, found, &mut told);
        }
        let mut cuts = Vec::new();
        reader.wait(now, &mut |cut| cuts.push(cut));
        for piece in pieces(&moment.bytes, cut) {
            reader.hear(now, piece, &mut |cut| cuts.push(cut));
        }
        open(&mut inbox, now, cuts, &mut told);
    }
    told
}

fn open(inbox: &mut Inbox, now: MonoTime, cuts: Vec<Cut>, told: &mut Vec<(MonoTime, usize, Seen)>) {
    // The wall clock of the post: the messages of the test cases are of that day.
    let wall = WallTime::from_unix_ms(1_789_214_400_000);
    for cut in cuts {
        let letter = match cut {
            Cut::Message(message) => inbox.receive(now, wall, &message),
            Cut::TooLong(head) => inbox.too_long(wall, &head),
            Cut::Skipped(_) | Cut::NoReturn => continue,
        };
        assert!(letter.answers.len() <= ANSWERS_MAX, "{:?}", letter.answers);
        for answer in &letter.answers {
            assert!(
                answer.len() <= ANSWER_BYTES_MAX,
                "an answer of {} bytes",
                answer.len()
            );
        }
        for found in letter.found {
            note(now, found, told);
        }
    }
}

fn note(now: MonoTime, found: Found, told: &mut Vec<(MonoTime, usize, Seen)>) {
    let Found::Saw(source, seen) = found else {
        return;
    };
    assert!(source < FIELDS[0].1.len(), "a source that nobody named: {source}");
    match &seen {
        Seen::Vital(seen) | Seen::Earlier { seen, .. } => judge_observation(seen),
        Seen::Alarms(alarms) => judge_alarms(alarms),
        Seen::Lab(result) => judge_lab(result),
        Seen::Wave(_) | Seen::Site { .. } | Seen::Alive => {}
    }
    told.push((now, source, seen));
}
