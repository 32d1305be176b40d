//! What doctors sent to one post, messages and proposals, and what became of each: nothing is assumed, only the post's
//! own answer or the end of its time says so (I6, I9).

use std::collections::BTreeMap;

use vitals::WallTime;
use vitals::wire::{Command, CommandKind};

use crate::store::{Answer, Sent};

/// The most messages and proposals of one post whose time has not run out yet; answered ones count too.
pub(super) const UNEXPIRED_MAX: usize = 100;
/// The most that are kept in memory; the oldest goes first.
const KEPT_MAX: usize = 512;

/// The messages and proposals of one post, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SentCommands {
    sent: BTreeMap<(WallTime, u128), Sent>,
}

impl SentCommands {
    /// A command was made durable, or read back at start.
    pub(super) fn add(&mut self, sent: Sent) {
        self.sent.insert((sent.command.issued, sent.command.id), sent);
        if self.sent.len() > KEPT_MAX {
            self.sent.pop_first();
        }
    }

    /// The post answered; the first answer counts. Says whether it changes anything.
    pub(super) fn answered(&mut self, command: u128, answer: Answer) -> bool {
        let sent = self.sent.values_mut().find(|sent| sent.command.id == command);
        let Some(sent) = sent.filter(|sent| sent.answer.is_none()) else {
            return false;
        };
        sent.answer = Some(answer);
        true
    }

    /// The same command that waits already.
    pub(super) fn waiting_same(&self, kind: &CommandKind, now: WallTime) -> Option<u128> {
        let mut waiting = self.pending(now);
        waiting
            .find(|command| command.kind == *kind)
            .map(|command| command.id)
    }

    /// Whether one more may be sent.
    pub(super) fn has_room(&self, now: WallTime) -> bool {
        let unexpired = self.sent.values().filter(|sent| now < sent.command.expires);
        unexpired.count() < UNEXPIRED_MAX
    }

    /// Those that the post has not answered and that have not expired.
    pub(super) fn pending(&self, now: WallTime) -> impl Iterator<Item = &Command> {
        let waiting = move |sent: &&Sent| sent.answer.is_none() && now < sent.command.expires;
        self.sent.values().filter(waiting).map(|sent| &sent.command)
    }

    /// The newest first.
    pub(super) fn newest(&self) -> impl Iterator<Item = &Sent> {
        self.sent.values().rev()
    }
}
