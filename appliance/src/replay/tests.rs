//! The command on recordings that are made up here; real ones are replayed in `tests/tests/alarm_burden.rs`.

use clap::Parser;
use serde_json::Value;

use super::*;

#[derive(Parser)]
struct Words {
    #[arg(long)]
    alarms: bool,
    #[command(flatten)]
    recording: RecordingArgs,
}

/// The words behind `vitalpost replay`.
fn args(words: &[&str]) -> Result<RecordingArgs, String> {
    let all = ["replay", "--alarms"].iter().chain(words);
    let words = Words::try_parse_from(all).map_err(|error| error.to_string())?;
    assert!(words.alarms);
    Ok(words.recording)
}

fn told(path: &Path, words: &[&str]) -> (String, Result<(), String>) {
    let mut out = Vec::new();
    let args = args(words).unwrap();
    let ended = replay(path, &args, &mut out).map_err(|error| error.to_string());
    (String::from_utf8(out).unwrap(), ended)
}

/// SpO2 by the second, with a steady heart.
fn file(folder: &Path, name: &str, spo2: impl IntoIterator<Item = u32>) -> PathBuf {
    let rows = spo2.into_iter().enumerate();
    let rows: String = rows
        .map(|(second, spo2)| format!("{second},80,{spo2}\n"))
        .collect();
    let path = folder.join(name);
    std::fs::write(&path, format!("t, HR, SpO2\n{rows}")).unwrap();
    path
}

fn falls_and_recovers() -> impl Iterator<Item = u32> {
    let levels = [(97, 20), (88, 30), (96, 40)];
    levels
        .into_iter()
        .flat_map(|(level, seconds)| vec![level; seconds])
}

#[test]
fn an_alarm_is_told_with_its_time_value_limit_steps_and_length_in_each_format() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "fall.csv", falls_and_recovers());
    let (text, ended) = told(&path, &[]);
    assert_eq!(ended, Ok(()));
    let expected = "\
fall.csv: 0:01:30 of HR, SpO2: 1 alarm
  at       priority  condition       worst  limit  how long  steps
  0:00:30  HIGH      limit.spo2.low     88     90  0:00:25   active 30, ended 55
1 judged, 0 of them without any alarm; 0:01:30 at one bed = 0.00 bed-days; limits: adult
  priority  condition       alarms  announced  per bed-day  over within 15 s, %
  HIGH      limit.spo2.low       1          1        960.0                    0
  HIGH      all                  1          1        960.0                    0
  MEDIUM    all                  0          0          0.0
  LOW       all                  0          0          0.0
  all       all                  1          1        960.0                    0
  longest time in one recording without an alarm: 0:00:35
";
    assert_eq!(text, expected);
    let (csv, _) = told(&path, &["--format", "csv"]);
    let expected = "recording,at_s,priority,condition,value,limit,lasted_s,steps\r\n\
        fall.csv,30,HIGH,limit.spo2.low,88,90,25,\"active 30, ended 55\"\r\n";
    assert_eq!(csv, expected);
    let (json, _) = told(&path, &["--format", "json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    let alarm = &json["recordings"][0]["alarms"][0];
    assert_eq!(
        (&alarm["condition"], &alarm["at_s"]),
        (&"limit.spo2.low".into(), &30.into())
    );
    assert_eq!(
        (&json["bed_time_s"], &json["counts"][0]["alarms"]),
        (&90.0.into(), &1.into())
    );
}

#[test]
fn an_alarm_that_is_there_to_the_end_says_so_and_other_limits_can_be_tried() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "low.csv", [88; 40]);
    assert!(told(&path, &[]).0.contains("0:00:30, to the end"));
    let (text, _) = told(&path, &["--limit", "spo2.low=88"]);
    assert!(
        text.contains("low.csv: 0:00:40 of HR, SpO2: no alarm\n"),
        "{text}"
    );
    assert!(text.contains("limits: adult, with those of --limit\n"), "{text}");
    let (text, _) = told(&path, &["--category", "neonate", "--summary"]);
    assert!(
        text.contains("limit.hr.low") && !text.contains("limit.spo2.low"),
        "{text}"
    );
    assert!(!text.contains("low.csv"), "a summary lists nothing: {text}");
    let (_, ended) = told(&path, &["--limit", "hr.low=119"]);
    assert!(
        ended
            .unwrap_err()
            .contains("hr: the lower limit 119 must be at least 2 below the upper limit 120")
    );
}

#[test]
fn another_delay_can_be_tried_is_named_in_the_heading_and_a_wrong_one_says_how_to_write_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "low.csv", [88; 40]);
    let (text, _) = told(&path, &["--delay", "spo2.low=15"]);
    assert!(text.contains("0:00:15"), "{text}");
    assert!(text.contains("limits: adult; delays of --delay\n"), "{text}");
    assert!(told(&path, &["--delay", "spo2.low=40"]).0.contains("no alarm"));
    for wrong in [
        "spo2=15",
        "spo2.low=601",
        "spo2.low=-1",
        "spo2.wide=5",
        "sp02.low=5",
    ] {
        let said = wrong.parse::<TriedDelay>().unwrap_err();
        assert!(
            said.contains(wrong) && said.contains("for example spo2.low=30"),
            "{said}"
        );
    }
}

#[test]
fn what_is_left_out_of_the_rules_is_said_and_compared() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(
        folder.path(),
        "dip.csv",
        [97, 97, 89, 90, 89, 97, 97, 97, 97, 97, 97, 97, 97],
    );
    assert!(told(&path, &[]).0.contains("no alarm"));
    let (text, _) = told(&path, &["--without", "delay,deadband"]);
    assert!(
        text.contains("dip.csv: 0:00:13 of HR, SpO2: 2 alarms\n"),
        "{text}"
    );
    assert!(text.contains("; without delay, deadband\n"), "{text}");
    let (csv, _) = told(&path, &["--compare", "--format", "csv"]);
    let alarms: Vec<&str> = csv.lines().map(|line| line.rsplit(',').nth(6).unwrap()).collect();
    assert_eq!(alarms, ["alarms", "0", "1", "0", "0", "2"]);
}

#[test]
fn a_folder_is_replayed_whole_and_what_cannot_be_judged_is_named_and_never_quiet() {
    let folder = tempfile::tempdir().unwrap();
    file(folder.path(), "b.csv", [97; 20]);
    file(folder.path(), "a.csv", falls_and_recovers());
    std::fs::write(folder.path().join("beats.csv"), "sample,symbol\n18,N\n").unwrap();
    std::fs::write(
        folder.path().join("w.hea"),
        "w 1 250 2\nw.dat 80 1 8 0 60 121 0 ECG\n#Asystole\n",
    )
    .unwrap();
    std::fs::write(folder.path().join("w.dat"), [188, 189]).unwrap();
    let (text, ended) = told(folder.path(), &[]);
    assert_eq!(ended, Ok(()));
    assert!(
        text.starts_with("a.csv: 0:01:30 of HR, SpO2: 1 alarm\n"),
        "{text}"
    );
    assert!(text.contains("beats.csv: NOT JUDGED: names no number"), "{text}");
    assert!(
        text.contains("w.hea: NOT JUDGED: holds no numbers, only ECG"),
        "{text}"
    );
    assert!(text.contains("(its header says: Asystole)"), "{text}");
    assert!(text.contains("2 judged, 1 of them without any alarm"), "{text}");
    let (json, _) = told(folder.path(), &["--format", "json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["recordings"].as_array().unwrap().len(), 4);
    assert!(json["recordings"][2]["not_judged"].is_string(), "{json}");

    std::fs::write(folder.path().join("c.csv"), "t, HR\n0,70\n1,x7\n").unwrap();
    let (text, ended) = told(folder.path(), &[]);
    let problem = ended.unwrap_err();
    assert!(
        problem.contains("1 recording could not be read")
            && problem.contains("c.csv, line 3, column HR: \"x7\"")
    );
    assert!(
        text.contains("2 judged"),
        "the others are replayed all the same: {text}"
    );
}

#[test]
fn nothing_judged_is_a_failure_and_wrong_words_say_what_to_write() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("curve.csv"), "t,PLETH\n0,0.1\n0.008,0.2\n").unwrap();
    let (text, ended) = told(&folder.path().join("curve.csv"), &[]);
    assert!(text.contains("curve.csv: NOT JUDGED"), "{text}");
    assert!(ended.unwrap_err().contains("nothing was judged"));
    let (_, ended) = told(&folder.path().join("absent.csv"), &[]);
    assert!(ended.unwrap_err().contains("absent.csv"));
    let wrong = |words: &[&str]| args(words).unwrap_err();
    assert!(wrong(&["--category", "old"]).contains("write adult, child or neonate"));
    for limit in ["spo2", "spo2.low", "spo2.wide=88", "sp.low=88", "spo2.low=x"] {
        assert!(
            wrong(&["--limit", limit]).contains("write for example spo2.low=88"),
            "{limit}"
        );
    }
    assert!(wrong(&["--limit", "spo2.low=101"]).contains("no living patient"));
    assert!(wrong(&["--without", "delays"]).contains("possible values: delay, deadband, merging"));
    assert!(wrong(&["--compare", "--summary"]).contains("cannot be used with"));
    assert!(
        Words::try_parse_from(["replay", "--summary"]).is_err(),
        "it goes with --alarms"
    );
}

#[test]
fn a_monitor_that_says_nothing_for_ten_seconds_is_silent_and_its_own_alarm() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gap.csv");
    let row = |second: u32| {
        if (10..30).contains(&second) {
            format!("{second},NaN,\n")
        } else {
            format!("{second},80,97\n")
        }
    };
    let rows: String = (0..50).map(row).collect();
    std::fs::write(&path, format!("t, HR, SpO2\n{rows}")).unwrap();
    let (csv, _) = told(&path, &["--format", "csv"]);
    assert_eq!(
        csv.lines().skip(1).collect::<Vec<_>>(),
        ["gap.csv,19,MEDIUM,device_silent,,,13,\"active 19, ended 32\""]
    );
}

#[test]
fn a_value_every_five_minutes_is_a_post_that_looks_every_five_minutes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("slow.csv");
    let rows: String = [97, 88, 88, 97]
        .iter()
        .enumerate()
        .map(|(look, spo2)| format!("{},{spo2}\n", look * 300))
        .collect();
    std::fs::write(&path, format!("t, SpO2\n{rows}")).unwrap();
    let (csv, _) = told(&path, &["--format", "csv"]);
    let alarms: Vec<&str> = csv.lines().skip(1).collect();
    assert_eq!(
        alarms,
        ["slow.csv,600,HIGH,limit.spo2.low,88,90,305,\"active 600, ended 905\""],
        "nobody calls the monitor silent, and the delay runs on from look to look"
    );
}
