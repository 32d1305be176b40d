//! A box in a virtual machine: a real kernel and systemd, a system disk that survives, and a data disk that loses at a
//! power cut what it was never told to flush. `cargo xtask vm` makes the system.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::prelude::*;
use serde_json::{Value, json};

use crate::clock::wait_for;
use crate::scene::text;

/// A guest boots within this, on an emulated machine too.
pub const BOOT_WITHIN: Duration = Duration::from_secs(600);
/// A command in it ends within this.
const COMMAND_WITHIN: Duration = Duration::from_secs(600);
/// The size of the data disk in bytes.
const DATA_BYTES: u64 = 1 << 30;

/// What the data disk does with a flush.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    /// Keeps its word.
    Honest,
    /// Says that it is done.
    Lying,
}

/// What differs between architectures.
#[derive(Clone, Copy, Debug)]
struct Board {
    /// Debian's name of the architecture.
    name: &'static str,
    emulator: &'static str,
    machine: &'static str,
    console: &'static str,
}

const BOARDS: [Board; 2] = [
    Board {
        name: "amd64",
        emulator: "qemu-system-x86_64",
        machine: "-machine q35 -cpu qemu64",
        console: "ttyS0",
    },
    Board {
        name: "arm64",
        emulator: "qemu-system-aarch64",
        machine: "-machine virt -cpu cortex-a72",
        console: "ttyAMA0",
    },
];

/// What `cargo xtask vm` made.
#[derive(Clone, Debug)]
pub struct Made {
    /// Kernel, initial system, root disk.
    pub image: PathBuf,
    /// Our packages.
    pub packages: PathBuf,
    board: Board,
}

impl Made {
    /// Where it is; without it the test says SKIP and why.
    pub fn find(test: &str) -> Option<Made> {
        let place = |name| std::env::var_os(name).map(PathBuf::from);
        let made = place("VITALPOST_VM").zip(place("VITALPOST_PACKAGES"));
        if made.is_none() {
            println!("SKIP {test}: it needs a virtual machine, which `cargo xtask vm` makes");
        }
        let name = std::env::var("VITALPOST_ARCH").unwrap_or_else(|_| "amd64".to_owned());
        let board = BOARDS.into_iter().find(|board| board.name == name);
        let board = board.unwrap_or_else(|| panic!("no machine is known for {name}"));
        made.map(|(image, packages)| Made {
            image,
            packages,
            board,
        })
    }

    /// The package of the post.
    pub fn package(&self) -> PathBuf {
        let packages = std::fs::read_dir(&self.packages).expect("the folder of the packages");
        let ending = format!("_{}.deb", self.board.name);
        let mut found: Vec<PathBuf> = packages
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.to_string_lossy().ends_with(&ending))
            .filter(|path| {
                path.file_name()
                    .is_some_and(|name| name.to_string_lossy().starts_with("vitalpost_"))
            })
            .collect();
        found.sort();
        found.pop().expect("cargo xtask deb made the package")
    }
}

/// One machine; ends with its value.
#[derive(Debug)]
pub struct Guest {
    made: Made,
    folder: PathBuf,
    page_port: u16,
    results_port: u16,
    boots: u32,
    has_usb: bool,
    sticks: u32,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    machine: Child,
    disk: Child,
    agent: Option<BufReader<UnixStream>>,
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.cut_power();
    }
}

/// What the guest runs on. Emulated unless the person says otherwise: a machine inside a virtual machine may have a `/dev/kvm` that
/// hangs.
fn acceleration() -> String {
    std::env::var("VITALPOST_ACCELERATION").unwrap_or_else(|_| "tcg,thread=multi".to_owned())
}

fn run(program: &str, args: &[&str]) {
    let output = Command::new(program).args(args).output();
    let output = output.unwrap_or_else(|error| panic!("{program} does not start: {error}"));
    assert!(
        output.status.success(),
        "{program} {args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A figure for people, and for `docs/benchmarks.md` where `cargo xtask vm` asks for it.
pub fn tell(what: &str, measured: &str) {
    println!("{what}: {measured}");
    if let Some(file) = std::env::var_os("VITALPOST_FIGURES") {
        let mut figures = File::options()
            .create(true)
            .append(true)
            .open(file)
            .expect("xtask made the folder");
        writeln!(figures, "| {what} | {measured} |").expect("its disk has room");
    }
}

fn asked(monitor: &mut BufReader<UnixStream>, order: &Value) -> Value {
    writeln!(monitor.get_mut(), "{order}").expect("the monitor takes an order");
    answer(monitor)
}

/// What the monitor says next, leaving out what happens meanwhile.
fn answer(monitor: &mut BufReader<UnixStream>) -> Value {
    loop {
        let mut line = String::new();
        monitor.read_line(&mut line).expect("the monitor answers");
        let answer: Value = serde_json::from_str(&line).expect("the monitor answers in JSON");
        if answer.get("event").is_none() {
            return answer;
        }
    }
}

/// The last the console said.
fn end_of(console: &Path) -> String {
    let bytes = std::fs::read(console).unwrap_or_default();
    String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(2_000)..]).into_owned()
}

impl Guest {
    /// A new machine with an empty data disk, off. Its page is at `page_port` of this one, and what connects to `results_port` here
    /// reaches port 2576 there.
    pub fn new(made: Made, folder: PathBuf, page_port: u16, results_port: u16) -> Guest {
        std::fs::create_dir_all(&folder).expect("the test's folder is writable");
        let base = made.image.join("root.ext4");
        let root = folder.join("root.qcow2");
        run(
            "qemu-img",
            &[
                "create",
                "-q",
                "-f",
                "qcow2",
                "-F",
                "raw",
                "-b",
                text(&base),
                text(&root),
            ],
        );
        let data = folder.join("data.ext4");
        File::create(&data)
            .and_then(|file| file.set_len(DATA_BYTES))
            .expect("the test's folder is writable");
        run("mkfs.ext4", &["-q", "-L", "data", "-m", "0", text(&data)]);
        Guest {
            made,
            folder,
            page_port,
            results_port,
            boots: 0,
            has_usb: false,
            sticks: 0,
            running: None,
        }
    }

    /// The same with sockets for sticks: [`Guest::put_in`]. Emulated, they cost time at every boot.
    pub fn with_usb(mut self) -> Guest {
        self.has_usb = true;
        self
    }

    /// The data disk as a file; only while the machine is off.
    pub fn data_disk(&self) -> PathBuf {
        self.folder.join("data.ext4")
    }

    /// Switches it on; [`Guest::wait_until_up`] waits for it. `media`: a folder that it sees as a stick.
    pub fn switch_on(&mut self, disk: Disk, media: Option<&Path>) {
        assert!(self.running.is_none(), "it is on");
        self.boots += 1;
        let socket = self.folder.join("data.sock");
        let _ = std::fs::remove_file(&socket);
        let disk = self.start_disk(disk, &socket);
        wait_for("the data disk", Duration::from_secs(10), || {
            socket.exists().then_some(())
        });
        let stick = media.map(|media| self.stick(media));
        let agent = self.folder.join("agent.sock");
        let _ = std::fs::remove_file(&agent);
        let machine = self.start_machine(&socket, &agent, stick.as_deref());
        self.running = Some(Running {
            machine,
            disk,
            agent: None,
        });
    }

    fn start_disk(&self, disk: Disk, socket: &Path) -> Child {
        let plugin = concat!(env!("CARGO_MANIFEST_DIR"), "/vm/holding-disk.py");
        let file = format!("file={}", text(&self.data_disk()));
        let lies = format!("lies={}", u8::from(disk == Disk::Lying));
        let seed = format!("seed={}", self.boots);
        let log = File::create(self.folder.join("disk.log")).expect("the test's folder is writable");
        Command::new("nbdkit")
            .args(["-f", "-U", text(socket), "python", plugin, &file, &lies, &seed])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("nbdkit starts")
    }

    fn stick(&self, media: &Path) -> PathBuf {
        let stick = self.folder.join("stick.ext4");
        let _ = std::fs::remove_file(&stick);
        run(
            "mkfs.ext4",
            &["-q", "-L", "stick", "-d", text(media), text(&stick), "256M"],
        );
        stick
    }

    fn start_machine(&self, data: &Path, agent: &Path, stick: Option<&Path>) -> Child {
        let drives = [
            format!(
                "file={},if=virtio,format=qcow2,cache=unsafe",
                text(&self.folder.join("root.qcow2"))
            ),
            format!("file=nbd:unix:{},if=virtio,format=raw", text(data)),
        ];
        let sticks = stick.map(|stick| format!("file={},if=virtio,format=raw,readonly=on", text(stick)));
        let network = format!(
            "user,id=n0,hostfwd=tcp:127.0.0.1:{}-:8080,hostfwd=tcp:127.0.0.1:{}-:2576",
            self.page_port, self.results_port
        );
        let channel = format!("socket,id=agent,path={},server=on,wait=off", text(agent));
        let console = File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("console.log"))
            .expect("the test's folder is writable");
        let board = self.made.board;
        let mut machine = Command::new(board.emulator);
        machine
            .args(board.machine.split(' '))
            .args("-smp 2 -m 512 -nodefaults -display none -serial stdio".split(' '))
            .args(["-accel", &acceleration()])
            .args([
                "-kernel",
                text(&self.made.image.join("vmlinuz")),
                "-initrd",
                text(&self.made.image.join("initrd")),
            ])
            .args([
                "-append",
                &format!(
                    "root=/dev/vda rw console={} quiet systemd.show_status=no fsck.repair=yes panic=0 net.ifnames=0 mitigations=off no_timer_check",
                    board.console
                ),
            ])
            .args(["-netdev", &network, "-device", "virtio-net-pci,netdev=n0"])
            .args([
                "-device",
                "virtio-serial-pci",
                "-chardev",
                &channel,
                "-device",
                "virtserialport,chardev=agent,name=agent",
            ])
            // The board's own watchdog: it starts a machine again whose kernel hangs.
            .args(["-device", "i6300esb", "-action", "watchdog=reset"]);
        if self.has_usb {
            let monitor = self.folder.join("monitor.sock");
            let _ = std::fs::remove_file(&monitor);
            let monitor = format!("unix:{},server=on,wait=off", text(&monitor));
            machine.args(["-device", "qemu-xhci,id=usb", "-qmp", &monitor]);
        }
        for drive in drives.iter().chain(&sticks) {
            machine.args(["-drive", drive]);
        }
        machine
            .stdin(Stdio::null())
            .stdout(console.try_clone().expect("a file handle copies"))
            .stderr(console)
            .spawn()
            .expect("the emulator starts")
    }

    /// Puts a stick in: a disk image, read at no more than so many bytes a second.
    pub fn put_in(&mut self, stick: &Path, bytes_per_s: u32) {
        self.sticks += 1;
        let (id, file) = (self.stick_id(), text(stick));
        self.tells_the_machine(&[
            &format!("drive_add 0 if=none,id={id},file={file},format=raw,readonly=on,throttling.bps-read={bytes_per_s}"),
            &format!("device_add usb-storage,id={id},drive={id},bus=usb.0"),
        ]);
    }

    /// Pulls it out, whatever is done with it.
    pub fn pull_out(&mut self) {
        self.tells_the_machine(&[&format!("device_del {}", self.stick_id())]);
    }

    fn stick_id(&self) -> String {
        format!("stick-{}", self.sticks)
    }

    /// Commands of QEMU's monitor; each must be carried out.
    fn tells_the_machine(&self, commands: &[&str]) {
        let place = self.folder.join("monitor.sock");
        let monitor = wait_for("the machine's monitor", Duration::from_secs(20), || {
            UnixStream::connect(&place).ok()
        });
        let mut monitor = BufReader::new(monitor);
        answer(&mut monitor);
        asked(&mut monitor, &json!({ "execute": "qmp_capabilities" }));
        for command in commands {
            let order =
                json!({ "execute": "human-monitor-command", "arguments": { "command-line": command } });
            let said = asked(&mut monitor, &order);
            let said = said["return"].as_str().map(str::trim);
            assert!(matches!(said, Some("" | "OK")), "{command}: {said:?}");
        }
    }

    /// Returns when commands can be given.
    pub fn wait_until_up(&mut self) {
        let place = self.folder.join("agent.sock");
        let console = self.folder.join("console.log");
        let running = self.running.as_mut().expect("it is on");
        let agent = wait_for("the guest's agent listens", BOOT_WITHIN, || {
            let ended = running.machine.try_wait().ok().flatten();
            assert!(ended.is_none(), "the machine ended: {}", end_of(&console));
            UnixStream::connect(&place).ok()
        });
        agent
            .set_read_timeout(Some(BOOT_WITHIN))
            .expect("a socket has a timeout");
        let mut agent = BufReader::new(agent);
        let mut line = String::new();
        agent
            .read_line(&mut line)
            .unwrap_or_else(|error| panic!("the guest does not come up ({error}): {}", end_of(&console)));
        assert_eq!(line, "ready\n", "the agent of the guest");
        agent
            .get_ref()
            .set_read_timeout(Some(COMMAND_WITHIN))
            .expect("a socket has a timeout");
        running.agent = Some(agent);
    }

    /// Runs this in the guest: its status and what it printed.
    pub fn tries(&mut self, command: &str) -> (i32, String) {
        let running = self.running.as_mut().expect("it is on");
        let agent = running.agent.as_mut().expect("it is up");
        let line = format!("{}\n", BASE64_STANDARD.encode(command));
        agent
            .get_mut()
            .write_all(line.as_bytes())
            .expect("the agent takes a command");
        let mut answer = String::new();
        agent
            .read_line(&mut answer)
            .unwrap_or_else(|error| panic!("the guest does not answer to {command:?}: {error}"));
        // A machine that has no time for its guest lets the guest's watchdog bite.
        assert_ne!(answer, "ready\n", "the guest has started again in {command:?}");
        let (status, said) = answer
            .trim_end()
            .split_once(' ')
            .unwrap_or((answer.trim_end(), ""));
        let said =
            String::from_utf8_lossy(&BASE64_STANDARD.decode(said).expect("the agent answers in base64"))
                .trim_end()
                .to_owned();
        (status.parse().unwrap_or(-1), said)
    }

    /// Runs this in the guest, where it must succeed; what it printed.
    pub fn does(&mut self, command: &str) -> String {
        let (status, said) = self.tries(command);
        assert_eq!(status, 0, "{command}\n{said}");
        said
    }

    /// Puts this into a file there.
    pub fn writes(&mut self, path: &str, content: &str) {
        self.does(&format!(
            "base64 -d > {path} <<< {}",
            BASE64_STANDARD.encode(content)
        ));
    }

    /// Takes away its power, in the middle of whatever it does.
    pub fn cut_power(&mut self) {
        if let Some(mut running) = self.running.take() {
            // The machine first: its last writes may still reach the disk's memory, never the disk.
            for child in [&mut running.machine, &mut running.disk] {
                let _ = child.kill();
                let _ = child.wait();
            }
        }
    }

    /// Shuts it down in order.
    pub fn shut_down(&mut self) {
        let running = self.running.as_mut().expect("it is on");
        let agent = running.agent.as_mut().expect("it is up");
        let line = format!("{}\n", BASE64_STANDARD.encode("systemctl poweroff"));
        agent
            .get_mut()
            .write_all(line.as_bytes())
            .expect("the agent takes a command");
        wait_for("the guest shuts down", BOOT_WITHIN, || {
            running.machine.try_wait().ok().flatten()
        });
        if let Some(mut running) = self.running.take() {
            // Asked in order, the disk writes what it still holds.
            let pid =
                nix::unistd::Pid::from_raw(i32::try_from(running.disk.id()).expect("a process has a number"));
            let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM);
            let _ = running.disk.wait();
        }
    }

    /// Waits until the machine has started again by itself.
    pub fn wait_until_up_again(&mut self) {
        let running = self.running.as_mut().expect("it is on");
        let agent = running.agent.as_mut().expect("it was up");
        agent
            .get_ref()
            .set_read_timeout(Some(BOOT_WITHIN))
            .expect("a socket has a timeout");
        let mut line = String::new();
        while line != "ready\n" {
            line.clear();
            agent.read_line(&mut line).expect("the machine comes up again");
        }
    }
}
