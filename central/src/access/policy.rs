//! Who may do what at the centre: the one table. What it does not allow is refused.
//!
//! A manager makes the accounts and answers for them, and sees no patient; a doctor sees patients, and makes no account.

use serde::{Deserialize, Serialize};

/// What a person is at the centre. One person may be both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks after the patients of the posts.
    Doctor,
    /// Makes the accounts, and reads the audit.
    Manager,
}

impl Role {
    /// All of them, in the order of the table.
    pub const ALL: [Role; 2] = [Role::Doctor, Role::Manager];

    /// Its name in files, in the API and on the command line.
    pub const fn key(self) -> &'static str {
        match self {
            Role::Doctor => "doctor",
            Role::Manager => "manager",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = String;
    fn from_str(key: &str) -> Result<Role, String> {
        let role = Role::ALL.into_iter().find(|role| role.key() == key);
        role.ok_or_else(|| "a role is doctor or manager".to_owned())
    }
}

impl accounts::people::Role for Role {
    fn manages_people(self) -> bool {
        Action::ManagePeople.is_allowed_to(&[self])
    }

    /// Whoever signs in at the centre is far from the posts: a password alone is enough for nobody.
    fn needs_second_factor(self) -> bool {
        true
    }
}

accounts::policy! {
    /// What can be done at the centre. Each route of the API names one, or that it is open.
    pub enum Action

    //                              doctor manager
    /// See the posts, their alarms, their patients and records.
    See "see"                       [1 0]
    /// Say that an alarm was seen.
    SaySeen "say_seen"              [1 0]
    /// Accept, reject and hand over alarms.
    Answer "answer"                 [1 0]
    /// Send a post a message or a proposal.
    Write "write"                   [1 0]
    /// Make, change and disable accounts.
    ManagePeople "manage_people"    [0 1]
    /// Read the audit.
    SeeAudit "see_audit"            [0 1]
    /// See who is on duty when, and whom the centre calls.
    SeeDuty "see_duty"              [1 1]
    /// Take duty, hand it over, go off duty.
    TakeDuty "take_duty"            [1 0]
    /// Set the roster and the ladders. Doctors too: at night there is nobody else.
    SetDuty "set_duty"              [1 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i9_nobody_without_a_role_may_do_anything_and_only_doctors_see_or_change_care() {
        assert!(Action::all().all(|action| !action.is_allowed_to(&[])));
        for action in [
            Action::See,
            Action::SaySeen,
            Action::Answer,
            Action::Write,
            Action::TakeDuty,
        ] {
            assert!(action.is_allowed_to(&[Role::Doctor]), "{action:?}");
            assert!(!action.is_allowed_to(&[Role::Manager]), "{action:?}");
        }
        assert!(!Action::ManagePeople.is_allowed_to(&[Role::Doctor]));
    }

    #[test]
    fn nobody_signs_in_here_with_a_password_alone() {
        assert!(
            Role::ALL
                .iter()
                .all(|role| accounts::people::Role::needs_second_factor(*role))
        );
    }

    #[test]
    fn roles_are_found_by_their_names() {
        assert!(Role::ALL.into_iter().all(|role| role.key().parse() == Ok(role)));
        assert!("nurse".parse::<Role>().is_err());
    }
}
