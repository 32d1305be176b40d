//! The one configuration file: what it may hold, and clear errors for what it may not.
//!
//! - Unknown keys are errors. Every error names the file, line and column and says what to do.
//! - What the form of the file cannot say ([`checks`]) is checked in one go and reported together.
//! - Whoever holds a [`Config`] from [`load`] need not check anything again: each bed, family, format and map exists.
//! - Paths are relative to the folder of the file, wherever the program was started.

mod added;
mod checks;
mod destination_checks;
mod line;
mod line_checks;
mod report;
mod sensor_checks;
mod sound;
mod source_checks;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use link::Mqtt;
use serde::Deserialize;
use vitals::{BedId, Category, Lane, PostId};

pub use added::{ADDED_LINES_MAX, AddedLines, LeftOut, NewLine};
pub use line::{Framing, LineConfig, Results, SourceConfig, UnitConfig};
pub use report::{ConfigErrors, Problem};
pub use sound::{SoundConfig, SoundOutput};

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Id of this post: in topics and in its certificate.
    pub post: PostId,
    /// What people call it.
    pub name: String,
    /// Where records are kept.
    pub store: StoreConfig,
    /// The nurses' page.
    pub web: WebConfig,
    /// The box's own sound; without it the box is silent.
    pub sound: Option<SoundConfig>,
    /// The telemedicine centre; without it the post works alone.
    pub centre: Option<CentreConfig>,
    /// Up to 3 more who get the records.
    #[serde(rename = "destination", default)]
    pub destinations: Vec<DestinationConfig>,
    /// Seconds without any word from a bed's devices after which the post asks whether it is still the same patient, 30 to 86400.
    #[serde(default = "default_same_patient_after_s")]
    pub same_patient_after_s: u64,
    /// Beds, in the order of the screen.
    #[serde(rename = "bed", default)]
    pub beds: Vec<BedConfig>,
    /// Lines to devices.
    #[serde(rename = "line", default)]
    pub lines: Vec<LineConfig>,
    /// SHA-256 of the text, in hexadecimal digits: says in the audit which configuration was in force.
    #[serde(skip)]
    pub digest: String,
    /// How it was written: a line that is added is checked together with it.
    #[serde(skip)]
    written: Written,
}

#[derive(Clone, Debug, Default)]
struct Written {
    file: PathBuf,
    folder: PathBuf,
    text: String,
    /// The lines that were added to it.
    added: Vec<toml::Table>,
}

/// `[store]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreConfig {
    /// The file; its folder must exist and be writable.
    pub path: PathBuf,
    /// Seconds of readings that a power cut may cost, 1 to 60. Alerts and events are committed at once.
    #[serde(default = "default_commit_window_s")]
    pub commit_window_s: u64,
    /// Seconds of the post's own copy that a power cut may cost, 1 to 300: of readings that the centre has already, and
    /// of curves.
    #[serde(default = "default_commit_window_receipted_s")]
    pub commit_window_receipted_s: u64,
    /// Most bytes of packed readings that are kept; the oldest go first and the loss is recorded.
    #[serde(default = "default_vitals_bytes_max")]
    pub vitals_bytes_max: u64,
    /// The same for minute summaries.
    #[serde(default = "default_summaries_bytes_max")]
    pub summaries_bytes_max: u64,
    /// Most bytes of packed curves that are kept.
    #[serde(default = "default_waves_bytes_max")]
    pub waves_bytes_max: u64,
    /// Days that readings are kept, 1 to 3650, counted with power on.
    #[serde(default = "default_vitals_days_max")]
    pub vitals_days_max: u64,
    /// Days that minute summaries are kept, 1 to 3650, counted with power on.
    #[serde(default = "default_summaries_days_max")]
    pub summaries_days_max: u64,
    /// Hours that curves are kept, 1 to 8760, counted with power on.
    #[serde(default = "default_waves_hours_max")]
    pub waves_hours_max: u64,
    /// Free bytes on the card below which old curves and readings make room; a sixteenth of a card where that is less.
    #[serde(default = "default_free_bytes_min")]
    pub free_bytes_min: u64,
    /// The file of the key that seals the store; without it (and without the systemd credential `store-key`) what is on
    /// the card can be read by whoever takes it.
    pub key: Option<PathBuf>,
}

/// `[web]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebConfig {
    /// Address and port, for example `127.0.0.1:8080`. Other than loopback is always HTTPS.
    pub listen: SocketAddr,
    /// PEM certificate chain; without it the post makes its own where `listen` is not a loopback address.
    pub certificate: Option<PathBuf>,
    /// PEM private key.
    pub key: Option<PathBuf>,
    /// The post's own networks besides those on its cables; from elsewhere only accounts with a second factor sign in.
    #[serde(default)]
    pub networks: Vec<accounts::network::Network>,
}

/// `[centre]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CentreConfig {
    /// Name or address of the broker; must stand in its certificate.
    pub host: String,
    /// Port of the broker.
    #[serde(default = "default_mqtts_port")]
    pub port: u16,
    /// Which MQTT its broker speaks.
    #[serde(default)]
    pub mqtt: Mqtt,
    /// PEM file of the authority that signed the broker's certificate.
    pub ca: PathBuf,
    /// PEM certificate of this post (common name = `post`).
    pub certificate: PathBuf,
    /// PEM private key of this post.
    pub key: PathBuf,
    /// Most bytes of readings and summaries in a second, at least 500; none when left out. Alerts and events do not wait.
    pub bytes_per_s_max: Option<u64>,
    /// Bytes cost money: single readings stay here, summaries go once a minute.
    #[serde(default)]
    pub metered: bool,
}

/// `[[destination]]`: somebody else who gets the records, beside the centre.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DestinationConfig {
    /// Its short name, 1 to 32 of a-z 0-9 -.
    pub name: String,
    /// Name or address of the broker; must stand in its certificate.
    pub host: String,
    /// Port of the broker.
    #[serde(default = "default_mqtts_port")]
    pub port: u16,
    /// Which MQTT its broker speaks.
    #[serde(default)]
    pub mqtt: Mqtt,
    /// PEM file of the authority that signed the broker's certificate.
    pub ca: PathBuf,
    /// PEM certificate of this post for that broker.
    pub certificate: PathBuf,
    /// PEM private key of this post.
    pub key: PathBuf,
    /// `receipts`, or `puback` for a system that knows nothing of receipts.
    #[serde(default)]
    pub delivery: Delivery,
    /// Which lanes it gets; all that leave the post when left out.
    pub lanes: Option<Vec<Lane>>,
    /// As for the centre.
    pub bytes_per_s_max: Option<u64>,
    /// As for the centre.
    #[serde(default)]
    pub metered: bool,
}

/// How a destination confirms that it has a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Delivery {
    /// It says so itself, as a Vitalpost centre does.
    #[default]
    Receipts,
    /// Its broker has acknowledged the message, which proves no more than that the broker had it.
    Puback,
}

/// `[[bed]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BedConfig {
    /// Short id, at most 16 characters.
    pub id: BedId,
    /// What stands on the tile; the id when it is left out.
    pub label: Option<String>,
    /// Age group of whoever lies there: decides the default limits.
    #[serde(default)]
    pub category: Category,
}

/// Reads and checks the file.
///
/// # Errors
/// All that is wrong with it.
pub fn load(path: &Path) -> Result<Config, ConfigErrors> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigErrors::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    parse(path, folder, &text)
}

/// `vitalpost check FILE`: prints what the file sets up, or all that is wrong with it. Fails when the file cannot be used.
pub fn check(path: &Path) -> ExitCode {
    match load(path) {
        Ok(config) => {
            let (config, left_out) = AddedLines::look(&config.store.path).onto(config);
            println!("{}", report::summary(path, &config));
            for LeftOut { line, reason } in left_out {
                println!("line {line}, added at the page, is left out: {reason}");
            }
            ExitCode::SUCCESS
        }
        Err(errors) => {
            println!("{errors}");
            ExitCode::FAILURE
        }
    }
}

/// `file` is what errors call it, `folder` what its paths are relative to.
pub(crate) fn parse(file: &Path, folder: &Path, text: &str) -> Result<Config, ConfigErrors> {
    let wrong = |problems: Vec<report::Finding>| ConfigErrors::wrong(file, text, problems);
    let mut config: Config = toml::from_str(text).map_err(|error| wrong(vec![error.into()]))?;
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    config.digest = vitals::audit::digits(digest.as_ref());
    config.written = Written {
        file: file.to_owned(),
        folder: folder.to_owned(),
        text: text.to_owned(),
        added: Vec::new(),
    };
    config.find_paths_from(folder);
    let findings = checks::all(&mut config, folder, text);
    if findings.is_empty() {
        Ok(config)
    } else {
        Err(wrong(findings))
    }
}

impl Config {
    fn find_paths_from(&mut self, folder: &Path) {
        let web = [
            self.web.certificate.as_mut(),
            self.web.key.as_mut(),
            self.store.key.as_mut(),
        ];
        let centre = self
            .centre
            .iter_mut()
            .flat_map(|centre| [&mut centre.ca, &mut centre.certificate, &mut centre.key]);
        let others = self
            .destinations
            .iter_mut()
            .flat_map(|other| [&mut other.ca, &mut other.certificate, &mut other.key]);
        let lines = self.lines.iter_mut().flat_map(LineConfig::paths);
        let paths = web.into_iter().flatten().chain(centre).chain(others).chain(lines);
        for path in paths.chain([&mut self.store.path]) {
            *path = folder.join(&path);
        }
    }
}

impl DestinationConfig {
    /// Where it is, in the words of `[centre]`.
    pub fn address(&self) -> CentreConfig {
        CentreConfig {
            host: self.host.clone(),
            port: self.port,
            mqtt: self.mqtt,
            ca: self.ca.clone(),
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            bytes_per_s_max: self.bytes_per_s_max,
            metered: self.metered,
        }
    }
}

fn default_same_patient_after_s() -> u64 {
    600
}

fn default_commit_window_s() -> u64 {
    5
}

fn default_vitals_bytes_max() -> u64 {
    2_000_000_000
}

fn default_commit_window_receipted_s() -> u64 {
    60
}

fn default_summaries_bytes_max() -> u64 {
    300_000_000
}

fn default_waves_bytes_max() -> u64 {
    1_000_000_000
}

fn default_vitals_days_max() -> u64 {
    30
}

fn default_summaries_days_max() -> u64 {
    365
}

fn default_waves_hours_max() -> u64 {
    72
}

fn default_free_bytes_min() -> u64 {
    256_000_000
}

fn default_mqtts_port() -> u16 {
    8883
}
