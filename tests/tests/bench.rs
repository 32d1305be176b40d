//! The measuring program starts, measures store and drivers in a hurry, and writes figures that the command can read.

use std::process::Command;

use serde_json::Value;

#[test]
fn the_bench_of_the_store_measures_and_writes_figures() {
    let figures = figures("store");
    assert!(measured(&figures, "packed bytes per reading") > 0.0);
    assert!(measured(&figures, "bytes written per reading") > 0.0);
}

#[test]
fn the_bench_of_the_drivers_has_a_row_for_each_family_that_can_be_played() {
    let figures = figures("drivers");
    let played = simulators::device::FAMILIES.iter().map(|family| family.name);
    let streams = |name: &&str| {
        drivers::catalog::family(name)
            .is_some_and(|family| matches!(family.kind, drivers::catalog::Kind::Stream(_)))
    };
    for name in played.filter(streams).chain(["nonin 2", "nonin 7", "nonin 8"]) {
        assert!(measured(&figures, &format!("{name}: decoded")) > 0.0, "{name}");
        let carried = measured(&figures, &format!("{name}: devices that one core carries"));
        assert!(carried > 0.0, "{name}");
    }
    assert!(measured(&figures, "64 mixed devices") > 0.0);
}

#[test]
fn the_bench_of_signing_in_has_alarms_while_wrong_passwords_are_tried() {
    let figures = figures("access");
    assert!(measured(&figures, "alarm to the page, attacked, p50") > 0.0);
    assert!(measured(&figures, "tries") > 0.0);
    assert!(measured(&figures, "answered \"not right\"") > 0.0);
}

#[test]
fn the_bench_of_alarms_measures_a_storm_of_two_hundred_a_minute() {
    let figures = figures("alarms");
    assert!(measured(&figures, "alarms raised, shown and acknowledged") > 0.0);
    assert!(measured(&figures, "alarm to the page at 200 a minute, p99") > 0.0);
}

fn figures(part: &str) -> Value {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let out = folder.path().join("figures.json");
    let status = Command::new(env!("CARGO_BIN_EXE_bench"))
        .args([part, "--quick", "--out"])
        .arg(&out)
        .arg("--folder")
        // Not where files may live in memory: the kernel counts no writes there.
        .arg(env!("CARGO_TARGET_TMPDIR"))
        .status()
        .expect("the program starts");
    assert!(status.success());
    serde_json::from_str(&std::fs::read_to_string(&out).expect("figures")).expect("JSON")
}

fn measured(figures: &Value, name: &str) -> f64 {
    let mut figures = figures.as_array().expect("a list").iter();
    let figure = figures.find(|figure| figure["name"].as_str().is_some_and(|n| n.starts_with(name)));
    let figure = figure.unwrap_or_else(|| panic!("there is no figure {name}"));
    figure["value"].as_f64().expect("a number")
}
