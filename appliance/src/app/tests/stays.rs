//! I3 over random sequences: no value and no result ever stands with another stay than the one in force at its moment.

use std::collections::BTreeMap;

use proptest::prelude::*;
use vitals::{AdmissionId, Identity, LabFlag, LabResult, MonoTime, WaveBlock, Whose};

use super::patients::{WARD, bed, hgb, person};
use super::*;
use crate::ward::Change;

#[derive(Clone, Debug)]
enum Act {
    /// A bed is given to this person, or to somebody nobody knows (0).
    New(usize, usize),
    /// A word about this person is corrected.
    Same(usize, usize),
    /// A value, so many seconds after it was measured.
    Value(usize, u64),
    Wave(usize),
    Specimen(usize, usize),
    /// A result with this specimen, of this person as the analyser was told (0 = it was not).
    Result(usize, usize, u32),
    Pass(u64),
    Restart,
}

fn act() -> impl Strategy<Value = Act> {
    let bed = || 1..=2usize;
    prop_oneof![
        2 => (bed(), 0..4usize).prop_map(|(bed, who)| Act::New(bed, who)),
        2 => (bed(), 1..4usize).prop_map(|(bed, who)| Act::Same(bed, who)),
        4 => (bed(), 0..40u64).prop_map(|(bed, ago)| Act::Value(bed, ago)),
        1 => bed().prop_map(Act::Wave),
        2 => (bed(), 0..3usize).prop_map(|(bed, specimen)| Act::Specimen(bed, specimen)),
        3 => (0..3usize, 0..4usize, 50..180u32).prop_map(|(specimen, who, value)| Act::Result(specimen, who, value)),
        2 => (1..15u64).prop_map(Act::Pass),
        1 => Just(Act::Restart),
    ]
}

fn someone(who: usize) -> Identity {
    match who {
        0 => Identity::default(),
        _ => person(&format!("PT-{who}"), ["", "Doe", "Karim", "Okafor"][who]),
    }
}

/// Who lay in each bed from when on, and of whom specimens were taken: written down beside the post.
#[derive(Default)]
struct Ledger {
    stays: BTreeMap<usize, Vec<(MonoTime, AdmissionId)>>,
    /// In the order in which results came: the stays in force in both beds then, and whether the specimen's was one.
    results: Vec<[AdmissionId; 2]>,
    values: Vec<(usize, MonoTime)>,
}

impl Ledger {
    fn owner(&self, bed: usize, at: MonoTime) -> &AdmissionId {
        let stays = &self.stays[&bed];
        let stay = stays.iter().rev().find(|(from, _)| *from <= at);
        &stay.unwrap().1
    }

    fn present(&self) -> [AdmissionId; 2] {
        [1, 2].map(|bed| self.stays[&bed].last().unwrap().1.clone())
    }
}

fn play(rig: &mut Rig, ledger: &mut Ledger, act: Act) {
    let now = rig.time.now();
    match act {
        Act::New(n, who) => {
            if rig.identify(n, Change::New, someone(who)).is_ok() {
                let admission = rig.patient(n).admission;
                let stays = ledger.stays.get_mut(&n).unwrap();
                assert!(
                    stays.iter().all(|(_, known)| *known != admission),
                    "i3: a stay of its own"
                );
                stays.push((now, admission));
            }
        }
        Act::Same(n, who) => {
            let before = rig.patient(n).admission;
            let _ = rig.identify(n, Change::Same, someone(who));
            assert_eq!(rig.patient(n).admission, before);
        }
        Act::Value(n, ago) => {
            let seen = Observation::value(Code::Spo2, Decimal::whole(80 + ago as i64 % 20));
            let (device, ago) = (format!("nonin-{n}").parse().unwrap(), Duration::from_secs(ago));
            let seen = drivers::Seen::Earlier { seen, ago };
            let at = now;
            let what = Heard::Seen(seen);
            rig.post().line(LineEvent { device, at, what });
            ledger
                .values
                .push((n, MonoTime::from_ns(now.as_ns() - ago.as_nanos() as u64)));
        }
        Act::Wave(n) => {
            let block = WaveBlock {
                code: Code::Pleth,
                rate: (75, 1),
                first_sample: 0,
                samples: vec![1, 2],
            };
            let what = Heard::Seen(drivers::Seen::Wave(block));
            let (device, at) = (format!("nonin-{n}").parse().unwrap(), now);
            rig.post().line(LineEvent { device, at, what });
        }
        Act::Specimen(n, specimen) => {
            let _ = rig.specimen(n, &format!("S-{specimen}"), specimen == 0);
        }
        Act::Result(specimen, who, value) => {
            let value = format!("{}.{}", value / 10, value % 10);
            let before = rig.lab_count();
            rig.lab(LabResult {
                patient: someone(who),
                ..hgb(&format!("S-{specimen}"), &value, LabFlag::CriticalLow)
            });
            if rig.lab_count() > before {
                ledger.results.push(ledger.present());
            }
        }
        Act::Pass(s) => rig.time.pass(Duration::from_secs(s)),
        Act::Restart => rig.restart(),
    }
    rig.time.pass(Duration::from_millis(10));
    rig.post().tick();
}

impl Rig {
    fn lab_count(&self) -> usize {
        self.events()
            .iter()
            .filter(|event| matches!(event, Event::Lab(_)))
            .count()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn i3_no_value_and_no_result_stands_with_another_stay_than_the_one_in_force_at_its_moment(
        acts in proptest::collection::vec(act(), 1..40),
    ) {
        let mut rig = Rig::with(WARD, wall(0));
        rig.time.pass(Duration::from_secs(100));
        let mut ledger = Ledger::default();
        for n in [1, 2] {
            ledger.stays.insert(n, vec![(MonoTime::BOOT, rig.patient(n).admission)]);
        }
        for act in acts {
            play(&mut rig, &mut ledger, act);
            for n in [1, 2] {
                let present = &ledger.stays[&n].last().unwrap().1;
                prop_assert_eq!(&rig.patient(n).admission, present, "also after a restart");
                let page = rig.post().page();
                for value in &page.beds[n - 1].values {
                    let from = ledger.stays[&n].last().unwrap().0;
                    prop_assert!(value.at_ms >= from.as_ms(), "a value of the patient before is shown");
                }
            }
        }
        let mut values = ledger.values.iter();
        for record in rig.records(Lane::Vitals) {
            let Record::Reading(reading) = record else { continue };
            let (n, at) = values.next().unwrap();
            prop_assert_eq!(reading.at, *at);
            prop_assert_eq!(reading.admission.as_ref(), Some(ledger.owner(*n, *at)));
        }
        for record in rig.records(Lane::Waves) {
            let Record::Wave(wave) = record else { continue };
            let n = if wave.bed == Some(bed(1)) { 1 } else { 2 };
            prop_assert_eq!(wave.admission.as_ref(), Some(ledger.owner(n, wave.at)));
        }
        let mut present = ledger.results.iter();
        for event in rig.events() {
            let Event::Lab(record) = event else { continue };
            let present = present.next().unwrap();
            if let Whose::Patient { bed: of, admission } = &record.whose {
                let n = if *of == bed(1) { 0 } else { 1 };
                prop_assert_eq!(admission, &present[n], "l1: only who lies there now");
            }
        }
        for record in rig.records(Lane::Alerts) {
            let Record::Alarm(change) = record else { continue };
            let (Some(of), Some(admission), Some(_)) = (&change.bed, &change.admission, change.value) else { continue };
            if change.device.is_none() {
                let n = if *of == bed(1) { 1 } else { 2 };
                prop_assert_eq!(admission, ledger.owner(n, change.onset.mono), "{:?}", change);
            }
        }
    }
}
