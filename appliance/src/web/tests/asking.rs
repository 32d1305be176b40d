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

#[test]
fn w3_on_loopback_only_names_of_this_machine_are_answered() {
    let mut running = Running::start();
    let port = running.address.port();
    let ask = |host: &str, path: &str| {
        running.ask(&format!("GET {path} HTTP/1.1\r\n{host}Connection: close\r\n\r\n"))
    };
    for host in ["localhost", "LOCALHOST", "127.0.0.1", "[::1]"] {
        for port in [String::new(), format!(":{port}"), ":8443".to_owned()] {
            let host = format!("Host: {host}{port}\r\n");
            assert_eq!(ask(&host, "/api/v1/ward").0, 200, "{host}");
        }
    }
    for host in [
        "Host: evil.example\r\n",
        "Host: localhost.evil.example\r\n",
        "Host: 127.0.0.1.evil.example:80\r\n",
        "Host: 192.0.2.1\r\n",
        "Host: \r\n",
    ] {
        for path in ["/", "/api/v1/ward", "/api/v1/live"] {
            let (status, answer) = ask(host, path);
            assert_eq!(status, 403, "{host}{path}");
            assert!(
                answer.contains("{\"error\":\"this page is only for browsers on this machine"),
                "{answer}"
            );
        }
    }
    let rebound = format!(
        "POST /api/v1/alarms/0000000100000007-3/acknowledge HTTP/1.1\r\nHost: evil.example:{port}\r\n\
         Origin: http://evil.example:{port}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\
         Connection: close\r\n\r\n{{}}"
    );
    assert_eq!(running.ask(&rebound).0, 403);
    assert!(running.requests.try_recv().is_err(), "nothing reached the core");
}
