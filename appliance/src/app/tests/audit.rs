//! I9: what is done stands in a chain that goes on over restarts, and begins anew, saying so, where it cannot.

use vitals::audit::{Actor, Book, Entry, Found, Outcome, SignedHead, Strictness};

use super::*;

impl Rig {
    pub(super) fn entries(&self) -> Vec<Entry> {
        let events = self.events().into_iter();
        let entries = events.filter_map(|event| match event {
            Event::Audited(entry) => Some(*entry),
            _ => None,
        });
        entries.collect()
    }

    pub(super) fn events_besides_the_audit(&self) -> Vec<Event> {
        let mut events = self.events();
        events.retain(|event| !matches!(event, Event::Audited(_) | Event::AuditHead(_)));
        events
    }

    fn heads(&self) -> Vec<SignedHead> {
        let events = self.events().into_iter();
        let heads = events.filter_map(|event| match event {
            Event::AuditHead(signed) => Some(*signed),
            _ => None,
        });
        heads.collect()
    }

    /// How many chains there are, and what is wrong with them.
    fn verified(&self, kept: Vec<SignedHead>) -> (usize, Vec<Found>) {
        let mut book = Book::new(Some("kolo".to_owned()), Strictness::Post, kept);
        for event in self.events() {
            match event {
                Event::Audited(entry) => book.entry(&entry),
                Event::AuditHead(signed) => book.head(&signed),
                _ => {}
            }
        }
        let (chains, beside, found) = book.end();
        assert_eq!(beside, 0);
        (chains.len(), found)
    }

    fn actions(&self) -> Vec<String> {
        let entries = self.entries().into_iter();
        entries.map(|entry| entry.deed.told.action).collect()
    }
}

#[test]
fn i9_the_chain_goes_on_over_restarts_and_names_version_and_configuration() {
    let mut rig = Rig::at(wall(0));
    rig.restart();
    rig.reboot(2, wall(600_000));
    assert_eq!(
        rig.actions(),
        ["audit_begin", "start", "stop", "start", "stop", "start"]
    );
    assert_eq!(rig.verified(rig.heads()), (1, vec![]));
    assert_eq!(rig.heads().len(), 3, "one at each start");
    let start = &rig.entries()[1].deed;
    let after = start.told.after.as_ref().unwrap().reveal();
    assert!(after.starts_with(&format!("version {}, configuration ", env!("CARGO_PKG_VERSION"))));
    let digest = ring::digest::digest(&ring::digest::SHA256, CONFIG.as_bytes());
    assert!(
        after.ends_with(&vitals::audit::digits(digest.as_ref())),
        "{after}"
    );
    assert_eq!(
        (start.told.who.clone(), start.trust),
        (Actor::Post, vitals::ClockTrust::Holdover)
    );
}

#[test]
fn i9_what_a_person_did_or_was_refused_stands_there_with_name_place_and_change() {
    let mut rig = Rig::at(wall(0));
    rig.run(30, Some(80));
    let alarm = rig.post().page().alarms[0].id;
    rig.post().acknowledge(alarm, "Grace").unwrap();
    rig.post().acknowledge(alarm, "John").unwrap_err();
    rig.post().acknowledge(alarm, " ").unwrap_err();
    let entries = rig.entries();
    let [.., done, refused, nobody] = &entries[..] else {
        panic!("{entries:?}")
    };
    let (done, refused, nobody) = (&done.deed.told, &refused.deed.told, &nobody.deed.told);
    let words = |words: &Option<vitals::Masked<String>>| words.as_ref().unwrap().reveal().clone();
    assert_eq!(
        (done.action.as_str(), done.outcome),
        ("acknowledge", Outcome::Done)
    );
    assert_eq!(
        done.subject,
        format!("alarm:{alarm} bed:bed-1 admission:unidentified-bed-1")
    );
    assert!(
        words(&done.before).ends_with(" active"),
        "{}",
        words(&done.before)
    );
    assert_eq!(words(&done.after), "acknowledged");
    assert!(matches!(&done.who, Actor::Person { id, .. } if id == "Grace"));
    assert_eq!(refused.outcome, Outcome::Refused);
    assert_eq!(words(&refused.after), "already acknowledged by Grace");
    assert_eq!((&nobody.who, nobody.outcome), (&Actor::Nobody, Outcome::Refused));
}

#[test]
fn i8_i9_a_clock_that_steps_is_told_with_what_it_should_have_been() {
    let mut rig = Rig::at(wall(0));
    rig.run(1, None);
    rig.time.set_wall(wall(3_600_000));
    rig.post().tick();
    let entries = rig.entries();
    let told = &entries.last().unwrap().deed.told;
    assert_eq!(told.action, "clock");
    let (before, after) = (told.before.as_ref().unwrap(), told.after.as_ref().unwrap());
    assert_eq!(before.reveal(), "2027-01-15T08:00:21.000Z, holdover");
    assert_eq!(after.reveal(), "2027-01-15T09:00:00.000Z, holdover");
}

#[test]
fn a_head_is_signed_once_a_day_when_something_was_done_since() {
    let mut rig = Rig::at(wall(0));
    let day = Duration::from_secs(24 * 3_600);
    rig.time.pass(day);
    rig.post().tick();
    assert_eq!(rig.heads().len(), 1, "nothing was done");
    rig.post()
        .acknowledge("0000000100000001-99".parse().unwrap(), "Grace")
        .unwrap_err();
    rig.post().tick();
    assert_eq!(rig.heads().len(), 2);
    rig.post()
        .acknowledge("0000000100000001-99".parse().unwrap(), "Grace")
        .unwrap_err();
    rig.post().tick();
    assert_eq!(rig.heads().len(), 2, "not twice a day");
    assert_eq!(rig.verified(rig.heads()), (1, vec![]));
}

#[test]
fn i9_a_store_that_was_set_aside_begins_a_new_chain_that_says_so() {
    let mut rig = Rig::at(wall(0));
    let kept = rig.heads();
    rig.stop();
    std::fs::write(
        rig.folder.path().join("vitalpost.redb"),
        b"no store at all, for some reason",
    )
    .unwrap();
    rig.start();
    assert_eq!(rig.actions(), ["audit_begin", "start"]);
    let why = rig.entries()[0].deed.told.after.clone().unwrap();
    assert!(
        why.reveal().starts_with("the store was set aside: "),
        "{}",
        why.reveal()
    );
    assert_eq!(rig.verified(vec![]), (1, vec![]));
    let (_, found) = rig.verified(kept);
    assert!(
        matches!(found[..], [Found::ChainGone { number: 2, .. }]),
        "{found:?}"
    );
}
