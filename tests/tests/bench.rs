//! The measuring program starts, measures the store in a hurry, and writes figures that the command can read.

use std::process::Command;

use serde_json::Value;

#[test]
fn the_bench_of_the_store_measures_and_writes_figures() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let out = folder.path().join("store.json");
    let status = Command::new(env!("CARGO_BIN_EXE_bench"))
        .args(["store", "--quick", "--out"])
        .arg(&out)
        .arg("--folder")
        // Not where files may live in memory: the kernel counts no writes there.
        .arg(env!("CARGO_TARGET_TMPDIR"))
        .status()
        .expect("the program starts");
    assert!(status.success());
    let figures: Value =
        serde_json::from_str(&std::fs::read_to_string(&out).expect("figures")).expect("JSON");
    let measured = |name: &str| {
        let mut figures = figures.as_array().expect("a list").iter();
        let figure = figures.find(|figure| figure["name"].as_str().is_some_and(|n| n.starts_with(name)));
        figure.unwrap_or_else(|| panic!("there is no figure {name}"))["value"].as_f64()
    };
    assert!(measured("packed bytes per reading").is_some_and(|bytes| bytes > 0.0));
    assert!(measured("bytes written per reading").is_some_and(|bytes| bytes > 0.0));
}
