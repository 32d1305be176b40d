//! Coverage-guided fuzzing with libFuzzer: one program, whose target stands in the environment. `cargo xtask fuzz` builds,
//! seeds and runs it; by itself it tells its targets.
//!
//! - `VITALPOST_FUZZ_TARGET`: which target; without it the names of all are printed, one a line.
//! - `VITALPOST_FUZZ_SEEDS`: a folder; the target's seeds are written into it, and nothing is run.
//!
//! A target takes any bytes and panics where a promise is broken. Families come from the drivers' catalogue: a new one is
//! a new target without a change here.
#![no_main]

// What every dialogue promises is written once, beside the tests that ask it with chance.
#[path = "../../drivers/tests/support/captures.rs"]
mod captures;
mod hl7;
mod modbus;
#[path = "../../drivers/tests/support/promises.rs"]
mod promises;
#[path = "../../drivers/tests/support/script.rs"]
#[expect(dead_code, reason = "what only the tests of the drivers use")]
mod script;
mod sensor_json;
mod stream;
mod wire;

use std::path::Path;
use std::sync::OnceLock;

use drivers::catalog::{FAMILIES, Kind};
use libfuzzer_sys::fuzz_target;

/// Something that takes any bytes.
struct Target {
    name: String,
    /// Panics where a promise is broken.
    run: Box<dyn Fn(&[u8]) + Send + Sync>,
    /// What to begin with.
    seeds: Vec<Vec<u8>>,
}

static CHOSEN: OnceLock<Target> = OnceLock::new();

fuzz_target!(init: choose(), |data: &[u8]| {
    if let Some(target) = CHOSEN.get() {
        (target.run)(data);
    }
});

fn targets() -> Vec<Target> {
    let streams = FAMILIES
        .iter()
        .filter(|family| matches!(family.kind, Kind::Stream(_)));
    let maps = FAMILIES
        .iter()
        .filter(|family| matches!(family.kind, Kind::Modbus));
    let listeners = FAMILIES
        .iter()
        .filter(|family| matches!(family.kind, Kind::Listener));
    let families = streams.map(stream::target).chain(maps.map(modbus::target));
    let subscribers = FAMILIES
        .iter()
        .filter(|family| matches!(family.kind, Kind::Subscriber));
    let families = families.chain(listeners.map(hl7::target));
    let families = families.chain(subscribers.map(sensor_json::target));
    families.chain(wire::targets()).collect()
}

/// Before the first input: picks the target, or does what was asked instead and ends.
fn choose() {
    let wanted = std::env::var("VITALPOST_FUZZ_TARGET").unwrap_or_default();
    if wanted.is_empty() {
        targets().iter().for_each(|target| println!("{}", target.name));
        std::process::exit(0);
    }
    let found = targets().into_iter().find(|target| target.name == wanted);
    let Some(target) = found else {
        eprintln!("error: there is no target {wanted:?}");
        std::process::exit(2);
    };
    if let Some(folder) = std::env::var_os("VITALPOST_FUZZ_SEEDS") {
        for (n, seed) in target.seeds.iter().enumerate() {
            let file = Path::new(&folder).join(format!("seed-{n:03}"));
            std::fs::write(&file, seed).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        }
        std::process::exit(0);
    }
    let _ = CHOSEN.set(target);
}
