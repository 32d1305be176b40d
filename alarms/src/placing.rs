//! Alarms and where a device stands.
//!
//! - A10 (I3): with a device that leaves a bed go the alarms about it there and about the values that it led: nobody can
//!   judge them there any more. One that stays until a person acknowledges it stays.

use std::collections::BTreeSet;

use vitals::{AlarmPhase, BedId, Code, Condition, DeviceId, MonoTime};

use super::Alarms;

/// A device that was moved.
#[derive(Clone, Copy, Debug)]
pub struct Replaced<'a> {
    /// The device.
    pub device: &'a DeviceId,
    /// The bed that it left.
    pub left: Option<&'a BedId>,
    /// The values that it led there.
    pub led: &'a BTreeSet<Code>,
    /// Where it stands now.
    pub to: Option<&'a BedId>,
}

impl Alarms {
    /// A device stands elsewhere now (A10).
    pub fn device_moved(
        &mut self,
        replaced: Replaced<'_>,
        now: MonoTime,
        out: &mut Vec<vitals::AlarmChange>,
    ) {
        self.tick(now, out);
        let Replaced {
            device,
            left,
            led,
            to,
        } = replaced;
        if let Some(left) = left.filter(|_| !led.is_empty()) {
            self.forget_heard(left);
        }
        self.instances.retain(|(place, condition), instance| {
            if place.bed.as_ref() != left || matches!(condition, Condition::LabCritical { .. }) {
                return true;
            }
            match &place.device {
                Some(of) if of == device => {
                    instance.end(None, now, out);
                    false
                }
                None if code_of(*condition).is_some_and(|code| led.contains(&code)) => {
                    instance.unattended(now, out)
                }
                _ => true,
            }
        });
        self.watches_moved(device, to);
    }

    /// No device stands at this bed: what a person has acknowledged there is over, because nothing will say that it is.
    pub fn nobody_measures(&mut self, bed: &BedId, now: MonoTime, out: &mut Vec<vitals::AlarmChange>) {
        self.tick(now, out);
        self.instances.retain(|(place, condition), instance| {
            let of_values = place.bed.as_ref() == Some(bed) && place.device.is_none();
            let is_over = instance
                .open()
                .is_some_and(|alarm| alarm.phase == AlarmPhase::Acknowledged);
            let ends = of_values && is_over && code_of(*condition).is_some();
            if ends {
                instance.end(None, now, out);
            }
            !ends
        });
    }
}

/// The value that a condition is about.
fn code_of(condition: Condition) -> Option<Code> {
    match condition {
        Condition::Limit { code, .. }
        | Condition::ProbeOff { code }
        | Condition::SensorFault { code }
        | Condition::PoorSignal { code }
        | Condition::Stale { code } => Some(code),
        Condition::Desaturation => Some(Code::Spo2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use vitals::{AbsentReason, AlarmChange, BootId, Category, Decimal, Epoch, Observation, Reading};

    use super::super::Place;
    use super::*;

    fn s(seconds: u64) -> MonoTime {
        MonoTime::from_ms(1_000 * seconds)
    }

    fn bed(name: &str) -> BedId {
        name.parse().unwrap()
    }

    fn hear(alarms: &mut Alarms, at_s: u64, seen: Observation) -> Vec<String> {
        let mut out = Vec::new();
        let reading = Reading {
            device: "oxi".parse().unwrap(),
            bed: Some(bed("1")),
            admission: Some("a".parse().unwrap()),
            at: s(at_s),
            seen,
        };
        alarms.reading(&reading, s(at_s), &mut out);
        told(out)
    }

    fn told(out: Vec<AlarmChange>) -> Vec<String> {
        let told = out.into_iter().map(|change| {
            let phase = format!("{:?}", change.phase).to_lowercase();
            format!("{} {phase}", change.condition)
        });
        told.collect()
    }

    /// What becomes of the alarms when the oximeter leaves bed 1, having led these values.
    fn moved(alarms: &mut Alarms, led: &[Code]) -> Vec<String> {
        let mut out = Vec::new();
        let replaced = Replaced {
            device: &"oxi".parse().unwrap(),
            left: Some(&bed("1")),
            led: &led.iter().copied().collect(),
            to: None,
        };
        alarms.device_moved(replaced, s(30), &mut out);
        told(out)
    }

    fn alarms() -> Alarms {
        let beds = HashMap::from([(bed("1"), Category::Adult)]);
        Alarms::new(BootId([1; 16]), Epoch(7), beds)
    }

    fn spo2(value: i64) -> Observation {
        Observation::value(Code::Spo2, Decimal::whole(value))
    }

    #[test]
    fn a10_alarms_of_a_device_and_of_what_it_led_end_with_its_leaving_and_no_delay_runs_on() {
        let mut alarms = alarms();
        for second in 0..=15 {
            hear(&mut alarms, second, spo2(85));
            hear(
                &mut alarms,
                second,
                Observation::absent(Code::Temp, AbsentReason::ProbeOff),
            );
        }
        let mut out = Vec::new();
        let silent = Place {
            bed: Some(bed("1")),
            device: Some("oxi".parse().unwrap()),
        };
        alarms.condition(silent, Condition::DeviceSilent, Some(true), s(20), &mut out);
        assert_eq!(alarms.open().len(), 3);
        assert_eq!(
            moved(&mut alarms, &[Code::Spo2]),
            ["limit.spo2.low ended", "device_silent ended"]
        );
        assert_eq!(alarms.open().len(), 1, "another device measures the temperature");
        hear(&mut alarms, 200, Observation::value(Code::Rr, Decimal::whole(50)));
        moved(&mut alarms, &[Code::Rr]);
        assert!(
            alarms
                .instances
                .keys()
                .all(|(_, of)| code_of(*of) != Some(Code::Rr))
        );
    }

    #[test]
    fn a10_a_desaturation_waits_for_a_person_also_when_its_oximeter_has_left() {
        let mut alarms = alarms();
        hear(&mut alarms, 1, spo2(79));
        assert_eq!(moved(&mut alarms, &[Code::Spo2]), ["desaturation latched"]);
        assert!(moved(&mut alarms, &[Code::Spo2]).is_empty());
        let (id, mut out) = (alarms.open()[0].id, Vec::new());
        alarms.acknowledge(id, "Grace", s(31), &mut out).unwrap();
        assert_eq!(told(out), ["desaturation ended"]);
    }

    #[test]
    fn a10_what_comes_late_for_a_bed_without_devices_is_told_and_over_once_it_is_acknowledged() {
        let mut alarms = alarms();
        for second in 0..=60 {
            let sys = Observation::value(Code::NibpSys, Decimal::whole(60));
            hear(&mut alarms, second, sys);
        }
        let id = alarms.open()[0].id;
        let mut out = Vec::new();
        alarms.nobody_measures(&bed("1"), s(70), &mut out);
        assert!(out.is_empty(), "nobody has taken it in yet");
        alarms.acknowledge(id, "Grace", s(71), &mut out).unwrap();
        alarms.nobody_measures(&bed("2"), s(72), &mut out);
        assert_eq!(alarms.open().len(), 1);
        alarms.nobody_measures(&bed("1"), s(72), &mut out);
        assert_eq!(
            told(out),
            ["limit.nibp_s.low acknowledged", "limit.nibp_s.low ended"]
        );
    }
}
