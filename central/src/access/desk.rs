//! The desk: one thread that owns the accounts and looks at proofs one at a time; sessions are looked up beside it.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use accounts::attempts::TooOften;
use accounts::people::{NotLetIn, PeopleError, PersonId, Proof};
use accounts::session::{ENDED_BY_ITSELF, Place, Token};
use accounts::totp::TotpSecret;
use tokio::sync::oneshot;
use vitals::audit::{Actor, Telling};
use vitals::{Masked, MonoTime};

use super::hall::{Hall, Key, MINUTE, hall, of_account, refused};
use super::manage::{Managed, Order, manage};
use super::policy::{Action, Role};
use super::register::{Register, RegisterError, random};
use crate::audit::{Book, of_the_centre};
use crate::clock::Clock;

/// Proofs and orders that wait; whoever comes then is told to try again.
pub const INBOX_MAX: usize = 32;
/// How long the secret of a person who begins is kept for them.
const SECOND_LASTS: Duration = Duration::from_secs(10 * 60);
/// Persons who begin at the same time.
const SECONDS_MAX: usize = 32;

/// A person who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Their account.
    pub id: PersonId,
    /// Their name.
    pub name: Masked<String>,
    /// What they are.
    pub roles: Vec<Role>,
    /// When nothing is done, the session is over after this.
    pub left: Duration,
}

impl Signed {
    /// True when they may do it.
    pub fn may(&self, action: Action) -> bool {
        action.is_allowed_to(&self.roles)
    }

    /// As the audit names them.
    pub fn actor(&self) -> Actor {
        Actor::Centre {
            id: self.id.as_str().to_owned(),
            name: self.name.clone(),
        }
    }
}

/// Why somebody does not get in.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The inbox is full, or the desk has ended.
    #[error("the centre is busy; try again")]
    Busy,
    /// Too many tries.
    #[error(transparent)]
    TooOften(#[from] TooOften),
    /// Wrong, or not enough.
    #[error(transparent)]
    NotLetIn(#[from] NotLetIn),
    /// The code to begin is not right, or too old, or used.
    #[error("that code is not right or not good any more: check name and code, or ask for a new one")]
    NoSuchCode,
    /// The app shows something else.
    #[error("those six digits are not right: type the ones that your app shows now")]
    Digits,
    /// The password is not good enough, or the accounts cannot be saved.
    #[error(transparent)]
    Register(#[from] RegisterError),
}

/// What a person who begins is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
    /// Their name.
    pub name: Masked<String>,
    /// The secret as one types it into an app.
    pub typing: Masked<String>,
    /// The secret as an app scans it.
    pub scanning: Masked<String>,
}

/// What a person who begins chooses.
#[derive(Clone, Debug)]
pub struct Begun {
    /// The code they were given.
    pub code: String,
    /// Their new password.
    pub password: Masked<String>,
    /// What their app shows now.
    pub digits: String,
}

type Reply<T> = oneshot::Sender<Result<T, AccessError>>;

enum Job {
    SignIn(PersonId, Proof, IpAddr, Reply<(Token, Signed)>),
    Check(PersonId, String, IpAddr, Reply<Hello>),
    Begin(PersonId, Begun, IpAddr, Reply<(Token, Signed)>),
    Manage(Order, String, oneshot::Sender<Managed>),
}

/// The way to the desk.
#[derive(Clone)]
pub struct Desk {
    jobs: SyncSender<Job>,
    hall: Arc<Mutex<Hall>>,
    book: Book,
    clock: Clock,
}

impl Desk {
    /// Opens on a thread of its own. `place` is the centre's name.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn open(register: Register, place: String, book: Book, clock: Clock) -> std::io::Result<Desk> {
        let (jobs, inbox) = sync_channel(INBOX_MAX);
        let desk = Desk {
            jobs,
            hall: Arc::default(),
            book,
            clock,
        };
        let worker = Worker {
            register,
            place,
            hall: desk.hall.clone(),
            book: desk.book.clone(),
            clock,
            seconds: BTreeMap::new(),
        };
        worker.publish();
        thread::Builder::new()
            .name("access".to_owned())
            .spawn(move || worker.run(&inbox))?;
        Ok(desk)
    }

    /// Somebody signs in.
    ///
    /// # Errors
    /// Why not.
    pub async fn sign_in(
        &self,
        id: &str,
        proof: Proof,
        from: IpAddr,
    ) -> Result<(Token, Signed), AccessError> {
        let id = self.may_try("sign_in", id, from)?;
        self.ask(|reply| Job::SignIn(id, proof, from, reply)).await
    }

    /// Somebody has a code to begin; what they need to begin.
    ///
    /// # Errors
    /// Why it is not shown.
    pub async fn begin_check(&self, id: &str, code: String, from: IpAddr) -> Result<Hello, AccessError> {
        let id = self.may_try("begin", id, from)?;
        self.ask(|reply| Job::Check(id, code, from, reply)).await
    }

    /// Somebody sets their password, and is signed in.
    ///
    /// # Errors
    /// Why not.
    pub async fn begin(&self, id: &str, begun: Begun, from: IpAddr) -> Result<(Token, Signed), AccessError> {
        let id = self.may_try("begin", id, from)?;
        self.ask(|reply| Job::Begin(id, begun, from, reply)).await
    }

    /// Whose token this is; `acts` when they do something, which keeps the session from ending.
    pub fn signed(&self, token: &Token, acts: bool) -> Option<Signed> {
        let (mut hall, now) = (hall(&self.hall), self.clock.mono());
        let id = if acts {
            hall.sessions.acts(token, now)?
        } else {
            hall.sessions.person(token, now)?
        };
        let left = hall.sessions.left(token, now)?;
        Some(Signed {
            left,
            ..hall.signed(&id)?
        })
    }

    /// Somebody signs out.
    pub async fn sign_out(&self, token: &Token, from: IpAddr) {
        let signed = {
            let mut hall = hall(&self.hall);
            let id = hall.sessions.end(token);
            id.and_then(|id| hall.signed(&id))
        };
        if let Some(signed) = signed {
            let told = of_account(signed.actor(), from, "sign_out", &signed.id);
            let book = self.book.clone();
            // A task of its own: a browser that goes away meanwhile takes nothing out of the audit. Signed out all the
            // same when the audit waits for its store.
            tokio::spawn(async move { book.tell(told).await.ok() }).await.ok();
        }
    }

    /// True while nobody can sign in because there is no account.
    pub fn is_unclaimed(&self) -> bool {
        hall(&self.hall).known.is_empty()
    }

    /// Who may answer for alarms: account and name.
    pub fn doctors(&self) -> Vec<(String, String)> {
        let hall = hall(&self.hall);
        let signed = hall.known.keys().filter_map(|id| hall.signed(id));
        signed
            .filter(|signed| signed.may(Action::Answer))
            .map(|signed| (signed.id.as_str().to_owned(), signed.name.reveal().clone()))
            .collect()
    }

    /// Carries out what a user of this machine ordered.
    ///
    /// # Errors
    /// When the desk is busy.
    pub async fn manage(&self, order: Order, user: String) -> Result<Managed, AccessError> {
        let (reply, answer) = oneshot::channel();
        self.jobs
            .try_send(Job::Manage(order, user, reply))
            .map_err(|_| AccessError::Busy)?;
        answer.await.map_err(|_| AccessError::Busy)
    }

    async fn ask<T>(&self, job: impl FnOnce(Reply<T>) -> Job) -> Result<T, AccessError> {
        let (reply, answer) = oneshot::channel();
        self.jobs.try_send(job(reply)).map_err(|_| AccessError::Busy)?;
        answer.await.map_err(|_| AccessError::Busy)?
    }

    /// E3, before anything is looked at. A name that cannot be one is nobody's.
    fn may_try(&self, action: &'static str, id: &str, from: IpAddr) -> Result<PersonId, AccessError> {
        let (mut hall, now) = (hall(&self.hall), self.clock.mono());
        let may = match PersonId::try_from(id.to_owned()) {
            Err(_) => Err((None, NotLetIn::Wrong.into())),
            Ok(id) => {
                let key = (id, from);
                let may = hall.attempts.may_try(&key, now);
                may.map(|()| key.0.clone())
                    .map_err(|often| (Some(key.0), often.into()))
            }
        };
        may.map_err(|(id, error): (_, AccessError)| {
            hall.refused(&self.book, now, refused(action, id.as_ref(), from, &error));
            error
        })
    }
}

/// The thread's own.
struct Worker {
    register: Register,
    place: String,
    hall: Arc<Mutex<Hall>>,
    book: Book,
    clock: Clock,
    seconds: BTreeMap<PersonId, (MonoTime, TotpSecret)>,
}

impl Worker {
    fn run(mut self, inbox: &Receiver<Job>) {
        loop {
            match inbox.recv_timeout(MINUTE) {
                Ok(job) => self.work(job),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            let now = self.clock.mono();
            hall(&self.hall).end_minute(now, &self.book);
            let ended = hall(&self.hall).sessions.ended_by_themselves(now);
            for id in ended {
                let why = Some(ENDED_BY_ITSELF.to_owned());
                self.note(Telling {
                    subject: format!("account:{}", id.as_str()),
                    ..of_the_centre("sign_out", why)
                });
            }
        }
    }

    fn work(&mut self, job: Job) {
        // Whoever has closed the page does not wait for the answer.
        match job {
            Job::SignIn(id, proof, from, reply) => {
                let key = (id, from);
                let tried = self.tries(&key, |desk, id| {
                    Ok(desk.register.sign_in(id, &proof, desk.clock.wall())?)
                });
                let signed = tried.and_then(|()| self.begin_session(&key));
                self.tell("sign_in", &key, &signed);
                reply.send(signed).ok();
            }
            Job::Check(id, code, from, reply) => {
                let key = (id, from);
                let tried = self.tries(&key, |desk, id| desk.has_code(id, &code));
                let hello = tried.and_then(|()| self.hello(&key.0));
                if hello.is_err() {
                    self.tell("begin", &key, &hello);
                }
                reply.send(hello).ok();
            }
            Job::Begin(id, begun, from, reply) => {
                let key = (id, from);
                let tried = self.tries(&key, |desk, id| desk.has_code(id, &begun.code));
                let signed = tried
                    .and_then(|()| self.set_own(&key.0, begun))
                    .and_then(|()| self.begin_session(&key));
                self.tell("begin", &key, &signed);
                reply.send(signed).ok();
            }
            Job::Manage(order, user, reply) => {
                let managed = manage(&mut self.register, &order, &user, self.clock.wall());
                self.publish();
                if let Some(changed) = &managed.changed {
                    // E4
                    hall(&self.hall).sessions.end_all_of(changed);
                    self.seconds.remove(changed);
                }
                if let Some(told) = managed.told.clone() {
                    self.note(told);
                }
                reply.send(managed).ok();
            }
        }
    }

    fn tell<T>(&self, action: &str, (id, from): &Key, result: &Result<T, AccessError>) {
        match result {
            Ok(_) => {
                let signed = hall(&self.hall).signed(id);
                let who = signed.map_or(Actor::Nobody, |signed| signed.actor());
                self.note(of_account(who, *from, action, id));
            }
            // Half of a sign-in: the six digits come next.
            Err(AccessError::NotLetIn(NotLetIn::SecondFactor)) => {}
            Err(error) => {
                let told = refused(action, Some(id), *from, error);
                hall(&self.hall).refused(&self.book, self.clock.mono(), told);
            }
        }
    }

    /// Done all the same when the audit has no place: then the log says so.
    fn note(&self, told: Telling) {
        if let Err(error) = self.book.note_patiently(told) {
            tracing::error!("something that was done is not in the audit: {error}");
        }
    }

    /// E3: once more before the work, since many may have waited in the inbox; and counted afterwards.
    fn tries(
        &mut self,
        key: &Key,
        look: impl FnOnce(&mut Worker, &PersonId) -> Result<(), AccessError>,
    ) -> Result<(), AccessError> {
        hall(&self.hall).attempts.may_try(key, self.clock.mono())?;
        let looked = look(self, &key.0);
        if let Err(AccessError::NotLetIn(NotLetIn::Wrong) | AccessError::NoSuchCode) = looked {
            hall(&self.hall).attempts.failed(key.clone(), self.clock.mono());
        }
        looked
    }

    fn has_code(&self, id: &PersonId, code: &str) -> Result<(), AccessError> {
        let good = self.register.may_begin(id, code, self.clock.wall());
        good.then_some(()).ok_or(AccessError::NoSuchCode)
    }

    /// The secret stays the same while the person begins, however often the page is loaded.
    fn hello(&mut self, id: &PersonId) -> Result<Hello, AccessError> {
        let now = self.clock.mono();
        self.seconds
            .retain(|_, (made, _)| now.since(*made) < SECOND_LASTS);
        if !self.seconds.contains_key(id) {
            if self.seconds.len() >= SECONDS_MAX {
                return Err(AccessError::Busy);
            }
            let secret = TotpSecret::new(random().map_err(RegisterError::from)?);
            self.seconds.insert(id.clone(), (now, secret));
        }
        let (_, secret) = &self.seconds[id];
        let person = self.register.get(id).ok_or(AccessError::NoSuchCode)?;
        Ok(Hello {
            name: person.name.clone(),
            typing: Masked::new(secret.for_typing()),
            scanning: Masked::new(secret.for_scanning(id.as_str(), &escaped(&self.place))),
        })
    }

    fn set_own(&mut self, id: &PersonId, begun: Begun) -> Result<(), AccessError> {
        let now = self.clock.now();
        let second = self.seconds.get(id);
        let second = second.filter(|(made, _)| now.mono.since(*made) < SECOND_LASTS);
        let (_, secret) = second.ok_or(AccessError::NoSuchCode)?;
        let shown = secret.check(begun.digits.trim(), now.wall, None);
        shown.ok_or(AccessError::Digits)?;
        let secret = secret.clone();
        self.register.begin(id, begun.password, secret, &self.place)?;
        self.seconds.remove(id);
        self.publish();
        Ok(())
    }

    fn begin_session(&mut self, key: &Key) -> Result<(Token, Signed), AccessError> {
        let token = Token::new(random().map_err(RegisterError::from)?);
        let mut hall = hall(&self.hall);
        hall.attempts.succeeded(key);
        hall.sessions
            .begin(&token, key.0.clone(), Place::Private, self.clock.mono());
        let signed = hall
            .signed(&key.0)
            .ok_or(RegisterError::from(PeopleError::Unknown))?;
        Ok((token, signed))
    }

    fn publish(&self) {
        let known = self.register.list().into_iter();
        hall(&self.hall).known = known.map(|person| (person.id.clone(), person)).collect();
    }
}

/// As it may stand in an address.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
        escaped
    })
}
