//! What is told about a deed: by whoever saw it done or refused it, without time and place in the chain.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ChainId, Head};
use crate::bed::Masked;

/// The action of the first entry of a chain.
pub const BEGIN: &str = "audit_begin";
/// The action of the first entry of a run that goes on with a chain.
pub const START: &str = "start";
/// The action of the last entry of a run that ended in order.
pub const STOP: &str = "stop";
/// What stands before the name of a chain in a subject.
const OF_CHAIN: &str = "chain:";
/// Most bytes of each of the texts of a [`Telling`].
pub const WORDS_BYTES_MAX: usize = 2_048;

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A person with an account at the post.
    Person {
        /// The account, which is never used again for somebody else.
        id: String,
        /// Their name as it was then.
        name: Masked<String>,
    },
    /// A doctor at the centre, as the centre names them.
    Centre {
        /// The account at the centre.
        id: String,
        /// Their name as it was then.
        name: Masked<String>,
    },
    /// A user of the box's operating system, on its command line.
    System {
        /// The user's name there.
        user: String,
    },
    /// The box by itself (start, stop, clock).
    Post,
    /// Nobody who could be identified.
    Nobody,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused.
    Refused,
}

/// What is told about a deed by whoever saw it done or refused it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Telling {
    /// Who.
    pub who: Actor,
    /// From which screen or address.
    pub from: String,
    /// What, by its key in the policy's table or of the audit's own (`sign_in`, `start`).
    pub action: String,
    /// How it ended.
    pub outcome: Outcome,
    /// On what: bed, admission, alarm, account, as `kind:id`, several with a blank between; empty when on nothing.
    pub subject: String,
    /// What it was before, where something changed.
    pub before: Option<Masked<String>>,
    /// What it is after, or why it was refused.
    pub after: Option<Masked<String>>,
}

impl Telling {
    /// The first entry of a chain: which one, which one it follows, and why it begins.
    pub fn begin(chain: &ChainId, follows: Option<(&ChainId, Head)>, why: &str) -> Telling {
        let follows = follows.map(|(id, Head { number, hash })| format!("{id} {number} {hash}"));
        Telling {
            before: follows.map(Masked::new),
            ..Telling::of_chain(chain, BEGIN, why)
        }
    }

    /// What the box itself does, told with the name of its chain.
    pub fn of_chain(chain: &ChainId, action: &str, after: &str) -> Telling {
        Telling {
            who: Actor::Post,
            from: String::new(),
            action: action.to_owned(),
            outcome: Outcome::Done,
            subject: format!("{OF_CHAIN}{chain}"),
            before: None,
            after: Some(Masked::new(after.to_owned())),
        }
    }

    /// The same with each text cut to [`WORDS_BYTES_MAX`].
    #[must_use]
    pub fn bounded(mut self) -> Telling {
        let cut = |text: &mut String| text.truncate(text.floor_char_boundary(WORDS_BYTES_MAX));
        for text in [&mut self.from, &mut self.action, &mut self.subject] {
            cut(text);
        }
        for change in [&mut self.before, &mut self.after].into_iter().flatten() {
            let mut text = change.reveal().clone();
            cut(&mut text);
            *change = Masked::new(text);
        }
        match &mut self.who {
            Actor::Person { id, name } | Actor::Centre { id, name } => {
                let mut text = name.reveal().clone();
                cut(&mut text);
                cut(id);
                *name = Masked::new(text);
            }
            Actor::System { user } => cut(user),
            Actor::Post | Actor::Nobody => {}
        }
        self
    }

    /// The chain that the box names here.
    pub fn names_chain(&self) -> Option<ChainId> {
        let is_own = self.who == Actor::Post && [BEGIN, START].contains(&self.action.as_str());
        let id = self.subject.strip_prefix(OF_CHAIN).filter(|_| is_own)?;
        Some(ChainId(id.to_owned()))
    }
}
