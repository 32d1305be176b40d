//! Each finding from what was measured, one `check` per row.

mod heard;

use super::card::{Card, WriteError, Writing};
use super::network::Interface;
use super::power::{Power, Weak};
use super::software::{Software, Update};
use super::timekeeper::Keeper;
use super::*;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn s(s: u64) -> Duration {
    Duration::from_secs(s)
}

/// A box of which nothing is wrong.
fn good() -> Measured {
    Measured {
        power: Power {
            mains: Some(true),
            battery_percent: Some(100),
            weak: Some(Weak::Never),
        },
        network: vec![Interface {
            name: "eth0".to_owned(),
            is_up: true,
            mbit_per_s: Some(100),
            addresses: vec!["10.0.0.9".to_owned()],
        }],
        link: Link {
            state: LinkState::Up,
            problem: None,
            waiting: 3,
            rounds: vec![ms(80), ms(120), ms(400)],
            lost: 0,
            alarms: vec![ms(90)],
            counted: s(12),
        },
        disk: Disk {
            free_bytes: Some(20_000_000_000),
            filled: Some((1_000_000, s(7_200))),
            nearly_full: None,
            failing: None,
            card: Card {
                read_only: false,
                worn_percent: Some(10),
            },
            writing: Some(Ok(Writing {
                took: vec![ms(4), ms(6), ms(31)],
            })),
        },
        clock: TimeOfDay {
            trust: ClockTrust::Synchronised,
            ahead_ms: Some(-120),
            keeper: Keeper::Runs,
        },
        software: Software {
            version: "1.2.0".to_owned(),
            update: Update::None,
        },
        sound: Sound {
            output: Output::On,
            played: true,
            screens: vec![screen(ScreenSound::On)],
        },
        devices: vec![device()],
        said: Said {
            heard: Some(true),
            ups_min: None,
        },
    }
}

fn screen(hearing: ScreenSound) -> ScreenFound {
    ScreenFound {
        name: "Nurses' desk".to_owned(),
        hearing,
    }
}

fn device() -> DeviceFound {
    DeviceFound {
        id: "oxi-1".to_owned(),
        closed: None,
        heard_ago: Some(ms(800)),
        every: Some(s(10)),
        seen: 24,
        faults: 0,
        counted: s(12),
    }
}

/// What a change of the good box makes of the rows of this part.
fn check(change: impl FnOnce(&mut Measured), part: Part, expected: &[(State, Found)]) {
    let mut measured = good();
    change(&mut measured);
    let judged = rows(&measured);
    let of_part = judged.iter().filter(|row| row.part == part);
    let found: Vec<_> = of_part.map(|row| (row.state, row.found)).collect();
    assert_eq!(found, expected);
}

fn figure(measured: &Measured, part: Part, what: What) -> Option<f64> {
    let judged = rows(measured);
    let row = judged.into_iter().find(|row| row.part == part)?;
    let figure = row.figures.into_iter().find(|figure| figure.what == what)?;
    Some(figure.value)
}

#[test]
fn a_good_box_is_all_ok_with_its_values() {
    let good = good();
    assert!(
        rows(&good).iter().all(|row| row.state == State::Ok),
        "{:#?}",
        rows(&good)
    );
    for (part, what, value) in [
        (Part::Link, What::RoundMs, 120.0),
        (Part::Link, What::RoundMsMax, 400.0),
        (Part::Link, What::Rounds, 3.0),
        (Part::AlarmWay, What::RoundMs, 90.0),
        (Part::Queue, What::Waiting, 3.0),
        (Part::Disk, What::WriteMs, 6.0),
        (Part::Disk, What::WriteMsMax, 31.0),
        (Part::Disk, What::DaysLeft, 1_666.0),
        (Part::Clock, What::AheadS, -0.12),
        (Part::Device, What::SeenPerS, 2.0),
        (Part::Device, What::HeardAgoS, 0.8),
        (Part::Device, What::EveryS, 10.0),
    ] {
        assert_eq!(figure(&good, part, what), Some(value), "{part:?} {what:?}");
    }
}

/// M1.
#[test]
fn m1_what_was_not_measured_is_never_ok() {
    let unknown = rows(&Measured::default());
    let wrong: Vec<_> = unknown.iter().filter(|row| row.state == State::Ok).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn power_is_judged_by_what_the_box_says_and_a_person_tried() {
    let power = |mains, battery_percent, weak, ups_min, expected| {
        let change = |measured: &mut Measured| {
            measured.power = Power {
                mains,
                battery_percent,
                weak,
            };
            measured.said.ups_min = ups_min;
        };
        check(change, Part::Power, &[expected]);
    };
    power(None, None, None, None, (State::NotMeasured, Found::PowerUntold));
    power(
        None,
        None,
        Some(Weak::Never),
        None,
        (State::Ok, Found::PowerStrong),
    );
    power(
        Some(true),
        None,
        Some(Weak::Now),
        None,
        (State::Failed, Found::PowerWeakNow),
    );
    power(
        Some(true),
        None,
        Some(Weak::Before),
        None,
        (State::Look, Found::PowerWeakBefore),
    );
    power(
        Some(false),
        Some(83),
        None,
        None,
        (State::Look, Found::PowerBattery),
    );
    power(
        Some(false),
        Some(20),
        None,
        None,
        (State::Look, Found::PowerBatteryLow),
    );
    power(
        Some(false),
        Some(5),
        None,
        None,
        (State::Failed, Found::PowerBatteryLow),
    );
    power(None, None, None, Some(14), (State::Look, Found::PowerUpsShort));
    power(None, None, None, Some(15), (State::Ok, Found::PowerUps));
}

#[test]
fn one_cable_is_enough_and_none_is_said() {
    let down = || Interface {
        name: "wlan0".to_owned(),
        ..Interface::default()
    };
    check(
        |found| found.network.push(down()),
        Part::Network,
        &[
            (State::Ok, Found::NetworkUp),
            (State::NotMeasured, Found::NetworkDown),
        ],
    );
    check(
        |found| found.network = vec![down()],
        Part::Network,
        &[(State::Failed, Found::NetworkNone)],
    );
    check(
        |found| found.network.clear(),
        Part::Network,
        &[(State::Failed, Found::NetworkNone)],
    );
    let without_address = |found: &mut Measured| found.network[0].addresses.clear();
    check(
        without_address,
        Part::Network,
        &[(State::Failed, Found::NetworkNone)],
    );
}

#[test]
fn the_way_to_the_centre_is_measured_or_says_why_not() {
    let link =
        |change: fn(&mut Link), expected| check(|found| change(&mut found.link), Part::Link, &[expected]);
    link(
        |link| link.state = LinkState::Unreachable,
        (State::Failed, Found::LinkUnreachable),
    );
    link(
        |link| link.state = LinkState::Connecting,
        (State::NotMeasured, Found::LinkConnecting),
    );
    link(
        |link| link.state = LinkState::None,
        (State::NotMeasured, Found::LinkNone),
    );
    link(
        |link| link.rounds.clear(),
        (State::NotMeasured, Found::LinkUncounted),
    );
    link(
        |link| (link.rounds, link.lost) = (Vec::new(), 2),
        (State::Failed, Found::LinkLossy),
    );
    link(|link| link.rounds = vec![s(3); 3], (State::Ok, Found::LinkGood));
    link(
        |link| link.rounds = vec![ms(3_001); 3],
        (State::Look, Found::LinkSlow),
    );
    link(
        |link| (link.rounds, link.lost) = (vec![ms(9); 95], 5),
        (State::Ok, Found::LinkGood),
    );
    link(
        |link| (link.rounds, link.lost) = (vec![ms(9); 94], 6),
        (State::Look, Found::LinkLossy),
    );
    check(
        |found| found.link.alarms.clear(),
        Part::AlarmWay,
        &[(State::NotMeasured, Found::AlarmWayUncounted)],
    );
    check(
        |found| found.link.alarms = vec![s(4)],
        Part::AlarmWay,
        &[(State::Look, Found::AlarmWaySlow)],
    );
    check(
        |found| found.link.waiting = 5_000,
        Part::Queue,
        &[(State::Ok, Found::QueueShort)],
    );
    check(
        |found| found.link.waiting = 5_001,
        Part::Queue,
        &[(State::Look, Found::QueueLong)],
    );
    check(
        |found| found.link.state = LinkState::Unreachable,
        Part::Queue,
        &[(State::Look, Found::QueueLong)],
    );
}

#[test]
fn the_worst_of_the_card_is_said_and_its_values_all_the_same() {
    let disk =
        |change: fn(&mut Disk), expected| check(|found| change(&mut found.disk), Part::Disk, &[expected]);
    disk(
        |disk| disk.card.read_only = true,
        (State::Failed, Found::DiskReadOnly),
    );
    disk(
        |disk| disk.failing = Some("no key".to_owned()),
        (State::Failed, Found::DiskFailing),
    );
    disk(
        |disk| disk.writing = Some(Err(WriteError::Refused("full".to_owned()))),
        (State::Failed, Found::DiskFailing),
    );
    disk(
        |disk| disk.writing = Some(Err(WriteError::Hangs(s(12)))),
        (State::Failed, Found::DiskHangs),
    );
    disk(
        |disk| disk.nearly_full = Some("old curves go".to_owned()),
        (State::Look, Found::DiskNearlyFull),
    );
    disk(
        |disk| disk.writing = Some(Ok(Writing { took: vec![ms(501)] })),
        (State::Look, Found::DiskSlow),
    );
    disk(
        |disk| disk.writing = Some(Ok(Writing { took: vec![ms(500)] })),
        (State::Ok, Found::DiskGood),
    );
    disk(
        |disk| disk.card.worn_percent = Some(80),
        (State::Look, Found::DiskWorn),
    );
    disk(
        |disk| disk.writing = None,
        (State::NotMeasured, Found::DiskUntried),
    );
    // 20 GB at 1 GB an hour: less than a day.
    disk(
        |disk| disk.filled = Some((1 << 30, s(3_600))),
        (State::Look, Found::DiskFillsSoon),
    );
    let mut soon = good();
    soon.disk.filled = Some((1 << 30, s(3_599)));
    assert_eq!(
        figure(&soon, Part::Disk, What::DaysLeft),
        None,
        "too short a time to know"
    );
    soon.disk.filled = Some((0, s(7_200)));
    assert_eq!(
        figure(&soon, Part::Disk, What::DaysLeft),
        None,
        "it does not fill"
    );
}

#[test]
fn the_clock_is_compared_with_the_centre() {
    let clock = |trust, ahead_ms, expected| {
        let change = |found: &mut Measured| (found.clock.trust, found.clock.ahead_ms) = (trust, ahead_ms);
        check(change, Part::Clock, &[expected]);
    };
    clock(
        ClockTrust::Untrusted,
        Some(0),
        (State::Failed, Found::ClockNotSet),
    );
    clock(ClockTrust::Holdover, None, (State::Look, Found::ClockHoldover));
    clock(ClockTrust::Holdover, Some(2_000), (State::Ok, Found::ClockAgrees));
    clock(
        ClockTrust::Synchronised,
        Some(-2_001),
        (State::Look, Found::ClockAhead),
    );
    clock(
        ClockTrust::Synchronised,
        None,
        (State::Ok, Found::ClockUncompared),
    );
    check(
        |found| found.clock.keeper = Keeper::Missing,
        Part::Keeper,
        &[(State::Look, Found::KeeperMissing)],
    );
    check(
        |found| found.clock.keeper = Keeper::Stopped,
        Part::Keeper,
        &[(State::Look, Found::KeeperStopped)],
    );
}

#[test]
fn an_update_that_waits_or_was_refused_is_to_be_looked_at() {
    let version = || "1.3.0".to_owned();
    for (update, found) in [
        (Update::Installing(version()), Found::SoftwareInstalling),
        (Update::Installed(version()), Found::SoftwareInstalled),
        (Update::OnTrial(version()), Found::SoftwareOnTrial),
        (Update::Left(version()), Found::SoftwareLeft),
        (
            Update::Refused("it is damaged".to_owned()),
            Found::SoftwareRefused,
        ),
    ] {
        check(
            |measured| measured.software.update = update.clone(),
            Part::Software,
            &[(State::Look, found)],
        );
    }
    let mut measured = good();
    measured.software.update = Update::Refused("it is damaged".to_owned());
    let row = rows(&measured)
        .into_iter()
        .find(|row| row.part == Part::Software)
        .unwrap();
    assert_eq!(
        (row.of.as_deref(), row.why.as_deref()),
        (Some("1.2.0"), Some("it is damaged"))
    );
}

#[test]
fn every_finding_has_a_name_of_its_own() {
    let name = |found: Found| serde_json::to_string(&found).unwrap();
    assert_eq!(name(Found::PowerWeakNow), r#""power_weak_now""#);
    assert_eq!(name(Found::AlarmWayUncounted), r#""alarm_way_uncounted""#);
}
