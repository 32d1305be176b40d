//! Sensors that send anything, to an [`Inbox`] of two: never a panic, nothing twice, nothing from nowhere.

mod sensors;
mod support;

use std::path::Path;

use drivers::catalog;
use drivers::sensor_json::{
    Found, ITEMS_MAX, Inbox, MESSAGE_BYTES_MAX, MESSAGES_AT_ONCE_MAX, SIGNALS_MAX, VITALS_MAX,
};
use drivers::{LineFault, Seen};
use proptest::prelude::*;
use sensors::Sent;
use support::captures::{cases, read};
use vitals::MonoTime;

/// All messages of all test cases.
fn messages() -> Vec<Vec<u8>> {
    let family = catalog::family("sensor_json").expect("it is in the catalogue");
    let texts = cases(family)
        .into_iter()
        .map(|case| read(&case.join("messages.txt")));
    texts
        .flat_map(|text| sensors::parse(&text).1)
        .map(|sent| sent.payload)
        .collect()
}

fn inbox() -> Inbox {
    Inbox::new(vec![
        "band-1".parse().expect("a name"),
        "band-2".parse().expect("a name"),
    ])
}

fn sent(at_ms: u64, payload: &[u8]) -> Sent {
    Sent {
        at: MonoTime::from_ms(at_ms),
        device: "band-1".to_owned(),
        retained: false,
        payload: payload.to_vec(),
    }
}

fn saw(inbox: &mut Inbox, one: &Sent) -> (Vec<Seen>, Vec<LineFault>) {
    let (mut seen, mut faults) = (Vec::new(), Vec::new());
    for found in inbox.receive(one.at, one.arrived()) {
        match found {
            Found::Saw(place, what) => {
                assert_eq!(place, 0, "S1: it is about the device of its topic");
                seen.push(what);
            }
            Found::Fault(_, fault) | Found::LineFault(fault) => faults.push(fault),
            Found::UnknownDevice(name) => panic!("{name}"),
        }
    }
    (seen, faults)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn i5_s2_damaged_messages_are_taken_once_or_not_at_all(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 0..6),
    ) {
        let all = messages();
        let mut payload = all[which.index(all.len())].clone();
        for (at, byte, how) in changes {
            let at = at.index(payload.len() + 1);
            match how {
                0 => payload.truncate(at),
                1 => payload.insert(at, byte),
                _ => payload.get_mut(at).into_iter().for_each(|old| *old = byte),
            }
        }
        let mut inbox = inbox();
        let one = sent(1_000_000, &payload);
        let (seen, _) = saw(&mut inbox, &one);
        for what in &seen {
            if let Seen::Vital(seen) | Seen::Earlier { seen, .. } = what
                && let Some(value) = seen.measured.value()
            {
                prop_assert_eq!(seen.code.judge(value), seen.measured, "I5");
            }
        }
        let (again, _) = saw(&mut inbox, &one);
        prop_assert!(again.is_empty(), "S2: {:?}", again);
    }

    #[test]
    fn random_bytes_never_say_anything(payload in prop::collection::vec(any::<u8>(), 0..300)) {
        let (seen, faults) = saw(&mut inbox(), &sent(1_000, &payload));
        prop_assert!(seen.is_empty() && faults == [LineFault::BadMessage]);
    }
}

#[test]
fn s7_every_bound_is_reached_and_told() {
    let mut inbox = inbox();
    let item = "{\"code\":\"pr\",\"value\":72,\"unit\":\"/min\"}";
    let many = vec![item; VITALS_MAX + 1].join(",");
    let text = format!("{{\"run\":\"a\",\"seq\":0,\"up_ms\":0,\"values\":[{many}]}}");
    let (seen, faults) = saw(&mut inbox, &sent(1_000, text.as_bytes()));
    assert_eq!((seen.len(), faults), (VITALS_MAX, vec![LineFault::TooLong]));

    let long = format!(
        "{{\"run\":\"a\",\"seq\":1,\"up_ms\":0,\"x\":\"{}\"}}",
        "x".repeat(MESSAGE_BYTES_MAX)
    );
    let (seen, faults) = saw(&mut inbox, &sent(2_000, long.as_bytes()));
    assert_eq!((seen.len(), faults), (0, vec![LineFault::TooLong]));

    let mut signals = 0;
    for n in 0..SIGNALS_MAX + 4 {
        let (seq, up_ms) = (n + 2, 3_000 + n * 100);
        let site = format!("{{\"signal\":\"s{n}\",\"value\":1,\"unit\":\"V\"}}");
        let text = format!("{{\"run\":\"a\",\"seq\":{seq},\"up_ms\":{up_ms},\"site\":[{site}]}}");
        let (seen, _) = saw(&mut inbox, &sent(4_000 + n as u64 * 100, text.as_bytes()));
        signals += seen
            .iter()
            .filter(|seen| matches!(seen, Seen::Site { .. }))
            .count();
    }
    assert_eq!((signals, inbox.kept().count()), (SIGNALS_MAX, 4));

    for n in 0..100 {
        let text = format!("{{\"run\":\"b\",\"seq\":{n},\"up_ms\":0,\"values\":[{n}]}}");
        saw(&mut inbox, &sent(100_000 + n * 60, text.as_bytes()));
    }
    assert_eq!(inbox.kept().count(), ITEMS_MAX);

    let flood = (0..1_000u64).map(|n| {
        let text = format!("{{\"run\":\"c\",\"seq\":{n},\"up_ms\":0}}");
        saw(&mut inbox, &sent(200_000, text.as_bytes()))
    });
    let faults: Vec<LineFault> = flood.flat_map(|(_, faults)| faults).collect();
    assert_eq!(faults.len() as u64, 1_000 - MESSAGES_AT_ONCE_MAX);
    assert!(faults.iter().all(|fault| *fault == LineFault::TooMany));
    // The other device of the line is heard all the same.
    let other = Sent {
        device: "band-2".to_owned(),
        ..sent(200_000, b"{\"run\":\"d\",\"seq\":0,\"up_ms\":0}")
    };
    let found = inbox.receive(other.at, other.arrived());
    assert_eq!(found, [Found::Saw(1, Seen::Alive)]);
}

#[test]
fn the_example_of_the_readme_is_taken_whole() {
    let readme = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sensor_json/README.md"));
    let example = readme
        .split("```json\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    let (seen, faults) = saw(
        &mut inbox(),
        &sent(1_000_000, example.expect("an example").as_bytes()),
    );
    assert_eq!((seen.len(), faults), (6, Vec::new()));
}
