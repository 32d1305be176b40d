//! Messages and proposals from the page to the heart.

use super::*;

const MESSAGES: &str = "/api/v1/posts/demo/messages";
const LIMITS: &str = "/api/v1/posts/demo/limits";

/// What the heart is asked when this is posted; `None` when the page server refuses it.
pub(super) fn asked(path: &str, body: &str) -> (String, Option<CommandKind>) {
    let mut bench = Bench::new();
    let mut requests = bench.requests.take().unwrap();
    let heart = thread::spawn(move || {
        let request = requests.blocking_recv()?;
        request.reply.send(Ok(0xab)).unwrap();
        Some(request.kind)
    });
    let answer = bench.post(path, "", body);
    drop(bench);
    (status(&answer).to_owned(), heart.join().unwrap())
}

#[test]
fn i9_a_message_carries_its_writer_its_text_and_its_bed() {
    let (status, kind) = asked(MESSAGES, r#"{"text":" Call me,\nplease ","bed":"2"}"#);
    let expected = CommandKind::Message {
        bed: Some("2".parse().unwrap()),
        by: "Dr Rao".into(),
        by_id: Some("rao".into()),
        text: "Call me,\nplease".into(),
    };
    assert_eq!((status.as_str(), kind), ("202", Some(expected)));
    let longest = format!(r#"{{"text":"{}","bed":null}}"#, "é".repeat(500));
    assert_eq!(asked(MESSAGES, &longest).0, "202");
    let long = format!(r#"{{"text":"{}"}}"#, "é".repeat(501));
    for bad in [
        r#"{"text":"  "}"#,
        r#"{"by":"Dr Sen","text":"hello"}"#,
        r#"{"text":"a\u0007b"}"#,
        r#"{"text":"hello","bed":"no bed"}"#,
        r#"{"text":"hello","to":"2"}"#,
        &long,
    ] {
        assert_eq!(asked(MESSAGES, bad), ("422".to_owned(), None), "{bad}");
    }
    assert_eq!(asked("/api/v1/posts/a%20b/messages", r#"{"text":"b"}"#).0, "404");
}

#[test]
fn i5_a_proposed_limit_is_a_number_that_the_value_can_have_written_as_it_is_measured() {
    let body =
        |code: &str, limit: &str| format!(r#"{{"bed":"1","code":"{code}","side":"low","limit":"{limit}"}}"#);
    let limit = |code: &str, limit: &str| match asked(LIMITS, &body(code, limit)) {
        (_, Some(CommandKind::ProposeLimit(proposal))) => Ok(proposal.limit.to_string()),
        (status, _) => Err(status),
    };
    assert_eq!(limit("spo2", " 88 "), Ok("88".to_owned()));
    assert_eq!(limit("temp", "37,5"), Ok("37.5".to_owned()));
    for (code, bad) in [
        ("spo2", "101"),
        ("spo2", "0"),
        ("spo2", "88.5"),
        ("spo2", "NaN"),
        ("spo2", "inf"),
        ("spo2", ""),
        ("rumour", "8"),
    ] {
        assert_eq!(limit(code, bad), Err("422".to_owned()), "{code} {bad}");
    }
}

#[test]
fn a_post_that_got_enough_and_one_that_is_unknown_are_answered_in_words() {
    for (refused, expected) in [
        (CommandRefused::TooManySent, "422"),
        (CommandRefused::UnknownPost, "404"),
    ] {
        let mut bench = Bench::new();
        let _heart = bench.answer_seen(Err(refused.clone().into()));
        let answer = bench.post(MESSAGES, "", r#"{"text":"hello"}"#);
        assert_eq!(status(&answer), expected);
        let json: Value = serde_json::from_str(body(&answer)).unwrap();
        assert_eq!(json["error"], refused.to_string());
    }
}
