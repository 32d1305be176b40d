//! What `[centre]` and `[[destination]]` may not say.

use std::collections::BTreeSet;

use vitals::Lane;

use super::Config;
use super::checks::{Checks, Part, Place};

/// Most destinations beside the centre.
const DESTINATIONS_MAX: usize = 3;
/// Less is mostly headers, and summaries would never catch up.
const BYTES_PER_S_LEAST: u64 = 500;
/// Longest name.
const NAME_CHARS_MAX: usize = 32;

fn in_destination(index: usize, key: &'static str) -> Place {
    vec![Part::Key("destination"), Part::Index(index), Part::Key(key)]
}

impl Checks<'_> {
    pub(super) fn destinations(&mut self, config: &Config) {
        if let Some(centre) = &config.centre {
            let place = |key| vec![Part::Key("centre"), Part::Key(key)];
            if centre.host.trim().is_empty() {
                self.add(
                    &place("host"),
                    "the centre has no address",
                    "write the name or address that stands in the broker's certificate, or remove [centre]",
                );
            }
            self.rate(&place("bytes_per_s_max"), centre.bytes_per_s_max);
        } else if !config.destinations.is_empty() {
            self.add(
                &in_destination(0, "name"),
                "a destination without [centre]: nobody would be told when an alarm does not arrive",
                "set up [centre] first; a destination only gets copies",
            );
        }
        if config.destinations.len() > DESTINATIONS_MAX {
            self.add(
                &in_destination(DESTINATIONS_MAX, "name"),
                format!("more than {DESTINATIONS_MAX} destinations"),
                "let one of them pass the records on",
            );
        }
        let mut names = BTreeSet::new();
        for (index, other) in config.destinations.iter().enumerate() {
            let spelled = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            let name = other.name.as_str();
            let length = 1..=NAME_CHARS_MAX;
            if !length.contains(&name.len()) || !name.chars().all(spelled) || name == "centre" {
                self.add(
                    &in_destination(index, "name"),
                    format!("{name:?} is not a name for a destination"),
                    "write 1 to 32 of a-z 0-9 -, and not \"centre\"",
                );
            } else if !names.insert(name) {
                self.add(
                    &in_destination(index, "name"),
                    format!("two destinations are called {name}"),
                    "each needs its own name: the post remembers by it what each has got",
                );
            }
            if other.host.trim().is_empty() {
                self.add(
                    &in_destination(index, "host"),
                    "the destination has no address",
                    "write the name or address that stands in the broker's certificate",
                );
            }
            let lanes = other.lanes.as_deref();
            if lanes.is_some_and(|lanes| lanes.is_empty() || lanes.contains(&Lane::Waves)) {
                self.add(
                    &in_destination(index, "lanes"),
                    "these lanes cannot be sent",
                    "name some of alerts, events, summaries, vitals; curves stay on the post",
                );
            }
            if other.metered && lanes.is_some_and(|lanes| lanes == [Lane::Vitals]) {
                self.add(
                    &in_destination(index, "metered"),
                    "single readings do not go where bytes cost money, and this destination gets nothing else",
                    "add other lanes, or leave out metered",
                );
            }
            self.rate(&in_destination(index, "bytes_per_s_max"), other.bytes_per_s_max);
        }
    }

    fn rate(&mut self, place: &Place, bytes_per_s_max: Option<u64>) {
        if bytes_per_s_max.is_some_and(|rate| rate < BYTES_PER_S_LEAST) {
            self.add(
                place,
                format!("less than {BYTES_PER_S_LEAST} bytes a second carries nothing but headers"),
                "write at least 500, or leave the key out",
            );
        }
    }
}
