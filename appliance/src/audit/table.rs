//! Entries as lines for people and as a table.

use vitals::ClockTrust;
use vitals::audit::{Actor, Entry, Outcome};

use crate::export;

/// Who acts: kind, id and name.
pub(super) fn who(actor: &Actor) -> (&'static str, &str, &str) {
    match actor {
        Actor::Person { id, name } => ("person", id, name.reveal()),
        Actor::Centre { id, name } => ("centre", id, name.reveal()),
        Actor::System { user } => ("system", user, ""),
        Actor::Post => ("post", "", ""),
        Actor::Nobody => ("nobody", "", ""),
    }
}

fn outcome(entry: &Entry) -> &'static str {
    match entry.deed.told.outcome {
        Outcome::Done => "done",
        Outcome::Refused => "refused",
    }
}

fn trust(trust: ClockTrust) -> &'static str {
    match trust {
        ClockTrust::Untrusted => "untrusted",
        ClockTrust::Holdover => "holdover",
        ClockTrust::Synchronised => "synchronised",
    }
}

/// One line for a person. A text that came from outside may hold anything; here it makes no second line and no control
/// character.
pub fn shown(entry: &Entry) -> String {
    let told = &entry.deed.told;
    let time = entry.deed.wall.map_or("(no time)".to_owned(), export::shown);
    let (kind, id, name) = who(&told.who);
    let who = [kind, id, name].into_iter().filter(|word| !word.is_empty());
    let who: Vec<&str> = who.collect();
    let mut line = format!(
        "{} {time} {} {} {}",
        entry.number,
        who.join(" "),
        told.action,
        outcome(entry)
    );
    for (what, text) in [("from", &told.from), ("on", &told.subject)] {
        if !text.is_empty() {
            line += &format!("; {what} {text}");
        }
    }
    for (what, change) in [("before", &told.before), ("after", &told.after)] {
        if let Some(change) = change {
            line += &format!("; {what}: {}", change.reveal());
        }
    }
    line.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

/// The first line of the table.
pub fn csv_head() -> String {
    "number,time,trust,boot,at_ns,kind,person,name,from,action,outcome,subject,before,after,hash\r\n"
        .to_owned()
}

/// An entry as a line of the table (RFC 4180).
pub fn csv_line(entry: &Entry) -> String {
    let told = &entry.deed.told;
    let (kind, id, name) = who(&told.who);
    let words = |words: &Option<vitals::Masked<String>>| words.as_ref().map(|words| words.reveal().clone());
    let cells = [
        entry.number.to_string(),
        entry.deed.wall.map(export::shown).unwrap_or_default(),
        trust(entry.deed.trust).to_owned(),
        entry.deed.at.boot.to_string(),
        entry.deed.at.mono.as_ns().to_string(),
        kind.to_owned(),
        id.to_owned(),
        name.to_owned(),
        told.from.clone(),
        told.action.clone(),
        outcome(entry).to_owned(),
        told.subject.clone(),
        words(&told.before).unwrap_or_default(),
        words(&told.after).unwrap_or_default(),
        entry.hash.to_string(),
    ];
    let mut line = Vec::new();
    for (place, text) in cells.iter().enumerate() {
        if place > 0 {
            line.push(b',');
        }
        export::cell(&mut line, text, false).expect("writing to memory does not fail");
    }
    line.extend(b"\r\n");
    String::from_utf8_lossy(&line).into_owned()
}
