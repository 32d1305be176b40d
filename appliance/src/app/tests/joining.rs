//! Devices that are added and taken away while the post runs: what is shown, alarmed, recorded and remembered (I3, I9).

use vitals::{Measured, MonoTime};

use super::patients::{WARD, bed};
use super::*;
use crate::access::By;
use crate::ward::{DeviceSetup, PlaceError};
use crate::web::{DeviceError, DeviceRequest, LineTold};

fn told() -> LineTold {
    LineTold {
        id: "new-1".to_owned(),
        words: "nonin on /dev/ttyUSB7".to_owned(),
    }
}

impl Rig {
    fn join(&mut self, device: &str, n: usize) -> Result<(), DeviceError> {
        let setup = Box::new(DeviceSetup {
            id: device.parse().unwrap(),
            bed: Some(bed(n)),
            silent_after: Some(Duration::from_secs(10)),
            is_laboratory: false,
        });
        let (line, by) = (told(), By::named("Yaw"));
        self.post().of_devices(|answer| DeviceRequest::Join {
            setup,
            line,
            by,
            answer,
        })
    }

    fn part(&mut self, device: &str) -> Result<(), DeviceError> {
        let (device, line, by) = (device.parse().unwrap(), told(), By::named("Yaw"));
        self.post().of_devices(|answer| DeviceRequest::Part {
            device,
            line,
            by,
            answer,
        })
    }

    fn says(&mut self, device: &str, pulse: i64) {
        let what = Heard::Seen(drivers::Seen::Vital(Observation::value(
            Code::Pr,
            Decimal::whole(pulse),
        )));
        let (device, at) = (device.parse().unwrap(), self.time.now());
        self.post().line(LineEvent { device, at, what });
    }

    fn lasts(&mut self, seconds: u64) {
        self.store().flush().unwrap();
        for _ in 0..seconds {
            self.time.pass(Duration::from_secs(1));
            self.post().tick();
        }
    }

    fn silent_devices(&mut self) -> Vec<String> {
        let page = self.post().page();
        let alarms = page
            .alarms
            .iter()
            .filter(|alarm| alarm.condition.key() == "device_silent");
        alarms
            .filter_map(|alarm| Some(alarm.device.as_ref()?.to_string()))
            .collect()
    }

    fn deeds_of(&self, action: &str) -> Vec<String> {
        let events = self.records(Lane::Events).into_iter();
        let told = events.filter_map(|record| match record {
            Record::Event {
                event: Event::Audited(entry),
                ..
            } if entry.deed.told.action == action => Some(entry.deed.told),
            _ => None,
        });
        let reveal = |words: Option<vitals::Masked<String>>| words.map(|words| words.reveal().clone());
        told.map(|told| {
            format!(
                "{:?} {} {:?} {:?}",
                told.outcome,
                told.subject,
                reveal(told.before),
                reveal(told.after)
            )
        })
        .collect()
    }
}

#[test]
fn i3_i9_a_device_that_is_added_is_heard_at_its_bed_from_that_moment_on_and_recorded_with_the_person() {
    let mut rig = Rig::with(WARD, wall(0));
    rig.says("new-1", 71);
    assert_eq!(rig.records(Lane::Vitals).len(), 0, "nobody knows it yet");
    rig.lasts(30);
    rig.join("new-1", 2).unwrap();
    rig.says("new-1", 72);
    let page = rig.post().page();
    let value = page.beds[1].values.iter().find(|value| value.code == Code::Pr);
    assert_eq!(value.and_then(|value| value.value), Some(Decimal::whole(72)));
    rig.store().flush().unwrap();
    let bound = rig.records(Lane::Events).into_iter().any(|record| {
        matches!(record, Record::Event { event: Event::Bound(bound), .. }
            if bound.device.as_str() == "new-1" && bound.bed == Some(bed(2)) && bound.by == "Yaw" && bound.from > MonoTime::BOOT)
    });
    assert!(bound);
    let deeds = rig.deeds_of("add_line");
    assert_eq!(deeds.len(), 1);
    assert!(
        deeds[0].starts_with("Done line:new-1 device:new-1 bed:"),
        "{deeds:?}"
    );
    assert!(deeds[0].contains("nonin on /dev/ttyUSB7, at bed"), "{deeds:?}");
}

#[test]
fn a_device_that_is_added_late_is_not_silent_before_it_could_have_been_heard() {
    let mut rig = Rig::with(WARD, wall(0));
    rig.lasts(60);
    rig.join("new-1", 2).unwrap();
    rig.lasts(5);
    assert!(
        !rig.silent_devices().contains(&"new-1".to_owned()),
        "five seconds after it was added"
    );
    rig.lasts(30);
    assert!(
        rig.silent_devices().contains(&"new-1".to_owned()),
        "it says nothing"
    );
}

#[test]
fn a_device_that_is_taken_away_calls_nobody_any_more_and_its_measurements_stay() {
    let mut rig = Rig::with(WARD, wall(0));
    rig.join("new-1", 2).unwrap();
    rig.says("new-1", 72);
    rig.lasts(60);
    assert!(rig.silent_devices().contains(&"new-1".to_owned()));
    rig.part("new-1").unwrap();
    rig.lasts(2);
    assert!(!rig.silent_devices().contains(&"new-1".to_owned()));
    rig.says("new-1", 99);
    rig.store().flush().unwrap();
    let readings = rig
        .records(Lane::Vitals)
        .into_iter()
        .filter_map(|record| match record {
            Record::Reading(reading) if reading.device.as_str() == "new-1" => match reading.seen.measured {
                Measured::Value(value) => Some(value.to_string()),
                Measured::Absent(_) => None,
            },
            _ => None,
        });
    assert_eq!(
        readings.collect::<Vec<_>>(),
        ["72"],
        "what it says afterwards is nobody's"
    );
    let deeds = rig.deeds_of("remove_line");
    assert!(
        deeds.len() == 1 && deeds[0].contains("nonin on /dev/ttyUSB7, at bed"),
        "{deeds:?}"
    );
    // Its name is free again.
    rig.join("new-1", 1).unwrap();
}

#[test]
fn i9_a_name_that_is_taken_and_a_bed_that_is_not_there_are_refused_and_told() {
    let mut rig = Rig::with(WARD, wall(0));
    let taken = rig.join("nonin-1", 2).unwrap_err();
    assert!(
        matches!(taken, DeviceError::Move(PlaceError::Known(_))),
        "{taken}"
    );
    let nowhere = rig.join("new-1", 9).unwrap_err();
    assert!(
        matches!(nowhere, DeviceError::Move(PlaceError::UnknownBed(_))),
        "{nowhere}"
    );
    rig.store().flush().unwrap();
    let deeds = rig.deeds_of("add_line");
    assert!(
        deeds.len() == 2 && deeds.iter().all(|deed| deed.starts_with("Refused")),
        "{deeds:?}"
    );
}
