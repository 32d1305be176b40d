//! Messages of sensors: whatever a broker hands on, what is found is about a device that exists, nothing implausible is
//! shown (I5), nothing is taken twice, curves go forwards, and little is kept.
//!
//! An input is a script as for the families that stream. Each moment is a message; its first byte chooses the device and
//! whether the broker had kept it.

use std::collections::BTreeMap;

use drivers::Seen;
use drivers::catalog::Family;
use drivers::sensor_json::{
    Arrived, CURVES_MAX, Found, ITEM_CHARS_MAX, ITEMS_MAX, Inbox, SITE_VALUES_MAX, VITALS_MAX,
};
use vitals::{Code, MonoTime};

use crate::Target;
use crate::captures::{cases, read};
use crate::promises::judge_observation;
use crate::script::{Moment, Script};

/// The line's devices, and one that it does not have.
const DEVICES: [&str; 3] = ["band-1", "fridge-1", "stranger"];
const CONFIGURED: usize = 2;

/// The target, with its messages as seeds.
pub fn target(family: &Family) -> Target {
    Target {
        name: family.name.to_owned(),
        run: Box::new(|data| play(&Script::decode(data))),
        seeds: cases(family)
            .iter()
            .map(|case| seed(&read(&case.join("messages.txt"))))
            .collect(),
    }
}

/// The messages of a case, all from the first device, at their times.
fn seed(text: &str) -> Vec<u8> {
    let (mut moments, mut at, mut before) = (Vec::new(), MonoTime::BOOT, MonoTime::BOOT);
    for line in text.lines() {
        if let Some(seconds) = line.strip_prefix('@') {
            let seconds: f64 = seconds.trim().parse().expect("seconds");
            at = MonoTime::from_ms((seconds * 1000.0) as u64);
        } else if let Some(start) = line.find('{').filter(|_| !line.starts_with('#')) {
            let first = u8::from(line.starts_with("retained")) << 2;
            moments.push(Moment {
                pause: at.since(std::mem::replace(&mut before, at)),
                bytes: [&[first], &line.as_bytes()[start..]].concat(),
            });
        }
    }
    Script {
        setting: 0,
        cut: 0,
        moments,
    }
    .encode()
}

fn play(script: &Script) {
    let devices = DEVICES.iter().take(CONFIGURED);
    let mut inbox = Inbox::new(devices.map(|name| name.parse().expect("a name")).collect());
    let mut now = MonoTime::from_ms(86_400_000);
    let mut ends = BTreeMap::new();
    for moment in &script.moments {
        now = now + moment.pause;
        let Some((first, payload)) = moment.bytes.split_first() else {
            continue;
        };
        let arrived = Arrived {
            device: DEVICES[usize::from(first & 3) % DEVICES.len()],
            payload,
            retained: first & 4 != 0,
        };
        let found = inbox.receive(now, arrived);
        let items = VITALS_MAX + SITE_VALUES_MAX + CURVES_MAX;
        assert!(found.len() <= items + 2, "{} findings", found.len());
        let again = inbox.receive(now, arrived);
        let is_seen = |found: &Found| matches!(found, Found::Saw(..));
        assert!(!again.iter().any(is_seen), "S2: taken twice: {again:?}");
        assert!(!arrived.retained || !found.iter().any(is_seen), "S3: {found:?}");
        found.into_iter().for_each(|found| note(found, &mut ends));
    }
    let kept: Vec<&str> = inbox.kept().collect();
    let longest = ITEM_CHARS_MAX + "fridge-1: ".len();
    assert!(kept.len() <= ITEMS_MAX && kept.iter().all(|item| item.chars().count() <= longest));
}

fn note(found: Found, ends: &mut BTreeMap<(usize, Code), u64>) {
    let Found::Saw(place, seen) = found else {
        return;
    };
    assert!(place < CONFIGURED, "S1: a device that nobody configured: {place}");
    match seen {
        Seen::Vital(seen) | Seen::Earlier { seen, .. } => judge_observation(&seen),
        Seen::Wave(block) => {
            let end = ends.entry((place, block.code)).or_insert(0);
            assert!(block.first_sample >= *end, "samples go back");
            *end = block.first_sample + block.samples.len() as u64;
        }
        Seen::Site { signal, .. } => assert!(signal.parse::<vitals::SignalId>().is_ok()),
        Seen::Alarms(_) | Seen::Lab(_) => panic!("sensors have neither alarms of their own nor specimens"),
        Seen::Alive => {}
    }
}
