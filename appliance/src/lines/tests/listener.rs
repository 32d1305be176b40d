//! Lines that devices connect to. Who says here that a message is durable is the test.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use vitals::Code;

use super::*;
use crate::lines::listener::CONNECTIONS_MAX;

/// A port of this machine that nobody uses.
pub(super) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn listening(port: u16) -> Running {
    start(&format!(
        "[[bed]]\nid = \"1\"\n[[bed]]\nid = \"2\"\n[[line]]\nid = \"gate\"\nlisten = \"127.0.0.1:{port}\"\n\
         senders = [\"127.0.0.1\"]\nfamily = \"hl7\"\n\
         [[line.source]]\nlocation = \"ICU^^3\"\ndevice = \"m3\"\nbed = \"1\"\n\
         [[line.source]]\nlocation = \"ICU^^4\"\ndevice = \"m4\"\nbed = \"2\"\n"
    ))
}

/// A message about a bed, with these OBX rows.
fn message(id: u32, bed: &str, rows: &[&str]) -> Vec<u8> {
    let rows = rows.join("\r");
    let text = format!(
        "\x0bMSH|^~\\&|GW|H|VP|POST|202609121200{:02}||ORU^R01^ORU_R01|{id}|P|2.6|||AL|NE\r\
         PV1|1|I|ICU^R^{bed}\r{rows}\r\x1c\r",
        id % 60
    );
    text.into_bytes()
}

fn spo2(value: &str) -> String {
    format!("OBX|1|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.1|{value}|262688^MDC_DIM_PERCENT^MDC|||||F")
}

async fn connect(line: &mut Running, port: u16) -> TcpStream {
    if line.counters.snapshot()[0].port != Some(PortState::Open) {
        while line.next_link().await != PortState::Open {}
    }
    TcpStream::connect(("127.0.0.1", port)).await.unwrap()
}

/// Everything up to the next wish for a receipt: device and value or fault, and the wish.
async fn until_receipt(line: &mut Running) -> (Vec<String>, Receipt) {
    let mut told = Vec::new();
    loop {
        let event = line.next().await;
        match event.what {
            Heard::Receipt(receipt) => return (told, receipt),
            Heard::Seen(Seen::Vital(seen)) => {
                assert_eq!(seen.code, Code::Spo2);
                told.push(format!("{}={}", event.device, seen.measured.value().unwrap()));
            }
            Heard::Fault(fault) => told.push(format!("{}:{}", event.device, fault_name(fault))),
            Heard::Link(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

fn keep(receipt: &Receipt) {
    receipt.take().unwrap().send(()).unwrap();
}

/// The answers that have come, as `CA 1`; at least one.
async fn answers(stream: &mut (impl AsyncReadExt + Unpin), count: usize) -> Vec<String> {
    let mut bytes = Vec::new();
    while bytes.iter().filter(|byte| **byte == 0x1C).count() < count {
        let mut buffer = [0; 4096];
        let read = tokio::time::timeout(PATIENCE, stream.read(&mut buffer))
            .await
            .unwrap()
            .unwrap();
        assert!(read > 0, "the connection has ended");
        bytes.extend(&buffer[..read]);
    }
    let text = String::from_utf8(bytes).unwrap();
    let lines = text.split('\r').filter_map(|line| line.strip_prefix("MSA|"));
    lines.map(|line| line.replace('|', " ")).collect()
}

async fn is_quiet(stream: &mut TcpStream) -> bool {
    let mut buffer = [0; 64];
    tokio::time::timeout(Duration::from_millis(200), stream.read(&mut buffer))
        .await
        .is_err()
}

#[tokio::test]
async fn i3_two_beds_on_one_port_and_none_that_is_not_configured() {
    let port = free_port();
    let mut line = listening(port);
    let mut gate = connect(&mut line, port).await;
    let three = [
        message(1, "3", &[&spo2("93")]),
        message(2, "4", &[&spo2("94")]),
        message(3, "5", &[&spo2("95")]),
    ];
    gate.write_all(&three.concat()).await.unwrap();
    for expected in [&["m3=93"][..], &["m4=94"], &[]] {
        let (told, receipt) = until_receipt(&mut line).await;
        assert_eq!(told, expected);
        keep(&receipt);
    }
    assert_eq!(answers(&mut gate, 3).await, ["CA 1", "CA 2", "CE 3"]);
    assert_eq!(line.counters.snapshot()[0].faults["unknown_location"], 1);
    line.stop().await;
}

#[tokio::test]
async fn i1_no_answer_before_the_receipt_and_answers_in_order() {
    let port = free_port();
    let mut line = listening(port);
    let mut gate = connect(&mut line, port).await;
    gate.write_all(&message(1, "3", &[&spo2("93")])).await.unwrap();
    gate.write_all(&message(2, "3", &[&spo2("94")])).await.unwrap();
    let (told, first) = until_receipt(&mut line).await;
    assert_eq!(told, ["m3=93"]);
    // The second is heard although the first is not yet durable.
    let (told, second) = until_receipt(&mut line).await;
    assert_eq!(told, ["m3=94"]);
    keep(&second);
    assert!(is_quiet(&mut gate).await);
    keep(&first);
    assert_eq!(answers(&mut gate, 2).await, ["CA 1", "CA 2"]);
    line.stop().await;
}

#[tokio::test]
async fn a_repeat_is_answered_and_told_once_over_whatever_connection() {
    let port = free_port();
    let mut line = listening(port);
    let mut gate = connect(&mut line, port).await;
    gate.write_all(&message(7, "3", &[&spo2("93")])).await.unwrap();
    let (_, receipt) = until_receipt(&mut line).await;
    drop(gate);
    let mut gate = connect(&mut line, port).await;
    gate.write_all(&message(7, "3", &[&spo2("93")])).await.unwrap();
    let (told, again) = until_receipt(&mut line).await;
    assert!(told.is_empty(), "{told:?}");
    keep(&receipt);
    keep(&again);
    assert_eq!(answers(&mut gate, 1).await, ["CA 7"]);
    line.stop().await;
}

#[tokio::test]
async fn i1_a_message_that_was_not_kept_ends_the_connection_and_is_new_when_it_comes_again() {
    let dated = format!("{}|||20260912120007", spo2("93"));
    let port = free_port();
    let mut line = listening(port);
    let mut gate = connect(&mut line, port).await;
    gate.write_all(&message(7, "3", &[&dated])).await.unwrap();
    let (_, receipt) = until_receipt(&mut line).await;
    drop(receipt.take());
    assert_eq!(gate.read(&mut [0; 64]).await.unwrap(), 0);
    let mut gate = connect(&mut line, port).await;
    gate.write_all(&message(7, "3", &[&dated])).await.unwrap();
    let (told, receipt) = until_receipt(&mut line).await;
    // The same value of the same time is told again: the store has lost it.
    assert_eq!(told, ["m3=93"]);
    keep(&receipt);
    assert_eq!(answers(&mut gate, 1).await, ["CA 7"]);
    line.stop().await;
}

#[tokio::test]
async fn torn_and_oversized_blocks_cost_only_themselves_and_one_bad_item_only_itself() {
    let port = free_port();
    let mut line = listening(port);
    let gate = connect(&mut line, port).await;
    let mut bytes = message(1, "3", &[&spo2("91")])[..60].to_vec();
    let mut huge = message(2, "3", &[&spo2("92")]);
    let end = huge.len() - 2;
    huge.splice(end..end, vec![b'x'; (1 << 20) + 9]);
    bytes.extend(&huge);
    bytes.extend(message(3, "3", &[&spo2("9x"), &spo2("93")]));
    let (mut reading, mut writing) = gate.into_split();
    let sent = tokio::spawn(async move { writing.write_all(&bytes).await.map(|()| writing) });
    for expected in [&[][..], &["m3:bad_item", "m3=93"]] {
        let (told, receipt) = until_receipt(&mut line).await;
        assert_eq!(told, expected);
        keep(&receipt);
    }
    let _writing = sent.await.unwrap().unwrap();
    assert_eq!(answers(&mut reading, 2).await, ["CR 2", "CA 3"]);
    let count = &line.counters.snapshot()[0];
    assert_eq!((count.faults["too_long"], count.faults["resynchronised"]), (1, 1));
    assert_eq!(count.kept, [spo2("9x")]);
    line.stop().await;
}

#[tokio::test]
async fn only_senders_that_are_named_are_listened_to_and_not_too_many() {
    let port = free_port();
    let mut line = start(&format!(
        "[[bed]]\nid = \"1\"\n[[line]]\nid = \"gate\"\nlisten = \"127.0.0.1:{port}\"\nsenders = [\"127.0.0.2\"]\n\
         family = \"hl7\"\n[[line.source]]\nlocation = \"ICU^^3\"\ndevice = \"m3\"\nbed = \"1\"\n"
    ));
    let mut stranger = connect(&mut line, port).await;
    let ended = tokio::time::timeout(PATIENCE, stranger.read(&mut [0; 8]))
        .await
        .unwrap();
    assert!(matches!(ended, Ok(0) | Err(_)));
    line.stop().await;

    let port = free_port();
    let mut line = listening(port);
    let mut first = connect(&mut line, port).await;
    let mut others = Vec::new();
    for _ in 1..=CONNECTIONS_MAX {
        others.push(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
    }
    let last = others.last_mut().unwrap();
    let ended = tokio::time::timeout(PATIENCE, last.read(&mut [0; 8]))
        .await
        .unwrap();
    assert!(matches!(ended, Ok(0) | Err(_)));
    first.write_all(&message(1, "3", &[&spo2("93")])).await.unwrap();
    assert_eq!(until_receipt(&mut line).await.0, ["m3=93"]);
    line.stop().await;
}

#[tokio::test]
async fn a_port_that_is_taken_is_told_and_tried_again() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let mut line = listening(port);
    let PortState::Closed { reason } = line.next_link().await else {
        panic!("it is taken")
    };
    assert!(reason.contains("cannot listen on 127.0.0.1:"), "{reason}");
    drop(taken);
    while line.next_link().await != PortState::Open {}
    line.stop().await;
}
