//! One bed in virtual time: a simulated device, its decoder, the ward and the alarms. No process, no clock, no waiting.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use alarms::Alarms;
use appliance::ward::{BedSetup, DeviceSetup, Ward};
use drivers::modbus_map::{self, Answer, Found, Map, Poll, PollError, Poller, Request, Table, UnitPlan};
use drivers::{Dialogue, Seen, Step, nonin};
use simulators::faults::{FaultOptions, Faults};
use simulators::modbus::{Server, Unit};
use simulators::nonin as device;
use simulators::patient::PatientSpec;
use simulators::truth::Values;
use vitals::{
    AlarmChange, AlarmPhase, BedId, BootId, Category, Code, Condition, DeviceId, Epoch, Measured, MonoTime,
    Observation,
};

/// What happened at the bed.
#[derive(Debug, Default)]
pub struct Story {
    /// Every step of every alarm.
    pub changes: Vec<AlarmChange>,
    /// Everything that became the bed's value, with the second it was heard.
    pub shown: Vec<(f64, Observation)>,
    /// What an oximeter really said, with the second it said it.
    pub truth: Vec<(f64, Values)>,
}

impl Story {
    /// How many alarms of this condition were raised (an alarm that returned is still one).
    pub fn raised(&self, condition: &str) -> usize {
        let raised = self.changes.iter().filter(|change| change.change == 1);
        raised
            .filter(|change| change.condition.key() == condition)
            .count()
    }

    /// The conditions of all alarms that were raised, in order.
    pub fn conditions(&self) -> Vec<String> {
        self.changes
            .iter()
            .filter(|change| change.change == 1)
            .map(|change| change.condition.key())
            .collect()
    }

    /// Numbers shown for a code.
    pub fn numbers(&self, code: Code) -> impl Iterator<Item = (f64, f64)> {
        let of_code = self.shown.iter().filter(move |(_, seen)| seen.code == code);
        of_code.filter_map(|(at, seen)| Some((*at, seen.measured.value()?.as_f64())))
    }

    /// Seconds at which a code was shown as absent.
    pub fn absent(&self, code: Code) -> impl Iterator<Item = f64> {
        let of_code = self.shown.iter().filter(move |(_, seen)| seen.code == code);
        of_code
            .filter(|(_, seen)| matches!(seen.measured, Measured::Absent(_)))
            .map(|(at, _)| *at)
    }
}

struct Bed {
    device: DeviceId,
    ward: Ward,
    alarms: Alarms,
    story: Story,
}

impl Bed {
    fn new() -> Bed {
        let (bed, device): (BedId, DeviceId) = ("1".parse().expect("an id"), "dev".parse().expect("an id"));
        let setup = BedSetup {
            id: bed.clone(),
            label: "Bed 1".to_owned(),
            category: Category::Adult,
        };
        let devices = vec![DeviceSetup {
            id: device.clone(),
            bed: Some(bed.clone()),
            silent_after: Some(vitals::alarm::DEVICE_SILENT_AFTER),
            is_laboratory: false,
        }];
        Bed {
            device,
            ward: Ward::new(vec![setup], devices, MonoTime::BOOT),
            alarms: Alarms::new(BootId([1; 16]), Epoch(1), HashMap::from([(bed, Category::Adult)])),
            story: Story::default(),
        }
    }

    fn heard(&mut self, now: MonoTime, seen: Seen) {
        let Seen::Vital(seen) = seen else { return };
        let Some(bound) = self.ward.heard(&self.device, now, seen) else {
            return;
        };
        if bound.leads {
            self.story.shown.push((now.as_ns() as f64 / 1e9, seen));
            self.alarms.reading(&bound.reading, now, &mut self.story.changes);
        }
    }

    fn tick(&mut self, now: MonoTime) {
        self.alarms.tick(now, &mut self.story.changes);
    }
}

fn patient(spec: &str) -> Box<dyn simulators::patient::Patient> {
    let spec: PatientSpec = spec.parse().unwrap_or_else(|error| panic!("{error}"));
    spec.open().unwrap_or_else(|error| panic!("{error}")).0
}

/// A patient on a Nonin oximeter for so long.
pub fn nonin(format: device::Format, spec: &str, length: Duration) -> Story {
    let clean = FaultOptions {
        corrupt: 0.0,
        garbage: false,
        silence: None,
        seed: 0,
    };
    nonin_on_bad_line(format, spec, length, clean)
}

/// The same over a line with faults.
pub fn nonin_on_bad_line(
    format: device::Format,
    spec: &str,
    length: Duration,
    faults: FaultOptions,
) -> Story {
    let mut faults = Faults::new(faults);
    let mut bed = Bed::new();
    let decoder = match format {
        device::Format::Two => nonin::Format::Two,
        device::Format::Seven => nonin::Format::Seven,
        device::Format::Eight => nonin::Format::Eight,
    };
    let mut dialogue = nonin::Nonin::new(decoder);
    for chunk in device::Sim::new(format, patient(spec)).take_while(|chunk| chunk.at < length) {
        let now = MonoTime::BOOT + chunk.at;
        if let Some(values) = chunk.truth {
            bed.story.truth.push((chunk.at.as_secs_f64(), values));
        }
        dialogue.heard(now, &faults.damage(chunk.at, &chunk.bytes).bytes);
        loop {
            match dialogue.step(now) {
                Step::Saw(seen) => bed.heard(now, seen),
                Step::SleepUntil(_) => break,
                Step::Send(bytes) | Step::SendWhenKept(bytes) => {
                    panic!("I10: an oximeter is only listened to, not sent {bytes:?}")
                }
                Step::Fault(_) => {}
            }
        }
        bed.tick(now);
    }
    bed.story
}

/// A patient on the invented bedside Modbus monitor for so long.
pub fn modbus(spec: &str, length: Duration) -> Story {
    modbus_asked_at(Duration::ZERO, spec, length)
}

/// The same when the monitor is asked so long after it renews its registers.
pub fn modbus_asked_at(phase: Duration, spec: &str, length: Duration) -> Story {
    let mut bed = Bed::new();
    let mut server = Server::new();
    server
        .mount(1, "dev".to_owned(), Unit::bedside(patient(spec)))
        .expect("one unit");
    let text = modbus_map::builtin("bedside-invented").expect("a built-in map");
    let map = Arc::new(Map::parse("bedside-invented", text).unwrap_or_else(|error| panic!("{error}")));
    let mut poller = Poller::new(vec![UnitPlan { unit: 1, map }], modbus_map::LineTiming::tcp());
    let step = Duration::from_millis(50);
    let mut now = MonoTime::BOOT + phase;
    while now.since(MonoTime::BOOT) < length {
        server.refresh(now.since(MonoTime::BOOT));
        while let Poll::Read(request) = poller.next(now) {
            let answer = ask(&mut server, request);
            for finding in poller.answered(now, request.unit, answer) {
                if let Found::Saw(seen) = finding.what {
                    bed.heard(now, seen);
                }
            }
        }
        bed.tick(now);
        now = now + step;
    }
    assert_eq!(
        server.writes_refused(),
        0,
        "I10: nothing is ever written to a monitor"
    );
    bed.story
}

fn ask(server: &mut Server, request: Request) -> Result<Answer, PollError> {
    assert_eq!(
        request.table,
        Table::Input,
        "the bedside map reads input registers"
    );
    let mut message = vec![0, 1, 0, 0, 0, 6, request.unit, 4];
    message.extend(request.addr.to_be_bytes());
    message.extend(request.count.to_be_bytes());
    let answer = server.answer_tcp(&message).ok_or(PollError::Timeout)?;
    let words = answer[9..]
        .chunks_exact(2)
        .map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    Ok(Answer::Words(words.collect()))
}

/// Open at the end: not ended.
pub fn open(story: &Story, condition: Condition) -> bool {
    let last = story
        .changes
        .iter()
        .rev()
        .find(|change| change.condition == condition);
    last.is_some_and(|change| change.phase != AlarmPhase::Ended)
}
