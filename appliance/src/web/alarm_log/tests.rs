//! What the routes ask and answer; what the log says and counts is tested beside it.

use std::sync::Arc;

use serde_json::{Value, json};
use vitals::{
    AlarmChange, AlarmId, AlarmPhase, AnchorSource, BootId, ClockAnchor, ClockTrust, Decimal, Epoch, Event,
    MonoTime, Record, Stamp,
};

use super::super::live::Update;
use super::super::tests::{Running, open_alarm};
use super::*;

const BOOT: BootId = BootId([3; 16]);
/// 2026-11-23T00:00:00Z, a Monday.
const DAY: i64 = 1_795_392_000_000;

fn fill(store: &Store) {
    let at = MonoTime::BOOT;
    let event = Event::Anchor(ClockAnchor {
        boot: BOOT,
        mono: at,
        wall: WallTime::from_unix_ms(DAY),
        trust: ClockTrust::Synchronised,
        source: AnchorSource::SystemStart,
    });
    store.append(Record::Event { at, event });
    change(store, 10_000, 1, ("limit.spo2.low", "1"));
    change(store, 20_000, 2, ("desaturation", "2"));
    change(store, 30_000, 3, ("limit.hr.high", "1"));
    store.flush().unwrap();
}

fn change(store: &Store, at_ms: u64, number: u32, (condition, bed): (&str, &str)) {
    let at = MonoTime::from_ms(at_ms);
    let onset = Stamp { boot: BOOT, mono: at };
    store.append(Record::Alarm(AlarmChange {
        id: AlarmId {
            epoch: Epoch(1),
            number,
        },
        change: 1,
        condition: condition.parse().unwrap(),
        priority: Priority::Medium,
        phase: AlarmPhase::Active,
        bed: Some(bed.parse().unwrap()),
        device: Some("oxi-1".parse().unwrap()),
        admission: Some("a1".parse().unwrap()),
        value: Some(Decimal::whole(84)),
        limit: Some(Decimal::whole(90)),
        unit: String::new(),
        text: String::new(),
        crossed: onset,
        onset,
        at,
        onsets: 1,
        acknowledged_by: None,
    }));
}

fn get(running: &Running, path: &str) -> (u16, String, String) {
    let (status, answer) = running.ask(&format!(
        "GET /api/v1/alarm-log{path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        running.address
    ));
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (status, head.to_owned(), body.to_owned())
}

fn json(running: &Running, path: &str) -> (u16, Value) {
    let (status, _, body) = get(running, path);
    (status, serde_json::from_str(&body).unwrap())
}

fn day(more: &str) -> String {
    format!("?from={DAY}&to={}{more}", DAY + 86_400_000)
}

#[test]
fn the_log_is_answered_newest_first_and_narrowed_by_what_is_asked() {
    let running = Running::start_in_boot(BOOT);
    fill(&running.store);
    let (status, told) = json(&running, &day("&limit=1"));
    let at = json!({ "wall": DAY + 30_000, "trust": "synchronised" });
    let expected = json!({
        "kind": "alarm", "at": at, "alarm": "0000000000000001-3", "bed": "1", "stay": "a1",
        "condition": "limit.hr.high", "text": "", "unit": "", "device": "oxi-1", "priority_first": "medium",
        "priority": "medium", "value": "84", "worst": "84", "limit": "90", "crossed": at, "ended": null,
        "phase": "active", "onsets": 1, "doctors": null,
        "steps": [{ "at": at, "what": "began", "by": null, "from": null }],
    });
    let whole = json!({ "entries": [expected], "more": true, "read_from": null });
    assert_eq!((status, told), (200, whole));
    for (narrow, expected) in [
        ("", "1,2,1"),
        ("&bed=2", "2"),
        ("&text=SPO2", "1"),
        ("&text=%20", "1,2,1"),
        ("&priority=high", ""),
        ("&bed=1&priority=medium", "1,1"),
    ] {
        let (_, told) = json(&running, &day(narrow));
        let entries = told["entries"].as_array().unwrap().iter();
        let beds: Vec<_> = entries.map(|entry| entry["bed"].as_str().unwrap()).collect();
        assert_eq!(beds.join(","), expected, "{narrow}");
    }
}

#[test]
fn the_worst_value_of_an_alarm_that_goes_on_is_the_worst_so_far() {
    let running = Running::start_in_boot(BOOT);
    fill(&running.store);
    let id = AlarmId {
        epoch: Epoch(1),
        number: 1,
    };
    let alarms = Arc::new(vec![open_alarm(id, 79)]);
    running.publish(Update::Alarms { alarms });
    for (text, worst) in [("spo2", "79"), ("limit.hr", "84")] {
        let (_, told) = json(&running, &day(&format!("&text={text}")));
        assert_eq!(told["entries"][0]["worst"], worst, "{text}");
    }
    let (_, _, table) = get(&running, &format!(".csv{}", day("&text=spo2")));
    assert!(table.lines().nth(1).unwrap().contains(",84,79,90,"), "{table}");
}

#[test]
fn a_question_that_makes_no_sense_is_answered_with_what_is_wrong() {
    let running = Running::start_in_boot(BOOT);
    for (path, says) in [
        ("", "missing field"),
        ("?from=5&to=5", "not after"),
        ("?from=0&to=9000000000", "at most 31 days"),
        ("?from=0&to=9&names=all", "unknown field"),
        ("?from=0&to=9&priority=urgent", "priority"),
        ("?from=0&to=9&offset_min=900", "-840 to 840"),
        ("/statistics?from=9&to=0", "not after"),
        ("/week?week=2026-48", "write it as 2026-W48"),
        ("/week?week=2026-W54", "write it as 2026-W48"),
        ("/week?week=2026-W8", "write it as 2026-W48"),
    ] {
        let (status, told) = json(&running, path);
        let text = told["error"].as_str().unwrap();
        assert!(status == 422 && text.contains(says), "{path}: {status} {text}");
    }
}

#[test]
fn the_table_is_a_file_with_the_offset_that_is_asked_for() {
    let running = Running::start_in_boot(BOOT);
    fill(&running.store);
    let (status, head, body) = get(&running, &format!(".csv{}", day("&offset_min=-90&bed=2")));
    assert_eq!(status, 200);
    assert!(head.contains("text/csv; charset=utf-8"), "{head}");
    assert!(head.contains("attachment; filename=\"alarm-log.csv\""), "{head}");
    let lines: Vec<&str> = body.split("\r\n").collect();
    assert_eq!(lines.len(), 3, "head, a line, and the end of it: {body}");
    assert!(lines[0].starts_with("kind,began,trust,"), "{body}");
    assert!(
        lines[1].starts_with("alarm,2026-11-22T22:30:20.000-01:30,synchronised,,2,a1,"),
        "{body}"
    );
    let (_, head, _) = get(&running, &format!(".csv{}", day("&limit=1")));
    assert!(head.contains("filename=\"alarm-log-newest-part.csv\""), "{head}");
}

#[test]
fn a_week_goes_from_monday_to_monday_where_the_post_is() {
    let running = Running::start_in_boot(BOOT);
    fill(&running.store);
    let (status, told) = json(&running, "/week?week=2026-W48");
    let expected = json!({
        "from": DAY, "to": DAY + 7 * 86_400_000_i64, "bed_days": 0.0, "beds": 0,
        "total": { "alarms": 3, "announced": 3, "per_bed_day": null, "soon_over_percent": 0.0 },
        "by_priority": [
            { "priority": "medium", "alarms": 3, "announced": 3, "per_bed_day": null, "soon_over_percent": 0.0 },
        ],
        "top": [
            { "condition": "desaturation", "alarms": 1, "announced": 1, "per_bed_day": null, "soon_over_percent": 0.0 },
            { "condition": "limit.hr.high", "alarms": 1, "announced": 1, "per_bed_day": null, "soon_over_percent": 0.0 },
            { "condition": "limit.spo2.low", "alarms": 1, "announced": 1, "per_bed_day": null, "soon_over_percent": 0.0 },
        ],
        "post": { "alarms": 0, "announced": 0 },
        "acknowledged": 0, "acknowledged_after_s": null, "doubtful": 0,
    });
    assert_eq!((status, &told), (200, &expected));
    let (_, same) = json(&running, &format!("/statistics{}", day("")));
    assert_eq!(same["top"], expected["top"]);
    // An hour east of UTC the week begins, and ends, an hour earlier.
    let (_, east) = json(&running, "/week?week=2026-W48&offset_min=60");
    assert_eq!(east["from"], DAY - 3_600_000);
    assert_eq!(
        json(&running, "/week?week=2026-W47&offset_min=-60").1["total"]["alarms"],
        3
    );
}

#[test]
fn i10_the_log_shares_the_places_of_trends() {
    let running = Running::start_in_boot(BOOT);
    let first = running.history.take_place().unwrap();
    let second = running.history.take_place().unwrap();
    let (status, told) = json(&running, &day(""));
    assert_eq!(status, 429);
    assert!(told["error"].as_str().unwrap().contains("ask again"), "{told}");
    drop((first, second));
    assert_eq!(json(&running, &day("")).0, 200);
}

/// Looking again and again is one view; each file leaves the box, and is told by itself.
#[test]
fn i9_whoever_reads_the_log_or_takes_it_along_stands_in_the_audit() {
    let running = Running::start_in_boot(BOOT);
    for path in ["", ".csv", "/statistics", "", ".csv"] {
        assert_eq!(get(&running, &format!("{path}{}", day(""))).0, 200, "{path}");
    }
    let told = running.told.lock().unwrap().clone();
    let views = ["see_alarm_log alarm-log", "see_alarm_log alarm-log.csv"];
    let times = views.map(|view| told.iter().filter(|deed| *deed == view).count());
    assert_eq!(times, [1, 2], "{told:?}");
}
