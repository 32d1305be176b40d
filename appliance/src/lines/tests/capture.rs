//! A captured line on a real pseudo-terminal: what it told then, its capture tells again.

use simulators::nonin::{Format, Sim};
use simulators::patient::{Generator, Scenario};

use super::device::Cable;
use super::*;

#[tokio::test]
async fn k1_a_capture_tells_again_what_the_line_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("oxi.hex");
    let mut cable = Cable::new();
    let port = cable.port().to_str().unwrap().to_owned();
    let mut line = start(&format!(
        "[[line]]\nid = \"oxi\"\nserial = {port:?}\nfamily = \"nonin\"\nformat = \"7\"\ndevice = \"oxi\"\n\
         capture = {:?}\n",
        file.to_str().unwrap()
    ));
    assert_eq!(line.next_link().await, PortState::Open);
    let mut told = Vec::new();
    let mut hear = |events: Vec<LineEvent>| {
        told.extend(events.into_iter().filter_map(|event| match event.what {
            Heard::Seen(seen) => Some(drivers::tell::tell_seen(&seen)),
            Heard::Fault(fault) => Some(drivers::tell::tell_fault(fault)),
            Heard::Link(_) | Heard::Receipt(_) => None,
        }));
    };
    let patient = Box::new(Generator::new(7, Scenario::Stable));
    let frames: Vec<u8> = Sim::new(Format::Seven, patient)
        .take(200)
        .flat_map(|chunk| chunk.bytes)
        .collect();
    // As many bytes as the device sends in that time, in pieces that split frames.
    for piece in frames.chunks(37) {
        cable.send(piece);
        hear(line.during(Duration::from_millis(100)).await);
    }
    hear(line.during(Duration::from_millis(500)).await);
    line.stop().await;
    assert!(told.len() > 10, "{told:?}");

    let again = async {
        loop {
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            let capture = drivers::capture::Capture::parse(&text);
            let again = capture.map(|capture| {
                let family = catalog::family(capture.directive("family").unwrap_or("nonin")).unwrap();
                drivers::capture::replay(family, &capture, |bytes| vec![bytes]).unwrap()
            });
            let again = again.unwrap_or_default();
            let again: Vec<String> = again
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.1.to_owned()))
                .collect();
            if again == told {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    // The thread that writes needs a moment after the line has ended.
    tokio::time::timeout(PATIENCE, again)
        .await
        .expect("the capture tells something else than the line did");
}
