//! Lines with one device that sends by itself.

use std::collections::VecDeque;
use std::io;

use drivers::{Dialogue, Step};
use nix::fcntl::{Flock, FlockArg};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use vitals::{Code, Decimal, Observation};

use super::device::Cable;
use super::*;
use crate::lines::stream::{Stream, Talk};

/// A dialogue that takes each byte as a value; `?` makes it ask.
#[derive(Default)]
struct Bytes {
    waiting: VecDeque<Step>,
}

impl Dialogue for Bytes {
    fn heard(&mut self, _now: MonoTime, bytes: &[u8]) {
        self.waiting.extend(bytes.iter().map(|byte| match byte {
            b'?' => Step::Send(b"ask".to_vec()),
            b'!' => Step::Fault(LineFault::BadChecksum),
            value => Step::Saw(seen(*value)),
        }));
    }

    fn step(&mut self, now: MonoTime) -> Step {
        let next = self.waiting.pop_front();
        next.unwrap_or(Step::SleepUntil(now + Duration::from_secs(3_600)))
    }
}

fn seen(value: u8) -> Seen {
    Seen::Vital(Observation::value(Code::Spo2, Decimal::whole(i64::from(value))))
}

fn run(address: Address) -> Running {
    let (reporter, events, counters) = reporter(&["oxi"]);
    let stream = Stream {
        address,
        talk: Talk {
            device: device("oxi"),
            dialogue: Box::new(|| Box::new(Bytes::default())),
            reporter,
            capture: None,
            tap: Tap::default(),
            is_seldom: false,
        },
    };
    let stop = CancellationToken::new();
    let told = stop.clone();
    let task = tokio::spawn(async move {
        told.run_until_cancelled(stream.run()).await;
    });
    Running {
        events,
        counters,
        stop,
        tasks: vec![task],
    }
}

#[tokio::test]
async fn bytes_become_events_with_the_time_at_which_they_were_read() {
    let mut cable = Cable::new();
    let mut line = run(serial(cable.port()));
    assert_eq!(line.next().await.what, Heard::Link(PortState::Open));
    let before = clock().now();
    cable.send(&[97, b'!']);
    let value = line.next().await;
    assert_eq!((value.device, value.what), (device("oxi"), Heard::Seen(seen(97))));
    assert!(before < value.at && value.at <= clock().now());
    assert_eq!(line.next().await.what, Heard::Fault(LineFault::BadChecksum));
    let count = &line.counters.snapshot()[0];
    assert_eq!(
        (
            count.seen,
            count.faults["bad_checksum"],
            count.opened,
            count.bytes
        ),
        (1, 1, 1, 2)
    );
    line.stop().await;
}

#[tokio::test]
async fn i10_nothing_is_written_but_what_the_dialogue_asks() {
    let mut cable = Cable::new();
    let mut line = run(serial(cable.port()));
    cable.send(&[97, 0, 255, 13, b'?', 96]);
    while line.next().await.what != Heard::Seen(seen(96)) {}
    line.during(Duration::from_millis(200)).await;
    assert_eq!(cable.take(), b"ask");
    line.stop().await;
}

#[tokio::test]
async fn a_pulled_cable_is_reported_once_and_found_again_under_another_number() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("by-id-oxi");
    let mut cable = Cable::new();
    cable.plug_into(&link);
    let mut line = run(serial(&link));
    assert_eq!(line.next_link().await, PortState::Open);
    cable.send(&[97]);
    assert_eq!(line.next().await.what, Heard::Seen(seen(97)));

    let old_port = cable.port().to_owned();
    drop(cable);
    std::fs::remove_file(&link).unwrap();
    let PortState::Closed { reason } = line.next_link().await else {
        panic!("open")
    };
    assert!(
        reason.contains(link.to_str().unwrap()) && reason.contains("check the cable"),
        "{reason}"
    );
    let meanwhile = line.during(Duration::from_secs(4)).await;
    assert_eq!(meanwhile, [], "a lost port is reported once");

    // The old number is taken, so that the cable comes back under another one.
    let other = Cable::new();
    let mut cable = Cable::new();
    assert!(cable.port() != old_port || other.port() != old_port);
    cable.plug_into(&link);
    assert_eq!(line.next_link().await, PortState::Open);
    cable.send(&[95]);
    assert_eq!(line.next().await.what, Heard::Seen(seen(95)));
    line.stop().await;
}

#[tokio::test]
async fn half_a_frame_from_before_the_break_is_forgotten() {
    /// A value is two equal bytes.
    #[derive(Default)]
    struct Pairs {
        held: Option<u8>,
        found: Option<u8>,
    }
    impl Dialogue for Pairs {
        fn heard(&mut self, _now: MonoTime, bytes: &[u8]) {
            for byte in bytes {
                match self.held.take() {
                    Some(held) => self.found = Some(held.wrapping_add(*byte)),
                    None => self.held = Some(*byte),
                }
            }
        }
        fn step(&mut self, now: MonoTime) -> Step {
            let found = self.found.take().map(|value| Step::Saw(seen(value)));
            found.unwrap_or(Step::SleepUntil(now + Duration::from_secs(9)))
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("oxi");
    let mut cable = Cable::new();
    cable.plug_into(&link);
    let (reporter, mut events, _) = reporter(&["oxi"]);
    let stream = Stream {
        address: serial(&link),
        talk: Talk {
            device: device("oxi"),
            dialogue: Box::new(|| Box::new(Pairs::default())),
            reporter,
            capture: None,
            tap: Tap::default(),
            is_seldom: false,
        },
    };
    let task = tokio::spawn(stream.run());
    let mut value = async |wanted: u8| {
        while events.recv().await.unwrap().what != Heard::Seen(seen(wanted)) {}
    };
    cable.send(&[40, 40, 1]);
    tokio::time::timeout(PATIENCE, value(80)).await.unwrap();
    drop(cable);
    let mut cable = Cable::new();
    cable.plug_into(&link);
    cable.send(&[45, 45]);
    tokio::time::timeout(PATIENCE, value(90))
        .await
        .expect("1 + 45 was taken for a value");
    task.abort();
}

#[tokio::test]
async fn a_port_that_somebody_else_uses_is_refused_with_a_clear_reason() {
    let cable = Cable::new();
    let mut first = run(serial(cable.port()));
    assert_eq!(first.next_link().await, PortState::Open);
    let mut second = run(serial(cable.port()));
    let PortState::Closed { reason } = second.next_link().await else {
        panic!("two on one port")
    };
    assert!(reason.contains("used by another program"), "{reason}");
    assert_eq!(
        first.during(Duration::from_millis(500)).await,
        [],
        "the first one did not notice"
    );
    first.stop().await;
    assert_eq!(
        second.next_link().await,
        PortState::Open,
        "it is taken over when it is free"
    );
    second.stop().await;
}

#[tokio::test]
async fn the_lock_is_one_that_other_programs_see_and_respect() {
    let cable = Cable::new();
    let other_program = std::fs::File::open(cable.port()).unwrap();
    let held = Flock::lock(other_program, FlockArg::LockExclusiveNonblock).unwrap();
    let mut line = run(serial(cable.port()));
    assert!(matches!(line.next_link().await, PortState::Closed { .. }));
    drop(held);
    assert_eq!(line.next_link().await, PortState::Open);
    line.stop().await;

    let line = run(serial(cable.port()));
    let mut line = line;
    assert_eq!(line.next_link().await, PortState::Open);
    // As root, who may open it in spite of TIOCEXCL.
    if let Ok(other_program) = std::fs::File::open(cable.port()) {
        assert!(Flock::lock(other_program, FlockArg::LockExclusiveNonblock).is_err());
    }
    line.stop().await;
}

#[tokio::test]
async fn a_line_with_rts_cts_opens_its_port_with_it() {
    use nix::sys::termios::{ControlFlags, tcgetattr};
    for (handshake, wires) in [("none", false), ("rts_cts", true)] {
        let cable = Cable::new();
        let port = cable.port().to_str().unwrap().to_owned();
        let mut line = start(&format!(
            "[[line]]\nid = \"oxi\"\nserial = {port:?}\nfamily = \"nonin\"\ndevice = \"oxi\"\nhandshake = {handshake:?}\n"
        ));
        assert_eq!(line.next_link().await, PortState::Open);
        let settings = tcgetattr(cable.port_end()).unwrap();
        assert_eq!(settings.control_flags.contains(ControlFlags::CRTSCTS), wires);
        line.stop().await;
    }
}

#[tokio::test]
async fn a_path_that_is_no_serial_port_says_so() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut line = run(serial(file.path()));
    let PortState::Closed { reason } = line.next_link().await else {
        panic!("open")
    };
    assert!(reason.contains("is not a serial port"), "{reason}");
    line.stop().await;
}

#[tokio::test]
async fn random_bytes_are_faults_and_never_the_end_of_a_line() {
    let mut cable = Cable::new();
    let port = cable.port().to_str().unwrap().to_owned();
    let nonin = format!("[[line]]\nid = \"oxi\"\nserial = {port:?}\nfamily = \"nonin\"\ndevice = \"oxi\"\n");
    let mut line = start(&nonin);
    assert_eq!(line.next_link().await, PortState::Open);
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    for _ in 0..200 {
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random.to_le_bytes()[0]
        })
        .take(100)
        .collect();
        cable.send(&noise);
        line.during(Duration::from_millis(5)).await;
    }
    let count = &line.counters.snapshot()[0];
    assert!(
        count.faults.values().sum::<u64>() > 10 && count.opened == 1,
        "{count:?}"
    );
    line.stop().await;
}

#[tokio::test]
async fn a_device_on_the_lan_that_comes_later_is_found() -> io::Result<()> {
    let placeholder = TcpListener::bind("127.0.0.1:0").await?;
    let address = placeholder.local_addr()?;
    drop(placeholder);
    let mut line = run(Address::Tcp(address.to_string()));
    let PortState::Closed { reason } = line.next_link().await else {
        panic!("open")
    };
    assert!(
        reason.contains(&address.to_string()) && reason.contains("refused"),
        "{reason}"
    );

    let server = TcpListener::bind(address).await?;
    let (mut device_end, _) = server.accept().await?;
    assert_eq!(line.next_link().await, PortState::Open);
    device_end.write_all(&[97]).await?;
    assert_eq!(line.next().await.what, Heard::Seen(seen(97)));

    drop(device_end);
    let PortState::Closed { reason } = line.next_link().await else {
        panic!("open")
    };
    assert!(reason.contains("closed the connection"), "{reason}");
    line.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_stopped_line_leaves_nothing_behind() {
    let metrics = tokio::runtime::Handle::current().metrics();
    let before = metrics.num_alive_tasks();
    let cable = Cable::new();
    let open = run(serial(cable.port()));
    let missing = run(serial(Path::new("/nonexistent/port")));
    let unheard = run(Address::Tcp("127.0.0.1:1".to_owned()));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(metrics.num_alive_tasks(), before + 3);
    for line in [open, missing, unheard] {
        let asked = clock().now();
        line.stop().await;
        assert!(clock().now().since(asked) < Duration::from_secs(1));
    }
    assert_eq!(metrics.num_alive_tasks(), before);
    assert!(
        Flock::lock(
            std::fs::File::open(cable.port()).unwrap(),
            FlockArg::LockExclusiveNonblock
        )
        .is_ok()
    );
}

#[tokio::test]
async fn a_line_whose_events_nobody_takes_stops_its_beat() {
    let mut cable = Cable::new();
    let health = Health::default();
    let (reporter, events, _) = reporter_of(&health, Duration::from_millis(1_500), &["oxi"]);
    let stream = Stream {
        address: serial(cable.port()),
        talk: Talk {
            device: device("oxi"),
            dialogue: Box::new(|| Box::new(Bytes::default())),
            reporter,
            capture: None,
            tap: Tap::default(),
            is_seldom: false,
        },
    };
    let task = tokio::spawn(stream.run());
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(
        health.stalled(clock().now()),
        [],
        "a quiet line is not a stalled one"
    );
    cable.send(&[97; 300]);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(health.stalled(clock().now()).len(), 1);
    task.abort();
    drop(events);
}

#[tokio::test]
async fn i10_a_port_that_hangs_in_opening_is_told_once_and_its_line_stays_alive() {
    let health = Health::default();
    let (reporter, mut events, _) = reporter_of(&health, Duration::from_secs(3), &["oxi"]);
    let address = serial(std::path::Path::new("/dev/ttyUSB9"));
    let (finish, opening) = tokio::sync::oneshot::channel();
    let task = tokio::spawn(async move {
        let time_max = Duration::from_millis(200);
        patiently(opening, time_max, || address.slow(), &reporter).await
    });
    let told = tokio::time::timeout(PATIENCE, events.recv())
        .await
        .unwrap()
        .unwrap();
    let Heard::Link(PortState::Closed { reason }) = told.what else {
        panic!("{told:?}")
    };
    assert!(
        reason.contains("/dev/ttyUSB9") && reason.contains("does not open"),
        "{reason}"
    );
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(health.stalled(clock().now()), [], "the watchdog is fed");
    assert!(events.try_recv().is_err(), "said once");
    finish.send(7).unwrap();
    let opened = tokio::time::timeout(PATIENCE, task).await.unwrap().unwrap();
    assert_eq!(opened, Ok(7), "what opens late is used");
}
