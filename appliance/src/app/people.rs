//! `vitalpost user`: accounts from the command line of the box, through the running post, or on the card where none runs.
//!
//! - Where no post runs, the store's lock is held for as long as accounts are changed, so no two ever write them, and what
//!   was done stands in the audit as part of a short run of the post.
//! - Root becomes the owner of the store's folder first: what it writes is the post's.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use accounts::people::{PeopleError, PersonId};
use clap::{Args, Subcommand};
use nix::unistd::{Gid, Uid, getuid, setgid, setgroups, setuid};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use vitals::audit::Telling;
use vitals::wire::OpenAlarms;

use super::post::{Hearing, Post, Start};
use super::{AppError, custody, open_store, system, view};
use crate::access::control::{self, Answer, CheckupNow, Order};
use crate::access::policy::Role;
use crate::access::{Desk, DeskOptions, Tell};
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::sound::State;
use crate::store::StoreError;
use crate::web;

/// `vitalpost user`
#[derive(Args)]
pub struct UserArgs {
    /// The configuration file of the post.
    #[arg(long, default_value = "/etc/vitalpost/vitalpost.toml", global = true)]
    config: PathBuf,
    #[command(subcommand)]
    word: UserWord,
}

#[derive(Subcommand)]
enum UserWord {
    /// Make an account; prints, once, the code with which the person begins.
    Add {
        /// What the person types to sign in: 2 to 32 of a-z, 0-9, '.' and '-'.
        id: String,
        /// The person's name.
        #[arg(long)]
        name: String,
        /// What they are; one or more.
        #[arg(long = "role", required = true, num_args = 1.., value_parser = role)]
        roles: Vec<Role>,
    },
    /// Show all accounts.
    List,
    /// Let nobody in by this account any more.
    Disable {
        /// The sign-in name.
        id: String,
    },
    /// Let them in again.
    Enable {
        /// The sign-in name.
        id: String,
    },
    /// Let the person begin again, with a new code: it is printed once, and the old password is good no more.
    Reset {
        /// The sign-in name.
        id: String,
    },
}

fn role(text: &str) -> Result<Role, String> {
    let known = Role::ALL.map(Role::key).join(", ");
    Role::from_key(text).ok_or_else(|| format!("there is no such role; the roles are {known}"))
}

/// Why nothing was changed, for whoever typed it.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// About the post or its files.
    #[error(transparent)]
    App(#[from] AppError),
    /// The sign-in name is none.
    #[error(transparent)]
    Id(#[from] PeopleError),
    /// The post answers its own user and root only.
    #[error("only root and the user that the post runs as may do this: try again with sudo")]
    NoRight,
    /// No post runs, and this user may not write its files.
    #[error(
        "the post does not run, and this user may not change its files in {}: try again with sudo, or start the post", folder.display()
    )]
    NoRightToFiles {
        /// Where they lie.
        folder: PathBuf,
    },
    /// A post that starts or stops has the store and does not listen.
    #[error("the post is starting or stopping: try again in some seconds")]
    NotNow,
    /// The connection broke.
    #[error("the post did not answer ({0}): see with `vitalpost user list` whether it was done")]
    Broken(io::Error),
    /// What the post says.
    #[error("{0}")]
    Refused(String),
    /// The accounts on the card cannot be read.
    #[error("the accounts in {} cannot be read: {reason}; nothing was changed", folder.display())]
    Unreadable {
        /// Where they lie.
        folder: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The card does not take them.
    #[error("the accounts in {} could not be written: nothing was changed; look at the card", folder.display())]
    NotWritten {
        /// Where they lie.
        folder: PathBuf,
    },
}

/// Hears the command line while the post runs, until `stop`.
pub(super) fn serve(
    config: &Config,
    desk: Desk,
    checkup: CheckupNow,
    stop: &CancellationToken,
) -> Option<JoinHandle<()>> {
    let folder = custody::folder(config);
    match control::listen(&folder) {
        Ok(listener) => {
            let serving = control::serve(listener, folder, desk, checkup, stop.clone());
            Some(tokio::spawn(serving))
        }
        Err(error) => {
            tracing::error!(folder = %folder.display(), %error,
                "`vitalpost user` and `vitalpost health` cannot reach this post until its next start");
            None
        }
    }
}

/// Does it and prints what comes of it.
///
/// # Errors
/// Why nothing was changed.
pub fn user(args: UserArgs) -> Result<(), UserError> {
    let order = args.word.order()?;
    let config = config::load(&args.config).map_err(AppError::from)?;
    let folder = custody::folder(&config);
    let answer = match ask_post(&folder, &order)? {
        Some(answer) => answer,
        None => on_the_card(&config, &folder, order.clone())?,
    };
    match answer.error {
        Some(error) => Err(UserError::Refused(error)),
        None => {
            print(&order, &answer);
            Ok(())
        }
    }
}

impl UserWord {
    fn order(self) -> Result<Order, PeopleError> {
        let id = PersonId::try_from;
        Ok(match self {
            UserWord::Add {
                id: text,
                name,
                roles,
            } => Order::Add {
                id: id(text)?,
                name,
                roles,
            },
            UserWord::List => Order::List {},
            UserWord::Disable { id: text } => Order::Disable { id: id(text)? },
            UserWord::Enable { id: text } => Order::Enable { id: id(text)? },
            UserWord::Reset { id: text } => Order::Reset { id: id(text)? },
        })
    }
}

/// What the post that runs answers; `None` = none runs.
///
/// # Errors
/// This user may not ask, or the connection broke.
pub(super) fn ask_post(folder: &Path, order: &Order) -> Result<Option<Answer>, UserError> {
    match UnixStream::connect(control::socket_in(folder)) {
        Ok(stream) => ask(stream, order).map(Some).map_err(UserError::Broken),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(UserError::NoRight),
        Err(_) => Ok(None),
    }
}

fn ask(mut stream: UnixStream, order: &Order) -> io::Result<Answer> {
    stream.set_read_timeout(Some(control::WITHIN))?;
    stream.set_write_timeout(Some(control::WITHIN))?;
    let mut line = serde_json::to_vec(order)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut answer = String::new();
    BufReader::new(stream.take(control::ANSWER_BYTES_MAX)).read_line(&mut answer)?;
    // What does not parse may hold a code: it is not shown.
    serde_json::from_str(&answer).map_err(|_| io::Error::other("the answer is not whole"))
}

fn on_the_card(config: &Config, folder: &Path, order: Order) -> Result<Answer, UserError> {
    let user = control::user_name(getuid());
    become_owner(folder)?;
    let options = || custody::desk_options(config);
    let listed = control::look(&options()?).map_err(|reason| UserError::Unreadable {
        folder: folder.to_owned(),
        reason,
    })?;
    if order == (Order::List {}) {
        return Ok(listed);
    }
    let clock = Clock::system().map_err(AppError::from)?;
    let (store, report) = match open_store(config, clock) {
        Err(AppError::Store(StoreError::Locked { .. })) => return Err(UserError::NotNow),
        Err(AppError::Store(StoreError::NotWritable { .. })) => {
            let folder = folder.to_owned();
            return Err(UserError::NoRightToFiles { folder });
        }
        other => other?,
    };
    let before = look_of(folder);
    let (answer, tellings) = at_a_desk(options()?, clock, order, &user)?;
    let is_kept = look_of(folder) != before;
    let (_link, centre) = watch::channel(view::no_centre(clock.now()));
    let (mut post, _feed) = Post::begin(Start {
        box_key: custody::box_key(&config.store),
        config,
        clock,
        store: store.clone(),
        report: &report,
        centre,
        open_alarms: watch::Sender::new(OpenAlarms::default()),
        hearing: Hearing {
            screens: web::Audible::default().screens(),
            output: watch::channel(State::None).1,
            sounding: watch::Sender::default(),
        },
    });
    // What the card did not take was not done.
    for telling in tellings.into_iter().filter(|_| is_kept) {
        post.audit(telling, clock.now());
    }
    post.finish();
    drop(post);
    store.close().map_err(AppError::from)?;
    if answer.error.is_none() && !is_kept {
        return Err(UserError::NotWritten {
            folder: folder.to_owned(),
        });
    }
    Ok(answer)
}

/// A desk for one order, and what it tells the audit.
fn at_a_desk(
    options: DeskOptions,
    clock: Clock,
    order: Order,
    user: &str,
) -> Result<(Answer, Vec<Telling>), AppError> {
    let told = Arc::<Mutex<Vec<Telling>>>::default();
    let tells = told.clone();
    let tell: Tell = Box::new(move |telling| {
        tells
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(telling.clone());
        true
    });
    let stop = CancellationToken::new();
    let (desk, thread, _claim) =
        Desk::open_quietly(options, clock, tell, stop.clone()).map_err(|e| system("a thread", &e))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .map_err(|e| system("a runtime", &e))?;
    let answer = runtime.block_on(control::execute(&desk, order, user));
    stop.cancel();
    drop(desk);
    // It has no work left; its panic, if any, is in the log.
    let _ = thread.join();
    let told = std::mem::take(&mut *told.lock().unwrap_or_else(PoisonError::into_inner));
    Ok((answer, told))
}

/// Tells one version of the accounts' file from the next: each is a file of its own.
fn look_of(folder: &Path) -> Option<[i64; 3]> {
    let data = fs::metadata(folder.join("people.json")).ok()?;
    Some([data.ino().cast_signed(), data.mtime(), data.mtime_nsec()])
}

/// Root gives its rights away, so that the post can read and write what is made here.
fn become_owner(folder: &Path) -> Result<(), UserError> {
    let Ok(data) = fs::metadata(folder) else {
        // The store says it better.
        return Ok(());
    };
    if !getuid().is_root() || data.uid() == 0 {
        return Ok(());
    }
    let (group, owner) = (Gid::from_raw(data.gid()), Uid::from_raw(data.uid()));
    let become_them = || {
        setgroups(&[group])?;
        setgid(group)?;
        setuid(owner)
    };
    become_them().map_err(|_| UserError::NoRightToFiles {
        folder: folder.to_owned(),
    })
}

fn print(order: &Order, answer: &Answer) {
    if let Some(people) = &answer.people {
        for person in people {
            let roles: Vec<&str> = person.roles.iter().map(|role| role.key()).collect();
            let state = match (person.disabled, person.begun) {
                (true, _) => "disabled",
                (false, false) => "has not begun",
                (false, true) => "active",
            };
            println!(
                "{}\t{}\t{}\t{state}",
                person.id.as_str(),
                person.name,
                roles.join(", ")
            );
        }
        return;
    }
    match (order, &answer.code) {
        (Order::Add { id, .. } | Order::Reset { id }, Some(code)) => println!(
            "{} begins with this code, on the page under \"I have a code\". It is good once and for a day, and is not shown again:\n\n    {code}\n",
            id.as_str()
        ),
        (Order::Disable { id }, _) => println!("{} is let in no more", id.as_str()),
        (Order::Enable { id }, _) => println!("{} is let in again", id.as_str()),
        _ => println!("done"),
    }
}
