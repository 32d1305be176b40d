//! Entries of the audit and their signed heads between domain and wire.
//!
//! Times are exact here, to the nanosecond: the hash of an entry covers them. What a newer program says and this one does
//! not know is read as what is trusted least; the entry's hash then tells that it was not read as it was made.

use super::{WireError, boot, field, proto, trust, trust_out};
use crate::audit::{Actor, ChainId, Deed, Entry, Hash, Head, Outcome, SignedHead, Telling};
use crate::bed::Masked;
use crate::time::{MonoTime, Stamp, WallTime};

pub(super) fn entry(raw: &proto::Audited) -> Result<Entry, WireError> {
    let masked = |text: &Option<String>| text.clone().map(Masked::new);
    Ok(Entry {
        number: raw.number,
        previous: Hash(bytes(&raw.previous, "previous")?),
        deed: Deed {
            at: Stamp {
                boot: boot(&raw.boot_id)?,
                mono: MonoTime::from_ns(raw.at_ns),
            },
            wall: raw.wall_ns.map(WallTime::from_unix_ns),
            trust: trust(raw.trust),
            told: Telling {
                who: raw.who.as_ref().map_or(Actor::Nobody, actor),
                from: raw.from.clone(),
                action: raw.action.clone(),
                outcome: if raw.refused {
                    Outcome::Refused
                } else {
                    Outcome::Done
                },
                subject: raw.subject.clone(),
                before: masked(&raw.before),
                after: masked(&raw.after),
            },
        },
        hash: Hash(bytes(&raw.hash, "hash")?),
    })
}

pub(super) fn entry_out(entry: &Entry) -> proto::Audited {
    let Deed {
        at,
        wall,
        trust,
        told,
    } = &entry.deed;
    let revealed = |words: &Option<Masked<String>>| words.as_ref().map(|words| words.reveal().clone());
    proto::Audited {
        number: entry.number,
        previous: entry.previous.0.to_vec(),
        hash: entry.hash.0.to_vec(),
        boot_id: at.boot.0.to_vec(),
        at_ns: at.mono.as_ns(),
        wall_ns: wall.map(WallTime::as_unix_ns),
        trust: trust_out(*trust),
        who: Some(actor_out(&told.who)),
        from: told.from.clone(),
        action: told.action.clone(),
        refused: told.outcome == Outcome::Refused,
        subject: told.subject.clone(),
        before: revealed(&told.before),
        after: revealed(&told.after),
    }
}

fn actor(raw: &proto::AuditActor) -> Actor {
    let (id, name) = (raw.id.clone(), Masked::new(raw.name.clone()));
    match proto::AuditActorKind::try_from(raw.kind) {
        Ok(proto::AuditActorKind::AuditActorPerson) => Actor::Person { id, name },
        Ok(proto::AuditActorKind::AuditActorCentre) => Actor::Centre { id, name },
        Ok(proto::AuditActorKind::AuditActorSystem) => Actor::System { user: id },
        Ok(proto::AuditActorKind::AuditActorPost) => Actor::Post,
        Ok(proto::AuditActorKind::AuditActorNobody) | Err(_) => Actor::Nobody,
    }
}

fn actor_out(actor: &Actor) -> proto::AuditActor {
    use proto::AuditActorKind as Kind;
    let (kind, id, name) = match actor {
        Actor::Person { id, name } => (Kind::AuditActorPerson, id.as_str(), name.reveal().as_str()),
        Actor::Centre { id, name } => (Kind::AuditActorCentre, id.as_str(), name.reveal().as_str()),
        Actor::System { user } => (Kind::AuditActorSystem, user.as_str(), ""),
        Actor::Post => (Kind::AuditActorPost, "", ""),
        Actor::Nobody => (Kind::AuditActorNobody, "", ""),
    };
    proto::AuditActor {
        kind: kind as i32,
        id: id.to_owned(),
        name: name.to_owned(),
    }
}

pub(super) fn head(raw: &proto::AuditHead) -> Result<SignedHead, WireError> {
    Ok(SignedHead {
        chain: ChainId(raw.chain.clone()),
        head: Head {
            number: raw.number,
            hash: Hash(bytes(&raw.hash, "hash")?),
        },
        wall: raw.wall_ns.map(WallTime::from_unix_ns),
        key: bytes(&raw.public_key, "public_key")?,
        signature: bytes(&raw.signature, "signature")?,
    })
}

pub(super) fn head_out(signed: &SignedHead) -> proto::AuditHead {
    proto::AuditHead {
        chain: signed.chain.0.clone(),
        number: signed.head.number,
        hash: signed.head.hash.0.to_vec(),
        wall_ns: signed.wall.map(WallTime::as_unix_ns),
        public_key: signed.key.to_vec(),
        signature: signed.signature.to_vec(),
    }
}

fn bytes<const N: usize>(bytes: &[u8], name: &'static str) -> Result<[u8; N], WireError> {
    bytes.try_into().map_err(|_| field(name))
}
