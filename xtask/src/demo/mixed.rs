//! `--ward mixed`: one bed of each device family at once, each over its usual line, and the analyser of the post's laboratory.

use std::path::Path;

use anyhow::Result;

use super::children::Program;
use super::port;

/// How a bed's device is wired.
enum Wire {
    /// A serial line.
    Cable,
    /// The device takes connections.
    Tcp(u16),
    /// The device talks in datagrams.
    Udp(u16),
    /// The device connects to the post.
    Dial(u16),
}

/// One bed.
struct Bed {
    number: usize,
    family: &'static str,
    scenario: &'static str,
    wire: Wire,
    /// Further lines of its `[[line]]`.
    line: &'static str,
}

/// The ward, with its ports.
pub struct Mixed {
    beds: Vec<Bed>,
    /// Where the analyser connects to the post.
    laboratory: u16,
}

impl Mixed {
    /// Takes free ports.
    pub fn new() -> Result<Mixed> {
        let bed = |number, family, scenario, wire| Bed {
            number,
            family,
            scenario,
            wire,
            line: "",
        };
        let beds = vec![
            bed(1, "intellivue", "stable", Wire::Udp(port::any_free()?)),
            Bed {
                line: "waves = [\"ecg_ii\", \"pleth\"]\n",
                ..bed(2, "datex_dri", "deterioration", Wire::Cable)
            },
            Bed {
                line: "waves = [\"paw\", \"flow\"]\n",
                ..bed(3, "medibus", "stable", Wire::Cable)
            },
            bed(4, "masimo", "probe-off", Wire::Cable),
            bed(5, "nellcor", "stable", Wire::Cable),
            bed(6, "contec", "artefact", Wire::Cable),
            bed(7, "mindray_pds", "stable", Wire::Tcp(port::any_free()?)),
            bed(8, "hl7", "deterioration", Wire::Dial(port::any_free()?)),
            bed(9, "nonin", "stable", Wire::Cable),
            bed(10, "modbus", "stable", Wire::Tcp(port::any_free()?)),
            bed(11, "nonin_text", "stable", Wire::Cable),
        ];
        Ok(Mixed {
            beds,
            laboratory: port::any_free()?,
        })
    }

    /// The simulators to start. `cables` is the folder where the serial ports appear.
    pub fn simulators(&self, binary: &Path, cables: &Path, seed: u64) -> Vec<Program> {
        let started = |bed: &Bed| {
            let patient = format!("generator:{}:{}", seed + bed.number as u64, bed.scenario);
            Program {
                name: format!("bed-{}", bed.number),
                binary: binary.to_path_buf(),
                args: arguments(bed, cables, &patient),
            }
        };
        self.beds
            .iter()
            .map(started)
            .chain([self.analyser(binary, seed)])
            .collect()
    }

    /// A blood count of one specimen after the other; whose they are, a nurse says.
    fn analyser(&self, binary: &Path, seed: u64) -> Program {
        let (place, patient) = (loopback(self.laboratory), format!("generator:{seed}"));
        let words = [
            "device",
            "astm",
            "--dial",
            &place,
            "--name",
            "analyser",
            "--patient",
            &patient,
        ];
        let pace = ["--option", "interval_s=60"];
        Program {
            name: "analyser".to_owned(),
            binary: binary.to_path_buf(),
            args: words.into_iter().chain(pace).map(str::to_owned).collect(),
        }
    }

    /// The `[[bed]]` and `[[line]]` part of the appliance's configuration.
    pub fn configuration(&self, cables: &Path) -> String {
        let of = |bed: &Bed| {
            let (key, place) = match bed.wire {
                Wire::Cable => ("serial", cable(cables, bed)),
                Wire::Tcp(port) => ("tcp", loopback(port)),
                Wire::Udp(port) => ("udp", loopback(port)),
                Wire::Dial(port) => ("listen", loopback(port)),
            };
            let (number, family, device) = (bed.number, bed.family, device(bed));
            let at = format!("device = \"{device}\"\nbed = \"{number}\"\n");
            let what = match family {
                "hl7" => format!("senders = [\"127.0.0.1\"]\n\n[[line.source]]\nlocation = \"ICU^^1\"\n{at}"),
                "modbus" => format!("\n[[line.unit]]\nunit = 1\nmap = \"bedside-invented\"\n{at}"),
                _ => format!("{}{at}", bed.line),
            };
            format!(
                "[[bed]]\nid = \"{number}\"\nlabel = \"Bed {number}\"\n\n\
                 [[line]]\nid = \"{device}\"\nfamily = \"{family}\"\n{key} = {place:?}\n{what}\n"
            )
        };
        let laboratory = format!(
            "[[line]]\nid = \"laboratory\"\nfamily = \"astm\"\nlisten = \"{}\"\nsenders = [\"127.0.0.1\"]\n\
             device = \"analyser\"\n\n",
            loopback(self.laboratory)
        );
        self.beds.iter().map(of).chain([laboratory]).collect()
    }
}

/// How the simulator of a bed is called.
fn arguments(bed: &Bed, cables: &Path, patient: &str) -> Vec<String> {
    let place = match bed.wire {
        Wire::Cable => ["--link".to_owned(), cable(cables, bed)],
        Wire::Tcp(port) => ["--listen".to_owned(), loopback(port)],
        Wire::Udp(port) => ["--udp".to_owned(), loopback(port)],
        Wire::Dial(port) => ["--dial".to_owned(), loopback(port)],
    };
    let device = device(bed);
    let unit = format!("1={device}:bedside:{patient}");
    let (what, said): (Vec<&str>, Vec<&str>) = match bed.family {
        "nonin" => (
            vec!["nonin"],
            vec!["--format", "2", "--device", &device, "--patient", patient],
        ),
        "modbus" => (vec!["modbus-tcp"], vec!["--unit", &unit]),
        family => (
            vec!["device", family],
            vec!["--name", &device, "--patient", patient],
        ),
    };
    let words = what.into_iter().map(str::to_owned).chain(place);
    words.chain(said.into_iter().map(str::to_owned)).collect()
}

fn device(bed: &Bed) -> String {
    format!("{}-{}", bed.family.replace('_', "-"), bed.number)
}

fn cable(cables: &Path, bed: &Bed) -> String {
    cables.join(format!("bed-{}", bed.number)).display().to_string()
}

fn loopback(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_has_one_device_that_is_started_where_the_configuration_looks_for_it() {
        let ward = Mixed::new().unwrap();
        let started = ward.simulators(Path::new("sim"), Path::new("/cables"), 1);
        let table: toml::Table = ward.configuration(Path::new("/cables")).parse().unwrap();
        let lines = table["line"].as_array().unwrap();
        assert_eq!(
            table["bed"].as_array().unwrap().len() + 1,
            lines.len(),
            "the laboratory has no bed"
        );
        assert_eq!(started.len(), lines.len());
        for (program, line) in started.iter().zip(lines) {
            let keys = ["serial", "tcp", "udp", "listen"];
            let place = keys
                .iter()
                .find_map(|key| line.get(*key))
                .unwrap()
                .as_str()
                .unwrap();
            assert!(
                program.args.iter().any(|arg| arg == place),
                "{place}: {:?}",
                program.args
            );
        }
    }
}
