//! What the simulators really sent, read from their truth logs.

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;

/// How much of what was said at last stands in a failure.
const LAST_SAID: usize = 10;

/// One packet or register image as it left a simulator.
#[derive(Clone, Debug)]
pub struct Sent {
    /// When, nanoseconds since boot.
    pub at_ns: u64,
    /// Values by code key; none = the device said that it has no value.
    pub values: HashMap<String, Option<String>>,
}

/// A device's truth, in time order.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    devices: HashMap<String, Vec<Sent>>,
}

impl Truth {
    /// Adds a truth log. A last line that is cut off (the simulator was killed) is left out.
    pub fn read(&mut self, file: &Path) {
        let text =
            std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for line in text.lines() {
            let Ok(line) = serde_json::from_str::<Value>(line) else {
                continue;
            };
            let device = line["device"]
                .as_str()
                .expect("a truth line names its device")
                .to_owned();
            let at_ns = line["sent_ns"].as_u64().expect("a truth line has its time");
            let values = line["values"].as_object().expect("a truth line has values");
            let values = values
                .iter()
                .map(|(code, value)| (code.clone(), value.as_str().map(str::to_owned)));
            self.devices.entry(device).or_default().push(Sent {
                at_ns,
                values: values.collect(),
            });
        }
    }

    /// Everything a device sent.
    pub fn of(&self, device: &str) -> &[Sent] {
        self.devices.get(device).map_or(&[], Vec::as_slice)
    }

    /// What a device said of `code` at last before `at_ns`, newest first, each with its age in milliseconds: for a failure's words.
    pub fn last(&self, device: &str, code: &str, at_ns: u64) -> Vec<(u64, Option<&str>)> {
        let before = self.of(device).iter().rev().filter(|sent| sent.at_ns <= at_ns);
        let said = before.filter_map(|sent| {
            Some((
                (at_ns - sent.at_ns) / 1_000_000,
                sent.values.get(code)?.as_deref(),
            ))
        });
        said.take(LAST_SAID).collect()
    }

    /// True when `device` sent `value` for `code` in the `back_ns` before `at_ns`.
    pub fn sent(&self, device: &str, code: &str, value: &str, at_ns: u64, back_ns: u64) -> bool {
        let number = |text: &str| text.parse::<f64>().ok();
        let from = at_ns.saturating_sub(back_ns);
        let recent = self
            .of(device)
            .iter()
            .filter(|sent| (from..=at_ns).contains(&sent.at_ns));
        let mut values = recent.filter_map(|sent| sent.values.get(code)?.as_deref());
        values.any(|sent| number(sent) == number(value))
    }
}
