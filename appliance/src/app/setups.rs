//! Beds, devices and alarms as the ward takes them, from the configuration.

use std::time::Duration;

use drivers::catalog;
use vitals::alarm::DEVICE_SILENT_AFTER;
use vitals::code::CODES;
use vitals::{BootId, Code, DeviceId, Epoch, MonoTime};

use super::view;
use crate::config::{Config, LineConfig, Results, UnitConfig};
use crate::ward::{BedSetup, DeviceSetup, Ward};
use alarms::{Alarms, Lying, SiteWatch};

/// The beds and devices, of which nothing has been heard yet.
pub(super) fn ward(config: &Config, now: MonoTime) -> Ward {
    let mut ward = Ward::new(beds(config), devices(config), now);
    ward.ask_after(Duration::from_secs(config.same_patient_after_s));
    ward
}

/// The beds in the order of the screen.
pub(super) fn beds(config: &Config) -> Vec<BedSetup> {
    let setup = |bed: &crate::config::BedConfig| BedSetup {
        id: bed.id.clone(),
        label: view::label(bed),
        category: bed.category,
    };
    config.beds.iter().map(setup).collect()
}

/// Every device, with how long it may be quiet.
pub(super) fn devices(config: &Config) -> Vec<DeviceSetup> {
    devices_on(config.lines.iter())
}

/// The devices on these lines.
pub(super) fn devices_on<'a>(lines: impl Iterator<Item = &'a LineConfig> + Clone) -> Vec<DeviceSetup> {
    let streams = lines.clone().filter_map(stream);
    let units = lines
        .clone()
        .flat_map(|line| &line.units)
        .map(|unit| DeviceSetup {
            id: unit.device.clone(),
            bed: unit.bed.clone(),
            silent_after: Some(silent_after(unit)),
            is_laboratory: false,
        });
    let sources = lines.flat_map(|line| &line.sources);
    let sources = sources.map(|source| DeviceSetup {
        id: source.device.clone(),
        bed: source.bed.clone(),
        silent_after: (source.results == Results::Vitals).then(|| Duration::from_secs(source.silent_after_s)),
        is_laboratory: source.results == Results::Laboratory,
    });
    streams.chain(units).chain(sources).collect()
}

/// The one device of a line, where it has one.
pub(super) fn stream(line: &LineConfig) -> Option<DeviceSetup> {
    Some(DeviceSetup {
        id: line.device.clone()?,
        bed: line.bed.clone(),
        silent_after: (!is_laboratory(line)).then_some(DEVICE_SILENT_AFTER),
        is_laboratory: is_laboratory(line),
    })
}

/// The line of an analyser, which says nothing for hours.
fn is_laboratory(line: &LineConfig) -> bool {
    catalog::family(&line.family).is_some_and(|family| family.is_laboratory)
}

/// No alarms yet, and everything that is to be watched.
pub(super) fn alarms(config: &Config, boot: BootId, epoch: Epoch, now: MonoTime) -> Alarms {
    let categories = config
        .beds
        .iter()
        .map(|bed| (bed.id.clone(), bed.category))
        .collect();
    let mut alarms = Alarms::new(boot, epoch, categories);
    for (device, code, interval) in looks(config) {
        alarms.looks_every(device, code, interval);
    }
    for watch in watches(config) {
        alarms.watch_site(watch, now);
    }
    alarms
}

/// Who lies in the beds at the start, as the records say.
pub(super) fn lying(ward: &Ward, alarms: &mut Alarms, now: MonoTime) {
    for bed in ward.beds() {
        let lying = Lying {
            category: bed.category(),
            vacant: bed.stay().vacant,
            limits: ward.own_limits(&bed.setup.id),
        };
        // Nothing is open yet that could end.
        alarms.lies(&bed.setup.id, lying, now, &mut Vec::new());
    }
}

/// How often each vital sign is asked for, where a map says so, and how often a gateway may send it.
fn looks(config: &Config) -> impl Iterator<Item = (DeviceId, Code, Duration)> + '_ {
    let units = config.lines.iter().flat_map(|line| &line.units);
    let asked = units.flat_map(|unit| {
        let signals = unit.registers.iter().flat_map(|map| map.signals());
        signals.filter_map(|signal| Some((unit.device.clone(), signal.code?, signal.interval)))
    });
    let sources = config.lines.iter().flat_map(|line| &line.sources);
    let monitors = sources.filter(|source| source.results == Results::Vitals);
    let sent = monitors.flat_map(|source| {
        // Silent after three that are missing.
        let interval = Duration::from_secs(source.silent_after_s) / 3;
        CODES
            .iter()
            .map(move |row| (source.device.clone(), row.code, interval))
    });
    asked.chain(sent)
}

/// The values about the post that alarm.
fn watches(config: &Config) -> impl Iterator<Item = SiteWatch> + '_ {
    let units = config.lines.iter().flat_map(|line| &line.units);
    units.flat_map(|unit| {
        let signals = unit.registers.iter().flat_map(|map| map.signals());
        let alarming = signals.filter(|signal| !signal.alarms.is_empty());
        alarming.filter_map(|signal| {
            Some(SiteWatch {
                device: unit.device.clone(),
                bed: unit.bed.clone(),
                signal: signal.id.parse().ok()?,
                alarms: signal.alarms.clone(),
                unit: signal.unit.clone(),
                interval: signal.interval,
            })
        })
    })
}

/// Three polls of what is asked most often, and never less than what counts for any device.
fn silent_after(unit: &UnitConfig) -> Duration {
    let registers = unit.registers.iter();
    let shortest = registers
        .flat_map(|map| map.signals())
        .map(|signal| signal.interval)
        .min();
    shortest.map_or(DEVICE_SILENT_AFTER, |interval| {
        (interval * 3).max(DEVICE_SILENT_AFTER)
    })
}
