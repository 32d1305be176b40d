//! Laboratory analysers: an acknowledgement waits for the card, and an analyser may dial the post. Who says here that a result
//! is durable is the test.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::device::Cable;
use super::listener::free_port;
use super::*;

const ENQ: u8 = 0x05;
const ACK: u8 = 0x06;
const EOT: u8 = 0x04;

fn frame(number: u8, text: &str) -> Vec<u8> {
    let inner = [&[b'0' + number], text.as_bytes(), b"\r\x03"].concat();
    let sum = inner.iter().map(|byte| u32::from(*byte)).sum::<u32>() % 256;
    [&[2][..], &inner, format!("{sum:02X}\r\n").as_bytes()].concat()
}

/// ENQ and the frames of a message with one result, the L record last.
fn message(specimen: &str) -> Vec<Vec<u8>> {
    let order = format!("O|1|{specimen}||^^^CBC");
    let records = [
        "H|\\^&|||Sim|||||||P||20240514112500",
        &order,
        "R|1|^^^HGB|6.9|g/dL||LL||F||||20240514112400",
        "L|1|N",
    ];
    let frames = (1..).zip(records).map(|(number, text)| frame(number, text));
    std::iter::once(vec![ENQ]).chain(frames).collect()
}

/// The end of a line that the analyser holds.
trait Held {
    async fn say(&mut self, bytes: &[u8]);
    /// What comes within this time.
    async fn hear(&mut self, time: Duration) -> Vec<u8>;
}

impl Held for Cable {
    async fn say(&mut self, bytes: &[u8]) {
        self.send(bytes);
    }

    async fn hear(&mut self, time: Duration) -> Vec<u8> {
        let until = clock().now() + time;
        let mut heard = self.take();
        while heard.is_empty() && clock().now() < until {
            tokio::time::sleep(Duration::from_millis(5)).await;
            heard = self.take();
        }
        heard
    }
}

impl Held for TcpStream {
    async fn say(&mut self, bytes: &[u8]) {
        self.write_all(bytes).await.unwrap();
    }

    async fn hear(&mut self, time: Duration) -> Vec<u8> {
        let mut buffer = [0; 64];
        let read = tokio::time::timeout(time, self.read(&mut buffer)).await;
        read.map_or(Vec::new(), |count| buffer[..count.unwrap()].to_vec())
    }
}

/// Sends all but the last frame, each when the one before is acknowledged, and then the last one.
async fn send(end: &mut impl Held, frames: &[Vec<u8>]) {
    let (last, before) = frames.split_last().unwrap();
    for frame in before {
        end.say(frame).await;
        assert_eq!(end.hear(PATIENCE).await, [ACK]);
    }
    end.say(last).await;
}

/// Up to the next wish for a receipt: specimens and values, and the wish.
async fn until_receipt(line: &mut Running) -> (Vec<String>, Receipt) {
    let mut told = Vec::new();
    loop {
        match line.next().await.what {
            Heard::Receipt(receipt) => return (told, receipt),
            Heard::Seen(Seen::Lab(result)) => {
                told.push(format!("{} {}", result.specimen.reveal(), result.value));
            }
            Heard::Fault(fault) => told.push(fault_name(fault).to_owned()),
            Heard::Link(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

fn keep(receipt: &Receipt) {
    receipt.take().unwrap().send(()).unwrap();
}

const QUIET: Duration = Duration::from_millis(300);

#[tokio::test]
async fn i1_the_last_frame_is_acknowledged_when_its_results_are_kept() {
    let mut cable = Cable::new();
    let port = cable.port().to_str().unwrap().to_owned();
    let mut line = start(&format!(
        "[[line]]\nid = \"lab\"\nserial = {port:?}\nfamily = \"astm\"\ndevice = \"cbc\"\n"
    ));
    while line.next_link().await != PortState::Open {}
    send(&mut cable, &message("S-1")).await;
    let (told, receipt) = until_receipt(&mut line).await;
    assert_eq!(told, ["S-1 6.9"]);
    assert!(
        cable.hear(QUIET).await.is_empty(),
        "acknowledged before it was kept"
    );
    keep(&receipt);
    assert_eq!(cable.hear(PATIENCE).await, [ACK]);
    // The message again, as after an acknowledgement that was lost: once is enough.
    cable.send(&[EOT]);
    send(&mut cable, &message("S-1")).await;
    let (told, receipt) = until_receipt(&mut line).await;
    assert!(told.is_empty(), "{told:?}");
    keep(&receipt);
    assert_eq!(cable.hear(PATIENCE).await, [ACK]);
    line.stop().await;
}

#[tokio::test]
async fn i1_what_was_not_kept_is_not_acknowledged_and_told_again_when_it_comes_again() {
    let mut cable = Cable::new();
    let port = cable.port().to_str().unwrap().to_owned();
    let mut line = start(&format!(
        "[[line]]\nid = \"lab\"\nserial = {port:?}\nfamily = \"astm\"\ndevice = \"cbc\"\n"
    ));
    while line.next_link().await != PortState::Open {}
    send(&mut cable, &message("S-1")).await;
    let (told, receipt) = until_receipt(&mut line).await;
    assert_eq!(told, ["S-1 6.9"]);
    drop(receipt.take());
    assert!(
        cable.hear(QUIET).await.is_empty(),
        "acknowledged though it was not kept"
    );
    let opened = |line: &Running| line.counters.snapshot()[0].opened;
    tokio::time::timeout(PATIENCE, async {
        while opened(&line) < 2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .expect("the line goes on");
    send(&mut cable, &message("S-1")).await;
    let (told, receipt) = until_receipt(&mut line).await;
    assert_eq!(told, ["S-1 6.9"], "the store has lost it");
    keep(&receipt);
    assert_eq!(cable.hear(PATIENCE).await, [ACK]);
    line.stop().await;
}

fn dialled(port: u16, senders: &str) -> Running {
    start(&format!(
        "[[line]]\nid = \"lab\"\nlisten = \"127.0.0.1:{port}\"\nsenders = {senders}\nfamily = \"astm\"\ndevice = \"cbc\"\n"
    ))
}

async fn dial(line: &mut Running, port: u16) -> TcpStream {
    if line.counters.snapshot()[0].port != Some(PortState::Open) {
        while line.next_link().await != PortState::Open {}
    }
    TcpStream::connect(("127.0.0.1", port)).await.unwrap()
}

#[tokio::test]
async fn d3_an_analyser_dials_for_each_message_and_nothing_is_told_twice() {
    let port = free_port();
    let mut line = dialled(port, "[\"127.0.0.1\"]");
    let mut analyser = dial(&mut line, port).await;
    send(&mut analyser, &message("S-1")).await;
    let (told, receipt) = until_receipt(&mut line).await;
    assert_eq!(told, ["S-1 6.9"]);
    // It hangs up before the acknowledgement arrives, and sends the same over a new connection.
    drop(analyser);
    keep(&receipt);
    let mut analyser = dial(&mut line, port).await;
    send(&mut analyser, &message("S-1")).await;
    let (told, receipt) = until_receipt(&mut line).await;
    assert!(told.is_empty(), "{told:?}");
    keep(&receipt);
    assert_eq!(analyser.hear(PATIENCE).await, [ACK]);
    drop(analyser);
    // Half a message does not go on in the next connection.
    let mut analyser = dial(&mut line, port).await;
    send(&mut analyser, &message("S-2")[..4]).await;
    assert_eq!(analyser.hear(PATIENCE).await, [ACK]);
    drop(analyser);
    let mut analyser = dial(&mut line, port).await;
    send(&mut analyser, &message("S-3")).await;
    let (told, receipt) = until_receipt(&mut line).await;
    assert_eq!(told, ["broken_off", "S-3 6.9"]);
    keep(&receipt);
    assert_eq!(analyser.hear(PATIENCE).await, [ACK]);
    line.stop().await;
}

#[tokio::test]
async fn d2_a_new_connection_takes_the_place_of_one_that_is_dead() {
    let port = free_port();
    let mut line = dialled(port, "[\"127.0.0.1\"]");
    let mut dead = dial(&mut line, port).await;
    send(&mut dead, &message("S-1")[..3]).await;
    assert_eq!(dead.hear(PATIENCE).await, [ACK]);
    let mut analyser = dial(&mut line, port).await;
    send(&mut analyser, &message("S-2")).await;
    let (told, receipt) = until_receipt(&mut line).await;
    assert_eq!(told, ["broken_off", "S-2 6.9"]);
    keep(&receipt);
    assert_eq!(analyser.hear(PATIENCE).await, [ACK]);
    assert!(matches!(dead.read(&mut [0; 8]).await, Ok(0) | Err(_)));
    line.stop().await;
}

#[tokio::test]
async fn d1_only_devices_that_are_named_are_listened_to() {
    let port = free_port();
    let mut line = dialled(port, "[\"127.0.0.2\"]");
    let mut stranger = dial(&mut line, port).await;
    let ended = tokio::time::timeout(PATIENCE, stranger.read(&mut [0; 8])).await;
    assert!(matches!(ended.unwrap(), Ok(0) | Err(_)));
    // From the address that is named.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut analyser = socket.connect(([127, 0, 0, 1], port).into()).await.unwrap();
    send(&mut analyser, &message("S-1")).await;
    let (told, receipt) = until_receipt(&mut line).await;
    assert_eq!(told, ["S-1 6.9"]);
    keep(&receipt);
    assert_eq!(analyser.hear(PATIENCE).await, [ACK]);
    line.stop().await;
}

#[tokio::test]
async fn d2_anybody_else_is_turned_away_as_long_as_one_is_connected() {
    let port = free_port();
    let mut line = dialled(port, "[\"127.0.0.1\", \"127.0.0.2\"]");
    let mut analyser = dial(&mut line, port).await;
    analyser.say(&[ENQ]).await;
    assert_eq!(analyser.hear(PATIENCE).await, [ACK]);
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut other = socket.connect(([127, 0, 0, 1], port).into()).await.unwrap();
    let ended = tokio::time::timeout(PATIENCE, other.read(&mut [0; 8])).await;
    assert!(matches!(ended.unwrap(), Ok(0) | Err(_)));
    send(&mut analyser, &message("S-1")[1..]).await;
    assert_eq!(until_receipt(&mut line).await.0, ["S-1 6.9"]);
    line.stop().await;
}
