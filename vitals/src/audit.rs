//! The audit: who did what, when, from where and to whom, as a chain in which each entry holds the hash of the one before.
//!
//! Invariants (tests quote the numbers):
//! - U1 (I9): an entry that is changed, removed, put in or moved breaks the chain where it stands ([`Verifier`]).
//! - U2: entries of another box's chain do not continue this one: the first hash is made of the chain's own id.
//! - U3: what an entry's hash covers is written down here and never changes for its version (`Entry::covered`).
//! - That the end was cut off cannot be seen in the chain itself: a [`SignedHead`] that somebody else keeps shows it.
//! - U4: a chain says itself how it is called ([`Entry::begins`]), so it is verified with nothing but its entries.

mod book;
mod heads;
mod telling;

use std::fmt::{self, Write as _};

use ring::digest;
use serde::{Deserialize, Serialize};

use crate::bed::PostId;
use crate::time::{ClockTrust, Stamp, WallTime};

pub use book::{Book, ChainTold, Found, Strictness};
pub use heads::{KEY_BYTES, SIGNATURE_BYTES, SignedHead};
pub use telling::{Actor, BEGIN, Outcome, START, STOP, Telling, WORDS_BYTES_MAX};

/// SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; digest::SHA256_OUTPUT_LEN]);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&digits(&self.0))
    }
}

/// As hexadecimal digits.
pub fn digits(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl std::str::FromStr for Hash {
    type Err = BadHash;
    fn from_str(text: &str) -> Result<Hash, BadHash> {
        hex(text).map(Hash).ok_or(BadHash)
    }
}

/// The text is not a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a hash: 64 hexadecimal digits are expected")]
pub struct BadHash;

/// So many bytes from twice as many hexadecimal digits.
pub fn hex<const BYTES: usize>(text: &str) -> Option<[u8; BYTES]> {
    let mut bytes = [0; BYTES];
    if text.len() != 2 * BYTES || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// Names one chain: the post, and random bytes made when the chain began.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ChainId(pub String);

impl ChainId {
    /// A new one.
    pub fn of(post: &PostId, random: u128) -> ChainId {
        ChainId(format!("{post}/{random:032x}"))
    }

    /// The post whose chain it is.
    pub fn post(&self) -> &str {
        self.0.split_once('/').map_or(&self.0, |(post, _)| post)
    }
}

impl fmt::Display for ChainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What happened, before it has its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Deed {
    /// When, by the order of the box.
    pub at: Stamp,
    /// When, by the wall clock as it was believed then.
    pub wall: Option<WallTime>,
    /// How far that was to be trusted.
    pub trust: ClockTrust,
    /// The rest.
    pub told: Telling,
}

/// A deed in its place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    /// Its place, from 1.
    pub number: u64,
    /// The hash of the entry before; of the first one, [`Chain::seed`].
    pub previous: Hash,
    /// What happened.
    pub deed: Deed,
    /// The hash of all this, as it was when the entry was made.
    pub hash: Hash,
}

impl Entry {
    /// How far the chain goes with this entry.
    pub const fn head(&self) -> Head {
        Head {
            number: self.number,
            hash: self.hash,
        }
    }

    /// The chain that begins with this entry.
    pub fn begins(&self) -> Option<ChainId> {
        let told = &self.deed.told;
        (self.number == 1 && told.action == BEGIN)
            .then(|| told.names_chain())
            .flatten()
    }

    /// The chain that this one, which begins, follows, and how far that one went.
    pub fn follows(&self) -> Option<(ChainId, Head)> {
        self.begins()?;
        let mut words = self.deed.told.before.as_ref()?.reveal().split(' ');
        let id = ChainId(words.next()?.to_owned());
        let number = words.next()?.parse().ok()?;
        let hash = words.next()?.parse().ok()?;
        Some((id, Head { number, hash }))
    }

    /// Its hash is that of what it says.
    pub fn is_whole(&self) -> bool {
        self.hash == self.covered()
    }

    /// The hash of everything else in this entry: version 1 is SHA-256 over the fields in the order of the structures, each
    /// text and number with its length before it, an absent one as length `u64::MAX`.
    fn covered(&self) -> Hash {
        let mut text = Covered(digest::Context::new(&digest::SHA256));
        text.put(b"vitalpost audit 1");
        text.put(&self.number.to_be_bytes());
        text.put(&self.previous.0);
        let deed = &self.deed;
        text.put(&deed.at.boot.0);
        text.put(&deed.at.mono.as_ns().to_be_bytes());
        text.put_some(
            deed.wall
                .map(|wall| wall.as_unix_ns().to_be_bytes())
                .as_ref()
                .map(<[u8; 8]>::as_slice),
        );
        text.put(trust_key(deed.trust).as_bytes());
        let told = &deed.told;
        let (kind, id, name) = match &told.who {
            Actor::Person { id, name } => ("person", id.as_str(), name.reveal().as_str()),
            Actor::Centre { id, name } => ("centre", id.as_str(), name.reveal().as_str()),
            Actor::System { user } => ("system", user.as_str(), ""),
            Actor::Post => ("post", "", ""),
            Actor::Nobody => ("nobody", "", ""),
        };
        for part in [kind, id, name, &told.from, &told.action] {
            text.put(part.as_bytes());
        }
        text.put(match told.outcome {
            Outcome::Done => b"done",
            Outcome::Refused => b"refused",
        });
        text.put(told.subject.as_bytes());
        for change in [&told.before, &told.after] {
            text.put_some(change.as_ref().map(|words| words.reveal().as_bytes()));
        }
        Hash::of(text.0)
    }
}

/// The bytes that a hash covers.
struct Covered(digest::Context);

impl Covered {
    fn put(&mut self, part: &[u8]) {
        self.0.update(&(part.len() as u64).to_be_bytes());
        self.0.update(part);
    }

    fn put_some(&mut self, part: Option<&[u8]>) {
        match part {
            Some(part) => self.put(part),
            None => self.0.update(&u64::MAX.to_be_bytes()),
        }
    }
}

impl Hash {
    fn of(context: digest::Context) -> Hash {
        let mut hash = [0; digest::SHA256_OUTPUT_LEN];
        hash.copy_from_slice(context.finish().as_ref());
        Hash(hash)
    }
}

fn trust_key(trust: ClockTrust) -> &'static str {
    match trust {
        ClockTrust::Untrusted => "untrusted",
        ClockTrust::Holdover => "holdover",
        ClockTrust::Synchronised => "synchronised",
    }
}

/// How far a chain goes: what a signed head says, and what a start continues from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Head {
    /// How many entries there are.
    pub number: u64,
    /// The hash of the last one.
    pub hash: Hash,
}

/// A chain that grows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    head: Head,
}

impl Chain {
    /// A new chain, without an entry.
    pub fn begin(id: &ChainId) -> Chain {
        Chain {
            head: Head {
                number: 0,
                hash: Chain::seed(id),
            },
        }
    }

    /// One that goes on after this.
    pub const fn after(head: Head) -> Chain {
        Chain { head }
    }

    /// What the first entry of a chain holds as the hash of the one before.
    pub fn seed(id: &ChainId) -> Hash {
        let mut text = Covered(digest::Context::new(&digest::SHA256));
        text.put(b"vitalpost audit chain 1");
        text.put(id.0.as_bytes());
        Hash::of(text.0)
    }

    /// How far it goes.
    pub const fn head(&self) -> Head {
        self.head
    }

    /// Goes on with an entry that was made elsewhere.
    ///
    /// # Errors
    /// It does not follow; the chain is as before then.
    pub fn follow(&mut self, entry: &Entry) -> Result<(), Broken> {
        let expected = self.head.number.saturating_add(1);
        let found = entry.number;
        if found > expected {
            return Err(Broken::Missing { expected, found });
        }
        if found < expected {
            return Err(Broken::OutOfPlace { expected, found });
        }
        if entry.previous != self.head.hash {
            return Err(Broken::Link { number: found });
        }
        if entry.hash != entry.covered() {
            return Err(Broken::Changed { number: found });
        }
        self.head = entry.head();
        Ok(())
    }

    /// Gives a deed its place.
    pub fn append(&mut self, deed: Deed) -> Entry {
        let previous = self.head.hash;
        let mut entry = Entry {
            number: self.head.number + 1,
            previous,
            deed,
            hash: previous,
        };
        entry.hash = entry.covered();
        self.head = entry.head();
        entry
    }
}

/// Where a chain does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// An entry's own hash is not that of what it says.
    #[error("entry {number} was changed after it was made")]
    Changed {
        /// Its number.
        number: u64,
    },
    /// An entry does not hold the hash of the one before it.
    #[error(
        "entry {number} does not continue the one before it: it belongs to another chain, or the chain was written anew from there"
    )]
    Link {
        /// Its number.
        number: u64,
    },
    /// Entries are missing.
    #[error("entries {expected} to {} are missing", .found - 1)]
    Missing {
        /// The first one missing.
        expected: u64,
        /// The one that came instead.
        found: u64,
    },
    /// An entry comes twice, or too late.
    #[error("entry {found} stands where {expected} belongs: it was put in or moved")]
    OutOfPlace {
        /// What belongs there.
        expected: u64,
        /// What stands there.
        found: u64,
    },
    /// The chain ends before a head that was signed.
    #[error(
        "the chain ends at {ends}, and somebody holds a signed head of entry {signed}: the end was cut off"
    )]
    CutOff {
        /// Its last entry.
        ends: u64,
        /// What was signed.
        signed: u64,
    },
    /// The entry of a signed head is another one.
    #[error("entry {number} is not the one that was signed: the chain was written anew")]
    OtherHead {
        /// Its number.
        number: u64,
    },
}

/// Follows a chain from its beginning, entry by entry.
#[derive(Clone, Debug)]
pub struct Verifier {
    chain: Chain,
    signed: Vec<Head>,
}

impl Verifier {
    /// `signed` are heads that somebody else has kept, in any order.
    pub fn new(id: &ChainId, mut signed: Vec<Head>) -> Verifier {
        signed.sort_by_key(|head| std::cmp::Reverse(head.number));
        Verifier {
            chain: Chain::begin(id),
            signed,
        }
    }

    /// The next entry.
    ///
    /// # Errors
    /// Where the chain does not hold.
    pub fn next(&mut self, entry: &Entry) -> Result<(), Broken> {
        self.chain.follow(entry)?;
        while let Some(signed) = self.signed.pop_if(|signed| signed.number <= entry.number) {
            if signed != self.chain.head {
                return Err(Broken::OtherHead { number: entry.number });
            }
        }
        Ok(())
    }

    /// The end.
    ///
    /// # Errors
    /// When it is not where a signed head says.
    pub fn end(mut self) -> Result<Head, Broken> {
        match self.signed.pop() {
            Some(signed) if signed.number > 0 => Err(Broken::CutOff {
                ends: self.chain.head.number,
                signed: signed.number,
            }),
            _ => Ok(self.chain.head),
        }
    }
}

#[cfg(test)]
mod tests;
