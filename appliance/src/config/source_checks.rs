//! Checks of a listening line: who may connect, and that no message can be about two beds (I3).

use std::ops::RangeInclusive;

use drivers::catalog::{Family, Transport};
use drivers::hl7::{Location, LocationField};

use super::checks::{Checks, in_line, in_source, in_unit};
use super::{LineConfig, Results, SourceConfig};

/// Seconds after which a source may count as silent.
const SILENT_AFTER_S: RangeInclusive<u64> = 10..=900;

impl Checks<'_> {
    /// Everything about one listening line.
    pub(super) fn listener(&mut self, index: usize, line: &LineConfig, family: &Family) {
        self.transport(index, line, family);
        let misplaced = [
            ("device", line.device.is_some()),
            ("bed", line.bed.is_some()),
            ("format", line.format.is_some()),
            ("waves", line.waves.is_some()),
        ];
        for (key, _) in misplaced.into_iter().filter(|(_, there)| *there) {
            self.add(
                &in_line(index, key),
                format!("`{key}` stands in the line, but a line that is listened on has sources"),
                match key {
                    "format" | "waves" => "remove it: the sender decides what it sends",
                    _ => "write it into the [[line.source]] that it is about",
                },
            );
        }
        self.sources_not_units(index, line, family);
        if line.senders.is_empty() {
            self.no_senders(index, line);
        }
        if line.sources.is_empty() {
            self.add(
                &in_line(index, "source"),
                format!(
                    "line \"{}\" has no sources, so every message would be refused",
                    line.id
                ),
                "add [[line.source]] with location, device and bed",
            );
        }
        self.locations(index, line);
    }

    /// Who sends by itself is a source; a unit is asked.
    pub(super) fn sources_not_units(&mut self, index: usize, line: &LineConfig, family: &Family) {
        if !line.units.is_empty() {
            self.add(
                &in_unit(index, 0, "unit"),
                format!("a line of family {} has sources and no units", family.name),
                "write [[line.source]] instead of [[line.unit]]",
            );
        }
    }

    fn locations(&mut self, index: usize, line: &LineConfig) {
        let field: LocationField = match line.field.as_deref().map(str::parse) {
            None => LocationField::default(),
            Some(Ok(field)) => field,
            Some(Err(error)) => {
                self.add(
                    &in_line(index, "field"),
                    error.to_string(),
                    "leave `field` out for PV1-3, where nearly everybody names the bed",
                );
                return;
            }
        };
        let mut known: Vec<Location> = Vec::new();
        for (number, source) in line.sources.iter().enumerate() {
            self.silence(index, number, source);
            if source.results == Results::Laboratory && source.bed.is_some() {
                self.add(
                    &in_source(index, number, "bed"),
                    "a laboratory stands at no bed: its results are of specimens",
                    "remove `bed`; whose specimen it is stands in the message",
                );
            }
            let named = source.location.as_deref().unwrap_or_default();
            let Some(location) = field.location(named) else {
                self.add(
                    &in_source(index, number, "location"),
                    "the location says nothing",
                    "write it as the sender does, for example \"ICU^^3\"; the log names those that it does not know",
                );
                continue;
            };
            if known.iter().any(|other| other.overlaps(&location)) {
                self.add(
                    &in_source(index, number, "location"),
                    format!("a message could be about {named:?} and about another source of this line"),
                    "name them so that they differ in a part that both have: two beds would mix two patients",
                );
            }
            known.push(location);
        }
    }

    pub(super) fn silence(&mut self, index: usize, number: usize, source: &SourceConfig) {
        if !SILENT_AFTER_S.contains(&source.silent_after_s) {
            self.add(
                &in_source(index, number, "silent_after_s"),
                format!("{} is not between 10 and 900", source.silent_after_s),
                "write three times the seconds that the sender waits between two messages of a bed",
            );
        }
    }

    /// Keys that only a line with sources has, or one that is listened on.
    pub(super) fn no_sources(&mut self, index: usize, line: &LineConfig, family: &Family) {
        let may_dial = family.transports.contains(&Transport::Listen);
        let is_dialled = may_dial && line.listen.is_some();
        if is_dialled && line.senders.is_empty() {
            self.no_senders(index, line);
        }
        let misplaced = [
            ("senders", !is_dialled && !line.senders.is_empty()),
            ("field", line.field.is_some()),
            ("source", !line.sources.is_empty()),
        ];
        for (key, _) in misplaced.into_iter().filter(|(_, there)| *there) {
            let (message, hint) = match (key, may_dial) {
                ("senders", true) => (
                    "`senders` stands in a line to which nobody connects".to_owned(),
                    "remove it, or write `listen` instead of the line's port",
                ),
                (_, true) => (
                    format!(
                        "`{key}` stands in a line of family {}, which has one device",
                        family.name
                    ),
                    "remove it; `device` stands in the line itself",
                ),
                (_, false) => (
                    format!(
                        "`{key}` stands in a line of family {}, which nobody connects to",
                        family.name
                    ),
                    "remove it, or set `family` to one that listens, such as \"hl7\"",
                ),
            };
            self.add(&in_line(index, key), message, hint);
        }
    }

    fn no_senders(&mut self, index: usize, line: &LineConfig) {
        self.add(
            &in_line(index, "senders"),
            format!("line \"{}\" does not say who may connect", line.id),
            "add `senders = [\"192.168.7.20\"]`: the addresses of the devices that send",
        );
    }
}
