use super::*;

/// Stands in for the store's key.
struct Xor(u8);

impl Sealing for Xor {
    fn seal(&self, about: &[u8], plain: &[u8]) -> io::Result<Vec<u8>> {
        Ok([&[self.0, about.len() as u8], plain]
            .concat()
            .iter()
            .map(|byte| byte ^ self.0)
            .collect())
    }

    fn open(&self, about: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let plain: Vec<u8> = sealed.iter().map(|byte| byte ^ self.0).collect();
        (plain.starts_with(&[self.0, about.len() as u8])).then(|| plain[2..].to_vec())
    }
}

fn files(folder: &Path, key: Option<u8>) -> Files {
    Files::new(
        folder.to_owned(),
        key.map(|key| Box::new(Xor(key)) as Box<dyn Sealing>),
    )
}

fn words() -> Vec<String> {
    vec!["MARKED-SECRET".to_owned()]
}

#[test]
fn a6_what_was_written_is_read_again_and_only_its_owner_may() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    files(folder.path(), None).write(PEOPLE, &words()).unwrap();
    assert_eq!(files(folder.path(), None).read::<Vec<String>>(PEOPLE), words());
    let mode = fs::metadata(folder.path().join(PEOPLE)).unwrap().permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
    // A write that was cut leaves the old file and a piece beside it.
    fs::write(folder.path().join("people.json.new"), "{\"pl").unwrap();
    assert_eq!(files(folder.path(), None).read::<Vec<String>>(PEOPLE), words());
    files(folder.path(), None)
        .write(PEOPLE, &Vec::<String>::new())
        .unwrap();
    assert!(files(folder.path(), None).read::<Vec<String>>(PEOPLE).is_empty());
}

#[test]
fn a7_with_a_key_nothing_stays_readable() {
    let folder = tempfile::tempdir().unwrap();
    let on_card = || fs::read_to_string(folder.path().join(PEOPLE)).unwrap();
    files(folder.path(), None).write(PEOPLE, &words()).unwrap();
    assert!(on_card().contains("MARKED-SECRET"));
    assert_eq!(files(folder.path(), Some(7)).read::<Vec<String>>(PEOPLE), words());
    assert!(!on_card().contains("MARKED-SECRET"), "sealed when the key came");
    assert_eq!(files(folder.path(), Some(7)).read::<Vec<String>>(PEOPLE), words());
}

#[test]
fn a7_a_rekey_that_is_cut_short_anywhere_leaves_the_accounts_readable() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (Xor(7), Xor(9));
    let reads = |key| files(folder.path(), Some(key)).read::<Vec<String>>(PEOPLE) == words();
    files(folder.path(), Some(7)).write(PEOPLE, &words()).unwrap();
    reseal(folder.path(), &old, &[&old, &new]).unwrap();
    assert!(reads(7) && reads(9));
    reseal(folder.path(), &new, &[&new]).unwrap();
    assert!(reads(9));
    assert!(
        reseal(folder.path(), &old, &[&old]).is_err(),
        "the old key opens it no more"
    );
}

#[test]
fn a8_what_cannot_be_read_is_kept_and_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    for damaged in ["{\"plain\":[\"a\"", "", "[]", "{\"sealed\":[\"zz\",\"é\",\"0\"]}"] {
        fs::write(folder.path().join(PEOPLE), damaged).unwrap();
        let mut files = files(folder.path(), Some(7));
        assert!(files.read::<Vec<String>>(PEOPLE).is_empty());
        files.write(PEOPLE, &words()).unwrap();
    }
    let kept = fs::read_dir(folder.path()).unwrap();
    let kept = kept.filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().contains("unreadable")
    });
    assert_eq!(kept.count(), 4);
}

#[test]
fn a8_another_key_is_no_reason_to_lose_the_accounts() {
    let folder = tempfile::tempdir().unwrap();
    files(folder.path(), Some(7)).write(PEOPLE, &words()).unwrap();
    assert!(
        files(folder.path(), Some(9))
            .read::<Vec<String>>(PEOPLE)
            .is_empty()
    );
    fs::rename(
        folder.path().join("people.unreadable-1"),
        folder.path().join(PEOPLE),
    )
    .unwrap();
    assert_eq!(files(folder.path(), Some(7)).read::<Vec<String>>(PEOPLE), words());
}
