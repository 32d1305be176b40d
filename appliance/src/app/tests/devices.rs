//! Devices that are moved from bed to bed: what is recorded, shown, alarmed, remembered and told (I3, I9).

use vitals::{BedId, DeviceId, LabFlag, MonoTime};

use super::patients::{WARD, bed, hgb, person};
use super::*;
use crate::access::By;
use crate::ward::{Change, MergeError, Merging, PlaceError, Placing};
use crate::web::{DeviceError, DeviceNow, DeviceRequest, PatientError, PatientRequest};

impl Rig {
    pub(super) fn devices(&mut self) -> Vec<DeviceNow> {
        let devices = self.post().of_devices(|answer| DeviceRequest::Devices { answer });
        devices.unwrap().devices
    }

    /// Where oximeter `n` stands, as the page is told.
    pub(super) fn standing(&mut self, n: usize) -> Option<BedId> {
        let devices = self.devices();
        let device = devices.into_iter().find(|device| device.id == oximeter(n));
        device.unwrap().bed
    }

    /// Grace says that oximeter `n` stands at bed `to`, 0 = at none.
    pub(super) fn move_to(&mut self, n: usize, to: usize) -> Result<(), DeviceError> {
        let placing = Placing {
            device: oximeter(n),
            saw: self.standing(n),
            bed: (to > 0).then(|| bed(to)),
            by: "Grace".to_owned(),
        };
        self.say_moved(placing)
    }

    fn say_moved(&mut self, placing: Placing) -> Result<(), DeviceError> {
        let by = By::named(&placing.by);
        self.post()
            .of_devices(|answer| DeviceRequest::Move { placing, by, answer })
    }

    /// Grace says that whoever lies in bed `n` is the patient of this earlier stay.
    pub(super) fn merge(&mut self, n: usize, into: &vitals::AdmissionId) -> Result<(), PatientError> {
        let merging = Box::new(Merging {
            bed: bed(n),
            saw: self.patient(n).admission,
            into: into.clone(),
            by: "Grace".to_owned(),
        });
        let by = By::named("Grace");
        self.post()
            .of_patients(|answer| PatientRequest::Merge { merging, by, answer })
    }

    /// Oximeter `n` tells a value that it measured so many seconds ago.
    pub(super) fn hear(&mut self, n: usize, spo2: i64, ago_s: u64) {
        let seen = Observation::value(Code::Spo2, Decimal::whole(spo2));
        let ago = Duration::from_secs(ago_s);
        let what = Heard::Seen(drivers::Seen::Earlier { seen, ago });
        let (device, at) = (oximeter(n), self.time.now());
        self.post().line(LineEvent { device, at, what });
    }

    fn pass(&mut self, seconds: u64) {
        // Simulated minutes pass in no time: the writer would look as if it hung.
        self.store().flush().unwrap();
        self.time.pass(Duration::from_secs(seconds));
        self.post().tick();
    }

    /// Bed and value of each reading that was recorded.
    fn recorded(&self) -> Vec<String> {
        let records = self.records(Lane::Vitals).into_iter();
        let readings = records.filter_map(|record| match record {
            Record::Reading(reading) => {
                let bed = reading.bed.map_or("no bed".to_owned(), |bed| bed.to_string());
                assert_eq!(reading.admission.is_some(), bed != "no bed");
                Some(format!("{bed} {}", reading.seen.measured.value()?))
            }
            _ => None,
        });
        readings.collect()
    }

    /// What a bed's tile shows.
    fn shown(&mut self, n: usize) -> Vec<String> {
        let page = self.post().page();
        let values = page.beds[n - 1].values.iter();
        values
            .filter_map(|value| value.value.map(|value| value.to_string()))
            .collect()
    }

    /// `device_silent bed-1 Active`
    fn all_alarms(&mut self) -> Vec<String> {
        let page = self.post().page();
        let alarms = page.alarms.iter().map(|alarm| {
            let bed = alarm.bed.as_ref().map_or("-", |bed| bed.as_str());
            format!("{} {bed} {:?}", alarm.condition.key(), alarm.phase)
        });
        alarms.collect()
    }
}

pub(super) fn oximeter(n: usize) -> DeviceId {
    format!("nonin-{n}").parse().unwrap()
}

#[test]
fn i3_a_value_that_is_heard_after_the_move_is_of_the_bed_at_which_it_was_measured() {
    let mut rig = Rig::with(WARD, wall(0));
    rig.pass(100);
    rig.move_to(1, 2).unwrap();
    rig.pass(10);
    rig.hear(1, 97, 11);
    rig.hear(1, 96, 10);
    rig.hear(1, 95, 0);
    assert_eq!(rig.recorded(), ["bed-1 97", "bed-2 96", "bed-2 95"]);
    assert_eq!(
        (rig.shown(1), rig.shown(2)),
        (vec!["97".to_owned()], vec!["95".to_owned()])
    );
    rig.move_to(1, 0).unwrap();
    rig.pass(1);
    rig.hear(1, 94, 0);
    rig.hear(1, 93, 5);
    assert_eq!(rig.recorded()[3..], ["no bed 94", "bed-2 93"]);
    assert_eq!(rig.shown(2), ["95"], "what was measured last is shown");
}

#[test]
fn a_device_that_was_put_away_is_not_missed_and_one_that_comes_to_a_bed_is() {
    let mut rig = Rig::with(WARD, wall(0));
    rig.move_to(1, 0).unwrap();
    rig.move_to(2, 1).unwrap();
    rig.pass(20);
    rig.pass(1);
    assert_eq!(
        rig.all_alarms(),
        ["device_silent bed-1 Active"],
        "that of oximeter 2"
    );
    rig.move_to(2, 2).unwrap();
    assert!(rig.all_alarms().is_empty(), "ends with the move");
    rig.pass(1);
    assert_eq!(rig.all_alarms(), ["device_silent bed-2 Active"]);
    rig.move_to(2, 0).unwrap();
    rig.pass(60);
    assert!(rig.all_alarms().is_empty());
}

#[test]
fn alarms_of_values_end_with_the_device_that_measured_them_and_its_words_go_with_it() {
    let mut rig = Rig::with(WARD, wall(0));
    let told = drivers::Seen::Alarms(vec![vitals::DeviceAlarm {
        priority: vitals::Priority::High,
        kind: vitals::AlarmKind::Physiological,
        text: "SpO2 low".to_owned(),
    }]);
    let (device, at) = (oximeter(1), rig.time.now());
    let what = Heard::Seen(told);
    rig.post().line(LineEvent { device, at, what });
    for _ in 0..20 {
        rig.hear(1, 85, 0);
        rig.hear(2, 97, 0);
        rig.pass(1);
    }
    assert_eq!(
        rig.all_alarms(),
        ["limit.spo2.low bed-1 Active", "monitor.high.patient bed-1 Active"]
    );
    rig.move_to(1, 2).unwrap();
    assert!(rig.all_alarms().is_empty());
    let page = rig.post().page();
    let present = page.beds[1].device_alarms.clone().unwrap();
    assert_eq!(
        (present.complete, present.present.len()),
        (false, 0),
        "of the other patient"
    );
    assert!(page.beds[0].device.is_none() && page.beds[0].device_alarms.is_none());
    assert_eq!(rig.shown(1), ["85"], "still his, with its age");
}

#[test]
fn a_persons_word_counts_after_a_restart_and_a_reboot_until_the_configuration_moves_the_device() {
    let mut rig = Rig::with(WARD, wall(0));
    rig.pass(10);
    rig.move_to(1, 2).unwrap();
    rig.move_to(2, 0).unwrap();
    rig.pass(60);
    rig.restart();
    rig.hear(1, 97, 61);
    assert_eq!(rig.recorded(), ["bed-1 97"], "i3: also across the restart");
    rig.reboot(2, wall(60_000));
    let told: Vec<String> = rig
        .devices()
        .iter()
        .map(|device| {
            let bed = |bed: &Option<BedId>| bed.as_ref().map_or("-".to_owned(), ToString::to_string);
            let by = device.moved_by.clone().unwrap_or_default();
            format!("{} {} {} {by}", device.id, bed(&device.bed), bed(&device.home))
        })
        .collect();
    assert_eq!(told, ["nonin-1 bed-2 bed-1 Grace", "nonin-2 - bed-2 Grace"]);
    // Whoever changes the configuration has moved the device.
    rig.config = SWAPPED;
    rig.restart();
    assert_eq!((rig.standing(1), rig.standing(2)), (Some(bed(2)), Some(bed(1))));
    assert!(rig.devices().iter().all(|device| device.moved_by.is_none()));
    rig.config = WARD;
    rig.restart();
    assert_eq!((rig.standing(1), rig.standing(2)), (Some(bed(1)), Some(bed(2))));
}

/// [`WARD`] with each oximeter at the other bed.
const SWAPPED: &str = r#"
    post = "kolo"
    name = "Kolo"
    [web]
    listen = "127.0.0.1:0"
    [store]
    path = "unused.redb"
    [[bed]]
    id = "bed-1"
    [[bed]]
    id = "bed-2"
    [[line]]
    id = "usb-1"
    serial = "/dev/ttyUSB0"
    family = "nonin"
    device = "nonin-1"
    bed = "bed-2"
    [[line]]
    id = "usb-2"
    serial = "/dev/ttyUSB1"
    family = "nonin"
    device = "nonin-2"
    bed = "bed-1"
"#;

#[test]
fn i9_a_move_is_refused_without_a_person_and_told_with_before_and_after() {
    let mut rig = Rig::with(WARD, wall(0));
    rig.move_to(1, 2).unwrap();
    let placing = |saw, to: Option<usize>, by: &str| Placing {
        device: oximeter(1),
        saw,
        bed: to.map(bed),
        by: by.to_owned(),
    };
    let here = || Some(bed(2));
    let moved = PlaceError::Moved(oximeter(1));
    let unknown = PlaceError::UnknownBed(bed(9));
    let stranger = Placing {
        device: "stranger".parse().unwrap(),
        ..placing(None, Some(1), "Grace")
    };
    let no_such = PlaceError::UnknownDevice("stranger".parse().unwrap());
    for (said, why) in [
        (placing(here(), None, " "), DeviceError::NoPerson),
        (placing(Some(bed(1)), None, "Grace"), moved.into()),
        (placing(here(), Some(9), "Grace"), unknown.into()),
        (
            placing(here(), Some(2), "Grace"),
            PlaceError::There(oximeter(1)).into(),
        ),
        (stranger, no_such.into()),
    ] {
        assert_eq!(rig.say_moved(said), Err(why));
    }
    assert_eq!(rig.standing(1), here());
    let told: Vec<_> = rig
        .events()
        .into_iter()
        .filter_map(|event| match event {
            Event::Audited(entry) if entry.deed.told.action == "bind" => Some(entry.deed.told),
            _ => None,
        })
        .collect();
    assert_eq!(told.len(), 6, "done or refused");
    let words = |words: &Option<vitals::Masked<String>>| words.as_ref().unwrap().reveal().clone();
    assert_eq!(
        told[0].subject,
        "device:nonin-1 bed:bed-1 admission:unidentified-bed-1 bed:bed-2 admission:unidentified-bed-2"
    );
    assert_eq!(
        words(&told[0].before),
        "at bed bed-1 for admission unidentified-bed-1"
    );
    assert_eq!(
        words(&told[0].after),
        "at bed bed-2 for admission unidentified-bed-2"
    );
    assert!(words(&told[2].after).contains("was moved since you looked"));
}

#[test]
fn an_analyser_stands_at_no_bed() {
    let ward = format!(
        "{WARD}\n[[line]]\nid = \"lab\"\nlisten = \"127.0.0.1:12000\"\nsenders = [\"127.0.0.1\"]\nfamily = \"astm\"\ndevice = \"sysmex\"\n"
    );
    let mut rig = Rig::with(ward.leak(), wall(0));
    assert_eq!(rig.devices().len(), 2);
    let placing = Placing {
        device: "sysmex".parse().unwrap(),
        saw: None,
        bed: Some(bed(1)),
        by: "Grace".to_owned(),
    };
    let refused = PlaceError::Laboratory("sysmex".parse().unwrap());
    assert_eq!(rig.say_moved(placing), Err(refused.into()));
}

#[test]
fn i3_a_patient_whom_nobody_knew_has_the_results_of_both_stays_once_they_are_one() {
    let mut rig = Rig::with(WARD, wall(0));
    rig.identify(1, Change::Same, person("PT-7", "Doe")).unwrap();
    let before = rig.patient(1).admission;
    rig.specimen(1, "S-1", false).unwrap();
    rig.lab(hgb("S-1", "6.9", LabFlag::Normal));
    rig.identify(1, Change::New, person("", "")).unwrap();
    rig.identify(2, Change::New, person("", "")).unwrap();
    let unknown = rig.patient(2).admission;
    rig.specimen(2, "S-2", false).unwrap();
    rig.lab(hgb("S-2", "7.1", LabFlag::Normal));
    for _ in 0..20 {
        rig.hear(1, 97, 0);
        rig.hear(2, 85, 0);
        rig.pass(1);
    }
    assert_eq!(rig.patient(2).results.len(), 1);
    let elsewhere = MergeError::Elsewhere(bed(1));
    let there = rig.patient(1).admission;
    assert_eq!(rig.merge(2, &there), Err(elsewhere.into()));
    rig.merge(2, &before).unwrap();
    assert_eq!(rig.shown(2), ["85"], "it is the same person");
    assert_eq!(rig.all_alarms(), ["limit.spo2.low bed-2 Active"]);
    assert!(!rig.post().page().alarms[0].earlier_patient);
    for round in 0..3 {
        let patient = rig.patient(2);
        assert_eq!(
            (&patient.admission, &patient.merged),
            (&before, &vec![unknown.clone()])
        );
        let values: Vec<&str> = patient
            .results
            .iter()
            .map(|result| result.value.as_str())
            .collect();
        assert_eq!(values, ["7.1", "6.9"], "{round}");
        assert_eq!(patient.specimens.len(), 2);
        assert_eq!(patient.identity, Some(person("PT-7", "Doe")));
        match round {
            0 => rig.restart(),
            _ => rig.reboot(2 + round, wall(60_000)),
        }
    }
    rig.lab(hgb("S-1", "6.8", LabFlag::Normal));
    rig.lab(hgb("S-2", "7.0", LabFlag::Normal));
    let was: Vec<Option<String>> = rig
        .patient(2)
        .results
        .into_iter()
        .map(|result| result.was)
        .collect();
    assert_eq!(was, [Some("7.1 g/dL".to_owned()), Some("6.9 g/dL".to_owned())]);
    assert!(rig.nobodys().results.is_empty());
    let mut bound = rig.events().into_iter().rev().filter_map(|event| match event {
        Event::Bound(binding) if binding.bed == Some(bed(2)) => binding.admission,
        _ => None,
    });
    assert_eq!(bound.next(), Some(before), "the newest word");
}

#[test]
fn i9_a_merge_is_told_with_who_lay_there_before_and_after() {
    let mut rig = Rig::with(WARD, wall(0));
    rig.identify(1, Change::Same, person("PT-7", "Doe")).unwrap();
    let before = rig.patient(1).admission;
    rig.identify(1, Change::New, person("", "Karim")).unwrap();
    let contradiction = MergeError::Contradiction;
    assert_eq!(rig.merge(1, &before), Err(contradiction.into()));
    rig.identify(1, Change::New, person("", "")).unwrap();
    let unknown = rig.patient(1).admission;
    rig.merge(1, &before).unwrap();
    let told: Vec<_> = rig
        .events()
        .into_iter()
        .filter_map(|event| match event {
            Event::Audited(entry) if entry.deed.told.action == "merge" => Some(entry.deed.told),
            _ => None,
        })
        .collect();
    let [refused, done] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!(refused.outcome, vitals::audit::Outcome::Refused);
    let words = |words: &Option<vitals::Masked<String>>| words.as_ref().unwrap().reveal().clone();
    assert_eq!(
        words(&done.before),
        format!("admission {unknown}: unknown; adult")
    );
    assert!(words(&done.after).starts_with(&format!("admission {before}: ids PT-7")));
    assert_eq!(
        done.subject,
        format!("bed:bed-1 admission:{unknown} admission:{before}")
    );
}

#[test]
fn i3_where_devices_stood_is_told_again_to_a_new_file() {
    let mut rig = Rig::with(WARD, wall(0));
    rig.pass(10);
    rig.move_to(1, 2).unwrap();
    let at: Vec<MonoTime> = rig
        .records(Lane::Events)
        .into_iter()
        .filter_map(|record| match record {
            Record::Event {
                at,
                event: Event::Bound(binding),
            } if binding.device == oximeter(1) => Some(at),
            _ => None,
        })
        .collect();
    assert_eq!(at.len(), 2, "at the start and with the move");
    rig.post().tell_bindings_again();
    let told: Vec<(Option<BedId>, MonoTime, String)> = rig
        .events()
        .into_iter()
        .filter_map(|event| match event {
            Event::Bound(binding) if binding.device == oximeter(1) => {
                Some((binding.bed, binding.from, binding.by))
            }
            _ => None,
        })
        .collect();
    let again = [
        (Some(bed(1)), MonoTime::BOOT, String::new()),
        (Some(bed(2)), at[1], "Grace".to_owned()),
        (Some(bed(2)), rig.time.now(), "Grace".to_owned()),
    ];
    assert_eq!(told[2..], again);
}
