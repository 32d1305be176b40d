//! The audit as JSON, and back: an export is verified from its lines alone. What an entry's hash covers stands in an object
//! of its own (`entry`), with exact times, so that no field of the line around it can be taken for one of it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::audit::{Actor, ChainId, Deed, Entry, Head, Outcome, SignedHead, Telling, digits, hex};
use crate::bed::Masked;
use crate::time::{ClockTrust, MonoTime, Stamp, WallTime};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryLine {
    number: u64,
    previous: String,
    hash: String,
    boot: String,
    at_ns: u64,
    wall_ns: Option<i64>,
    trust: ClockTrust,
    who: Who,
    from: String,
    action: String,
    outcome: Outcome,
    subject: String,
    before: Option<String>,
    after: Option<String>,
}

/// Who acts, in the words of the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Who {
    kind: String,
    id: String,
    name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeadLine {
    chain: String,
    number: u64,
    hash: String,
    wall_ns: Option<i64>,
    public_key: String,
    signature: String,
}

/// An entry as the line of an export or a dump, without the name of the record that holds it.
pub fn of_entry(entry: &Entry) -> Value {
    json!({"kind": "event", "event": "audited", "entry": written(entry)})
}

/// An entry as a line of its own.
fn written(entry: &Entry) -> EntryLine {
    let Deed {
        at,
        wall,
        trust,
        told,
    } = &entry.deed;
    let revealed = |words: &Option<Masked<String>>| words.as_ref().map(|words| words.reveal().clone());
    EntryLine {
        number: entry.number,
        previous: entry.previous.to_string(),
        hash: entry.hash.to_string(),
        boot: at.boot.to_string(),
        at_ns: at.mono.as_ns(),
        wall_ns: wall.map(WallTime::as_unix_ns),
        trust: *trust,
        who: who(&told.who),
        from: told.from.clone(),
        action: told.action.clone(),
        outcome: told.outcome,
        subject: told.subject.clone(),
        before: revealed(&told.before),
        after: revealed(&told.after),
    }
}

fn who(actor: &Actor) -> Who {
    let (kind, id, name) = match actor {
        Actor::Person { id, name } => ("person", id.as_str(), name.reveal().as_str()),
        Actor::Centre { id, name } => ("centre", id.as_str(), name.reveal().as_str()),
        Actor::System { user } => ("system", user.as_str(), ""),
        Actor::Post => ("post", "", ""),
        Actor::Nobody => ("nobody", "", ""),
    };
    Who {
        kind: kind.to_owned(),
        id: id.to_owned(),
        name: name.to_owned(),
    }
}

/// The entry of a line that an export or a dump wrote; `None` when it is of something else or does not read as one.
pub fn entry(line: &Value) -> Option<Entry> {
    let read = EntryLine::deserialize(line.get("entry")?).ok()?;
    let Who { kind, id, name } = read.who;
    let name = Masked::new(name);
    let who = match kind.as_str() {
        "person" => Actor::Person { id, name },
        "centre" => Actor::Centre { id, name },
        "system" => Actor::System { user: id },
        "post" => Actor::Post,
        "nobody" => Actor::Nobody,
        _ => return None,
    };
    Some(Entry {
        number: read.number,
        previous: read.previous.parse().ok()?,
        hash: read.hash.parse().ok()?,
        deed: Deed {
            at: Stamp {
                boot: read.boot.parse().ok()?,
                mono: MonoTime::from_ns(read.at_ns),
            },
            wall: read.wall_ns.map(WallTime::from_unix_ns),
            trust: read.trust,
            told: Telling {
                who,
                from: read.from,
                action: read.action,
                outcome: read.outcome,
                subject: read.subject,
                before: read.before.map(Masked::new),
                after: read.after.map(Masked::new),
            },
        },
    })
}

pub(super) fn of_head(signed: &SignedHead) -> Value {
    let head = HeadLine {
        chain: signed.chain.0.clone(),
        number: signed.head.number,
        hash: signed.head.hash.to_string(),
        wall_ns: signed.wall.map(WallTime::as_unix_ns),
        public_key: digits(&signed.key),
        signature: digits(&signed.signature),
    };
    json!({"kind": "event", "event": "audit_head", "head": head})
}

/// The signed head of a line that an export or a dump wrote; `None` when it is of something else or does not read as one.
pub fn head(line: &Value) -> Option<SignedHead> {
    let read = HeadLine::deserialize(line.get("head")?).ok()?;
    Some(SignedHead {
        chain: ChainId(read.chain),
        head: Head {
            number: read.number,
            hash: read.hash.parse().ok()?,
        },
        wall: read.wall_ns.map(WallTime::from_unix_ns),
        key: hex(&read.public_key)?,
        signature: hex(&read.signature)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{a_signed_head, audited};

    #[test]
    fn an_entry_and_a_head_read_back_from_their_lines_as_they_were() {
        for written in audited() {
            let line = of_entry(&written).to_string();
            let line: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(entry(&line), Some(written));
            assert_eq!(head(&line), None);
        }
        let line: Value = serde_json::from_str(&of_head(&a_signed_head()).to_string()).unwrap();
        assert_eq!(head(&line), Some(a_signed_head()));
        assert_eq!(entry(&line), None);
    }

    #[test]
    fn a_line_with_something_put_in_or_taken_out_is_no_entry() {
        let good = of_entry(&audited()[0]);
        for key in ["number", "hash", "who", "trust", "outcome"] {
            let mut line = good.clone();
            line["entry"].as_object_mut().unwrap().remove(key);
            assert_eq!(entry(&line), None, "{key}");
        }
        let mut line = good;
        line["entry"]["more"] = 1.into();
        assert_eq!(entry(&line), None);
    }
}
