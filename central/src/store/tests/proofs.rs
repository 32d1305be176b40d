//! P1 to P4: heads of a post's audit, honest ones and every other kind.

use vitals::Masked;
use vitals::audit::{Actor, Chain, ChainId, Deed, Entry, Head, Outcome, SignedHead, Telling};

use super::*;

/// An audit that grows, and what came of it as events.
struct Book {
    id: ChainId,
    chain: Chain,
    key: u8,
    events: Vec<Record>,
}

impl Book {
    fn begun(of: &str, number: u128) -> Book {
        let id = ChainId::of(&of.parse().unwrap(), number);
        let mut book = Book {
            chain: Chain::begin(&id),
            id: id.clone(),
            key: 1,
            events: vec![],
        };
        book.add(Telling::begin(&id, None, "because"));
        book
    }

    fn add(&mut self, told: Telling) -> Entry {
        let mono = MonoTime::from_ms(self.chain.head().number);
        let entry = self.chain.append(Deed {
            at: Stamp { boot: BOOT, mono },
            wall: None,
            trust: ClockTrust::Untrusted,
            told,
        });
        self.events.push(event(Event::Audited(Box::new(entry.clone()))));
        entry
    }

    fn grow(&mut self, what: &str, more: usize) {
        for _ in 0..more {
            self.add(Telling {
                who: Actor::Nobody,
                from: String::new(),
                action: what.to_owned(),
                outcome: Outcome::Done,
                subject: String::new(),
                before: None,
                after: Some(Masked::new(what.to_owned())),
            });
        }
    }

    fn signed(&self, head: Head) -> SignedHead {
        let key = ring::signature::Ed25519KeyPair::from_seed_unchecked(&[self.key; 32]).unwrap();
        SignedHead::sign(&key, self.id.clone(), head, None)
    }

    fn sign(&mut self) {
        let signed = self.signed(self.chain.head());
        self.events.push(event(Event::AuditHead(Box::new(signed))));
    }
}

fn take(store: &RedbStore, epoch: u64, first: u64, events: &[Record]) -> AuditStanding {
    let applied = store
        .apply(&[arrived(epoch, Lane::Events, first, events.to_vec())])
        .unwrap();
    let told = applied[0].audit.clone().unwrap();
    let kept = store.standing().unwrap();
    assert_eq!(kept[0].audit, told, "the same after a restart");
    told
}

fn troubles(standing: &AuditStanding) -> Vec<AuditTrouble> {
    standing.troubles.keys().copied().collect()
}

fn honest() -> Book {
    let mut book = Book::begun("demo", 1);
    book.grow("a", 3);
    book.sign();
    book.grow("b", 3);
    book.sign();
    book
}

#[test]
fn p2_honest_heads_hold_however_the_events_are_cut_and_in_whatever_order_they_come() {
    let events = honest().events;
    for cut in 1..events.len() {
        for turned in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let store = open(folder.path());
            let (first, second) = events.split_at(cut);
            let mut parts = vec![(1, first), (1 + cut as u64, second)];
            if turned {
                parts.reverse();
            }
            let told = parts.into_iter().map(|(at, part)| take(&store, 1, at, part));
            let told = told.last().unwrap();
            assert_eq!(
                (told.heads, told.proven, told.lost),
                (2, Some(7), 0),
                "cut {cut} {turned}"
            );
            assert_eq!(troubles(&told), []);
        }
    }
}

/// What the second half of an honest audit becomes in other hands.
#[test]
fn p1_p2_p4_what_was_forged_is_told() {
    let cases: [(&str, fn(&mut Book), AuditTrouble); 6] = [
        (
            "another key",
            |book| {
                book.key = 2;
                book.sign();
            },
            AuditTrouble::OtherKey,
        ),
        (
            "no good signature",
            |book| {
                let mut signed = book.signed(book.chain.head());
                signed.head.number += 1;
                book.events.push(event(Event::AuditHead(Box::new(signed))));
            },
            AuditTrouble::Signature,
        ),
        (
            "another post",
            |book| {
                let id = std::mem::replace(&mut book.id, ChainId("other/1".to_owned()));
                book.sign();
                book.id = id;
            },
            AuditTrouble::OtherPost,
        ),
        (
            "an entry taken out",
            |book| {
                book.grow("c", 3);
                book.sign();
                let at = book.events.len() - 3;
                book.events.remove(at);
            },
            AuditTrouble::Missing,
        ),
        (
            "an entry changed",
            |book| {
                let mut entry = book.add(Telling::of_chain(&book.id.clone(), "c", ""));
                entry.deed.told.subject.push('0');
                *book.events.last_mut().unwrap() = event(Event::Audited(Box::new(entry)));
                book.sign();
            },
            AuditTrouble::Missing,
        ),
        (
            "written anew from before a head",
            |book| {
                let Some(Record::Event {
                    event: Event::Audited(entry),
                    ..
                }) = book.events.get(5).cloned()
                else {
                    panic!("an entry")
                };
                book.chain = Chain::after(entry.head());
                book.grow("d", 4);
                book.sign();
            },
            AuditTrouble::Bypassed,
        ),
    ];
    for (what, forge, expected) in cases {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        let mut book = honest();
        let held = take(&store, 1, 1, &book.events);
        assert_eq!(troubles(&held), [], "{what}");
        let before = book.events.len();
        forge(&mut book);
        let told = take(&store, 1, 1 + before as u64, &book.events[before..]);
        assert_eq!(troubles(&told), [expected], "{what}");
        assert_eq!(told.heads, 2, "{what}");
        assert_eq!(store.accept_audit(&post()).unwrap(), 1, "{what}");
        assert_eq!(
            troubles(&store.standing().unwrap()[0].audit),
            [],
            "{what}: a person knows"
        );
    }
}

#[test]
fn p3_what_a_post_lost_and_made_anew_is_counted_as_lost_and_not_as_forged() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let mut book = honest();
    book.grow("sent and lost", 2);
    let first = take(&store, 1, 1, &book.events);
    assert_eq!((first.heads, first.lost), (2, 0));
    let Record::Event {
        event: Event::Audited(last),
        ..
    } = &book.events[7]
    else {
        panic!("an entry")
    };
    book.chain = Chain::after(last.head());
    book.events.clear();
    book.grow("after it", 3);
    book.sign();
    let told = take(&store, 2, 1, &book.events);
    assert_eq!((told.heads, told.lost, troubles(&told)), (3, 2, vec![]));
}

#[test]
fn p2_a_head_waits_for_entries_that_may_still_come() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let events = honest().events;
    let late = take(&store, 1, 4, &events[3..]);
    assert_eq!((late.heads, troubles(&late)), (0, vec![]));
    let whole = take(&store, 1, 1, &events[..3]);
    assert_eq!((whole.heads, troubles(&whole)), (2, vec![]));
}
