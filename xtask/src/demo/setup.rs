//! What a demo needs before its programs start: binaries, certificates, configurations, and how each program is called.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Ward;
use super::children::Program;
use super::folder::Folder;
use super::sensors::{self, Hub};
use crate::{command, workspace};

/// Ports on 127.0.0.1.
pub struct Ports {
    /// The nurse's page.
    pub nurse: u16,
    /// The doctor's page.
    pub doctor: u16,
    /// MQTT over TLS.
    pub broker: u16,
}

/// Builds the three programs; returns the folder they are in.
pub fn build(target: &Path) -> Result<PathBuf> {
    command::run(&workspace::root(), workspace::cargo(), &workspace::BUILD_PROGRAMS)?;
    Ok(target.join("debug"))
}

/// Makes the certificates of broker, centre, post and sensors; those of a kept folder stay.
pub fn certificates(binaries: &Path, folder: &Folder) -> Result<()> {
    let dir = folder.certificates();
    let dir = dir
        .to_str()
        .context("the work folder's path must be Unicode; choose another with --dir")?;
    let sensors: Vec<String> = sensors::certificate_arguments().collect();
    let mut args = vec!["certificates", "--dir", dir, "--server-name", "localhost"];
    args.extend(["--post", "demo"]);
    args.extend(sensors.iter().map(String::as_str));
    command::run(&workspace::root(), binaries.join("vitalpost-central"), &args)
}

/// Everything to start, in order: devices, broker, centre, post.
pub fn programs(binaries: &Path, folder: &Folder, ports: &Ports, ward: &Ward) -> Result<Vec<Program>> {
    let pem = |name: &str| folder.certificates().join(name).display().to_string();
    let post = folder.write("vitalpost.toml", &post_configuration(folder, ports, ward))?;
    let centre = folder.write("central.toml", &centre_configuration(folder, ports))?;
    let program = |name: &str, binary: &str, args: Vec<String>| Program {
        name: name.to_owned(),
        binary: binaries.join(binary),
        args,
    };
    let simulators = binaries.join("vitalpost-simulators");
    let mut programs = ward.simulators(&simulators, &folder.cables(), &hub(folder, ports));
    let listen = format!("127.0.0.1:{}", ports.broker);
    let (ca, certificate, key) = (pem("ca.pem"), pem("broker.pem"), pem("broker.key"));
    let broker = [
        "broker",
        "--listen",
        &listen,
        "--ca",
        &ca,
        "--certificate",
        &certificate,
        "--key",
        &key,
    ];
    programs.push(program("broker", "vitalpost", broker.map(str::to_owned).to_vec()));
    let run = |config: &Path| {
        vec![
            "run".to_owned(),
            "--config".to_owned(),
            config.display().to_string(),
        ]
    };
    programs.push(program("centre", "vitalpost-central", run(&centre)));
    programs.push(program("post", "vitalpost", run(&post)));
    Ok(programs)
}

fn hub(folder: &Folder, ports: &Ports) -> Hub {
    Hub {
        port: ports.broker,
        certificates: folder.certificates(),
    }
}

fn post_configuration(folder: &Folder, ports: &Ports, ward: &Ward) -> String {
    let pem = |name: &str| folder.certificates().join(name);
    format!(
        "# Written by `cargo xtask demo`.\npost = \"demo\"\nname = \"Demo health post\"\n\n\
         [store]\npath = {:?}\n\n[web]\nlisten = \"127.0.0.1:{}\"\n\n\
         [centre]\nhost = \"localhost\"\nport = {}\nca = {:?}\ncertificate = {:?}\nkey = {:?}\n\n{}",
        folder.stores().join("post.redb"),
        ports.nurse,
        ports.broker,
        pem("ca.pem"),
        pem("demo.pem"),
        pem("demo.key"),
        ward.configuration(&folder.cables(), &hub(folder, ports)),
    )
}

fn centre_configuration(folder: &Folder, ports: &Ports) -> String {
    let pem = |name: &str| folder.certificates().join(name);
    format!(
        "# Written by `cargo xtask demo`.\nname = \"Demo hospital\"\n\n\
         [store]\npath = {:?}\n\n[web]\nlisten = \"127.0.0.1:{}\"\n\n\
         [broker]\nhost = \"localhost\"\nport = {}\nca = {:?}\ncertificate = {:?}\nkey = {:?}\n",
        folder.stores().join("centre.redb"),
        ports.doctor,
        ports.broker,
        pem("ca.pem"),
        pem("centre.pem"),
        pem("centre.key"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_configurations_are_toml_and_point_into_the_work_folder() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::prepare(&place.path().join("demo"), false).unwrap();
        let ports = Ports {
            nurse: 1,
            doctor: 2,
            broker: 3,
        };
        let ward = Ward::Mixed {
            beds: super::super::mixed::Mixed::new().unwrap(),
            seed: 1,
        };
        let post: toml::Table = post_configuration(&folder, &ports, &ward).parse().unwrap();
        let centre: toml::Table = centre_configuration(&folder, &ports).parse().unwrap();
        assert_eq!(post["centre"]["port"], centre["broker"]["port"]);
        assert_eq!(post["centre"]["ca"], centre["broker"]["ca"]);
        assert_ne!(post["store"]["path"], centre["store"]["path"]);
    }
}
