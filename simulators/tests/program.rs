//! The real program on real pseudo-terminals and ports.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use nix::fcntl::OFlag;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use simulators::clock;
use simulators::modbus::crc16;
use simulators::truth::Entry;

/// Generous: the machine that tests may be busy.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running simulator; killed with the value.
struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    ready: String,
}

impl Running {
    fn start(arguments: &[&str]) -> Running {
        let mut child = Command::new(env!("CARGO_BIN_EXE_vitalpost-simulators"))
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the built program starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut ready = String::new();
        stdout.read_line(&mut ready).expect("a line");
        assert!(ready.starts_with("ready: "), "{ready:?}");
        Running { child, stdout, ready }
    }

    /// Ends it and returns its last line.
    fn stop(mut self, signal: Signal) -> String {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).expect("a process id"));
        kill(pid, signal).expect("it still runs");
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).expect("its last line");
        assert!(self.child.wait().expect("it ends").success(), "ends cleanly");
        rest
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _status = self.child.wait();
    }
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }
}

fn open(link: &Path) -> File {
    let flags = OFlag::O_NOCTTY | OFlag::O_NONBLOCK;
    OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(flags.bits())
        .open(link)
        .expect("the link can be opened")
}

/// What comes within [`PATIENCE`], until `enough`.
fn hear(line: &mut File, enough: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let (mut heard, begun) = (Vec::new(), clock::now());
    while !enough(&heard) {
        assert!(clock::now() - begun < PATIENCE, "only {heard:02X?} came");
        let mut buffer = [0; 512];
        match line.read(&mut buffer) {
            Ok(count) => heard.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                std::thread::sleep(Duration::from_millis(2))
            }
            Err(error) => panic!("{error}"),
        }
    }
    heard
}

fn truth(file: &Path) -> Vec<Entry> {
    let text = std::fs::read_to_string(file).expect("a truth log");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a whole line"))
        .collect()
}

fn nonin(folder: &Folder, more: &[&str]) -> Running {
    let (link, truth) = (folder.text("oxi"), folder.text("truth.jsonl"));
    let mut arguments = vec!["nonin", "--link", &link, "--truth", &truth, "--device", "oxi-1"];
    arguments.extend(["--format", "2", "--patient", "generator:5"]);
    arguments.extend(more);
    Running::start(&arguments)
}

/// The numbers of one whole packet, for a display.
#[derive(Debug)]
struct Packet {
    /// Counts packets from 0, so it is the line of the truth log.
    timer: usize,
    pr: u16,
    spo2: u8,
}

/// The whole packets in these bytes; every frame of them must fit.
fn packets(bytes: &[u8]) -> Vec<Packet> {
    let first = bytes
        .windows(10)
        .position(|two| two[0] == 1 && two[1] & 0x81 == 0x81 && sum(two) == two[4] && two[5] == 1)
        .expect("a packet begins");
    bytes[first..]
        .chunks_exact(125)
        .map(|packet| {
            assert!(
                packet.chunks(5).all(|frame| sum(frame) == frame[4]),
                "{packet:02X?}"
            );
            let value = |frame: usize| packet[(frame - 1) * 5 + 3];
            let joined = |frame: usize| (u16::from(value(frame)) << 7) | u16::from(value(frame + 1));
            Packet {
                timer: usize::from(joined(6)),
                pr: joined(20),
                spo2: value(9),
            }
        })
        .collect()
}

/// The line of the truth log for a packet; it is written just after the packet left.
fn entry(folder: &Folder, packet: &Packet) -> Entry {
    let log = || truth(&folder.path("truth.jsonl"));
    wait_until("the truth log", || log().len() > packet.timer);
    log().swap_remove(packet.timer)
}

fn sum(frame: &[u8]) -> u8 {
    frame[..4].iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte))
}

#[test]
fn an_oximeter_is_heard_through_the_link_and_the_truth_log_says_the_same() {
    let folder = Folder::new();
    let running = nonin(&folder, &[]);
    let heard = hear(&mut open(&folder.path("oxi")), |heard| heard.len() >= 5 * 125);
    let packets = packets(&heard);
    assert!(packets.len() >= 4);
    for packet in &packets {
        let entry = entry(&folder, packet);
        assert_eq!((entry.device.as_str(), entry.corrupted), ("oxi-1", false));
        assert_eq!(entry.values["pr"], Some(packet.pr.to_string()));
        assert_eq!(entry.values["spo2"], Some(packet.spo2.to_string()));
    }
    let last = running.stop(Signal::SIGTERM);
    assert!(
        last.starts_with("stopped: packets=") && last.contains("bytes_heard=0"),
        "{last:?}"
    );
}

#[test]
fn the_link_is_removed_at_sigterm_and_at_sigint() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let folder = Folder::new();
        let running = nonin(&folder, &[]);
        assert!(
            std::fs::symlink_metadata(folder.path("oxi"))
                .unwrap()
                .is_symlink()
        );
        running.stop(signal);
        assert!(std::fs::symlink_metadata(folder.path("oxi")).is_err(), "{signal}");
    }
}

#[test]
fn a_reader_that_comes_late_or_again_hears_nothing_stale() {
    let folder = Folder::new();
    let _running = nonin(&folder, &[]);
    for visit in 1..=3 {
        // What comes while nobody reads is lost, as on a real line.
        let lines = || truth(&folder.path("truth.jsonl")).len();
        let before = lines();
        wait_until("2 packets for nobody", || lines() >= before + 2);
        let terminal = std::fs::read_link(folder.path("oxi")).unwrap();
        let opened_ns = clock::now().as_nanos();
        let mut line = open(&folder.path("oxi"));
        let heard = hear(&mut line, |heard| heard.len() >= 2 * 125);
        let first = &packets(&heard)[0];
        let sent_ns = u128::from(entry(&folder, first).sent_ns);
        assert!(
            sent_ns > opened_ns,
            "visit {visit} heard packet {} of the past",
            first.timer
        );
        // Left unread on purpose: the next visitor must not find these bytes.
        wait_until("an unread packet", || lines() > first.timer + 2);
        drop(line);
        wait_until("a fresh terminal", || {
            std::fs::read_link(folder.path("oxi")).unwrap() != terminal
        });
    }
}

fn wait_until(what: &str, mut fulfilled: impl FnMut() -> bool) {
    let begun = clock::now();
    while !fulfilled() {
        assert!(clock::now() - begun < PATIENCE, "still waiting for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_reader_that_never_reads_does_not_stop_the_device() {
    let folder = Folder::new();
    let _running = nonin(&folder, &[]);
    let _line = open(&folder.path("oxi"));
    let lines = || truth(&folder.path("truth.jsonl")).len();
    wait_until("6 packets", || lines() >= 6);
}

#[test]
fn corrupted_packets_are_marked_and_what_a_master_writes_is_counted() {
    let folder = Folder::new();
    let running = nonin(&folder, &["--corrupt", "0.2", "--garbage", "--seed", "9"]);
    let mut line = open(&folder.path("oxi"));
    line.write_all(&[0x02, 0x70, 0x02, 0x02, 0x08, 0x03]).unwrap();
    hear(&mut line, |heard| heard.len() >= 300);
    let log = truth(&folder.path("truth.jsonl"));
    assert!(
        !log.is_empty() && log.iter().all(|entry| entry.corrupted),
        "{log:?}"
    );
    let last = running.stop(Signal::SIGTERM);
    assert!(last.contains("bytes_heard=6"), "{last:?}");
}

#[test]
fn a_file_that_is_no_link_is_never_replaced() {
    let folder = Folder::new();
    std::fs::write(folder.path("oxi"), "precious").unwrap();
    let ended = Command::new(env!("CARGO_BIN_EXE_vitalpost-simulators"))
        .args([
            "nonin",
            "--format",
            "8",
            "--patient",
            "generator:1",
            "--link",
            &folder.text("oxi"),
        ])
        .output()
        .unwrap();
    assert!(!ended.status.success());
    let problem = String::from_utf8(ended.stderr).unwrap();
    assert!(problem.contains("is not a symbolic link"), "{problem}");
    assert_eq!(std::fs::read_to_string(folder.path("oxi")).unwrap(), "precious");
}

fn rtu(pdu: &[u8]) -> Vec<u8> {
    let mut frame = pdu.to_vec();
    frame.extend(crc16(pdu).to_le_bytes());
    frame
}

fn words(bytes: &[u8]) -> Vec<u16> {
    bytes
        .chunks(2)
        .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
        .collect()
}

#[test]
fn i10_a_serial_modbus_line_answers_reads_and_counts_refused_writes() {
    let folder = Folder::new();
    let (link, log) = (folder.text("bus"), folder.text("truth.jsonl"));
    let running = Running::start(&[
        "modbus-rtu",
        "--link",
        &link,
        "--truth",
        &log,
        "--unit",
        "1=mon-1:bedside:generator:1",
        "--unit",
        "3:xy-md02",
    ]);
    let mut line = open(&folder.path("bus"));
    line.write_all(&rtu(&[1, 4, 0, 0, 0, 11])).unwrap();
    let answer = hear(&mut line, |heard| heard.len() >= 27);
    assert_eq!(answer[..3], [1, 4, 22]);
    assert_eq!(rtu(&answer[..25]), answer);
    let registers = words(&answer[3..25]);
    let entries = truth(&folder.path("truth.jsonl"));
    let said = |entry: &Entry, key: &str| entry.values[key].clone();
    assert!(
        entries.iter().any(|entry| entry.device == "mon-1"
            && said(entry, "hr") == Some(registers[1].to_string())
            && said(entry, "spo2") == Some(registers[3].to_string())),
        "{registers:?} is not in {entries:?}"
    );
    line.write_all(&rtu(&[3, 6, 1, 1, 0, 9])).unwrap();
    assert_eq!(hear(&mut line, |heard| heard.len() >= 5), rtu(&[3, 0x86, 1]));
    let last = running.stop(Signal::SIGTERM);
    assert_eq!(last, "stopped: requests=2 writes_refused=1\n");
}

/// A port with a solar controller as unit 4, and a way to connect to it.
fn solar_port() -> (Running, impl Fn() -> TcpStream) {
    let running = Running::start(&["modbus-tcp", "--listen", "127.0.0.1:0", "--unit", "4:epever"]);
    let address = running
        .ready
        .trim()
        .rsplit(' ')
        .next()
        .expect("an address")
        .to_owned();
    let connect = move || {
        let stream = TcpStream::connect(&address).expect("the port is open");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a time-out is set");
        stream
    };
    (running, connect)
}

/// Asks for the eight registers of the sheet's vector; false = the port closed instead.
fn is_served(stream: &mut TcpStream, id: u8) -> bool {
    let mut answer = [0; 25];
    let asked = stream.write_all(&[0, id, 0, 0, 0, 6, 4, 4, 0x31, 0, 0, 8]);
    if asked.and_then(|()| stream.read_exact(&mut answer)).is_err() {
        return false;
    }
    assert_eq!(answer[..9], [0, id, 0, 0, 0, 19, 4, 4, 16]);
    assert_eq!(words(&answer[9..])[0], 1_843, "18.43 V at noon");
    true
}

#[test]
fn a_tcp_modbus_port_serves_two_masters_and_closes_on_what_is_not_modbus() {
    let (running, connect) = solar_port();
    let (mut one, mut two) = (connect(), connect());
    assert!(is_served(&mut one, 7) && is_served(&mut two, 9));
    one.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let mut rest = Vec::new();
    // Closed with unread bytes: the end or a reset, but no answer.
    let _reset = one.read_to_end(&mut rest);
    assert!(rest.is_empty(), "{rest:02X?}");
    assert!(is_served(&mut two, 10));
    let last = running.stop(Signal::SIGINT);
    assert_eq!(last, "stopped: requests=3 writes_refused=0\n");
}

#[test]
fn a_seventeenth_master_is_closed_until_another_one_goes() {
    let (_running, connect) = solar_port();
    let mut masters: Vec<TcpStream> = (0..16).map(|_| connect()).collect();
    assert!(masters.iter_mut().all(|master| is_served(master, 1)));
    assert!(!is_served(&mut connect(), 2));
    masters.pop();
    wait_until("the freed place", || is_served(&mut connect(), 3));
}

#[test]
fn a_taken_port_is_one_clear_message() {
    let (running, _connect) = solar_port();
    let address = running.ready.trim().rsplit(' ').next().unwrap();
    let ended = Command::new(env!("CARGO_BIN_EXE_vitalpost-simulators"))
        .args(["modbus-tcp", "--unit", "1:epever", "--listen", address])
        .output()
        .unwrap();
    assert!(!ended.status.success());
    let problem = String::from_utf8(ended.stderr).unwrap();
    assert!(
        problem.contains(&format!("cannot listen on {address}: Address already in use")),
        "{problem}"
    );
}

#[test]
fn a_silent_unit_answers_nothing_while_it_is_silent() {
    let folder = Folder::new();
    let link = folder.text("bus");
    let silent = ["--silent", "1000", "--silent-every", "1000"];
    let mut arguments = vec!["modbus-rtu", "--link", &link, "--unit", "3:xy-md02"];
    arguments.extend(silent);
    let running = Running::start(&arguments);
    let mut line = open(&folder.path("bus"));
    line.write_all(&rtu(&[3, 4, 0, 1, 0, 2])).unwrap();
    std::thread::sleep(Duration::from_secs(1));
    let nothing = line.read(&mut [0; 16]).unwrap_err();
    assert_eq!(nothing.kind(), ErrorKind::WouldBlock);
    assert_eq!(
        running.stop(Signal::SIGTERM),
        "stopped: requests=1 writes_refused=0\n"
    );
}
