//! The live picture over a WebSocket.

use super::*;
use crate::access::manage::Order;
use crate::view::{AlertView, DeliveryView};
use vitals::delivery::{Act, Deed, State};
use vitals::{AlarmKind, AlarmPhase, Priority};

/// Asks for the live picture; the status, and the stream after the head.
fn upgrade(bench: &Bench) -> (String, TcpStream) {
    let mut stream = TcpStream::connect(bench.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let (host, cookie) = (bench.address, bench.cookie());
    write!(
        stream,
        "GET /api/v1/live HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n{cookie}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    .unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    (status(&head).to_owned(), stream)
}

/// Reads one text message of a WebSocket; a server's messages are not masked and these are not split.
fn message(stream: &mut TcpStream) -> Value {
    let mut head = [0; 2];
    stream.read_exact(&mut head).unwrap();
    assert_eq!(head[0], 0x81, "one whole text message");
    let length = match head[1] {
        126 => {
            let mut long = [0; 2];
            stream.read_exact(&mut long).unwrap();
            usize::from(u16::from_be_bytes(long))
        }
        short => usize::from(short),
    };
    let mut text = vec![0; length];
    stream.read_exact(&mut text).unwrap();
    serde_json::from_slice(&text).unwrap()
}

#[test]
fn i9_nobody_listens_without_being_signed_in_and_the_picture_ends_with_the_right() {
    let mut bench = Bench::new();
    let (status, mut stream) = upgrade(&bench);
    assert_eq!(status, "101");
    assert_eq!(message(&mut stream)["type"], "snapshot");
    bench.office.order(Order::Disable("rao".into())).unwrap();
    // Beats that were on their way, then the close frame with 4401.
    let mut head = [0; 2];
    let code = loop {
        stream.read_exact(&mut head).unwrap();
        let mut rest = vec![0; usize::from(head[1])];
        stream.read_exact(&mut rest).unwrap();
        if head[0] == 0x88 {
            break u16::from_be_bytes([rest[0], rest[1]]);
        }
    };
    assert_eq!(code, 4401);
    assert_eq!(upgrade(&bench).0, "401", "signed out");
    bench.token = None;
    assert_eq!(upgrade(&bench).0, "401", "nobody");
}

#[test]
fn the_live_picture_comes_at_once_then_on_change_and_beats_every_second_without_a_gap_in_seq() {
    let bench = Bench::new();
    bench.show("first");
    let (_, mut stream) = upgrade(&bench);
    let first = message(&mut stream);
    assert_eq!(
        (first["type"].as_str(), first["seq"].as_u64()),
        (Some("snapshot"), Some(0))
    );
    assert_eq!(first["centre"], "first");
    let mut beats = 0;
    for seq in 1..4 {
        let beat = message(&mut stream);
        assert_eq!(beat["seq"].as_u64(), Some(seq));
        beats += u64::from(beat["type"] == "beat");
    }
    assert_eq!(beats, 3);
    // Many changes while a browser is slow: it gets the newest, not all.
    for n in 0..1_000 {
        bench.show(&format!("change {n}"));
    }
    let mut pictures = Vec::new();
    for seq in 4.. {
        let next = message(&mut stream);
        assert_eq!(next["seq"].as_u64(), Some(seq));
        if next["type"] == "beat" && !pictures.is_empty() {
            break;
        }
        if next["type"] == "snapshot" {
            pictures.push(next["centre"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(pictures.last().map(String::as_str), Some("change 999"));
    assert!(pictures.len() < 10, "{}", pictures.len());
}

/// One alert of the picture.
fn alert(number: u32) -> AlertView {
    AlertView {
        post: "demo".parse().unwrap(),
        id: vitals::AlarmId {
            epoch: Epoch(1),
            number,
        },
        condition: "desaturation".parse().unwrap(),
        priority: Priority::High,
        kind: AlarmKind::Physiological,
        phase: AlarmPhase::Active,
        bed: None,
        bed_label: None,
        value: None,
        limit: None,
        device: None,
        unit: String::new(),
        text: String::new(),
        onset_wall_ms: None,
        received_wall_ms: 0,
        delay_ms: None,
        past: false,
        ended_unheard: false,
        onsets: 1,
        acknowledged_by: None,
        announced_wall_ms: None,
        seen: vec![],
        delivery: DeliveryView {
            state: State::AtCentre,
            responsible: None,
            steps: vec![],
        },
    }
}

/// Sends one text message as a browser does; a mask of zeros leaves it as it is.
fn say(stream: &mut TcpStream, text: &str) {
    let length = u16::try_from(text.len()).unwrap().to_be_bytes();
    let frame = [&[0x81, 0x80 | 126][..], &length, &[0; 4], text.as_bytes()].concat();
    stream.write_all(&frame).unwrap();
}

#[test]
fn i6_a_page_says_what_stands_on_its_screen_and_only_what_is_in_the_picture_counts() {
    let mut bench = Bench::new();
    let alerts = (1..=60).map(alert).collect();
    bench.view.send_replace(Arc::new(View {
        alerts,
        ..View::default()
    }));
    let (_, mut stream) = upgrade(&bench);
    message(&mut stream);
    let mut requests = bench.requests.take().unwrap();
    let mut said = |text: &str| {
        // The next message of the server comes after it has heard this one; and pages say something now and then only.
        thread::sleep(crate::web::live::SAID_EVERY * 2);
        say(&mut stream, text);
        message(&mut stream);
        message(&mut stream);
        requests.try_recv().ok().map(|request| match request.kind {
            CommandKind::Deed(Deed {
                alarm, by_id, act, ..
            }) => (alarm.number, by_id, act),
            other => panic!("{other:?}"),
        })
    };
    let one = |what: &str, post: &str, id: &str| {
        format!(r#"{{"type":"{what}","alerts":[{{"post":"{post}","id":"{id}"}}]}}"#)
    };
    let id = "0000000000000001-3";
    assert_eq!(
        said(&one("shown", "demo", id)),
        Some((3, "rao".to_owned(), Act::Shown))
    );
    assert_eq!(
        said(&one("read", "demo", id)),
        Some((3, "rao".to_owned(), Act::Read))
    );
    for foreign in [
        one("accepted", "demo", id),
        one("shown", "elsewhere", id),
        one("shown", "demo", "0000000000000001-99"),
        one("shown", "demo", "x"),
        r#"{"type":"shown","alerts":[],"by":"Dr Sen"}"#.to_owned(),
        "{".to_owned(),
    ] {
        assert_eq!(said(&foreign), None, "{foreign}");
    }
}
