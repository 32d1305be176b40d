//! What the form of the file cannot say: names that must exist, be unique, or fit together.
//!
//! Every check looks at the whole file and adds what it finds; nothing stops at the first error.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use vitals::{BedId, DeviceId};

use super::report::{Finding, nearest};
use super::{Config, LineConfig, StoreConfig};

/// A ward screen holds this many tiles that are legible from across the room.
const BEDS_MAX: usize = 16;

/// An unidentified patient's id holds the bed's id and must stay short.
const BED_ID_CHARS_MAX: usize = 16;

/// Seconds of silence after which the patient is asked about: a monitor is unplugged for half a minute at least once a day,
/// and after a day nobody remembers.
const SAME_PATIENT_AFTER_S: std::ops::RangeInclusive<u64> = 30..=86_400;

/// Seconds of readings that a power cut may cost.
const COMMIT_WINDOW_S: std::ops::RangeInclusive<u64> = 1..=60;

/// Seconds of the post's own copy that a power cut may cost.
const COMMIT_WINDOW_RECEIPTED_S: std::ops::RangeInclusive<u64> = 1..=300;

/// Days that readings and summaries may be kept.
const DAYS_MAX: std::ops::RangeInclusive<u64> = 1..=3650;

/// Hours that curves may be kept: a year.
const WAVES_HOURS_MAX: std::ops::RangeInclusive<u64> = 1..=8760;

/// Least room for readings and for curves: below it the store would throw away what it has just taken.
const QUOTA_BYTES_MIN: u64 = 1_000_000;

/// All that is wrong. Reads the maps on the way and leaves them in the configuration.
pub(super) fn all(config: &mut Config, folder: &Path, text: &str) -> Vec<Finding> {
    let root = DeTable::parse(text).expect("the same text was parsed a moment ago");
    let mut checks = Checks {
        root: &root,
        text,
        findings: Vec::new(),
    };
    checks.maps(config, folder);
    checks.post(config);
    checks.destinations(config);
    checks.web(config);
    if let Some(sound) = &config.sound {
        checks.sound(sound);
    }
    checks.beds(config);
    checks.ids(config);
    checks.ports(config);
    checks.captures(config, folder);
    for (index, line) in config.lines.iter().enumerate() {
        checks.line(index, line);
    }
    for (place, bed) in bed_mentions(config) {
        checks.bed_exists(config, &place, bed);
    }
    checks.findings
}

/// The way to a key in the file.
pub(super) type Place = Vec<Part>;

/// One step on that way.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    Key(&'static str),
    Index(usize),
}

pub(super) fn top(table: &'static str, key: &'static str) -> Place {
    vec![Part::Key(table), Part::Key(key)]
}

fn in_bed(index: usize, key: &'static str) -> Place {
    vec![Part::Key("bed"), Part::Index(index), Part::Key(key)]
}

pub(super) fn in_line(index: usize, key: &'static str) -> Place {
    vec![Part::Key("line"), Part::Index(index), Part::Key(key)]
}

pub(super) fn in_unit(line: usize, unit: usize, key: &'static str) -> Place {
    let mut place = in_line(line, "unit");
    place.extend([Part::Index(unit), Part::Key(key)]);
    place
}

pub(super) fn in_source(line: usize, source: usize, key: &'static str) -> Place {
    let mut place = in_line(line, "source");
    place.extend([Part::Index(source), Part::Key(key)]);
    place
}

fn bed_mentions(config: &Config) -> Vec<(Place, &BedId)> {
    let mut mentions = Vec::new();
    for (index, line) in config.lines.iter().enumerate() {
        mentions.extend(line.bed.as_ref().map(|bed| (in_line(index, "bed"), bed)));
        for (number, unit) in line.units.iter().enumerate() {
            mentions.extend(unit.bed.as_ref().map(|bed| (in_unit(index, number, "bed"), bed)));
        }
        for (number, source) in line.sources.iter().enumerate() {
            let bed = source.bed.as_ref();
            mentions.extend(bed.map(|bed| (in_source(index, number, "bed"), bed)));
        }
    }
    mentions
}

/// The file, and what was found in it so far.
pub(super) struct Checks<'a> {
    root: &'a Spanned<DeTable<'a>>,
    text: &'a str,
    findings: Vec<Finding>,
}

impl Checks<'_> {
    pub(super) fn add(&mut self, place: &Place, message: impl Into<String>, hint: impl Into<String>) {
        self.findings.push(Finding {
            span: self.span(place),
            message: message.into(),
            hint: hint.into(),
        });
    }

    /// Where the value of this key stands; where the key is left out, the table that lacks it.
    fn span(&self, place: &Place) -> Range<usize> {
        let mut parts = place.iter();
        let Some(Part::Key(first)) = parts.next() else {
            return 0..0;
        };
        let Some(mut value) = get(self.root.get_ref(), first) else {
            return 0..0;
        };
        for part in parts {
            let inner = match (part, value.get_ref()) {
                (Part::Key(key), DeValue::Table(table)) => get(table, key),
                (Part::Index(index), DeValue::Array(array)) => array.get(*index),
                _ => None,
            };
            let Some(inner) = inner else { break };
            value = inner;
        }
        value.span()
    }

    fn line_number(&self, place: &Place) -> usize {
        let start = self.span(place).start.min(self.text.len());
        self.text.as_bytes()[..start]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            + 1
    }

    /// Reports each place whose key another place before it has already.
    pub(super) fn unique<K: Ord>(
        &mut self,
        places: impl Iterator<Item = (Place, K)>,
        say: impl Fn(&K) -> (String, &'static str),
    ) {
        let mut seen: BTreeMap<K, usize> = BTreeMap::new();
        for (place, key) in places {
            match seen.get(&key) {
                Some(first) => {
                    let (message, hint) = say(&key);
                    self.add(&place, format!("{message}; the first is on line {first}"), hint);
                }
                None => {
                    seen.insert(key, self.line_number(&place));
                }
            }
        }
    }

    fn store_ranges(&mut self, store: &StoreConfig) {
        let ranges = [
            (
                "commit_window_receipted_s",
                store.commit_window_receipted_s,
                COMMIT_WINDOW_RECEIPTED_S,
                "write 60 unless you know why not",
            ),
            (
                "vitals_days_max",
                store.vitals_days_max,
                DAYS_MAX,
                "write 30 unless you know why not",
            ),
            (
                "summaries_days_max",
                store.summaries_days_max,
                DAYS_MAX,
                "write 365 unless you know why not",
            ),
            (
                "waves_hours_max",
                store.waves_hours_max,
                WAVES_HOURS_MAX,
                "write 72 unless you know why not",
            ),
        ];
        for (key, value, range, help) in ranges {
            if !range.contains(&value) {
                self.add(
                    &top("store", key),
                    format!("{value} is not between {} and {}", range.start(), range.end()),
                    help,
                );
            }
        }
    }

    fn post(&mut self, config: &Config) {
        if config.name.trim().is_empty() {
            self.add(
                &vec![Part::Key("name")],
                "the post has no name",
                "write what people call it, for example name = \"Kisoro health post\"",
            );
        }
        let silence = config.same_patient_after_s;
        if !SAME_PATIENT_AFTER_S.contains(&silence) {
            self.add(
                &vec![Part::Key("same_patient_after_s")],
                format!("{silence} s is no silence to ask after: it may be 30 to 86400 s"),
                "write 600 unless you know why not; shorter asks more often, longer lets somebody else be taken for the patient before",
            );
        }
        let window = config.store.commit_window_s;
        if !COMMIT_WINDOW_S.contains(&window) {
            self.add(
                &top("store", "commit_window_s"),
                format!("{window} s is not a commit window: a power cut may cost 1 to 60 s of readings"),
                "write 5 unless you know why not; longer spares the card",
            );
        }
        self.store_ranges(&config.store);
        let quotas = [
            ("vitals_bytes_max", config.store.vitals_bytes_max),
            ("summaries_bytes_max", config.store.summaries_bytes_max),
            ("waves_bytes_max", config.store.waves_bytes_max),
        ];
        for (key, bytes) in quotas {
            if bytes < QUOTA_BYTES_MIN {
                self.add(
                    &top("store", key),
                    format!("{bytes} bytes is too little to keep anything"),
                    "write at least 1_000_000, or leave the key out",
                );
            }
        }
    }

    fn web(&mut self, config: &Config) {
        let web = &config.web;
        let pair = match (&web.certificate, &web.key) {
            (Some(_), None) => Some(("certificate", "key")),
            (None, Some(_)) => Some(("key", "certificate")),
            _ => None,
        };
        if let Some((there, missing)) = pair {
            self.add(
                &top("web", there),
                format!("`{there}` without `{missing}`"),
                format!("add `{missing} = \"...\"` to [web]: the two files belong together"),
            );
        }
    }

    fn beds(&mut self, config: &Config) {
        for (index, bed) in config.beds.iter().enumerate() {
            if bed.id.as_str().len() > BED_ID_CHARS_MAX {
                self.add(
                    &in_bed(index, "id"),
                    format!(
                        "the id of bed \"{}\" is longer than {BED_ID_CHARS_MAX} characters",
                        bed.id
                    ),
                    "use a short id such as \"1\" and write the long name as `label`",
                );
            }
        }
        if config.beds.len() > BEDS_MAX {
            self.add(
                &in_bed(BEDS_MAX, "id"),
                format!("{} beds, and a post can have {BEDS_MAX}", config.beds.len()),
                "split the ward over two boxes, each with its own post id",
            );
        }
    }

    fn ids(&mut self, config: &Config) {
        let beds = config.beds.iter().enumerate();
        self.unique(beds.map(|(index, bed)| (in_bed(index, "id"), &bed.id)), |id| {
            (
                format!("bed \"{id}\" stands here a second time"),
                "give each bed its own id",
            )
        });
        let lines = config.lines.iter().enumerate();
        self.unique(
            lines.map(|(index, line)| (in_line(index, "id"), &line.id)),
            |id| {
                (
                    format!("line \"{id}\" stands here a second time"),
                    "give each line its own id",
                )
            },
        );
        self.unique(device_places(config).into_iter(), |id| {
            (
                format!("device \"{id}\" stands here a second time"),
                "give each device its own id: two with one name would mix two patients",
            )
        });
    }

    fn ports(&mut self, config: &Config) {
        let port = |line: &LineConfig| match (&line.serial, &line.tcp, &line.udp) {
            // Two links may lead to one port.
            (Some(path), None, None) => {
                let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.clone());
                Some(("serial", path.display().to_string()))
            }
            (None, Some(address), None) => Some(("tcp", address.clone())),
            (None, None, Some(address)) => Some(("udp", address.clone())),
            (None, None, None) => match (line.listen, &line.broker) {
                (Some(address), _) => Some(("listen", address.to_string())),
                (None, broker) => broker.clone().map(|address| ("broker", address)),
            },
            _ => None,
        };
        let ports = config
            .lines
            .iter()
            .enumerate()
            .filter_map(|(index, line)| port(line).map(|(key, port)| (in_line(index, key), port)));
        self.unique(ports, |port| {
            (
                format!("port {port} belongs to another line already"),
                "one line, one port: put Modbus units that share a cable under one [[line]]",
            )
        });
    }

    fn captures(&mut self, config: &Config, folder: &Path) {
        let lines = config.lines.iter().enumerate();
        let files = lines.filter_map(|(index, line)| {
            let file = line.capture.as_ref()?;
            let file = file.strip_prefix(folder).unwrap_or(file);
            Some((in_line(index, "capture"), file.display().to_string()))
        });
        self.unique(files, |file| {
            (
                format!("the capture {file} belongs to another line already"),
                "give each line a file of its own",
            )
        });
    }

    fn bed_exists(&mut self, config: &Config, place: &Place, bed: &BedId) {
        if config.beds.iter().any(|known| known.id == *bed) {
            return;
        }
        let known: Vec<&str> = config.beds.iter().map(|known| known.id.as_str()).collect();
        let hint = match (nearest(bed.as_str(), &known), known.is_empty()) {
            (Some(near), _) if bed.as_str().len() > 1 => format!("did you mean \"{near}\"?"),
            (_, true) => format!("add [[bed]] with id = \"{bed}\""),
            _ => format!(
                "beds in this file: {}; or add [[bed]] with id = \"{bed}\"",
                known.join(", ")
            ),
        };
        self.add(place, format!("there is no bed \"{bed}\""), hint);
    }
}

impl LineConfig {
    /// The devices on the line, and where they stand.
    pub fn devices(&self) -> impl Iterator<Item = (&DeviceId, Option<&BedId>)> {
        let own = self.device.iter().map(|device| (device, self.bed.as_ref()));
        let units = self.units.iter().map(|unit| (&unit.device, unit.bed.as_ref()));
        let sources = self.sources.iter();
        own.chain(units)
            .chain(sources.map(|source| (&source.device, source.bed.as_ref())))
    }
}

fn device_places(config: &Config) -> Vec<(Place, &DeviceId)> {
    let mut places = Vec::new();
    for (index, line) in config.lines.iter().enumerate() {
        places.extend(
            line.device
                .as_ref()
                .map(|device| (in_line(index, "device"), device)),
        );
        let units = line.units.iter().enumerate();
        places.extend(units.map(|(number, unit)| (in_unit(index, number, "device"), &unit.device)));
        let sources = line.sources.iter().enumerate();
        places.extend(sources.map(|(number, source)| (in_source(index, number, "device"), &source.device)));
    }
    places
}

fn get<'a, 'i>(table: &'a DeTable<'i>, key: &str) -> Option<&'a Spanned<DeValue<'i>>> {
    table
        .iter()
        .find(|(known, _)| known.get_ref() == key)
        .map(|(_, value)| value)
}
