//! The desk as everybody else sees it: a handle that can be copied, and the thread behind it.

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use accounts::network::Network;
use accounts::people::{PersonId, Proof};
use accounts::session::Token;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use vitals::audit::Telling;
use vitals::{BedId, Masked};

#[cfg(doc)]
use super::doors::VIEW_TOLD_EVERY;
use super::doors::{Doors, Full, Known, WAITING_MAX};
use super::emergencies::{Emergency, EmergencyId};
use super::files::{Files, Sealing};
use super::office::{Beginning, Chosen, Claiming, Office, SignedTest, Signing};
use super::policy::{Action, Role};
use super::screens::{Screen, ScreenId};
use super::telling::{Tell, Teller};
use super::{By, DeskError, Seat, SignInError, Signed};
use crate::clock::Clock;

/// How often the desk looks at what waits to be told or written.
const TICK: Duration = Duration::from_millis(500);

/// What a desk needs.
pub struct DeskOptions {
    /// Where the accounts lie: beside the store.
    pub folder: PathBuf,
    /// Seals them, when the store is sealed.
    pub seal: Option<Box<dyn Sealing>>,
    /// The post's name: no password is made of it, and authenticator apps show it.
    pub place: String,
    /// Networks of the post besides those on its cables: from anywhere else a second factor is needed.
    pub networks: Vec<Network>,
}

/// What is shared with the thread.
pub(super) struct Shared {
    pub clock: Clock,
    pub teller: Teller,
    doors: Mutex<Doors>,
}

impl Shared {
    pub(super) fn doors(&self) -> MutexGuard<'_, Doors> {
        self.doors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Job = Box<dyn FnOnce(&mut Office) + Send>;

/// Who acts at this post.
#[derive(Clone)]
pub struct Desk {
    shared: Arc<Shared>,
    inbox: SyncSender<Job>,
}

impl Desk {
    /// Reads the accounts and opens. While nobody manages people, there is a code for the first account: it is printed
    /// here, once, and kept in memory only.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub fn open(
        options: DeskOptions,
        clock: Clock,
        tell: Tell,
        stop: CancellationToken,
    ) -> io::Result<(Desk, JoinHandle<()>)> {
        let (desk, thread, claim) = Desk::open_quietly(options, clock, tell, stop)?;
        if let Some(code) = claim {
            println!(
                "This post has no accounts yet. Open its page and make the first one; the code for it is {code}"
            );
            tracing::warn!("this post has no accounts yet; the code to claim it is {code}");
        }
        Ok((desk, thread))
    }

    /// As [`Desk::open`], and gives the code instead of printing it.
    pub(crate) fn open_quietly(
        options: DeskOptions,
        clock: Clock,
        tell: Tell,
        stop: CancellationToken,
    ) -> io::Result<(Desk, JoinHandle<()>, Option<String>)> {
        let shared = Arc::new(Shared {
            clock,
            teller: Teller::new(tell, clock.now()),
            doors: Mutex::default(),
        });
        let files = Files::new(options.folder, options.seal);
        let mut office = Office::new(shared.clone(), files, (options.place, options.networks));
        let claim = office.make_claim_code();
        let (inbox, jobs) = sync_channel::<Job>(WAITING_MAX);
        let thread = std::thread::Builder::new()
            .name("access".to_owned())
            .spawn(move || {
                while !stop.is_cancelled() {
                    match jobs.recv_timeout(TICK) {
                        // A mistake here costs one person their answer, and the post nothing.
                        Ok(job) => {
                            let work = std::panic::AssertUnwindSafe(|| job(&mut office));
                            if std::panic::catch_unwind(work).is_err() {
                                tracing::error!("the desk failed at something it was asked; it goes on");
                            }
                        }
                        Err(RecvTimeoutError::Timeout) => {}
                        Err(RecvTimeoutError::Disconnected) => break,
                    }
                    office.tick();
                }
                office.tick();
            })?;
        Ok((Desk { shared, inbox }, thread, claim))
    }

    /// Signs somebody in who shows nothing, for tests of what comes after.
    #[cfg(test)]
    pub(crate) fn seat_somebody(&self, id: &str, name: &str, roles: &[Role], seat: &Seat) -> Token {
        let id = PersonId::try_from(id.to_owned()).unwrap();
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).unwrap();
        let token = Token::new(bytes);
        let known = Known {
            name: Masked::new(name.to_owned()),
            roles: roles.to_vec(),
            disabled: false,
            begun: true,
        };
        let seated = super::doors::Seated {
            person: id.clone(),
            screen: seat.screen.clone(),
        };
        let now = self.shared.clock.now();
        let mut doors = self.shared.doors();
        doors.people.insert(id, known);
        doors.sessions.begin(&token, seated, seat.place(), now);
        token
    }

    /// True when somebody manages people here.
    pub fn is_claimed(&self) -> bool {
        self.shared.doors().claimed
    }

    /// Makes the first account and signs it in.
    ///
    /// # Errors
    /// Why not.
    pub async fn claim(&self, claiming: Claiming, seat: &Seat) -> Result<(Token, Signed), SignInError> {
        let at = seat.clone();
        self.try_it("", seat, move |office| office.claim(claiming, &at))
            .await
    }

    /// Lets a person in.
    ///
    /// # Errors
    /// Why not.
    pub async fn sign_in(
        &self,
        id: PersonId,
        proof: Proof,
        seat: &Seat,
    ) -> Result<(Token, Signed), SignInError> {
        let (at, who) = (seat.clone(), id.as_str().to_owned());
        self.try_it(&who, seat, move |office| office.sign_in(&id, &proof, &at))
            .await
    }

    /// Whether a person may begin with this code, and what they need for it.
    ///
    /// # Errors
    /// Why not.
    pub async fn begin_check(
        &self,
        id: PersonId,
        code: String,
        seat: &Seat,
    ) -> Result<Beginning, SignInError> {
        let (at, who) = (seat.clone(), id.as_str().to_owned());
        self.try_it(&who, seat, move |office| office.begin_check(&id, &code, &at))
            .await
    }

    /// The person sets what they sign in with, and is signed in.
    ///
    /// # Errors
    /// Why not.
    pub async fn begin(
        &self,
        id: PersonId,
        code: String,
        chosen: Chosen,
        seat: &Seat,
    ) -> Result<(Token, Signed), SignInError> {
        let (at, who) = (seat.clone(), id.as_str().to_owned());
        self.try_it(&who, seat, move |office| office.begin(&id, &code, chosen, &at))
            .await
    }

    /// Whose token this is, at this seat. `acts`: they do something, which keeps the session from ending; looking on does
    /// not.
    pub fn signed(&self, token: &Token, seat: &Seat, acts: bool) -> Option<Signed> {
        let now = self.shared.clock.now();
        self.shared.doors().signed(token, seat, now, acts)
    }

    /// Ends this session.
    pub fn sign_out(&self, token: &Token, seat: &Seat) {
        let Some(signed) = self.signed(token, seat, false) else {
            return;
        };
        self.shared.doors().sessions.end(token);
        let subject = format!("account:{}", signed.id.as_str());
        self.tell(By::person(&signed, seat).did("sign_out", subject));
    }

    /// A new account; the answer is the code with which the person begins.
    ///
    /// # Errors
    /// Why it is not made.
    pub async fn add(
        &self,
        id: PersonId,
        name: String,
        roles: Vec<Role>,
        by: By,
    ) -> Result<String, DeskError> {
        self.ask(move |office| office.add(&id, &name, &roles, &by)).await
    }

    /// What the person is from now on.
    ///
    /// # Errors
    /// Why it stays as it is.
    pub async fn set_roles(&self, id: PersonId, roles: Vec<Role>, by: By) -> Result<(), DeskError> {
        self.ask(move |office| office.set_roles(&id, &roles, &by)).await
    }

    /// Lets nobody in by this account any more, or again.
    ///
    /// # Errors
    /// Why it stays as it is.
    pub async fn set_disabled(&self, id: PersonId, disabled: bool, by: By) -> Result<(), DeskError> {
        self.ask(move |office| office.set_disabled(&id, disabled, &by))
            .await
    }

    /// The person begins again, with the code that is answered.
    ///
    /// # Errors
    /// Why it stays as it is.
    pub async fn reset(&self, id: PersonId, by: By) -> Result<String, DeskError> {
        self.ask(move |office| office.reset(&id, &by)).await
    }

    /// All accounts.
    pub fn list(&self) -> Vec<(PersonId, Known)> {
        let doors = self.shared.doors();
        let people = doors.people.iter();
        people.map(|(id, known)| (id.clone(), known.clone())).collect()
    }

    /// Whoever shows this token is a screen of the ward from now on.
    ///
    /// # Errors
    /// Why not.
    pub async fn register_screen(&self, name: String, by: By) -> Result<(Token, Screen), DeskError> {
        self.ask(move |office| office.register_screen(&name, &by)).await
    }

    /// It is a screen of the ward no more, and whoever is signed in there is signed out.
    ///
    /// # Errors
    /// Why not.
    pub async fn forget_screen(&self, id: ScreenId, by: By) -> Result<(), DeskError> {
        self.ask(move |office| office.forget_screen(&id, &by)).await
    }

    /// All screens of the ward.
    pub fn screens(&self) -> Vec<Screen> {
        self.shared.doors().screens.iter().cloned().collect()
    }

    /// The screen whose token this is.
    pub fn screen(&self, token: &Token) -> Option<Screen> {
        self.shared.doors().screens.of(token).cloned()
    }

    /// Opens a chart that the person's role does not open, for the answered time.
    ///
    /// # Errors
    /// Why not.
    pub async fn emergency(
        &self,
        signed: Signed,
        bed: BedId,
        reason: Masked<String>,
        by: By,
    ) -> Result<Duration, DeskError> {
        self.ask(move |office| office.emergency(&signed, bed, &reason, &by))
            .await
    }

    /// The emergencies, newest first.
    pub fn emergencies(&self) -> Vec<Emergency> {
        self.shared.doors().emergencies.iter().cloned().collect()
    }

    /// Somebody has looked at an emergency.
    ///
    /// # Errors
    /// Why it is not so.
    pub async fn review(&self, id: EmergencyId, by: By) -> Result<(), DeskError> {
        self.ask(move |office| office.review(id, &by)).await
    }

    /// Keeps the result of a self-test as this person signs it; it is on the card when this answers.
    ///
    /// # Errors
    /// Why it is not kept.
    pub async fn sign_test(&self, signing: Signing, by: By) -> Result<SignedTest, DeskError> {
        self.ask(move |office| office.sign_test(signing, &by)).await
    }

    /// The self-tests that were signed and are kept, newest first.
    ///
    /// # Errors
    /// The desk is busy.
    pub async fn signed_tests(&self) -> Result<Vec<SignedTest>, DeskError> {
        self.ask(|office| Ok(office.signed_tests())).await
    }

    /// A deed that the core does not see, for the audit.
    pub fn tell(&self, telling: Telling) {
        self.shared.teller.tell(telling);
    }

    /// Somebody looks at a chart, or at the audit. A page asks again with every change: told when it begins, and again after
    /// [`VIEW_TOLD_EVERY`].
    pub fn tell_view(&self, by: &By, action: Action, subject: &str) {
        let key = (by.id().to_owned(), subject.to_owned());
        let now = self.shared.clock.now();
        if self.shared.doors().views_anew(key, now) {
            self.tell(by.did(action.key(), subject));
        }
    }

    /// A refusal that anybody can cause as often as they like, for the audit.
    pub fn tell_refused(&self, telling: Telling) {
        self.shared.teller.refused(telling);
    }

    /// Something that anybody may try: bounded by who and from where before it costs anything (A3, A5).
    async fn try_it<T: Send + 'static>(
        &self,
        who: &str,
        seat: &Seat,
        job: impl FnOnce(&mut Office) -> Result<T, SignInError> + Send + 'static,
    ) -> Result<T, SignInError> {
        let now = self.shared.clock.now();
        let waits = self.shared.doors().may_wait(who, seat, now);
        waits.map_err(|full| {
            self.shared.teller.not_looked_at();
            match full {
                Full::Busy => SignInError::Busy,
                Full::TooOften(often) => often.into(),
            }
        })?;
        let place = Waiting {
            shared: self.shared.clone(),
            seat: seat.clone(),
        };
        let done = self.send(move |office| {
            // Held by the job: a browser that hangs up does not free the place of a try that still waits.
            let _place = place;
            job(office)
        });
        match done {
            Some(done) => done.await.unwrap_or(Err(SignInError::Busy)),
            None => {
                self.shared.teller.not_looked_at();
                Err(SignInError::Busy)
            }
        }
    }

    async fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Office) -> Result<T, DeskError> + Send + 'static,
    ) -> Result<T, DeskError> {
        match self.send(job) {
            Some(done) => done.await.unwrap_or(Err(DeskError::Busy)),
            None => Err(DeskError::Busy),
        }
    }

    fn send<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Office) -> T + Send + 'static,
    ) -> Option<oneshot::Receiver<T>> {
        let (answer, done) = oneshot::channel();
        let job: Job = Box::new(move |office| {
            // Whoever asked may be gone by now; what was done stands all the same.
            let _ = answer.send(job(office));
        });
        self.inbox.try_send(job).ok().map(|()| done)
    }
}

/// A place among those who wait.
struct Waiting {
    shared: Arc<Shared>,
    seat: Seat,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.shared.doors().let_go(&self.seat);
    }
}
