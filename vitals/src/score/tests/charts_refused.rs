//! A site's chart: one that is whole is used, one with a mistake is refused with its table, its row and what to do.

use super::*;
use crate::score::chart::{Chart, ChartInputs, ChartNotFor, ChartOutcome, Urgency, bedside_pews};

const SITE: &str = r#"{
  "format": 1,
  "name": "District chart",
  "version": "3",
  "owner": "District hospital",
  "source": "Circular 7",
  "patients": "children",
  "ages": [{ "label": "infant", "from_months": 1 }, { "label": "child", "from_months": 12 }],
  "below_months": 144,
  "watch_at_least": 2,
  "trigger_at_least": 4,
  "rows": [
    { "item": "hr", "age": "infant", "rungs": [{ "points": 1, "at_most": 100, "at_least": 160 }, { "points": 3, "below": 80 }] },
    { "item": "hr", "age": "child", "rungs": [{ "points": 1, "at_least": 130 }] },
    { "item": "temp", "rungs": [{ "points": 2, "below": 35.5, "above": 38.5 }] },
    { "item": "effort", "answers": { "normal": 0, "severe": 3 } },
    { "item": "oxygen", "percent": [{ "points": 1, "above": 30 }] }
  ]
}"#;

/// The chart with one piece replaced is refused with these words.
fn refused(from: &str, to: &str, words: &str) {
    assert!(SITE.contains(from), "{from} stands in the chart");
    let error = Chart::load("district.json", &SITE.replacen(from, to, 1))
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("district.json: "), "{error}");
    assert!(error.contains(words), "{from} -> {to}: {error}");
}

fn infant() -> Patient {
    Patient {
        age: Some(Age::of_months(6)),
        pregnancy: Pregnancy::None,
    }
}

#[test]
fn a_site_uses_a_chart_of_its_own() {
    let chart = Chart::load("district.json", SITE).unwrap();
    assert_eq!(
        (chart.name(), chart.version(), chart.owner()),
        ("District chart", "3", "District hospital")
    );
    assert_eq!(chart.source(), "Circular 7");
    let score = |hr: i64, temp: &str, percent: &str| {
        let inputs = ChartInputs {
            hr: Some(Decimal::whole(hr)),
            temp: Some(decimal(temp)),
            effort: Some(Effort::Normal),
            oxygen: Some(Oxygen::Given {
                device: String::new(),
                flow: Some(decimal("9")),
                percent: Some(decimal(percent)),
            }),
            ..ChartInputs::default()
        };
        chart.score(infant(), &inputs).outcome
    };
    let total = |total, urgency| ChartOutcome::Total { total, urgency };
    assert_eq!(score(120, "37", "30"), total(0, Urgency::Usual));
    assert_eq!(score(100, "35.5", "31"), total(2, Urgency::Watch));
    assert_eq!(score(80, "38.5", "30"), total(1, Urgency::Usual));
    assert_eq!(score(79, "35.4", "31"), total(6, Urgency::Trigger));
    assert_eq!(score(79, "38.6", "30"), total(5, Urgency::Trigger));
    assert_eq!(score(160, "37", "30"), total(1, Urgency::Usual));
    let newborn = Patient {
        age: Some(Age::of_months(0)),
        ..infant()
    };
    let outcome = chart.score(newborn, &ChartInputs::default()).outcome;
    assert_eq!(outcome, ChartOutcome::NotApplicable(ChartNotFor::TooYoung));
}

#[test]
fn e3_no_chart_takes_the_name_of_a_published_score() {
    let taken = "belongs to a published score that no site may change";
    for name in [
        "NEWS2",
        "news 2",
        "NEWS",
        "NEWS2 (local)",
        "National Early Warning Score",
        "Bedside-PEWS",
        "meows",
    ] {
        refused("District chart", name, taken);
    }
    Chart::load("a.json", &SITE.replace("District chart", "Newstead chart")).unwrap();
    let same = include_str!("../chart/bedside_pews.json");
    assert_eq!(Chart::load("a.json", same).as_ref(), Ok(bedside_pews()));
    let changed = same.replace("\"at_least\": 190", "\"at_least\": 195");
    assert_ne!(same, changed);
    assert!(
        Chart::load("a.json", &changed)
            .unwrap_err()
            .to_string()
            .contains(taken)
    );
}

#[test]
fn a_file_that_is_no_chart_is_refused() {
    refused(
        "\"format\": 1",
        "\"format\": 2",
        "this program reads charts of format 1, not 2",
    );
    refused("\"owner\"", "\"woner\"", "unknown field `woner`");
    refused("\"watch_at_least\": 2", "\"watch_at_least\": -2", "line 10");
    refused("\"below\": 35.5", "\"below\": \"x\"", "a number");
    refused("\"below\": 35.5", "\"below\": 1e300", "the number is too large");
    refused("\"children\"", "\"adults\"", "unknown variant `adults`");
    let long = "x".repeat(120);
    for (from, key) in [
        ("District chart", "name"),
        ("\"3\"", "version"),
        ("Circular 7", "source"),
    ] {
        let to = if from.starts_with('"') { "\" \"" } else { "" };
        refused(from, to, &format!("`{key}` must have 1 to 120 characters"));
    }
    refused(
        "District hospital",
        &format!("{long}y"),
        "`owner` must have 1 to 120 characters",
    );
    Chart::load("a.json", &SITE.replace("District hospital", &long)).unwrap();
    let padded = |bytes: usize| format!("{SITE}{}", " ".repeat(bytes - SITE.len()));
    Chart::load("a.json", &padded(65_536)).unwrap();
    let error = Chart::load("a.json", &padded(65_537)).unwrap_err().to_string();
    assert!(error.contains("65537 bytes, at most 65536"), "{error}");
}

#[test]
fn ages_rise_and_the_end_comes_after_them() {
    refused(
        "\"from_months\": 12",
        "\"from_months\": 1",
        "age \"child\" does not begin after the one before",
    );
    refused(
        "\"label\": \"child\"",
        "\"label\": \"infant\"",
        "age \"infant\" does not begin",
    );
    refused("\"label\": \"child\"", "\"label\": \"\"", "`label` must have");
    refused(
        "\"below_months\": 144",
        "\"below_months\": 12",
        "`below_months` is 12, and an age begins there",
    );
    let many = |count: u32| {
        let more: Vec<String> = (0..count)
            .map(|n| format!(r#"{{ "label": "{n}", "from_months": {n} }}"#))
            .collect();
        let ages =
            r#""ages": [{ "label": "infant", "from_months": 1 }, { "label": "child", "from_months": 12 }]"#;
        assert!(SITE.contains(ages));
        let text = SITE.replace(ages, &format!(r#""ages": [{}]"#, more.join(", ")));
        Chart::load("a.json", &text).unwrap_err().to_string()
    };
    assert!(many(17).contains("17 ages, it must have 0 to 16"), "{}", many(17));
    assert!(
        many(16).contains("the age \"infant\" is not in `ages`"),
        "{}",
        many(16)
    );
}

#[test]
fn the_trigger_can_be_reached_and_lies_above_the_watch() {
    let trigger = |value: u16| format!("\"trigger_at_least\": {value}");
    let four = trigger(4);
    // Of a child: 1 for the heart, 2, 3 and 1.
    refused(
        &four,
        &trigger(8),
        "`trigger_at_least` is 8: it must be above `watch_at_least`, which is above 0, and at most 7",
    );
    Chart::load("a.json", &SITE.replace(&four, &trigger(7))).unwrap();
    refused(&four, &trigger(2), "`trigger_at_least` is 2");
    refused("\"watch_at_least\": 2", "\"watch_at_least\": 0", "above 0");
    let without_watch = SITE.replace("\"watch_at_least\": 2,", "");
    let error = Chart::load("a.json", &without_watch.replace(&four, &trigger(0)))
        .unwrap_err()
        .to_string();
    assert!(error.contains("`trigger_at_least` is 0"), "{error}");
}

#[test]
fn a_row_is_named_with_its_number_item_and_age() {
    let row = "district.json: chart \"District chart\" 3, row 2 (hr, child): ";
    refused(
        "\"age\": \"child\"",
        "\"age\": \"infant\"",
        "row 2 (hr, infant): row 1 is for the same item and age already",
    );
    refused(
        "\"at_least\": 130",
        "\"at_least\": 351",
        &format!("{row}the limit 351 is outside 15 to 350"),
    );
    refused(
        "\"item\": \"temp\"",
        "\"item\": \"tmp\"",
        "row 3 (tmp): no chart has the item \"tmp\": use one of hr, sbp",
    );
    refused(
        "\"age\": \"child\"",
        "\"age\": \"adult\"",
        "row 2 (hr, adult): the age \"adult\" is not in `ages`",
    );
    refused(
        ", \"age\": \"child\"",
        "",
        "row 2 (hr): row 1 is for the same item and age already",
    );
    let hr = r#"{ "item": "hr", "age": "child", "rungs": [{ "points": 1, "at_least": 130 }] },"#;
    refused(hr, "", "`hr` has no row for the age \"child\": add one");
}

#[test]
fn a_chart_has_rows_and_not_too_many() {
    let (before, _) = SITE.split_once("\"rows\": [").unwrap();
    let with = |count: usize| {
        let rows = vec![r#"{ "item": "pain", "rungs": [{ "points": 1, "at_least": 2 }] }"#; count].join(", ");
        Chart::load("a.json", &format!("{before}\"rows\": [{rows}]}}"))
            .unwrap_err()
            .to_string()
    };
    assert!(with(0).contains("the chart has 0 rows, it must have 1 to 200"));
    assert!(with(201).contains("the chart has 201 rows"));
    assert!(with(200).contains("row 2 (pain): row 1 is for the same item"));
}

#[test]
fn a_row_has_what_its_item_needs() {
    let effort = r#""answers": { "normal": 0, "severe": 3 }"#;
    refused(
        effort,
        "\"rungs\": []",
        "row 4 (effort): `effort` needs `answers` and nothing else",
    );
    refused(
        effort,
        "\"answers\": {}, \"percent\": []",
        "`effort` needs `answers`",
    );
    refused(
        "\"severe\": 3",
        "\"bad\": 3",
        "`bad` is no answer for `effort`: use normal, mild, moderate, severe, apnoea",
    );
    refused(
        "\"severe\": 3",
        "\"severe\": 0",
        "at least two answers are needed",
    );
    refused(
        "\"normal\": 0",
        "\"normal\": 1",
        "at least two answers are needed",
    );
    refused("\"severe\": 3", "\"severe\": 21", "21 points: use 1 to 20");
    refused(
        "\"percent\"",
        "\"rungs\"",
        "`oxygen` needs `flow_l_min` or `percent` or both",
    );
    refused(
        "{ \"item\": \"temp\",",
        "{ \"item\": \"temp\", \"answers\": {},",
        "`temp` needs `rungs` and nothing else",
    );
    refused(
        "{ \"item\": \"temp\",",
        "{ \"item\": \"temp\", \"percent\": [],",
        "`temp` needs `rungs`",
    );
}

#[test]
fn oxygen_is_judged_by_flow_or_percentage_and_by_nothing_beside() {
    let percent = r#""percent": [{ "points": 1, "above": 30 }]"#;
    let needs = "`oxygen` needs `flow_l_min` or `percent` or both";
    refused(percent, &format!("{percent}, \"rungs\": []"), needs);
    refused(percent, &format!("{percent}, \"answers\": {{}}"), needs);
    let flow = r#""flow_l_min": [{ "points": 1, "above": 2 }]"#;
    Chart::load("a.json", &SITE.replace(percent, &format!("{percent}, {flow}"))).unwrap();
}

#[test]
fn the_most_points_and_the_most_rungs_are_still_taken() {
    let loads = |from: &str, to: &str| {
        assert!(SITE.contains(from));
        Chart::load("a.json", &SITE.replacen(from, to, 1)).unwrap()
    };
    loads("\"severe\": 3", "\"severe\": 20");
    loads("\"points\": 2", "\"points\": 20");
    let eight: Vec<String> = (1..=8)
        .map(|n| format!(r#"{{ "points": {n}, "above": {} }}"#, 37 + n))
        .collect();
    let temp = r#"[{ "points": 2, "below": 35.5, "above": 38.5 }]"#;
    loads(temp, &format!("[{}]", eight.join(", ")));
}

#[test]
fn what_can_be_reached_is_counted_for_each_age_with_its_own_rows() {
    let third = r#"{ "item": "hr", "age": "school", "rungs": [{ "points": 1, "at_least": 120 }] },"#;
    let three = SITE
        .replace(
            r#"{ "label": "child", "from_months": 12 }"#,
            r#"{ "label": "child", "from_months": 12 }, { "label": "school", "from_months": 60 }"#,
        )
        .replace(
            r#"    { "item": "temp""#,
            &format!("    {third}\n    {{ \"item\": \"temp\""),
        );
    let load = |trigger: u16| {
        let text = three.replace(
            "\"trigger_at_least\": 4",
            &format!("\"trigger_at_least\": {trigger}"),
        );
        Chart::load("a.json", &text)
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    assert_eq!(load(7), Ok(()));
    assert!(load(8).unwrap_err().contains("at most 7"), "{:?}", load(8));
}

#[test]
fn a_rung_has_points_and_one_limit_on_each_side_at_most() {
    let temp = r#"[{ "points": 2, "below": 35.5, "above": 38.5 }]"#;
    refused(temp, "[]", "0 rungs, it must be 1 to 8");
    let nine = [r#"{ "points": 1, "above": 38 }"#; 9].join(", ");
    refused(temp, &format!("[{nine}]"), "9 rungs");
    refused("\"points\": 2", "\"points\": 0", "0 points: use 1 to 20");
    refused("\"points\": 2", "\"points\": 21", "21 points");
    refused(
        "\"below\": 35.5, \"above\": 38.5",
        "\"optional\": 1",
        "unknown field `optional`",
    );
    refused(
        ", \"below\": 35.5, \"above\": 38.5",
        "",
        "the rung of 2 points needs a limit",
    );
    refused(
        "\"below\": 35.5",
        "\"below\": 35.5, \"at_most\": 35",
        "one of each pair at most",
    );
    refused(
        "\"above\": 38.5",
        "\"above\": 38.5, \"at_least\": 39",
        "one of each pair at most",
    );
    refused(
        "\"below\": 35.5",
        "\"below\": 35.55",
        "the limit 35.55 is outside 25.0 to 45.0, or has more digits",
    );
    refused("\"below\": 35.5", "\"below\": 24.9", "the limit 24.9 is outside");
}

#[test]
fn rungs_go_outwards_and_leave_room_between_them() {
    refused(
        "{ \"points\": 3, \"below\": 80 }",
        "{ \"points\": 1, \"below\": 80 }",
        "the rung of 1 points does not lie outside",
    );
    refused(
        "\"below\": 80",
        "\"below\": 101",
        "the rung of 3 points does not lie outside the one before",
    );
    refused(
        "\"below\": 80",
        "\"at_least\": 160",
        "the rung of 3 points does not lie outside the one before",
    );
    refused(
        "\"below\": 35.5, \"above\": 38.5",
        "\"at_most\": 38.5, \"above\": 38.5",
        "the low and the high limits meet",
    );
    refused(
        "\"at_least\": 130 }",
        "\"at_least\": 130 }, { \"points\": 2, \"at_most\": 129 }",
        "the low and the high limits meet",
    );
    let room = SITE.replace(
        "\"at_least\": 130 }",
        "\"at_least\": 130 }, { \"points\": 2, \"at_most\": 128 }",
    );
    Chart::load("a.json", &room).unwrap();
    // The inner low limit counts, not the outer one.
    let inner = r#"[{ "points": 1, "at_most": 100 }, { "points": 2, "at_most": 50, "at_least": 90 }]"#;
    refused(
        "[{ \"points\": 1, \"at_least\": 130 }]",
        inner,
        "the low and the high limits meet",
    );
}
