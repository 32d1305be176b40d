//! Records that are written here byte by byte; real ones are read in `tests/recordings.rs`.

use std::time::Duration;

use super::*;

/// A folder with these files; deleted with the value.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn samples(channels: &[Channel], name: &str) -> Vec<f64> {
    let channel = channels.iter().find(|channel| channel.name == name).unwrap();
    channel.samples.clone()
}

#[test]
fn numerics_in_format_16_keep_their_zeros_whether_the_record_is_named_with_hea_or_without() {
    let header =
        b"n 2 0.0166666666667/125 3\nn.dat 16 10/bpm 16 0 0 500 0 HR\nn.dat 16 10/% 16 0 0 1920 0 SpO2\n";
    let data: Vec<u8> = [0_i16, 970, 500, 0, 0, 950]
        .iter()
        .flat_map(|v| v.to_le_bytes())
        .collect();
    let folder = folder(&[("n.hea", header), ("n.dat", &data)]);
    for name in ["n", "n.hea"] {
        let channels = read(&folder.path().join(name)).unwrap();
        assert_eq!(samples(&channels, "HR"), [0.0, 50.0, 0.0]);
        assert_eq!(channels[1].at(Duration::from_secs(150)), Some(95.0));
    }
}

#[test]
fn signals_of_two_rates_share_a_file_frame_by_frame() {
    let header = b"m 2 10 2\nm.dat 16x2 1 12 0 1 10 0 ECG\nm.dat 16 1 12 0 3 9 0 PLETH\n";
    let data: Vec<u8> = [1_i16, 2, 3, 3, 4, 6]
        .iter()
        .flat_map(|v| v.to_le_bytes())
        .collect();
    let folder = folder(&[("m.hea", header), ("m.dat", &data)]);
    let channels = read(&folder.path().join("m")).unwrap();
    assert_eq!(samples(&channels, "ECG"), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(samples(&channels, "PLETH"), [3.0, 6.0]);
    assert_eq!(channels[0].period_s, 0.05);
    assert_eq!(channels[1].length(), Duration::from_millis(200));
}

#[test]
fn a_byte_offset_a_skew_and_an_invalid_sample_are_respected() {
    let header = b"o 1 1 4\no.dat 24:1+3 2(10)/mV 24 0 0 58 0 HR\n";
    let mut data = b"pre".to_vec();
    for sample in [1_i32, 12, -(1 << 23), 45] {
        data.extend_from_slice(&sample.to_le_bytes()[..3]);
    }
    let folder = folder(&[("o.hea", header), ("o.dat", &data)]);
    let found = samples(&read(&folder.path().join("o")).unwrap(), "HR");
    assert_eq!((found[0], found[2]), (1.0, 17.5));
    assert!(found[1].is_nan() && found[3].is_nan() && found.len() == 4);
}

#[test]
fn segments_follow_each_other_with_gaps_where_a_segment_or_a_signal_is_missing() {
    let folder = folder(&[
        ("s.hea", b"s/3 1 1 6\na 2\n~ 2\nb 2\n"),
        ("a.hea", b"a 1 1 2\na.dat 80 1 8 0 0 0 0 HR\n"),
        ("a.dat", &[188, 189]),
        ("b.hea", b"b 2 1 2\nb.dat 80 1\nb.dat 80 1 8 0 0 0 0 HR\n"),
        ("b.dat", &[1, 190, 2, 191]),
    ]);
    // The checksums of a and b: written as 0 above, so they must be refused first.
    assert!(matches!(
        read(&folder.path().join("s")),
        Err(WfdbError::Checksum { .. })
    ));
    std::fs::write(
        folder.path().join("a.hea"),
        "a 1 1 2\na.dat 80 1 8 0 60 121 0 HR\n",
    )
    .unwrap();
    std::fs::write(
        folder.path().join("b.hea"),
        "b 2 1 2\nb.dat 80 1\nb.dat 80 1 8 0 62 125 0 HR\n",
    )
    .unwrap();
    let channels = read(&folder.path().join("s")).unwrap();
    let found = samples(&channels, "HR");
    assert_eq!((found[0], found[1], found[4], found[5]), (60.0, 61.0, 62.0, 63.0));
    assert!(found[2].is_nan() && found[3].is_nan());
    let unnamed = samples(&channels, "");
    assert!(unnamed[..4].iter().all(|value| value.is_nan()) && unnamed.len() == 6);
}

#[test]
fn a_damaged_record_is_refused_with_the_file_and_the_reason() {
    let folder = folder(&[
        ("short.hea", b"short 1 1 4\nshort.dat 16 1\n"),
        ("short.dat", &[1, 0, 2, 0]),
        ("flac.hea", b"flac 1 1 4\nflac.dat 516 1\n"),
        ("odd.hea", b"odd 1 1 4\nodd.dat 310 1\n"),
        ("lost.hea", b"lost 1 1 4\nlost.dat 16 1\n"),
    ]);
    let problem = |name| read(&folder.path().join(name)).unwrap_err().to_string();
    assert!(problem("short").contains("short.dat has 4 bytes, its header promises 8"));
    let flac = problem("flac");
    assert!(
        flac.contains("FLAC-compressed records are not supported; use derived/*.csv"),
        "{flac}"
    );
    assert!(flac.contains("format 516"), "{flac}");
    assert!(problem("odd").contains("signal format 310 is not supported"));
    assert!(problem("lost").contains("lost.dat"));
    assert!(problem("absent").contains("absent.hea"));
}

#[test]
fn a_header_without_a_length_takes_what_the_file_holds() {
    let folder = folder(&[
        ("l.hea", b"l 1 1\nl.dat 16 1 16 0 7 7 0 HR\n"),
        ("l.dat", &[7, 0]),
    ]);
    assert_eq!(samples(&read(&folder.path().join("l")).unwrap(), "HR"), [7.0]);
}

#[test]
fn a_signal_file_beyond_the_bound_is_refused_unread() {
    let folder = folder(&[("big.hea", b"big 1 1\nbig.dat 16 1\n"), ("big.dat", &[])]);
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(folder.path().join("big.dat"))
        .unwrap();
    file.set_len(FILE_BYTES_MAX + 1).unwrap();
    let problem = read(&folder.path().join("big")).unwrap_err();
    assert!(matches!(problem, WfdbError::TooLarge { .. }), "{problem}");
}
