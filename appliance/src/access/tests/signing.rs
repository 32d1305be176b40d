//! A self-test that a person signs.

use serde_json::{Value, json};

use super::*;

fn signing(remark: &str) -> Signing {
    Signing {
        began_ms: wall().as_unix_ms(),
        trust: vitals::ClockTrust::Synchronised,
        rows: json!([{ "part": "disk", "state": "ok", "figures": [{ "what": "write_ms", "value": 4.25 }] }]),
        summary: "1 ok".to_owned(),
        remark: remark.to_owned(),
    }
}

fn john() -> By {
    let who = Actor::Person {
        id: "john".to_owned(),
        name: Masked::new("John Mensah".to_owned()),
    };
    By {
        who,
        from: "192.0.2.7".to_owned(),
    }
}

impl Rig {
    fn sign(&self, remark: &str, by: By) -> Result<SignedTest, DeskError> {
        self.runtime.block_on(self.desk.sign_test(signing(remark), by))
    }

    fn signed(&self) -> Vec<SignedTest> {
        self.runtime.block_on(self.desk.signed_tests()).unwrap()
    }

    fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("self-tests.json")
    }
}

#[test]
fn i9_a_result_stands_under_a_name_outlives_a_restart_and_its_hash_is_in_the_audit() {
    let (rig, ..) = Rig::claimed();
    rig.told();
    let signed = rig.sign(" with the generator off ", john()).unwrap();
    assert_eq!((signed.id, signed.name.reveal().as_str()), (1, "John Mensah"));
    assert_eq!(signed.remark.reveal(), "with the generator off");
    let telling = rig.told.try_iter().next().unwrap();
    assert_eq!(
        (telling.action.as_str(), telling.subject.as_str()),
        ("sign_self_test", "self_test:1")
    );
    let after = telling.after.unwrap();
    assert_eq!(after.reveal(), &format!("1 ok; sha256 {}", signed.sha256));
    let rig = rig.restarted();
    assert_eq!(rig.signed().first(), Some(&signed));
    assert!(signed.is_whole());
    assert_eq!(
        rig.sign("", john()).unwrap().id,
        2,
        "a number is never used again"
    );
}

#[test]
fn i9_a_result_that_was_changed_on_the_card_is_known_to_be_changed() {
    let (rig, ..) = Rig::claimed();
    rig.sign("fine", john()).unwrap();
    let text = std::fs::read_to_string(rig.file()).unwrap();
    std::fs::write(rig.file(), text.replace("4.25", "1.25")).unwrap();
    let rig = rig.restarted();
    let kept = rig.signed();
    assert_eq!(kept[0].rows[0]["figures"][0]["value"], json!(1.25));
    assert!(!kept[0].is_whole());
}

#[test]
fn i1_what_the_card_does_not_take_is_not_signed() {
    let (rig, ..) = Rig::claimed();
    rig.told();
    // A folder in the place of what is written beside the file.
    std::fs::create_dir(rig.folder.path().join("self-tests.json.new")).unwrap();
    let refused = rig.sign("", john()).unwrap_err();
    assert!(matches!(&refused, DeskError::NotKept(_)), "{refused}");
    assert_eq!((rig.signed(), rig.told()), (vec![], vec![]));
    std::fs::remove_dir(rig.folder.path().join("self-tests.json.new")).unwrap();
    assert_eq!(rig.sign("", john()).unwrap().id, 1);
}

#[test]
fn i9_only_a_person_signs_and_remarks_are_short() {
    let (rig, ..) = Rig::claimed();
    let root = By::system("root".to_owned());
    assert_eq!(rig.sign("", root).unwrap_err(), DeskError::NobodySigns);
    assert_eq!(
        rig.sign(&"x".repeat(301), john()).unwrap_err(),
        DeskError::BadRemark
    );
    assert_eq!(rig.sign("two\nlines", john()).unwrap_err(), DeskError::BadRemark);
}

#[test]
fn the_oldest_results_make_room() {
    let (rig, ..) = Rig::claimed();
    for _ in 0..41 {
        rig.sign("", john()).unwrap();
    }
    let ids: Vec<u64> = rig.signed().iter().map(|test| test.id).collect();
    assert_eq!(ids, (2..=41).rev().collect::<Vec<_>>());
    let large = Signing {
        rows: Value::String("x".repeat(599_600)),
        ..signing("")
    };
    rig.runtime.block_on(rig.desk.sign_test(large, john())).unwrap();
    assert_eq!(rig.signed().len(), 1, "what is large leaves no room for others");
}
