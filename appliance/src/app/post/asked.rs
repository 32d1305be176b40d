//! What people at the post and the centre ask for; each is told to the audit, done or refused (I9).

use vitals::audit::{Actor, Outcome, Telling};
use vitals::delivery::{Act, Deed};
use vitals::wire::{Command, CommandKind};
use vitals::{AlarmId, Event, Masked, MonoTime, Stamp};

use super::super::downlink::Known;
use super::Post;
use super::audit::Did;
use crate::access::By;
use crate::relay::Given;
use crate::web::Request;
use alarms::AcknowledgeError;

impl Post {
    /// A person at the post asks for something. The browser may be gone by now; what was done stands all the same.
    pub fn request(&mut self, request: Request, now: MonoTime) {
        match request {
            Request::Acknowledge { alarm, by, answer } => {
                let _ = answer.send(self.acknowledge(alarm, &by, now));
            }
            Request::Read { message, by, answer } => {
                let read = self.past.downlink.read(message, by.name());
                let result = read.map(|event| self.event(now, event));
                let did = Did {
                    by: &by,
                    action: "read_message",
                    subject: format!("message:{message:032x}"),
                    before: None,
                    after: None,
                    result: &result,
                };
                self.audit(did.into(), now);
                let _ = answer.send(result);
            }
            Request::OfDevices(request) => self.of_devices(request, now),
            Request::OfSignals(request) => self.of_signals(request, now),
            Request::OfPatients(request) => self.of_patients(request, now),
            Request::OfScores(request) => self.of_scores(request, now),
            Request::OfNursing(request) => self.of_nursing(request, now),
            Request::Audit(telling) => self.audit(telling, now),
        }
    }

    fn acknowledge(&mut self, alarm: AlarmId, by: &By, now: MonoTime) -> Result<(), AcknowledgeError> {
        let open = self.alarms.open();
        let before = open.into_iter().find(|open| open.id == alarm).cloned();
        let mut result = Ok(());
        self.raise(now, |alarms, out| {
            result = alarms.acknowledge(alarm, by.name(), now, out);
        });
        let mut subject = format!("alarm:{alarm}");
        if let Some(before) = &before {
            let bed = before.bed.iter().map(|bed| format!(" bed:{bed}"));
            let admission = before.admission.iter().map(|stay| format!(" admission:{stay}"));
            subject.extend(bed.chain(admission));
        }
        let did = Did {
            by,
            action: "acknowledge",
            subject,
            before: before.map(|before| format!("{} {:?}", before.condition, before.phase).to_lowercase()),
            after: Some("acknowledged".to_owned()),
            result: &result,
        };
        self.audit(did.into(), now);
        result
    }

    /// The centre asks for something; whatever repeats is answered once.
    pub fn command(&mut self, given: Given, now: MonoTime) {
        let Given { command, expired } = given;
        let at = Stamp {
            boot: self.clock.boot(),
            mono: now,
        };
        let (alarms, past) = (&self.alarms, &mut self.past);
        let known = Known {
            beds: &self.beds,
            has_alarm: &|alarm| {
                alarms.has_raised(alarm) || past.tracks.is_open(alarm) || past.runs.contains(&alarm.epoch)
            },
        };
        let mut telling = told_by_the_centre(&command);
        let mut is_told = true;
        let Some(event) = past.downlink.answer(command, expired, at, &known) else {
            return;
        };
        match &event {
            Event::Seen {
                alarm,
                by,
                by_id,
                command,
            } => {
                let who = (by.clone(), by_id.clone());
                past.tracks.seen(*alarm, who, *command, Some(now));
            }
            Event::Deed { deed, at, command } => {
                past.tracks.did(deed.clone(), *command, (*at, Some(now)));
                // What stood on a screen is a step of the alarm's way, and nobody's decision.
                is_told = deed.act.is_decided();
            }
            Event::CommandRefused { command, reason } => {
                tracing::warn!(
                    command = format!("{command:032x}"),
                    ?reason,
                    "a command of the centre is refused"
                );
                telling.outcome = Outcome::Refused;
                telling.after = Some(Masked::new(format!("{reason:?}")));
            }
            _ => {}
        }
        self.event(now, event);
        if is_told {
            self.audit(telling, now);
        }
    }
}

/// What was done with an alarm: the action, the alarm, and what it says.
fn of_a_deed(deed: &Deed) -> (&'static str, String, Option<String>) {
    let (action, says) = match &deed.act {
        Act::Shown => ("centre_shown", None),
        Act::Read => ("centre_read", None),
        Act::Accepted { until } => {
            let until = format!("until {} ms", until.as_unix_ms());
            ("centre_accepted", Some(until))
        }
        Act::Rejected { reason, words } => {
            let says = format!("{reason:?} {words}");
            ("centre_rejected", Some(says.trim_end().to_owned()))
        }
        Act::Offered { to, to_id } => ("centre_offered", Some(format!("{to} ({to_id})"))),
        Act::Declined => ("centre_declined", None),
        Act::Called { .. } => ("centre_called", None),
    };
    (action, format!("alarm:{}", deed.alarm), says)
}

/// A command as the audit tells it, when it is done.
fn told_by_the_centre(command: &Command) -> Telling {
    let id = command.id;
    let who = match command.kind.person() {
        Some((name, account)) => Actor::Centre {
            id: account.to_owned(),
            name: Masked::new(name.to_owned()),
        },
        None => Actor::Nobody,
    };
    let message = format!("message:{id:032x}");
    let (action, subject, after) = match &command.kind {
        CommandKind::Seen { alarm, .. } => ("centre_seen", format!("alarm:{alarm}"), None),
        CommandKind::Message { bed, .. } => {
            let bed = bed.as_ref().map(|bed| format!(" bed:{bed}")).unwrap_or_default();
            ("centre_message", format!("{message}{bed}"), None)
        }
        CommandKind::ProposeLimit(proposal) => {
            let code = proposal.code.info().key;
            let limit = format!("{code} {:?} {}", proposal.side, proposal.limit).to_lowercase();
            let subject = format!("{message} bed:{}", proposal.bed);
            ("centre_limit_proposal", subject, Some(limit))
        }
        CommandKind::Deed(deed) => of_a_deed(deed),
        CommandKind::Unknown => ("centre_command", message, None),
    };
    Telling {
        who,
        from: "centre".to_owned(),
        action: action.to_owned(),
        outcome: Outcome::Done,
        subject,
        before: None,
        after: after.map(Masked::new),
    }
}
