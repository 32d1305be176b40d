//! The demo's people have no telephone at hand: this is the app that shows their six digits (RFC 6238). The product checks
//! them as it checks everybody's.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use ring::hmac;

use super::folder;
use crate::{clock, workspace};

/// A code is shown for so long.
const STEP_S: u64 = 30;
/// The ending of the files that hold what a person would have typed into an app.
const ENDING: &str = "app";

/// Which demo.
#[derive(Args)]
pub struct CodeArgs {
    /// The demo's work folder; target/demo when left out.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// Prints what the apps of the demo's people show now.
pub fn run(args: &CodeArgs) -> Result<()> {
    let usual = || workspace::metadata().map(|metadata| metadata.target_directory.join("demo"));
    let root = args.dir.clone().map_or_else(usual, Ok)?;
    let stores = folder::stores(&root);
    let mut shown = Vec::new();
    for entry in stores.read_dir().into_iter().flatten() {
        let file = entry?.path();
        if file.extension().is_some_and(|ending| ending == ENDING) {
            let name = file
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            shown.push(line(&name, &App::read(&file)?, clock::wall_s()));
        }
    }
    if shown.is_empty() {
        bail!(
            "no demo has made people in {}; start one with cargo xtask demo",
            root.display()
        );
    }
    shown.sort();
    println!("{}", shown.join("\n"));
    Ok(())
}

fn line(name: &str, app: &App, now_s: u64) -> String {
    let left = STEP_S - now_s % STEP_S;
    let [now, next] = [now_s, now_s + STEP_S].map(|at| app.shows(at));
    format!("{name}: {now} for {left} s more, then {next} (each is good once)")
}

/// What a person's app holds.
pub struct App(Vec<u8>);

impl App {
    /// From what the page gives to be typed into an app (base 32).
    pub fn from_typing(text: &str) -> Result<App> {
        let (mut bytes, mut bits, mut count) = (Vec::new(), 0u32, 0);
        for letter in text.chars().filter(|letter| !letter.is_whitespace()) {
            let value = match letter {
                'A'..='Z' => u32::from(letter) - u32::from('A'),
                '2'..='7' => u32::from(letter) - u32::from('2') + 26,
                _ => bail!("{letter:?} does not belong into an app's secret"),
            };
            (bits, count) = (bits << 5 | value, count + 5);
            if count >= 8 {
                count -= 8;
                bytes.extend(u8::try_from(bits >> count & 0xff));
            }
        }
        Ok(App(bytes))
    }

    fn read(file: &Path) -> Result<App> {
        let text =
            std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        App::from_typing(text.trim())
    }

    /// The digits at this time, in seconds since 1970.
    pub fn shows(&self, now_s: u64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &(now_s / STEP_S).to_be_bytes());
        let tag = tag.as_ref();
        let place = usize::from(tag[tag.len() - 1] & 0x0f);
        let four = tag[place..place + 4].iter();
        let bits = four.fold(0u32, |bits, byte| bits << 8 | u32::from(*byte));
        format!("{:06}", (bits & 0x7fff_ffff) % 1_000_000)
    }
}

/// Where the app of this person is kept.
pub fn file(stores: &Path, person: &str) -> PathBuf {
    stores.join(format!("{person}.{ENDING}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_6238_and_a_line_for_people() {
        let app = App::from_typing("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ").unwrap();
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (2_000_000_000, "279037"),
        ] {
            assert_eq!(app.shows(seconds), code);
        }
        assert!(App::from_typing("not base 32").is_err());
        let line = line("dr.demo", &app, 59);
        assert!(line.starts_with("dr.demo: 287082 for 1 s more, then "), "{line}");
    }
}
