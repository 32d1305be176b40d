//! Sealing of rows: one AEAD, one form. Pure but for randomness.
//!
//! ChaCha20-Poly1305 by ring: it is fast without AES instructions, which the processor of a Raspberry Pi 3 or 4 lacks
//! (docs/decisions/0008-encryption-at-rest.md has the figures).
//!
//! - S21: a sealed row says nothing but its place, its size and how many records it holds.
//! - S22: a sealed row is only readable at the place for which it was sealed: kind of row, lane, epoch, first number and
//!   header are its associated data.
//! - S23: no nonce is used twice under one key. It is random, 96 bits. It cannot be made from the place of the row:
//!   after a commit that failed, other bytes may be sealed for the same place (and the first ones may be on the card
//!   nevertheless), and the row of an open alarm is overwritten with each change. With one row a second the chance that
//!   two nonces ever meet within 100 years is below 1 in 10^9.

use std::fmt;
use std::io;

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

/// Bytes of a key.
pub(super) const KEY_BYTES: usize = 32;

/// What sealing adds to a row: nonce and tag.
#[cfg(test)]
pub(super) const SEAL_BYTES: usize = NONCE_LEN + 16;

/// A 256-bit key.
pub(super) struct SealingKey(Box<LessSafeKey>);

/// How the rows of a store are written.
#[derive(Debug)]
pub(super) enum Seal {
    /// Readable by whoever has the card.
    Plain,
    /// Sealed with the store's data key.
    Sealed(SealingKey),
}

/// Bytes that nobody can guess.
pub(super) fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| io::Error::other("the system has no randomness"))?;
    Ok(bytes)
}

impl SealingKey {
    pub(super) fn new(bytes: &[u8; KEY_BYTES]) -> SealingKey {
        let key = UnboundKey::new(&CHACHA20_POLY1305, bytes).expect("the algorithm's keys have 32 bytes");
        SealingKey(Box::new(LessSafeKey::new(key)))
    }

    /// Nonce, sealed bytes, tag. `about` is not in it, but must be the same when it is opened.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub(super) fn seal(&self, about: &[u8], plain: &[u8]) -> io::Result<Vec<u8>> {
        let nonce: [u8; NONCE_LEN] = random()?;
        let mut sealed = Vec::with_capacity(plain.len() + NONCE_LEN + CHACHA20_POLY1305.tag_len());
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self
            .0
            .seal_in_place_separate_tag(nonce, Aad::from(about), &mut sealed[NONCE_LEN..])
            .map_err(|_| io::Error::other("the row is too long to be sealed"))?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    /// What was sealed; `None` when key, `about` or any byte differs.
    pub(super) fn open(&self, about: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut rest = rest.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let plain = self
            .0
            .open_in_place(nonce, Aad::from(about), &mut rest)
            .ok()?
            .len();
        rest.truncate(plain);
        Some(rest)
    }
}

/// A key never gets into a log.
impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
