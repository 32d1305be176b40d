//! Pauses of signals and limits of one patient, at a whole post.

use vitals::alarm::{Inactivation, Inactive, Resumed};
use vitals::limits::LimitsError;
use vitals::{AlarmPhase, Category, Disposition, Limits};

use super::patients::{WARD, bed, person};
use super::*;
use crate::access::By;
use crate::ward::Change;
use crate::web::{LimitsNow, LimitsRefused, LimitsSetting, SignalRequest};
use alarms::{PauseError, Pausing};

impl Rig {
    fn pause(&mut self, place: Option<usize>, what: Inactive) -> Result<(), PauseError> {
        let pausing = Pausing {
            place: place.map(bed),
            what,
            lasts: None,
        };
        let by = By::named("Grace");
        self.post()
            .of_signals(|answer| SignalRequest::Pause { pausing, by, answer })
    }

    fn resume(&mut self, place: Option<usize>) -> Result<(), PauseError> {
        let (place, by) = (place.map(bed), By::named("Amina"));
        self.post()
            .of_signals(|answer| SignalRequest::Resume { place, by, answer })
    }

    pub(super) fn set_limits(
        &mut self,
        n: usize,
        code: Code,
        limits: Option<(i64, i64)>,
    ) -> Result<(), LimitsRefused> {
        let setting = LimitsSetting {
            bed: bed(n),
            saw: self.patient(n).admission,
            code,
            limits: limits.map(|(low, high)| Limits {
                low: Some(Decimal::whole(low)),
                high: Some(Decimal::whole(high)),
            }),
        };
        self.set(setting)
    }

    fn set(&mut self, setting: LimitsSetting) -> Result<(), LimitsRefused> {
        let by = By::named("Grace");
        self.post()
            .of_signals(|answer| SignalRequest::SetLimits { setting, by, answer })
    }

    fn limits(&mut self, n: usize) -> LimitsNow {
        let request = |answer| SignalRequest::Limits { bed: bed(n), answer };
        self.post().of_signals(request).unwrap()
    }

    /// What rests, as the page is told: bed and what.
    fn rests(&mut self) -> Vec<(Option<String>, Inactive)> {
        let page = self.post().page();
        let rests = page.signals.pauses.iter();
        rests
            .map(|pause| (pause.bed.as_ref().map(ToString::to_string), pause.what))
            .collect()
    }

    /// Which pauses ended a moment ago before their time: bed, why, and whether an alarm is named.
    fn early_ends(&mut self) -> Vec<(Option<String>, &'static str, bool)> {
        let page = self.post().page();
        let ends = page.signals.early_ends.iter();
        ends.map(|end| {
            let bed = end.bed.as_ref().map(ToString::to_string);
            (bed, end.why, end.alarm.is_some())
        })
        .collect()
    }

    /// Which alarms sound, and which flash.
    fn calls(&mut self) -> (Vec<String>, Vec<String>) {
        let page = self.post().page();
        let of = |is: fn(&crate::web::live::Alarm) -> bool| {
            let those = page.alarms.iter().filter(|alarm| is(alarm));
            those.map(|alarm| alarm.condition.key()).collect()
        };
        (of(|alarm| alarm.sounds), of(|alarm| alarm.flashes))
    }

    /// What the audit says: action, before, after.
    fn audited(&self) -> Vec<String> {
        let entries = self.entries().into_iter();
        let told = entries.map(|entry| {
            let told = entry.deed.told;
            let word = |word: Option<vitals::Masked<String>>| {
                word.map(|word| word.reveal().clone()).unwrap_or_default()
            };
            format!("{}: {} -> {}", told.action, word(told.before), word(told.after))
        });
        told.collect()
    }

    fn signal_records(&self) -> Vec<Inactivation> {
        let events = self.events().into_iter();
        events
            .filter_map(|event| match event {
                Event::Signals { what, .. } => Some(what),
                _ => None,
            })
            .collect()
    }
}

fn rig() -> Rig {
    Rig::with(WARD, wall(0))
}

const ONE: Option<&str> = Some("bed-1");

#[test]
fn a13_a_paused_sound_rests_at_its_bed_until_its_time_is_over_and_is_recorded() {
    let mut rig = Rig::at(wall(0));
    assert_eq!(
        rig.pause(Some(1), Inactive::AudioPaused),
        Err(PauseError::NothingSounds)
    );
    rig.run(15, Some(84));
    let spo2 = vec!["limit.spo2.low".to_owned()];
    assert_eq!(rig.calls(), (spo2.clone(), spo2.clone()));
    rig.pause(Some(1), Inactive::AudioPaused).unwrap();
    assert_eq!(rig.calls(), (vec![], spo2.clone()), "the light stays");
    assert_eq!(rig.rests(), [(ONE.map(str::to_owned), Inactive::AudioPaused)]);
    rig.run(119, Some(84));
    assert!(rig.calls().0.is_empty());
    rig.run(2, Some(84));
    assert_eq!(rig.early_ends(), [], "its time was over");
    assert_eq!(rig.calls().0, spo2);
    let told = rig.signal_records();
    assert!(
        matches!(&told[0], Inactivation::Paused { by, .. } if by == "Grace"),
        "{told:?}"
    );
    assert_eq!(told[1..], [Inactivation::Enabled(Resumed::TimeOver)]);
    assert!(
        rig.audited().iter().any(|line| line.contains("pause_signals")),
        "it stands in the audit"
    );
}

#[test]
fn a13_a_worse_alarm_is_heard_through_a_pause_and_a_person_may_end_one() {
    let mut rig = Rig::at(wall(0));
    rig.run(15, Some(84));
    rig.pause(None, Inactive::AudioPaused).unwrap();
    rig.run(2, Some(79));
    assert_eq!(
        rig.calls().0,
        ["desaturation", "limit.spo2.low"],
        "it ends the pause"
    );
    assert_eq!(rig.early_ends(), [(None, "new_alarm", true)]);
    rig.pause(None, Inactive::AudioOff).unwrap();
    assert!(rig.calls().0.is_empty());
    rig.resume(None).unwrap();
    assert_eq!(rig.resume(None), Err(PauseError::NotPaused));
    assert_eq!(rig.calls().0.len(), 2);
    assert_eq!(
        rig.early_ends(),
        [],
        "a person ended the other one, and knows why"
    );
    let told = rig.signal_records();
    assert!(
        matches!(told[1], Inactivation::Enabled(Resumed::NewAlarm(_))),
        "{told:?}"
    );
    assert_eq!(
        told[3],
        Inactivation::Enabled(Resumed::ByPerson("Amina".to_owned()))
    );
}

#[test]
fn a14_a_start_goes_on_with_what_it_can_know_and_another_patient_was_never_paused() {
    let mut rig = rig();
    rig.run(15, Some(84));
    rig.pause(Some(1), Inactive::AudioPaused).unwrap();
    rig.pause(Some(2), Inactive::AudioOff).unwrap();
    rig.restart();
    assert_eq!(rig.rests().len(), 2, "a start of the program alone");
    rig.run(5, Some(84));
    assert!(
        rig.calls().0.is_empty(),
        "the alarm that was paused: {:?}",
        rig.calls()
    );
    rig.reboot(2, wall(60_000));
    assert_eq!(
        rig.rests(),
        [(Some("bed-2".to_owned()), Inactive::AudioOff)],
        "how long the power was away nobody knows"
    );
    assert_eq!(
        rig.signal_records().last(),
        Some(&Inactivation::Enabled(Resumed::Restart))
    );
    rig.discharge(2, Disposition::Home).unwrap();
    assert!(rig.rests().is_empty());
    assert_eq!(
        rig.signal_records().last(),
        Some(&Inactivation::Enabled(Resumed::AnotherPatient))
    );
    let ends = |bed: usize, why| (Some(format!("bed-{bed}")), why, false);
    assert_eq!(rig.early_ends(), [ends(1, "restart"), ends(2, "another_patient")]);
    rig.run(121, None);
    assert_eq!(rig.early_ends(), [], "said for two minutes");
}

#[test]
fn limits_of_a_patient_alarm_instead_of_the_usual_ones_and_outlast_a_start() {
    let mut rig = Rig::at(wall(0));
    rig.run(15, Some(88));
    assert_eq!(rig.alarms(), ["limit.spo2.low"]);
    rig.set_limits(1, Code::Spo2, Some((85, 100))).unwrap();
    rig.run(8, Some(88));
    assert!(rig.alarms().is_empty(), "88 is above 85 by its deadband");
    for reboot in [false, true] {
        if reboot {
            rig.reboot(2, wall(60_000));
        } else {
            rig.restart();
        }
        rig.run(15, Some(88));
        assert!(rig.alarms().is_empty(), "{reboot}");
        let page = rig.post().page();
        let shown = &page.beds[0].values[0];
        assert_eq!(
            (shown.low, shown.high),
            (Some(Decimal::whole(85)), Some(Decimal::whole(100)))
        );
        let told = &rig.limits(1).values[0];
        assert!(told.own && told.wider, "{told:?}");
        assert_eq!(told.usual.low, Some(Decimal::whole(90)));
    }
    rig.set_limits(1, Code::Spo2, None).unwrap();
    rig.run(15, Some(88));
    assert_eq!(rig.alarms(), ["limit.spo2.low"], "the usual ones again");
    let audit = rig.audited();
    let told = audit
        .iter()
        .filter(|line| line.contains("set_limits"))
        .collect::<Vec<_>>();
    assert_eq!(told.len(), 2, "{audit:?}");
    assert!(
        told[0].contains("spo2 90 to off") && told[0].contains("spo2 85 to 100"),
        "old and new: {told:?}"
    );
}

#[test]
fn i3_limits_go_along_with_their_patient_and_nobody_else_has_them() {
    let mut rig = rig();
    rig.identify(1, Change::Same, person("PT-7", "Doe")).unwrap();
    rig.set_limits(1, Code::Spo2, Some((85, 100))).unwrap();
    rig.transfer(1, 2, true).unwrap();
    let low = |rig: &mut Rig, n: usize| {
        rig.run(1, Some(97));
        rig.hear(n, 97, 0);
        rig.post().tick();
        let spo2 = rig
            .limits(n)
            .values
            .into_iter()
            .find(|value| value.code == Code::Spo2);
        spo2.and_then(|value| value.in_force.low)
            .map(|low| low.to_string())
    };
    assert_eq!(low(&mut rig, 1).as_deref(), Some("90"));
    assert_eq!(low(&mut rig, 2).as_deref(), Some("85"));
    rig.discharge(2, Disposition::Home).unwrap();
    assert_eq!(low(&mut rig, 2).as_deref(), Some("90"));
}

#[test]
fn limits_that_were_set_for_another_age_group_count_no_more_also_after_a_start() {
    let mut rig = Rig::at(wall(0));
    rig.run(3, Some(97));
    rig.set_limits(1, Code::Spo2, Some((95, 100))).unwrap();
    rig.identify_as(1, Change::Same, person("PT-7", "Doe"), Some(Category::Adult))
        .unwrap();
    assert!(rig.limits(1).values[0].own, "the same age group");
    rig.identify_as(1, Change::Same, person("PT-7", "Doe"), Some(Category::Neonate))
        .unwrap();
    for _ in 0..2 {
        let told = &rig.limits(1).values[0];
        assert!(!told.own);
        assert_eq!(told.in_force.low, Some(Decimal::whole(85)));
        rig.restart();
        rig.run(3, Some(97));
    }
}

#[test]
fn i9_limits_that_cannot_be_are_refused_in_words_and_nothing_changes() {
    let mut rig = rig();
    rig.run(3, Some(97));
    let saw = rig.patient(1).admission;
    let refused = |rig: &mut Rig, code, low: Option<i64>, high: Option<i64>| {
        let limits = Limits {
            low: low.map(Decimal::whole),
            high: high.map(Decimal::whole),
        };
        let setting = LimitsSetting {
            bed: bed(1),
            saw: saw.clone(),
            code,
            limits: Some(limits),
        };
        rig.set(setting).unwrap_err()
    };
    use LimitsError::{NoLimits, NotANumber, Spo2Low, TooClose};
    assert_eq!(refused(&mut rig, Code::Spo2, Some(79), None), Spo2Low.into());
    assert_eq!(refused(&mut rig, Code::Spo2, None, None), Spo2Low.into());
    assert_eq!(refused(&mut rig, Code::Hr, Some(60), Some(61)), TooClose.into());
    assert_eq!(
        refused(&mut rig, Code::Hr, Some(60), Some(900)),
        NotANumber(Code::Hr).into()
    );
    assert_eq!(
        refused(&mut rig, Code::Pi, Some(1), Some(5)),
        NoLimits(Code::Pi).into()
    );
    let setting = LimitsSetting {
        bed: bed(1),
        saw: "somebody-else".parse().unwrap(),
        code: Code::Hr,
        limits: None,
    };
    assert_eq!(rig.set(setting), Err(LimitsRefused::OtherNow(bed(1))));
    assert!(
        !rig.events()
            .iter()
            .any(|event| matches!(event, Event::LimitsSet(_)))
    );
    assert!(rig.limits(1).values.iter().all(|value| !value.own));
}

#[test]
fn a_bed_that_never_stops_calling_is_said_to_flood() {
    let mut rig = Rig::at(wall(0));
    for _ in 0..11 {
        rig.run(12, Some(84));
        rig.run(8, Some(97));
    }
    let page = rig.post().page();
    assert_eq!(page.signals.floods.len(), 1, "{:?}", page.signals);
    assert_eq!(
        (page.signals.floods[0].bed.clone(), page.signals.floods[0].onsets),
        (bed(1), 11)
    );
    assert!(page.alarms.iter().all(|alarm| alarm.phase != AlarmPhase::Active));
}
