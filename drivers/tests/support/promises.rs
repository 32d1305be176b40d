//! What every dialogue promises, whatever arrives: asked with chance by `any_family.rs`, with coverage by `fuzz/`.
//!
//! P1. The same bytes at the same times give the same readings, however they are cut.
//! P2. It comes to an end: at most [`WAKES_PER_S_MAX`] wakes and [`STEPS_AT_ONCE_MAX`] steps for one hearing.
//! P3. It asks for less than the line can carry (I10): at most a line's bytes in any second.
//! P4. No value that no living patient has, and no curve where a number belongs (I5).
//! P5. Samples are counted forwards; no sample has two places.
//! P6. Alarms are few, short and in order.
//! P7. Laboratory results are short texts; a number is made of one only where the whole of it is one (I5).

use std::collections::{BTreeMap, VecDeque};
use std::mem::discriminant;
use std::time::Duration;

use drivers::{Dialogue, LineFault, Seen, Step};
use vitals::alarm::{DEVICE_ALARM_CHARS_MAX, DEVICE_ALARMS_MAX};
use vitals::code::CodeKind;
use vitals::lab::LAB_CHARS_MAX;
use vitals::{Code, DeviceAlarm, LabResult, Measured, MonoTime, Observation, WaveBlock};

use super::script::Moment;

/// A dialogue that wakes more often spins.
pub const WAKES_PER_S_MAX: u64 = 1_000;
/// A dialogue that says more at once does not come to an end.
pub const STEPS_AT_ONCE_MAX: usize = 10_000;

/// A line and the dialogue at its end.
pub struct Line<'a> {
    /// Makes the dialogue.
    pub open: &'a dyn Fn() -> Box<dyn Dialogue>,
    /// What the line carries in a second, each way.
    pub bytes_per_s: u64,
    /// Each moment is a datagram, and must not be cut.
    pub is_datagrams: bool,
}

/// What was said, with its time. How faults are gathered may depend on how often somebody looks; what kinds there were
/// may not.
#[derive(Debug, Default, PartialEq)]
pub struct Told {
    pub seen: Vec<(MonoTime, Seen)>,
    pub faults: Vec<(MonoTime, LineFault)>,
}

impl Line<'_> {
    /// Plays the script whole and in the other cut; panics where a promise is broken. Returns what was said.
    pub fn keep(&self, moments: &[Moment], cut: u8) -> Told {
        let whole = self.play(moments, None);
        if !self.is_datagrams {
            let other = self.play(moments, Some(cut));
            let (whole, other) = (&whole, &other);
            for (one, another) in whole.seen.iter().zip(&other.seen) {
                assert_eq!(one, another, "P1: whole, and cut by {cut}");
            }
            assert_eq!(whole.seen.len(), other.seen.len(), "P1: readings, cut by {cut}");
            let kinds = |told: &Told| -> BTreeMap<MonoTime, Vec<LineFault>> {
                let mut kinds: BTreeMap<MonoTime, Vec<LineFault>> = BTreeMap::new();
                for (at, fault) in &told.faults {
                    let here = kinds.entry(*at).or_default();
                    if here
                        .iter()
                        .all(|known| discriminant(known) != discriminant(fault))
                    {
                        here.push(*fault);
                    }
                }
                kinds
            };
            let (one, another) = (kinds(whole), kinds(other));
            let times = |kinds: &BTreeMap<MonoTime, Vec<LineFault>>| -> Vec<(MonoTime, usize)> {
                kinds.iter().map(|(at, kinds)| (*at, kinds.len())).collect()
            };
            assert_eq!(times(&one), times(&another), "P1: faults, cut by {cut}");
        }
        whole
    }

    fn play(&self, moments: &[Moment], cut: Option<u8>) -> Told {
        let mut listener = Listener::new(self);
        for moment in moments {
            let wire_ns = 1_000_000_000 * moment.bytes.len() as u64 / self.bytes_per_s.max(1);
            listener.wait(moment.pause.max(Duration::from_nanos(wire_ns)));
            if moment.bytes.is_empty() {
                continue;
            }
            for piece in pieces(&moment.bytes, cut) {
                listener.dialogue.heard(listener.now, piece);
                listener.drain();
            }
        }
        listener.wait(Duration::from_secs(2));
        listener.told
    }
}

/// The bytes in pieces of 1 to `cut` bytes; whole without it.
pub fn pieces(bytes: &[u8], cut: Option<u8>) -> Vec<&[u8]> {
    let Some(cut) = cut else {
        return vec![bytes];
    };
    let (mut rest, mut pieces, mut turn) = (bytes, Vec::new(), usize::from(cut));
    while !rest.is_empty() {
        turn = (turn * 31 + 17) % 257;
        let length = 1 + turn % usize::from(cut).max(1);
        let (piece, more) = rest.split_at(length.min(rest.len()));
        pieces.push(piece);
        rest = more;
    }
    pieces
}

struct Listener {
    dialogue: Box<dyn Dialogue>,
    now: MonoTime,
    bytes_per_s: u64,
    sent: VecDeque<(MonoTime, usize)>,
    next_sample: BTreeMap<Code, u64>,
    told: Told,
}

/// Not the boot itself: zero must mean nothing special.
const BEGIN: MonoTime = MonoTime::from_ms(86_400_000);

impl Listener {
    fn new(line: &Line<'_>) -> Listener {
        Listener {
            dialogue: (line.open)(),
            now: BEGIN,
            bytes_per_s: line.bytes_per_s,
            sent: VecDeque::new(),
            next_sample: BTreeMap::new(),
            told: Told::default(),
        }
    }

    /// Time passes; the dialogue is woken when it wants to be.
    fn wait(&mut self, pause: Duration) {
        let until = self.now + pause;
        let mut wakes = 0;
        loop {
            let next = self.drain();
            if next > until {
                break;
            }
            self.now = next;
            wakes += 1;
            let most = WAKES_PER_S_MAX * (1 + pause.as_secs());
            assert!(wakes <= most, "P2: {wakes} wakes in {pause:?}");
        }
        self.now = until;
        self.drain();
    }

    /// Everything that the dialogue has to say now; returns until when it sleeps.
    fn drain(&mut self) -> MonoTime {
        for _ in 0..STEPS_AT_ONCE_MAX {
            match self.dialogue.step(self.now) {
                Step::SleepUntil(until) => {
                    assert!(until > self.now, "P2: it sleeps until a time that is over");
                    return until;
                }
                Step::Send(bytes) | Step::SendWhenKept(bytes) => self.send(bytes.len()),
                Step::Fault(fault) => self.told.faults.push((self.now, fault)),
                Step::Saw(seen) => {
                    self.judge(&seen);
                    self.told.seen.push((self.now, seen));
                }
            }
        }
        panic!("P2: more than {STEPS_AT_ONCE_MAX} steps at once");
    }

    fn send(&mut self, bytes: usize) {
        assert!(bytes > 0, "P3: it sends nothing, and says so");
        self.sent.push_back((self.now, bytes));
        while let Some((at, _)) = self.sent.front()
            && self.now.since(*at) >= Duration::from_secs(1)
        {
            self.sent.pop_front();
        }
        let sum: usize = self.sent.iter().map(|(_, bytes)| bytes).sum();
        assert!(
            sum as u64 <= self.bytes_per_s,
            "P3: {sum} bytes sent within a second, and the line carries {}",
            self.bytes_per_s
        );
    }

    fn judge(&mut self, seen: &Seen) {
        match seen {
            // How long ago may be before the boot: what is told of such a time is the post's business.
            Seen::Vital(seen) | Seen::Earlier { seen, .. } => judge_observation(seen),
            Seen::Wave(block) => self.judge_wave(block),
            Seen::Alarms(alarms) => judge_alarms(alarms),
            Seen::Lab(result) => judge_lab(result),
            Seen::Site { .. } | Seen::Alive => {}
        }
    }

    fn judge_wave(&mut self, block: &WaveBlock) {
        assert_eq!(block.code.info().kind, CodeKind::Wave, "P4: {:?}", block.code);
        assert!(!block.samples.is_empty(), "P5: a block without samples");
        assert!(
            block.rate.0 > 0 && block.rate.1 > 0,
            "P5: a rate of {:?}",
            block.rate
        );
        let next = self.next_sample.entry(block.code).or_default();
        assert!(
            block.first_sample >= *next,
            "P5: {:?} goes back from {next} to {}",
            block.code,
            block.first_sample
        );
        *next = block.first_sample + block.samples.len() as u64;
    }
}

/// P7, of a laboratory result: bounded texts, and a number only where the whole text is one.
pub fn judge_lab(result: &LabResult) {
    let texts = [
        result.specimen.reveal(),
        &result.test.code,
        &result.test.name,
        &result.value,
        &result.unit,
        &result.range,
    ];
    for text in texts {
        assert!(text.chars().count() <= LAB_CHARS_MAX, "P7: {text:?}");
    }
    assert!(
        result.patient.ids.len() <= vitals::patient::IDS_MAX,
        "P7: {result:?}"
    );
    if let Some(number) = result.number {
        assert_eq!(
            result.value.trim().parse::<f64>().ok(),
            number.to_string().parse().ok(),
            "P7: {result:?}"
        );
    }
}

/// P4, of a value that is told.
pub fn judge_observation(seen: &Observation) {
    assert_ne!(seen.code.info().kind, CodeKind::Wave, "P4: {seen:?}");
    if let Measured::Value(value) = seen.measured {
        assert_eq!(seen.code.judge(value), seen.measured, "P4: {seen:?}");
    }
}

/// P6.
pub fn judge_alarms(alarms: &[DeviceAlarm]) {
    assert!(alarms.len() <= DEVICE_ALARMS_MAX, "P6: {} alarms", alarms.len());
    for alarm in alarms {
        let chars = alarm.text.chars().count();
        assert!(chars <= DEVICE_ALARM_CHARS_MAX, "P6: an alarm of {chars} letters");
    }
    let in_order = alarms.windows(2).all(|pair| pair[0].priority >= pair[1].priority);
    assert!(in_order, "P6: not the most urgent first: {alarms:?}");
}
