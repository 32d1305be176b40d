use std::io::{Read, Write};
use std::time::Instant;

use super::*;
use crate::web::tests::Running;

const HEAD: &str =
    "POST /api/v1/laboratory/assign HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

fn status(answer: &[u8]) -> u16 {
    let text = String::from_utf8_lossy(answer);
    let status = text.split(' ').nth(1).unwrap_or_default().to_owned();
    status.parse().unwrap_or_else(|_| panic!("no answer: {text:?}"))
}

#[test]
fn a_body_that_trickles_is_cut_off_after_a_time_however_busy_it_looks() {
    let running = Running::start();
    let mut page = running.connect();
    page.write_all(format!("{HEAD}Content-Length: 1000\r\n\r\n").as_bytes())
        .unwrap();
    page.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    #[expect(clippy::disallowed_methods, reason = "the test's own watch")]
    let start = Instant::now();
    let mut answer = Vec::new();
    let mut chunk = [0; 1_024];
    while start.elapsed() < 3 * BODY_WITHIN {
        // The other side may have closed by now.
        let _ = page.write_all(b" ");
        match page.read(&mut chunk) {
            Ok(0) => break,
            Ok(length) => answer.extend_from_slice(&chunk[..length]),
            Err(_) if answer.is_empty() => {}
            Err(_) => break,
        }
    }
    assert_eq!(status(&answer), 408);
    assert!(start.elapsed() < 2 * BODY_WITHIN, "{:?}", start.elapsed());
}

#[test]
fn a_body_that_is_too_large_is_refused_whether_it_says_so_or_not() {
    let running = Running::start();
    let text = " ".repeat(BODY_BYTES_MAX + 1);
    let whole = format!("{HEAD}Content-Length: {}\r\n\r\n{text}", text.len());
    let chunked = format!(
        "{HEAD}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{text}\r\n0\r\n\r\n",
        text.len()
    );
    for request in [whole, chunked] {
        let mut page = running.connect();
        page.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        // It may be reset after the answer, because not all was read.
        let _ = page.read_to_end(&mut answer);
        assert_eq!(status(&answer), 413);
    }
}

#[test]
fn what_was_sent_is_not_said_again() {
    for (said, expected) in [
        (
            "Failed to parse: ids: invalid type: string \"Zzyx Qq\", expected a sequence at line 1 column 9",
            "something is not as it is asked for here at line 1 column 9 of what was sent",
        ),
        (
            "missing field `saw` at line 1 column 2",
            "missing field `saw` at line 1 column 2 of what was sent",
        ),
        (
            "unknown field `Zzyx at line 3 Qq`, expected `by`",
            "something is not as it is asked for here",
        ),
    ] {
        assert_eq!(complaint(said), expected);
    }
}
