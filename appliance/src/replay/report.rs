//! What was raised, in words: recording by recording, and counted.

use std::io::{self, Write};
use std::time::Duration;

use alarms::Tuning;
use serde_json::{Value, json};
use vitals::{AlarmPhase, Decimal, Priority};

use super::Judged;
use super::burden::{Burden, Told};
use super::options::{Format, Part, RecordingArgs};
use super::table::{Cell, Table};
use crate::alarm_log::{Count, Step};

type Head = &'static [(&'static str, &'static str)];

const ALARMS: Head = &[
    ("recording", "recording"),
    ("at_s", "at"),
    ("priority", "priority"),
    ("condition", "condition"),
    ("value", "worst"),
    ("limit", "limit"),
    ("lasted_s", "how long"),
    ("steps", "steps"),
];

const SUMMARY: Head = &[
    ("priority", "priority"),
    ("condition", "condition"),
    ("alarms", "alarms"),
    ("announced", "announced"),
    ("announced_per_bed_day", "per bed-day"),
    ("soon_over_percent", "over within 15 s, %"),
];

const COMPARED: Head = &[
    ("rules", "rules"),
    ("alarms", "alarms"),
    ("announced", "announced"),
    ("announced_per_bed_day", "per bed-day"),
    ("high", "HIGH"),
    ("medium", "MEDIUM"),
    ("low", "LOW"),
    ("soon_over_percent", "over within 15 s, %"),
];

/// Most urgent first.
const PRIORITIES: [Priority; 3] = [Priority::High, Priority::Medium, Priority::Low];

/// What is said, and what was counted so far.
pub(super) struct Report<'a> {
    args: &'a RecordingArgs,
    /// By the name of the rules; the first are those that were asked for.
    burdens: Vec<(String, Vec<Part>, Burden)>,
    recordings: Vec<Value>,
    head_written: bool,
}

impl<'a> Report<'a> {
    pub fn new(args: &'a RecordingArgs) -> Report<'a> {
        use Part::{Deadband, Delay, Merging};
        let variants: &[&[Part]] = if args.compare {
            &[
                &[],
                &[Delay],
                &[Deadband],
                &[Merging],
                &[Delay, Deadband, Merging],
            ]
        } else {
            &[&[]]
        };
        let burden = |left_out: &&[Part]| (rules(left_out), left_out.to_vec(), Burden::default());
        Report {
            args,
            burdens: variants.iter().map(burden).collect(),
            recordings: Vec::new(),
            head_written: false,
        }
    }

    /// A recording, and what it tells by the rules.
    pub fn judged(
        &mut self,
        judged: &Judged,
        tried: &Tuning,
        told_by: impl Fn(&Tuning) -> Vec<Told>,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let length = judged.monitor.length();
        for (_, left_out, burden) in &mut self.burdens {
            let mut tuning = tried.clone();
            left_out.iter().for_each(|part| part.leave_out(&mut tuning));
            let told = told_by(&tuning);
            burden.add(length, &told);
            if self.args.compare || self.args.summary {
                continue;
            }
            match self.args.format {
                Format::Text => self::text(judged, &told, out)?,
                Format::Csv if !told.is_empty() => {
                    let table = listed(&judged.name, length, &told, false);
                    table.csv_rows(out, !self.head_written)?;
                    self.head_written = true;
                }
                Format::Csv => {}
                Format::Json => self.recordings.push(json!({
                    "recording": judged.name,
                    "length_s": length.as_secs_f64(),
                    "values": judged.monitor.names(),
                    "notes": judged.notes,
                    "alarms": listed(&judged.name, length, &told, false).json(),
                })),
            }
        }
        Ok(())
    }

    /// A recording that no alarm can come from.
    pub fn not_judged(&mut self, name: &str, why: &str, out: &mut impl Write) -> io::Result<()> {
        match self.args.format {
            Format::Text => writeln!(out, "{name}: NOT JUDGED: {why}")?,
            Format::Json => self
                .recordings
                .push(json!({ "recording": name, "not_judged": why })),
            // A table of alarms has no row for it.
            Format::Csv => tracing::warn!("{name}: not judged: {why}"),
        }
        Ok(())
    }

    /// The counts. False when there was nothing to count.
    pub fn end(self, out: &mut impl Write) -> io::Result<bool> {
        let Some((_, _, burden)) = self.burdens.first() else {
            return Ok(false);
        };
        let table = if self.args.compare {
            compared(&self.burdens)
        } else {
            summary(burden)
        };
        let counted_only = self.args.compare || self.args.summary;
        match self.args.format {
            Format::Text if burden.recordings > 0 => {
                writeln!(out, "{}", heading(burden, self.args))?;
                table.text(out, 2)?;
                if !self.args.compare {
                    let quiet = clock(burden.longest_quiet);
                    writeln!(out, "  longest time in one recording without an alarm: {quiet}")?;
                }
            }
            Format::Text => {}
            Format::Csv if counted_only => table.csv_rows(out, true)?,
            Format::Csv if !self.head_written => {
                listed("", Duration::ZERO, &[], false).csv_rows(out, true)?
            }
            Format::Csv => {}
            Format::Json => {
                let document = json!({
                    "category": self.args.category.key(),
                    "recordings_judged": burden.recordings,
                    "recordings_quiet": burden.quiet,
                    "bed_time_s": burden.bed_time.as_secs_f64(),
                    "longest_quiet_s": burden.longest_quiet.as_secs_f64(),
                    "recordings": self.recordings,
                    "counts": table.json(),
                });
                writeln!(out, "{document:#}")?;
            }
        }
        Ok(burden.recordings > 0)
    }
}

fn rules(left_out: &[Part]) -> String {
    let name = |part: &Part| match part {
        Part::Delay => "delay",
        Part::Deadband => "deadband",
        Part::Merging => "merging",
    };
    match left_out {
        [] => "as they are".to_owned(),
        parts => format!(
            "without {}",
            parts.iter().map(name).collect::<Vec<_>>().join(", ")
        ),
    }
}

fn heading(burden: &Burden, args: &RecordingArgs) -> String {
    let (recordings, quiet) = (burden.recordings, burden.quiet);
    let bed_days = burden.bed_time.as_secs_f64() / 86_400.0;
    let time = clock(burden.bed_time);
    let whole = format!(
        "{recordings} judged, {quiet} of them without any alarm; {time} at one bed = {bed_days:.2} bed-days"
    );
    let mut heading = format!("{whole}; limits: {}", args.category.key());
    if !args.limits.is_empty() {
        heading.push_str(", with those of --limit");
    }
    if !args.delays.is_empty() {
        heading.push_str("; delays of --delay");
    }
    if !args.without.is_empty() {
        heading.push_str(&format!("; {}", rules(&args.without)));
    }
    heading
}

fn text(judged: &Judged, told: &[Told], out: &mut impl Write) -> io::Result<()> {
    let length = judged.monitor.length();
    let what = judged.monitor.names().join(", ");
    let count = match told.len() {
        0 => "no alarm".to_owned(),
        1 => "1 alarm".to_owned(),
        more => format!("{more} alarms"),
    };
    writeln!(out, "{}: {} of {what}: {count}", judged.name, clock(length))?;
    if !judged.notes.is_empty() {
        writeln!(out, "  its header says: {}", judged.notes.join(", "))?;
    }
    if told.is_empty() {
        return Ok(());
    }
    let mut table = listed("", length, told, true);
    table.head = &ALARMS[1..];
    for row in &mut table.rows {
        row.remove(0);
    }
    table.text(out, 2)
}

fn listed(name: &str, length: Duration, told: &[Told], for_people: bool) -> Table {
    let time = |at: Duration| {
        if for_people {
            Cell::Word(clock(at))
        } else {
            seconds(at)
        }
    };
    let row = |alarm: &Told| {
        let (lasted, open) = alarm.lasted(length);
        let lasted = match (for_people, open) {
            (true, true) => Cell::Word(format!("{}, to the end", clock(lasted))),
            _ => time(lasted),
        };
        vec![
            name.into(),
            time(alarm.onset()),
            word(alarm.priority).into(),
            alarm.condition.key().into(),
            decimal(alarm.value),
            decimal(alarm.limit),
            lasted,
            steps(alarm).into(),
        ]
    };
    Table {
        head: ALARMS,
        rows: told.iter().map(row).collect(),
    }
}

/// Each step behind the onset with its second: `ended 35, active 61, ended 80`.
fn steps(alarm: &Told) -> String {
    let step = |step: &Step| {
        let phase = match step.phase {
            AlarmPhase::Active => "active",
            AlarmPhase::Acknowledged => "acknowledged",
            AlarmPhase::Latched => "latched",
            AlarmPhase::Ended => "ended",
        };
        format!("{phase} {}", seconds(step.at).text())
    };
    alarm.steps.iter().map(step).collect::<Vec<_>>().join(", ")
}

fn summary(burden: &Burden) -> Table {
    let row = |priority: &str, condition: &str, count: Count| {
        vec![
            priority.into(),
            condition.into(),
            Cell::whole(count.alarms),
            Cell::whole(count.announced),
            Cell::number(count.per_bed_day(burden.bed_time), 1),
            Cell::number(count.soon_over_percent(), 0),
        ]
    };
    let conditions = burden.by_condition.iter();
    let mut rows: Vec<Vec<Cell>> = conditions
        .map(|((priority, condition), count)| row(word(priority.0), condition, *count))
        .collect();
    for priority in PRIORITIES {
        rows.push(row(word(priority), "all", burden.total(Some(priority))));
    }
    rows.push(row("all", "all", burden.total(None)));
    Table { head: SUMMARY, rows }
}

fn compared(burdens: &[(String, Vec<Part>, Burden)]) -> Table {
    let row = |(rules, _, burden): &(String, Vec<Part>, Burden)| {
        let total = burden.total(None);
        let of = |priority| burden.total(Some(priority)).per_bed_day(burden.bed_time);
        let mut row = vec![
            rules.as_str().into(),
            Cell::whole(total.alarms),
            Cell::whole(total.announced),
            Cell::number(total.per_bed_day(burden.bed_time), 1),
        ];
        row.extend(PRIORITIES.map(|priority| Cell::number(of(priority), 1)));
        row.push(Cell::number(total.soon_over_percent(), 0));
        row
    };
    Table {
        head: COMPARED,
        rows: burdens.iter().map(row).collect(),
    }
}

fn word(priority: Priority) -> &'static str {
    match priority {
        Priority::High => "HIGH",
        Priority::Medium => "MEDIUM",
        Priority::Low => "LOW",
    }
}

fn decimal(value: Option<Decimal>) -> Cell {
    value.map_or(Cell::None, |value| {
        let value = value.trimmed();
        Cell::Number(value.as_f64(), usize::from(value.places()))
    })
}

fn seconds(at: Duration) -> Cell {
    let places = if at.subsec_millis() == 0 { 0 } else { 1 };
    Cell::Number(at.as_secs_f64(), places)
}

/// Hours, minutes, seconds: `31:07:05`.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}
