//! The probe on a real pseudo-terminal with the simulated oximeter at the other end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use simulators::nonin::{Format, Sim};

use super::device::Cable;
use super::*;
use crate::lines::probe::tries;

/// Plays until the cable is pulled; gives back what the computer has sent meanwhile.
fn play(mut cable: Cable, mut sim: Option<Sim>, stop: Arc<AtomicBool>) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let clock = clock();
        let began = clock.now();
        let mut next = sim.as_mut().and_then(Iterator::next);
        let mut sent = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            while let Some(chunk) = next.take_if(|chunk| clock.now() >= began + chunk.at) {
                cable.send(&chunk.bytes);
                next = sim.as_mut().and_then(Iterator::next);
            }
            sent.extend(cable.take());
            std::thread::sleep(Duration::from_millis(2));
        }
        sent
    })
}

async fn probed(sim: Option<Sim>) -> (Result<bool, String>, String, Vec<u8>) {
    let cable = Cable::new();
    let port = cable.port().to_str().unwrap().to_owned();
    let stop = Arc::new(AtomicBool::new(false));
    let device = play(cable, sim, stop.clone());
    let mut out = Vec::new();
    let found = tries(&port, clock(), &mut out)
        .await
        .map_err(|error| error.to_string());
    stop.store(true, Ordering::Relaxed);
    (found, String::from_utf8(out).unwrap(), device.join().unwrap())
}

#[tokio::test]
async fn i10_an_oximeter_is_found_by_listening_and_not_a_byte_is_sent_to_it() {
    let patient = simulators::patient::Generator::new(7, simulators::patient::Scenario::Stable);
    let (found, said, sent) = probed(Some(Sim::new(Format::Seven, Box::new(patient)))).await;
    assert_eq!(found, Ok(true), "{said}");
    assert!(
        said.contains("Found: Nonin") && said.contains("family = \"nonin\"\nbaud = 9600"),
        "{said}"
    );
    assert!(said.contains("spo2 ") && said.contains("curve pleth"), "{said}");
    assert!(sent.is_empty(), "{sent:?} after {said}");
}

#[tokio::test]
async fn a_port_that_is_not_there_says_so_at_once() {
    let mut out = Vec::new();
    let error = tries("/nonexistent/ttyUSB0", clock(), &mut out)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("is not there"), "{error}");
}
