//! TCP ports on this machine: is one free, which one is, does a page answer there.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Longest wait for an answer that a person's password is looked at for.
const PERSON_WAIT: Duration = Duration::from_secs(30);

/// Longest wait for one answer of a page.
const ANSWER_WAIT: Duration = Duration::from_secs(2);

/// Fails with one clear line when something listens on `port`.
pub fn must_be_free(port: u16, option: &str) -> Result<()> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(error) => bail!("port {port} cannot be used ({error}); choose another with {option} PORT"),
    }
}

/// A port that nobody uses now.
pub fn any_free() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port on 127.0.0.1")?;
    Ok(listener.local_addr().context("no free port on 127.0.0.1")?.port())
}

/// `GET /` there is answered with 200.
pub fn page_answers(port: u16) -> bool {
    let Some(mut stream) = connect(port) else {
        return false;
    };
    let request = format!("GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n");
    let mut head = [0u8; 12];
    stream.write_all(request.as_bytes()).is_ok()
        && stream.read_exact(&mut head).is_ok()
        && head.starts_with(b"HTTP/1.1 200")
}

/// What an API answers.
pub struct Answer {
    pub status: u16,
    pub told: Value,
    /// The cookie that it gives.
    pub cookie: String,
}

/// Asks an API there; `what` is method and path.
pub fn json(port: u16, what: &str, body: Option<&Value>, cookie: &str) -> Result<Answer> {
    let mut stream = connect(port).with_context(|| format!("nothing answers on port {port}"))?;
    stream.set_read_timeout(Some(PERSON_WAIT))?;
    let body = body.map(Value::to_string).unwrap_or_default();
    let request = format!(
        "{what} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nCookie: {cookie}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes())?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    read(&text).with_context(|| format!("{what} on port {port} is answered with no JSON"))
}

fn read(text: &str) -> Option<Answer> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let mut cookies = lines.filter_map(|line| {
        let (name, value) = line.split_once(": ")?;
        let cookie = value.split(';').next()?;
        name.eq_ignore_ascii_case("set-cookie").then(|| cookie.to_owned())
    });
    Some(Answer {
        status,
        cookie: cookies.next().unwrap_or_default(),
        told: serde_json::from_str(body).ok()?,
    })
}

fn connect(port: u16) -> Option<TcpStream> {
    let stream =
        TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), ANSWER_WAIT).ok()?;
    stream.set_read_timeout(Some(ANSWER_WAIT)).ok()?;
    Some(stream)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_named_with_the_option_that_changes_it() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = must_be_free(port, "--port-nurse").unwrap_err().to_string();
        assert!(
            error.contains(&port.to_string()) && error.contains("--port-nurse PORT"),
            "{error}"
        );
    }

    #[test]
    fn an_answer_is_read_with_its_cookie() {
        let text = "HTTP/1.1 200 OK\r\nset-cookie: a=1; Path=/; Secure\r\ncontent-length: 2\r\n\r\n{}";
        let answer = read(text).unwrap();
        assert_eq!((answer.status, answer.cookie.as_str()), (200, "a=1"));
        assert!(read("HTTP/1.1 200 OK\r\n\r\nno").is_none());
    }

    #[test]
    fn only_a_page_that_says_200_answers() {
        for (reply, answers) in [
            ("HTTP/1.1 200 OK\r\n\r\n", true),
            ("HTTP/1.1 503 No\r\n\r\n", false),
        ] {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let port = listener.local_addr().unwrap().port();
            let server = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0u8; 256];
                let _read = stream.read(&mut request).unwrap();
                stream.write_all(reply.as_bytes()).unwrap();
            });
            assert_eq!(page_answers(port), answers, "{reply}");
            server.join().unwrap();
        }
    }
}
