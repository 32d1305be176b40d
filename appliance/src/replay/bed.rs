//! One bed in virtual time: the monitor's words through the ward and the alarms of a post, and nobody who acknowledges.

use std::collections::HashMap;
use std::time::Duration;

use alarms::{Alarms, Place, Tuning};
use vitals::alarm::DEVICE_SILENT_AFTER;
use vitals::{AlarmChange, BedId, BootId, Category, Condition, DeviceId, Epoch, MonoTime};

use super::monitor::Monitor;
use crate::ward::{BedSetup, DeviceSetup, Ward};

/// Time passes for a post between two looks in steps of at most this.
const TICK: Duration = Duration::from_secs(1);

/// What happened at the bed.
#[derive(Clone, Debug)]
pub struct Played {
    /// How long somebody lay there.
    pub length: Duration,
    /// Every step of every alarm, in order; each alarm that is open at the end once more, with its worst value.
    pub changes: Vec<AlarmChange>,
    /// How many of these are steps.
    pub steps: usize,
}

struct Bed {
    id: BedId,
    device: DeviceId,
    ward: Ward,
    alarms: Alarms,
    changes: Vec<AlarmChange>,
}

/// Plays what a monitor told to a post that has one bed.
pub fn play(monitor: &Monitor, category: Category, tuning: &Tuning) -> Played {
    let mut bed = Bed::new(monitor, category, tuning);
    let mut ticked = Duration::ZERO;
    for (at, seen) in monitor.looks() {
        bed.pass(&mut ticked, at);
        let now = MonoTime::BOOT + at;
        for seen in seen {
            if let Some(bound) = bed.ward.heard(&bed.device, now, seen)
                && bound.leads
            {
                bed.alarms.reading(&bound.reading, now, &mut bed.changes);
            }
        }
        bed.tick(at);
    }
    bed.pass(&mut ticked, monitor.length());
    let steps = bed.changes.len();
    let open: Vec<AlarmChange> = bed.alarms.open().into_iter().cloned().collect();
    Played {
        length: monitor.length(),
        changes: [bed.changes, open].concat(),
        steps,
    }
}

impl Bed {
    fn new(monitor: &Monitor, category: Category, tuning: &Tuning) -> Bed {
        let (id, device): (BedId, DeviceId) =
            ("bed".parse().expect("an id"), "monitor".parse().expect("an id"));
        let setup = BedSetup {
            id: id.clone(),
            label: "Bed".to_owned(),
            category,
        };
        let fastest = monitor.intervals().map(|(_, every)| every).min();
        let devices = vec![DeviceSetup {
            id: device.clone(),
            bed: Some(id.clone()),
            silent_after: fastest.map(|every| (every * 3).max(DEVICE_SILENT_AFTER)),
            is_laboratory: false,
        }];
        let of = HashMap::from([(id.clone(), category)]);
        let mut alarms = Alarms::new(BootId([1; 16]), Epoch(1), of).tuned(tuning.clone());
        for (code, every) in monitor.intervals() {
            alarms.looks_every(device.clone(), code, every);
        }
        Bed {
            id,
            device,
            ward: Ward::new(vec![setup], devices, MonoTime::BOOT),
            alarms,
            changes: Vec::new(),
        }
    }

    /// Time passes until the next look.
    fn pass(&mut self, ticked: &mut Duration, until: Duration) {
        while *ticked + TICK < until {
            *ticked += TICK;
            self.tick(*ticked);
        }
    }

    fn tick(&mut self, at: Duration) {
        let now = MonoTime::BOOT + at;
        self.ward.tick(now);
        let silent = self
            .ward
            .device(&self.device)
            .and_then(|device| device.is_silent(MonoTime::BOOT, now));
        let place = Place {
            bed: Some(self.id.clone()),
            device: Some(self.device.clone()),
        };
        let condition = Condition::DeviceSilent;
        self.alarms
            .condition(place, condition, silent, now, &mut self.changes);
        self.alarms.tick(now, &mut self.changes);
    }
}
