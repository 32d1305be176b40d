//! What the technician is told at the end: the line to paste, or what to check. Pure.

use std::fmt::Write as _;
use std::net::SocketAddrV4;

use drivers::catalog::{Handshake, Kind, Parity, family};

use super::ear::{Notes, Verdict};
use super::plan::{Over, Try};
use super::units::ECHO;

/// One try that has ended, and what its families made of what came.
pub(super) struct Tried {
    pub(super) what: Try,
    /// One for each family of the try.
    pub(super) notes: Vec<Notes>,
}

impl Tried {
    /// The family that understood, if one did: its place in the try.
    pub(super) fn understood(&self) -> Option<usize> {
        let all = self.notes.iter().enumerate();
        let mut sure = all.filter(|(_, notes)| notes.verdict() == Verdict::Understood);
        let first = sure.next()?;
        let best = sure.fold(
            first,
            |best, other| {
                if other.1.better_than(best.1) { other } else { best }
            },
        );
        Some(best.0)
    }

    /// How many came.
    pub(super) fn bytes(&self) -> u64 {
        self.notes.iter().map(|notes| notes.bytes).max().unwrap_or(0)
    }

    /// What was heard, for the screen.
    pub(super) fn words(&self) -> String {
        let bytes = self.bytes();
        if bytes == 0 {
            return "   nothing came\n".to_owned();
        }
        let mut text = format!("   {bytes} bytes\n");
        for (family, notes) in self.what.families.iter().zip(&self.notes) {
            let verdict = match notes.verdict() {
                Verdict::Nothing | Verdict::Garbage => "not understood",
                Verdict::Doubtful => "doubtful",
                Verdict::Understood => "understood",
            };
            let _ = writeln!(text, "   {}: {verdict}: {}", family.name, notes.words());
        }
        text
    }
}

/// The line of the configuration. `port` is the path or the address; `stable` whether a path stays after replugging.
pub(super) fn line_to_paste(tried: &Tried, index: usize, port: &str, stable: bool) -> String {
    let (Some(family), Some(notes)) = (tried.what.families.get(index), tried.notes.get(index)) else {
        return String::new();
    };
    let name = family.name.replace('_', "-");
    let mut line = format!("[[line]]\nid = \"{name}-1\"\n");
    let key = match tried.what.over {
        Over::Serial(_) => "serial",
        Over::Tcp => "tcp",
        Over::Udp => "udp",
    };
    let warning = if stable {
        ""
    } else {
        "  # this name may change: `vitalpost probe` lists those that stay"
    };
    let _ = writeln!(line, "{key} = {port:?}{warning}");
    let _ = writeln!(line, "family = \"{}\"", family.name);
    if let Over::Serial(settings) = tried.what.over {
        let parity = match settings.parity {
            Parity::None => "none",
            Parity::Even => "even",
            Parity::Odd => "odd",
        };
        let _ = writeln!(line, "baud = {}\nparity = \"{parity}\"", settings.baud);
        if settings.handshake == Handshake::RtsCts {
            line.push_str("handshake = \"rts_cts\"\n");
        }
    }
    match family.kind {
        Kind::Stream(_) => {
            line.push_str(&device_and_bed(&format!("{name}-1")));
        }
        Kind::Modbus => {
            if notes.values.contains_key(ECHO) {
                line.push_str("echo = true\n");
            }
            let units = notes.values.keys().filter_map(|key| key.strip_prefix("unit "));
            for unit in units {
                let _ = write!(line, "\n[[line.unit]]\nunit = {unit}\n");
                line.push_str("map = \"xy-md02\"  # change: what its registers mean\n");
                let _ = writeln!(line, "device = \"unit-{unit}\"  # change: what the pages call it");
            }
        }
        // Its devices come to the post or to a broker: it is never tried.
        Kind::Listener | Kind::Subscriber => {}
    }
    line
}

/// The line for the `number`th monitor that announced itself on the LAN.
pub(super) fn line_on_lan(name: &str, address: SocketAddrV4, number: usize) -> String {
    let transports = family(name).map_or(&[][..], |family| family.transports);
    let transport = transports.first().map_or("tcp", |transport| transport.key());
    let id = format!("{}-{number}", name.replace('_', "-"));
    let line = format!("[[line]]\nid = \"{id}\"\n{transport} = \"{address}\"\nfamily = \"{name}\"\n");
    line + &device_and_bed(&id)
}

/// What no probe can know.
fn device_and_bed(device: &str) -> String {
    format!(
        "device = \"{device}\"  # change: what the nurse's page calls it\n\
         bed = \"1\"  # change: the bed at which it stands\n"
    )
}

/// What to check when no family understood. Not a byte and bytes that nobody understands are different troubles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Something was understood, and more was damaged.
    Damaged,
    /// Bytes came on a serial port that nobody understands.
    SerialNotUnderstood,
    /// Nothing came on a serial port.
    SerialSilent,
    /// Bytes came from an address that nobody understands.
    LanNotUnderstood,
    /// An address answers and says nothing.
    LanSilent,
}

impl Advice {
    /// What follows from all that was tried.
    pub(super) fn of(all: &[Tried]) -> Advice {
        let serial = all.iter().any(|tried| matches!(tried.what.over, Over::Serial(_)));
        let doubtful = all
            .iter()
            .flat_map(|tried| &tried.notes)
            .any(|notes| notes.verdict() == Verdict::Doubtful);
        let came = all.iter().any(|tried| tried.bytes() > 0);
        match (doubtful, came, serial) {
            (true, ..) => Advice::Damaged,
            (false, true, true) => Advice::SerialNotUnderstood,
            (false, false, true) => Advice::SerialSilent,
            (false, true, false) => Advice::LanNotUnderstood,
            (false, false, false) => Advice::LanSilent,
        }
    }

    /// Its name, under which the page has its words.
    pub fn key(self) -> &'static str {
        match self {
            Advice::Damaged => "damaged",
            Advice::SerialNotUnderstood => "serial_not_understood",
            Advice::SerialSilent => "serial_silent",
            Advice::LanNotUnderstood => "lan_not_understood",
            Advice::LanSilent => "lan_silent",
        }
    }

    /// For the terminal.
    pub(super) fn words(self) -> &'static str {
        match self {
            Advice::Damaged => {
                "Something was understood, but more was damaged. Check the cable: its length, its plugs, its shield, and\n\
                 whether motors or radios are near. Then try again."
            }
            Advice::SerialNotUnderstood => {
                "Bytes came that no family understood at any speed. Check speed, parity and output format in the monitor's\n\
                 menu: they must be among those tried above. If they are, the monitor is of a family that is not known\n\
                 yet: record a capture and send it."
            }
            Advice::SerialSilent => {
                "Nothing came at any speed. Check in this order: is the monitor on; is its serial output switched on in its\n\
                 menu; is the cable in the right socket at both ends; does it need a null modem (a crossed cable) or must\n\
                 there be none; is the adapter for RS-232 (not 3.3 V, not RS-485) or the other way round."
            }
            Advice::LanNotUnderstood => {
                "Bytes came that no family understood. Check the output format in the device's menu, and speed and parity in\n\
                 the menu of the serial server, if there is one."
            }
            Advice::LanSilent => {
                "The address answers, but nothing came. Check the port number, whether the device's network output is\n\
                 switched on, whether it accepts only one connection, and at a serial server speed and cable."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use drivers::catalog::SerialSettings;

    use super::*;

    fn tried(name: &'static str, over: Over, notes: Notes) -> Tried {
        Tried {
            what: Try {
                over,
                families: vec![family(name).unwrap()],
                asks: false,
            },
            notes: vec![notes],
        }
    }

    fn said(values: &[&str]) -> Notes {
        Notes {
            bytes: 100,
            findings: 5,
            values: values
                .iter()
                .map(|key| ((*key).to_owned(), "97".to_owned()))
                .collect(),
            ..Notes::default()
        }
    }

    const SLOW: Over = Over::Serial(SerialSettings::new(9_600, Parity::Even).with_rts_cts());

    /// What is pasted must be accepted by whoever reads the configuration.
    fn accepted(line: &str) -> String {
        let head = "post = \"p\"\nname = \"P\"\n[store]\npath = \"x\"\n[web]\nlisten = \"127.0.0.1:0\"\n\
                    [[bed]]\nid = \"1\"\n";
        let text = format!("{head}{line}");
        crate::config::parse("vitalpost.toml".as_ref(), "".as_ref(), &text)
            .unwrap_or_else(|errors| panic!("{errors}"));
        line.to_owned()
    }

    #[test]
    fn the_line_to_paste_is_a_line_that_the_configuration_takes() {
        let nonin = tried("nonin", SLOW, said(&["spo2"]));
        assert_eq!(nonin.understood(), Some(0));
        let line = accepted(&line_to_paste(&nonin, 0, "/dev/serial/by-id/x", true));
        assert!(
            line.contains(
                "serial = \"/dev/serial/by-id/x\"\nfamily = \"nonin\"\nbaud = 9600\nparity = \"even\"\n"
            ),
            "{line}"
        );
        assert!(line.contains("handshake = \"rts_cts\""), "{line}");
        let unstable = accepted(&line_to_paste(&nonin, 0, "/dev/ttyUSB0", false));
        assert!(unstable.contains("may change"), "{unstable}");

        let bus = tried("modbus", SLOW, said(&["unit 3", "unit 7", ECHO]));
        let line = accepted(&line_to_paste(&bus, 0, "/dev/serial/by-id/x", true));
        assert!(line.contains("echo = true") && line.contains("unit = 3") && line.contains("unit = 7"));
        let tcp = tried("modbus", Over::Tcp, said(&["unit 1"]));
        let line = accepted(&line_to_paste(&tcp, 0, "192.168.1.20:502", true));
        assert!(line.contains("tcp = \"192.168.1.20:502\"") && !line.contains("baud"));
    }

    #[test]
    fn silence_garbage_and_damage_get_different_advice() {
        let bytes = |bytes, findings| Notes {
            bytes,
            findings,
            ..Notes::default()
        };
        let check = |notes: Notes, over| Advice::of(&[tried("nonin", over, notes)]).words();
        assert!(check(bytes(0, 0), SLOW).contains("null modem"));
        assert!(check(bytes(50, 0), SLOW).contains("Check speed, parity"));
        assert!(check(bytes(50, 1), SLOW).contains("Check the cable"));
        assert!(check(bytes(0, 0), Over::Tcp).contains("port number"));
        assert!(check(bytes(9, 0), Over::Udp).contains("output format"));
    }

    #[test]
    fn only_an_echo_is_no_device() {
        assert_eq!(tried("modbus", SLOW, said(&[ECHO])).understood(), None);
    }
}
