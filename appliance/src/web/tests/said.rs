//! What a page says through its connection, and what it is told there.

use std::io::Write;

use super::*;
use live::{Frame, Lane};

/// The opcode of the next frame, and what is in it.
fn raw(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let mut head = [0u8; 2];
    stream.read_exact(&mut head).unwrap();
    let length = match head[1] {
        126 => {
            let mut more = [0; 2];
            stream.read_exact(&mut more).unwrap();
            usize::from(u16::from_be_bytes(more))
        }
        127 => panic!("a frame over 64 KiB"),
        short => usize::from(short),
    };
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).unwrap();
    (head[0], bytes)
}

/// The next message of the live view.
pub(super) fn frame(stream: &mut TcpStream) -> Value {
    let (head, text) = raw(stream);
    assert_eq!(head, 0x81, "a whole text frame");
    let message = serde_json::from_slice(&text).unwrap();
    document::tests::holds_live(&message);
    message
}

/// A text frame of a browser: masked, at most 125 bytes here.
fn say(page: &mut TcpStream, text: &str) {
    let mut frame = vec![0x81, 0x80 | u8::try_from(text.len()).unwrap(), 1, 2, 3, 4];
    frame.extend(
        text.bytes()
            .zip([1, 2, 3, 4].into_iter().cycle())
            .map(|(byte, mask)| byte ^ mask),
    );
    page.write_all(&frame).unwrap();
}

fn soon(running: &Running, screens: usize) {
    let told = running.audible.screens();
    for _ in 0..1_000 {
        if *told.borrow() == screens {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{} screens, not {screens}", *told.borrow());
}

#[test]
fn a_page_counts_as_heard_from_its_word_to_the_end_of_its_connection() {
    let running = Running::start();
    let origin = format!("http://{}", running.address);
    let (mut page, _) = running.socket(&origin);
    let (mut quiet, _) = running.socket(&origin);
    frame(&mut page);
    frame(&mut quiet);
    assert_eq!(*running.audible.screens().borrow(), 0);
    say(&mut quiet, "no JSON");
    say(&mut quiet, r#"{"type":"sound","on":false}"#);
    say(&mut page, r#"{"type":"sound","on":true}"#);
    soon(&running, 1);
    drop(page);
    soon(&running, 0);
    say(&mut quiet, r#"{"type":"sound","on":true}"#);
    soon(&running, 1);
}

#[test]
fn a_page_that_says_too_much_is_cut_off() {
    let running = Running::start();
    let (mut page, _) = running.socket(&format!("http://{}", running.address));
    frame(&mut page);
    let length = u16::try_from(crate::web::said::SAID_BYTES_MAX + 1)
        .unwrap()
        .to_be_bytes();
    let mut long = vec![0x81, 0x80 | 126, length[0], length[1], 0, 0, 0, 0];
    long.resize(long.len() + crate::web::said::SAID_BYTES_MAX + 1, b' ');
    page.write_all(&long).unwrap();
    let mut rest = Vec::new();
    let ended = page.read_to_end(&mut rest);
    assert!(
        ended.is_ok() || ended.is_err_and(|e| e.kind() == io::ErrorKind::ConnectionReset),
        "within the time that a read waits"
    );
}

#[test]
fn v3_samples_come_to_a_page_that_draws_them_between_its_updates_and_to_no_other() {
    let running = Running::start();
    let origin = format!("http://{}", running.address);
    let (mut draws, _) = running.socket(&origin);
    let (mut reads, _) = running.socket(&origin);
    frame(&mut draws);
    frame(&mut reads);
    let lane = Lane {
        lane: 1,
        bed: "1".parse().unwrap(),
        device: "nonin-1".parse().unwrap(),
        code: vitals::Code::Pleth,
        label: "Pleth",
        rate_hz: 75.0,
    };
    let curves = Arc::new(vec![lane]);
    running.publisher.publish(Update::Curves { curves });
    assert_eq!(frame(&mut draws)["curves"][0]["code"], "pleth");
    assert_eq!(frame(&mut reads)["curves"][0]["rate_hz"], 75.0);
    say(&mut draws, r#"{"type":"curves","on":true}"#);
    let (mut out, mut sent) = (Frame::default(), 0);
    // The page's word has to arrive first; each frame is another one.
    let mut publish = || {
        sent += 1;
        out.push(1, sent, &[5; 25]);
        running.publisher.publish_frame(out.take().unwrap());
    };
    draws.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    let mut peeked = [0; 1];
    while draws.peek(&mut peeked).is_err() {
        publish();
    }
    draws.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let (head, bytes) = raw(&mut draws);
    assert_eq!((head, bytes.len()), (0x82, 4 + 16 + 50));
    say(&mut draws, r#"{"type":"curves","on":false}"#);
    running.publisher.publish(Update::Bed {
        bed: Arc::new(Bed {
            label: "Window".to_owned(),
            ..(*empty_bed("1")).clone()
        }),
    });
    // The numbered ones go on without a gap, whatever came between.
    let next = loop {
        let (head, bytes) = raw(&mut draws);
        if head == 0x81 {
            break serde_json::from_slice::<Value>(&bytes).unwrap();
        }
    };
    assert_eq!(
        (&next["seq"], &next["bed"]["label"]),
        (&2.into(), &"Window".into())
    );
    assert_eq!(
        frame(&mut reads)["bed"]["label"],
        "Window",
        "no samples for who draws none"
    );
}
