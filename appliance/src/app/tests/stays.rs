//! I3 over random sequences: no value and no result ever stands with another stay than the one in force at its moment.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
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
    Discharge(usize),
    /// The patient of this bed goes to the other one, in exchange or not.
    Transfer(usize, bool),
    /// Somebody sets the wall clock, by so many seconds.
    SetClock(i64),
}

fn act() -> impl Strategy<Value = Act> {
    let bed = || 1..=2usize;
    prop_oneof![
        2 => (bed(), 0..4usize).prop_map(|(bed, who)| Act::New(bed, who)),
        2 => (bed(), 1..4usize).prop_map(|(bed, who)| Act::Same(bed, who)),
        3 => (bed(), 0..40u64).prop_map(|(bed, ago)| Act::Value(bed, ago)),
        2 => bed().prop_map(|bed| Act::Value(bed, 0)),
        1 => bed().prop_map(Act::Wave),
        2 => (bed(), 0..3usize).prop_map(|(bed, specimen)| Act::Specimen(bed, specimen)),
        3 => (0..3usize, 0..4usize, 50..180u32).prop_map(|(specimen, who, value)| Act::Result(specimen, who, value)),
        2 => (1..40u64).prop_map(Act::Pass),
        1 => Just(Act::Restart),
        2 => bed().prop_map(Act::Discharge),
        2 => (bed(), any::<bool>()).prop_map(|(bed, swap)| Act::Transfer(bed, swap)),
        1 => prop_oneof![Just(-3_600), Just(3_600), Just(315_360_000), -90..90i64].prop_map(Act::SetClock),
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
    /// The empty beds, and since when they are.
    empty: BTreeMap<usize, MonoTime>,
    /// The stays that are over, in the order in which they ended.
    over: Vec<AdmissionId>,
}

impl Ledger {
    fn owner(&self, bed: usize, at: MonoTime) -> &AdmissionId {
        let stays = &self.stays[&bed];
        let stay = stays.iter().rev().find(|(from, _)| *from <= at);
        &stay.unwrap().1
    }

    fn present(&self) -> [AdmissionId; 2] {
        [1, 2].map(|bed| self.present_in(bed))
    }

    fn present_in(&self, bed: usize) -> AdmissionId {
        self.stays[&bed].last().unwrap().1.clone()
    }

    /// This one lies in a bed from now on; somebody of whom nobody has heard, where it is a new stay.
    fn begins(&mut self, bed: usize, now: MonoTime, admission: AdmissionId, is_new: bool) {
        let known = self
            .stays
            .values()
            .flatten()
            .any(|(_, known)| *known == admission);
        assert_eq!(known, !is_new, "i3: a stay of its own");
        self.stays.get_mut(&bed).unwrap().push((now, admission));
    }

    /// Whoever lies in a bed leaves the post; an empty bed leaves nobody.
    fn ends(&mut self, bed: usize) {
        if self.empty.remove(&bed).is_none() {
            let over = self.present_in(bed);
            self.over.push(over);
        }
    }

    /// A number was measured in a bed.
    fn measured(&mut self, bed: usize, at: MonoTime) {
        let since = self.empty.get(&bed);
        if since.is_some_and(|since| at >= *since + Duration::from_secs(60)) {
            self.empty.remove(&bed);
        }
    }
}

fn play(rig: &mut Rig, ledger: &mut Ledger, act: Act) {
    let now = rig.time.now();
    match act {
        Act::New(n, who) => {
            if rig.identify(n, Change::New, someone(who)).is_ok() {
                ledger.ends(n);
                let admission = rig.patient(n).admission;
                ledger.begins(n, now, admission, true);
            }
        }
        Act::Same(n, who) => correct(rig, ledger, n, who),
        Act::Discharge(n) => discharge(rig, ledger, n),
        Act::Transfer(n, swap) => transfer(rig, ledger, n, swap),
        Act::SetClock(seconds) => {
            let (wall, _) = rig.time.wall();
            let wall = wall.as_unix_ms() + 1_000 * seconds;
            rig.time.set_wall(WallTime::from_unix_ms(wall));
            rig.post().clock_set();
        }
        Act::Value(n, ago) => {
            let seen = Observation::value(Code::Spo2, Decimal::whole(80 + ago as i64 % 20));
            let (device, ago) = (format!("nonin-{n}").parse().unwrap(), Duration::from_secs(ago));
            let seen = drivers::Seen::Earlier { seen, ago };
            let at = now;
            let what = Heard::Seen(seen);
            rig.post().line(LineEvent { device, at, what });
            let measured = MonoTime::from_ns(now.as_ns() - ago.as_nanos() as u64);
            ledger.values.push((n, measured));
            ledger.measured(n, measured);
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

fn correct(rig: &mut Rig, ledger: &mut Ledger, n: usize, who: usize) {
    let (now, before) = (rig.time.now(), rig.patient(n).admission);
    let said = rig.identify(n, Change::Same, someone(who));
    if said.is_ok() && ledger.empty.remove(&n).is_some() {
        let admission = rig.patient(n).admission;
        ledger.begins(n, now, admission, true);
    } else {
        assert_eq!(rig.patient(n).admission, before);
    }
}

fn discharge(rig: &mut Rig, ledger: &mut Ledger, n: usize) {
    let now = rig.time.now();
    let said = rig.discharge(n, vitals::Disposition::Home);
    assert_eq!(said.is_ok(), !ledger.empty.contains_key(&n));
    if said.is_ok() {
        ledger.ends(n);
        let admission = rig.patient(n).admission;
        ledger.begins(n, now, admission, true);
        ledger.empty.insert(n, now);
    }
}

fn transfer(rig: &mut Rig, ledger: &mut Ledger, from: usize, swap: bool) {
    let (now, to) = (rig.time.now(), 3 - from);
    let is_empty = |bed| ledger.empty.contains_key(&bed);
    let may = !is_empty(from) && (swap || is_empty(to));
    assert_eq!(rig.transfer(from, to, swap).is_ok(), may);
    if !may {
        return;
    }
    let (moved, other) = (ledger.present_in(from), ledger.present_in(to));
    if ledger.empty.remove(&to).is_some() {
        let admission = rig.patient(from).admission;
        ledger.begins(from, now, admission, true);
        ledger.empty.insert(from, now);
    } else {
        ledger.begins(from, now, other, false);
    }
    ledger.begins(to, now, moved, false);
}

/// What is shown, after any act.
fn look(rig: &mut Rig, ledger: &Ledger) -> Result<(), TestCaseError> {
    let page = rig.post().page();
    for n in [1, 2] {
        let (_, present) = ledger.stays[&n].last().unwrap();
        let patient = rig.patient(n);
        prop_assert_eq!(&patient.admission, present, "also after a restart");
        prop_assert_eq!(patient.vacant, ledger.empty.contains_key(&n), "bed {}", n);
        for value in &page.beds[n - 1].values {
            // Whoever was moved away and back sees again what was measured on him here.
            let owner = ledger.owner(n, MonoTime::from_ms(value.at_ms));
            prop_assert_eq!(owner, present, "a value of the patient before is shown");
        }
    }
    let earlier = rig.earlier().stays.into_iter();
    let earlier: Vec<AdmissionId> = earlier.map(|stay| stay.admission).collect();
    let over: Vec<AdmissionId> = ledger.over.iter().rev().cloned().collect();
    prop_assert_eq!(earlier, over);
    Ok(())
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
            look(&mut rig, &ledger)?;
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
