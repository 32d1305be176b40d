//! Every way in which an audit can be tampered with, and the honest ones that must pass.

use proptest::prelude::*;

use super::*;
use crate::bed::Masked;
use crate::time::{BootId, MonoTime};

fn id(post: &str) -> ChainId {
    ChainId(post.to_owned())
}

fn deed(number: u64) -> Deed {
    Deed {
        at: Stamp {
            boot: BootId([7; 16]),
            mono: MonoTime::from_ms(number * 1000),
        },
        wall: Some(WallTime::from_unix_ms(1_790_000_000_000)),
        trust: ClockTrust::Holdover,
        told: Telling {
            who: Actor::Person {
                id: "grace".to_owned(),
                name: Masked::new("Grace O.".to_owned()),
            },
            from: "screen-1".to_owned(),
            action: "acknowledge".to_owned(),
            outcome: Outcome::Done,
            subject: format!("alarm:{number}"),
            before: None,
            after: Some(Masked::new("acknowledged".to_owned())),
        },
    }
}

fn grown(post: &str, entries: u64) -> Vec<Entry> {
    let mut chain = Chain::begin(&id(post));
    (1..=entries).map(|number| chain.append(deed(number))).collect()
}

fn verify(entries: &[Entry], signed: Vec<Head>) -> Result<Head, Broken> {
    let mut verifier = Verifier::new(&id("demo"), signed);
    entries.iter().try_for_each(|entry| verifier.next(entry))?;
    verifier.end()
}

#[test]
fn u1_an_honest_chain_holds_over_restarts_and_with_its_signed_heads() {
    let mut entries = grown("demo", 5);
    let mut later = Chain::after(entries[4].head());
    entries.extend((6..=9).map(|number| later.append(deed(number))));
    let signed = vec![entries[6].head(), entries[2].head()];
    assert_eq!(verify(&entries, signed), Ok(later.head()));
    assert_eq!(verify(&[], vec![]), Ok(Chain::begin(&id("demo")).head()));
}

/// Every change that can be made to one entry.
fn flips() -> Vec<(&'static str, fn(&mut Entry))> {
    vec![
        ("number", |entry| entry.number ^= 1),
        ("previous", |entry| entry.previous.0[0] ^= 1),
        ("hash", |entry| entry.hash.0[31] ^= 1),
        ("boot", |entry| entry.deed.at.boot.0[3] ^= 1),
        ("time", |entry| {
            entry.deed.at.mono = entry.deed.at.mono + std::time::Duration::from_nanos(1)
        }),
        ("wall", |entry| entry.deed.wall = None),
        ("trust", |entry| entry.deed.trust = ClockTrust::Synchronised),
        ("who", |entry| {
            entry.deed.told.who = Actor::System {
                user: "grace".to_owned(),
            }
        }),
        ("person", |entry| {
            entry.deed.told.who = Actor::Person {
                id: "john".to_owned(),
                name: Masked::new("Grace O.".to_owned()),
            }
        }),
        ("name", |entry| {
            entry.deed.told.who = Actor::Person {
                id: "grace".to_owned(),
                name: Masked::new("Grace P.".to_owned()),
            }
        }),
        ("screen", |entry| entry.deed.told.from.push('0')),
        ("action", |entry| entry.deed.told.action = "export".to_owned()),
        ("outcome", |entry| entry.deed.told.outcome = Outcome::Refused),
        ("subject", |entry| entry.deed.told.subject = "alarm:0".to_owned()),
        ("before", |entry| {
            entry.deed.told.before = Some(Masked::new(String::new()))
        }),
        ("after", |entry| entry.deed.told.after = None),
        ("moved between", |entry| {
            std::mem::swap(&mut entry.deed.told.before, &mut entry.deed.told.after)
        }),
    ]
}

#[test]
fn u1_a_change_of_any_field_of_any_entry_is_found_the_last_one_too() {
    for place in 0..6 {
        for (what, flip) in flips() {
            let mut entries = grown("demo", 6);
            flip(&mut entries[place]);
            assert!(verify(&entries, vec![]).is_err(), "{what} of entry {}", place + 1);
        }
    }
}

#[test]
fn u1_an_entry_that_was_changed_with_its_hash_breaks_the_next_one() {
    let mut entries = grown("demo", 6);
    entries[2].deed.told.subject = "alarm:0".to_owned();
    entries[2].hash = entries[2].covered();
    assert_eq!(verify(&entries, vec![]), Err(Broken::Link { number: 4 }));
}

#[test]
fn u1_what_is_removed_put_in_or_moved_is_found() {
    for place in 0..5 {
        let mut removed = grown("demo", 6);
        removed.remove(place);
        let expected = place as u64 + 1;
        assert_eq!(
            verify(&removed, vec![]),
            Err(Broken::Missing {
                expected,
                found: expected + 1
            })
        );

        let mut doubled = grown("demo", 6);
        doubled.insert(place, doubled[place].clone());
        assert_eq!(
            verify(&doubled, vec![]),
            Err(Broken::OutOfPlace {
                expected: expected + 1,
                found: expected
            })
        );

        let mut moved = grown("demo", 6);
        moved.swap(place, place + 1);
        assert_eq!(
            verify(&moved, vec![]),
            Err(Broken::Missing {
                expected,
                found: expected + 1
            })
        );
    }
}

#[test]
fn u2_entries_of_another_box_do_not_continue_this_chain() {
    assert_eq!(
        verify(&grown("other", 6), vec![]),
        Err(Broken::Link { number: 1 })
    );
    let mut mixed = grown("demo", 6);
    mixed[3] = grown("other", 6).swap_remove(3);
    assert_eq!(verify(&mixed, vec![]), Err(Broken::Link { number: 4 }));
}

#[test]
fn a_chain_that_was_cut_off_or_written_anew_is_found_by_a_signed_head() {
    let entries = grown("demo", 6);
    let signed = vec![entries[4].head()];
    assert_eq!(
        verify(&entries[..4], signed.clone()),
        Err(Broken::CutOff { ends: 4, signed: 5 })
    );
    let mut chain = Chain::begin(&id("demo"));
    let anew: Vec<Entry> = (1..=6).map(|number| chain.append(deed(number + 1))).collect();
    assert_eq!(
        verify(&anew, vec![]),
        Ok(chain.head()),
        "nothing else could show it"
    );
    assert_eq!(verify(&anew, signed), Err(Broken::OtherHead { number: 5 }));
}

/// Worked out from the description alone, with another program's SHA-256.
#[test]
fn u3_the_hash_of_version_1_stays_what_it_is() {
    let head = grown("demo", 1)[0].head();
    assert_eq!(
        head.hash.to_string(),
        "7435115cd8908c5797cdab0f3f32b17f6b98002b21fd1e30741e05a93434f93d"
    );
}

proptest! {
    #[test]
    fn u3_no_words_can_move_from_one_field_to_the_next(one in ".{0,8}", other in ".{0,8}", cut in 0usize..16) {
        let joined: Vec<char> = format!("{one}{other}").chars().collect();
        let cut = cut.min(joined.len());
        let at = |split: usize| {
            let (from, action) = joined.split_at(split);
            let mut deed = deed(1);
            (deed.told.from, deed.told.action) = (from.iter().collect(), action.iter().collect());
            Chain::begin(&id("demo")).append(deed).hash
        };
        let split = one.chars().count();
        prop_assert_eq!(at(split) == at(cut), split == cut);
    }
}

/// Books: several chains one after the other.
mod books {
    use super::*;

    fn begun(number: u128, follows: Option<(&ChainId, Head)>) -> (ChainId, Chain, Vec<Entry>) {
        let id = ChainId::of(&"demo".parse().unwrap(), number);
        let mut chain = Chain::begin(&id);
        let mut deed = deed(1);
        deed.told = Telling::begin(&id, follows, "because");
        let entries = vec![chain.append(deed)];
        (id, chain, entries)
    }

    fn grow(chain: &mut Chain, entries: &mut Vec<Entry>, more: u64) {
        entries.extend((0..more).map(|_| chain.append(deed(chain.head().number + 1))));
    }

    fn read(strictness: Strictness, entries: &[Entry]) -> (usize, u64, Vec<Found>) {
        let mut book = Book::new(Some("demo".to_owned()), strictness, vec![]);
        entries.iter().for_each(|entry| book.entry(entry));
        let (chains, beside, found) = book.end();
        (chains.len(), beside, found)
    }

    #[test]
    fn u4_a_chain_that_follows_another_names_its_end_and_a_file_may_hold_only_the_end_of_the_first() {
        let (id, mut chain, mut entries) = begun(1, None);
        grow(&mut chain, &mut entries, 4);
        let (_, mut next, mut later) = begun(2, Some((&id, chain.head())));
        grow(&mut next, &mut later, 3);
        assert_eq!(later[0].follows(), Some((id, chain.head())));
        for first in 0..5 {
            let all = [&entries[first..], &later[..]].concat();
            assert_eq!(read(Strictness::Post, &all), (2, 0, vec![]), "from {first}");
        }
        assert_eq!(read(Strictness::Post, &later), (1, 0, vec![]));
        let cut = [&entries[..4], &later[..]].concat();
        let (_, _, found) = read(Strictness::Post, &cut);
        assert!(
            matches!(
                found[..],
                [Found::OtherEnd {
                    named: 5,
                    ends: 4,
                    ..
                }]
            ),
            "{found:?}"
        );
    }

    #[test]
    fn u4_a_chain_without_its_beginning_is_found_unless_the_next_one_names_it() {
        let (_, mut chain, mut entries) = begun(1, None);
        grow(&mut chain, &mut entries, 4);
        let (_, _, found) = read(Strictness::Post, &entries[2..]);
        let missing = Broken::Missing {
            expected: 1,
            found: 3,
        };
        assert_eq!(
            found,
            [Found::Broken {
                chain: None,
                what: missing
            }]
        );
        let (_, _, unnamed) = begun(2, None);
        let (_, _, found) = read(Strictness::Post, &[&entries[2..], &unnamed[..]].concat());
        assert_eq!(
            found,
            [Found::Broken {
                chain: None,
                what: missing
            }]
        );
    }

    #[test]
    fn at_the_centre_what_the_post_lost_and_made_anew_is_no_forgery_and_at_the_post_it_is() {
        let (_, mut chain, mut entries) = begun(1, None);
        grow(&mut chain, &mut entries, 4);
        let mut anew = Chain::after(entries[2].head());
        let mut other = deed(9);
        other.told.subject = "alarm:other".to_owned();
        entries.push(anew.append(other));
        grow(&mut anew, &mut entries, 3);
        assert_eq!(read(Strictness::Centre, &entries), (1, 2, vec![]));
        let (_, _, found) = read(Strictness::Post, &entries);
        let what = Broken::OutOfPlace {
            expected: 6,
            found: 4,
        };
        assert!(
            matches!(&found[..], [Found::Broken { what: first, .. }, ..] if *first == what),
            "{found:?}"
        );
        // What does not continue any entry that was there is one at the centre too.
        let mut forged = Chain::after(Head {
            number: 3,
            hash: Hash([1; 32]),
        });
        entries.push(forged.append(deed(4)));
        assert!(!read(Strictness::Centre, &entries).2.is_empty());
    }

    #[test]
    fn heads_of_another_key_or_without_a_good_signature_are_found() {
        let (id, mut chain, mut entries) = begun(1, None);
        grow(&mut chain, &mut entries, 2);
        let key = |seed: u8| ring::signature::Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
        let good = SignedHead::sign(&key(1), id.clone(), chain.head(), None);
        let other = SignedHead::sign(&key(2), id.clone(), chain.head(), None);
        let mut forged = good.clone();
        forged.head.number = 2;
        assert!(good.is_signed() && other.is_signed() && !forged.is_signed());
        let mut book = Book::new(None, Strictness::Post, vec![good.clone()]);
        entries.iter().for_each(|entry| book.entry(entry));
        for head in [&good, &other, &forged] {
            book.head(head);
        }
        let (_, _, found) = book.end();
        let (number, chain) = (3, id.clone());
        let expected = [
            Found::OtherKey { chain, number },
            Found::BadSignature { chain: id, number: 2 },
        ];
        assert_eq!(found, expected);
    }
}
