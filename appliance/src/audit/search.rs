//! Which entries somebody looks for.

use clap::Args;
use vitals::audit::{Actor, Entry};
use vitals::{Event, Lane, Record, WallTime};

use crate::export;
use crate::store::{Store, StoreError};

/// What is looked for; nothing named = everything. An entry whose time nobody knows is in every stretch of time.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only from this moment on: `2026-11-23` or `2026-11-23T14:30:00Z` (UTC).
    #[arg(long, value_parser = export::moment)]
    pub from: Option<WallTime>,
    /// Only before this moment; a date alone includes that day.
    #[arg(long, value_parser = export::end)]
    pub to_date: Option<WallTime>,
    /// Only what this account, doctor or user did.
    #[arg(long)]
    pub person: Option<String>,
    /// Only this action: `acknowledge`, `sign_in`, `export`, ...
    #[arg(long)]
    pub action: Option<String>,
    /// Only about this patient: the id of the stay.
    #[arg(long)]
    pub patient: Option<String>,
    /// At most so many.
    #[arg(long)]
    pub limit: Option<u64>,
}

impl Wanted {
    /// True when this entry is looked for.
    pub fn fits(&self, entry: &Entry) -> bool {
        let told = &entry.deed.told;
        let person = match &told.who {
            Actor::Person { id, .. } | Actor::Centre { id, .. } => Some(id),
            Actor::System { user } => Some(user),
            Actor::Post | Actor::Nobody => None,
        };
        let about = |patient: &String| {
            let mut parts = told.subject.split(' ');
            parts.any(|part| part.strip_prefix("admission:") == Some(patient))
        };
        let in_time = entry.deed.wall.is_none_or(|wall| {
            self.from.is_none_or(|from| wall >= from) && self.to_date.is_none_or(|to| wall < to)
        });
        in_time
            && self.person.as_ref().is_none_or(|wanted| person == Some(wanted))
            && self.action.as_ref().is_none_or(|wanted| told.action == *wanted)
            && self.patient.as_ref().is_none_or(about)
    }
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Newest first.
    pub entries: Vec<Entry>,
    /// There may be more behind the last one.
    pub more: bool,
}

/// Events looked at for one page: some seconds of the card's time at most. Whoever wants to look further back asks again with
/// the time of the last entry as the end.
const LOOKED_AT_MAX: u64 = 100_000;

/// The newest entries that fit, at most `wanted.limit` or `most`. Only what is on the card is found. Reads the card: keep it
/// off latency-critical tasks.
///
/// # Errors
/// The card cannot be read at the moment.
pub fn search(store: &Store, wanted: &Wanted, most: u64) -> Result<Page, StoreError> {
    let limit = usize::try_from(wanted.limit.unwrap_or(most).min(most)).unwrap_or(usize::MAX);
    let mut page = Page::default();
    let mut looked_at = 0;
    store.read_back(Lane::Events, |_, record| {
        looked_at += 1;
        if let Record::Event { event, .. } = record
            && let Event::Audited(entry) = event
            && wanted.fits(&entry)
        {
            if page.entries.len() == limit {
                page.more = true;
                return false;
            }
            page.entries.push(*entry);
        }
        page.more = looked_at == LOOKED_AT_MAX;
        !page.more
    })?;
    Ok(page)
}
