use std::io::{Read, Write};
use std::net::TcpStream;

use super::*;
use crate::web::tests::Bench;

fn head(bench: &Bench) -> String {
    format!(
        "POST /api/v1/posts/demo/messages HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n",
        bench.address
    )
}

fn status(answer: &[u8]) -> u16 {
    let text = String::from_utf8_lossy(answer);
    let status = text.split(' ').nth(1).unwrap_or_default().to_owned();
    status.parse().unwrap_or_else(|_| panic!("no answer: {text:?}"))
}

#[test]
fn a_body_that_trickles_is_cut_off_after_a_time_however_busy_it_looks() {
    let bench = Bench::new();
    let mut page = TcpStream::connect(bench.address).unwrap();
    page.write_all(format!("{}Content-Length: 1000\r\n\r\n", head(&bench)).as_bytes())
        .unwrap();
    page.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    let mut answer = Vec::new();
    let mut chunk = [0; 1_024];
    let mut rounds = 0;
    while answer.is_empty() && rounds < 60 {
        // The other side may have closed by now.
        let _ = page.write_all(b" ");
        if let Ok(length) = page.read(&mut chunk) {
            answer.extend_from_slice(&chunk[..length]);
        }
        rounds += 1;
    }
    assert_eq!(status(&answer), 408);
    assert!((20..45).contains(&rounds), "half seconds: {rounds}");
}

#[test]
fn a_body_that_is_too_large_is_refused_whether_it_says_so_or_not() {
    let bench = Bench::new();
    let (head, text) = (head(&bench), " ".repeat(BODY_BYTES_MAX + 1));
    let whole = format!("{head}Content-Length: {}\r\n\r\n{text}", text.len());
    let chunked = format!(
        "{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{text}\r\n0\r\n\r\n",
        text.len()
    );
    for request in [whole, chunked] {
        let mut page = TcpStream::connect(bench.address).unwrap();
        page.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        page.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        // It may be reset after the answer, because not all was read.
        let _ = page.read_to_end(&mut answer);
        assert_eq!(status(&answer), 413);
    }
}

#[test]
fn the_page_needs_nothing_but_its_own_files() {
    let bench = Bench::new();
    let page = bench.get("/");
    let policy = page
        .lines()
        .find(|line| line.starts_with("content-security-policy: "));
    let policy = policy.expect("a policy");
    assert!(
        policy.contains("default-src 'self'") && !policy.contains("unsafe"),
        "{policy}"
    );
    let from = |at: usize| page[at..].split_once('>').map_or("", |(tag, _)| tag);
    let scripts = page
        .match_indices("<script")
        .filter(|(at, _)| !from(*at).contains("src="));
    assert_eq!(
        (scripts.count(), page.matches("<style").count()),
        (0, 0),
        "{page}"
    );
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
