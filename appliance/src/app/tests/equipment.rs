//! Technical alarms of beds and of the box that the core finds out by itself.

use vitals::DeviceAlarm;
use vitals::alarm::{AlarmKind, Priority};

use super::*;

const RESTARTED: &str = "restarted_by_itself";
const DISTURBED: &str = "line_disturbed";
const UNNAMED: &str = "patient_not_identified";

impl Rig {
    /// The process dies; what it had handed to the card is there.
    fn crash(&mut self) {
        let (post, store) = self.running.take().unwrap();
        drop(post);
        store.close().unwrap();
    }

    fn monitor_says(&mut self, alarms: Vec<DeviceAlarm>) {
        let at = self.time.now();
        self.post().line(LineEvent {
            device: "nonin-1".parse().unwrap(),
            at,
            what: Heard::Seen(drivers::Seen::Alarms(alarms)),
        });
    }

    fn has(&mut self, key: &str) -> bool {
        self.alarms().iter().any(|alarm| alarm == key)
    }
}

#[test]
fn a_monitors_own_alarm_is_an_alarm_of_the_post_before_time_passes_and_goes_with_its_word() {
    let mut rig = Rig::at(wall(0));
    rig.run(2, Some(97));
    let asystole = DeviceAlarm {
        priority: Priority::High,
        kind: AlarmKind::Physiological,
        text: "** ASYSTOLE".to_owned(),
    };
    rig.monitor_says(vec![asystole]);
    let page = rig.post().page();
    let alarm = &page.alarms[0];
    assert_eq!(alarm.condition.key(), "monitor.high.patient");
    assert_eq!(
        (alarm.priority, alarm.text.as_str()),
        (Priority::High, "** ASYSTOLE")
    );
    let sent = rig.records(Lane::Alerts);
    assert_eq!(sent.len(), 1, "the centre is told: {sent:?}");
    rig.run(120, Some(97));
    assert!(rig.has("monitor.high.patient"), "it has not said that it is over");
    rig.monitor_says(Vec::new());
    rig.run(6, Some(97));
    assert!(!rig.has("monitor.high.patient"));
}

#[test]
fn a_patient_whom_nobody_has_named_is_told_after_a_quarter_of_an_hour_of_values() {
    let mut rig = Rig::at(wall(0));
    rig.run(15 * 60 - 5, Some(97));
    assert!(!rig.has(UNNAMED));
    rig.run(10, Some(97));
    assert!(rig.has(UNNAMED));
    rig.run(70, None);
    assert!(!rig.has(UNNAMED), "nothing comes from the bed");
}

#[test]
fn a_run_that_ended_without_being_told_to_is_told_once_and_a_stop_or_a_power_cut_is_none() {
    let mut rig = Rig::at(wall(0));
    rig.run(5, Some(97));
    assert!(!rig.has(RESTARTED), "the first start");
    rig.restart();
    assert!(!rig.has(RESTARTED), "a stop in order");
    rig.run(5, Some(97));
    rig.crash();
    rig.start();
    assert!(rig.has(RESTARTED));
    rig.run(10, Some(97));
    assert!(rig.has(RESTARTED), "until somebody has read it");
    rig.crash();
    rig.time.reboot(BootId([2; 16]), wall(60_000));
    rig.time.pass(Duration::from_secs(20));
    rig.start();
    let restarts = rig.alarms().iter().filter(|key| *key == RESTARTED).count();
    assert_eq!(restarts, 1, "a power cut adds none");
}

#[test]
fn a_cable_that_damages_more_than_one_in_twenty_is_told_while_its_monitor_is_heard_and_a_whole_minute_ends_it()
 {
    let mut rig = Rig::at(wall(0));
    let listen = |rig: &mut Rig, seconds: u64, fault: drivers::LineFault| {
        for second in 0..seconds {
            if second % 10 == 0 {
                let at = rig.time.now();
                rig.post().line(LineEvent {
                    device: "nonin-1".parse().unwrap(),
                    at,
                    what: Heard::Fault(fault),
                });
            }
            rig.run(1, Some(97));
        }
    };
    // What a device says of itself is no fault of its cable.
    listen(&mut rig, 130, drivers::LineFault::Unconfirmed);
    assert!(!rig.has(DISTURBED));
    listen(&mut rig, 130, drivers::LineFault::BadChecksum);
    assert!(rig.has(DISTURBED));
    assert!(!rig.has("device_silent"), "one cause, one alarm");
    rig.run(130, Some(97));
    assert!(!rig.has(DISTURBED));
    // Nothing good comes at all: that is silence, and told as such.
    listen(&mut rig, 130, drivers::LineFault::BadChecksum);
    assert!(rig.has(DISTURBED));
    for _ in 0..20 {
        rig.run(1, None);
    }
    assert!(
        rig.has("device_silent") && !rig.has(DISTURBED),
        "{:?}",
        rig.alarms()
    );
}
