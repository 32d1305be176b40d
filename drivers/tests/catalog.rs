//! The catalogue and the folders of the families belong together.

use std::path::{Path, PathBuf};

use drivers::catalog::{FAMILIES, Family, Kind, StreamOptions, Transport, family};

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

#[test]
fn every_folder_is_a_whole_family_and_stands_in_the_catalogue() {
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(source()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            folders.push(path.file_name().unwrap().to_str().unwrap().to_owned());
        }
    }
    folders.sort();
    let mut known: Vec<&str> = FAMILIES.iter().map(|family| family.folder).collect();
    known.sort_unstable();
    assert_eq!(
        folders, known,
        "a folder is missing from catalog.rs, or the other way round"
    );
    for folder in folders {
        for part in ["mod.rs", "README.md", "sample.toml", "testcases"] {
            let path = source().join(&folder).join(part);
            assert!(path.exists(), "{} is missing", path.display());
        }
    }
}

fn usual(family: &Family) -> StreamOptions<'static> {
    StreamOptions::usual(family.transports[0])
}

#[test]
fn names_are_unique_and_found() {
    for one in FAMILIES {
        assert_eq!(family(one.name).unwrap().folder, one.folder);
        assert_eq!(FAMILIES.iter().filter(|other| other.name == one.name).count(), 1);
    }
    assert!(family("toaster").is_none());
}

#[test]
fn every_sample_is_a_line_that_a_configuration_can_hold() {
    // The keys of `[[line]]` and `[[line.unit]]` in the appliance's configuration.
    const LINE: &[&str] = &[
        "id",
        "serial",
        "tcp",
        "framing",
        "udp",
        "listen",
        "senders",
        "baud",
        "parity",
        "handshake",
        "family",
        "device",
        "bed",
        "format",
        "waves",
        "field",
        "unit",
        "source",
        "broker",
        "mqtt",
        "ca",
        "certificate",
        "key",
    ];
    const UNIT: &[&str] = &["unit", "map", "device", "bed"];
    for one in FAMILIES {
        let file = source().join(one.folder).join("sample.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        let sample: toml::Table =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let lines = sample["line"].as_array().expect("[[line]]");
        assert!(!lines.is_empty());
        for line in lines {
            let line = line.as_table().unwrap();
            assert!(line.keys().all(|key| LINE.contains(&key.as_str())), "{line:?}");
            assert_eq!(line["family"].as_str(), Some(one.name));
            assert!(
                ["serial", "tcp", "udp", "listen", "broker"]
                    .iter()
                    .filter(|key| line.contains_key(**key))
                    .count()
                    == 1,
                "{line:?}"
            );
            match one.kind {
                Kind::Stream(open) => {
                    let format = line.get("format").and_then(toml::Value::as_str);
                    assert!(open(&StreamOptions { format, ..usual(one) }).is_ok());
                    assert!(line.contains_key("device"));
                }
                Kind::Modbus => {
                    for unit in line["unit"].as_array().expect("[[line.unit]]") {
                        let unit = unit.as_table().unwrap();
                        assert!(unit.keys().all(|key| UNIT.contains(&key.as_str())), "{unit:?}");
                        assert!((1..=247).contains(&unit["unit"].as_integer().unwrap()));
                    }
                }
                Kind::Listener => sources(line, true),
                Kind::Subscriber => sources(line, false),
            }
        }
    }
}

/// The `[[line.source]]` of a line that devices send to; a sensor has no location.
fn sources(line: &toml::Table, are_located: bool) {
    const SOURCE: &[&str] = &["location", "device", "bed", "silent_after_s"];
    for source in line["source"].as_array().expect("[[line.source]]") {
        let source = source.as_table().expect("a table");
        assert!(
            source.keys().all(|key| SOURCE.contains(&key.as_str())),
            "{source:?}"
        );
        assert_eq!(source.contains_key("location"), are_located, "{source:?}");
        assert!(source.contains_key("device"));
    }
}

#[test]
fn an_unknown_format_is_refused_with_the_choices() {
    let Kind::Stream(open) = family("nonin").unwrap().kind else {
        panic!("nonin streams");
    };
    let usual = StreamOptions::usual(Transport::Serial);
    let nine = StreamOptions {
        format: Some("9"),
        ..usual
    };
    let error = open(&nine).err().unwrap();
    assert_eq!(
        error.to_string(),
        "\"9\" is no Nonin format: write \"auto\", \"2\", \"7\" or \"8\""
    );
    assert!(open(&usual).is_ok());
}
