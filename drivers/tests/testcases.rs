//! Runs every case of every family: `drivers/src/<family>/testcases/<what_happened>/{capture.hex, expected.txt}`. Where
//! devices send text, it is `messages.txt` instead.
//!
//! A field fault becomes a permanent test by dropping in one folder. `UPDATE_EXPECT=1` writes what is expected; read it
//! before you commit it.

mod sensors;
mod support;

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use drivers::LineFault;
use drivers::capture::{Capture, replay};
use drivers::catalog::{FAMILIES, Family, Kind, Parity, SerialSettings};
use drivers::hl7::mllp::{self, Reader};
use drivers::hl7::{self, Inbox, LocationField};
use drivers::modbus_map::{
    Answer, Found, LineTiming, Map, Poll, PollError, Poller, Request, Table, UnitPlan, builtin,
};
use drivers::sensor_json;
use support::captures::{cases, directive, hex, read};
use support::{ms, tell_fault, tell_seen};
use vitals::{MonoTime, WallTime};

#[test]
fn every_case_of_every_family_tells_what_is_expected() {
    let mut wrong = Vec::new();
    for family in FAMILIES {
        let cases = cases(family);
        assert!(
            cases.len() >= 3,
            "{}: normal, torn and absent at least",
            family.name
        );
        for case in cases {
            let capture = || read(&case.join("capture.hex"));
            let told = match family.kind {
                Kind::Stream(_) => tell_stream(family, &capture(), Cut::Whole),
                Kind::Modbus => tell_modbus(&case, &capture()),
                Kind::Listener => tell_listener(&capture(), Cut::Whole),
                Kind::Subscriber => tell_sensors(&read(&case.join("messages.txt"))),
            };
            if !agrees(&case.join("expected.txt"), &told) {
                wrong.push(format!("{}\n--- told:\n{told}", case.display()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "differs from expected.txt (UPDATE_EXPECT=1 rewrites it):\n{}",
        wrong.join("\n")
    );
}

#[test]
fn every_cut_of_a_stream_tells_the_same() {
    for family in FAMILIES {
        let tell = |capture: &str, cut| match family.kind {
            Kind::Stream(_) => Some(tell_stream(family, capture, cut)),
            Kind::Listener => Some(tell_listener(capture, cut)),
            Kind::Modbus | Kind::Subscriber => None,
        };
        for case in cases(family) {
            // Messages come whole or not at all.
            if matches!(family.kind, Kind::Subscriber) {
                continue;
            }
            let capture = read(&case.join("capture.hex"));
            let Some(whole) = tell(&capture, Cut::Whole) else {
                continue;
            };
            for cut in [
                Cut::Bytes(1),
                Cut::Bytes(2),
                Cut::Bytes(7),
                Cut::Bytes(64),
                Cut::Odd,
            ] {
                let told = tell(&capture, cut);
                assert_eq!(told.as_ref(), Some(&whole), "{} {cut:?}", case.display());
            }
        }
    }
}

/// How the bytes of one moment are handed over.
#[derive(Clone, Copy, Debug)]
enum Cut {
    Whole,
    Bytes(usize),
    /// 1, 2, 3 ... bytes.
    Odd,
}

impl Cut {
    fn chunks(self, bytes: &[u8]) -> Vec<&[u8]> {
        match self {
            Cut::Whole => vec![bytes],
            Cut::Bytes(count) => bytes.chunks(count).collect(),
            Cut::Odd => {
                let (mut rest, mut chunks) = (bytes, Vec::new());
                while !rest.is_empty() {
                    let (chunk, more) = rest.split_at(rest.len().min(chunks.len() + 1));
                    chunks.push(chunk);
                    rest = more;
                }
                chunks
            }
        }
    }
}

/// See [`drivers::capture`].
fn tell_stream(family: &Family, capture: &str, cut: Cut) -> String {
    let capture = Capture::parse(capture).unwrap_or_else(|error| panic!("{error}"));
    replay(family, &capture, |bytes| cut.chunks(bytes)).unwrap_or_else(|error| panic!("{error}"))
}

/// `!field F`, `!source LOCATION` (each is a source, by its number from 0), `!laboratory LOCATION` (so is this), `@seconds`, lines of hex bytes. Answers are told
/// as text, dated 2026-09-12 12:00 UTC, segments separated by a blank.
fn tell_listener(capture: &str, cut: Cut) -> String {
    let field: LocationField = directive(capture, "field").map_or_else(LocationField::default, |field| {
        field.parse().unwrap_or_else(|error| panic!("{error}"))
    });
    let sources: Vec<(bool, &str)> = capture
        .lines()
        .filter_map(|line| {
            let laboratory = line.strip_prefix("!laboratory ").map(|text| (true, text));
            laboratory.or_else(|| Some((false, line.strip_prefix("!source ")?)))
        })
        .collect();
    let location = |text: &str| field.location(text).expect("a source says where it is");
    let locations = sources.iter().map(|(_, text)| location(text));
    let laboratories = (0..).zip(&sources).filter(|(_, (is, _))| *is);
    let mut inbox = Inbox::new(field.clone(), locations.collect())
        .with_laboratories(laboratories.map(|(place, _)| place));
    let mut reader = Reader::default();
    let wall = WallTime::from_unix_ms(1_789_214_400_000);
    let mut told = String::new();
    let parsed = Capture::parse(capture).unwrap_or_else(|error| panic!("{error}"));
    for moment in parsed.moments {
        let (at, bytes) = (moment.at, moment.lines.concat());
        let mut found: Vec<String> = inbox.tick(at).iter().map(tell_found).collect();
        for chunk in cut.chunks(&bytes).into_iter().chain([&[][..]]) {
            let mut cuts = Vec::new();
            reader.hear(at, chunk, &mut |cut| cuts.push(cut));
            for cut in cuts {
                let letter = match cut {
                    mllp::Cut::Message(message) => inbox.receive(at, wall, &message),
                    mllp::Cut::TooLong(head) => inbox.too_long(wall, &head),
                    mllp::Cut::Skipped(skipped) => {
                        found.push(tell_fault(LineFault::Resynchronised { skipped }));
                        continue;
                    }
                    mllp::Cut::NoReturn => {
                        found.push("no carriage return".to_owned());
                        continue;
                    }
                };
                found.extend(letter.found.iter().map(tell_found));
                let text = |block: &Vec<u8>| String::from_utf8_lossy(block).replace(['\u{b}', '\u{1c}'], "");
                let answers = letter.answers.iter().map(text);
                found.extend(answers.map(|text| format!("answer {}", text.trim().replace('\r', " "))));
            }
        }
        for line in found {
            writeln!(told, "{:.3} {line}", at.as_ms() as f64 / 1000.0).expect("a string takes text");
        }
    }
    for kept in inbox.kept() {
        writeln!(told, "kept {}", kept.segment).expect("a string takes text");
    }
    told
}

fn tell_found(found: &hl7::Found) -> String {
    match found {
        hl7::Found::Saw(source, seen) => format!("source {source} {}", tell_seen(seen)),
        hl7::Found::Fault(source, fault) => format!("source {source} {}", tell_fault(*fault)),
        hl7::Found::LineFault(fault) => tell_fault(*fault),
        hl7::Found::UnknownLocation(location) => format!("unknown location {location:?}"),
    }
}

/// See [`sensors`]: what the line tells, and what it keeps.
fn tell_sensors(text: &str) -> String {
    let (devices, sent) = sensors::parse(text);
    let mut inbox = sensor_json::Inbox::new(devices);
    let mut told = String::new();
    for one in sent {
        for found in inbox.receive(one.at, one.arrived()) {
            let said = match found {
                sensor_json::Found::Saw(place, seen) => format!("device {place} {}", tell_seen(&seen)),
                sensor_json::Found::Fault(place, fault) => format!("device {place} {}", tell_fault(fault)),
                sensor_json::Found::LineFault(fault) => tell_fault(fault),
                sensor_json::Found::UnknownDevice(name) => format!("unknown device {name:?}"),
            };
            writeln!(told, "{:.3} {said}", one.at.as_ms() as f64 / 1000.0).expect("a string takes text");
        }
    }
    for item in inbox.kept() {
        writeln!(told, "kept {item}").expect("a string takes text");
    }
    told
}

/// When the lines of Modbus cases begin, after the boot; the times that they tell count from here.
const BEGIN_MS: u64 = 3_600_000;

/// `!map NAME` (built in, or a file of the case), `!unit N`, `!transport rtu|tcp`; then `@seconds`, `> question`
/// and `< answer` (nothing = no answer). Every question must be the one that the poller asks.
fn tell_modbus(case: &Path, capture: &str) -> String {
    let name = directive(capture, "map").expect("a Modbus case names its map");
    let text = builtin(name).map_or_else(|| read(&case.join(name)), str::to_owned);
    let map = Map::parse(name, &text).unwrap_or_else(|error| panic!("{error}"));
    let unit = directive(capture, "unit")
        .unwrap_or("1")
        .parse()
        .expect("!unit is a number");
    let tcp = directive(capture, "transport") == Some("tcp");
    let timing = if tcp {
        LineTiming::tcp()
    } else {
        LineTiming::serial(SerialSettings::new(9600, Parity::None))
    };
    let plan = UnitPlan {
        unit,
        map: Arc::new(map),
    };
    let mut poller = Poller::new(vec![plan], timing);
    let (mut now, mut told, mut asked) = (ms(BEGIN_MS + 1000), String::new(), None);
    for line in capture.lines().map(str::trim) {
        if let Some(question) = line.strip_prefix('>') {
            let request = next_request(&mut poller, &mut now);
            let expected = pdu(&hex(question), tcp).expect("the question of a case is whole");
            let addr_count = [request.addr.to_be_bytes(), request.count.to_be_bytes()].concat();
            let mut asks = vec![request.unit, function(request.table)];
            asks.extend(addr_count);
            assert_eq!(
                asks,
                expected,
                "{}: the poller asks something else",
                case.display()
            );
            asked = Some(request);
        } else if let Some(answer) = line.strip_prefix('<') {
            let request = asked.take().expect("an answer follows a question");
            let bytes = hex(answer);
            let heard = heard(&request, &bytes, tcp);
            let waited = if heard == Err(PollError::Timeout) {
                request.timeout
            } else {
                Duration::from_millis(30)
            };
            now = now + waited;
            for finding in poller.answered(now, request.unit, heard) {
                let what = match &finding.what {
                    Found::Saw(seen) => tell_seen(seen),
                    Found::Text { signal, text } => format!("{signal} {text:?}"),
                    Found::Fault(fault) => tell_fault(*fault),
                };
                let at = (finding.at.as_ms() as f64 - BEGIN_MS as f64) / 1000.0;
                writeln!(told, "{at:.3} unit {} {what}", finding.unit).expect("a string takes text");
            }
        }
    }
    told
}

fn next_request(poller: &mut Poller, now: &mut MonoTime) -> Request {
    loop {
        match poller.next(*now) {
            Poll::Read(request) => return request,
            Poll::SleepUntil(at) => *now = at,
        }
    }
}

fn function(table: Table) -> u8 {
    match table {
        Table::Coil => 1,
        Table::Discrete => 2,
        Table::Holding => 3,
        Table::Input => 4,
    }
}

/// The frame without its envelope: unit, function, data. `None` when the envelope is wrong.
fn pdu(bytes: &[u8], tcp: bool) -> Option<Vec<u8>> {
    if tcp {
        let (head, body) = bytes.split_at_checked(6)?;
        let length = usize::from(u16::from_be_bytes([head[4], head[5]]));
        return (head[2..4] == [0, 0] && body.len() == length).then(|| body.to_vec());
    }
    let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(2)?)?;
    let crc = body.iter().fold(0xFFFFu16, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xA001 } else { crc >> 1 }
        })
    });
    (sum == crc.to_le_bytes()).then(|| body.to_vec())
}

/// What a transport makes of the answer.
fn heard(request: &Request, bytes: &[u8], tcp: bool) -> Result<Answer, PollError> {
    if bytes.is_empty() {
        return Err(PollError::Timeout);
    }
    let body = pdu(bytes, tcp).ok_or(PollError::BadFrame)?;
    match body.as_slice() {
        [unit, code, reason] if *unit == request.unit && *code == function(request.table) | 0x80 => {
            Err(PollError::Exception(*reason))
        }
        [unit, code, count, data @ ..]
            if (*unit, *code) == (request.unit, function(request.table))
                && usize::from(*count) == data.len() =>
        {
            if request.table.is_bits() {
                let bit = |n: u16| {
                    data.get(usize::from(n / 8))
                        .is_some_and(|byte| byte >> (n % 8) & 1 == 1)
                };
                return Ok(Answer::Bits((0..request.count).map(bit).collect()));
            }
            let words = data.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            Ok(Answer::Words(words.collect()))
        }
        _ => Err(PollError::WrongAnswer),
    }
}

fn agrees(file: &Path, told: &str) -> bool {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(file, told).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        return true;
    }
    read(file) == told
}
