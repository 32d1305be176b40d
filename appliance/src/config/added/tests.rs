use drivers::catalog::family;

use super::*;

const CONFIG: &str = "post = \"p\"\nname = \"P\"\n[store]\npath = \"store.redb\"\n[web]\nlisten = \"127.0.0.1:0\"\n\
    [[bed]]\nid = \"1\"\n[[line]]\nid = \"wall\"\ntcp = \"10.0.0.1:4001\"\nfamily = \"nonin\"\ndevice = \"wall-1\"\nbed = \"1\"\n";

fn config(folder: &Path, text: &str) -> Config {
    let file = folder.join("vitalpost.toml");
    parse(&file, folder, text).unwrap_or_else(|errors| panic!("{errors}"))
}

fn oximeter(port: &str, device: &str) -> NewLine {
    NewLine {
        family: "nonin",
        transport: Transport::Tcp,
        port: port.to_owned(),
        serial: None,
        device: device.parse().unwrap(),
        bed: Some("1".parse().unwrap()),
    }
}

fn add(added: &mut AddedLines, new: &NewLine, config: &Config) -> Result<Config, String> {
    let (lines, all) = added.with(new, config)?;
    added.replace(lines).unwrap();
    Ok(all)
}

#[test]
fn l1_a_line_that_was_added_is_there_after_a_restart_and_the_digest_is_still_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let before = config(folder.path(), CONFIG);
    let mut added = AddedLines::read(&before.store.path);
    let serial = NewLine {
        transport: Transport::Serial,
        port: "/dev/serial/by-id/a\"b".to_owned(),
        serial: Some(family("medibus").unwrap().serial.with_rts_cts()),
        family: "medibus",
        ..oximeter("", "vent-1")
    };
    let all = add(&mut added, &serial, &before).unwrap();
    let all = add(&mut added, &oximeter("10.0.0.2:4001", "wall"), &all).unwrap();
    let (again, left_out) = AddedLines::read(&before.store.path).onto(config(folder.path(), CONFIG));
    assert_eq!(left_out, []);
    assert_eq!(again.digest, before.digest);
    let ids: Vec<&str> = again.lines.iter().map(|line| line.id.as_str()).collect();
    // A line of the file has the device's name already.
    assert_eq!(ids, ["wall", "vent-1", "wall-2"]);
    assert_eq!(format!("{:?}", again.lines), format!("{:?}", all.lines));
    let line = &again.lines[1];
    assert_eq!(line.serial.as_deref(), Some(Path::new("/dev/serial/by-id/a\"b")));
    assert_eq!((line.baud, line.parity), (Some(19_200), Some(Parity::Even)));
    assert_eq!(line.handshake, Some(Handshake::RtsCts));
    use std::os::unix::fs::PermissionsExt;
    let file = fs::metadata(folder.path().join(NAME)).unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
}

#[test]
fn l1_what_the_configuration_would_refuse_is_refused_and_nothing_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path(), CONFIG);
    let mut added = AddedLines::read(&config.store.path);
    let nowhere = NewLine {
        bed: Some("9".parse().unwrap()),
        ..oximeter("10.0.0.2:4001", "oxi-2")
    };
    for (new, words) in [
        (
            oximeter("10.0.0.1:4001", "oxi-2"),
            "belongs to another line already",
        ),
        (
            oximeter("10.0.0.2:4001", "wall-1"),
            "device \"wall-1\" stands here a second time",
        ),
        (oximeter("nonsense", "oxi-2"), "is not `host:port`"),
        (nowhere, "there is no bed \"9\""),
    ] {
        let error = add(&mut added, &new, &config).unwrap_err();
        assert!(error.contains(words), "{error}");
    }
    assert!(!folder.path().join(NAME).exists());
}

#[test]
fn what_was_taken_out_can_be_added_again_under_the_same_name_and_port() {
    let folder = tempfile::tempdir().unwrap();
    let before = config(folder.path(), CONFIG);
    let mut added = AddedLines::read(&before.store.path);
    let new = oximeter("10.0.0.2:4001", "oxi-2");
    let mut all = add(&mut added, &new, &before).unwrap();
    assert_eq!(all.take_line("oxi-2").unwrap().id, "oxi-2");
    let rest = added.without("oxi-2");
    added.replace(rest).unwrap();
    let again = add(&mut added, &new, &all).unwrap();
    assert_eq!(again.lines.len(), 2);
    assert!(all.take_line("oxi-2").is_none());
}

#[test]
fn l3_a_line_that_fits_no_longer_is_left_out_with_its_reason_stays_and_can_be_removed() {
    let folder = tempfile::tempdir().unwrap();
    let before = config(folder.path(), CONFIG);
    let mut added = AddedLines::read(&before.store.path);
    let all = add(&mut added, &oximeter("10.0.0.2:4001", "oxi-2"), &before).unwrap();
    add(&mut added, &oximeter("10.0.0.3:4001", "oxi-3"), &all).unwrap();
    // Somebody wrote the same port into the file.
    let more = "[[line]]\nid = \"new\"\ntcp = \"10.0.0.2:4001\"\nfamily = \"nonin\"\ndevice = \"new-1\"\n";
    let (now, left_out) =
        AddedLines::read(&before.store.path).onto(config(folder.path(), &format!("{CONFIG}{more}")));
    assert_eq!(left_out.len(), 1);
    assert_eq!(left_out[0].line, "oxi-2");
    assert!(left_out[0].reason.contains("10.0.0.2:4001"), "{left_out:?}");
    assert!(now.lines.iter().any(|line| line.id == "oxi-3"));
    assert!(added.has("oxi-2"));
    let rest = added.without("oxi-2");
    added.replace(rest).unwrap();
    assert!(!AddedLines::read(&before.store.path).has("oxi-2"));
}

#[test]
fn l3_a_file_that_cannot_be_read_is_kept_aside_and_the_post_starts() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path(), CONFIG);
    for number in 1..3 {
        fs::write(folder.path().join(NAME), "[[line]\n").unwrap();
        let added = AddedLines::read(&config.store.path);
        assert_eq!(added.count(), 0);
        let aside = folder.path().join(format!("added-lines.unreadable-{number}"));
        assert_eq!(fs::read_to_string(aside).unwrap(), "[[line]\n");
    }
}

#[test]
fn l2_a_card_that_takes_nothing_leaves_what_was_kept() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path(), CONFIG);
    let mut added = AddedLines::read(&config.store.path);
    add(&mut added, &oximeter("10.0.0.2:4001", "oxi-2"), &config).unwrap();
    fs::create_dir(folder.path().join("added-lines.toml.new")).unwrap();
    assert!(added.replace(Vec::new()).is_err());
    assert!(added.has("oxi-2") && AddedLines::read(&config.store.path).has("oxi-2"));
}
