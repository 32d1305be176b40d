//! What an entry says, what is found, and the bounds of a question.

use AlarmPhase::{Acknowledged, Active, Ended, Latched};
use Priority::{High, Low, Medium};
use jiff::tz::Offset;

use super::*;

const SPO2: &str = "limit.spo2.low";

#[test]
fn an_entry_has_every_step_with_person_screen_and_what_doctors_did() {
    let mut post = Post::new();
    post.start(0, ClockTrust::Synchronised);
    post.change(100, (1, 1, 1), (SPO2, Active, Medium), |change| {
        change.crossed.mono = MonoTime::from_ms(90_000);
    });
    post.event(
        120,
        Event::Deed {
            deed: vitals::delivery::Deed {
                alarm: alarm(1),
                by: "Dr Ama".to_owned(),
                by_id: "ama".to_owned(),
                act: Act::Read,
            },
            at: wall(119),
            command: 5,
        },
    );
    post.change(160, (1, 2, 1), (SPO2, Acknowledged, Medium), by("Grace"));
    post.audited(
        160,
        "acknowledge",
        &format!("alarm:{} bed:1", alarm(1)),
        (None, None),
    );
    post.change(600, (1, 3, 2), (SPO2, Active, Medium), nothing);
    post.change(610, (1, 4, 2), (SPO2, Acknowledged, Medium), by("John"));
    post.change(900, (1, 5, 2), (SPO2, Ended, Medium), |change| {
        change.acknowledged_by = Some("John".to_owned());
        change.value = Some(Decimal::whole(79));
    });
    let page = post.find(|_| ());
    assert_eq!(
        lines(&page),
        [
            "100 limit.spo2.low medium: 100 began; 120 read Dr Ama; 160 acknowledged Grace @screen; 600 again; \
             610 acknowledged John; 900 ended"
        ]
    );
    let What::Alarm(entry) = &page.entries[0].what else {
        panic!("{page:?}");
    };
    assert_eq!(second(entry.crossed), "90");
    assert_eq!(entry.ended.map(second), Some("900".to_owned()));
    let number = |number: Option<Decimal>| number.map(|number| number.to_string());
    assert_eq!(number(entry.value).as_deref(), Some("84"));
    assert_eq!(
        (number(entry.worst).as_deref(), number(entry.limit).as_deref()),
        (Some("79"), Some("90"))
    );
    assert_eq!(entry.answered, Some(State::Read));
    assert_eq!(entry.admission, Some("a1".parse().unwrap()));
}

#[test]
fn a_raised_priority_a_latched_end_and_an_open_alarm_are_told_as_they_are() {
    let mut post = Post::new();
    post.start(0, ClockTrust::Synchronised);
    post.change(10, (1, 1, 1), ("probe_off.spo2", Active, Low), nothing);
    post.change(130, (1, 2, 1), ("probe_off.spo2", Active, Medium), nothing);
    post.change(200, (2, 1, 1), ("desaturation", Active, High), nothing);
    post.change(240, (2, 2, 1), ("desaturation", Latched, High), nothing);
    post.change(300, (2, 3, 1), ("desaturation", Ended, High), by("Grace"));
    assert_eq!(
        lines(&post.find(|_| ())),
        [
            "200 desaturation high: 200 began; 240 latched; 300 acknowledged Grace; 300 ended",
            "10 probe_off.spo2 medium: 10 began; 130 raised",
        ]
    );
}

#[test]
fn limits_and_pauses_say_what_was_before_and_who_changed_it_from_where() {
    let mut post = Post::new();
    post.start(0, ClockTrust::Synchronised);
    let words = (Some("spo2 90 to off"), Some("spo2 88 to off"));
    post.audited(50, "set_limits", "bed:1 admission:a1", words);
    let place = Some("1".parse().unwrap());
    let paused = Inactivation::Paused {
        what: Inactive::AudioPaused,
        until: Some(MonoTime::from_ms(180_000)),
        by: "Grace".to_owned(),
    };
    post.event(
        60,
        Event::Signals {
            place: place.clone(),
            what: paused,
        },
    );
    post.audited(60, "pause_signals", "bed:1", (None, Some("audio_paused")));
    let what = Inactivation::Enabled(Resumed::TimeOver);
    post.event(180, Event::Signals { place, what });
    let page = post.find(|_| ());
    let expected = [
        "180 1 audio_paused -> enabled, time nobody",
        "60 1 ? -> audio_paused Grace @screen",
        "50 1 spo2 90 to off -> spo2 88 to off Grace @screen",
    ];
    assert_eq!(lines(&page), expected);
    assert!(
        post.find(|wanted| wanted.bed = Some("2".parse().unwrap()))
            .entries
            .is_empty()
    );
}

#[test]
fn what_was_recorded_of_nobody_between_two_runs_is_a_gap() {
    let mut post = Post::new();
    post.start(0, ClockTrust::Synchronised);
    post.change(10, (1, 1, 1), (SPO2, Active, Medium), nothing);
    post.change(500, (1, 2, 1), (SPO2, Ended, Medium), nothing);
    post.start(4_100, ClockTrust::Synchronised);
    post.event(4_200, Event::Expired { alarm: alarm(9) });
    post.start(4_260, ClockTrust::Synchronised);
    let page = post.find(|_| ());
    let expected = [
        "500 no data until 4100",
        "10 limit.spo2.low medium: 10 began; 500 ended",
    ];
    assert_eq!(lines(&page), expected, "a start within two minutes is none");
    assert_eq!(
        post.find(|wanted| wanted.text = Some("spo2".to_owned()))
            .entries
            .len(),
        1
    );
}

#[test]
fn i8_what_a_clock_told_that_nobody_set_comes_last_and_in_every_stretch_of_time() {
    let mut post = Post::new();
    post.start(0, ClockTrust::Untrusted);
    post.change(10, (1, 1, 1), (SPO2, Active, Medium), nothing);
    post.start(1_000, ClockTrust::Synchronised);
    post.change(1_100, (2, 1, 1), (SPO2, Active, Medium), nothing);
    let expected = [
        "1100 limit.spo2.low medium: 1100 began",
        "? limit.spo2.low medium: ? began",
    ];
    assert_eq!(lines(&post.find(|_| ())), expected);
    let elsewhere = post.find(|wanted| (wanted.from, wanted.to) = (wall(50_000), wall(60_000)));
    assert_eq!(lines(&elsewhere), expected[1..]);
}

#[test]
fn an_alarm_stands_where_it_began_and_its_end_is_found_beyond_the_end_of_the_question() {
    let mut post = Post::new();
    post.start(0, ClockTrust::Synchronised);
    post.change(100, (1, 1, 1), (SPO2, Active, Medium), nothing);
    post.change(30_000, (1, 2, 1), (SPO2, Ended, Medium), nothing);
    post.change(30_100, (2, 1, 1), (SPO2, Active, Medium), nothing);
    let found = |from, to| lines(&post.find(|wanted| (wanted.from, wanted.to) = (wall(from), wall(to))));
    assert_eq!(
        found(0, 200),
        ["100 limit.spo2.low medium: 100 began; 30000 ended"]
    );
    assert!(found(200, 30_050).is_empty());
    assert_eq!(
        found(0, 30_101).len(),
        2,
        "over several parts that are read one by one"
    );
}

#[test]
fn bed_words_and_priority_narrow_what_is_found() {
    let mut post = Post::new();
    post.start(0, ClockTrust::Synchronised);
    post.change(10, (1, 1, 1), (SPO2, Active, Medium), nothing);
    post.change(20, (2, 1, 1), ("desaturation", Active, High), |change| {
        change.bed = Some("2".parse().unwrap());
    });
    post.change(30, (2, 2, 1), ("desaturation", Acknowledged, High), by("Grace"));
    let found = |narrow: fn(&mut Wanted)| {
        let page = post.find(narrow);
        page.entries
            .iter()
            .map(|entry| second(entry.at))
            .collect::<Vec<_>>()
    };
    assert_eq!(found(|_| ()), ["20", "10"]);
    assert_eq!(found(|wanted| wanted.bed = Some("2".parse().unwrap())), ["20"]);
    assert_eq!(found(|wanted| wanted.text = Some("SpO2".to_owned())), ["10"]);
    assert_eq!(found(|wanted| wanted.text = Some("grace".to_owned())), ["20"]);
    assert_eq!(found(|wanted| wanted.priority = Some(Priority::Medium)), ["10"]);
    assert_eq!(found(|wanted| wanted.text = Some("hr".to_owned())), [""; 0]);
}

#[test]
fn g4_more_than_is_asked_for_is_said_to_be_there_and_a_question_has_bounds() {
    let mut post = Post::new();
    post.start(0, ClockTrust::Synchronised);
    for number in 1..=5 {
        post.change(
            100 * i64::from(number),
            (number, 1, 1),
            (SPO2, Active, Medium),
            nothing,
        );
    }
    let ask = |from, to, most| {
        let wanted = Wanted {
            from,
            to,
            bed: None,
            text: None,
            priority: None,
        };
        search(post.store(), &wanted, most)
    };
    let part = ask(wall(0), wall(86_400), 2).unwrap();
    let seconds: Vec<String> = part.entries.iter().map(|entry| second(entry.at)).collect();
    assert_eq!(
        (seconds, part.more),
        (vec!["500".to_owned(), "400".to_owned()], true)
    );
    let all = ask(wall(0), wall(86_400), 5).unwrap();
    assert_eq!((all.entries.len(), all.more, all.read_from), (5, false, None));
    assert!(matches!(ask(wall(0), wall(0), 5), Err(LogError::Backwards)));
    let month = wall(31 * 86_400);
    assert!(ask(wall(0), month, 5).is_ok());
    assert!(matches!(ask(wall(-1), month, 5), Err(LogError::TooLong)));
}

#[test]
fn a_line_of_the_table_is_safe_in_a_spreadsheet_and_its_times_say_their_offset() {
    let mut post = Post::new();
    post.start(0, ClockTrust::Holdover);
    post.change(
        100,
        (1, 1, 1),
        ("site.low.temperature", Active, Medium),
        |change| {
            change.text = "=HYPERLINK(\"x\"), hot".to_owned();
            change.value = Some("-2.5".parse().unwrap());
            (change.bed, change.admission) = (None, None);
        },
    );
    post.change(
        130,
        (1, 2, 1),
        ("site.low.temperature", Ended, Medium),
        |change| {
            change.acknowledged_by = Some("@Grace".to_owned());
        },
    );
    let page = post.find(|_| ());
    let line = csv_line(&page.entries[0], Offset::from_seconds(3_600).unwrap());
    assert_eq!(
        line,
        "alarm,2026-11-23T01:01:40.000+01:00,holdover,2026-11-23T01:02:10.000+01:00,,,0000000000000007-1,\
         site.low.temperature,\"'=HYPERLINK(\"\"x\"\"), hot\",medium,medium,-2.5,84,90,,oxi-1,ended,1,,,,,,,,,\
         2026-11-23T01:01:40.000+01:00 began; 2026-11-23T01:02:10.000+01:00 ended @Grace\r\n"
    );
    assert_eq!(csv_head().matches(',').count(), 26);
}
