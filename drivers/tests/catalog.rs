//! The catalogue and the folders of the families belong together.

use std::path::{Path, PathBuf};

use drivers::catalog::{FAMILIES, Family, Kind, Parity, StreamOptions, Transport, family};

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
    const SOURCE: &[&str] = &["location", "device", "results", "bed", "silent_after_s"];
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
fn a_format_for_a_family_without_formats_is_refused_with_what_to_do() {
    let mut without = Vec::new();
    for one in FAMILIES {
        let Kind::Stream(open) = one.kind else { continue };
        let x = StreamOptions {
            format: Some("x"),
            ..usual(one)
        };
        let error = open(&x).err().expect("no family has a format x").to_string();
        assert!(!error.contains("nothing"), "{error}");
        if error.contains("no formats") {
            let sentence = "has no formats to choose from: take `format = \"x\"` out";
            assert_eq!(error, format!("family {} {sentence}", one.name));
            without.push(one.name);
        }
    }
    assert!(
        without.contains(&"medibus") && without.contains(&"intellivue"),
        "{without:?}"
    );
}

/// The row of `docs/operate/configure.md` about this key of a table.
fn manual_row(table: &str, key: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operate/configure.md");
    let text = std::fs::read_to_string(file).expect("the manual lies beside the drivers");
    let part = text
        .split(&format!("`[[{table}]]`, one per"))
        .nth(1)
        .expect("the table is there");
    let row = part
        .lines()
        .find(|line| line.starts_with(&format!("| `{key}` |")));
    row.unwrap_or_else(|| panic!("{table} has no row {key}"))
        .to_owned()
}

/// What stands between backticks.
fn in_backticks(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[test]
fn the_manual_names_every_built_in_map() {
    let row = manual_row("line.unit", "map");
    let (_, maps) = row.split_once('(').expect("the maps stand between brackets");
    let (maps, _) = maps.split_once(')').expect("the maps stand between brackets");
    let known = drivers::modbus_map::BUILTIN.iter().map(|(name, _)| *name);
    assert_eq!(in_backticks(maps), known.collect::<Vec<_>>());
    let readme = std::fs::read_to_string(source().join("modbus_map/README.md")).unwrap();
    for (name, _) in drivers::modbus_map::BUILTIN {
        assert!(readme.contains(&format!("\n| `{name}` |")), "README.md: {name}");
    }
}

#[test]
fn the_manual_names_every_family() {
    let row = manual_row("line", "family");
    let mut named = in_backticks(&row);
    assert_eq!(named.remove(0), "family");
    named.sort_unstable();
    let mut known: Vec<&str> = FAMILIES.iter().map(|family| family.name).collect();
    known.sort_unstable();
    assert_eq!(named, known);
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../appliance/vitalpost.sample.toml");
    let sample = std::fs::read_to_string(sample).unwrap();
    let (_, row) = sample
        .split_once("# How the device talks: ")
        .expect("the sample says it");
    let (row, _) = row.split_once("\nfamily = ").expect("the key follows");
    for name in known {
        assert!(
            row.contains(&format!("\"{name}\"")),
            "vitalpost.sample.toml: {name}"
        );
    }
}

#[test]
fn every_readme_tells_a_technician_how_to_connect_the_device() {
    // A technician reads nothing else: each of these must be answered, if only with what is not known.
    let on_serial: &[&[&str]] = &[
        &["cable", "wires"],
        &["male", "female"],
        &["null modem", "crossed", "A to A"],
        &["menu"],
        &["bits a second", "baud"],
        &["| you see |"],
        &["sample.toml"],
    ];
    let on_lan: &[&[&str]] = &[
        &["network"],
        &["menu"],
        &["port"],
        &["| you see |"],
        &["sample.toml"],
    ];
    for one in FAMILIES {
        let file = source().join(one.folder).join("README.md");
        let text = std::fs::read_to_string(&file).unwrap();
        let part = text.split("\n## ").find(|part| part.starts_with("Connect it\n"));
        let part = part.unwrap_or_else(|| panic!("{}: no \"## Connect it\"", file.display()));
        let wanted = match one.transports.contains(&Transport::Serial) {
            true => on_serial,
            false => on_lan,
        };
        for words in wanted {
            let said = words.iter().any(|word| part.contains(word));
            assert!(
                said,
                "{}: \"Connect it\" says nothing of {words:?}",
                file.display()
            );
        }
    }
}

#[test]
fn what_the_sources_name_is_probed() {
    use Parity::{Even, None, Odd};
    let named = [
        ("medibus", 19_200, Even),
        ("medibus", 19_200, None),
        ("medibus", 9600, Even),
        ("medibus", 9600, None),
        ("medibus", 38_400, None),
        ("nonin", 9600, None),
        ("masimo", 9600, None),
        ("nellcor", 9600, None),
        ("nellcor", 19_200, None),
        ("nellcor", 2400, None),
        ("contec", 115_200, None),
        ("contec", 19_200, Odd),
        ("datex_dri", 19_200, Even),
        ("datex_dri", 115_200, Even),
        ("intellivue", 115_200, None),
        ("modbus", 9600, None),
        ("modbus", 115_200, None),
    ];
    for (name, baud, parity) in named {
        let one = family(name).unwrap();
        let mut tried = std::iter::once(&one.serial).chain(one.probe);
        let is_tried = tried.any(|settings| (settings.baud, settings.parity) == (baud, parity));
        assert!(is_tried, "{name} at {baud}, {parity:?}");
    }
}

#[test]
fn what_is_probed_is_said_once() {
    for one in FAMILIES {
        for (n, settings) in one.probe.iter().enumerate() {
            assert!(one.transports.contains(&Transport::Serial), "{}", one.name);
            assert_ne!(*settings, one.serial, "{}", one.name);
            assert!(!one.probe[..n].contains(settings), "{}: {settings:?}", one.name);
        }
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
