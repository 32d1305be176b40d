//! Whole Modbus lines, from the configuration file on.

use tokio::net::TcpListener;
use vitals::{Code, Observation, Quality};

use super::device::{Question, Script, Units, with_crc};
use super::*;

/// What a unit with the map `bedside-invented` holds: SpO2 97 %, HR 72/min, and so on.
const BEDSIDE: [u16; 11] = [0, 72, 71, 97, 16, 368, 120, 80, 93, 12, 1];

fn bedside(question: Question) -> Vec<u8> {
    let first = usize::from(question.addr);
    let words = &BEDSIDE[first..first + usize::from(question.count)];
    let mut frame = vec![
        question.unit,
        question.function,
        u8::try_from(words.len() * 2).unwrap(),
    ];
    frame.extend(words.iter().flat_map(|word| word.to_be_bytes()));
    with_crc(frame)
}

/// Units that answer at once; those that `dead` names never.
fn units_but(dead: &'static [u8]) -> Script {
    Box::new(move |question| {
        if dead.contains(&question.unit) {
            return Vec::new();
        }
        vec![(Duration::from_millis(5), bedside(question))]
    })
}

fn line(id: &str, port: &str, units: &[u8]) -> String {
    let head = format!("[[line]]\nid = \"{id}\"\n{port}\nfamily = \"modbus\"\n");
    let units = units.iter().map(|unit| {
        format!("[[line.unit]]\nunit = {unit}\nmap = \"bedside-invented\"\ndevice = \"{id}-{unit}\"\n")
    });
    head + &units.collect::<String>()
}

fn at(path: &Path) -> String {
    format!("serial = {:?}", path.to_str().unwrap())
}

fn spo2(event: &LineEvent) -> Option<&Observation> {
    match &event.what {
        Heard::Seen(Seen::Vital(seen)) if seen.code == Code::Spo2 => Some(seen),
        _ => None,
    }
}

/// When SpO2 came from this device.
fn spo2_times(events: &[LineEvent], name: &str) -> Vec<MonoTime> {
    let of_device = events.iter().filter(|event| event.device == device(name));
    of_device
        .filter(|event| spo2(event).is_some())
        .map(|event| event.at)
        .collect()
}

#[tokio::test]
async fn i10_a_dead_unit_does_not_slow_the_other_units_of_its_line() {
    let units = Units::start(units_but(&[2]));
    let mut running = start(&line("bus", &at(units.port()), &[1, 2]));
    let events = running.during(Duration::from_secs(12)).await;
    let times = spo2_times(&events, "bus-1");
    let longest = times
        .windows(2)
        .map(|pair| pair[1].since(pair[0]))
        .max()
        .unwrap_or(Duration::MAX);
    assert!(times.len() >= 8, "{} values in 12 s", times.len());
    assert!(longest < Duration::from_secs(3), "no value for {longest:?}");
    assert_eq!(spo2_times(&events, "bus-2"), []);
    let of_dead = events.iter().filter(|event| event.device == device("bus-2"));
    let faults: Vec<_> = of_dead.map(|event| &event.what).collect();
    assert!(faults.contains(&&Heard::Fault(LineFault::NoAnswer)), "{faults:?}");
    // On a busy machine the living unit may be late too, and a line on which nobody answers is opened again.
    let living = |event: &&LineEvent| event.device == device("bus-1");
    let late = events
        .iter()
        .filter(living)
        .any(|event| matches!(event.what, Heard::Fault(_)));
    let opened = running.counters.snapshot()[0].opened;
    assert!(opened == 1 || late, "opened {opened} times for a dead unit alone");
    running.stop().await;
}

#[tokio::test]
async fn a_pulled_cable_closes_every_device_of_the_line_once_and_all_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("rs485");
    let units = Units::start(units_but(&[]));
    std::os::unix::fs::symlink(units.port(), &link).unwrap();
    let mut running = start(&line("bus", &at(&link), &[1, 2]));
    for _ in 0..2 {
        assert_eq!(running.next_link().await, PortState::Open);
    }
    while spo2(&running.next().await).is_none() {}

    drop(units);
    let gone = running.during(Duration::from_secs(4)).await;
    let closed = gone.iter().filter_map(|event| match &event.what {
        Heard::Link(PortState::Closed { reason }) => Some((event.device.as_str(), reason.as_str())),
        _ => None,
    });
    // First that the device is lost; the next try may find a port of another state, and says so once.
    let closed: Vec<(&str, &str)> = closed.collect();
    let devices: Vec<&str> = closed.iter().map(|(device, _)| *device).collect();
    assert_eq!(devices[..2], ["bus-1", "bus-2"]);
    let said_once: std::collections::BTreeSet<_> = closed.iter().collect();
    assert_eq!(
        said_once.len(),
        closed.len(),
        "a reason is told again only when it changes: {closed:?}"
    );

    let units = Units::start(units_but(&[]));
    std::fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(units.port(), &link).unwrap();
    for _ in 0..2 {
        assert_eq!(running.next_link().await, PortState::Open);
    }
    while spo2(&running.next().await).is_none() {}
    running.stop().await;
}

#[tokio::test]
async fn i10_a_device_on_the_lan_that_never_answers_slows_no_other_line() {
    let deaf = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let units = Units::start(units_but(&[]));
    let tcp = format!("tcp = \"{}\"", deaf.local_addr().unwrap());
    let both = line("lan", &tcp, &[1]) + &line("bus", &at(units.port()), &[1]);
    let mut running = start(&both);
    let events = running.during(Duration::from_secs(6)).await;
    assert!(spo2_times(&events, "bus-1").len() >= 4);
    assert_eq!(spo2_times(&events, "lan-1"), []);
    let counts = running.counters.snapshot();
    assert!(
        counts[0].faults["no_answer"] >= 1 && !counts[1].faults.contains_key("no_answer"),
        "{counts:?}"
    );
    running.stop().await;
}

#[tokio::test]
async fn the_first_value_after_a_failure_is_marked_as_questionable() {
    let mut failed_once = false;
    let units = Units::start(Box::new(move |question| {
        let fails = question.number > 1 && !std::mem::replace(&mut failed_once, question.number > 1);
        let answer = bedside(question);
        vec![(Duration::from_millis(5), if fails { Vec::new() } else { answer })]
    }));
    let mut running = start(&line("bus", &at(units.port()), &[1]));
    let mut qualities = Vec::new();
    while qualities.len() < 3
        || qualities.last() != Some(&Quality::Good)
        || !qualities.contains(&Quality::Questionable)
    {
        if let Some(seen) = spo2(&running.next().await) {
            qualities.push(seen.quality);
        }
    }
    let questionable = qualities
        .iter()
        .filter(|quality| **quality == Quality::Questionable);
    assert_eq!(questionable.count(), 1, "{qualities:?}");
    running.stop().await;
}

#[tokio::test]
async fn a_stopped_modbus_line_leaves_nothing_behind_even_in_the_middle_of_a_question() {
    let metrics = tokio::runtime::Handle::current().metrics();
    let before = metrics.num_alive_tasks();
    let units = Units::start(Box::new(|_| Vec::new()));
    let running = start(&line("bus", &at(units.port()), &[1]));
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(metrics.num_alive_tasks() > before);
    running.stop().await;
    // The exchange was told to end and does so at its next turn.
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(metrics.num_alive_tasks(), before);
}
