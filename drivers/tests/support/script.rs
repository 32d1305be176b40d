//! A line written as bytes: how the dialogue is set up, what arrives and when. The same bytes are an input of `fuzz/`, so
//! that what is found there can be played here.
//!
//! Byte 0 chooses the setting, byte 1 the other cut. Then come moments: bytes that arrive at once (a datagram, over UDP),
//! each ended by [`MARK`] and a byte that says how long until the next.

use std::time::Duration;

use drivers::capture::Capture;
use drivers::catalog::{Family, Kind, StreamOptions, Transport};
use drivers::{Dialogue, Step};
use vitals::MonoTime;
use vitals::code::{CODES, Code, CodeKind};

use super::captures::{cases, directive, read};

/// Ends a moment; the length of the pause follows.
pub const MARK: [u8; 2] = [0xF5, 0x5F];
/// Most bytes that arrive at once: what a port hands over in one go.
pub const MOMENT_BYTES_MAX: usize = 1500;
/// Pauses below this many steps of 10 ms are written in them, longer ones in seconds.
const FINE: u8 = 200;

/// One way in which a configuration can set up a family.
#[derive(Clone, Debug)]
pub struct Setting {
    pub family: &'static Family,
    pub transport: Transport,
    pub format: Option<String>,
    pub waves: Option<Vec<Code>>,
}

/// What arrives at once, and how long after the moment before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    pub pause: Duration,
    pub bytes: Vec<u8>,
}

/// What happens on a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// Which of [`settings`], counted round.
    pub setting: u8,
    /// The other cut: 0 is byte by byte, else pieces of 1 to this many bytes.
    pub cut: u8,
    pub moments: Vec<Moment>,
}

/// Every setting of a family that streams: each transport, each format that a case names, with the usual curves and with
/// all that it has.
pub fn settings(family: &'static Family) -> Vec<Setting> {
    let mut formats: Vec<Option<String>> = cases(family)
        .iter()
        .map(|case| directive(&read(&case.join("capture.hex")), "format").map(str::to_owned))
        .chain([None])
        .collect();
    formats.sort();
    formats.dedup();
    let mut settings = Vec::new();
    for transport in family.transports {
        for format in &formats {
            let usual = Setting {
                family,
                transport: *transport,
                format: format.clone(),
                waves: None,
            };
            let waves = usual.curves();
            let all = (!waves.is_empty()).then(|| Setting {
                waves: Some(waves),
                ..usual.clone()
            });
            settings.push(usual);
            settings.extend(all);
        }
    }
    settings.retain(|setting| setting.try_open().is_some());
    settings
}

impl Setting {
    /// A dialogue that has heard nothing yet.
    pub fn open(&self) -> Box<dyn Dialogue> {
        self.try_open().expect("settings() keeps only what opens")
    }

    /// Each moment is a datagram.
    pub fn is_datagrams(&self) -> bool {
        self.transport == Transport::Udp
    }

    /// What the line carries in a second: eight bits, a start bit and a stop bit to each byte. A connection or a network
    /// could carry more, but a device behind it has no more to say.
    pub fn bytes_per_s(&self) -> u64 {
        u64::from(self.family.serial.baud) / 10
    }

    fn try_open(&self) -> Option<Box<dyn Dialogue>> {
        let Kind::Stream(open) = self.family.kind else {
            return None;
        };
        open(&StreamOptions {
            transport: self.transport,
            format: self.format.as_deref(),
            waves: self.waves.as_deref(),
        })
        .ok()
    }

    /// The curves that can be asked for; none where a family takes any, because it never asks.
    fn curves(&self) -> Vec<Code> {
        let takes = |code: &Code| {
            let waves = Some(vec![*code]);
            Setting {
                waves,
                ..self.clone()
            }
            .try_open()
            .is_some()
        };
        let known = CODES.iter().map(|row| row.code);
        if known.clone().all(|code| takes(&code)) {
            return Vec::new();
        }
        known
            .filter(|code| code.info().kind == CodeKind::Wave && takes(code))
            .collect()
    }
}

/// The captures of a family as scripts, each in the setting that its case names.
pub fn scripts(family: &'static Family) -> Vec<Script> {
    let settings = settings(family);
    let mut scripts = Vec::new();
    for case in cases(family) {
        let text = read(&case.join("capture.hex"));
        let capture = Capture::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", case.display()));
        let format = capture.directive("format");
        let transport = capture.transport(family).expect("a transport that exists");
        let setting = settings.iter().position(|setting| {
            (setting.format.as_deref(), setting.transport) == (format, transport) && setting.waves.is_none()
        });
        let setting = setting.unwrap_or_else(|| panic!("{}: no such setting", case.display()));
        let mut before = MonoTime::BOOT;
        let mut line = Vec::new();
        for moment in capture.moments {
            let pieces = match transport {
                Transport::Udp => moment.lines,
                Transport::Serial | Transport::Tcp | Transport::Listen | Transport::Broker => {
                    let bytes = moment.lines.concat();
                    match bytes.is_empty() {
                        // Only time passes.
                        true => vec![bytes],
                        false => bytes.chunks(MOMENT_BYTES_MAX).map(<[u8]>::to_vec).collect(),
                    }
                }
            };
            let mut pause = moment.at.since(before);
            before = moment.at;
            for bytes in pieces {
                line.push(Moment { pause, bytes });
                pause = Duration::ZERO;
            }
        }
        scripts.push(Script {
            setting: u8::try_from(setting).expect("few settings"),
            cut: 7,
            moments: line,
        });
    }
    scripts
}

impl Script {
    /// As bytes. Pauses lose what is finer than their steps.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![self.setting, self.cut];
        for (n, moment) in self.moments.iter().enumerate() {
            if n > 0 || !moment.pause.is_zero() {
                bytes.extend(MARK);
                bytes.push(step_of(moment.pause));
            }
            bytes.extend(&moment.bytes);
        }
        bytes
    }

    /// From any bytes.
    pub fn decode(bytes: &[u8]) -> Script {
        let (head, mut rest) = bytes.split_at(bytes.len().min(2));
        let mut moments = Vec::new();
        let mut pause = Duration::ZERO;
        loop {
            let end = rest.windows(2).position(|pair| pair == MARK);
            let (here, after) = rest.split_at(end.unwrap_or(rest.len()));
            // A moment without bytes only lets time pass.
            if here.is_empty() && !pause.is_zero() {
                let bytes = Vec::new();
                moments.push(Moment { pause, bytes });
            }
            for bytes in here.chunks(MOMENT_BYTES_MAX) {
                let (pause, bytes) = (std::mem::take(&mut pause), bytes.to_vec());
                moments.push(Moment { pause, bytes });
            }
            if end.is_none() {
                break;
            }
            pause = pause_of(after.get(2).copied().unwrap_or(0));
            rest = after.get(3..).unwrap_or_default();
        }
        Script {
            setting: head.first().copied().unwrap_or(0),
            cut: head.get(1).copied().unwrap_or(0),
            moments,
        }
    }
}

fn pause_of(step: u8) -> Duration {
    match step.checked_sub(FINE) {
        None => Duration::from_millis(u64::from(step) * 10),
        Some(more) => Duration::from_secs(u64::from(more) + 2),
    }
}

fn step_of(pause: Duration) -> u8 {
    let fine = pause.as_millis() / 10;
    let step = match fine < u128::from(FINE) {
        true => fine,
        false => u128::from(pause.as_secs()).saturating_sub(2) + u128::from(FINE),
    };
    u8::try_from(step).unwrap_or(u8::MAX)
}

/// Whether a step is a finding, and not a question.
pub fn is_finding(step: &Step) -> bool {
    matches!(step, Step::Saw(_) | Step::Fault(_))
}
