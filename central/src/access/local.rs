//! The centre's local socket, beside its store: by it `vitalpost-central user` and `audit` work while the centre runs.
//!
//! - Only the centre's own user and root are answered (E5); the file is theirs alone as well.
//! - One order at a time, each bounded in size and time. A request is one line of JSON; an answer is lines that begin with
//!   `> ` (said), and at its end one with `! ` (refused, why) or `.` (done).

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use nix::unistd::{Uid, User};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt};
use tokio::net::UnixListener;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::desk::Desk;
use super::manage::Order;
use crate::audit::report::{self, ReportError};
use crate::store::AuditStore;

/// The longest request, in bytes.
const REQUEST_BYTES_MAX: u64 = 4_096;
/// How long a request may take to arrive, and an answer to be taken.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is asked over the socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// Something about accounts.
    User(Order),
    /// Whether the audit holds.
    AuditVerify,
    /// All of the audit.
    AuditCsv,
}

/// Where the socket of the centre with this store is.
pub fn path(store: &Path) -> PathBuf {
    store.with_extension("sock")
}

/// Answers until `stop`. The store is open, so no other centre has this socket.
pub async fn serve(path: PathBuf, desk: Desk, store: Arc<dyn AuditStore>, stop: CancellationToken) {
    let listener = match listen(&path) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(socket = %path.display(), "no accounts can be made while the centre runs: {error}");
            return;
        }
    };
    loop {
        let stream = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!("the local socket: {error}");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    continue;
                }
            },
        };
        tokio::select! {
            () = stop.cancelled() => break,
            answered = answer(stream, &desk, &store) => if let Err(error) = answered {
                tracing::warn!("a user of this machine was not answered: {error}");
            },
        }
    }
    std::fs::remove_file(&path).ok();
}

fn listen(path: &Path) -> io::Result<UnixListener> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

async fn answer(stream: tokio::net::UnixStream, desk: &Desk, store: &Arc<dyn AuditStore>) -> io::Result<()> {
    let uid = Uid::from_raw(stream.peer_cred()?.uid());
    let (from, into) = stream.into_split();
    let mut line = String::new();
    let mut lines = tokio::io::BufReader::new(from.take(REQUEST_BYTES_MAX));
    let read = timeout(PATIENCE, lines.read_line(&mut line)).await;
    read.map_err(|_| io::ErrorKind::TimedOut)??;
    let into = into
        .reunite(lines.into_inner().into_inner())
        .map_err(io::Error::other)?;
    let into = into.into_std()?;
    into.set_nonblocking(false)?;
    into.set_write_timeout(Some(PATIENCE))?;

    let asked = if is_ours(uid) {
        serde_json::from_str(&line).map_err(|_| "this is another version of the program".to_owned())
    } else {
        Err("only the centre's own user and root are answered here".to_owned())
    };
    match asked {
        Err(error) => write_answer(into, Err::<Vec<String>, _>(error)),
        Ok(Asked::User(order)) => {
            let managed = desk.manage(order, user_name(uid)).await;
            let said = match managed {
                Ok(managed) => managed.said.map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            write_answer(into, said)
        }
        Ok(asked @ (Asked::AuditVerify | Asked::AuditCsv)) => {
            let store = store.clone();
            let reported = tokio::task::spawn_blocking(move || stream_report(&asked, store.as_ref(), into));
            reported.await.map_err(io::Error::other)?
        }
    }
}

fn is_ours(uid: Uid) -> bool {
    uid.is_root() || uid == Uid::effective()
}

/// What the operating system calls this user; the number when it has no name.
pub fn user_name(uid: Uid) -> String {
    let user = User::from_uid(uid).ok().flatten();
    user.map_or_else(|| uid.to_string(), |user| user.name)
}

fn write_answer(mut into: UnixStream, said: Result<Vec<String>, String>) -> io::Result<()> {
    let mut text = String::new();
    match said {
        Ok(lines) => {
            for line in lines {
                text.push_str(&format!("> {line}\n"));
            }
            text.push_str(".\n");
        }
        Err(error) => text.push_str(&format!("! {}\n", error.replace('\n', " "))),
    }
    into.write_all(text.as_bytes())
}

fn stream_report(asked: &Asked, store: &dyn AuditStore, into: UnixStream) -> io::Result<()> {
    let mut said = Said {
        into: io::BufWriter::new(into),
        begins: true,
    };
    let reported = match asked {
        Asked::AuditCsv => report::csv(store, &mut said),
        Asked::AuditVerify | Asked::User(_) => report::verify(store, &mut said),
    };
    let mut into = said.into;
    match reported {
        Ok(()) => writeln!(into, ".")?,
        Err(ReportError::Out(error)) => return Err(error),
        Err(error) => writeln!(into, "! {}", error.to_string().replace('\n', " "))?,
    }
    into.flush()
}

/// Marks each line as said.
struct Said<W> {
    into: W,
    begins: bool,
}

impl<W: Write> Write for Said<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            if self.begins {
                self.into.write_all(b"> ")?;
            }
            self.into.write_all(line)?;
            self.begins = line.ends_with(b"\n");
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.into.flush()
    }
}

/// What the other side of the socket said.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// No centre runs with this store.
    #[error("no centre runs with this store")]
    NotRunning,
    /// This user may not.
    #[error("only the centre's own user and root may do this: try again with sudo")]
    NotAllowed,
    /// It refused.
    #[error("{0}")]
    Refused(String),
    /// The connection broke.
    #[error("the centre did not answer to the end: {0}")]
    Broken(#[from] io::Error),
}

/// Asks the running centre, and writes what it says.
///
/// # Errors
/// When none runs, or it refuses.
pub fn ask(path: &Path, asked: &Asked, out: &mut dyn Write) -> Result<(), AskError> {
    let mut stream = match UnixStream::connect(path) {
        Ok(stream) => stream,
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused
            ) =>
        {
            return Err(AskError::NotRunning);
        }
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Err(AskError::NotAllowed),
        Err(error) => return Err(error.into()),
    };
    let mut line = serde_json::to_string(asked).map_err(io::Error::other)?;
    line.push('\n');
    stream.write_all(line.as_bytes())?;
    for line in BufReader::new(stream).lines() {
        let line = line?;
        if line == "." {
            return Ok(out.flush()?);
        }
        if let Some(said) = line.strip_prefix("> ") {
            writeln!(out, "{said}")?;
        } else if let Some(error) = line.strip_prefix("! ") {
            return Err(AskError::Refused(error.to_owned()));
        }
    }
    Err(io::Error::from(io::ErrorKind::UnexpectedEof).into())
}
