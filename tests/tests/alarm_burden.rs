//! What recorded patients would raise at a post: kept recording by recording as golden files, and the document about it
//! (docs/alarm-burden.md) says what the command says. Only our own counts are kept, no number of a patient.
//!
//! `UPDATE_EXPECT=1 cargo nextest run -p tests -E 'binary(alarm_burden)'` writes both anew; read the difference.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use alarms::Tuning;
use appliance::replay::{self, Opened, RecordingArgs, Told};
use clap::Parser;
use tests::recordings;
use vitals::Category;

/// Each golden file and the recordings it is about.
const GOLDENS: [(&str, &[&str]); 3] = [
    ("bidmc", &["bidmc"]),
    ("false_alarms", &["wfdb/v102s", "wfdb/a103l"]),
    (
        "trends",
        &[
            "wfdb/s00001n/s00001-2896-10-10-00-31n",
            "derived/icu_trend_72min_1min.csv",
        ],
    ),
];

/// What a command of the document begins with; what it prints follows, as far as lines are indented as it is.
const COMMAND: &str = "    $ vitalpost ";

/// Threads that replay beside each other.
const THREADS: usize = 4;

#[derive(Parser)]
struct Words {
    recording: PathBuf,
    #[arg(long)]
    alarms: bool,
    #[command(flatten)]
    how: RecordingArgs,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn document() -> String {
    std::fs::read_to_string(root().join("docs/alarm-burden.md")).expect("the document is there")
}

/// Holds `found` against the file, or writes it.
fn hold(path: &Path, found: &str) {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(path, found).expect("the file can be written");
        return;
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    let differs = found
        .lines()
        .zip(expected.lines())
        .find(|(found, expected)| found != expected);
    assert!(
        found == expected,
        "{} does not say what is raised: at first {differs:?}, {} lines for {} (UPDATE_EXPECT=1 writes it anew; read the \
         difference)",
        path.display(),
        found.lines().count(),
        expected.lines().count(),
    );
}

fn raised(monitor: &replay::Monitor, tuning: &Tuning) -> Vec<Told> {
    replay::alarms(&replay::play(monitor, Category::Adult, tuning))
}

fn announced(told: &[Told]) -> usize {
    told.iter().map(|alarm| alarm.stretches().count()).sum()
}

/// What one recording raises: no value of it, only our own counts and times.
fn story(name: String, file: &Path) -> String {
    let judged = match replay::open(name, file) {
        Opened::Judged(judged) => judged,
        Opened::NotJudged(name, _) => return format!("{name}: not judged\n"),
        Opened::Unreadable(error) => panic!("{error}"),
    };
    let told = raised(&judged.monitor, &Tuning::default());
    let without_all = Tuning {
        without_delay: true,
        without_deadband: true,
        without_merging: true,
        ..Tuning::default()
    };
    let bare = raised(&judged.monitor, &without_all);
    let mut story = format!(
        "{}: {} alarms, {} announcements; without delay, deadband, merging {}\n",
        judged.name,
        told.len(),
        announced(&told),
        announced(&bare)
    );
    for alarm in &told {
        let (lasted, open) = alarm.lasted(judged.monitor.length());
        let end = if open { ", to the end" } else { "" };
        let (at, lasted, times) = (
            alarm.onset().as_secs(),
            lasted.as_secs(),
            alarm.stretches().count(),
        );
        let condition = alarm.condition.key();
        let _ = writeln!(
            story,
            "  {:?} {condition} at {at} s, announced {times}, there {lasted} s{end}",
            alarm.priority
        );
    }
    story
}

/// The stories of all these, in order; several at a time.
fn stories(files: Vec<(String, PathBuf)>) -> String {
    let share = files.len().div_ceil(THREADS).max(1);
    let told = |part: Vec<(String, PathBuf)>| -> String {
        part.into_iter().map(|(name, file)| story(name, &file)).collect()
    };
    std::thread::scope(|scope| {
        let parts: Vec<_> = files
            .chunks(share)
            .map(|part| scope.spawn(|| told(part.to_vec())))
            .collect();
        parts
            .into_iter()
            .map(|part| part.join().expect("it is told"))
            .collect()
    })
}

#[test]
fn each_recording_raises_what_its_golden_file_says() {
    let Some(folder) = recordings::folder("alarms of all recordings") else {
        return;
    };
    for (name, paths) in GOLDENS {
        let files = paths
            .iter()
            .flat_map(|path| replay::named(&folder.join(path)).expect("it is there"));
        let golden = root().join(format!("tests/goldens/alarms/{name}.txt"));
        hold(&golden, &stories(files.collect()));
    }
}

/// The rows `| 13 | ... | why |` of the document: what each named BIDMC record raises, nothing more and nothing less.
#[test]
fn the_named_cases_raise_exactly_what_the_document_says_a_nurse_wants() {
    let Some(folder) = recordings::folder("the named cases of the recordings") else {
        return;
    };
    let document = document();
    let rows = document.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.split(" | ");
        let number: u32 = cells.next()?.trim().parse().ok()?;
        let wanted = cells.next()?.split('`').skip(1).step_by(2);
        Some((number, wanted.map(str::to_owned).collect::<Vec<_>>()))
    });
    let wanted: BTreeMap<u32, Vec<String>> = rows.collect();
    let named = [5, 13, 14, 19, 21, 22, 25, 28, 32, 33, 39, 41, 45, 46, 49, 53];
    assert_eq!(
        wanted.keys().copied().collect::<Vec<_>>(),
        named,
        "each named case has its row"
    );
    for (number, wanted) in wanted {
        let file = folder.join(format!("bidmc/bidmc_{number:02}_Numerics.csv"));
        let Opened::Judged(judged) = replay::open(number.to_string(), &file) else {
            panic!("record {number} cannot be judged")
        };
        let told = raised(&judged.monitor, &Tuning::default());
        let found: Vec<String> = told.iter().map(|alarm| alarm.condition.key()).collect();
        assert_eq!(found, wanted, "record {number}");
    }
}

/// The trap of the trends: hundreds of zeros that mean "not measured". They raise nothing, and no value of any alarm is one.
#[test]
fn i5_zeros_of_the_trends_raise_nothing() {
    let Some(folder) = recordings::folder("the zeros of the trends") else {
        return;
    };
    for trend in [
        "derived/icu_trend_32h_1min.csv",
        "derived/icu_trend_72min_1min.csv",
    ] {
        let text = std::fs::read_to_string(folder.join(trend)).expect("the trend can be read");
        let zeros = text
            .lines()
            .flat_map(|line| line.split(',').skip(1))
            .filter(|cell| *cell == "0.0");
        assert!(zeros.count() > 50, "{trend} is the trap that it is said to be");
        let Opened::Judged(judged) = replay::open(trend.to_owned(), &folder.join(trend)) else {
            panic!("{trend} cannot be judged")
        };
        for alarm in raised(&judged.monitor, &Tuning::default()) {
            assert!(
                alarm.value.is_none_or(|value| value.as_f64() > 0.0),
                "{trend}: {alarm:?}"
            );
        }
        // A patient of whom nothing but zeros is told is a patient of whom nothing is known.
        let zeros: String = text
            .lines()
            .enumerate()
            .map(|(line, text)| match text.split_once(',') {
                Some((time, rest)) if line > 0 => {
                    let zeros = vec!["0.0"; rest.split(',').count()].join(",");
                    format!("{time},{zeros}\n")
                }
                _ => format!("{text}\n"),
            })
            .collect();
        let file = tempfile::Builder::new()
            .suffix(".csv")
            .tempfile()
            .expect("a file");
        std::fs::write(file.path(), zeros).expect("it can be written");
        let Opened::Judged(judged) = replay::open("zeros".to_owned(), file.path()) else {
            panic!("zeros are numbers in a file")
        };
        assert_eq!(
            raised(&judged.monitor, &Tuning::default()),
            [],
            "{trend} as zeros"
        );
    }
}

/// What a command of the document prints, run in the folder of recordings; each line as it stands in the document.
fn said(command: &str, folder: &Path) -> String {
    let words = Words::try_parse_from(command.split_whitespace()).unwrap_or_else(|error| panic!("{error}"));
    assert!(words.alarms, "{command}");
    let mut out = Vec::new();
    let told = replay::replay(&folder.join(&words.recording), &words.how, &mut out);
    let told = told.err().map(|error| format!("vitalpost: {error}\n"));
    let out = String::from_utf8(out).expect("text") + &told.unwrap_or_default();
    out.lines().map(|line| format!("    {line}\n")).collect()
}

#[test]
fn the_document_says_what_its_commands_say() {
    let Some(folder) = recordings::folder("the commands of docs/alarm-burden.md") else {
        return;
    };
    let document = document();
    let commands: Vec<&str> = document
        .lines()
        .filter_map(|line| line.strip_prefix(COMMAND))
        .collect();
    assert!(commands.len() > 5, "the document gives its commands");
    let mut answers = std::thread::scope(|scope| {
        let asked: Vec<_> = commands
            .iter()
            .map(|command| scope.spawn(|| said(command, &folder)))
            .collect();
        let answers: Vec<String> = asked
            .into_iter()
            .map(|asked| asked.join().expect("it answers"))
            .collect();
        answers.into_iter()
    });
    let mut written = String::new();
    let mut lines = document.lines().peekable();
    while let Some(line) = lines.next() {
        let _ = writeln!(written, "{line}");
        if line.starts_with(COMMAND) {
            while lines.next_if(|line| line.starts_with("    ")).is_some() {}
            written.extend(answers.next());
        }
    }
    hold(&root().join("docs/alarm-burden.md"), &written);
}
