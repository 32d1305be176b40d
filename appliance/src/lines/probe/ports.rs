//! The serial ports of this box and the names under which they stay the same.
//!
//! `/dev/ttyUSB0` is whichever adapter was found first. udev makes links that stay: `by-id` names the adapter, as long as it
//! has a number of its own (two cheap adapters of one kind have the same name there, and one of them gets it), `by-path`
//! names the socket that it is plugged into. A port on the board is always called the same.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Most ports that are listed.
const PORTS_MAX: usize = 64;

/// Where the system says what there is.
pub(super) struct Roots {
    /// `/dev`
    pub(super) dev: PathBuf,
    /// `/sys`
    pub(super) sys: PathBuf,
}

/// A serial port.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SerialPort {
    /// As the kernel calls it now.
    pub(super) device: PathBuf,
    /// The name that stays.
    pub(super) stable: Option<Stable>,
    /// What its adapter calls itself.
    pub(super) product: Option<String>,
    /// The system writes its messages to it.
    pub(super) is_console: bool,
}

/// A name that stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stable {
    /// The name.
    pub(super) path: PathBuf,
    /// What it goes with.
    pub(super) with: GoesWith,
}

/// What a stable name goes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GoesWith {
    /// The adapter, whichever socket it is plugged into.
    Adapter,
    /// The socket, whichever adapter is plugged into it.
    Socket,
    /// The board: it cannot be unplugged.
    Board,
}

impl Roots {
    /// Those of this box.
    pub(super) fn system() -> Roots {
        Roots {
            dev: "/dev".into(),
            sys: "/sys".into(),
        }
    }
}

/// All ports behind which there is hardware, by their names.
pub(super) fn all(roots: &Roots) -> Vec<SerialPort> {
    let class = roots.sys.join("class/tty");
    let entries = std::fs::read_dir(&class).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name()).collect();
    names.sort();
    let consoles = read(&class.join("console/active")).unwrap_or_default();
    let mut ports = Vec::new();
    for name in names {
        let entry = class.join(&name);
        let device = roots.dev.join(&name);
        // Terminals without hardware have no device; a PC announces more ports than it has, and says so.
        let is_real =
            entry.join("device").exists() && read(&entry.join("type")).is_none_or(|kind| kind != "0");
        if !is_real || !device.exists() || ports.len() == PORTS_MAX {
            continue;
        }
        ports.push(SerialPort {
            stable: stable(roots, &device),
            product: usb(roots, &device).and_then(|usb| read(&usb.join("product"))),
            is_console: consoles.split(' ').any(|one| name == one),
            device,
        });
    }
    ports
}

/// The name for the configuration of the port that this path leads to. A path that is a stable name stays as it is.
pub(super) fn stable(roots: &Roots, path: &Path) -> Option<Stable> {
    let device = std::fs::canonicalize(path).ok()?;
    let by_id = roots.dev.join("serial/by-id");
    let by_path = roots.dev.join("serial/by-path");
    let named = |path: PathBuf, with| Some(Stable { path, with });
    if path.starts_with(&by_id) {
        return named(path.to_owned(), GoesWith::Adapter);
    }
    if path.starts_with(&by_path) {
        return named(path.to_owned(), GoesWith::Socket);
    }
    let Some(usb) = usb(roots, &device) else {
        let is_known = roots.sys.join("class/tty").join(device.file_name()?).exists();
        return is_known.then_some(Stable {
            path: device,
            with: GoesWith::Board,
        });
    };
    let own_number = read(&usb.join("serial")).is_some();
    let adapter = || link_to(&device, &by_id).and_then(|path| named(path, GoesWith::Adapter));
    let socket = || link_to(&device, &by_path).and_then(|path| named(path, GoesWith::Socket));
    if own_number {
        adapter().or_else(socket)
    } else {
        socket().or_else(adapter)
    }
}

/// A serial port of this box, for the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerialPortNow {
    /// The name for the configuration: the one that stays, where there is one.
    pub name: PathBuf,
    /// As the kernel calls it now.
    pub device: PathBuf,
    /// What the name goes with: `adapter`, `socket`, `board`; none = it may change at each start.
    pub with: Option<&'static str>,
    /// What its adapter calls itself.
    pub product: Option<String>,
    /// The system writes its messages to it.
    pub is_console: bool,
}

/// The serial ports of this box.
pub fn serial_ports() -> Vec<SerialPortNow> {
    all(&Roots::system())
        .into_iter()
        .map(SerialPortNow::from)
        .collect()
}

impl From<SerialPort> for SerialPortNow {
    fn from(port: SerialPort) -> SerialPortNow {
        SerialPortNow {
            name: port.name().to_owned(),
            with: port.stable.as_ref().map(|stable| match stable.with {
                GoesWith::Adapter => "adapter",
                GoesWith::Socket => "socket",
                GoesWith::Board => "board",
            }),
            device: port.device,
            product: port.product,
            is_console: port.is_console,
        }
    }
}

/// What there is and what to type next.
pub(super) fn words(ports: &[SerialPort]) -> String {
    let mut text = String::new();
    if ports.is_empty() {
        text.push_str(
            "This box has no serial port. Plug the adapter in and try again; when it is still not here, `dmesg | tail`\n\
             says what the system makes of it.\n",
        );
    } else {
        text.push_str(
            "The serial ports of this box. Write the first name of each into the configuration:\n\n",
        );
    }
    for port in ports {
        text.push_str(&port.words());
    }
    let example = ports.iter().find(|port| !port.is_console).map(SerialPort::name);
    if let Some(name) = example {
        let _ = write!(
            text,
            "\nWhich one is it? Unplug the adapter, run this again, and see which one has gone. Then stop the post, because\n\
             a port has only one user, and find out what talks there:\n\n\
             \x20 systemctl stop vitalpost\n  vitalpost probe {}\n",
            name.display()
        );
    }
    text.push_str(
        "\nOn the LAN: `vitalpost probe lan` hears which monitors announce themselves, `vitalpost probe ADDRESS:PORT` tries one.\n",
    );
    text
}

impl SerialPort {
    /// The best name.
    fn name(&self) -> &Path {
        self.stable.as_ref().map_or(&self.device, |stable| &stable.path)
    }

    fn words(&self) -> String {
        let mut notes = Vec::new();
        if self.name() != self.device {
            notes.push(format!("now {}", self.device.display()));
        }
        if let Some(product) = &self.product {
            // The adapter's own words may be anything.
            notes.push(product.escape_debug().to_string());
        }
        notes.push(
            match self.stable.as_ref().map(|stable| stable.with) {
                Some(GoesWith::Adapter) => "this name goes with the adapter, whichever socket it is in",
                Some(GoesWith::Socket) => {
                    "this name goes with the socket: mark it, the adapter has no number of its own"
                }
                Some(GoesWith::Board) => "on the board: always called so",
                None => "no stable name: udev does not run, and this name may change at each start",
            }
            .to_owned(),
        );
        if self.is_console {
            notes.push("the system's console: not for a monitor".to_owned());
        }
        format!("  {}\n      {}\n", self.name().display(), notes.join("; "))
    }
}

/// The folder of the USB adapter that this device belongs to.
fn usb(roots: &Roots, device: &Path) -> Option<PathBuf> {
    let device = std::fs::canonicalize(device).ok()?;
    let tty = roots.sys.join("class/tty").join(device.file_name()?);
    let place = std::fs::canonicalize(tty.join("device")).ok()?;
    let mut above = place.ancestors();
    above
        .find(|folder| folder.join("idVendor").exists())
        .map(Path::to_owned)
}

/// The link in this folder that leads to the same device.
fn link_to(device: &Path, folder: &Path) -> Option<PathBuf> {
    let links = std::fs::read_dir(folder).ok()?.flatten();
    let mut links: Vec<PathBuf> = links.map(|entry| entry.path()).collect();
    links.sort();
    links
        .into_iter()
        .find(|link| std::fs::canonicalize(link).is_ok_and(|target| target == device))
}

/// A line of the system; none when it says nothing.
fn read(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A box with an adapter that has a number, one that has none, a port on the board, one that is announced and not
    /// there, and a terminal.
    struct Desk {
        folder: tempfile::TempDir,
        roots: Roots,
    }

    impl Desk {
        fn new() -> Desk {
            let folder = tempfile::tempdir().unwrap();
            let top = std::fs::canonicalize(folder.path()).unwrap();
            let desk = Desk {
                roots: Roots {
                    dev: top.join("dev"),
                    sys: top.join("sys"),
                },
                folder,
            };
            desk.put("sys/devices/usb1/1-1/idVendor", "0403");
            desk.put("sys/devices/usb1/1-1/serial", "A5069RR4\n");
            desk.put("sys/devices/usb1/1-1/product", "FT232R USB UART\n");
            desk.put("sys/devices/usb1/1-2/idVendor", "1a86");
            desk.put("sys/devices/usb1/1-2/product", "USB Serial\u{1b}[2J\n");
            desk.tty("ttyUSB0", Some("usb1/1-1/1-1:1.0"));
            desk.tty("ttyUSB1", Some("usb1/1-2/1-2:1.0"));
            desk.tty("ttyAMA0", Some("platform/serial"));
            desk.tty("ttyS0", Some("platform/serial8250"));
            desk.put("sys/class/tty/ttyS0/type", "0\n");
            desk.tty("tty1", None);
            desk.put("sys/class/tty/console/active", "tty1 ttyAMA0\n");
            desk.link("dev/serial/by-id/usb-FTDI_A5069RR4", "ttyUSB0");
            desk.link("dev/serial/by-path/usb-0:1.1:1.0-port0", "ttyUSB0");
            desk.link("dev/serial/by-id/usb-1a86_USB_Serial", "ttyUSB1");
            desk.link("dev/serial/by-path/usb-0:1.2:1.0-port0", "ttyUSB1");
            desk
        }

        fn path(&self, name: &str) -> PathBuf {
            std::fs::canonicalize(self.folder.path()).unwrap().join(name)
        }

        fn put(&self, name: &str, text: &str) {
            let path = self.path(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }

        fn link(&self, name: &str, device: &str) {
            let path = self.path(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            symlink(self.roots.dev.join(device), path).unwrap();
        }

        fn tty(&self, name: &str, device: Option<&str>) {
            self.put(&format!("dev/{name}"), "");
            let class = self.path("sys/class/tty").join(name);
            std::fs::create_dir_all(&class).unwrap();
            if let Some(device) = device {
                let place = self.path("sys/devices").join(device);
                std::fs::create_dir_all(&place).unwrap();
                symlink(place, class.join("device")).unwrap();
            }
        }

        fn name(&self, path: &str) -> (String, GoesWith) {
            let found = stable(&self.roots, &self.path(path)).unwrap();
            let name = found.path.strip_prefix(self.path("")).unwrap();
            (name.to_str().unwrap().to_owned(), found.with)
        }
    }

    #[test]
    fn an_adapter_with_a_number_is_named_by_it_and_one_without_by_its_socket() {
        let desk = Desk::new();
        let is = |name: &str, with| (name.to_owned(), with);
        assert_eq!(
            desk.name("dev/ttyUSB0"),
            is("dev/serial/by-id/usb-FTDI_A5069RR4", GoesWith::Adapter)
        );
        assert_eq!(
            desk.name("dev/ttyUSB1"),
            is("dev/serial/by-path/usb-0:1.2:1.0-port0", GoesWith::Socket)
        );
        assert_eq!(desk.name("dev/ttyAMA0"), is("dev/ttyAMA0", GoesWith::Board));
        // What somebody has chosen stays.
        assert_eq!(
            desk.name("dev/serial/by-path/usb-0:1.1:1.0-port0"),
            is("dev/serial/by-path/usb-0:1.1:1.0-port0", GoesWith::Socket)
        );
        std::fs::remove_dir_all(desk.path("dev/serial")).unwrap();
        assert_eq!(stable(&desk.roots, &desk.path("dev/ttyUSB0")), None);
        assert_eq!(stable(&desk.roots, &desk.path("dev/nothing")), None);
    }

    #[test]
    fn the_ports_are_listed_with_what_to_type_next() {
        let desk = Desk::new();
        let all = all(&desk.roots);
        let names = all
            .iter()
            .map(|port| port.device.file_name().unwrap().to_str().unwrap());
        assert_eq!(names.collect::<Vec<_>>(), ["ttyAMA0", "ttyUSB0", "ttyUSB1"]);
        let text = words(&all);
        let next = format!(
            "vitalpost probe {}\n",
            desk.path("dev/serial/by-id/usb-FTDI_A5069RR4").display()
        );
        assert!(text.contains(&next), "{text}");
        assert!(
            text.contains("now ") && text.contains("FT232R USB UART; this name goes with the adapter"),
            "{text}"
        );
        assert!(
            text.contains("on the board: always called so; the system's console"),
            "{text}"
        );
        assert!(text.contains("vitalpost probe lan"), "{text}");
        assert!(
            !text.contains('\u{1b}'),
            "an adapter's words reach the terminal: {text:?}"
        );
    }

    #[test]
    fn a_box_without_ports_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let roots = Roots {
            dev: folder.path().join("dev"),
            sys: folder.path().join("sys"),
        };
        let text = words(&all(&roots));
        assert!(
            text.contains("no serial port") && text.contains("dmesg"),
            "{text}"
        );
        assert!(!text.contains("systemctl"), "{text}");
    }
}
