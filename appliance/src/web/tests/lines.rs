//! What the technician is told of lines.

use super::*;

pub(super) fn a_line() -> LineNow {
    LineNow {
        line: "oxi-1".to_owned(),
        family: "nonin",
        at: "/dev/ttyUSB0".to_owned(),
        devices: vec!["oxi-1".parse().unwrap()],
        added: true,
        port: LinePort::Closed,
        reason: Some("not there".to_owned()),
        opened: 2,
        bytes: 375,
        heard_ms_ago: None,
        good_ms_ago: Some(5),
        seen: 4,
        faults: [("bad_checksum", 1)].into(),
        faults_per_minute: [("bad_checksum", 1)].into(),
        skipped_bytes: 3,
        stray_bytes: 0,
        unknown_codes: vec![UnknownCode { code: 4711, count: 2 }],
        unknown_codes_left_out: 0,
        recording: Some(RecordingNow { left_s: 3, bytes: 9 }),
    }
}

#[test]
fn the_lines_are_told_with_their_counters() {
    let running = Running::start();
    let (status, answer) = running.ask(&format!(
        "GET /api/v1/lines HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        running.address
    ));
    assert_eq!(status, 200);
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    let expected = r#"{"lines":[{"line":"oxi-1","family":"nonin","at":"/dev/ttyUSB0","devices":["oxi-1"],"added":true,"port":"closed","reason":"not there","opened":2,"bytes":375,"heard_ms_ago":null,"good_ms_ago":5,"seen":4,"faults":{"bad_checksum":1},"faults_per_minute":{"bad_checksum":1},"skipped_bytes":3,"stray_bytes":0,"unknown_codes":[{"code":4711,"count":2}],"unknown_codes_left_out":0,"recording":{"left_s":3,"bytes":9}}]}"#;
    let expected: Value = serde_json::from_str(expected).unwrap();
    assert_eq!(serde_json::from_str::<Value>(body).unwrap(), expected);
}
