//! The desk for whoever administers the box: a socket beside the store, for the command line on the same machine.
//!
//! - A11: only root and the post's own user are heard. The kernel says who it is, and the audit names them.
//! - A12: one line each way, within a length and a time, from a few at once: nobody holds it up for the others.
//! - A13: a code to begin with is in the answer and nowhere else.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use accounts::people::PersonId;
use nix::unistd::{Uid, User, geteuid};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::policy::Role;
use super::{By, Desk, Known};
pub use checkup::{Checkup, CheckupNow, LineSeen, TaskSeen};
pub use updates::{Allowed, Asked, Refusal, Step, decide};

mod checkup;
mod updates;

/// The longest line that is asked, in bytes.
const ASKED_BYTES_MAX: u64 = 4_096;
/// The longest line that is answered: two hundred accounts are far less.
pub const ANSWER_BYTES_MAX: u64 = 1 << 20;
/// How long an exchange may take; argon2 is worked out in it, behind whoever waits already.
pub const WITHIN: Duration = Duration::from_secs(20);
/// How many are served at once.
const AT_ONCE_MAX: usize = 4;

/// Where the socket is: beside the store.
pub fn socket_in(folder: &Path) -> PathBuf {
    folder.join("control.sock")
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Order {
    /// A new account.
    Add {
        /// The sign-in name.
        id: PersonId,
        /// The person's name.
        name: String,
        /// What they are.
        roles: Vec<Role>,
    },
    /// All accounts.
    List {},
    /// Lets nobody in by this account any more.
    Disable {
        /// Which.
        id: PersonId,
    },
    /// Lets them in again.
    Enable {
        /// Which.
        id: PersonId,
    },
    /// The person begins again.
    Reset {
        /// Which.
        id: PersonId,
    },
    /// How the post is.
    Health {},
    /// Whether the box may be updated, started again or taken back now; the answer stands in the audit.
    Update {
        /// What is wanted.
        asked: Asked,
    },
}

/// What is answered. No `Debug`: a code is in no log (A13).
#[derive(Default, Serialize, Deserialize)]
pub struct Answer {
    /// The code with which the person begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people: Option<Vec<Listed>>,
    /// How the post is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health: Option<Checkup>,
    /// What an update was allowed in spite of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Allowed>,
    /// Why nothing was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Answer {
    fn error(why: impl ToString) -> Answer {
        Answer {
            error: Some(why.to_string()),
            ..Answer::default()
        }
    }

    fn of_people(people: Vec<(PersonId, Known)>) -> Answer {
        let listed = people.into_iter().map(|(id, known)| Listed {
            id,
            name: known.name.reveal().clone(),
            roles: known.roles,
            disabled: known.disabled,
            begun: known.begun,
        });
        Answer {
            people: Some(listed.collect()),
            ..Answer::default()
        }
    }
}

/// One account.
#[derive(Serialize, Deserialize)]
pub struct Listed {
    /// The sign-in name.
    pub id: PersonId,
    /// The person's name.
    pub name: String,
    /// What they are.
    pub roles: Vec<Role>,
    /// They cannot sign in.
    pub disabled: bool,
    /// They have set what they sign in with.
    pub begun: bool,
}

/// Does what is asked of a running post.
async fn answer(desk: &Desk, checkup: &CheckupNow, order: Order, user: &str) -> Answer {
    match order {
        Order::Health {} => Answer {
            health: Some(checkup()),
            ..Answer::default()
        },
        Order::Update { asked } => {
            let decided = decide(&asked, Some(checkup().high_alarms));
            desk.tell(updates::telling(&asked, &decided, user));
            match decided {
                Ok(allowed) => Answer {
                    allowed: Some(allowed),
                    ..Answer::default()
                },
                Err(refusal) => Answer::error(refusal),
            }
        }
        order => execute(desk, order, user).await,
    }
}

/// Does what is asked about accounts, on the word of a user of the box.
pub async fn execute(desk: &Desk, order: Order, user: &str) -> Answer {
    let by = By::system(user.to_owned());
    let done = match order {
        Order::Add { id, name, roles } => desk.add(id, name, roles, by).await.map(Some),
        Order::List {} => return Answer::of_people(desk.list()),
        Order::Disable { id } => desk.set_disabled(id, true, by).await.map(|()| None),
        Order::Enable { id } => desk.set_disabled(id, false, by).await.map(|()| None),
        Order::Reset { id } => desk.reset(id, by).await.map(Some),
        Order::Health {} | Order::Update { .. } => {
            return Answer::error("only a post that runs can say this");
        }
    };
    match done {
        Ok(code) => Answer {
            code,
            ..Answer::default()
        },
        Err(error) => Answer::error(error),
    }
}

/// The accounts that lie on the card, where no post runs.
///
/// # Errors
/// They cannot be read; nothing is moved or changed.
pub fn look(options: &super::DeskOptions) -> Result<Answer, String> {
    Ok(Answer::of_people(super::files::look(options)?))
}

/// The user of this name, as the audit calls them.
pub fn user_name(uid: Uid) -> String {
    let user = User::from_uid(uid).ok().flatten();
    user.map_or_else(|| format!("uid {uid}"), |user| user.name)
}

/// Listens until `stop`. The store's lock is held: a socket that lies there is of a post that was killed.
///
/// # Errors
/// The folder cannot be written, or its path is too long for a socket.
pub fn listen(folder: &Path) -> io::Result<UnixListener> {
    let (socket, fresh) = (socket_in(folder), folder.join("control.new"));
    match std::fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&fresh)?;
    let only_owner = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&fresh, only_owner)?;
    std::fs::rename(&fresh, &socket)?;
    Ok(listener)
}

/// Serves whoever administers the box until `stop`, and removes the socket.
pub async fn serve(
    listener: UnixListener,
    folder: PathBuf,
    desk: Desk,
    checkup: CheckupNow,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(AT_ONCE_MAX));
    loop {
        let place = tokio::select! {
            () = stop.cancelled() => break,
            place = places.clone().acquire_owned() => place,
        };
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let (desk, checkup) = (desk.clone(), checkup.clone());
                tokio::spawn(async move {
                    let _place = place;
                    if !matches!(
                        tokio::time::timeout(WITHIN, exchange(stream, &desk, &checkup)).await,
                        Ok(Ok(()))
                    ) {
                        tracing::warn!("a command line broke off or took too long");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the command line cannot be heard now");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
    // Gone already, or a folder that cannot be written: the next start puts its own in the place.
    let _ = std::fs::remove_file(socket_in(&folder));
}

async fn exchange(mut stream: UnixStream, desk: &Desk, checkup: &CheckupNow) -> io::Result<()> {
    let peer = Uid::from_raw(stream.peer_cred()?.uid());
    let answer = if peer.is_root() || peer == geteuid() {
        match asked(&mut stream).await? {
            Some(order) => answer(desk, checkup, order, &user_name(peer)).await,
            None => {
                Answer::error("this is not what the post understands: use the vitalpost of the same version")
            }
        }
    } else {
        let user = user_name(peer);
        tracing::warn!(%user, "a user without the right to administer the post was refused");
        Answer::error("only root and the post's own user administer it")
    };
    let mut line = serde_json::to_vec(&answer)?;
    line.push(b'\n');
    stream.write_all(&line).await?;
    stream.shutdown().await
}

async fn asked(stream: &mut UnixStream) -> io::Result<Option<Order>> {
    let mut line = Vec::new();
    let mut reader = BufReader::new(stream.take(ASKED_BYTES_MAX));
    reader.read_until(b'\n', &mut line).await?;
    Ok(line
        .ends_with(b"\n")
        .then(|| serde_json::from_slice(&line).ok())
        .flatten())
}

#[cfg(test)]
mod tests;
