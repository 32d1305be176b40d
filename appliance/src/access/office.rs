//! What the thread `access` alone holds: the accounts with their secrets, the codes, the files. Argon2 is worked out here,
//! one at a time.
//!
//! A card that refuses a file stops nothing: what was changed holds, and is written again until the card takes it.

pub(super) mod signed;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use accounts::network::Network;
use accounts::people::{Begin, NotLetIn, Own, People, PeopleError, PersonId, Proof};
use accounts::session::Token;
use accounts::totp::TotpSecret;
use vitals::audit::{Outcome, Telling};
use vitals::{BedId, Masked, MonoTime, WallTime};

use super::codes::{is_code, random, random_code};
use super::desk::Shared;
use super::doors::Seated;
use super::emergencies::{Emergencies, EmergencyId};
use super::files::{EMERGENCIES, Files, PEOPLE, SCREENS, TESTS, known};
use super::networks::is_outside;
use super::policy::Role;
use super::screens::{Screen, ScreenId, Screens};
use super::{By, DeskError, EMERGENCY_LASTS, Seat, SignInError, Signed};
use signed::SignedTests;
pub use signed::{SignedTest, Signing};

/// A secret for an app is kept for this long between showing it and the first digits.
const SECOND_LASTS: Duration = Duration::from_secs(10 * 60);

/// The first account.
#[derive(Debug)]
pub struct Claiming {
    /// What was printed at the first start.
    pub code: String,
    /// Who they are to be.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// What they choose.
    pub chosen: Chosen,
}

/// What a person chooses to sign in with.
#[derive(Debug)]
pub struct Chosen {
    /// The password.
    pub password: Masked<String>,
    /// For registered screens.
    pub pin: Option<Masked<String>>,
    /// What the app shows, where a second factor is needed.
    pub digits: Option<String>,
}

/// What somebody who begins has to know.
#[derive(Debug)]
pub struct Beginning {
    /// Their own name, so that they see that it is their account.
    pub name: Masked<String>,
    /// The secret for their app, where one is needed.
    pub second: Option<Second>,
}

/// A secret for an app.
#[derive(Debug)]
pub struct Second {
    /// To be typed.
    pub typing: Masked<String>,
    /// To be scanned.
    pub scanning: Masked<String>,
}

pub(super) struct Office {
    shared: Arc<Shared>,
    files: Files,
    place: String,
    networks: Vec<Network>,
    people: People<Role>,
    screens: Screens,
    emergencies: Emergencies,
    tests: SignedTests,
    seconds: BTreeMap<PersonId, (TotpSecret, MonoTime)>,
    claim: Option<String>,
    unsaved: Vec<&'static str>,
}

impl Office {
    pub(super) fn new(
        shared: Arc<Shared>,
        mut files: Files,
        (place, networks): (String, Vec<Network>),
    ) -> Office {
        let people: People<Role> = files.read(PEOPLE);
        let screens: Screens = files.read(SCREENS);
        let emergencies: Emergencies = files.read(EMERGENCIES);
        let tests = files.read(TESTS);
        let office = Office {
            shared,
            files,
            place,
            networks,
            people,
            screens,
            emergencies,
            tests,
            seconds: BTreeMap::new(),
            claim: None,
            unsaved: Vec::new(),
        };
        let mut doors = office.shared.doors();
        doors.screens = office.screens.clone();
        doors.emergencies = office.emergencies.clone();
        drop(doors);
        office.show_people();
        office
    }

    /// A code for the first account, while there is none; only the one that was made last is good.
    pub(super) fn make_claim_code(&mut self) -> Option<String> {
        self.claim = self.people.is_unclaimed().then(random_code).and_then(Result::ok);
        self.claim.clone()
    }

    fn now(&self) -> MonoTime {
        self.shared.clock.now()
    }

    fn wall(&self) -> WallTime {
        self.shared.clock.wall().0
    }

    /// The code was lost, or is not that of this start: told like any wrong try.
    pub(super) fn claim(&mut self, claiming: Claiming, seat: &Seat) -> Result<(Token, Signed), SignInError> {
        let Claiming {
            code,
            id,
            name,
            chosen,
        } = claiming;
        if !self.people.is_unclaimed() {
            return Err(SignInError::Claimed);
        }
        self.may_try("", seat)?;
        if !self.claim.as_ref().is_some_and(|claim| is_code(claim, &code)) {
            return Err(self.was_wrong("claim", None, seat, SignInError::WrongCode));
        }
        let begin = self.begin_code()?;
        let mut people = self.people.clone();
        people.add(id.clone(), &name, &[Role::SeniorNurse], begin)?;
        people.begin(&id, own(chosen, None)?, &self.place)?;
        self.people = people;
        self.claim = None;
        self.people_changed();
        tracing::info!("this post is claimed; the code of the first start is used up");
        self.let_in("claim", &id, seat)
    }

    pub(super) fn sign_in(
        &mut self,
        id: &PersonId,
        proof: &Proof,
        seat: &Seat,
    ) -> Result<(Token, Signed), SignInError> {
        self.may_try(id.as_str(), seat)?;
        if matches!(proof, Proof::Pin(_)) && seat.screen.is_none() {
            return Err(self.was_wrong("sign_in", Some(id), seat, SignInError::PinNotHere));
        }
        match self.people.sign_in(id, proof, self.wall()) {
            Ok(()) => {
                if self.is_too_far(id, seat) {
                    return Err(self.was_wrong("sign_in", Some(id), seat, SignInError::Outside));
                }
                let person = self.people.get(id);
                if person.is_some_and(|person| person.needs_second_factor()) {
                    // The digits are good once, also after a restart.
                    self.save(PEOPLE);
                }
                self.let_in("sign_in", id, seat)
            }
            Err(NotLetIn::SecondFactor) => Err(NotLetIn::SecondFactor.into()),
            Err(wrong) => Err(self.was_wrong("sign_in", Some(id), seat, wrong.into())),
        }
    }

    pub(super) fn begin_check(
        &mut self,
        id: &PersonId,
        code: &str,
        seat: &Seat,
    ) -> Result<Beginning, SignInError> {
        self.may_begin(id, code, seat)?;
        let person = self.people.get(id).ok_or(SignInError::WrongCode)?;
        let name = person.name.clone();
        if !person.needs_second_factor() {
            return Ok(Beginning { name, second: None });
        }
        let now = self.now();
        self.seconds
            .retain(|_, (_, made)| now.since(*made) < SECOND_LASTS);
        let fresh = TotpSecret::new(random().map_err(|_| SignInError::Busy)?);
        let (secret, _) = self.seconds.entry(id.clone()).or_insert((fresh, now));
        let second = Second {
            typing: Masked::new(secret.for_typing()),
            scanning: Masked::new(secret.for_scanning(id.as_str(), &self.place)),
        };
        Ok(Beginning {
            name,
            second: Some(second),
        })
    }

    pub(super) fn begin(
        &mut self,
        id: &PersonId,
        code: &str,
        chosen: Chosen,
        seat: &Seat,
    ) -> Result<(Token, Signed), SignInError> {
        self.may_begin(id, code, seat)?;
        let person = self.people.get(id).ok_or(SignInError::WrongCode)?;
        let second = if person.needs_second_factor() {
            let now = self.now();
            let kept = self.seconds.get(id);
            let kept = kept.filter(|(_, made)| now.since(*made) < SECOND_LASTS);
            let (secret, _) = kept.ok_or(SignInError::TooLate)?;
            let digits = chosen.digits.as_deref().unwrap_or("").trim();
            if secret.check(digits, self.wall(), None).is_none() {
                return Err(self.was_wrong("begin", Some(id), seat, SignInError::WrongDigits));
            }
            Some(secret.clone())
        } else {
            None
        };
        self.people.begin(id, own(chosen, second)?, &self.place)?;
        self.seconds.remove(id);
        self.people_changed();
        self.let_in("begin", id, seat)
    }

    fn may_begin(&mut self, id: &PersonId, code: &str, seat: &Seat) -> Result<(), SignInError> {
        self.may_try(id.as_str(), seat)?;
        let why = match self.people.may_begin(id, code, self.wall()) {
            true if !self.is_too_far(id, seat) => return Ok(()),
            true => SignInError::Outside,
            false => SignInError::WrongCode,
        };
        Err(self.was_wrong("begin", Some(id), seat, why))
    }

    /// Somebody without a second factor, from outside.
    fn is_too_far(&self, id: &PersonId, seat: &Seat) -> bool {
        let person = self.people.get(id);
        person.is_some_and(|person| !person.needs_second_factor()) && is_outside(seat.address, &self.networks)
    }

    /// Several may have waited while the first of them was looked at.
    fn may_try(&self, who: &str, seat: &Seat) -> Result<(), SignInError> {
        let key = (who.to_owned(), seat.key());
        let often = self.shared.doors().attempts.may_try(&key, self.now());
        often.map_err(|often| {
            self.shared.teller.not_looked_at();
            often.into()
        })
    }

    fn was_wrong(&self, action: &str, id: Option<&PersonId>, seat: &Seat, why: SignInError) -> SignInError {
        let who = id.map_or("", PersonId::as_str).to_owned();
        self.shared.doors().attempts.failed((who, seat.key()), self.now());
        // What nobody is called may be a password that was typed into the wrong field: not told.
        let known = id.filter(|id| self.people.get(id).is_some());
        let told: Result<(), _> = Err(why);
        let telling = By::nobody(seat).tried(action, known.map_or_else(String::new, account), &told);
        self.shared.teller.refused(telling);
        why
    }

    fn let_in(&mut self, action: &str, id: &PersonId, seat: &Seat) -> Result<(Token, Signed), SignInError> {
        let token = Token::new(random().map_err(|_| SignInError::Busy)?);
        let now = self.now();
        let mut doors = self.shared.doors();
        doors.attempts.succeeded(&(id.as_str().to_owned(), seat.key()));
        let seated = Seated {
            person: id.clone(),
            screen: seat.screen.clone(),
        };
        doors.sessions.begin(&token, seated, seat.place(), now);
        let signed = doors.signed(&token, seat, now, true);
        drop(doors);
        let signed = signed.ok_or(NotLetIn::Wrong)?;
        self.shared
            .teller
            .tell(By::person(&signed, seat).did(action, account(id)));
        Ok((token, signed))
    }

    pub(super) fn add(
        &mut self,
        id: &PersonId,
        name: &str,
        roles: &[Role],
        by: &By,
    ) -> Result<String, DeskError> {
        let begin = self.begin_code().map_err(|_| DeskError::NoRandomness)?;
        let code = begin.code.clone();
        self.people.add(id.clone(), name, roles, begin)?;
        self.people_changed();
        let told = by.did("add_person", account(id));
        self.changed(told, None, Some(format!("{}: {}", name.trim(), words(roles))));
        Ok(code)
    }

    pub(super) fn set_roles(&mut self, id: &PersonId, roles: &[Role], by: &By) -> Result<(), DeskError> {
        not_oneself(id, by)?;
        let before = self.people.get(id).map(|person| words(&person.roles));
        self.people.set_roles(id, roles)?;
        self.put_out(id);
        self.changed(by.did("set_roles", account(id)), before, Some(words(roles)));
        Ok(())
    }

    pub(super) fn set_disabled(&mut self, id: &PersonId, disabled: bool, by: &By) -> Result<(), DeskError> {
        not_oneself(id, by)?;
        self.people.set_disabled(id, disabled)?;
        self.put_out(id);
        let action = if disabled {
            "disable_person"
        } else {
            "enable_person"
        };
        self.changed(by.did(action, account(id)), None, None);
        Ok(())
    }

    pub(super) fn reset(&mut self, id: &PersonId, by: &By) -> Result<String, DeskError> {
        let begin = self.begin_code().map_err(|_| DeskError::NoRandomness)?;
        let code = begin.code.clone();
        self.people.reset(id, by.account().as_ref(), begin)?;
        self.seconds.remove(id);
        self.put_out(id);
        self.changed(by.did("reset_person", account(id)), None, None);
        Ok(code)
    }

    pub(super) fn register_screen(&mut self, name: &str, by: &By) -> Result<(Token, Screen), DeskError> {
        let token = Token::new(random().map_err(|_| DeskError::NoRandomness)?);
        let screen = self.screens.register(name, by.name(), &token)?;
        self.screens_changed();
        let told = by.did("register_screen", screen.id.to_string());
        self.changed(told, None, Some(screen.name.clone()));
        Ok((token, screen))
    }

    pub(super) fn forget_screen(&mut self, id: &ScreenId, by: &By) -> Result<(), DeskError> {
        let screen = self.screens.forget(id)?;
        self.screens_changed();
        self.shared
            .doors()
            .sessions
            .end_those(|seated| seated.screen.as_ref() == Some(id));
        let told = by.did("forget_screen", screen.id.to_string());
        self.changed(told, Some(screen.name), None);
        Ok(())
    }

    pub(super) fn emergency(
        &mut self,
        signed: &Signed,
        bed: BedId,
        reason: &Masked<String>,
        by: &By,
    ) -> Result<Duration, DeskError> {
        let wall = self.wall().as_unix_ms();
        let person = (signed.id.clone(), signed.name.clone());
        let id = self.emergencies.open(person, bed.clone(), reason, wall)?;
        self.emergencies_changed();
        let now = self.now();
        self.shared
            .doors()
            .open_chart(signed.id.clone(), bed.clone(), now);
        tracing::warn!(bed.id = %bed, emergency = id, "a chart was opened in an emergency; it is to be reviewed");
        let reason = reason.reveal().trim().to_owned();
        self.changed(by.did("open_emergency", format!("bed:{bed}")), None, Some(reason));
        Ok(EMERGENCY_LASTS)
    }

    pub(super) fn review(&mut self, id: EmergencyId, by: &By) -> Result<(), DeskError> {
        self.emergencies.review(id, by.account().as_ref(), by.name())?;
        self.emergencies_changed();
        let told = by.did("review_emergency", format!("emergency:{id}"));
        self.changed(told, None, None);
        Ok(())
    }

    /// Time passes.
    pub(super) fn tick(&mut self) {
        let now = self.now();
        let ended = self.shared.doors().sessions.ended_by_themselves(now);
        for seated in ended {
            self.shared.teller.tell(seated.ended_by_itself());
        }
        self.shared.teller.tick(now);
        for name in std::mem::take(&mut self.unsaved) {
            self.save(name);
        }
    }

    fn begin_code(&self) -> Result<Begin, SignInError> {
        let made = random_code().and_then(|code| Ok((code, random()?)));
        let (code, salt) = made.map_err(|_| SignInError::Busy)?;
        let now = self.wall();
        Ok(Begin { code, salt, now })
    }

    fn put_out(&mut self, id: &PersonId) {
        self.people_changed();
        self.shared.doors().put_out(id);
    }

    fn changed(&self, told: Telling, before: Option<String>, after: Option<String>) {
        self.shared.teller.tell(Telling {
            outcome: Outcome::Done,
            before: before.map(Masked::new),
            after: after.map(Masked::new),
            ..told
        });
    }

    fn people_changed(&mut self) {
        self.save(PEOPLE);
        self.show_people();
        // Somebody manages people now: nobody claims this post any more.
        if !self.people.is_unclaimed() {
            self.claim = None;
        }
    }

    fn show_people(&self) {
        let known = known(&self.people).collect();
        let mut doors = self.shared.doors();
        doors.people = known;
        doors.claimed = !self.people.is_unclaimed();
    }

    fn screens_changed(&mut self) {
        self.save(SCREENS);
        self.shared.doors().screens = self.screens.clone();
    }

    fn emergencies_changed(&mut self) {
        self.save(EMERGENCIES);
        self.shared.doors().emergencies = self.emergencies.clone();
    }

    fn save(&mut self, name: &'static str) {
        let written = match name {
            PEOPLE => self.files.write(name, &self.people),
            SCREENS => self.files.write(name, &self.screens),
            _ => self.files.write(name, &self.emergencies),
        };
        if let Err(error) = written {
            tracing::error!(file = name, %error, "cannot be written; what was changed holds until a restart, and is written as soon as the card takes it");
            if !self.unsaved.contains(&name) {
                self.unsaved.push(name);
            }
        }
    }
}

fn not_oneself(id: &PersonId, by: &By) -> Result<(), DeskError> {
    if by.account().as_ref() == Some(id) {
        Err(PeopleError::Oneself.into())
    } else {
        Ok(())
    }
}

fn account(id: &PersonId) -> String {
    format!("account:{}", id.as_str())
}

fn words(roles: &[Role]) -> String {
    let keys: Vec<_> = roles.iter().map(|role| role.key()).collect();
    keys.join(", ")
}

fn own(chosen: Chosen, second: Option<TotpSecret>) -> Result<Own, SignInError> {
    let salts = || Ok::<_, getrandom::Error>([random()?, random()?]);
    Ok(Own {
        password: chosen.password,
        pin: chosen.pin,
        second,
        salts: salts().map_err(|_| SignInError::Busy)?,
    })
}
