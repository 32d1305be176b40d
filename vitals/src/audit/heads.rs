//! Heads of a chain, signed with the key of the box: whoever keeps one can show later that the chain was cut off or written
//! anew (the box itself can do both, a card in other hands too).

use std::fmt;

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use super::{ChainId, Head};
use crate::time::WallTime;

/// Bytes of a public key.
pub const KEY_BYTES: usize = 32;
/// Bytes of a signature.
pub const SIGNATURE_BYTES: usize = 64;

/// How far a chain went, signed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SignedHead {
    /// Which chain.
    pub chain: ChainId,
    /// How far it went.
    pub head: Head,
    /// When, by the wall clock as it was believed then.
    pub wall: Option<WallTime>,
    /// The public key of the box (Ed25519).
    pub key: [u8; KEY_BYTES],
    /// Its signature.
    pub signature: [u8; SIGNATURE_BYTES],
}

impl SignedHead {
    /// Signs how far a chain goes now.
    pub fn sign(box_key: &Ed25519KeyPair, chain: ChainId, head: Head, wall: Option<WallTime>) -> SignedHead {
        let signature = box_key.sign(&covered(&chain, head, wall));
        let (mut key, mut signed) = ([0; KEY_BYTES], [0; SIGNATURE_BYTES]);
        key.copy_from_slice(box_key.public_key().as_ref());
        signed.copy_from_slice(signature.as_ref());
        SignedHead {
            chain,
            head,
            wall,
            key,
            signature: signed,
        }
    }

    /// It was signed with the key that it names.
    pub fn is_signed(&self) -> bool {
        let text = covered(&self.chain, self.head, self.wall);
        UnparsedPublicKey::new(&ED25519, self.key)
            .verify(&text, &self.signature)
            .is_ok()
    }
}

/// The bytes that are signed: `vitalpost audit head 1`, chain, number, hash, wall time, each with its length before it.
fn covered(chain: &ChainId, head: Head, wall: Option<WallTime>) -> Vec<u8> {
    let mut text = Vec::new();
    let mut put = |part: &[u8]| {
        text.extend((part.len() as u64).to_be_bytes());
        text.extend(part);
    };
    put(b"vitalpost audit head 1");
    put(chain.0.as_bytes());
    put(&head.number.to_be_bytes());
    put(&head.hash.0);
    match wall {
        Some(wall) => put(&wall.as_unix_ns().to_be_bytes()),
        None => text.extend(u64::MAX.to_be_bytes()),
    }
    text
}

impl fmt::Debug for SignedHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SignedHead {
            chain, head, wall, ..
        } = self;
        write!(
            f,
            "SignedHead({chain} {} {} {wall:?} key {})",
            head.number,
            head.hash,
            super::digits(&self.key)
        )
    }
}
