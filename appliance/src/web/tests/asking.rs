//! Requests as a page makes them.

use serde_json::Value;

use super::Running;

impl Running {
    /// Posts a body: the status, the head and what was answered.
    pub(in crate::web) fn post(&self, path: &str, body: &str) -> (u16, String, Value) {
        let (status, answer) = self.ask(&format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        ));
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (status, head.to_owned(), serde_json::from_str(body).unwrap())
    }

    /// The status and what was answered.
    pub(in crate::web) fn get(&self, path: &str) -> (u16, Value) {
        let (status, answer) = self.ask(&format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        ));
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        (status, serde_json::from_str(body).unwrap())
    }
}
