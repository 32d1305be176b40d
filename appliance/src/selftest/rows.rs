//! What was measured, judged: one row for each part of the box, in the order in which people read it. Pure.

use std::time::Duration;

use vitals::ClockTrust;

use super::card::WriteError;
use super::network::Interface;
use super::power::{Power, Weak};
use super::software::{Software, Update};
use super::timekeeper::Keeper;
use super::{
    AHEAD_MS_MAX, BATTERY_CRITICAL_PERCENT, BATTERY_LOW_PERCENT, COUNTED_MIN, DAYS_LEFT_MIN, DeviceFound,
    Disk, FAULTS_PER_MIN_MAX, FILLED_OVER_MIN, Figure, Found, LOST_PERCENT_MAX, Link, LinkState, Measured,
    Output, Part, ROUND_MAX, Row, Said, ScreenFound, ScreenSound, Sound, State, TimeOfDay, UPS_MIN,
    WAITING_MAX, WORN_PERCENT_MAX, WRITE_MAX, What,
};

/// Judges all of it.
pub fn rows(measured: &Measured) -> Vec<Row> {
    let Measured {
        power,
        network,
        link,
        disk,
        clock,
        software,
        sound,
        devices,
        said,
    } = measured;
    let mut rows = vec![of_power(*power, *said)];
    rows.extend(of_network(network));
    rows.extend([of_link(link), of_alarm_way(link), of_queue(link)]);
    rows.extend([
        of_disk(disk),
        of_clock(clock),
        of_keeper(clock.keeper),
        of_software(software),
        of_output(sound, *said),
    ]);
    rows.extend(of_screens(&sound.screens));
    rows.extend(of_devices(devices));
    rows
}

fn row(part: Part, state: State, found: Found) -> Row {
    Row {
        part,
        of: None,
        state,
        found,
        figures: Vec::new(),
        why: None,
    }
}

impl Row {
    fn with(mut self, what: What, value: impl Into<f64>) -> Row {
        // A figure that is written and read again is the same.
        let value = (value.into() * 1_000.0).round() / 1_000.0;
        self.figures.push(Figure { what, value });
        self
    }

    fn with_some(self, what: What, value: Option<impl Into<f64>>) -> Row {
        match value {
            Some(value) => self.with(what, value),
            None => self,
        }
    }

    fn because(self, why: Option<String>) -> Row {
        Row { why, ..self }
    }

    fn of(self, name: &str) -> Row {
        let of = Some(name.to_owned());
        Row { of, ..self }
    }
}

fn of_power(power: Power, said: Said) -> Row {
    let Power {
        mains,
        battery_percent,
        weak,
    } = power;
    let low = |percent: u8| battery_percent.is_some_and(|holds| holds <= percent);
    let (state, found) = match (weak, mains, said.ups_min) {
        (Some(Weak::Now), ..) => (State::Failed, Found::PowerWeakNow),
        (_, Some(false), _) if low(BATTERY_CRITICAL_PERCENT) => (State::Failed, Found::PowerBatteryLow),
        (_, Some(false), _) if low(BATTERY_LOW_PERCENT) => (State::Look, Found::PowerBatteryLow),
        (_, Some(false), _) => (State::Look, Found::PowerBattery),
        (Some(Weak::Before), ..) => (State::Look, Found::PowerWeakBefore),
        (.., Some(minutes)) if minutes < UPS_MIN => (State::Look, Found::PowerUpsShort),
        (.., Some(_)) => (State::Ok, Found::PowerUps),
        (_, Some(true), None) => (State::Ok, Found::PowerMains),
        (Some(Weak::Never), None, None) => (State::Ok, Found::PowerStrong),
        (None, None, None) => (State::NotMeasured, Found::PowerUntold),
    };
    row(Part::Power, state, found)
        .with_some(What::BatteryPercent, battery_percent)
        .with_some(What::UpsMin, said.ups_min)
}

fn of_network(interfaces: &[Interface]) -> Vec<Row> {
    let reachable = |one: &Interface| one.is_up && !one.addresses.is_empty();
    let is_connected = interfaces.iter().any(reachable);
    if !is_connected {
        let names = interfaces.iter().map(|one| one.name.as_str());
        let names = names.collect::<Vec<_>>().join(", ");
        let none = row(Part::Network, State::Failed, Found::NetworkNone);
        return vec![none.because(Some(names).filter(|names| !names.is_empty()))];
    }
    let judged = interfaces.iter().map(|one| {
        // A box has more sockets than cables: one that is not used is nobody's fault.
        let (state, found) = if reachable(one) {
            (State::Ok, Found::NetworkUp)
        } else {
            (State::NotMeasured, Found::NetworkDown)
        };
        let addresses = Some(one.addresses.join(", ")).filter(|all| !all.is_empty());
        row(Part::Network, state, found)
            .of(&one.name)
            .with_some(What::MbitPerS, one.mbit_per_s)
            .because(addresses)
    });
    judged.collect()
}

fn of_link(link: &Link) -> Row {
    let alone = |state, found| row(Part::Link, state, found).because(link.problem.clone());
    match link.state {
        LinkState::None => return alone(State::NotMeasured, Found::LinkNone),
        LinkState::Connecting => return alone(State::NotMeasured, Found::LinkConnecting),
        LinkState::Unreachable => return alone(State::Failed, Found::LinkUnreachable),
        LinkState::Up => {}
    }
    let rounds = link.rounds.len() as u64;
    let Some(middle) = median(&link.rounds) else {
        // What was sent and did not arrive was measured.
        let (state, found) = if link.lost > 0 {
            (State::Failed, Found::LinkLossy)
        } else {
            (State::NotMeasured, Found::LinkUncounted)
        };
        return alone(state, found)
            .with(What::Rounds, 0.0)
            .with(What::Lost, count(link.lost));
    };
    let (state, found) = if link.lost * 100 > (rounds + link.lost) * LOST_PERCENT_MAX {
        (State::Look, Found::LinkLossy)
    } else if middle > ROUND_MAX {
        (State::Look, Found::LinkSlow)
    } else {
        (State::Ok, Found::LinkGood)
    };
    alone(state, found)
        .with(What::RoundMs, ms(middle))
        .with_some(
            What::RoundMsMax,
            link.rounds.iter().max().map(|longest| ms(*longest)),
        )
        .with(What::Rounds, count(rounds))
        .with(What::Lost, count(link.lost))
}

fn of_alarm_way(link: &Link) -> Row {
    let Some(middle) = median(&link.alarms) else {
        return row(Part::AlarmWay, State::NotMeasured, Found::AlarmWayUncounted);
    };
    let (state, found) = if middle > ROUND_MAX {
        (State::Look, Found::AlarmWaySlow)
    } else {
        (State::Ok, Found::AlarmWayGood)
    };
    row(Part::AlarmWay, state, found)
        .with(What::RoundMs, ms(middle))
        .with_some(
            What::RoundMsMax,
            link.alarms.iter().max().map(|longest| ms(*longest)),
        )
        .with(What::Rounds, count(link.alarms.len() as u64))
}

fn of_queue(link: &Link) -> Row {
    let waits = |state, found| row(Part::Queue, state, found).with(What::Waiting, count(link.waiting));
    match link.state {
        LinkState::None => row(Part::Queue, State::NotMeasured, Found::LinkNone),
        LinkState::Up if link.waiting <= WAITING_MAX => waits(State::Ok, Found::QueueShort),
        LinkState::Up | LinkState::Connecting | LinkState::Unreachable => {
            waits(State::Look, Found::QueueLong)
        }
    }
}

fn of_disk(disk: &Disk) -> Row {
    let days = days_left(disk);
    let written = match &disk.writing {
        Some(Ok(writing)) => median(&writing.took).map(|middle| (middle, writing.took.iter().max())),
        _ => None,
    };
    let refused = match &disk.writing {
        Some(Err(error)) => Some(error),
        _ => None,
    };
    let worn = disk.card.worn_percent;
    let (state, found, why) = if disk.card.read_only {
        (State::Failed, Found::DiskReadOnly, disk.failing.clone())
    } else if let Some(why) = &disk.failing {
        (State::Failed, Found::DiskFailing, Some(why.clone()))
    } else if let Some(error) = refused {
        let found = match error {
            WriteError::Refused(_) => Found::DiskFailing,
            WriteError::Hangs(_) => Found::DiskHangs,
        };
        (State::Failed, found, Some(error.to_string()))
    } else if let Some(why) = &disk.nearly_full {
        (State::Look, Found::DiskNearlyFull, Some(why.clone()))
    } else if written.is_some_and(|(middle, _)| middle > WRITE_MAX) {
        (State::Look, Found::DiskSlow, None)
    } else if worn.is_some_and(|worn| worn >= WORN_PERCENT_MAX) {
        (State::Look, Found::DiskWorn, None)
    } else if days.is_some_and(|days| days < DAYS_LEFT_MIN as f64) {
        (State::Look, Found::DiskFillsSoon, None)
    } else if written.is_none() {
        (State::NotMeasured, Found::DiskUntried, None)
    } else {
        (State::Ok, Found::DiskGood, None)
    };
    row(Part::Disk, state, found)
        .with_some(What::FreeBytes, disk.free_bytes.map(count))
        .with_some(What::DaysLeft, days)
        .with_some(What::WriteMs, written.map(|(middle, _)| ms(middle)))
        .with_some(
            What::WriteMsMax,
            written.and_then(|(_, longest)| longest.map(|longest| ms(*longest))),
        )
        .with_some(What::WornPercent, worn)
        .because(why)
}

/// At the rate of the last hours; none = it does not fill, or nobody knows yet.
fn days_left(disk: &Disk) -> Option<f64> {
    let (filled, over) = disk.filled.filter(|(_, over)| *over >= FILLED_OVER_MIN)?;
    let per_day = count(filled) / over.as_secs_f64() * 86_400.0;
    (filled > 0).then(|| (count(disk.free_bytes.unwrap_or(0)) / per_day).floor())
}

fn of_clock(clock: &TimeOfDay) -> Row {
    let ahead = clock.ahead_ms.filter(|_| clock.trust > ClockTrust::Untrusted);
    let (state, found) = match (clock.trust, ahead) {
        (ClockTrust::Untrusted, _) => (State::Failed, Found::ClockNotSet),
        (_, Some(ahead)) if ahead.unsigned_abs() > AHEAD_MS_MAX => (State::Look, Found::ClockAhead),
        (_, Some(_)) => (State::Ok, Found::ClockAgrees),
        (ClockTrust::Synchronised, None) => (State::Ok, Found::ClockUncompared),
        (ClockTrust::Holdover, None) => (State::Look, Found::ClockHoldover),
    };
    row(Part::Clock, state, found).with_some(What::AheadS, ahead.map(|ahead| ahead as f64 / 1_000.0))
}

fn of_keeper(keeper: Keeper) -> Row {
    let (state, found) = match keeper {
        Keeper::Runs => (State::Ok, Found::KeeperThere),
        Keeper::Stopped => (State::Look, Found::KeeperStopped),
        Keeper::Missing => (State::Look, Found::KeeperMissing),
    };
    row(Part::Keeper, state, found)
}

fn of_software(software: &Software) -> Row {
    let (state, found, why) = match &software.update {
        Update::Untold => (State::NotMeasured, Found::SoftwareUntold, None),
        Update::None => (State::Ok, Found::SoftwareRuns, None),
        Update::Installing(version) => (State::Look, Found::SoftwareInstalling, Some(version)),
        Update::Installed(version) => (State::Look, Found::SoftwareInstalled, Some(version)),
        // It is the one that runs.
        Update::OnTrial(_) => (State::Look, Found::SoftwareOnTrial, None),
        Update::Left(version) => (State::Look, Found::SoftwareLeft, Some(version)),
        Update::Refused(why) => (State::Look, Found::SoftwareRefused, Some(why)),
    };
    row(Part::Software, state, found)
        .of(&software.version)
        .because(why.cloned())
}

/// Only a person can say that a tone was heard.
fn of_output(sound: &Sound, said: Said) -> Row {
    let (state, found, why) = match (&sound.output, sound.played, said.heard) {
        (Output::None, ..) => (State::NotMeasured, Found::OutputNone, None),
        (Output::Failed(why), ..) => (State::Failed, Found::OutputFailed, Some(why.clone())),
        (Output::On, true, Some(true)) => (State::Ok, Found::OutputHeard, None),
        (Output::On, true, Some(false)) => (State::Failed, Found::OutputUnheard, None),
        (Output::On, true, None) => (State::NotMeasured, Found::OutputUnasked, None),
        (Output::On, false, _) => (State::NotMeasured, Found::OutputUntried, None),
    };
    row(Part::Output, state, found).because(why)
}

fn of_screens(screens: &[ScreenFound]) -> Vec<Row> {
    if screens.is_empty() {
        return vec![row(Part::Screen, State::Look, Found::ScreensNone)];
    }
    let judged = screens.iter().map(|screen| {
        let (state, found) = match screen.hearing {
            ScreenSound::On => (State::Ok, Found::ScreenOn),
            ScreenSound::Blocked => (State::Failed, Found::ScreenBlocked),
            ScreenSound::Away => (State::Look, Found::ScreenAway),
        };
        row(Part::Screen, state, found).of(&screen.name)
    });
    judged.collect()
}

fn of_devices(devices: &[DeviceFound]) -> Vec<Row> {
    if devices.is_empty() {
        return vec![row(Part::Device, State::Look, Found::DevicesNone)];
    }
    devices.iter().map(of_device).collect()
}

fn of_device(device: &DeviceFound) -> Row {
    let is_counted = device.counted >= COUNTED_MIN;
    let per = |count_of: u64, time_s: f64| {
        is_counted.then(|| count(count_of) / device.counted.as_secs_f64() * time_s)
    };
    let (seen, faults) = (per(device.seen, 1.0), per(device.faults, 60.0));
    // In a short time one fault is many a minute.
    let is_faulty = device.faults > 1 && faults.is_some_and(|faults| faults > FAULTS_PER_MIN_MAX);
    let is_silent = match (device.every, device.heard_ago) {
        (Some(every), Some(ago)) => ago > every,
        (Some(_), None) => true,
        (None, _) => false,
    };
    let (state, found) = if device.closed.is_some() {
        (State::Failed, Found::DeviceClosed)
    } else if is_silent {
        (State::Failed, Found::DeviceSilent)
    } else if is_faulty {
        (State::Look, Found::DeviceFaulty)
    } else if device.every.is_none() && device.heard_ago.is_none() {
        (State::NotMeasured, Found::DeviceQuiet)
    } else {
        (State::Ok, Found::DeviceGood)
    };
    row(Part::Device, state, found)
        .of(&device.id)
        .with_some(What::HeardAgoS, device.heard_ago.map(|ago| ago.as_secs_f64()))
        .with_some(What::SeenPerS, seen)
        .with_some(What::EveryS, device.every.map(|every| every.as_secs_f64()))
        .with_some(What::FaultsPerMin, faults)
        .because(device.closed.clone())
}

fn median(of: &[Duration]) -> Option<Duration> {
    let mut sorted = of.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
}

fn ms(of: Duration) -> f64 {
    of.as_secs_f64() * 1_000.0
}

fn count(of: u64) -> f64 {
    of as f64
}
