//! The captures of the test cases: `drivers/src/FOLDER/testcases/WHAT_HAPPENED/capture.hex`.
//!
//! Shared with `fuzz/`, which begins with them; so nothing here knows a test.

use std::path::{Path, PathBuf};

use drivers::capture::Capture;
use drivers::catalog::{Family, Transport};
use vitals::MonoTime;

/// The folders of a family's cases, by name.
pub fn cases(family: &Family) -> Vec<PathBuf> {
    // From wherever this file is built: both crates lie side by side.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../drivers/src")
        .join(family.folder)
        .join("testcases");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("a readable folder").path())
        .collect();
    cases.sort();
    cases
}

/// The text of a file.
pub fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// What stands behind `!KEY`.
pub fn directive<'a>(capture: &'a str, key: &str) -> Option<&'a str> {
    capture
        .lines()
        .find_map(|line| line.strip_prefix('!')?.strip_prefix(key)?.strip_prefix(' '))
        .map(str::trim)
}

/// Reads a capture.
pub fn parse(capture: &str) -> Capture {
    Capture::parse(capture).unwrap_or_else(|error| panic!("{error}"))
}

/// `!transport udp`, or what is usual in the family.
pub fn transport(family: &Family, capture: &str) -> Transport {
    parse(capture)
        .transport(family)
        .unwrap_or_else(|error| panic!("{error}"))
}

/// The bytes of each `@` moment, line by line.
pub fn moments(capture: &str) -> Vec<(MonoTime, Vec<Vec<u8>>)> {
    let moments = parse(capture).moments.into_iter();
    moments.map(|moment| (moment.at, moment.lines)).collect()
}

/// Bytes written as hex digits, with or without spaces.
pub fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    digits
        .chunks(2)
        .map(|pair| {
            let pair = std::str::from_utf8(pair).expect("hex digits are text");
            u8::from_str_radix(pair, 16).unwrap_or_else(|_| panic!("{text:?} is not hex"))
        })
        .collect()
}
