//! What the nurse sees of the way to the doctors and of the box itself.

use vitals::record::Outage;
use vitals::{Priority, Stamp};

use super::*;
use crate::relay::CentreState;
use crate::web::live::Delivery;
use vitals::delivery::State;

#[test]
fn i6_an_alarm_that_waits_for_the_link_says_so_and_since_when() {
    let mut rig = Rig::at(wall(0));
    rig.centre
        .send_modify(|link| link.state = CentreState::Unreachable);
    rig.run(3, Some(70));
    let page = rig.post().page();
    let high = page
        .alarms
        .iter()
        .find(|alarm| alarm.priority == Priority::High)
        .unwrap();
    assert_eq!(high.delivery, Delivery::At(State::Queued));
    assert_eq!(high.delivery_ms, high.onset_ms);
    rig.centre.send_modify(|link| {
        link.state = CentreState::Up;
        link.alerts_sent.epoch = vitals::Epoch(u64::MAX);
    });
    rig.run(1, Some(70));
    let page = rig.post().page();
    assert!(
        page.alarms
            .iter()
            .all(|alarm| alarm.delivery == Delivery::At(State::Sent))
    );
}

#[test]
fn a_value_that_comes_in_hundredths_is_shown_as_a_monitor_shows_it_and_recorded_as_it_came() {
    let mut rig = Rig::at(wall(0));
    let mut hear = |hundredths| {
        let seen = Observation::value(Code::Spo2, Decimal::new(hundredths, 2));
        let at = rig.time.now();
        rig.post().line(LineEvent {
            device: "nonin-1".parse().unwrap(),
            at,
            what: Heard::Seen(drivers::Seen::Vital(seen)),
        });
        rig.run(1, None);
        let page = rig.post().page();
        let shown = page.beds[0].values[0].value.unwrap().to_string();
        let alarmed = page.alarms.iter().find_map(|alarm| alarm.value);
        (shown, alarmed.map(|value| value.to_string()))
    };
    assert_eq!(hear(9700), ("97".to_owned(), None));
    assert_eq!(hear(8960).0, "89.6", "it is below its limit, and 90 is not");
    assert_eq!(hear(7900), ("79".to_owned(), Some("79".to_owned())));
    let recorded = rig.records(Lane::Vitals);
    let digits = recorded.iter().filter_map(|record| match record {
        Record::Reading(reading) => reading.seen.measured.value(),
        _ => None,
    });
    assert_eq!(
        digits.map(|value| value.to_string()).collect::<Vec<_>>(),
        ["97.00", "89.60", "79.00"]
    );
}

const LABORATORIES: &str = r#"
    post = "kolo"
    name = "Kolo"
    [web]
    listen = "127.0.0.1:0"
    [store]
    path = "unused.redb"
    [[line]]
    id = "chemistry"
    listen = "127.0.0.1:12000"
    senders = ["127.0.0.1"]
    family = "astm"
    device = "chemistry-1"
    [[line]]
    id = "laboratory"
    listen = "127.0.0.1:2576"
    senders = ["127.0.0.1"]
    family = "hl7"
    field = "MSH-3"
    [[line.source]]
    location = "BC-5390"
    device = "haematology-1"
    results = "laboratory"
    [[line.source]]
    location = "MONITOR"
    device = "monitor-1"
    silent_after_s = 60
"#;

#[test]
fn a_laboratory_that_has_nothing_to_say_for_an_hour_is_no_alarm_and_a_monitor_is() {
    let mut rig = Rig::with(LABORATORIES, wall(0));
    for _minute in 0..60 {
        rig.run(60, None);
        // The store's thread lives in real time, and an hour of this test is less than a second of it.
        rig.store().flush().unwrap();
    }
    let silent = rig.post().page();
    let silent = silent
        .alarms
        .iter()
        .map(|alarm| (alarm.condition.key(), alarm.device.clone()));
    let monitor = Some("monitor-1".parse().unwrap());
    assert_eq!(
        silent.collect::<Vec<_>>(),
        [("device_silent".to_owned(), monitor)]
    );
}

#[test]
fn what_came_of_an_outage_is_on_the_page_for_an_hour() {
    let mut rig = Rig::at(wall(0));
    let boot = BootId([1; 16]);
    let mono = rig.time.now();
    rig.run(60, Some(97));
    let outage = Outage {
        destination: "centre".to_owned(),
        from: Stamp { boot, mono },
        to: rig.time.now(),
        kept: 12_345,
        lost: 0,
        oldest_alert_delay: None,
    };
    rig.centre.send_modify(|link| link.outage = Some(outage));
    rig.run(1, Some(97));
    let shown = rig.post().page().outage;
    let shown = shown.as_ref().as_ref().unwrap();
    assert_eq!(
        (shown.from_ms, shown.to_ms, shown.kept, shown.lost),
        (Some(20_000), 80_000, 12_345, 0)
    );
    rig.store().flush().unwrap();
    rig.time.pass(Duration::from_secs(3_600));
    rig.run(1, Some(97));
    assert!(rig.post().page().outage.is_none());
}

#[test]
fn a_certificate_that_expires_soon_is_an_alarm_and_the_page_says_until_when() {
    let mut rig = Rig::at(wall(0));
    let soon = wall(3 * 86_400_000);
    rig.centre
        .send_modify(|link| link.certificate_expires = Some(soon));
    rig.run(2, Some(97));
    assert_eq!(rig.alarms(), ["certificate_expiring"]);
    let problems = rig.post().page().problems;
    assert!(
        problems[0].text.contains("valid until 2027-01-18"),
        "{problems:?}"
    );
    rig.centre
        .send_modify(|link| link.certificate_expires = Some(wall(365 * 86_400_000)));
    rig.run(10, Some(97));
    assert_eq!(rig.alarms(), [""; 0]);
}

#[test]
fn minutes_become_records_and_an_orderly_stop_keeps_the_last_one() {
    let mut rig = Rig::at(wall(0));
    rig.run(130, Some(97));
    assert_eq!(
        rig.records(Lane::Summaries).len(),
        2,
        "20 s to 59 s, 60 s to 119 s"
    );
    rig.stop();
    rig.start();
    let counts: Vec<u32> = rig
        .records(Lane::Summaries)
        .into_iter()
        .filter_map(|record| match record {
            Record::Summary(summary) => summary.numbers.map(|numbers| numbers.count),
            _ => None,
        })
        .collect();
    assert_eq!(counts, [39, 60, 31]);
}

#[test]
fn i4_a_measurement_that_is_over_has_its_own_time_and_one_from_before_this_boot_none() {
    let mut rig = Rig::at(wall(0));
    let now = rig.time.now();
    let mut cuff = |ago| {
        let seen = Observation::value(Code::NibpSys, Decimal::whole(120));
        let ago = Duration::from_secs(ago);
        let event = LineEvent {
            device: "nonin-1".parse().unwrap(),
            at: now,
            what: Heard::Seen(drivers::Seen::Earlier { seen, ago }),
        };
        rig.post().line(event);
        let page = rig.post().page();
        let value = page.beds[0]
            .values
            .iter()
            .find(|value| value.code == Code::NibpSys);
        value.map(|value| (value.value, value.at_ms)).unwrap()
    };
    let number = Some(Decimal::whole(120));
    assert_eq!(cuff(15), (number, now.as_ms() - 15_000));
    assert_eq!(cuff(3_600), (None, now.as_ms()), "the box runs for 20 s only");
}
