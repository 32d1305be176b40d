use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::*;

fn options(file: &Path, bytes_max: u64) -> CaptureOptions {
    CaptureOptions {
        file: file.to_owned(),
        bytes_max,
        line: "oxi-1".to_owned(),
        directives: "!family nonin\n!transport serial\n".to_owned(),
        transport: Transport::Serial,
    }
}

fn ms(ms: u64) -> MonoTime {
    MonoTime::from_ms(ms)
}

/// Writes a run of the line as the thread would.
fn record(options: &CaptureOptions, run: impl Fn(&Capture)) -> Result<(), End> {
    let (queue, pieces) = sync_channel(PIECES_MAX);
    let capture = Capture::into_queue(queue);
    run(&capture);
    drop(capture);
    write_pieces(options, &pieces)
}

fn a_run(capture: &Capture) {
    capture.opened(ms(5_000));
    capture.sent(ms(5_000), &[0x10, 2]);
    capture.heard(ms(5_500), &[0xAB; 33]);
    capture.moment(ms(5_500));
    capture.moment(MonoTime::from_ns(6_000_000_001));
    capture.lost(ms(6_100), "unplugged");
    capture.opened(ms(7_000));
}

#[test]
fn k1_the_file_is_a_capture_that_runs_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("oxi.hex");
    record(&options(&file, 100_000), a_run).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let line = ["AB"; 32].join(" ");
    let expected = format!(
        "!family nonin\n!transport serial\n@0.000\n# sent 10 02\n@0.500\n{line}\nAB\n@1.001\n\
         # the port was lost: unplugged\n!again\n@2.000\n"
    );
    assert_eq!(text.split_once('\n').unwrap().1, expected);
    let capture = drivers::capture::Capture::parse(&text).unwrap();
    assert_eq!(capture.moments.len(), 4);
    assert!(capture.moments[3].again);
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "K5");
}

#[test]
fn k2_what_finds_no_place_is_counted_and_nobody_waits() {
    let (queue, pieces) = sync_channel(2);
    let capture = Capture::into_queue(queue);
    for n in 0..5 {
        capture.heard(ms(n), &[1]);
    }
    let first: Vec<Piece> = pieces.try_iter().collect();
    assert_eq!(first.len(), 2);
    capture.heard(ms(9), &[2]);
    let piece = pieces.try_recv().unwrap();
    assert_eq!(piece.missed, 3);
    let said = Text::new(Transport::Serial).of(&piece);
    assert!(said.starts_with("# a gap: 3 pieces are missing"), "{said}");
    drop(pieces);
    capture.heard(ms(10), &[3]);
    assert!(capture.ended.load(Ordering::Relaxed), "nothing more is copied");
}

#[test]
fn k3_a_capture_ends_at_its_bound_and_still_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("oxi.hex");
    let many = |capture: &Capture| {
        for n in 0..400 {
            capture.heard(ms(n * 1_000), &[7; 100]);
        }
    };
    for _ in 0..3 {
        assert!(matches!(record(&options(&file, 10_000), many), Err(End::Full)));
        let length = std::fs::metadata(&file).unwrap().len();
        assert!(length > 9_000 && length <= 10_000, "{length}");
    }
    let text = std::fs::read_to_string(&file).unwrap();
    drivers::capture::Capture::parse(&text).unwrap();
    assert!(text.contains("# the end"));
}

#[test]
fn k4_a_capture_that_is_there_is_gone_on_with_even_after_a_power_cut() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("oxi.hex");
    record(&options(&file, 100_000), a_run).unwrap();
    let mut text = std::fs::read_to_string(&file).unwrap();
    let whole = text.clone();
    text.push_str("AB 0");
    std::fs::write(&file, text).unwrap();
    record(&options(&file, 100_000), a_run).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let more = text.strip_prefix(&whole).expect("what was there stays");
    assert!(
        more.starts_with("!again\n@3.000\n# sent 10 02\n@3.500\n"),
        "{more}"
    );
    drivers::capture::Capture::parse(&text).unwrap();

    let other = CaptureOptions {
        directives: "!family modbus\n".to_owned(),
        ..options(&file, 100_000)
    };
    assert!(matches!(record(&other, a_run), Err(End::Other)));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn datagrams_stay_whole() {
    let mut text = Text::new(Transport::Udp);
    let piece = Piece {
        at: ms(1),
        missed: 0,
        what: What::Heard(vec![1; 100]),
    };
    assert_eq!(text.of(&piece).lines().count(), 2);
}
