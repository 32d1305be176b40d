//! A20 and A21: what becomes of an alarm about a score.

use std::collections::HashMap;

use vitals::{AlarmPhase, BootId, Epoch};

use super::*;
use crate::AcknowledgeError;

const BOOT: BootId = BootId([1; 16]);

struct Ward {
    alarms: Alarms,
    s: u64,
}

impl Ward {
    fn new() -> Ward {
        Ward {
            alarms: Alarms::new(BOOT, Epoch(7), HashMap::new()),
            s: 0,
        }
    }

    fn now(&self) -> MonoTime {
        MonoTime::from_ms(self.s * 1_000)
    }

    fn advise(&mut self, total: u16, priority: Priority) -> String {
        let advised = Advised {
            score: ScoreKind::News2,
            bed: "1".parse().unwrap(),
            admission: "a".parse().unwrap(),
            priority,
            total,
            from: 5,
        };
        self.changes(|alarms, now, out| alarms.advise(&advised, now, out))
    }

    /// Lets something happen: what changed, in words.
    fn changes(&mut self, think: impl FnOnce(&mut Alarms, MonoTime, &mut Vec<AlarmChange>)) -> String {
        self.s += 1;
        let (mut out, now) = (Vec::new(), self.now());
        think(&mut self.alarms, now, &mut out);
        let words = out.iter().map(|change| {
            let (value, bed) = (change.value.unwrap(), change.bed.as_ref().unwrap());
            let phase = format!("{:?} {:?}", change.phase, change.priority);
            format!(
                "{} #{} bed {bed}: {phase} {value}, {} times",
                change.condition, change.change, change.onsets
            )
        });
        words.collect::<Vec<_>>().join("; ")
    }

    fn acknowledge(&mut self) -> Result<(), AcknowledgeError> {
        let open = self.alarms.open().first().map(|open| open.id).unwrap();
        let (now, mut out) = (self.now(), Vec::new());
        self.alarms.acknowledge(open, "Grace", now, &mut out)?;
        assert_eq!(
            out[0].phase,
            AlarmPhase::Ended,
            "a moment: nothing of it still holds"
        );
        Ok(())
    }
}

#[test]
fn a20_a_worsening_is_the_same_alarm_again_and_never_less_urgent() {
    let mut ward = Ward::new();
    let first = ward.advise(5, Priority::Medium);
    assert_eq!(first, "score.news2 #1 bed 1: Active Medium 5, 1 times");
    assert_eq!(
        ward.advise(8, Priority::High),
        "score.news2 #2 bed 1: Active High 8, 2 times"
    );
    assert_eq!(
        ward.advise(6, Priority::Medium),
        "score.news2 #3 bed 1: Active High 6, 3 times"
    );
    ward.acknowledge().unwrap();
    assert!(ward.alarms.open().is_empty());
    let next = ward.advise(6, Priority::Medium);
    assert_eq!(
        next, "score.news2 #1 bed 1: Active Medium 6, 1 times",
        "another alarm"
    );
}

#[test]
fn a20_it_stays_for_a_person_and_keeps_its_priority_over_a_restart() {
    let mut ward = Ward::new();
    ward.advise(7, Priority::High);
    ward.s += 100_000;
    assert_eq!(ward.changes(|alarms, now, out| alarms.tick(now, out)), "");
    let open: Vec<AlarmChange> = ward.alarms.open().into_iter().cloned().collect();
    assert_eq!((open.len(), open[0].text.as_str()), (1, "NEWS2"));
    assert_eq!(open[0].limit, Some(Decimal::whole(5)), "from where on it is told");
    let mut again = Ward::new();
    again.alarms.restore(open, MonoTime::BOOT);
    assert_eq!(
        again.advise(7, Priority::Medium),
        "score.news2 #2 bed 1: Active High 7, 2 times"
    );
}

#[test]
fn a21_i3_it_goes_along_with_its_stay_and_ends_with_it() {
    let mut ward = Ward::new();
    ward.advise(7, Priority::High);
    let (a, one, two) = ("a".parse().unwrap(), "1".parse().unwrap(), "2".parse().unwrap());
    let left = ward.changes(|alarms, now, out| alarms.stay_over(&one, now, out));
    assert_eq!(left, "", "who lies there now is not said yet");
    let moved = ward.changes(|alarms, now, out| alarms.lab_moved(&a, &two, now, out));
    assert_eq!(moved, "score.news2 #2 bed 2: Active High 7, 1 times");
    let stays = ward.changes(|alarms, now, out| alarms.advice_over(&two, |of| *of == a, now, out));
    assert_eq!(stays, "");
    let elsewhere = ward.changes(|alarms, now, out| alarms.advice_over(&one, |_| false, now, out));
    assert_eq!(elsewhere, "", "it is of bed 2");
    let at_two = Place {
        bed: Some(two.clone()),
        device: None,
    };
    let mut others = Vec::new();
    let (now, condition) = (ward.now(), Condition::DeviceSilent);
    ward.alarms
        .condition(at_two, condition, Some(true), now, &mut others);
    let over = ward.changes(|alarms, now, out| alarms.advice_over(&two, |of| *of != a, now, out));
    assert_eq!(over, "score.news2 #3 bed 2: Ended High 7, 1 times");
    assert_eq!(ward.alarms.open().len(), 1, "what is of no score goes on");
}
