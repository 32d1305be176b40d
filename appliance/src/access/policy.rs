//! Who may do what: the one table. What it does not allow is refused.
//!
//! Sources: HIPAA 45 CFR 164.312(a), GDPR Art. 25 and 32 (least privilege, deny by default).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a person is at a post. One person may have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks, and changes nothing.
    Viewer,
    /// Cares for patients.
    Nurse,
    /// A nurse who also answers for the ward: its people, its screens, its patients' records.
    SeniorNurse,
    /// A doctor who is at the post.
    Doctor,
    /// Connects devices and keeps the box running; sees no names.
    Technician,
    /// Answers for privacy: reviews who looked at what, and emergencies.
    PrivacyOfficer,
    /// Reads the audit and changes nothing.
    Auditor,
}

impl Role {
    /// All of them, in the order of the table.
    pub const ALL: [Role; 7] = [
        Role::Viewer,
        Role::Nurse,
        Role::SeniorNurse,
        Role::Doctor,
        Role::Technician,
        Role::PrivacyOfficer,
        Role::Auditor,
    ];

    /// Its name in files, in the API and on the command line.
    pub const fn key(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Nurse => "nurse",
            Role::SeniorNurse => "senior_nurse",
            Role::Doctor => "doctor",
            Role::Technician => "technician",
            Role::PrivacyOfficer => "privacy_officer",
            Role::Auditor => "auditor",
        }
    }

    /// The role of this name.
    pub fn from_key(key: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.key() == key)
    }
}

impl accounts::people::Role for Role {
    fn manages_people(self) -> bool {
        Action::ManagePeople.is_allowed_to(&[self])
    }

    fn needs_second_factor(self) -> bool {
        self == Role::Doctor
    }
}

/// What a route asks of whoever calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing: signing in itself.
    Open,
    /// A registered screen of the ward, or a person who may see the ward.
    Screen,
    /// A person who may do this.
    Person(Action),
}

accounts::policy! {
    /// What can be done at a post. Each route of the API and each command of the centre names one.
    pub enum Action

    //                                      viewer nurse senior doctor technician privacy auditor
    /// See the ward: values, alarms, initials.
    SeeWard "see_ward"                      [1 1 1 1 1 1 1]
    /// See a patient's words, trends and results.
    SeeChart "see_chart"                    [0 1 1 1 0 0 0]
    /// Acknowledge an alarm.
    Acknowledge "acknowledge"               [0 1 1 1 0 0 0]
    /// Say that a message of the centre was read.
    ReadMessage "read_message"              [0 1 1 1 0 0 0]
    /// Say who lies in a bed, correct it, move and discharge.
    Admit "admit"                           [0 1 1 1 0 0 0]
    /// Say at which bed a device stands.
    Bind "bind"                             [0 1 1 1 1 0 0]
    /// Make one of two records that turned out to be one patient.
    Merge "merge"                           [0 0 1 1 0 0 0]
    /// Give a laboratory result to a patient, or set it aside.
    AssignResult "assign_result"            [0 1 1 1 0 0 0]
    /// Take what is recorded of a patient out of the box.
    Export "export"                         [0 0 1 1 0 1 0]
    /// Look at lines, counters and ports.
    SeeLines "see_lines"                    [0 0 1 0 1 0 0]
    /// Try ports, add lines and take them away, record what one hears.
    FitLines "fit_lines"                    [0 0 0 0 1 0 0]
    /// Run the self-test of the post, and sign what it found.
    SelfTest "self_test"                    [0 0 1 0 1 0 0]
    /// Make, change and disable accounts.
    ManagePeople "manage_people"            [0 0 1 0 0 0 0]
    /// Make a screen one of the ward's, on which a PIN is enough.
    RegisterScreen "register_screen"        [0 0 1 0 1 0 0]
    /// Read the audit.
    SeeAudit "see_audit"                    [0 0 0 0 0 1 1]
    /// Open a chart without the right to, for an hour and with a reason.
    OpenEmergency "open_emergency"          [1 1 1 1 1 0 0]
    /// Say that an emergency access was looked at.
    ReviewEmergency "review_emergency"      [0 0 0 0 0 1 0]
    /// Pause the sound of what calls, and switch signals on.
    PauseSound "pause_sound"                [0 1 1 1 0 0 0]
    /// Switch the sound off, or pause all signals for a procedure.
    RestSignals "rest_signals"              [0 0 1 1 0 0 0]
    /// Set the alarm limits of a patient.
    SetLimits "set_limits"                  [0 1 1 1 0 0 0]
    /// Enter what was found at the bedside, take it back, and say that a patient is pregnant or has a pacemaker.
    Observe "observe"                       [0 1 1 1 0 0 0]
    /// Write a note about a patient, and take one back.
    WriteNote "write_note"                  [0 1 1 1 0 0 0]
    /// Hand the ward over to the next shift, and take it over.
    HandOver "hand_over"                    [0 1 1 1 0 0 0]
    /// Say which saturation scale a patient is scored by.
    SetSpo2Scale "set_spo2_scale"           [0 0 1 1 0 0 0]
    /// Read the log of alarms, its figures and the weekly report.
    SeeAlarmLog "see_alarm_log"             [0 1 1 1 0 1 1]
}

impl Action {
    /// True when a person without the role may do it for an hour, with a reason that is reviewed afterwards.
    pub const fn is_open_in_an_emergency(self) -> bool {
        matches!(self, Action::SeeChart)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i9_nobody_without_a_role_may_do_anything() {
        assert!(Action::all().all(|action| !action.is_allowed_to(&[])));
    }

    #[test]
    fn i9_only_those_who_care_for_patients_change_care_or_see_their_words() {
        let care = [
            Action::SeeChart,
            Action::Acknowledge,
            Action::ReadMessage,
            Action::Admit,
            Action::AssignResult,
            Action::Observe,
            Action::WriteNote,
            Action::HandOver,
        ];
        for role in Role::ALL {
            let cares = matches!(role, Role::Nurse | Role::SeniorNurse | Role::Doctor);
            for action in care {
                assert_eq!(action.is_allowed_to(&[role]), cares, "{action:?} {role:?}");
            }
        }
    }

    #[test]
    fn i9_a_competent_clinician_decides_about_the_saturation_scale_and_a_nurse_does_not() {
        for role in Role::ALL {
            let decides = matches!(role, Role::SeniorNurse | Role::Doctor);
            assert_eq!(Action::SetSpo2Scale.is_allowed_to(&[role]), decides, "{role:?}");
        }
    }

    #[test]
    fn whoever_reads_the_audit_does_not_make_the_accounts() {
        for role in Role::ALL {
            let both = Action::SeeAudit.is_allowed_to(&[role]) && Action::ManagePeople.is_allowed_to(&[role]);
            assert!(!both, "{role:?} could hide what it did");
        }
    }

    #[test]
    fn several_roles_add_up() {
        let roles = [Role::Viewer, Role::Technician];
        assert!(Action::Bind.is_allowed_to(&roles));
        assert!(!Action::SeeChart.is_allowed_to(&roles));
    }

    #[test]
    fn names_are_unique_and_roles_are_found_by_theirs() {
        let mut keys: Vec<_> = Action::all().map(Action::key).collect();
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
        assert!(
            Role::ALL
                .into_iter()
                .all(|role| Role::from_key(role.key()) == Some(role))
        );
    }
}
