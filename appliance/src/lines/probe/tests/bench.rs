//! A simulated device on a line in virtual time, and the probe at the other end. A serial line that is opened with other
//! settings than the device's brings what a UART makes of it then, both ways.

use std::collections::VecDeque;
use std::iter::Peekable;
use std::time::Duration;

use drivers::catalog::{Parity, SerialSettings};
use simulators::device::{Chunk, Device, Options};
use simulators::modbus::{RtuInput, Server, Unit};
use simulators::nonin::{Format, Sim};
use simulators::patient::{Generator, Patient, Scenario};
use vitals::MonoTime;

use super::super::advice::Tried;
use super::super::attempt::Attempt;
use super::super::plan::{Over, Try};

/// How finely time passes.
const TICK: Duration = Duration::from_millis(10);

/// So much arrives at once at most, as an adapter hands it over.
const PIECE_BYTES: usize = 32;

/// Makes a device that was just switched on.
pub(super) type Make = Box<dyn Fn() -> Box<dyn Device>>;

/// The other end of the line.
pub(super) struct Bench {
    make: Make,
    device: Box<dyn Device>,
    /// As its menu says; none on the LAN.
    serial: Option<SerialSettings>,
    now: MonoTime,
    /// When the device was switched on.
    on_since: MonoTime,
    /// Under way to the computer, and to the device.
    up: Wire,
    down: Wire,
}

/// Bytes under way.
#[derive(Default)]
struct Wire {
    free_at: MonoTime,
    pieces: VecDeque<(MonoTime, Vec<u8>)>,
}

impl Wire {
    fn carry(&mut self, now: MonoTime, bytes: &[u8], settings: Option<SerialSettings>) {
        let Some(settings) = settings else {
            return self.pieces.push_back((now, bytes.to_vec()));
        };
        for piece in bytes.chunks(PIECE_BYTES) {
            let bits = piece.len() as u64 * 11;
            let takes = Duration::from_micros(bits * 1_000_000 / u64::from(settings.baud));
            self.free_at = self.free_at.max(now) + takes;
            self.pieces.push_back((self.free_at, piece.to_vec()));
        }
    }

    fn arrived(&mut self, now: MonoTime) -> Option<Vec<u8>> {
        let first = self.pieces.front()?;
        (first.0 <= now).then(|| self.pieces.pop_front().expect("it was there").1)
    }
}

impl Bench {
    /// With this device on a serial line, or on the LAN.
    pub(super) fn new(make: Make, serial: Option<SerialSettings>) -> Bench {
        let now = MonoTime::from_ms(60_000);
        Bench {
            device: make(),
            make,
            serial,
            now,
            // It has been on for a while.
            on_since: MonoTime::from_ms(50_000),
            up: Wire::default(),
            down: Wire::default(),
        }
    }

    /// One try after the other until somebody understands: all that were made.
    pub(super) fn probe(&mut self, plan: Vec<Try>) -> Vec<Tried> {
        let mut all = Vec::new();
        for what in plan {
            let tried = self.hear(what);
            let understood = tried.understood().is_some();
            all.push(tried);
            if understood {
                break;
            }
        }
        all
    }

    fn hear(&mut self, what: Try) -> Tried {
        let over = what.over;
        if self.serial.is_none() {
            // Who comes over the LAN meets a device that knows nothing of whoever came before.
            self.device = (self.make)();
            self.on_since = self.now;
        }
        // What it said while nobody listened is lost.
        while self.device.next(self.now.since(self.on_since)).is_some() {}
        self.up = Wire::default();
        self.down = Wire::default();
        let mut attempt = Attempt::begin(what, self.now);
        loop {
            let due = attempt.step(self.now);
            for question in due.questions {
                self.down.carry(self.now, &question, ours(over));
            }
            if due.over {
                return attempt.end();
            }
            let mut wakes = false;
            while !wakes {
                self.now = self.now + TICK;
                self.device_lives(over);
                while let Some(bytes) = self.up.arrived(self.now) {
                    let bytes = seen(&bytes, self.serial, ours(over));
                    if !bytes.is_empty() {
                        attempt.heard(self.now, &bytes);
                        wakes = true;
                    }
                }
                wakes |= self.now >= due.until;
            }
        }
    }

    fn device_lives(&mut self, over: Over) {
        let at = self.now.since(self.on_since);
        while let Some(bytes) = self.down.arrived(self.now) {
            let bytes = seen(&bytes, ours(over), self.serial);
            if !bytes.is_empty() {
                self.device.hear(at, &bytes);
            }
        }
        while let Some(chunk) = self.device.next(at) {
            self.up.carry(self.now, &chunk.bytes, self.serial);
        }
    }
}

fn ours(over: Over) -> Option<SerialSettings> {
    match over {
        Over::Serial(settings) => Some(settings),
        Over::Tcp | Over::Udp => None,
    }
}

/// What a UART with the settings `to` makes of bytes that one with the settings `from` sends.
pub(super) fn seen(bytes: &[u8], from: Option<SerialSettings>, to: Option<SerialSettings>) -> Vec<u8> {
    let (Some(from), Some(to)) = (from, to) else {
        return bytes.to_vec();
    };
    // Whoever waits for a wire that nobody raises says nothing.
    if from.handshake != to.handshake {
        return Vec::new();
    }
    if (from.baud, from.parity) == (to.baud, to.parity) {
        return bytes.to_vec();
    }
    let wire: Vec<bool> = bytes.iter().flat_map(|byte| levels(*byte, from.parity)).collect();
    sampled(&wire, from.baud, to)
}

fn levels(byte: u8, parity: Parity) -> Vec<bool> {
    let mut levels = vec![false];
    levels.extend((0..8).map(|bit| byte >> bit & 1 == 1));
    let odd_ones = byte.count_ones() % 2 == 1;
    match parity {
        Parity::None => {}
        Parity::Even => levels.push(odd_ones),
        Parity::Odd => levels.push(!odd_ones),
    }
    levels.push(true);
    levels
}

/// Finds start bits and samples the middles of what should be data bits. Bytes with a wrong parity or stop bit are handed on
/// as they are: so the kernel does unless it is told otherwise.
fn sampled(wire: &[bool], baud: u32, to: SerialSettings) -> Vec<u8> {
    // Time is counted in parts of which a bit of the sender has as many as the receiver's baud says, and vice versa.
    let (sent_bit, read_bit) = (u64::from(to.baud), u64::from(baud));
    let level = |at: u64| wire.get((at / sent_bit) as usize).copied().unwrap_or(true);
    let end = wire.len() as u64 * sent_bit;
    let bits = 8 + u64::from(to.parity != Parity::None);
    let mut bytes = Vec::new();
    let mut at = 0;
    while at < end {
        if level(at) {
            at = (at / sent_bit + 1) * sent_bit;
            continue;
        }
        if level(at + read_bit / 2) {
            // Too short for a start bit.
            at += read_bit / 2;
            continue;
        }
        let middle = |bit: u64| level(at + read_bit * (bit + 1) + read_bit / 2);
        bytes.push((0..8).fold(0, |byte, bit| byte | u8::from(middle(bit)) << bit));
        at += read_bit * (bits + 1) + read_bit / 2;
    }
    bytes
}

fn patient() -> Box<dyn Patient> {
    Box::new(Generator::new(7, Scenario::Stable))
}

/// A device of this family, set up like this.
pub(super) fn simulated(family: &'static str, options: &[(&str, &str)]) -> Make {
    let options = options
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let options = Options(options.collect());
    let family = simulators::device::family(family).unwrap_or_else(|| panic!("nobody plays {family}"));
    Box::new(move || (family.make)(patient(), &options).unwrap())
}

pub(super) fn nonin(format: Format) -> Make {
    Box::new(move || Box::new(Oximeter(Sim::new(format, patient()).peekable())))
}

/// A Modbus unit at this address, behind a serial line or a connection.
pub(super) fn unit(number: u8, tcp: bool) -> Make {
    Box::new(move || {
        let mut server = Server::new();
        server
            .mount(number, "unit".to_owned(), Unit::bedside(patient()))
            .unwrap();
        Box::new(Units {
            server,
            tcp,
            input: RtuInput::default(),
            out: VecDeque::new(),
        })
    })
}

struct Oximeter(Peekable<Sim>);

impl Device for Oximeter {
    fn hear(&mut self, _at: Duration, _bytes: &[u8]) {}

    fn next(&mut self, at: Duration) -> Option<Chunk> {
        let chunk = self.0.next_if(|chunk| chunk.at <= at)?;
        Some(Chunk::plain(chunk.bytes))
    }
}

struct Units {
    server: Server,
    tcp: bool,
    input: RtuInput,
    out: VecDeque<Vec<u8>>,
}

impl Device for Units {
    fn hear(&mut self, at: Duration, bytes: &[u8]) {
        self.server.refresh(at);
        let answer = if self.tcp {
            self.server.answer_tcp(bytes)
        } else {
            self.input
                .heard(at, bytes)
                .and_then(|request| self.server.answer_rtu(&request))
        };
        self.out.extend(answer);
        assert_eq!(self.server.writes_refused(), 0, "I10: somebody tried to write");
    }

    fn next(&mut self, _at: Duration) -> Option<Chunk> {
        self.out.pop_front().map(Chunk::plain)
    }
}

#[test]
fn the_bench_garbles_as_a_uart_does() {
    let settings = |baud, parity| Some(SerialSettings::new(baud, parity));
    let eight_n = settings(9600, Parity::None);
    assert_eq!(seen(b"SpO2", eight_n, eight_n), b"SpO2");
    // One slow byte is several fast ones: at twice the speed each bit is read twice.
    assert_eq!(
        seen(&[0x0F], eight_n, settings(19_200, Parity::None)),
        [0xFE, 0x80]
    );
    // Even parity read without it: the parity bit is taken for the stop bit, and a byte that stands alone is right.
    assert_eq!(seen(&[0x41], settings(9600, Parity::Even), eight_n), [0x41]);
    // A needed handshake that nobody makes.
    let needs = Some(SerialSettings::new(9600, Parity::None).with_rts_cts());
    assert_eq!(seen(b"SpO2", needs, eight_n), b"");
    assert_eq!(seen(b"SpO2", eight_n, needs), b"");
}
