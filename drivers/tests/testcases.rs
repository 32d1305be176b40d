//! Runs every case of every family: `drivers/src/<family>/testcases/<what_happened>/{capture.hex, expected.txt}`.
//!
//! A field fault becomes a permanent test by dropping in one folder. `UPDATE_EXPECT=1` writes what is expected; read it
//! before you commit it.

mod support;

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use drivers::catalog::{FAMILIES, Family, Kind, Parity, SerialSettings, StreamOptions, Transport};
use drivers::modbus_map::{
    Answer, Found, LineTiming, Map, Poll, PollError, Poller, Request, Table, UnitPlan, builtin,
};
use support::captures::{cases, directive, hex, moments, read, transport};
use support::{drain, ms, tell, tell_fault, tell_seen};
use vitals::MonoTime;

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
            let capture = read(&case.join("capture.hex"));
            let told = match family.kind {
                Kind::Stream(_) => tell_stream(family, &capture, Cut::Whole),
                Kind::Modbus => tell_modbus(&case, &capture),
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
        if !matches!(family.kind, Kind::Stream(_)) {
            continue;
        }
        for case in cases(family) {
            let capture = read(&case.join("capture.hex"));
            let whole = tell_stream(family, &capture, Cut::Whole);
            for cut in [
                Cut::Bytes(1),
                Cut::Bytes(2),
                Cut::Bytes(7),
                Cut::Bytes(64),
                Cut::Odd,
            ] {
                let told = tell_stream(family, &capture, cut);
                assert_eq!(told, whole, "{} {cut:?}", case.display());
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

/// `!format F`, `!transport T`, `@seconds`, lines of hex bytes (each a datagram, over UDP), `#` comments. A moment without
/// bytes only lets time pass.
fn tell_stream(family: &Family, capture: &str, cut: Cut) -> String {
    let Kind::Stream(open) = family.kind else {
        panic!("{} does not stream", family.name);
    };
    let options = StreamOptions {
        format: directive(capture, "format"),
        ..StreamOptions::usual(transport(family, capture))
    };
    let mut dialogue = open(&options).expect("the case names a format");
    let mut told = String::new();
    for (at, lines) in moments(capture) {
        // An asking dialogue speaks first.
        let mut steps = drain(dialogue.as_mut(), at);
        let chunks: Vec<Vec<u8>> = match options.transport {
            Transport::Udp => lines,
            Transport::Serial | Transport::Tcp => {
                let bytes = lines.concat();
                cut.chunks(&bytes).into_iter().map(<[u8]>::to_vec).collect()
            }
        };
        for chunk in chunks {
            dialogue.heard(at, &chunk);
            steps.extend(drain(dialogue.as_mut(), at));
        }
        // Skipped bytes are summed while they wait; how often somebody looks must not matter here.
        let mut lines: Vec<String> = steps.iter().map(tell).collect();
        lines.dedup_by(|a, b| a.starts_with("fault") && a == b);
        for line in lines {
            writeln!(told, "{:.3} {line}", at.as_ms() as f64 / 1000.0).expect("a string takes text");
        }
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
        LineTiming::serial(SerialSettings {
            baud: 9600,
            parity: Parity::None,
            stop_bits: 1,
        })
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
