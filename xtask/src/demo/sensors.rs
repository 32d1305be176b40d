//! The mixed ward's own sensors: a wristband at a bed of its own, and a thermometer in a fridge. They send to the demo's
//! broker, from which the post takes their messages.

use std::path::{Path, PathBuf};

use super::children::Program;

/// Each sensor with its bed.
const SENSORS: [(&str, Option<usize>); 2] = [("band-12", Some(12)), ("fridge-1", None)];

/// Where sensors send to, and where their certificates are.
pub struct Hub {
    /// Port of the broker on this machine.
    pub port: u16,
    /// The folder of all certificates.
    pub certificates: PathBuf,
}

/// What `vitalpost-central certificates` is told.
pub fn certificate_arguments() -> impl Iterator<Item = String> {
    let named = |(device, _): (&str, _)| ["--sensor".to_owned(), format!("demo/{device}")];
    SENSORS.into_iter().flat_map(named)
}

/// The simulators to start.
pub fn simulators(binary: &Path, hub: &Hub, seed: u64) -> Vec<Program> {
    let started = |(device, bed): (&str, Option<usize>)| {
        let broker = format!("localhost:{}", hub.port);
        let (certificate, key) = (format!("{device}@demo.pem"), format!("{device}@demo.key"));
        let mut args = vec!["sensor".to_owned()];
        let options = [
            ("--broker", broker),
            ("--ca", hub.file("ca.pem")),
            ("--certificate", hub.file(&certificate)),
            ("--key", hub.file(&key)),
            ("--post", "demo".to_owned()),
            ("--name", device.to_owned()),
        ];
        let worn = bed.map(|bed| ("--patient", format!("generator:{}:stable", seed + bed as u64)));
        args.extend(
            options
                .into_iter()
                .chain(worn)
                .flat_map(|(key, value)| [key.to_owned(), value]),
        );
        Program {
            name: device.to_owned(),
            binary: binary.to_path_buf(),
            args,
        }
    };
    SENSORS.into_iter().map(started).collect()
}

/// The `[[bed]]` and `[[line]]` part of the appliance's configuration.
pub fn configuration(hub: &Hub) -> String {
    let beds = SENSORS.iter().filter_map(|(_, bed)| *bed);
    let beds: String = beds
        .map(|bed| format!("[[bed]]\nid = \"{bed}\"\nlabel = \"Bed {bed}\"\n\n"))
        .collect();
    let source = |(device, bed): &(&str, Option<usize>)| {
        let bed = bed.map_or(String::new(), |bed| format!("bed = \"{bed}\"\n"));
        format!("[[line.source]]\ndevice = \"{device}\"\n{bed}silent_after_s = 15\n\n")
    };
    let sources: String = SENSORS.iter().map(source).collect();
    format!(
        "{beds}[[line]]\nid = \"sensors\"\nfamily = \"sensor_json\"\nbroker = \"localhost:{}\"\n\
         ca = {:?}\ncertificate = {:?}\nkey = {:?}\n\n{sources}",
        hub.port,
        hub.file("ca.pem"),
        hub.file("demo.pem"),
        hub.file("demo.key"),
    )
}

impl Hub {
    fn file(&self, name: &str) -> String {
        self.certificates.join(name).display().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sensor_is_started_with_its_own_certificate_and_stands_in_the_configuration() {
        let hub = Hub {
            port: 8883,
            certificates: "/certificates".into(),
        };
        let table: toml::Table = configuration(&hub).parse().unwrap();
        let line = &table["line"].as_array().unwrap()[0];
        let started = simulators(Path::new("sim"), &hub, 1);
        let sources = line["source"].as_array().unwrap();
        assert_eq!(started.len(), sources.len());
        for (program, source) in started.iter().zip(sources) {
            let device = source["device"].as_str().unwrap();
            let certificate = format!("/certificates/{device}@demo.pem");
            assert!(program.args.contains(&certificate), "{:?}", program.args);
            assert!(certificate_arguments().any(|arg| arg == format!("demo/{device}")));
            assert!(
                program
                    .args
                    .contains(&line["broker"].as_str().unwrap().to_owned())
            );
        }
    }
}
