//! What a page says through its connection.

use std::io::Write;

use super::*;

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
    let length = u16::try_from(audible::SAID_BYTES_MAX + 1).unwrap().to_be_bytes();
    let mut long = vec![0x81, 0x80 | 126, length[0], length[1], 0, 0, 0, 0];
    long.resize(long.len() + audible::SAID_BYTES_MAX + 1, b' ');
    page.write_all(&long).unwrap();
    let mut rest = Vec::new();
    let ended = page.read_to_end(&mut rest);
    assert!(
        ended.is_ok() || ended.is_err_and(|e| e.kind() == io::ErrorKind::ConnectionReset),
        "within the time that a read waits"
    );
}
