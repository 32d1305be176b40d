//! A post's whole audit, as it is found in a store, in an export or at the centre: one chain after the other, checked entry
//! by entry in the order in which they were made, from nothing but themselves and the heads that somebody kept.
//!
//! A new chain begins where the one before could not be gone on with: the store was set aside, or not readable at a start.
//! Its first entry says so, and where it can be known it says with which entry the one before ended.

use std::collections::{HashMap, VecDeque};

use super::{Broken, Chain, ChainId, Entry, Hash, Head, KEY_BYTES, SignedHead};

/// Whose copy it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// The post's own: one line of entries, none beside it.
    Post,
    /// The centre's: it may hold entries that the post lost on its card and made anew with other words. They stand beside
    /// the chain, are counted, and are no forgery.
    Centre,
}

/// Something that is wrong with an audit, in words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Found {
    /// A chain does not hold.
    #[error("chain {}: {what}", .chain.as_ref().map_or("(its beginning is missing)", |id| id.0.as_str()))]
    Broken {
        /// Which; `None` = it has no beginning.
        chain: Option<ChainId>,
        /// Where and how.
        what: Broken,
    },
    /// Another box's chain.
    #[error("chain {chain} is the audit of another post, not of {post}")]
    OtherPost {
        /// Which chain.
        chain: ChainId,
        /// Whose it should be.
        post: String,
    },
    /// A chain does not end where the next one says that it ended.
    #[error(
        "chain {chain} ended with entry {named} as the next chain says, and ends with {ends} here: its end was cut off or written anew"
    )]
    OtherEnd {
        /// Which chain.
        chain: ChainId,
        /// Its last entry as the next chain names it.
        named: u64,
        /// Its last entry here.
        ends: u64,
    },
    /// A chain that begins once more.
    #[error("chain {chain} begins twice: entries were put in")]
    Twice {
        /// Which chain.
        chain: ChainId,
    },
    /// A head that nobody can have signed.
    #[error("the head of entry {number} of chain {chain} is not signed with the key that it names")]
    BadSignature {
        /// Of which chain.
        chain: ChainId,
        /// Of which entry.
        number: u64,
    },
    /// Heads of one post with two keys.
    #[error(
        "the head of entry {number} of chain {chain} is signed with another key than the heads before it: it was made on another box, or the box got a new key"
    )]
    OtherKey {
        /// Of which chain.
        chain: ChainId,
        /// Of which entry.
        number: u64,
    },
    /// A signed head stands where the chain had gone elsewhere.
    #[error(
        "a signed head of entry {signed} of chain {chain} stands behind entry {ends}: entries were taken away, or it was moved"
    )]
    HeadElsewhere {
        /// Of which chain.
        chain: ChainId,
        /// Of which entry.
        signed: u64,
        /// Behind which one it stands.
        ends: u64,
    },
    /// Nothing is here of what somebody holds a signed head of.
    #[error(
        "somebody holds a signed head of entry {number} of chain {chain}, and this chain is not here: it was taken away or written anew"
    )]
    ChainGone {
        /// Which chain.
        chain: ChainId,
        /// Which entry.
        number: u64,
    },
}

/// One chain of an audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainTold {
    /// Its name; `None` = its beginning is not here and nobody names it.
    pub id: Option<ChainId>,
    /// Its first entry here.
    pub first: u64,
    /// How far it goes.
    pub head: Head,
    /// Why it began.
    pub why: String,
}

/// Findings kept; what is wrong in more places is wrong enough.
const FOUND_MAX: usize = 100;
/// Entries that the post may have lost and made anew at one place.
const BESIDE_MAX: usize = 65_536;

/// Reads an audit from its beginning.
#[derive(Debug)]
pub struct Book {
    post: Option<String>,
    strictness: Strictness,
    key: Option<[u8; KEY_BYTES]>,
    kept: Vec<(SignedHead, bool)>,
    by_hash: HashMap<Hash, Vec<usize>>,
    chains: Vec<ChainTold>,
    recent: VecDeque<Head>,
    beside: u64,
    found: Vec<Found>,
}

impl Book {
    /// `post` is whose audit it should be, `kept` the heads that somebody else has kept.
    pub fn new(post: Option<String>, strictness: Strictness, kept: Vec<SignedHead>) -> Book {
        let mut book = Book {
            post,
            strictness,
            key: None,
            kept: Vec::with_capacity(kept.len()),
            by_hash: HashMap::new(),
            chains: Vec::new(),
            recent: VecDeque::new(),
            beside: 0,
            found: Vec::new(),
        };
        for head in kept {
            if book.is_of_the_box(&head) {
                let place = book.kept.len();
                book.by_hash.entry(head.head.hash).or_default().push(place);
                book.kept.push((head, false));
            }
        }
        book
    }

    /// The next entry.
    pub fn entry(&mut self, entry: &Entry) {
        let begins = entry.begins();
        match (&begins, self.chains.is_empty()) {
            (Some(id), _) => self.begin(id, entry),
            (None, true) => self.begin_without_beginning(entry),
            (None, false) => {}
        }
        let Some(told) = self.chains.last_mut() else {
            return;
        };
        let mut chain = Chain::after(told.head);
        let mut followed = chain.follow(entry);
        let is_out_of_place = matches!(followed, Err(Broken::OutOfPlace { .. }));
        if is_out_of_place && self.strictness == Strictness::Centre {
            let before = self.recent.iter().rev().find(|head| head.hash == entry.previous);
            if let Some(before) = before.copied()
                && Chain::after(before).follow(entry).is_ok()
            {
                self.beside += told.head.number.saturating_sub(before.number);
                followed = Ok(());
            }
        }
        told.head = entry.head();
        if let Err(what) = followed {
            let chain = told.id.clone();
            self.find(Found::Broken { chain, what });
        }
        if self.strictness == Strictness::Centre {
            if self.recent.len() == BESIDE_MAX {
                self.recent.pop_front();
            }
            self.recent.push_back(entry.head());
        }
        for place in self.by_hash.get(&entry.hash).into_iter().flatten() {
            if let Some((head, met)) = self.kept.get_mut(*place) {
                *met |= head.head == entry.head();
            }
        }
    }

    /// A signed head that stands behind the entries so far.
    pub fn head(&mut self, signed: &SignedHead) {
        if !self.is_of_the_box(signed) {
            return;
        }
        let (chain, number) = (signed.chain.clone(), signed.head.number);
        let told = self.chains.last();
        let is_here = told.is_some_and(|told| {
            told.head == signed.head && told.id.as_ref().is_none_or(|id| *id == signed.chain)
        });
        if !is_here {
            let ends = told.map_or(0, |told| told.head.number);
            self.find(Found::HeadElsewhere {
                chain,
                signed: number,
                ends,
            });
        }
    }

    /// What there is, how many entries stand beside the chains, and what is wrong.
    pub fn end(mut self) -> (Vec<ChainTold>, u64, Vec<Found>) {
        if let Some(ChainTold { id: None, first, .. }) = self.chains.last() {
            let first = *first;
            self.find(without_beginning(first));
        }
        let unmet: Vec<SignedHead> = (self.kept.iter())
            .filter(|(_, met)| !met)
            .map(|(head, _)| head.clone())
            .collect();
        for SignedHead { chain, head, .. } in unmet {
            let here = self.chains.iter().find(|told| told.id.as_ref() == Some(&chain));
            let (signed, ends) = (head.number, here.map(|told| told.head.number));
            self.find(match ends {
                None => Found::ChainGone {
                    chain,
                    number: signed,
                },
                Some(ends) => {
                    let what = if ends < signed {
                        Broken::CutOff { ends, signed }
                    } else {
                        Broken::OtherHead { number: signed }
                    };
                    let chain = Some(chain);
                    Found::Broken { chain, what }
                }
            });
        }
        (self.chains, self.beside, self.found)
    }

    fn begin(&mut self, id: &ChainId, entry: &Entry) {
        if let Some(post) = self.post.clone().filter(|post| post != id.post()) {
            let chain = id.clone();
            self.find(Found::OtherPost { chain, post });
        }
        if self.chains.iter().any(|told| told.id.as_ref() == Some(id)) {
            let chain = id.clone();
            self.find(Found::Twice { chain });
        }
        if let (Some((chain, named)), Some(before)) = (entry.follows(), self.chains.last_mut()) {
            // A file that begins in the middle of a chain: the rest of it was set aside.
            let is_it = *before.id.get_or_insert_with(|| chain.clone()) == chain;
            let ends = before.head;
            let is_its_end = is_it && ends == named;
            if !is_its_end && !self.is_beside(named) {
                self.find(Found::OtherEnd {
                    chain,
                    named: named.number,
                    ends: ends.number,
                });
            }
        } else if let Some(ChainTold { id: None, first, .. }) = self.chains.last() {
            let found = *first;
            self.find(without_beginning(found));
        }
        let why = entry.deed.told.after.as_ref();
        self.chains.push(ChainTold {
            id: Some(id.clone()),
            first: 1,
            head: Chain::begin(id).head(),
            why: why.map(|why| why.reveal().clone()).unwrap_or_default(),
        });
    }

    fn begin_without_beginning(&mut self, entry: &Entry) {
        self.chains.push(ChainTold {
            id: None,
            first: entry.number,
            head: Head {
                number: entry.number.saturating_sub(1),
                hash: entry.previous,
            },
            why: String::new(),
        });
    }

    /// At the centre the chain before may have gone on with what the post lost.
    fn is_beside(&self, named: Head) -> bool {
        self.strictness == Strictness::Centre && self.recent.contains(&named)
    }

    fn is_of_the_box(&mut self, signed: &SignedHead) -> bool {
        let (chain, number) = (signed.chain.clone(), signed.head.number);
        if !signed.is_signed() {
            self.find(Found::BadSignature { chain, number });
            return false;
        }
        if *self.key.get_or_insert(signed.key) != signed.key {
            self.find(Found::OtherKey { chain, number });
            return false;
        }
        true
    }

    fn find(&mut self, found: Found) {
        if self.found.len() < FOUND_MAX {
            self.found.push(found);
        }
    }
}

fn without_beginning(found: u64) -> Found {
    Found::Broken {
        chain: None,
        what: Broken::Missing { expected: 1, found },
    }
}
