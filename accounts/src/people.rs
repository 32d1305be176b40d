//! The accounts of a place (a post, the centre): who there is, what they are, and how they prove it.
//!
//! - An account is never removed and its id never used again: the audit names it for years.
//! - Nobody makes an account usable alone: whoever adds or resets one hands over a code that is good once and for a day,
//!   and the person sets a password that nobody else knows.
//! - Somebody can always manage people: the last one who can is neither disabled nor robbed of the role.
//! - Whose role asks for it proves themselves twice ([`totp`](super::totp)).

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use vitals::{Masked, WallTime};

use super::secret::{Hashed, WeakSecret, judge_password, judge_pin};
use super::totp::{Step, TotpSecret};

/// Most accounts.
pub const PEOPLE_MAX: usize = 200;
/// Longest name, in characters.
pub const NAME_CHARS_MAX: usize = 60;
/// A code to begin with is good for this long.
pub const CODE_LASTS: Duration = Duration::from_secs(24 * 60 * 60);

/// What a person types to say who they are, and what the audit calls them: 2 to 32 of a-z, 0-9, `.`, `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonId(String);

impl PersonId {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PersonId {
    type Error = PeopleError;
    fn try_from(text: String) -> Result<PersonId, PeopleError> {
        let text = text.trim().to_lowercase();
        let fits = (2..=32).contains(&text.len())
            && text.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-')
            });
        if fits {
            Ok(PersonId(text))
        } else {
            Err(PeopleError::BadId)
        }
    }
}

impl schemars::JsonSchema for PersonId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PersonId".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let words = "An account: 2 to 32 of a-z, 0-9, '.' and '-'.";
        schemars::json_schema!({ "type": "string", "description": words })
    }
}

impl From<PersonId> for String {
    fn from(id: PersonId) -> String {
        id.0
    }
}

/// Why nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeopleError {
    /// The sign-in name is not one.
    #[error("a sign-in name is 2 to 32 of a-z, 0-9, '.' and '-'")]
    BadId,
    /// The person's name is empty or too long.
    #[error("a name has 1 to {NAME_CHARS_MAX} characters")]
    BadName,
    /// There is one already, perhaps disabled.
    #[error("there is an account of this name already; names are never used again, add a digit")]
    Taken,
    /// Nobody has this sign-in name.
    #[error("nobody has this sign-in name")]
    Unknown,
    /// All places are taken.
    #[error("{PEOPLE_MAX} accounts are as many as a post can have")]
    TooMany,
    /// Nobody could manage people any more.
    #[error("this is the last account that can manage people: give the right to another one first")]
    LastManager,
    /// A person cannot do this to their own account.
    #[error("somebody else has to do this to your account")]
    Oneself,
    /// The account must have at least one role.
    #[error("an account has at least one role")]
    NoRole,
    /// The new password or PIN is not good enough.
    #[error(transparent)]
    Weak(#[from] WeakSecret),
}

/// A code that lets a person begin: printed once, kept as a hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct BeginCode {
    hashed: Hashed,
    until_unix_ms: i64,
}

/// What a person can be at a place.
pub trait Role: Copy + PartialEq {
    /// They make, change and disable accounts.
    fn manages_people(self) -> bool;
    /// A password alone is not enough for them.
    fn needs_second_factor(self) -> bool;
}

/// One account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person<R> {
    /// Their name, as others know them.
    pub name: Masked<String>,
    /// What they are.
    pub roles: Vec<R>,
    /// They cannot sign in.
    pub disabled: bool,
    password: Option<Hashed>,
    pin: Option<Hashed>,
    second: Option<TotpSecret>,
    last_step: Option<Step>,
    begin: Option<BeginCode>,
}

impl<R: Role> Person<R> {
    /// True when a password alone is not enough for them.
    pub fn needs_second_factor(&self) -> bool {
        self.second.is_some() || self.roles.iter().any(|role| role.needs_second_factor())
    }

    /// True when they have set what they sign in with.
    pub fn has_begun(&self) -> bool {
        self.password.is_some() && (!self.needs_second_factor() || self.second.is_some())
    }

    fn manages(&self) -> bool {
        !self.disabled && self.roles.iter().any(|role| role.manages_people())
    }
}

/// What somebody shows to sign in.
#[derive(Clone, Debug)]
pub enum Proof {
    /// A password, and the digits of the moment where they are needed.
    Password {
        /// It.
        password: Masked<String>,
        /// Six digits.
        code: Option<String>,
    },
    /// A PIN, on a registered screen.
    Pin(Masked<String>),
}

/// Why somebody is not let in. Says nothing of whether there is such an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotLetIn {
    /// Name, password, PIN or digits are wrong, or the account is disabled.
    #[error("that is not right: check the name, and type it again")]
    Wrong,
    /// The password is right, and six digits are needed as well.
    #[error("type the six digits that your app shows now")]
    SecondFactor,
}

/// All accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct People<R> {
    people: BTreeMap<PersonId, Person<R>>,
}

impl<R> Default for People<R> {
    fn default() -> Self {
        People {
            people: BTreeMap::new(),
        }
    }
}

impl<R: Role> People<R> {
    /// True while nobody can manage people: the first start, until it is claimed.
    pub fn is_unclaimed(&self) -> bool {
        !self.people.values().any(Person::manages)
    }

    /// One account.
    pub fn get(&self, id: &PersonId) -> Option<&Person<R>> {
        self.people.get(id)
    }

    /// All of them, by their sign-in names.
    pub fn iter(&self) -> impl Iterator<Item = (&PersonId, &Person<R>)> {
        self.people.iter()
    }

    /// A new account, which begins with this code.
    ///
    /// # Errors
    /// Why it is not made.
    pub fn add(&mut self, id: PersonId, name: &str, roles: &[R], code: Begin) -> Result<(), PeopleError> {
        let name = name.trim();
        if !(1..=NAME_CHARS_MAX).contains(&name.chars().count()) {
            return Err(PeopleError::BadName);
        }
        if roles.is_empty() {
            return Err(PeopleError::NoRole);
        }
        if self.people.contains_key(&id) {
            return Err(PeopleError::Taken);
        }
        if self.people.len() >= PEOPLE_MAX {
            return Err(PeopleError::TooMany);
        }
        let person = Person {
            name: Masked::new(name.to_owned()),
            roles: roles.to_vec(),
            disabled: false,
            password: None,
            pin: None,
            second: None,
            last_step: None,
            begin: Some(code.kept()),
        };
        self.people.insert(id, person);
        Ok(())
    }

    /// Lets nobody in by this account any more, or again.
    ///
    /// # Errors
    /// Why it stays as it is.
    pub fn set_disabled(&mut self, id: &PersonId, disabled: bool) -> Result<(), PeopleError> {
        self.change(id, |person| person.disabled = disabled)
    }

    /// What the person is from now on.
    ///
    /// # Errors
    /// Why it stays as it is.
    pub fn set_roles(&mut self, id: &PersonId, roles: &[R]) -> Result<(), PeopleError> {
        if roles.is_empty() {
            return Err(PeopleError::NoRole);
        }
        self.change(id, |person| person.roles = roles.to_vec())
    }

    /// The person has forgotten, or lost the telephone: everything they sign in with is gone, and they begin again with
    /// this code. `by` is who resets; nobody resets themselves.
    ///
    /// # Errors
    /// Why it stays as it is.
    pub fn reset(&mut self, id: &PersonId, by: Option<&PersonId>, code: Begin) -> Result<(), PeopleError> {
        if by == Some(id) {
            return Err(PeopleError::Oneself);
        }
        let person = self.people.get_mut(id).ok_or(PeopleError::Unknown)?;
        (person.password, person.pin, person.second, person.last_step) = (None, None, None, None);
        person.begin = Some(code.kept());
        Ok(())
    }

    /// True when this is the code with which the person may set a password now.
    pub fn may_begin(&self, id: &PersonId, code: &str, now: WallTime) -> bool {
        let begin = self
            .people
            .get(id)
            .filter(|person| !person.disabled)
            .and_then(|person| person.begin.as_ref());
        // Takes as long for somebody who has no code, or whom nobody knows.
        match begin.filter(|begin| now.as_unix_ms() < begin.until_unix_ms) {
            Some(begin) => begin.hashed.is(&plain_code(code)),
            None => {
                Hashed::nobodys().is(&plain_code(code));
                false
            }
        }
    }

    /// The person sets what they sign in with; the code to begin is used up. `place` is the post's name.
    ///
    /// # Errors
    /// What is wrong with the password or the PIN.
    pub fn begin(&mut self, id: &PersonId, own: Own, place: &str) -> Result<(), PeopleError> {
        let person = self.people.get_mut(id).ok_or(PeopleError::Unknown)?;
        let names = [id.as_str(), person.name.reveal().as_str(), place];
        judge_password(own.password.reveal(), &names)?;
        if let Some(pin) = &own.pin {
            judge_pin(pin.reveal())?;
        }
        let [one, other] = own.salts;
        person.password = Some(Hashed::new(own.password.reveal(), one));
        person.pin = own.pin.map(|pin| Hashed::new(pin.reveal(), other));
        person.second = own.second.or(person.second.take());
        person.begin = None;
        Ok(())
    }

    /// Looks at what somebody shows. Takes as long for a name that nobody has.
    ///
    /// # Errors
    /// Why they are not let in.
    pub fn sign_in(&mut self, id: &PersonId, proof: &Proof, now: WallTime) -> Result<(), NotLetIn> {
        let person = self.people.get_mut(id).filter(|person| !person.disabled);
        let (kept, shown) = match proof {
            Proof::Password { password, .. } => (
                person.as_ref().and_then(|person| person.password.as_ref()),
                password,
            ),
            Proof::Pin(pin) => (person.as_ref().and_then(|person| person.pin.as_ref()), pin),
        };
        let is_right = match kept {
            Some(kept) => kept.is(shown.reveal()),
            None => {
                Hashed::nobodys().is(shown.reveal());
                false
            }
        };
        let (true, Some(person)) = (is_right, person) else {
            return Err(NotLetIn::Wrong);
        };
        match proof {
            Proof::Pin(_) => Ok(()),
            Proof::Password { code, .. } => person.prove_again(code.as_deref(), now),
        }
    }

    fn change(&mut self, id: &PersonId, how: impl FnOnce(&mut Person<R>)) -> Result<(), PeopleError> {
        let before = self.people.get(id).ok_or(PeopleError::Unknown)?;
        let mut after = before.clone();
        how(&mut after);
        let others_manage = self
            .people
            .iter()
            .any(|(other, person)| other != id && person.manages());
        if before.manages() && !after.manages() && !others_manage {
            return Err(PeopleError::LastManager);
        }
        self.people.insert(id.clone(), after);
        Ok(())
    }
}

impl<R: Role> Person<R> {
    fn prove_again(&mut self, code: Option<&str>, now: WallTime) -> Result<(), NotLetIn> {
        if !self.needs_second_factor() {
            return Ok(());
        }
        let secret = self.second.as_ref().ok_or(NotLetIn::Wrong)?;
        let code = code.ok_or(NotLetIn::SecondFactor)?;
        let step = secret
            .check(code.trim(), now, self.last_step)
            .ok_or(NotLetIn::Wrong)?;
        self.last_step = Some(step);
        Ok(())
    }
}

/// A new code to begin with.
#[derive(Debug)]
pub struct Begin {
    /// As it is printed, once: four groups of four.
    pub code: String,
    /// Random.
    pub salt: [u8; 16],
    /// When it was made.
    pub now: WallTime,
}

impl Begin {
    fn kept(&self) -> BeginCode {
        let lasts = i64::try_from(CODE_LASTS.as_millis()).expect("a day is few milliseconds");
        BeginCode {
            hashed: Hashed::new(&plain_code(&self.code), self.salt),
            until_unix_ms: self.now.as_unix_ms().saturating_add(lasts),
        }
    }
}

/// What a person chooses.
#[derive(Debug)]
pub struct Own {
    /// The password.
    pub password: Masked<String>,
    /// The PIN for registered screens.
    pub pin: Option<Masked<String>>,
    /// The secret of their app, once they have shown that it works.
    pub second: Option<TotpSecret>,
    /// Random, for password and PIN.
    pub salts: [[u8; 16]; 2],
}

/// People type codes with and without the spaces, in either case.
fn plain_code(code: &str) -> String {
    code.chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_uppercase()
}

#[cfg(test)]
mod tests;
