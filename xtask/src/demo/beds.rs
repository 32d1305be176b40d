//! The six simulated bedside devices: how each is wired, whom it shows, and the lines of configuration for it.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::children::Program;

/// The case of the BIDMC recordings that lies in beds 1 to 6.
const RECORDED_CASES: [&str; 6] = ["13", "19", "32", "39", "22", "41"];
/// What the generator does in beds 1 to 6.
const GENERATED_SCENARIOS: [&str; 6] = [
    "stable",
    "probe-off",
    "deterioration",
    "artefact",
    "stable",
    "stable",
];
/// Formats of the three serial oximeters, with their beds.
const OXIMETERS: [(&str, usize); 3] = [("2", 2), ("7", 3), ("8", 5)];

/// Whom the beds show, as the simulators' `SPEC`, in the order of the beds.
pub struct Patients([String; 6]);

impl Patients {
    /// Recorded people from a folder of recordings (or its `bidmc` folder), or the generator.
    pub fn choose(recordings: Option<&Path>, seed: u64) -> Result<Patients> {
        let mut specs = [const { String::new() }; 6];
        for (place, spec) in specs.iter_mut().enumerate() {
            *spec = match recordings {
                Some(folder) => format!("bidmc:{}", recorded(folder, RECORDED_CASES[place])?.display()),
                None => format!("generator:{}:{}", seed + place as u64, GENERATED_SCENARIOS[place]),
            };
        }
        Ok(Patients(specs))
    }

    fn in_bed(&self, bed: usize) -> &str {
        &self.0[bed - 1]
    }
}

fn recorded(folder: &Path, case: &str) -> Result<PathBuf> {
    let name = format!("bidmc_{case}_Numerics.csv");
    let places = [folder.join("bidmc").join(&name), folder.join(&name)];
    match places.iter().find(|place| place.is_file()) {
        Some(file) => Ok(std::path::absolute(file)?),
        None => bail!(
            "--recordings {}: there is no {name} in it or in its folder bidmc",
            folder.display()
        ),
    }
}

/// The simulators to start. `cables` is the folder where the serial ports appear.
pub fn simulators(binary: &Path, cables: &Path, modbus_tcp_port: u16, patients: &Patients) -> Vec<Program> {
    let program = |name: &str, args: Vec<String>| Program {
        name: name.to_owned(),
        binary: binary.to_path_buf(),
        args,
    };
    let mut programs: Vec<Program> = OXIMETERS
        .iter()
        .map(|&(format, bed)| {
            let args = ["nonin", "--link", &cable(cables, bed), "--format", format]
                .into_iter()
                .chain(["--device", &device(bed), "--patient", patients.in_bed(bed)])
                .map(str::to_owned)
                .collect();
            program(&format!("bed-{bed}"), args)
        })
        .collect();
    let unit = |unit: u8, bed: usize| format!("{unit}:bedside:{}", patients.in_bed(bed));
    let args = [
        "modbus-rtu",
        "--link",
        &shared_cable(cables),
        "--unit",
        &unit(1, 1),
        "--unit",
        &unit(2, 6),
    ]
    .into_iter()
    .chain(["--unit", "3:xy-md02"])
    .map(str::to_owned)
    .collect();
    programs.push(program("beds-1-6-fridge", args));
    let args = [
        "modbus-tcp",
        "--listen",
        &format!("127.0.0.1:{modbus_tcp_port}"),
        "--unit",
        &unit(1, 4),
    ]
    .map(str::to_owned)
    .to_vec();
    programs.push(program("bed-4", args));
    programs
}

/// The `[[bed]]` and `[[line]]` part of the appliance's configuration.
pub fn configuration(cables: &Path, modbus_tcp_port: u16) -> String {
    let mut text: String = (1..=6)
        .map(|bed| format!("[[bed]]\nid = \"{bed}\"\nlabel = \"Bed {bed}\"\n\n"))
        .collect();
    for (format, bed) in OXIMETERS {
        text += &format!(
            "[[line]]\nid = \"oximeter-{bed}\"\nserial = {:?}\nfamily = \"nonin\"\nformat = \"{format}\"\n\
             device = \"{}\"\nbed = \"{bed}\"\n\n",
            cable(cables, bed),
            device(bed),
        );
    }
    text += &format!(
        "# One RS-485 pair: two bedside monitors and the sensor in the vaccine fridge.\n\
         [[line]]\nid = \"rs485\"\nserial = {:?}\nfamily = \"modbus\"\n\
         baud = 19200\nparity = \"even\"\n\n",
        shared_cable(cables)
    );
    for (unit, bed) in [(1, 1), (2, 6)] {
        text += &format!(
            "[[line.unit]]\nunit = {unit}\nmap = \"bedside-invented\"\ndevice = \"{}\"\nbed = \"{bed}\"\n\n",
            device(bed)
        );
    }
    text += "[[line.unit]]\nunit = 3\nmap = \"xy-md02\"\ndevice = \"fridge\"\n\n";
    text += &format!(
        "[[line]]\nid = \"lan\"\ntcp = \"127.0.0.1:{modbus_tcp_port}\"\nfamily = \"modbus\"\n\n\
         [[line.unit]]\nunit = 1\nmap = \"bedside-invented\"\ndevice = \"{}\"\nbed = \"4\"\n",
        device(4)
    );
    text
}

fn device(bed: usize) -> String {
    if OXIMETERS.iter().any(|&(_, its)| its == bed) {
        format!("oximeter-{bed}")
    } else {
        format!("monitor-{bed}")
    }
}

fn cable(cables: &Path, bed: usize) -> String {
    cables.join(format!("bed-{bed}")).display().to_string()
}

fn shared_cable(cables: &Path) -> String {
    cables.join("rs485").display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bed_has_exactly_one_device_in_simulators_and_configuration() {
        let patients = Patients::choose(None, 7).unwrap();
        let started = simulators(Path::new("sim"), Path::new("/cables"), 1502, &patients);
        let specs: Vec<&String> = started.iter().flat_map(|program| &program.args).collect();
        let text = configuration(Path::new("/cables"), 1502);
        for bed in 1..=6 {
            let spec = patients.in_bed(bed);
            assert_eq!(
                specs.iter().filter(|arg| arg.ends_with(spec)).count(),
                1,
                "{spec}"
            );
            assert_eq!(
                text.matches(&format!("bed = \"{bed}\"\n")).count(),
                1,
                "bed {bed}"
            );
        }
    }

    #[test]
    fn the_configuration_is_toml_with_four_serial_lines_and_one_on_the_lan() {
        let table: toml::Table = configuration(Path::new("/cables"), 1502).parse().unwrap();
        let lines = table["line"].as_array().unwrap();
        assert_eq!(
            lines.iter().filter(|line| line.get("serial").is_some()).count(),
            4
        );
        assert_eq!(lines.iter().filter(|line| line.get("tcp").is_some()).count(), 1);
        assert_eq!(table["bed"].as_array().unwrap().len(), 6);
    }

    #[test]
    fn a_folder_without_the_recordings_is_named_with_the_missing_file() {
        let empty = tempfile::tempdir().unwrap();
        let error = Patients::choose(Some(empty.path()), 0).err().unwrap().to_string();
        assert!(error.contains("bidmc_13_Numerics.csv"), "{error}");
        assert!(error.contains(&empty.path().display().to_string()), "{error}");
    }
}
