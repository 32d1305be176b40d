//! Every family's device at every setting that is tried, through the whole plan; and every family's test cases in the ears of
//! all the others: what is found is what is there.

use std::path::{Path, PathBuf};

use drivers::capture::Capture;
use drivers::catalog::{FAMILIES, Family, Kind, Parity, SerialSettings, Transport};
use simulators::nonin::Format;

use super::super::ear::{Ear, Verdict};
use super::super::plan::{Over, plan, settings_words};
use super::bench::{Bench, Make, nonin, simulated, unit};

/// The devices of a family that can be played with these settings.
fn on_serial(family: &'static str, settings: SerialSettings) -> Vec<Make> {
    match family {
        "nonin" => vec![nonin(Format::Two), nonin(Format::Seven), nonin(Format::Eight)],
        "nonin_text" => ["8500", "avant"]
            .map(|model| simulated("nonin_text", &[("model", model)]))
            .into(),
        "masimo" => ["rad-8", "radical-7", "radical-5"]
            .map(|model| simulated("masimo", &[("model", model)]))
            .into(),
        "nellcor" => ["n-560", "n-595", "npb-290"]
            .map(|model| simulated("nellcor", &[("model", model)]))
            .into(),
        "contec" if settings.parity == Parity::Odd => vec![simulated("contec", &[("generation", "old")])],
        "contec" => vec![simulated("contec", &[])],
        "medibus" => vec![
            simulated("medibus", &[]),
            simulated("medibus", &[("begins", "yes")]),
        ],
        "datex_dri" => vec![
            simulated("datex_dri", &[]),
            simulated("datex_dri", &[("b_series", "yes")]),
        ],
        "intellivue" => vec![
            simulated("intellivue", &[("transport", "serial")]),
            simulated("intellivue", &[("transport", "serial"), ("demo", "yes")]),
        ],
        "modbus" => vec![unit(1, false), unit(20, false)],
        // A family with one sort of device needs no row here.
        other => vec![simulated(other, &[])],
    }
}

/// The same on the LAN, the ones behind a serial server included.
fn on_lan(family: &'static str, transport: Transport) -> Vec<Make> {
    match (family, transport) {
        ("mindray_pds", _) => vec![simulated(family, &[]), simulated(family, &[("dated", "yes")])],
        ("intellivue", _) => vec![simulated(family, &[]), simulated(family, &[("demo", "yes")])],
        ("modbus", _) => vec![unit(1, true), unit(20, true)],
        ("contec", _) => vec![
            simulated("contec", &[]),
            simulated("contec", &[("generation", "old")]),
        ],
        (other, _) => on_serial(other, SerialSettings::new(9600, Parity::None)),
    }
}

/// Who was found, and how; with all that was said, for a look when it is wrong.
fn found(bench: &mut Bench, serial: bool) -> (Option<(&'static str, Over)>, String) {
    let all = bench.probe(plan(serial, FAMILIES));
    let said = all
        .iter()
        .map(|tried| format!("{}\n{}", tried.what.heading(), tried.words()));
    let said: String = said.collect();
    let last = all.last().expect("something was tried");
    let who = last
        .understood()
        .map(|index| (last.what.families[index].name, last.what.over));
    (who, said)
}

/// The families whose devices can be found by listening and asking: an analyser says nothing until it has a result.
fn bedside() -> impl Iterator<Item = &'static Family> {
    FAMILIES.iter().filter(|family| !family.is_laboratory)
}

#[test]
fn every_device_is_found_at_every_setting_that_is_tried_and_taken_for_no_other() {
    for family in bedside().filter(|one| one.transports.contains(&Transport::Serial)) {
        for settings in [&[family.serial], family.probe].concat() {
            for (n, make) in on_serial(family.name, settings).into_iter().enumerate() {
                let (who, said) = found(&mut Bench::new(make, Some(settings)), true);
                let title = format!("device {n} of {} at {}", family.name, settings_words(settings));
                assert_eq!(
                    who,
                    Some((family.name, Over::Serial(settings))),
                    "{title}:\n{said}"
                );
            }
        }
    }
}

#[test]
fn every_device_on_the_lan_is_found_and_taken_for_no_other() {
    for family in bedside() {
        for transport in family.transports {
            let over = match transport {
                Transport::Tcp => Over::Tcp,
                Transport::Udp => Over::Udp,
                Transport::Serial | Transport::Listen | Transport::Broker => continue,
            };
            for (n, make) in on_lan(family.name, *transport).into_iter().enumerate() {
                let (who, said) = found(&mut Bench::new(make, None), false);
                let title = format!("device {n} of {} over {}", family.name, transport.key());
                assert_eq!(who, Some((family.name, over)), "{title}:\n{said}");
            }
        }
    }
}

#[test]
fn a_device_at_a_speed_that_is_not_tried_is_taken_for_nothing() {
    for family in FAMILIES
        .iter()
        .filter(|one| one.transports.contains(&Transport::Serial))
    {
        for (baud, parity) in [(4800, Parity::None), (57_600, Parity::Even)] {
            let settings = SerialSettings::new(baud, parity);
            for make in on_serial(family.name, settings) {
                let (who, said) = found(&mut Bench::new(make, Some(settings)), true);
                assert_eq!(
                    who,
                    None,
                    "{} at {}:\n{said}",
                    family.name,
                    settings_words(settings)
                );
            }
        }
    }
}

fn cases(family: &Family) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../drivers/src")
        .join(family.folder);
    let cases = std::fs::read_dir(folder.join("testcases")).unwrap();
    let mut cases: Vec<PathBuf> = cases
        .map(|case| case.unwrap().path().join("capture.hex"))
        .collect();
    cases.retain(|capture| capture.exists());
    cases.sort();
    cases
}

#[test]
fn what_one_family_says_is_understood_by_no_other() {
    let (mut heard, mut mistaken) = (0, Vec::new());
    // What Modbus units say is an answer to what the post has asked: there is nothing to overhear.
    for speaker in FAMILIES.iter().filter(|one| !matches!(one.kind, Kind::Modbus)) {
        for case in cases(speaker) {
            let capture = Capture::parse(&std::fs::read_to_string(&case).unwrap()).unwrap();
            for listener in FAMILIES.iter().filter(|one| one.name != speaker.name) {
                for transport in listener.transports {
                    let Some(mut ear) = Ear::new(listener, *transport) else {
                        continue;
                    };
                    for moment in &capture.moments {
                        ear.steps(moment.at);
                        ear.heard(moment.at, &moment.lines.concat());
                        ear.steps(moment.at);
                    }
                    heard += 1;
                    if ear.notes.verdict() == Verdict::Understood {
                        let what = ear.notes.words();
                        mistaken.push(format!("{} by {}: {what}", case.display(), listener.name));
                    }
                }
            }
        }
    }
    assert!(mistaken.is_empty(), "{}", mistaken.join("\n"));
    assert!(heard > 1000, "only {heard} captures were heard");
}

#[test]
fn every_family_understands_some_of_what_its_own_devices_say() {
    for family in FAMILIES.iter().filter(|one| matches!(one.kind, Kind::Stream(_))) {
        let understood = cases(family).iter().any(|case| {
            let capture = Capture::parse(&std::fs::read_to_string(case).unwrap()).unwrap();
            let transport = capture.transport(family).unwrap();
            let mut ear = Ear::new(family, transport).unwrap();
            for moment in &capture.moments {
                match transport {
                    Transport::Udp => moment.lines.iter().for_each(|line| ear.heard(moment.at, line)),
                    _ => ear.heard(moment.at, &moment.lines.concat()),
                }
                ear.steps(moment.at);
            }
            ear.notes.verdict() == Verdict::Understood
        });
        assert!(understood, "{}: the matrix would prove nothing", family.name);
    }
}
