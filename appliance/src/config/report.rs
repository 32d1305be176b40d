//! How errors in the configuration are shown: place, the line itself with a mark under the culprit, and what to do.

use std::fmt::{self, Write as _};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use drivers::catalog;

use super::{Config, LineConfig};

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigErrors {
    /// There is no such file, or it may not be read.
    #[error(
        "cannot read the configuration {path}: {source}; name it with --config, and check that the service's user may read it"
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It can be read, but not used.
    #[error("{}", all(path, problems))]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Everything that is wrong with it, in the order of its lines.
        problems: Vec<Problem>,
    },
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
    excerpt: String,
    width: usize,
    file: PathBuf,
}

/// One thing that is wrong, by its bytes in the file.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) span: Range<usize>,
    pub(super) message: String,
    pub(super) hint: String,
}

impl ConfigErrors {
    pub(super) fn wrong(file: &Path, text: &str, mut findings: Vec<Finding>) -> Self {
        findings.sort_by_key(|finding| finding.span.start);
        Self::Wrong {
            path: file.to_owned(),
            problems: findings
                .into_iter()
                .map(|finding| Problem::new(file, text, finding))
                .collect(),
        }
    }
}

impl Problem {
    fn new(file: &Path, text: &str, finding: Finding) -> Self {
        let start = floor(text, finding.span.start);
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let excerpt = text[line_start..].lines().next().unwrap_or_default();
        let end = floor(
            text,
            finding
                .span
                .end
                .clamp(start, line_start + excerpt.len())
                .max(start),
        );
        Self {
            line: text[..line_start].matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
            message: finding.message,
            hint: finding.hint,
            excerpt: excerpt.replace('\t', " "),
            width: text[start..end].chars().count().max(1),
            file: file.to_owned(),
        }
    }
}

/// The last place at or before `index` where a character begins.
fn floor(text: &str, index: usize) -> usize {
    let index = index.min(text.len());
    (0..=index)
        .rev()
        .find(|place| text.is_char_boundary(*place))
        .unwrap_or(0)
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        let indent = " ".repeat(self.column - 1);
        writeln!(
            f,
            "{}:{}:{}: {}",
            self.file.display(),
            self.line,
            self.column,
            self.message
        )?;
        writeln!(f, "{margin} |")?;
        writeln!(f, "{number} | {}", self.excerpt)?;
        writeln!(f, "{margin} | {indent}{}", "^".repeat(self.width))?;
        write!(f, "{margin} = {}", self.hint)
    }
}

fn all(path: &Path, problems: &[Problem]) -> String {
    let mut text: String = problems.iter().map(|problem| format!("{problem}\n\n")).collect();
    let count = match problems.len() {
        1 => "1 error".to_owned(),
        many => format!("{many} errors"),
    };
    let _ = write!(text, "{count} in {}: nothing was started", path.display());
    text
}

/// What the TOML reader found, in the words of the person who wrote the file.
impl From<toml::de::Error> for Finding {
    fn from(error: toml::de::Error) -> Self {
        let message = error.message();
        Self {
            span: error.span().unwrap_or(0..0),
            hint: hint(message),
            message: message
                .replace("unknown field", "unknown key")
                .replace("unknown variant", "unknown value")
                .replace("missing field", "missing key"),
        }
    }
}

fn hint(message: &str) -> String {
    let words: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    match words.as_slice() {
        [wrong, known @ ..] if message.starts_with("unknown ") => match nearest(wrong, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "remove it, or look it up in vitalpost.sample.toml".to_owned(),
        },
        [table @ ("store" | "web")] if message.starts_with("missing field") => {
            format!("add the table [{table}]; vitalpost.sample.toml shows what belongs into it")
        }
        [missing] if message.starts_with("missing field") => {
            format!("add `{missing} = ...` here; vitalpost.sample.toml shows how")
        }
        _ if message.contains("basic string") || message.contains("literal string") => {
            "a text stands between two \" on one line; vitalpost.sample.toml shows how each key is written"
                .to_owned()
        }
        _ if message.contains("cannot be an id") => {
            "choose a short id; a `label` or `name` may be any text".to_owned()
        }
        _ => "vitalpost.sample.toml shows how each key is written, with its unit and range".to_owned(),
    }
}

/// The known word that was probably meant.
pub(super) fn nearest<'a>(wrong: &str, known: &[&'a str]) -> Option<&'a str> {
    let far = |word: &str| edits(wrong, word);
    let contains = |word: &str| word.len() >= 3 && wrong.contains(word);
    known
        .iter()
        .copied()
        .filter(|word| far(word) <= wrong.len().max(3) / 3 || contains(word))
        .min_by_key(|word| far(word))
}

/// How many letters must be put in, left out or exchanged to make one word from the other.
fn edits(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (above, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = above + 1;
        for (column, b) in other.chars().enumerate() {
            let exchanged = diagonal + usize::from(a != b);
            diagonal = row[column + 1];
            row[column + 1] = exchanged.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[other.chars().count()]
}

/// What a good file sets up: a technician compares it with what stands on the table.
pub(super) fn summary(path: &Path, config: &Config) -> String {
    let devices: usize = config.lines.iter().map(|line| line.devices().count()).sum();
    let mut text = format!(
        "OK: {}: post {} ({}), {} beds, {} lines, {devices} devices\n",
        path.display(),
        config.post,
        config.name,
        config.beds.len(),
        config.lines.len(),
    );
    let web = &config.web;
    let encrypted = match &web.certificate {
        Some(certificate) => format!(", HTTPS with {}", certificate.display()),
        None if web.listen.ip().is_loopback() => String::new(),
        None => ", HTTPS with a certificate that the post makes itself".to_owned(),
    };
    let _ = writeln!(text, "page on {}{encrypted}", web.listen);
    let _ = match &config.store.key {
        Some(key) => writeln!(text, "store: sealed with the key {}", key.display()),
        None => writeln!(
            text,
            "store: not sealed unless systemd hands over a store-key; history on this card can be read by whoever takes it"
        ),
    };
    if let Some(sound) = &config.sound {
        let _ = writeln!(text, "the box sounds on {}", sound.summary());
    }
    let _ = match &config.centre {
        Some(centre) => writeln!(text, "centre at {}:{}", centre.host, centre.port),
        None => writeln!(text, "no centre: no doctor sees this post"),
    };
    for other in &config.destinations {
        let _ = writeln!(
            text,
            "destination {} at {}:{}",
            other.name, other.host, other.port
        );
    }
    for bed in &config.beds {
        let at: Vec<String> = config
            .lines
            .iter()
            .flat_map(LineConfig::devices)
            .filter(|(_, place)| *place == Some(&bed.id))
            .map(|(device, _)| device.to_string())
            .collect();
        let at = if at.is_empty() {
            "no device".to_owned()
        } else {
            at.join(", ")
        };
        let _ = writeln!(text, "bed {}: {at}", bed.id);
    }
    for line in &config.lines {
        let _ = writeln!(text, "{}", line_summary(line));
    }
    text.truncate(text.trim_end().len());
    text
}

fn line_summary(line: &LineConfig) -> String {
    let family = catalog::family(&line.family).expect("config::load refuses a family that does not exist");
    let port = match (&line.serial, &line.tcp, &line.udp) {
        (Some(path), ..) => {
            let settings = line.serial_settings(family);
            let parity = match settings.parity {
                catalog::Parity::None => 'N',
                catalog::Parity::Even => 'E',
                catalog::Parity::Odd => 'O',
            };
            format!(
                "{} {} 8{parity}{}{}",
                path.display(),
                settings.baud,
                settings.stop_bits,
                match settings.handshake {
                    catalog::Handshake::None => "",
                    catalog::Handshake::RtsCts => " RTS/CTS",
                }
            )
        }
        (None, Some(tcp), _) => tcp.clone(),
        (None, None, Some(udp)) => format!("{udp} (datagrams)"),
        (None, None, None) => match (&line.listen, &line.broker) {
            (Some(listen), _) => format!("port {listen}"),
            (None, Some(broker)) => format!("broker {broker}"),
            (None, None) => String::new(),
        },
    };
    let units: Vec<String> = line
        .units
        .iter()
        .map(|unit| format!("unit {} {} ({})", unit.unit, unit.device, unit.map))
        .collect();
    let sources = line.sources.iter();
    let sources = sources.map(|source| match &source.location {
        Some(location) => format!("{location} ({})", source.device),
        None => source.device.to_string(),
    });
    let devices = line
        .device
        .iter()
        .map(ToString::to_string)
        .chain(units)
        .chain(sources);
    let devices: Vec<String> = devices.collect();
    format!(
        "line {}: {} on {port}: {}",
        line.id,
        line.family,
        devices.join(", ")
    )
}
