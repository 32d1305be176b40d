//! What a centre asks of a post.

use prost::Message;

use super::delivery;
use super::event::{account, account_out, command_id, proposal, proposal_out};
use super::{VERSION, WireError, check_version, optional_id, proto, text_of, us_of_wall, wall_us};
use crate::alarm::AlarmId;
use crate::bed::BedId;
use crate::delivery::Deed;
use crate::record::{Epoch, LimitProposal};
use crate::time::WallTime;
use proto::command::Kind;

/// What a centre asks of a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Random; the same command may arrive many times.
    pub id: u128,
    /// When it was given, by the centre's clock.
    pub issued: WallTime,
    /// After this it is not carried out any more.
    pub expires: WallTime,
    /// What to do.
    pub kind: CommandKind,
}

/// Kinds of commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandKind {
    /// Show at the bedside that a doctor saw this alarm.
    Seen {
        /// Which alarm.
        alarm: AlarmId,
        /// The doctor's name.
        by: String,
        /// Their account at the centre; `None` = an older centre, which did not say.
        by_id: Option<String>,
    },
    /// Show this text at the post.
    Message {
        /// About which bed; `None` = the whole post.
        bed: Option<BedId>,
        /// Who writes.
        by: String,
        /// Their account at the centre; `None` = an older centre, which did not say.
        by_id: Option<String>,
        /// What; see [`crate::record::MESSAGE_CHARS_MAX`].
        text: String,
    },
    /// Show this proposal at the bed; a person at the post decides.
    ProposeLimit(LimitProposal),
    /// Note, and show at the bedside, what somebody did with an alarm.
    Deed(Deed),
    /// Something that this program does not know: answered, not ignored.
    Unknown,
}

impl CommandKind {
    /// Who gives it: name and account at the centre; `None` = it does not name both.
    pub fn person(&self) -> Option<(&str, &str)> {
        let (by, by_id) = match self {
            CommandKind::Seen { by, by_id, .. } | CommandKind::Message { by, by_id, .. } => (by, by_id),
            CommandKind::ProposeLimit(proposal) => (&proposal.by, &proposal.by_id),
            CommandKind::Deed(deed) => {
                let named = !deed.by.is_empty() && !deed.by_id.is_empty();
                return named.then_some((deed.by.as_str(), deed.by_id.as_str()));
            }
            CommandKind::Unknown => return None,
        };
        Some((by.as_str(), by_id.as_deref()?)).filter(|(by, _)| !by.is_empty())
    }
}

impl Command {
    /// To bytes.
    pub fn encode(&self) -> Vec<u8> {
        let kind = match &self.kind {
            CommandKind::Seen { alarm, by, by_id } => Some(Kind::Seen(proto::SeenBy {
                alarm_epoch: alarm.epoch.0,
                alarm_number: alarm.number,
                by: by.clone(),
                by_id: account_out(by_id.as_ref()),
            })),
            CommandKind::Message { bed, by, by_id, text } => Some(Kind::Message(proto::TextMessage {
                bed: text_of(bed.as_ref()),
                by: by.clone(),
                by_id: account_out(by_id.as_ref()),
                text: text.clone(),
            })),
            CommandKind::ProposeLimit(limit) => Some(Kind::Limit(proposal_out(limit))),
            CommandKind::Deed(deed) => Some(Kind::Deed(delivery::deed_out(deed))),
            CommandKind::Unknown => None,
        };
        proto::Command {
            version: VERSION,
            id: self.id.to_be_bytes().to_vec(),
            issued_wall_us: us_of_wall(self.issued),
            expires_wall_us: us_of_wall(self.expires),
            kind,
        }
        .encode_to_vec()
    }

    /// From bytes. A kind that this program does not know, or whose fields it cannot read, is [`CommandKind::Unknown`].
    ///
    /// # Errors
    /// Whatever is not a command of this contract.
    pub fn decode(bytes: &[u8]) -> Result<Command, WireError> {
        let raw = proto::Command::decode(bytes)?;
        check_version(raw.version)?;
        Ok(Command {
            id: command_id(&raw.id)?,
            issued: wall_us(raw.issued_wall_us),
            expires: wall_us(raw.expires_wall_us),
            kind: raw.kind.map_or(CommandKind::Unknown, kind),
        })
    }
}

fn kind(raw: Kind) -> CommandKind {
    match raw {
        Kind::Seen(seen) => CommandKind::Seen {
            alarm: AlarmId {
                epoch: Epoch(seen.alarm_epoch),
                number: seen.alarm_number,
            },
            by: seen.by,
            by_id: account(&seen.by_id),
        },
        Kind::Message(raw) => match optional_id(&raw.bed, "bed") {
            Ok(bed) => CommandKind::Message {
                bed,
                by_id: account(&raw.by_id),
                by: raw.by,
                text: raw.text,
            },
            Err(_) => CommandKind::Unknown,
        },
        Kind::Limit(raw) => proposal(&raw).map_or(CommandKind::Unknown, CommandKind::ProposeLimit),
        Kind::Deed(raw) => delivery::deed(&raw).map_or(CommandKind::Unknown, CommandKind::Deed),
    }
}
