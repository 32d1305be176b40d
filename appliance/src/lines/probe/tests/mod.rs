//! What the probe writes, and where: the parts of this folder without and with a port.

mod bench;
mod matrix;

use drivers::catalog::{Family, Kind, Parity, SerialSettings, Transport};
use drivers::{Dialogue, Step};
use vitals::MonoTime;

use super::*;

/// Sends as soon as it has heard something.
#[derive(Default)]
struct Answers(bool);
impl Dialogue for Answers {
    fn heard(&mut self, _now: MonoTime, _bytes: &[u8]) {
        self.0 = true;
    }
    fn step(&mut self, now: MonoTime) -> Step {
        if std::mem::take(&mut self.0) {
            return Step::Send(b"ask".to_vec());
        }
        Step::SleepUntil(now + Duration::from_secs(9))
    }
}

static ANSWERS: Family = Family {
    name: "answers",
    title: "answers",
    folder: "answers",
    kind: Kind::Stream(|_| Ok(Box::new(Answers::default()))),
    is_laboratory: false,
    transports: &[Transport::Tcp],
    serial: SerialSettings::new(9_600, Parity::None),
    probe: &[],
    connect: None,
};

#[tokio::test]
async fn p2_i10_a_try_that_listens_writes_nothing_whatever_a_dialogue_wants() {
    for asks in [false, true] {
        let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = Address::Tcp(server.local_addr().unwrap().to_string());
        let (mut port, _) = address.open().await.unwrap();
        let (mut device, _) = server.accept().await.unwrap();
        device.write_all(b"hello").await.unwrap();
        // Time for the answer, then the device hangs up, which ends the try.
        let device = tokio::spawn(async move {
            let mut sent = [0; 16];
            let wait = tokio::time::timeout(Duration::from_millis(500), device.read(&mut sent));
            wait.await.map_or(0, |count| count.unwrap())
        });
        let what = Try {
            over: Over::Tcp,
            families: vec![&ANSWERS],
            asks,
        };
        let clock = Clock::system().unwrap();
        let (count, out) = (1, &mut Vec::new());
        let attempt = Attempt::begin(what, clock.now());
        let tried = hear(attempt, &mut port, clock, &mut Terminal { count, out }).await;
        assert_eq!(tried.notes[0].bytes, 5);
        assert_eq!(device.await.unwrap() > 0, asks);
    }
}

#[test]
fn a_port_is_a_path_or_an_address() {
    assert!(matches!(Target::of("/dev/ttyUSB0"), Ok(Target::Serial(_))));
    assert!(matches!(Target::of("192.168.1.20:502"), Ok(Target::Lan(_))));
    for wrong in ["ttyUSB0", "host", ":502", "host:x"] {
        assert!(matches!(Target::of(wrong), Err(ProbeError::NoPort(_))), "{wrong}");
    }
}
