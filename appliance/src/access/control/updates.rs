//! Whether the box may be updated, started again or taken back now. Pure; who asked and what came of it is told to the audit.
//!
//! - A14: a version older than the one that runs is installed only on the word of a named person.
//! - A15: while an alarm of high priority is open, monitoring is not put at risk without the word of a named person.
//! - A16: what needs such a word needs a post that runs, because it is its audit that keeps it (I9). Going back to the
//!   other slot alone does not: it is the way out for a post that no longer starts.

use std::fmt;

use semver::Version;
use serde::{Deserialize, Serialize};
use vitals::Masked;
use vitals::audit::Telling;

use super::super::By;

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Write another version into the other slot.
    Install,
    /// Start the box again, into what was installed.
    Restart,
    /// Start the version that lies in the other slot.
    Back,
}

impl Step {
    /// The step of this name.
    pub fn from_key(key: &str) -> Option<Step> {
        match key {
            "install" => Some(Step::Install),
            "restart" => Some(Step::Restart),
            "back" => Some(Step::Back),
            _ => None,
        }
    }

    const fn action(self) -> &'static str {
        match self {
            Step::Install => "update_install",
            Step::Restart => "update_restart",
            Step::Back => "update_back",
        }
    }
}

/// A question about an update.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// What is wanted.
    pub step: Step,
    /// The version of the box that runs.
    pub running: String,
    /// The version that shall run; as it is known, where nothing is installed.
    pub offered: String,
    /// The person who decides; empty = nobody was named.
    pub by: String,
    /// That person says: although it is older.
    pub older: bool,
    /// That person says: although an alarm of high priority is open.
    pub during_alarm: bool,
}

/// What was allowed in spite of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowed {
    /// It is older than what runs.
    pub older: bool,
    /// So many alarms of high priority are open.
    pub high_alarms: usize,
}

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Versions that cannot be compared.
    #[error(
        "{0:?} is not a version such as 1.4.0: this bundle is not one of ours, or the box does not know what runs"
    )]
    NotAVersion(String),
    /// A14.
    #[error(
        "version {offered} is older than {running}, which runs: older versions have faults that were mended since. If it must be, a named person says so: --older --by NAME"
    )]
    Older {
        /// What runs.
        running: String,
        /// What was offered.
        offered: String,
    },
    /// A15.
    #[error(
        "{0} alarm(s) of high priority are open: look after the patient first. If it cannot wait, a named person says so: --during-alarm --by NAME"
    )]
    HighAlarm(usize),
    /// A word without a name.
    #[error("who decides this? Say it with --by NAME: it stands in the audit")]
    NobodyNamed,
    /// A16.
    #[error(
        "the post does not run, so its audit cannot keep who decided this: start the post and try again, or go back to the other slot with `vitalpost-update back`"
    )]
    NoAudit,
}

/// Decides; `high_alarms` is unknown where no post runs.
///
/// # Errors
/// Why not, for whoever stands there.
pub fn decide(asked: &Asked, high_alarms: Option<usize>) -> Result<Allowed, Refusal> {
    let is_older = match asked.step {
        Step::Install => version(&asked.offered)?
            .cmp_precedence(&version(&asked.running)?)
            .is_lt(),
        Step::Restart | Step::Back => false,
    };
    if is_older && !asked.older {
        return Err(Refusal::Older {
            running: asked.running.clone(),
            offered: asked.offered.clone(),
        });
    }
    let open = high_alarms.unwrap_or(0);
    if open > 0 && !asked.during_alarm {
        return Err(Refusal::HighAlarm(open));
    }
    let needs_a_word = is_older || open > 0 || asked.step == Step::Back;
    if needs_a_word && asked.by.trim().is_empty() {
        return Err(Refusal::NobodyNamed);
    }
    if is_older && high_alarms.is_none() {
        return Err(Refusal::NoAudit);
    }
    Ok(Allowed {
        older: is_older,
        high_alarms: open,
    })
}

fn version(text: &str) -> Result<Version, Refusal> {
    Version::parse(text).map_err(|_| Refusal::NotAVersion(text.to_owned()))
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.older {
            f.write_str(", although it is older")?;
        }
        match self.high_alarms {
            0 => Ok(()),
            open => write!(f, ", although {open} alarm(s) of high priority are open"),
        }
    }
}

/// The decision, as the audit tells it.
pub(super) fn telling(asked: &Asked, decided: &Result<Allowed, Refusal>, user: &str) -> Telling {
    let by = By::system(user.to_owned());
    let told = by.tried(asked.step.action(), "box", decided);
    let wanted = match asked.by.trim() {
        "" => asked.offered.clone(),
        name => format!("{}, decided by {name}", asked.offered),
    };
    let after = match decided {
        Ok(allowed) => format!("{wanted}{allowed}"),
        Err(refusal) => format!("{wanted}: {refusal}"),
    };
    Telling {
        before: Some(Masked::new(asked.running.clone())),
        after: Some(Masked::new(after)),
        ..told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(step: Step, running: &str, offered: &str) -> Asked {
        Asked {
            step,
            running: running.to_owned(),
            offered: offered.to_owned(),
            by: String::new(),
            older: false,
            during_alarm: false,
        }
    }

    fn install(running: &str, offered: &str) -> Result<Allowed, Refusal> {
        decide(&asked(Step::Install, running, offered), Some(0))
    }

    #[test]
    fn a14_what_is_older_is_refused_and_what_is_newer_or_the_same_is_not() {
        for (running, offered) in [
            ("1.2.0", "1.2.0"),
            ("1.2.0", "1.10.0"),
            ("1.2.0-rc.1", "1.2.0"),
            ("1.2.0-rc.2", "1.2.0-rc.10"),
        ] {
            assert!(install(running, offered).is_ok(), "{running} to {offered}");
            if running != offered {
                let back = install(offered, running);
                assert!(
                    matches!(back, Err(Refusal::Older { .. })),
                    "{offered} to {running}"
                );
            }
        }
        for bad in ["", "1.2", "new", "1.2.0\n"] {
            assert_eq!(install("1.0.0", bad), Err(Refusal::NotAVersion(bad.to_owned())));
            assert_eq!(install(bad, "1.0.0"), Err(Refusal::NotAVersion(bad.to_owned())));
        }
    }

    #[test]
    fn a14_a16_an_older_one_needs_the_word_of_a_named_person_and_a_post_that_writes_it_down() {
        let mut older = asked(Step::Install, "1.2.0", "1.1.0");
        older.older = true;
        for nobody in ["", " "] {
            older.by = nobody.to_owned();
            assert_eq!(decide(&older, Some(0)), Err(Refusal::NobodyNamed));
        }
        older.by = "Kofi".to_owned();
        assert_eq!(decide(&older, None), Err(Refusal::NoAudit));
        let allowed = decide(&older, Some(0));
        assert_eq!(
            allowed,
            Ok(Allowed {
                older: true,
                high_alarms: 0
            })
        );
        let told = telling(&older, &allowed, "root");
        let words = |words: &Option<Masked<String>>| words.as_ref().map(|it| it.reveal().clone());
        assert_eq!(told.action, "update_install");
        assert_eq!(words(&told.before).as_deref(), Some("1.2.0"));
        assert_eq!(
            words(&told.after).as_deref(),
            Some("1.1.0, decided by Kofi, although it is older")
        );
    }

    #[test]
    fn a15_nothing_is_done_while_a_high_alarm_is_open_unless_a_named_person_says_so() {
        for step in [Step::Install, Step::Restart, Step::Back] {
            let mut asked = asked(step, "1.2.0", "1.3.0");
            asked.by = "Kofi".to_owned();
            assert_eq!(decide(&asked, Some(2)), Err(Refusal::HighAlarm(2)));
            asked.during_alarm = true;
            assert_eq!(
                decide(&asked, Some(2)),
                Ok(Allowed {
                    older: false,
                    high_alarms: 2
                })
            );
            asked.by.clear();
            assert_eq!(decide(&asked, Some(2)), Err(Refusal::NobodyNamed));
        }
    }

    #[test]
    fn a16_where_no_post_runs_a_newer_one_and_the_way_back_stay_open() {
        assert!(decide(&asked(Step::Install, "1.2.0", "1.3.0"), None).is_ok());
        assert!(decide(&asked(Step::Restart, "1.2.0", "1.3.0"), None).is_ok());
        let mut back = asked(Step::Back, "1.2.0", "1.1.0");
        assert_eq!(decide(&back, None), Err(Refusal::NobodyNamed));
        back.by = "Kofi".to_owned();
        assert!(decide(&back, None).is_ok());
    }
}
