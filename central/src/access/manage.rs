//! What a user of this machine does to accounts, whether the centre runs or not.

use accounts::people::{PeopleError, PersonId};
use serde::{Deserialize, Serialize};
use vitals::audit::{Actor, Outcome, Telling};
use vitals::{Masked, WallTime};

use super::policy::Role;
use super::register::{Register, RegisterError};

/// One order about accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Order {
    /// A new account.
    Add {
        /// What the person will type to sign in.
        id: String,
        /// Their name, as nurses will read it.
        name: String,
        /// What they are.
        roles: Vec<Role>,
    },
    /// All accounts.
    List,
    /// Lets nobody in by this account.
    Disable(String),
    /// Lets the person in again.
    Enable(String),
    /// The person begins anew.
    Reset(String),
}

/// What became of an order.
#[derive(Debug)]
pub struct Managed {
    /// Lines for whoever gave it, or why it was refused.
    pub said: Result<Vec<String>, RegisterError>,
    /// What the audit is told; nothing when the order only looks.
    pub told: Option<Telling>,
    /// Whose rights have changed.
    pub changed: Option<PersonId>,
}

/// Carries an order out that this user of the operating system gave.
pub fn manage(register: &mut Register, order: &Order, user: &str, now: WallTime) -> Managed {
    let (action, id) = match order {
        Order::List => return list(register),
        Order::Add { id, .. } => ("user_add", id),
        Order::Disable(id) => ("user_disable", id),
        Order::Enable(id) => ("user_enable", id),
        Order::Reset(id) => ("user_reset", id),
    };
    let parsed = PersonId::try_from(id.clone());
    let said = match &parsed {
        Ok(id) => carry_out(register, order, id, now),
        Err(error) => Err((*error).into()),
    };
    let roles = |roles: &[Role]| roles.iter().map(|role| role.key()).collect::<Vec<_>>().join(", ");
    let after = match (&said, order) {
        (Err(error), _) => Some(error.to_string()),
        (
            Ok(_),
            Order::Add {
                name, roles: these, ..
            },
        ) => Some(format!("{name}: {}", roles(these))),
        (Ok(_), _) => None,
    };
    let subject = parsed.as_ref().map_or("?", PersonId::as_str);
    let told = Telling {
        who: Actor::System {
            user: user.to_owned(),
        },
        from: "command line".to_owned(),
        action: action.to_owned(),
        outcome: if said.is_ok() {
            Outcome::Done
        } else {
            Outcome::Refused
        },
        subject: format!("account:{subject}"),
        before: None,
        after: after.map(Masked::new),
    };
    let changed = parsed.ok().filter(|_| said.is_ok());
    Managed {
        said,
        told: Some(told),
        changed,
    }
}

fn carry_out(
    register: &mut Register,
    order: &Order,
    id: &PersonId,
    now: WallTime,
) -> Result<Vec<String>, RegisterError> {
    let code_for = |code: String, name: &str| {
        vec![
            format!("The code with which {name} begins, good once and for a day:"),
            format!("  {code}"),
            format!(
                "On the centre's page: \"I have a code\", then {} as sign-in name. It is not shown again.",
                id.as_str()
            ),
        ]
    };
    match order {
        Order::Add { name, roles, .. } => {
            let code = register.add(id.clone(), name, roles, now)?;
            Ok(code_for(code, name.trim()))
        }
        Order::Reset(_) => {
            let code = register.reset(id, now)?;
            let name = register
                .get(id)
                .ok_or(PeopleError::Unknown)?
                .name
                .reveal()
                .clone();
            Ok(code_for(code, &name))
        }
        Order::Disable(_) => {
            register.set_disabled(id, true)?;
            Ok(vec![format!(
                "{} cannot sign in any more, and is signed out.",
                id.as_str()
            )])
        }
        Order::Enable(_) => {
            register.set_disabled(id, false)?;
            Ok(vec![format!("{} can sign in again.", id.as_str())])
        }
        Order::List => Ok(Vec::new()),
    }
}

fn list(register: &Register) -> Managed {
    let mut lines: Vec<String> = register
        .list()
        .into_iter()
        .map(|person| {
            let roles: Vec<&str> = person.roles.iter().map(|role| role.key()).collect();
            let state = match (person.disabled, person.begun) {
                (true, _) => ", disabled",
                (false, false) => ", has not begun yet",
                (false, true) => "",
            };
            format!(
                "{}  {}  {}{state}",
                person.id.as_str(),
                person.name,
                roles.join("+")
            )
        })
        .collect();
    if lines.is_empty() {
        lines.push(
            "There are no accounts yet: vitalpost-central user add ID --name NAME --role doctor".to_owned(),
        );
    }
    Managed {
        said: Ok(lines),
        told: None,
        changed: None,
    }
}
