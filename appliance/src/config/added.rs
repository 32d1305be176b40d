//! Lines that were added at the page: a file beside the store, in the form of the configuration's own `[[line]]`.
//!
//! - L1 Each is read and checked together with the configuration, and with those before it, by the code that checks that:
//!   what it would refuse in the file, it refuses here.
//! - L2 The file is the old one or the new one, whatever happens in between: written beside, synced, renamed, folder synced.
//! - L3 One that fits no longer (its bed is gone, its port stands in the configuration now) stops no start: it is left out,
//!   stays in the file, and is told with the reason. A file that cannot be read is kept aside, never overwritten.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use drivers::catalog::{Handshake, Parity, SerialSettings, Transport};
use serde::{Deserialize, Serialize};
use vitals::{BedId, DeviceId};

use super::{Config, ConfigErrors, LineConfig, Written, parse};

/// The file's name, beside the store.
const NAME: &str = "added-lines.toml";

/// Most lines that are added; a box has no more ports.
pub const ADDED_LINES_MAX: usize = 32;

const HEAD: &str = "# Lines that were added at the page of the post, which writes this file anew with each change.\n\
                    # Stop the post before you edit it. What can be written here: docs/operate/configure.md, [[line]].\n\n";

/// A line as the page adds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLine {
    /// The family of the device.
    pub family: &'static str,
    /// What it runs over: serial, tcp or udp.
    pub transport: Transport,
    /// The path that stays, or `host:port`.
    pub port: String,
    /// The settings with which a serial device is understood.
    pub serial: Option<SerialSettings>,
    /// What the pages call the device.
    pub device: DeviceId,
    /// Its home.
    pub bed: Option<BedId>,
}

/// The lines that were added, as they are written.
#[derive(Debug, Default)]
pub struct AddedLines {
    file: PathBuf,
    lines: Vec<toml::Table>,
    /// Could be neither read nor set aside: left alone.
    untouchable: bool,
}

/// One that is in the file and does not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its id.
    pub line: String,
    /// Why, and what to do.
    pub reason: String,
}

#[derive(Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct InFile {
    #[serde(rename = "line", default)]
    lines: Vec<toml::Table>,
}

impl AddedLines {
    /// Those beside this store. What cannot be read is set aside.
    pub fn read(store: &Path) -> AddedLines {
        let (mut added, unreadable) = AddedLines::try_read(store);
        if let Some(reason) = unreadable {
            added.set_aside(&reason);
        }
        added
    }

    /// The same, and nothing is touched.
    pub fn look(store: &Path) -> AddedLines {
        AddedLines::try_read(store).0
    }

    fn try_read(store: &Path) -> (AddedLines, Option<String>) {
        let file = store.with_file_name(NAME);
        let read = match fs::read_to_string(&file) {
            Ok(text) => toml::from_str::<InFile>(&text).map_err(|error| error.message().to_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(InFile::default()),
            Err(error) => Err(error.to_string()),
        };
        let (lines, unreadable) = match read {
            Ok(read) => (read.lines, None),
            Err(reason) => (Vec::new(), Some(reason)),
        };
        let added = AddedLines {
            file,
            lines,
            untouchable: false,
        };
        (added, unreadable)
    }

    fn set_aside(&mut self, reason: &str) {
        let file = &self.file;
        let free = (1..1_000).map(|number| file.with_extension(format!("unreadable-{number}")));
        let aside = free.into_iter().find(|aside| !aside.exists());
        self.untouchable = aside
            .as_ref()
            .is_none_or(|aside| fs::rename(file, aside).is_err());
        tracing::error!(file = %file.display(), reason, kept_as = ?aside,
            "the lines that were added at the page cannot be read; they are kept for rescue and not heard");
    }

    /// The configuration with all of them that fit, and those that do not.
    pub fn onto(&self, config: Config) -> (Config, Vec<LeftOut>) {
        let mut all = config;
        let mut left_out = Vec::new();
        for line in &self.lines {
            match all.with_line(line) {
                Ok(more) => all = more,
                Err(reason) => left_out.push(LeftOut {
                    line: id(line).to_owned(),
                    reason,
                }),
            }
        }
        (all, left_out)
    }

    /// One more, with its id. `config` holds all that run.
    ///
    /// # Errors
    /// What the configuration would be told about it.
    pub fn with(&self, new: &NewLine, config: &Config) -> Result<(Vec<toml::Table>, Config), String> {
        let taken = |id: &str| config.lines.iter().any(|line| line.id == id) || self.has(id);
        let line = new.table(taken);
        let all = config.with_line(&line)?;
        Ok(([self.lines.as_slice(), &[line]].concat(), all))
    }

    /// All but this one.
    pub fn without(&self, line: &str) -> Vec<toml::Table> {
        let others = self.lines.iter().filter(|one| id(one) != line);
        others.cloned().collect()
    }

    /// Whether a line was added here.
    pub fn has(&self, line: &str) -> bool {
        self.lines.iter().any(|one| id(one) == line)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.lines.len()
    }

    /// Keeps these (L2).
    ///
    /// # Errors
    /// The card does not take it; what was kept before still is.
    pub fn replace(&mut self, lines: Vec<toml::Table>) -> io::Result<()> {
        if self.untouchable {
            let reason = format!("{} can neither be read nor be set aside", self.file.display());
            return Err(io::Error::other(reason));
        }
        let written = InFile { lines };
        let text = toml::to_string(&written).map_err(io::Error::other)?;
        write(&self.file, &format!("{HEAD}{text}"))?;
        self.lines = written.lines;
        Ok(())
    }
}

fn write(file: &Path, text: &str) -> io::Result<()> {
    let beside = file.with_extension("toml.new");
    let mut open = OpenOptions::new();
    let open = open.write(true).create(true).truncate(true).mode(0o600);
    let mut new = open.open(&beside)?;
    new.write_all(text.as_bytes())?;
    new.sync_all()?;
    fs::rename(&beside, file)?;
    let folder = file.parent().filter(|folder| *folder != Path::new(""));
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn id(line: &toml::Table) -> &str {
    line.get("id").and_then(toml::Value::as_str).unwrap_or_default()
}

impl NewLine {
    fn table(&self, taken: impl Fn(&str) -> bool) -> toml::Table {
        let device = self.device.as_str();
        let numbered = (2..).map(|number| format!("{device}-{number}"));
        let mut names = std::iter::once(device.to_owned()).chain(numbered);
        let id = names
            .find(|name| !taken(name))
            .expect("there are more names than lines");
        let mut line = toml::Table::new();
        let mut put = |key: &str, value: toml::Value| line.insert(key.to_owned(), value);
        put("id", id.into());
        put(self.transport.key(), self.port.as_str().into());
        put("family", self.family.into());
        if let Some(settings) = self.serial {
            put("baud", i64::from(settings.baud).into());
            let parity = match settings.parity {
                Parity::None => "none",
                Parity::Even => "even",
                Parity::Odd => "odd",
            };
            put("parity", parity.into());
            if settings.handshake == Handshake::RtsCts {
                put("handshake", "rts_cts".into());
            }
        }
        put("device", device.into());
        if let Some(bed) = &self.bed {
            put("bed", bed.as_str().into());
        }
        line
    }
}

impl Config {
    /// This configuration and one line more (L1).
    fn with_line(&self, line: &toml::Table) -> Result<Config, String> {
        let before = &self.written;
        let added = [before.added.as_slice(), std::slice::from_ref(line)].concat();
        let written = InFile { lines: added };
        let text = toml::to_string(&written).map_err(|error| error.to_string())?;
        let both = format!("{}\n{text}", before.text);
        let parsed = parse(&before.file, &before.folder, &both);
        let config = parsed.map_err(|errors| in_words(&errors))?;
        Ok(Config {
            // Which file was in force is told by its own text.
            digest: self.digest.clone(),
            written: Written {
                added: written.lines,
                ..before.clone()
            },
            ..config
        })
    }

    /// Takes a line that was added out again.
    pub fn take_line(&mut self, line: &str) -> Option<LineConfig> {
        self.written.added.retain(|one| id(one) != line);
        let place = self.lines.iter().position(|one| one.id == line)?;
        Some(self.lines.remove(place))
    }
}

/// What is wrong with the one line that is new: everything before it was right.
fn in_words(errors: &ConfigErrors) -> String {
    let ConfigErrors::Wrong { problems, .. } = errors else {
        return errors.to_string();
    };
    let said = problems
        .iter()
        .map(|problem| format!("{}: {}", problem.message, problem.hint));
    said.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests;
