//! Entries as FHIR R4 AuditEvents.
//!
//! The kinds that a hospital's audit repository knows get its codes (DICOM audit events, RESTful interactions); every other
//! action is an `operation` with its own key. The key itself stands in the detail of the first entity in any case.

use std::net::IpAddr;

use serde_json::{Value, json};
use vitals::audit::{Actor, Entry, Outcome};

use super::table::who;
use crate::export;

const DCM: &str = "http://dicom.nema.org/resources/ontology/DCM";
const EVENT_TYPE: &str = "http://terminology.hl7.org/CodeSystem/audit-event-type";
const REST: &str = "http://hl7.org/fhir/restful-interaction";

/// How a kind of action is called there.
struct Kind {
    of: (&'static str, &'static str, &'static str),
    sub: Option<(&'static str, &'static str, &'static str)>,
    /// Create, read, update, delete, execute.
    action: &'static str,
}

const fn dicom(
    code: &'static str,
    display: &'static str,
    sub: Option<(&'static str, &'static str)>,
    action: &'static str,
) -> Kind {
    let sub = match sub {
        Some((code, display)) => Some((DCM, code, display)),
        None => None,
    };
    Kind {
        of: (DCM, code, display),
        sub,
        action,
    }
}

const fn rest(interaction: &'static str, action: &'static str) -> Kind {
    Kind {
        of: (EVENT_TYPE, "rest", "RESTful Operation"),
        sub: Some((REST, interaction, interaction)),
        action,
    }
}

fn kind(action: &str) -> Kind {
    let login = |code, display| dicom("110114", "User Authentication", Some((code, display)), "E");
    let application = |code, display| dicom("110100", "Application Activity", Some((code, display)), "E");
    let security = |code, display| dicom("110113", "Security Alert", Some((code, display)), "E");
    match action {
        "sign_in" => login("110122", "Login"),
        "sign_out" => login("110123", "Logout"),
        "start" => application("110120", "Application Start"),
        "stop" => application("110121", "Application Stop"),
        "emergency" => security("110127", "Emergency Override Started"),
        "manage_people" | "claim" | "begin" => security("110137", "User Security Attributes Changed"),
        "export" => dicom("110106", "Export", None, "R"),
        "see_audit" => dicom("110101", "Audit Log Used", None, "R"),
        "see_chart" | "see_alarm_log" => rest("read", "R"),
        "centre_message" | "centre_limit_proposal" | "take_specimen" => rest("create", "C"),
        "acknowledge" | "read_message" | "admit" | "discharge" | "transfer" | "assign_result"
        | "set_aside_result" | "bind" | "merge" | "same_patient" | "centre_seen" => rest("update", "U"),
        _ => rest("operation", "E"),
    }
}

fn coding((system, code, display): (&str, &str, &str)) -> Value {
    json!({"system": system, "code": code, "display": display})
}

/// An entry as an AuditEvent of this post.
pub fn event(entry: &Entry, post: &str) -> Value {
    let told = &entry.deed.told;
    let Kind { of, sub, action } = kind(&told.action);
    let mut event = json!({
        "resourceType": "AuditEvent",
        "type": coding(of),
        "action": action,
        "outcome": if told.outcome == Outcome::Done { "0" } else { "4" },
        "agent": [agent(entry)],
        "source": {"site": post, "observer": of_system("post", post), "type": [
            {"system": "http://terminology.hl7.org/CodeSystem/security-source-type", "code": "4"}]},
        "entity": entities(entry),
    });
    if let Some(sub) = sub {
        event["subtype"] = json!([coding(sub)]);
    }
    match entry.deed.wall {
        Some(wall) => event["recorded"] = export::shown(wall).into(),
        // Nobody knows when; the order of the entries still holds.
        None => {
            event["_recorded"] = json!({"extension": [{
                "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
                "valueCode": "unknown",
            }]});
        }
    }
    if told.outcome == Outcome::Refused
        && let Some(why) = told.after.as_ref().filter(|why| !why.reveal().is_empty())
    {
        event["outcomeDesc"] = why.reveal().as_str().into();
    }
    event
}

fn of_system(kind: &str, id: &str) -> Value {
    json!({"identifier": {"system": format!("urn:vitalpost:{kind}"), "value": id}})
}

fn agent(entry: &Entry) -> Value {
    let told = &entry.deed.told;
    let (kind, id, name) = who(&told.who);
    let mut agent = json!({"requestor": true});
    match &told.who {
        Actor::Post => agent["name"] = "vitalpost".into(),
        Actor::Nobody => agent["name"] = "not identified".into(),
        Actor::Person { .. } | Actor::Centre { .. } | Actor::System { .. } => {
            agent["who"] = of_system(kind, id);
            if !name.is_empty() {
                agent["name"] = name.into();
            }
        }
    }
    if !told.from.is_empty() {
        let is_address = told.from.parse::<IpAddr>().is_ok();
        agent["network"] = json!({"address": told.from, "type": if is_address { "2" } else { "1" }});
    }
    agent
}

/// What it was done on, a patient's stay first among them where there is one; with the details at the first.
fn entities(entry: &Entry) -> Value {
    let told = &entry.deed.told;
    let parts = told.subject.split(' ').filter_map(|part| part.split_once(':'));
    let mut entities: Vec<Value> = parts
        .map(|(kind, id)| {
            let mut entity = json!({"what": of_system(kind, id)});
            if kind == "admission" {
                entity["role"] =
                    json!({"system": "http://terminology.hl7.org/CodeSystem/object-role", "code": "1"});
            }
            entity
        })
        .collect();
    if entities.is_empty() {
        entities.push(json!({"name": told.action}));
    }
    let mut detail = vec![
        json!({"type": "action", "valueString": told.action}),
        json!({"type": "number", "valueString": entry.number.to_string()}),
        json!({"type": "hash", "valueString": entry.hash.to_string()}),
    ];
    for (what, change) in [("before", &told.before), ("after", &told.after)] {
        if let Some(change) = change.as_ref().filter(|change| !change.reveal().is_empty()) {
            detail.push(json!({"type": what, "valueString": change.reveal()}));
        }
    }
    entities[0]["detail"] = detail.into();
    entities.into()
}
