//! The one configuration file of a centre: what it may hold, and clear errors for what it may not.
//!
//! Unknown keys are errors. Every error names the file and, where there is one, line and column, and says what to do.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use link::Mqtt;
use serde::Deserialize;

use crate::centre::Keep;

/// The whole file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What people call this centre: stands on the nurses' pages and on the doctors'. 1 to [`NAME_CHARS_MAX`] characters.
    pub name: String,
    /// Where records are kept.
    pub store: StoreConfig,
    /// The doctors' page.
    pub web: WebConfig,
    /// Where the posts' messages come from.
    pub broker: BrokerConfig,
}

/// `[store]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreConfig {
    /// The file; its folder must exist and be writable.
    pub path: PathBuf,
    /// Readings are deleted this many days after they arrived, 1 to [`DAYS_MAX`].
    #[serde(default = "default_vitals_days")]
    pub vitals_days_max: u32,
    /// Minute summaries are deleted this many days after they arrived, 1 to [`DAYS_MAX`].
    #[serde(default = "default_summaries_days")]
    pub summaries_days_max: u32,
}

impl StoreConfig {
    /// How long records are kept.
    pub fn keep(&self) -> Keep {
        let days = |days: u32| Duration::from_secs(u64::from(days) * 86_400);
        Keep {
            vitals: days(self.vitals_days_max),
            summaries: days(self.summaries_days_max),
        }
    }
}

/// `[web]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebConfig {
    /// Address and port, for example `127.0.0.1:8090`. Other than loopback needs a certificate.
    pub listen: SocketAddr,
    /// PEM certificate chain; needed unless `listen` is a loopback address.
    pub certificate: Option<PathBuf>,
    /// PEM private key.
    pub key: Option<PathBuf>,
}

/// `[broker]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrokerConfig {
    /// Name or address of the broker; must stand in its certificate.
    pub host: String,
    /// Port of the broker.
    #[serde(default = "default_mqtts_port")]
    pub port: u16,
    /// Which MQTT it speaks, `"5"` or `"3.1.1"`; the posts may speak another.
    #[serde(default)]
    pub mqtt: Mqtt,
    /// PEM file of the authority that signed the broker's certificate.
    pub ca: PathBuf,
    /// PEM certificate of the centre (OU = centre).
    pub certificate: PathBuf,
    /// PEM private key of the centre.
    pub key: PathBuf,
}

/// The longest name of a centre, in characters.
pub const NAME_CHARS_MAX: usize = 80;
/// The longest time that records can be kept, in days: a hundred years.
pub const DAYS_MAX: u32 = 36_500;

fn default_vitals_days() -> u32 {
    365
}

fn default_summaries_days() -> u32 {
    3_650
}

fn default_mqtts_port() -> u16 {
    8883
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is not what this program expects.
    #[error("{}:{line}:{column}: {message}", file.display())]
    Parse {
        /// The file.
        file: PathBuf,
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in characters.
        column: usize,
        /// What is wrong and what is expected.
        message: String,
    },
    /// The file reads, but one value cannot be right.
    #[error("{}: {key}: {problem}", file.display())]
    Value {
        /// The file.
        file: PathBuf,
        /// The key, as `section.key`.
        key: &'static str,
        /// What is wrong and what to do.
        problem: &'static str,
    },
}

impl Config {
    /// Reads and checks a file. Relative paths in it count from the folder of the file.
    ///
    /// # Errors
    /// Everything that the operator must correct, one thing at a time.
    pub fn load(file: &Path) -> Result<Config, ConfigError> {
        let text = std::fs::read_to_string(file).map_err(|source| ConfigError::Read {
            file: file.to_owned(),
            source,
        })?;
        let mut config = Config::parse(file, &text)?;
        let folder = file.parent().unwrap_or(Path::new("")).to_owned();
        for path in config.paths_mut() {
            *path = folder.join(&*path);
        }
        Ok(config)
    }

    fn parse(file: &Path, text: &str) -> Result<Config, ConfigError> {
        let config: Config = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let before = text.get(..at).unwrap_or(text);
            ConfigError::Parse {
                file: file.to_owned(),
                line: before.matches('\n').count() + 1,
                column: before.rsplit('\n').next().unwrap_or("").chars().count() + 1,
                message: error.message().to_owned(),
            }
        })?;
        config
            .problem()
            .map_or(Ok(()), |(key, problem)| {
                Err(ConfigError::Value {
                    file: file.to_owned(),
                    key,
                    problem,
                })
            })
            .map(|()| config)
    }

    fn problem(&self) -> Option<(&'static str, &'static str)> {
        let name_chars = self.name.trim().chars().count();
        if !(1..=NAME_CHARS_MAX).contains(&name_chars) || self.name.chars().any(char::is_control) {
            return Some((
                "name",
                "use 1 to 80 characters without line breaks: nurses read it on their screen",
            ));
        }
        if !(1..=DAYS_MAX).contains(&self.store.vitals_days_max) {
            return Some(("store.vitals_days_max", "use 1 to 36500 days"));
        }
        if !(1..=DAYS_MAX).contains(&self.store.summaries_days_max) {
            return Some(("store.summaries_days_max", "use 1 to 36500 days"));
        }
        if self.broker.host.trim().is_empty() {
            return Some(("broker.host", "name the machine on which the broker runs"));
        }
        match (&self.web.certificate, &self.web.key) {
            (Some(_), None) => Some((
                "web.key",
                "a certificate needs its private key: add key = \"FILE\"",
            )),
            (None, Some(_)) => Some((
                "web.certificate",
                "a key needs its certificate: add certificate = \"FILE\"",
            )),
            (None, None) if !self.web.listen.ip().is_loopback() => Some((
                "web.listen",
                "patients' data leave this machine over HTTPS only: add certificate and key, or listen on 127.0.0.1",
            )),
            _ => None,
        }
    }

    fn paths_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        [
            &mut self.store.path,
            &mut self.broker.ca,
            &mut self.broker.certificate,
            &mut self.broker.key,
        ]
        .into_iter()
        .chain(self.web.certificate.as_mut())
        .chain(self.web.key.as_mut())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = include_str!("../vitalpost-central.sample.toml");

    fn error_of(text: &str) -> String {
        Config::parse(Path::new("central.toml"), text)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn the_shipped_sample_loads_and_its_paths_count_from_its_folder() {
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("vitalpost-central.sample.toml");
        let config = Config::load(&sample).unwrap();
        assert_eq!(config.broker.port, 8883);
        let store = &config.store;
        assert_eq!((store.vitals_days_max, store.summaries_days_max), (365, 3_650));
        assert_eq!(config.broker.mqtt, Mqtt::V5);
        assert!(config.web.listen.ip().is_loopback());
        assert!(config.broker.ca.starts_with(env!("CARGO_MANIFEST_DIR")));
        assert!(config.store.path.is_absolute());
    }

    #[test]
    fn an_unknown_key_is_named_with_line_and_column() {
        let error = error_of(&SAMPLE.replace("[store]", "[store]\ncolour = 1"));
        let line = SAMPLE.lines().position(|line| line == "[store]").unwrap() + 2;
        assert!(error.starts_with(&format!("central.toml:{line}:1: ")), "{error}");
        assert!(error.contains("colour") && error.contains("path"), "{error}");
    }

    #[test]
    fn a_missing_section_a_wrong_type_and_broken_toml_are_named() {
        assert!(error_of("name = \"A\"").contains("missing field `store`"));
        assert!(error_of("name = 7").starts_with("central.toml:1:8: "));
        assert!(error_of("name = \"A\"\n[store\n").starts_with("central.toml:2:"));
    }

    #[test]
    fn another_mqtt_is_taken_or_refused_by_its_name() {
        let broker = |mqtt: &str| SAMPLE.replace("mqtt = \"5\"", mqtt);
        let config = Config::parse(Path::new("central.toml"), &broker("mqtt = \"3.1.1\"")).unwrap();
        assert_eq!(config.broker.mqtt, Mqtt::V311);
        let config = Config::parse(Path::new("central.toml"), &broker("")).unwrap();
        assert_eq!(config.broker.mqtt, Mqtt::V5);
        let error = error_of(&broker("mqtt = \"3.1\""));
        assert!(
            error.contains(r#"MQTT "3.1" is not spoken: write "5" or "3.1.1""#),
            "{error}"
        );
    }

    #[test]
    fn plain_http_beyond_loopback_half_a_certificate_and_an_empty_name_are_refused() {
        let listen = |text: &str| SAMPLE.replace("127.0.0.1:8090", text);
        assert!(error_of(&listen("0.0.0.0:8090")).contains("web.listen: "));
        let half = SAMPLE.replace("[web]", "[web]\nkey = \"web.key\"");
        assert!(error_of(&half).contains("web.certificate: "));
        let whole = listen("0.0.0.0:8090").replace("[web]", "[web]\nkey = \"k\"\ncertificate = \"c\"");
        assert!(Config::parse(Path::new("x"), &whole).is_ok());
        for days in ["0", "36501"] {
            let text = SAMPLE.replace("[store]", &format!("[store]\nvitals_days_max = {days}"));
            assert!(error_of(&text).contains("store.vitals_days_max: use 1 to 36500 days"));
        }
        let name_end = SAMPLE.find("name = ").unwrap();
        let unnamed = format!("{}name = \" \"\n#{}", &SAMPLE[..name_end], &SAMPLE[name_end..]);
        assert!(error_of(&unnamed).contains("name: use 1 to 80"));
    }
}
