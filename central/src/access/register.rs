//! The accounts of the centre and what is done to them: changed in memory and in the file, or in neither.

use std::io;
use std::path::{Path, PathBuf};

use accounts::people::{Begin, NotLetIn, Own, People, PeopleError, Person, PersonId, Proof};
use accounts::totp::TotpSecret;
use vitals::{Masked, WallTime};

use super::file::{self, Found};
use super::policy::Role;

/// Why an account was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// It does not fit.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// The file.
    #[error("the accounts cannot be saved: {0}; nothing was changed")]
    File(#[from] io::Error),
    /// The system.
    #[error("the system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}

/// The accounts, with their file.
#[derive(Debug)]
pub struct Register {
    path: PathBuf,
    people: People<Role>,
}

/// One account, as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What the person types to sign in.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// What they are.
    pub roles: Vec<Role>,
    /// They cannot sign in.
    pub disabled: bool,
    /// They have set a password.
    pub begun: bool,
}

impl Register {
    /// Beside this store.
    pub fn path(store: &Path) -> PathBuf {
        store.with_extension("people.json")
    }

    /// Reads the accounts beside this store. Also says where a file is kept that could not be read.
    ///
    /// # Errors
    /// When the system does not give the file.
    pub fn open(store: &Path) -> io::Result<(Register, Option<PathBuf>)> {
        let path = Register::path(store);
        let (people, aside) = match file::read(&path)? {
            Found::People(people) => (people, None),
            Found::Unreadable { aside } => (People::default(), Some(aside)),
        };
        Ok((Register { path, people }, aside))
    }

    /// All accounts by their names.
    pub fn list(&self) -> Vec<Listed> {
        self.people
            .iter()
            .map(|(id, person)| listed(id, person))
            .collect()
    }

    /// One account.
    pub fn get(&self, id: &PersonId) -> Option<&Person<Role>> {
        self.people.get(id)
    }

    /// A new account. Returns the code to begin with.
    ///
    /// # Errors
    /// Why it was not made.
    pub fn add(
        &mut self,
        id: PersonId,
        name: &str,
        roles: &[Role],
        now: WallTime,
    ) -> Result<String, RegisterError> {
        // A nurse reads it on one line, and a post takes no other.
        if name.chars().any(char::is_control) {
            return Err(PeopleError::BadName.into());
        }
        let begin = begin_code(now)?;
        let code = begin.code.clone();
        self.change(|people| people.add(id, name, roles, begin))?;
        Ok(code)
    }

    /// Lets nobody in by this account any more, or again.
    ///
    /// # Errors
    /// Why it stays as it is.
    pub fn set_disabled(&mut self, id: &PersonId, disabled: bool) -> Result<(), RegisterError> {
        self.change(|people| people.set_disabled(id, disabled))
    }

    /// The person begins anew with the code that this returns; nothing they had is good any more.
    ///
    /// # Errors
    /// Why it stays as it is.
    pub fn reset(&mut self, id: &PersonId, now: WallTime) -> Result<String, RegisterError> {
        let begin = begin_code(now)?;
        let code = begin.code.clone();
        self.change(|people| people.reset(id, None, begin))?;
        Ok(code)
    }

    /// True when the person may begin with this code now.
    pub fn may_begin(&self, id: &PersonId, code: &str, now: WallTime) -> bool {
        self.people.may_begin(id, code, now)
    }

    /// The person sets what they sign in with.
    ///
    /// # Errors
    /// Why not.
    pub fn begin(
        &mut self,
        id: &PersonId,
        password: Masked<String>,
        second: TotpSecret,
        place: &str,
    ) -> Result<(), RegisterError> {
        let own = Own {
            password,
            pin: None,
            second: Some(second),
            salts: [random()?, random()?],
        };
        self.change(|people| people.begin(id, own, place))
    }

    /// Looks at what somebody shows. Which six digits were used is kept, so that they are good once; a disk that is full
    /// keeps nobody out.
    ///
    /// # Errors
    /// Why they are not let in.
    pub fn sign_in(&mut self, id: &PersonId, proof: &Proof, now: WallTime) -> Result<(), NotLetIn> {
        self.people.sign_in(id, proof, now)?;
        if let Err(error) = file::write(&self.path, &self.people) {
            tracing::warn!("somebody signed in, but the accounts cannot be saved: {error}");
        }
        Ok(())
    }

    fn change(
        &mut self,
        how: impl FnOnce(&mut People<Role>) -> Result<(), PeopleError>,
    ) -> Result<(), RegisterError> {
        let mut changed = self.people.clone();
        how(&mut changed)?;
        file::write(&self.path, &changed)?;
        self.people = changed;
        Ok(())
    }
}

fn listed(id: &PersonId, person: &Person<Role>) -> Listed {
    Listed {
        id: id.clone(),
        name: person.name.reveal().clone(),
        roles: person.roles.clone(),
        disabled: person.disabled,
        begun: person.has_begun(),
    }
}

/// Random bytes.
pub(super) fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// Four groups of four letters and digits that nobody takes for one another: 80 bits.
fn begin_code(now: WallTime) -> Result<Begin, getrandom::Error> {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mut code = String::new();
    for (place, byte) in random::<16>()?.into_iter().enumerate() {
        if place > 0 && place % 4 == 0 {
            code.push('-');
        }
        code.push(char::from(LETTERS[usize::from(byte & 31)]));
    }
    Ok(Begin {
        code,
        salt: random()?,
        now,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> PersonId {
        PersonId::try_from(text.to_owned()).unwrap()
    }

    const NOW: WallTime = WallTime::from_unix_ns(1_790_000_000_000_000_000);

    #[test]
    fn accounts_are_there_after_a_restart_and_a_file_that_cannot_be_written_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("central.redb");
        let (mut register, _) = Register::open(&store).unwrap();
        let code = register.add(id("rao"), "Dr Rao", &[Role::Doctor], NOW).unwrap();
        assert!(register.may_begin(&id("rao"), &code, NOW));
        let (mut register, aside) = Register::open(&store).unwrap();
        assert_eq!(aside, None);
        assert!(register.may_begin(&id("rao"), &code.to_lowercase(), NOW));
        // Where the new file would be written there is a folder.
        std::fs::create_dir(folder.path().join("central.people.json.new")).unwrap();
        let before = register.list();
        let broken = register.add(id("sen"), "Dr\nSen", &[Role::Doctor], NOW);
        assert!(matches!(broken, Err(RegisterError::People(PeopleError::BadName))));
        let refused = register.add(id("sen"), "Dr Sen", &[Role::Doctor], NOW);
        assert!(matches!(refused, Err(RegisterError::File(_))), "{refused:?}");
        assert!(register.set_disabled(&id("rao"), true).is_err());
        assert_eq!(register.list(), before);
    }

    #[test]
    fn codes_differ_and_are_four_groups_of_four() {
        let one = begin_code(NOW).unwrap().code;
        assert_ne!(one, begin_code(NOW).unwrap().code);
        let groups: Vec<usize> = one.split('-').map(str::len).collect();
        assert_eq!(groups, [4, 4, 4, 4]);
    }
}
