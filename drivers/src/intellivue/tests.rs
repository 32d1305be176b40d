//! Published test vectors, and a whole session with them.

use std::time::Duration;

use vitals::{AbsentReason, AlarmKind, Code, DeviceAlarm, Measured, Observation, Priority};

use super::*;
use crate::dialogue::{LineFault, Seen};

/// Association request: 40 s, 1000 bytes, numerics and waves.
pub(super) const V4: &str = "0dec0508130100160102800014020002c1dc3180a0808001010000a280a003000001a4803080020101060452010001308006 \
    025101000000003080020102060c2a8648ce14020100000001013080060c2a8648ce14020100000002010000000000006180 \
    3080020101a0806080a180060c2a8648ce14020100000003010000be802880060c2a8648ce14020100000001010201028148 \
    8000000040000000000000008000000020000000000000000001002c00010028800000000004e200000003e8000003e8ffff \
    ffff600000000001000cf0010008880000000000000000000000000000000000000000000000";

/// The response that grants it.
pub(super) const V5: &str = "0ece0508130100160102800014020002c1be3180a0808001010000a280a003000001a5803080800100810251010000308080 \
    0100810c2a8648ce14020100000002010000000061803080020101a0806180a180060c2a8648ce14020100000003010000a2 \
    03020100a305a103020100be80288002010281488000000040000000000000000080000080000000000000000001002c0001 \
    0028800000000004e200000003e8000003e8ffffffff600000000001000cf001000888000000000000000000000000000000 \
    0000000000000000";

/// The answer to the first event, invoke 1.
pub(super) const V6: &str = "e10000020002001400010001000e002100000000000000000d060000";

/// Numerics: HR 80; SpO2 invalid; NBP 131/84 (99) with a time stamp; temperature flagged as demonstration; an object without
/// a value.
pub(super) const V8: &str = "e1000002000200b80011000700b2002100000000f13b00a800020007000f4240ffffffffffffffff0001000608030002008e \
    00000000000000010005008282b30001000e0950000a418200000aa00000005083d50001000e0950000a4bb8a0000220007f \
    ffff826a0003003a099000082024061006132000f2370004ffffffff094b00220003001e4a0500000f20000000834a060000 \
    0f20000000544a0700000f200000006384080001000e0950000a4b48040017a0fe000e8d82ca00000000";

/// One alarm of the patient: SpO2 LOW.
const V9: &str = "e10000020002008400120007007e002100000000f13b007400030000000f4240ffffffffffffffff0001003608010001005a \
    00000001005484010003004e0916000a0000000904000000040009020034000100304bb8003e040000080006000183d50204 \
    001e00038070000100056000001200530070004f00320020004c004f005700000904000400000000";

/// A linked result: HR, temperature, and an empty end.
pub(super) const V10: [&str; 3] = [
    "e100000200050044010100130007003c0021000000000c1600320004000f4240ffffffffffffffff0001000608030001001a \
    00010001001482b30001000e0950000a418200000aa000000050",
    "e100000200050044030200130007003c0021000000000c1600320004000f4240ffffffffffffffff0001000608030001001a \
    00010001001484080001000e0950000a4b48040017a0fe000e8d",
    "e1000002000200280013000700220021000000000c1600180004000f4240ffffffffffffffff00010006080300000000",
];

/// Error 9 to invoke 14 (hex).
pub(super) const V11: &str = "e10000020003000a00140009000400211234";

/// Opens a session: mode "monitoring", clocks 2024-06-10 06:18:20 at 1 000 000 ticks.
const MDS_CREATED: &str = "e1000002 0001 003e 0001 0001 0038 002100000000 00000000 0d06 002a 002100000000 0003 0020 \
    0946 0002 4000 0987 0008 2024061006182000 098f 0004 000f4240 9999 0002 0000";

pub(super) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn ms(ms: u64) -> MonoTime {
    MonoTime::from_ms(ms)
}

/// A monitor over the LAN, and the time.
struct Talk {
    dialogue: IntelliVue,
    now: MonoTime,
}

impl Talk {
    fn new(options: &StreamOptions<'_>) -> Talk {
        Talk {
            dialogue: IntelliVue::new(options).unwrap(),
            now: ms(1000),
        }
    }

    /// In a session that was opened by `created`.
    fn opened_by(options: &StreamOptions<'_>, created: &str) -> (Talk, Vec<Step>) {
        let mut talk = Talk::new(options);
        assert_eq!(talk.steps(), [Step::Send(association::RELEASE.to_vec())]);
        talk.passes(1000);
        assert_eq!(
            talk.sent(),
            [association::request(1364, options.waves != Some(&[]))]
        );
        assert_eq!(talk.hears(V5), []);
        let steps = talk.hears(created);
        (talk, steps)
    }

    fn opened() -> Talk {
        Talk::opened_by(&StreamOptions::usual(Transport::Udp), MDS_CREATED).0
    }

    fn steps(&mut self) -> Vec<Step> {
        let mut all = Vec::new();
        loop {
            match self.dialogue.step(self.now) {
                Step::SleepUntil(until) => {
                    assert!(until > self.now);
                    return all;
                }
                step => all.push(step),
            }
        }
    }

    fn sent(&mut self) -> Vec<Vec<u8>> {
        let steps = self.steps().into_iter();
        steps
            .map(|step| match step {
                Step::Send(bytes) => bytes,
                other => panic!("{other:?}"),
            })
            .collect()
    }

    fn hears(&mut self, message: &str) -> Vec<Step> {
        self.dialogue.heard(self.now, &hex(message));
        self.steps()
    }

    fn passes(&mut self, ms: u64) {
        self.now = self.now + Duration::from_millis(ms);
    }
}

fn seen(steps: &[Step]) -> Vec<Observation> {
    let vital = |step: &Step| match step {
        Step::Saw(Seen::Vital(seen) | Seen::Earlier { seen, .. }) => Some(*seen),
        _ => None,
    };
    steps.iter().filter_map(vital).collect()
}

fn told(steps: &[Step]) -> Vec<String> {
    let tell = |seen: &Observation| match seen.measured {
        Measured::Value(value) => format!("{} {value}", seen.code.key()),
        Measured::Absent(reason) => format!("{} {reason:?}", seen.code.key()),
    };
    seen(steps).iter().map(tell).collect()
}

#[test]
fn a_session_is_opened_and_asked_for_all_that_is_shown() {
    let (_, steps) = Talk::opened_by(&StreamOptions::usual(Transport::Udp), MDS_CREATED);
    let expected = [
        V6,
        "e10000020001001c000100070016 002100000000 00000000 0c160008 000100010021080a",
        "e100000200010028000200070022 002100000000 00000000 f13b0014 0002000100060803 00010008f13e000401b77400",
        "e100000200010028000300070022 002100000000 00000000 f13b0014 0003000100360801 00010008f13e000401b77400",
        "e100000200010028000400070022 002100000000 00000000 f13b0014 0005000100090000 00010008f13e000401b77400",
    ];
    assert_eq!(steps, expected.map(|bytes| Step::Send(hex(bytes))));
}

#[test]
fn v8_shows_what_is_valid_and_says_why_the_rest_is_absent() {
    let mut talk = Talk::opened();
    let steps = talk.hears(V8);
    assert_eq!(
        told(&steps),
        [
            "hr 80",
            "spo2 NotAvailable",
            "nibp_s 131",
            "nibp_d 84",
            "nibp_m 99"
        ]
    );
    assert!(steps.contains(&Step::Fault(LineFault::NotAPatient)));
    // The cuff measured at 06:13:20; now it is 06:18:20.
    let ago = steps.iter().find_map(|step| match step {
        Step::Saw(Seen::Earlier { seen, ago }) if seen.code == Code::NibpSys => Some(*ago),
        _ => None,
    });
    assert_eq!(ago, Some(Duration::from_secs(300)));
    let hr = seen(&steps)[0];
    assert_eq!(hr.device_time.unwrap().as_unix_ms(), 1_718_000_300_000);
    // Told once: a second later the cuff's values are repeated by the monitor only.
    talk.passes(1024);
    assert_eq!(told(&talk.hears(V8)), ["hr 80", "spo2 NotAvailable"]);
}

#[test]
fn v9_is_an_alarm_that_is_told_when_the_list_changes() {
    let mut talk = Talk::opened();
    let alarms = vec![DeviceAlarm {
        priority: Priority::High,
        kind: AlarmKind::Physiological,
        text: "SpO2 LOW".to_owned(),
    }];
    assert_eq!(talk.hears(V9), [Step::Saw(Seen::Alarms(alarms.clone()))]);
    talk.passes(1024);
    assert_eq!(talk.hears(V9), []);
    // After a pause the ward has let the list go.
    talk.passes(5001);
    talk.steps();
    assert_eq!(talk.hears(V9), [Step::Saw(Seen::Alarms(alarms))]);
}

#[test]
fn v10_a_lost_part_costs_its_own_values_only() {
    let mut talk = Talk::opened();
    // The temperature of the vector is flagged as demonstration; here it is not.
    let valid = V10[1].replace("4b48040017a0", "4b48000017a0");
    assert_eq!(told(&talk.hears(V10[0])), ["hr 80"]);
    assert_eq!(talk.hears(V10[1]), [Step::Fault(LineFault::NotAPatient)]);
    assert_eq!(talk.hears(V10[2]), []);
    talk.passes(1024);
    assert_eq!(told(&talk.hears(&valid)), ["temp 37.25"]);
}

#[test]
fn v11_an_error_is_counted() {
    let mut talk = Talk::opened();
    assert_eq!(talk.hears(V11), [Step::Fault(LineFault::Refused { code: 9 })]);
}

#[test]
fn s1_nothing_is_read_outside_a_session() {
    let mut talk = Talk::new(&StreamOptions::usual(Transport::Udp));
    talk.steps();
    assert_eq!(talk.hears(V8), []);
    talk.passes(1000);
    talk.steps();
    assert_eq!(talk.hears(V8), []);
    talk.hears(V5);
    assert_eq!(talk.hears(V8), []);
    assert_eq!(talk.sent(), Vec::<Vec<u8>>::new());
}

#[test]
fn s2_a_silent_session_is_ended_and_begun_anew() {
    let mut talk = Talk::opened();
    talk.hears(V8);
    talk.passes(9999);
    // What does not come is asked for again meanwhile.
    let all = talk.steps();
    assert!(
        all.len() > 3 && !all.contains(&Step::Send(association::RELEASE.to_vec())),
        "{all:?}"
    );
    talk.passes(1);
    assert_eq!(
        talk.steps(),
        [
            Step::Fault(LineFault::NoAnswer),
            Step::Send(association::RELEASE.to_vec())
        ]
    );
    assert_eq!(talk.hears(V8), []);
    // The monitor confirms the end: no need to wait.
    let released = "0a18c11661803080020101a08063808001000000000000000000";
    assert_eq!(
        talk.hears(released),
        [Step::Send(association::request(1364, true))]
    );
}

#[test]
fn a_question_that_nobody_answers_is_asked_three_times() {
    let mut talk = Talk::new(&StreamOptions::usual(Transport::Udp));
    let mut sent = Vec::new();
    for _ in 0..14 {
        for step in talk.steps() {
            if let Step::Send(bytes) = step {
                sent.push(bytes[0]);
            }
        }
        talk.passes(1000);
    }
    assert_eq!(sent, [9, 0x0D, 0x0D, 0x0D, 9]);
}

#[test]
fn a_refused_session_waits_and_a_cut_one_comes_back() {
    let mut talk = Talk::new(&StreamOptions::usual(Transport::Udp));
    talk.steps();
    talk.passes(1000);
    talk.steps();
    let refused = talk.hears("0c00");
    assert_eq!(refused[0], Step::Fault(LineFault::Refused { code: 0x0C }));
    talk.passes(9999);
    assert_eq!(talk.steps(), []);
    talk.passes(1);
    assert_eq!(talk.sent(), [association::request(1364, true)]);

    let mut talk = Talk::opened();
    assert_eq!(talk.hears("19"), [Step::Fault(LineFault::Refused { code: 0x19 })]);
    talk.passes(2000);
    assert_eq!(talk.sent(), [association::request(1364, true)]);
}

#[test]
fn s3_a_monitor_that_plays_or_is_serviced_shows_nothing() {
    for (mode, is_shown) in [
        ("4000", true),
        ("0002", true),
        ("2000", false),
        ("1000", false),
        ("0001", false),
    ] {
        let created = MDS_CREATED.replace("0946 0002 4000", &format!("0946 0002 {mode}"));
        let (mut talk, _) = Talk::opened_by(&StreamOptions::usual(Transport::Udp), &created);
        for message in [V8, V9] {
            let steps = talk.hears(message);
            let shows = steps.iter().any(|step| matches!(step, Step::Saw(_)));
            assert_eq!(shows, is_shown, "{mode} {steps:?}");
            assert!(is_shown || steps == [Step::Fault(LineFault::NotAPatient)]);
        }
    }
}

#[test]
fn i10_a_set_is_sent_for_curves_that_the_configuration_names_and_for_nothing_else() {
    let has_set = |waves: Option<&[Code]>| {
        let options = StreamOptions {
            waves,
            ..StreamOptions::usual(Transport::Udp)
        };
        let (_, steps) = Talk::opened_by(&options, MDS_CREATED);
        let sets = steps.iter().filter(|step| match step {
            // Invoke (0001), command 5.
            Step::Send(bytes) => bytes.get(4..6) == Some(&[0, 1]) && bytes.get(10..12) == Some(&[0, 5]),
            _ => false,
        });
        let wave_polls = steps.iter().filter(|step| match step {
            Step::Send(bytes) => bytes.get(32..34) == Some(&[0, 9]),
            _ => false,
        });
        (sets.count(), wave_polls.count())
    };
    assert_eq!(has_set(None), (0, 1));
    assert_eq!(has_set(Some(&[])), (0, 0));
    assert_eq!(has_set(Some(&[Code::EcgII, Code::Pleth])), (1, 1));
}

#[test]
fn a_curve_or_a_format_that_the_family_does_not_have_is_refused() {
    let wrong = StreamOptions {
        waves: Some(&[Code::Co2Wave]),
        ..StreamOptions::usual(Transport::Udp)
    };
    let error = IntelliVue::new(&wrong).unwrap_err().to_string();
    assert!(error.contains("co2") && error.contains("ecg_ii"), "{error}");
    let wrong = StreamOptions {
        format: Some("2"),
        ..StreamOptions::usual(Transport::Udp)
    };
    assert!(IntelliVue::new(&wrong).is_err());
}

#[test]
fn i4_a_cuff_pressure_of_unknown_age_is_not_shown_as_new() {
    // The monitor's clock is not set, then it is: the value waits for its age.
    let unset = MDS_CREATED.replace("2024061006182000", "ffffffffffffffff");
    let (mut talk, _) = Talk::opened_by(&StreamOptions::usual(Transport::Udp), &unset);
    assert_eq!(told(&talk.hears(V8)), ["hr 80", "spo2 NotAvailable"]);
    // Without a time stamp of its own.
    let mut later = hex(V8);
    let stamp = hex("0990000820240610");
    let at = later
        .windows(stamp.len())
        .position(|window| window == stamp)
        .unwrap();
    // Another attribute: the value has no time.
    later[at] = 0xFF;
    let mut talk = Talk::opened();
    talk.dialogue.heard(talk.now, &later);
    let steps = talk.steps();
    assert_eq!(
        told(&steps)[2..],
        ["nibp_s NotMeasured", "nibp_d NotMeasured", "nibp_m NotMeasured"]
    );
    let absent: Vec<_> = seen(&steps)
        .iter()
        .filter_map(|seen| seen.measured.reason())
        .collect();
    assert!(absent.contains(&AbsentReason::NotMeasured));
    talk.passes(1024);
    talk.dialogue.heard(talk.now, &later);
    assert_eq!(told(&talk.steps()), ["hr 80", "spo2 NotAvailable"]);
}

#[test]
fn the_serial_line_says_the_same_in_frames() {
    let mut serial = IntelliVue::new(&StreamOptions::usual(Transport::Serial)).unwrap();
    let first = serial.step(ms(1000));
    assert_eq!(
        first,
        Step::Send(hex(
            "c01101001a09187de11661803080020101a080628080010000000000000000004108c1"
        ))
    );
    let mut sent = Vec::new();
    for (at, message) in [(2000, ""), (2100, V5), (2200, MDS_CREATED), (2300, V8)] {
        if !message.is_empty() {
            serial.heard(ms(at), &frame::wrap(&hex(message)));
        }
        loop {
            match serial.step(ms(at)) {
                Step::SleepUntil(_) => break,
                step => sent.push(step),
            }
        }
    }
    assert_eq!(sent[0], Step::Send(frame::wrap(&hex(V4))));
    assert_eq!(told(&sent).len(), 5);
}
