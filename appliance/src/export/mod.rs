//! `vitalpost export`: one lane of a store as a table (CSV) or as one JSON line per record, for spreadsheets, studies and
//! rescue.
//!
//! - E1: the store is only read, never changed (A1 in `store::archive`); it works on a stopped post's store, on a copy,
//!   a backup and a damaged file that was set aside, as far as that can be read.
//! - E2 (I8): each record carries its wall time by the best anchor of its boot, with its trust, and its boot and
//!   monotonic time. A record of a boot without anchor has no wall time, and is written whatever dates are asked for.
//! - E3 (I5): an absent value is an empty cell or `null` with its reason, never a number.
//! - E5 (I3): each record carries the stay that it was recorded for, and as which stay that counts: both are one patient's
//!   where a person said so (`Merged`).
//! - E4: an export that did not end well never stands under the name asked for.

mod csv;
mod dates;
mod handover;
mod json;
#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use vitals::patient::Merges;
use vitals::{AdmissionId, BedId, ClockAnchor, ClockTrust, Lane, PostId, Record, Stamp, WallTime};

pub(crate) use csv::cell;
pub(crate) use dates::{end, moment, shown};

use crate::config::{self, ConfigErrors};
use crate::store::{Archive, Kept, KeySource, StoreError, Unread};

/// What to export, from where and to where.
#[derive(Args, Debug)]
pub struct ExportArgs {
    /// The configuration file: says where the store is and what the post is called.
    #[arg(long, default_value = "/etc/vitalpost/vitalpost.toml")]
    config: PathBuf,
    /// Read this file instead of the post's store: a backup, a copy, or a damaged file that was set aside. No
    /// configuration is needed then.
    #[arg(long)]
    store: Option<PathBuf>,
    /// The key of a sealed store, when it is not the one of [store] key in the configuration.
    #[arg(long)]
    key: Option<PathBuf>,
    /// The file to write, which must not exist; `-` writes to standard output.
    #[arg(long)]
    to: PathBuf,
    /// A table for spreadsheets, or one JSON line per record.
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
    /// Only from this moment on: `2026-11-23` or `2026-11-23T14:30:00Z` (UTC).
    #[arg(long, value_parser = dates::moment)]
    from: Option<WallTime>,
    /// Only before this moment; a date alone includes that day.
    #[arg(long, value_parser = dates::end)]
    to_date: Option<WallTime>,
    /// Only records of this bed.
    #[arg(long)]
    bed: Option<BedId>,
    /// Only records of this patient: of this stay, and of those that turned out to be the same patient's.
    #[arg(long)]
    admission: Option<AdmissionId>,
    /// vitals, summaries, alerts, events or waves.
    #[arg(long, default_value = "vitals", value_parser = lane)]
    lane: Lane,
}

/// How records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table, one line per record; vitals and summaries only.
    Csv,
    /// One JSON line per record.
    Json,
}

fn lane(text: &str) -> Result<Lane, String> {
    Lane::from_key(text).ok_or_else(|| "the lanes are vitals, summaries, alerts, events and waves".to_owned())
}

/// Why nothing, or not everything, was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// The store cannot be read.
    #[error(transparent)]
    Store(StoreError),
    /// The post runs.
    #[error("the store {} is in use by a running vitalpost: stop it first, or make a copy with `vitalpost backup` and export that with --store", .file.display())]
    InUse {
        /// The store.
        file: PathBuf,
    },
    /// There is a file of that name.
    #[error("{} is there already and is not overwritten: choose another name for --to", .file.display())]
    There {
        /// The file.
        file: PathBuf,
    },
    /// Alarms, events and curves do not fit a table.
    #[error("the lane {lane} has no table form: use --format json")]
    NoTable {
        /// The lane.
        lane: Lane,
    },
    /// The end is not behind the begin.
    #[error("--to-date is not after --from: nothing lies between")]
    Backwards,
    /// The export cannot be written.
    #[error("cannot write the export to {} ({source}): check its folder, its rights and the free space", .file.display())]
    Write {
        /// Where to.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Whoever read the export ended first.
    #[error("the reader of the export ended before it was complete")]
    Broken,
}

impl From<StoreError> for ExportError {
    fn from(error: StoreError) -> ExportError {
        match error {
            StoreError::Locked { file } => ExportError::InUse { file },
            error => ExportError::Store(error),
        }
    }
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Records written.
    pub records: u64,
    /// Of them, without wall time.
    pub undated: u64,
    /// Stretches that could not be read.
    pub unread: Vec<Unread>,
    /// The store had not been closed in order.
    pub mended: bool,
}

/// What is exported.
struct Source {
    store: PathBuf,
    key: Option<KeySource>,
    /// Known only with a configuration.
    post: Option<PostId>,
}

impl Source {
    fn new(store: PathBuf, key: Option<PathBuf>, post: Option<PostId>) -> Source {
        let key = key.map(KeySource::File);
        Source { store, key, post }
    }
}

/// Runs the command and tells on standard error what came of it.
///
/// # Errors
/// One sentence about what is wrong and what to do.
pub fn run(args: &ExportArgs) -> Result<(), ExportError> {
    let source = match &args.store {
        Some(store) => Source::new(store.clone(), args.key.clone(), None),
        None => {
            let config = config::load(&args.config)?;
            let key = args.key.clone().or(config.store.key);
            Source::new(config.store.path, key, Some(config.post))
        }
    };
    let exported = if args.to == Path::new("-") {
        let out = BufWriter::new(io::stdout().lock());
        match export(&source, args, out) {
            // `vitalpost export --to - | head` is no error.
            Err(ExportError::Broken) => return Ok(()),
            exported => exported?,
        }
    } else {
        to_file(&source, args)?
    };
    tell(&exported);
    Ok(())
}

fn tell(exported: &Exported) {
    if exported.mended {
        eprintln!(
            "The store was not closed in order (power cut, or a copy of a running post). It was put right in memory only; \
             the file itself was not changed. What had not been committed is not in it."
        );
    }
    for Unread { lane, from, to } in &exported.unread {
        let from = format!("epoch {} number {}", from.0, from.1.0);
        match to {
            Some(to) => eprintln!(
                "Could not be read: lane {lane} from {from} to before epoch {} number {}.",
                to.0, to.1.0
            ),
            None => eprintln!("Could not be read: lane {lane} from {from} to its end."),
        }
    }
    if exported.undated > 0 {
        eprintln!(
            "{} records have no wall time: the clock of their boot was never written down. They are in the export, \
             whatever dates were asked for.",
            exported.undated
        );
    }
    eprintln!("{} records exported.", exported.records);
}

/// Writes beside the name first, so that half an export never looks like a whole one.
fn to_file(source: &Source, args: &ExportArgs) -> Result<Exported, ExportError> {
    let file = &args.to;
    let failed = |source: io::Error| ExportError::Write {
        file: file.clone(),
        source,
    };
    if file.exists() {
        return Err(ExportError::There { file: file.clone() });
    }
    let mut unfinished = file.clone().into_os_string();
    unfinished.push(".part");
    let unfinished = PathBuf::from(unfinished);
    let out = File::create(&unfinished).map_err(failed)?;
    let exported = export(source, args, BufWriter::new(&out))
        .and_then(|exported| out.sync_all().map(|()| exported).map_err(failed))
        .and_then(|exported| fs::rename(&unfinished, file).map(|()| exported).map_err(failed));
    if exported.is_err() {
        // It is of no use; when it cannot be removed either, its name says what it is.
        let _ = fs::remove_file(&unfinished);
    }
    exported
}

/// Writes the records that are asked for.
fn export(source: &Source, args: &ExportArgs, mut out: impl Write) -> Result<Exported, ExportError> {
    if args.from.zip(args.to_date).is_some_and(|(from, to)| to <= from) {
        return Err(ExportError::Backwards);
    }
    let table = match args.format {
        Format::Csv => Some(csv::columns(args.lane).ok_or(ExportError::NoTable { lane: args.lane })?),
        Format::Json => None,
    };
    let archive = Archive::open(&source.store, source.key.clone())?;
    let (anchors, merges) = archive.anchors_and_merges()?;
    let clock = Clock::new(anchors);
    let mut exported = Exported {
        mended: archive.was_mended(),
        ..Exported::default()
    };
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::BrokenPipe => ExportError::Broken,
        _ => ExportError::Write {
            file: args.to.clone(),
            source,
        },
    };
    if let Some(columns) = table {
        csv::head(&mut out, columns).map_err(failed)?;
    }
    exported.unread = archive.read(args.lane, |kept| {
        let kept = args.narrowed(kept, &merges);
        let time = clock.resolve(&kept);
        if !args.wants(&kept.record, time, &merges) {
            return Ok(());
        }
        exported.records += 1;
        exported.undated += u64::from(time.is_none());
        match table {
            Some(columns) => csv::line(&mut out, columns, &kept, time, &merges),
            None => json::line(&mut out, source.post.as_ref(), args.lane, (&kept, time), &merges),
        }
        .map_err(failed)
    })?;
    out.flush().map_err(failed)?;
    Ok(exported)
}

/// Wall time and how far to believe it.
type Time = Option<(WallTime, ClockTrust)>;

/// The best anchor of each boot.
struct Clock(Vec<ClockAnchor>);

impl Clock {
    fn new(mut anchors: Vec<ClockAnchor>) -> Clock {
        // As in `Stamp::resolve`, which then has one anchor per boot to look at.
        anchors.sort_by_key(|anchor| std::cmp::Reverse((anchor.boot, anchor.trust, anchor.mono)));
        anchors.dedup_by_key(|anchor| anchor.boot);
        anchors.reverse();
        Clock(anchors)
    }

    fn resolve(&self, kept: &Kept) -> Time {
        let found = self
            .0
            .binary_search_by_key(&kept.boot, |anchor| anchor.boot)
            .ok()?;
        let stamp = Stamp {
            boot: kept.boot,
            mono: kept.record.at(),
        };
        stamp.resolve(self.0.get(found..=found)?)
    }
}

impl ExportArgs {
    fn wants(&self, record: &Record, time: Time, merges: &Merges) -> bool {
        let in_time = time.is_none_or(|(at, _)| {
            self.from.is_none_or(|from| at >= from) && self.to_date.is_none_or(|to| at < to)
        });
        if let Some(is_wanted) = self.wants_handover(record) {
            return in_time && is_wanted;
        }
        let of_patient = |admission: &AdmissionId| {
            let of = stays_of(record);
            of.iter().any(|of| merges.is_one(of, admission))
        };
        in_time
            && self.bed.as_ref().is_none_or(|bed| is_of(record, bed))
            && self.admission.as_ref().is_none_or(of_patient)
    }
}

fn is_of(record: &Record, bed: &BedId) -> bool {
    match record {
        Record::Event {
            event: vitals::Event::Transferred(transferred),
            ..
        } => [&transferred.from, &transferred.to].contains(&bed),
        _ => bed_of(record) == Some(bed),
    }
}

/// The stays that a record names.
fn stays_of(record: &Record) -> Vec<AdmissionId> {
    let fields = vitals::json::fields(record);
    let named = ["admission", "from", "into"].into_iter();
    let named = named.filter_map(|name| fields.get(name)?.as_str()?.parse().ok());
    named.collect()
}

/// The stay as which the one of a record counts.
fn patient_of(fields: &serde_json::Map<String, serde_json::Value>, merges: &Merges) -> Option<AdmissionId> {
    let admission = fields.get("admission")?.as_str()?.parse().ok()?;
    Some(merges.root(&admission).clone())
}

fn bed_of(record: &Record) -> Option<&BedId> {
    use vitals::Event;
    match record {
        Record::Reading(reading) => reading.bed.as_ref(),
        Record::Summary(summary) => summary.bed.as_ref(),
        Record::Wave(wave) => wave.bed.as_ref(),
        Record::Alarm(change) => change.bed.as_ref(),
        Record::Event { event, .. } => match event {
            Event::Bound(binding) => binding.bed.as_ref(),
            Event::Message { bed, .. } => bed.as_ref(),
            Event::LimitProposed { proposal, .. } => Some(&proposal.bed),
            Event::Identified(identified) => Some(&identified.bed),
            Event::Merged { bed, .. } => Some(bed),
            Event::LimitsSet(set) => Some(&set.bed),
            Event::Signals { place, .. } => place.as_ref(),
            Event::SpecimenTaken(specimen) => Some(&specimen.bed),
            Event::Discharged(discharged) => Some(&discharged.bed),
            Event::Observed(observed) => Some(&observed.bed),
            Event::CareTold(told) => Some(&told.bed),
            Event::NoteWritten(note) => Some(&note.bed),
            Event::NoteWithdrawn(withdrawn) => Some(&withdrawn.bed),
            Event::LabAssigned(assignment) => Some(&assignment.bed),
            Event::Lab(record) => match &record.whose {
                vitals::Whose::Patient { bed, .. } => Some(bed),
                vitals::Whose::Nobody(_) => None,
            },
            _ => None,
        },
        Record::Site(_) => None,
    }
}
