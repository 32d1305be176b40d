//! I3 over random sequences of moves, late values, new patients, merges, restarts and reboots: no value ever stands with
//! another bed or stay than those in force at its moment, and nothing of anybody else is shown.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use vitals::{AdmissionId, Condition, Identity, MonoTime, WaveBlock};

use super::devices::oximeter;
use super::patients::{WARD, bed, person};
use super::*;
use crate::ward::Change;

#[derive(Clone, Debug)]
enum Act {
    /// Oximeter and bed, 0 = none.
    Move(usize, usize),
    /// A value of an oximeter, so many seconds after it was measured.
    Value(usize, u64),
    Wave(usize),
    /// A bed is given to this person, or to somebody nobody knows (0).
    New(usize, usize),
    /// Whoever lies in a bed is the patient of one of the earlier stays.
    Merge(usize, prop::sample::Index),
    Pass(u64),
    Restart,
    Reboot,
}

fn act() -> impl Strategy<Value = Act> {
    let one = || 1..=2usize;
    prop_oneof![
        3 => (one(), 0..=2usize).prop_map(|(device, bed)| Act::Move(device, bed)),
        6 => (one(), 0..40u64).prop_map(|(device, ago)| Act::Value(device, ago)),
        1 => one().prop_map(Act::Wave),
        3 => (one(), prop_oneof![3 => Just(0usize), 1 => 1..3usize]).prop_map(|(bed, who)| Act::New(bed, who)),
        3 => (one(), any::<prop::sample::Index>()).prop_map(|(bed, into)| Act::Merge(bed, into)),
        2 => (1..15u64).prop_map(Act::Pass),
        1 => Just(Act::Restart),
        1 => Just(Act::Reboot),
    ]
}

fn someone(who: usize) -> Identity {
    match who {
        0 => Identity::default(),
        _ => person(&format!("PT-{who}"), ["", "Doe", "Karim"][who]),
    }
}

/// Where a device stood, 0 = nowhere, and for whom.
type Of = (usize, Option<AdmissionId>);

/// What is true, written down beside the post.
#[derive(Default)]
struct Ledger {
    places: BTreeMap<usize, Vec<(MonoTime, usize)>>,
    stays: BTreeMap<usize, Vec<(MonoTime, AdmissionId)>>,
    ever: Vec<AdmissionId>,
    /// The one is the other.
    merges: BTreeMap<AdmissionId, AdmissionId>,
    /// What must have been recorded, in order.
    values: Vec<(MonoTime, Of)>,
    waves: Vec<Of>,
    /// What was measured in this boot.
    measured: Vec<(MonoTime, Of)>,
    reboots: u8,
}

fn since<T: Clone>(told: &[(MonoTime, T)], at: MonoTime) -> T {
    let known = told.iter().rev().find(|(from, _)| *from <= at);
    known.unwrap().1.clone()
}

impl Ledger {
    fn begin(rig: &mut Rig) -> Ledger {
        let mut ledger = Ledger::default();
        for n in [1, 2] {
            let admission = rig.patient(n).admission;
            ledger.ever.push(admission.clone());
            ledger.stays.insert(n, vec![(MonoTime::BOOT, admission)]);
            ledger.places.insert(n, vec![(MonoTime::BOOT, n)]);
        }
        ledger
    }

    fn of(&self, device: usize, at: MonoTime) -> Of {
        let bed = since(&self.places[&device], at);
        (bed, self.stays.get(&bed).map(|stays| since(stays, at)))
    }

    fn present(&self, bed: usize) -> AdmissionId {
        self.stays[&bed].last().unwrap().1.clone()
    }

    fn root(&self, of: &AdmissionId) -> AdmissionId {
        let mut of = of;
        while let Some(into) = self.merges.get(of) {
            of = into;
        }
        of.clone()
    }

    /// All stays that are of the same patient, but itself.
    fn others(&self, of: &AdmissionId) -> Vec<AdmissionId> {
        let all: BTreeSet<&AdmissionId> = self.ever.iter().collect();
        let one = all
            .into_iter()
            .filter(|other| *other != of && self.root(other) == self.root(of));
        one.cloned().collect()
    }

    fn reboot(&mut self) {
        self.reboots += 1;
        self.measured.clear();
        for place in self.places.values_mut() {
            *place = vec![(MonoTime::BOOT, place.last().unwrap().1)];
        }
        for stays in self.stays.values_mut() {
            *stays = vec![(MonoTime::BOOT, stays.last().unwrap().1.clone())];
        }
    }
}

fn play(rig: &mut Rig, ledger: &mut Ledger, act: Act) {
    let now = rig.time.now();
    match act {
        Act::Move(device, to) => {
            if rig.move_to(device, to).is_ok() {
                ledger.places.get_mut(&device).unwrap().push((now, to));
            }
        }
        Act::Value(device, ago) => {
            rig.hear(device, 70 + ago as i64 % 30, ago);
            // What was measured before the boot is not measured, as far as this run can know.
            let measured = now.as_ns().checked_sub(ago * 1_000_000_000);
            let at = measured.map_or(now, MonoTime::from_ns);
            let of = ledger.of(device, at);
            ledger.values.push((at, of.clone()));
            ledger.measured.push((at, of));
        }
        Act::Wave(n) => {
            let block = WaveBlock {
                code: Code::Pleth,
                rate: (75, 1),
                first_sample: 0,
                samples: vec![1, 2],
            };
            let (device, what) = (oximeter(n), Heard::Seen(drivers::Seen::Wave(block)));
            rig.post().line(LineEvent {
                device,
                at: now,
                what,
            });
            ledger.waves.push(ledger.of(n, now));
        }
        Act::New(n, who) => {
            if rig.identify(n, Change::New, someone(who)).is_ok() {
                let admission = rig.patient(n).admission;
                assert!(!ledger.ever.contains(&admission), "a stay of its own");
                ledger.ever.push(admission.clone());
                ledger.stays.get_mut(&n).unwrap().push((now, admission));
            }
        }
        Act::Merge(n, into) => {
            let into = into.get(&ledger.ever).clone();
            if rig.merge(n, &into).is_ok() {
                let (from, into) = (ledger.present(n), ledger.root(&into));
                for bed in [1, 2] {
                    assert_ne!(into, ledger.root(&ledger.present(bed)), "nobody lies in two beds");
                }
                ledger.merges.insert(from, into.clone());
                ledger.stays.get_mut(&n).unwrap().push((now, into));
            }
        }
        Act::Pass(s) => rig.time.pass(Duration::from_secs(s)),
        Act::Restart => rig.restart(),
        Act::Reboot => {
            ledger.reboot();
            rig.reboot(1 + ledger.reboots, wall(i64::from(ledger.reboots) * 600_000));
        }
    }
    rig.time.pass(Duration::from_millis(10));
    rig.post().tick();
}

/// What the page shows is of whoever lies there, and alarms are where their devices are.
fn look(rig: &mut Rig, ledger: &Ledger) {
    for n in [1, 2] {
        let patient = rig.patient(n);
        assert_eq!(patient.admission, ledger.present(n), "also after a restart");
        assert_eq!(patient.merged, ledger.others(&patient.admission));
        let place = ledger.places[&n].last().unwrap().1;
        assert_eq!(
            rig.standing(n),
            (place > 0).then(|| bed(place)),
            "also after a restart"
        );
    }
    assert_ne!(ledger.root(&ledger.present(1)), ledger.root(&ledger.present(2)));
    let page = rig.post().page();
    for n in [1, 2] {
        let present = ledger.root(&ledger.present(n));
        for value in &page.beds[n - 1].values {
            let is_his = ledger.measured.iter().any(|(at, (bed, admission))| {
                let of = admission.as_ref().map(|admission| ledger.root(admission));
                at.as_ms() == value.at_ms && *bed == n && of.as_ref() == Some(&present)
            });
            assert!(
                is_his,
                "bed {n} shows what was measured elsewhere or on somebody else: {value:?}"
            );
        }
    }
    for alarm in page.alarms.iter() {
        if alarm.condition == Condition::DeviceSilent {
            let n = if alarm.device == Some(oximeter(1)) { 1 } else { 2 };
            let place = ledger.places[&n].last().unwrap().1;
            assert!(place > 0 && alarm.bed == Some(bed(place)), "{alarm:?}");
        }
    }
}

fn of_record(bed_id: Option<&vitals::BedId>, admission: Option<&AdmissionId>) -> Of {
    let n = [1, 2].into_iter().find(|n| bed_id == Some(&bed(*n)));
    (n.unwrap_or(0), admission.cloned())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn i3_no_value_stands_with_another_bed_or_stay_than_those_of_its_moment_however_devices_move_and_stays_merge(
        acts in proptest::collection::vec(act(), 1..50),
    ) {
        let mut rig = Rig::with(WARD, wall(0));
        rig.time.pass(Duration::from_secs(100));
        let mut ledger = Ledger::begin(&mut rig);
        for act in acts {
            play(&mut rig, &mut ledger, act);
            look(&mut rig, &ledger);
        }
        let mut values = ledger.values.iter();
        for record in rig.records(Lane::Vitals) {
            let Record::Reading(reading) = record else { continue };
            let (at, of) = values.next().unwrap();
            prop_assert_eq!(reading.at, *at);
            prop_assert_eq!(&of_record(reading.bed.as_ref(), reading.admission.as_ref()), of);
        }
        prop_assert!(values.next().is_none());
        let mut waves = ledger.waves.iter();
        for record in rig.records(Lane::Waves) {
            let Record::Wave(wave) = record else { continue };
            prop_assert_eq!(Some(&of_record(wave.bed.as_ref(), wave.admission.as_ref())), waves.next());
        }
        for record in rig.records(Lane::Summaries) {
            let Record::Summary(summary) = record else { continue };
            let of = of_record(summary.bed.as_ref(), summary.admission.as_ref());
            prop_assert!(ledger.values.iter().any(|(_, known)| *known == of), "m3: {:?}", summary);
        }
        for record in rig.records(Lane::Alerts) {
            let Record::Alarm(change) = record else { continue };
            if change.device.is_none() && change.value.is_some() {
                let of = of_record(change.bed.as_ref(), change.admission.as_ref());
                prop_assert!(ledger.values.iter().any(|(_, known)| *known == of), "{:?}", change);
            }
        }
    }
}
