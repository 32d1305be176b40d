//! Real recordings, when the folder is there: `$VITALPOST_RECORDINGS`, else `../../shared/data/recordings` beside the
//! repository. They are patients' data and never part of the repository, so without the folder each test says that it
//! was skipped.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use simulators::patient::{Patient, PatientSpec, Vitals};

fn recordings() -> Option<PathBuf> {
    let folder = match std::env::var_os("VITALPOST_RECORDINGS") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/recordings"),
    };
    if folder.is_dir() {
        Some(folder)
    } else {
        // Not println: the test harness would swallow it.
        let line = format!("SKIPPED: recordings folder absent at {}\n", folder.display());
        std::io::stderr()
            .write_all(line.as_bytes())
            .expect("stderr takes a line");
        None
    }
}

fn bidmc(number: u8) -> Option<Box<dyn Patient>> {
    let file = recordings()?.join(format!("bidmc/bidmc_{number:02}_Numerics.csv"));
    let (patient, lacks) = PatientSpec::Csv(file).open().expect("a BIDMC file");
    assert_eq!(lacks, None);
    Some(patient)
}

fn seconds(patient: &mut dyn Patient, count: u64) -> Vec<Vitals> {
    (0..count)
        .map(|second| patient.at(Duration::from_secs(second)))
        .collect()
}

fn count(vitals: &[Vitals], what: impl Fn(&Vitals) -> bool) -> usize {
    vitals.iter().filter(|vitals| what(vitals)).count()
}

#[test]
fn all_53_bidmc_numerics_can_be_replayed() {
    for number in 1..=53 {
        let Some(mut patient) = bidmc(number) else { return };
        let vitals = seconds(&mut *patient, 482);
        assert_eq!(vitals[481], vitals[0], "record {number} starts again after 481 s");
        assert!(
            count(&vitals, |v| v.hr.is_some_and(|hr| hr > 30.0)) > 400,
            "record {number}"
        );
    }
}

#[test]
fn record_32_is_desaturated_from_its_first_to_its_last_second() {
    let Some(mut patient) = bidmc(32) else { return };
    let vitals = seconds(&mut *patient, 481);
    assert_eq!(
        count(&vitals, |v| v
            .spo2
            .is_some_and(|spo2| (80.0..90.0).contains(&spo2))),
        481
    );
}

#[test]
fn i5_record_13_breathes_0_for_220_s_and_not_at_all_for_146_s() {
    let Some(mut patient) = bidmc(13) else { return };
    let vitals = seconds(&mut *patient, 481);
    assert_eq!(count(&vitals, |v| v.resp == Some(0.0)), 220);
    assert_eq!(count(&vitals, |v| v.resp.is_none()), 146);
    assert_eq!(count(&vitals, |v| v.probe_off), 0);
}

#[test]
fn i5_record_19_has_the_probe_off_for_102_s_with_a_heart_rate_throughout() {
    let Some(mut patient) = bidmc(19) else { return };
    let vitals = seconds(&mut *patient, 481);
    assert_eq!(count(&vitals, |v| v.probe_off), 102);
    assert_eq!(count(&vitals, |v| v.spo2.is_none() || v.pulse.is_none()), 102);
    assert_eq!(count(&vitals, |v| v.hr.is_some()), 481);
}

#[test]
fn record_39_has_a_pulse_artefact_that_the_heart_rate_does_not_show() {
    let Some(mut patient) = bidmc(39) else { return };
    let vitals = seconds(&mut *patient, 481);
    assert_eq!(count(&vitals, |v| v.pulse.is_some_and(|pulse| pulse < 50.0)), 53);
    assert_eq!(count(&vitals, |v| v.hr.is_some_and(|hr| hr < 50.0)), 0);
}

type Opened = (Box<dyn Patient>, Option<String>);

fn wfdb(record: &str) -> Option<Result<Opened, String>> {
    let record = recordings()?.join("wfdb").join(record);
    Some(
        PatientSpec::Wfdb(record)
            .open()
            .map_err(|error| error.to_string()),
    )
}

#[test]
fn i5_the_32_hour_numerics_keep_their_zeros_and_their_rare_cuff() {
    let Some(opened) = wfdb("s00001n/s00001-2896-10-10-00-31n") else {
        return;
    };
    let mut patient = opened.unwrap().0;
    let minutes: Vec<Vitals> = (0..1_936)
        .map(|minute| patient.at(Duration::from_secs(minute * 60 + 1)))
        .collect();
    assert_eq!(count(&minutes, |v| v.hr == Some(0.0)), 46);
    assert_eq!(count(&minutes, |v| v.spo2 == Some(0.0)), 363);
    assert_eq!(minutes[0].resp, Some(23.0));
    let aged = minutes
        .iter()
        .filter_map(|v| v.nibp)
        .map(|nibp| nibp.age)
        .max()
        .unwrap();
    assert!(aged > Duration::from_secs(600), "{aged:?}");
}

#[test]
fn the_72_minute_numerics_agree_with_the_csv_made_from_them() {
    let Some(opened) = wfdb("s25047n/s25047-2704-05-04-10-44n.hea") else {
        return;
    };
    let mut record = opened.unwrap().0;
    let Some(folder) = recordings() else { return };
    let csv = PatientSpec::Csv(folder.join("derived/icu_trend_72min_1min.csv"));
    let mut derived = csv.open().unwrap().0;
    for minute in 0..72 {
        let t = Duration::from_secs(minute * 60 + 30);
        let (record, derived) = (record.at(t), derived.at(t));
        assert_eq!(
            (record.hr, record.pulse),
            (derived.hr, derived.pulse),
            "minute {minute}"
        );
        assert_eq!(
            (record.resp, record.spo2),
            (derived.resp, derived.spo2),
            "minute {minute}"
        );
    }
}

#[test]
fn records_with_a_light_curve_and_no_numbers_are_replayed_with_a_note() {
    for record in ["v102s", "a103l", "041s/041s"] {
        let Some(opened) = wfdb(record) else { return };
        let (mut patient, lacks) = opened.unwrap();
        assert!(lacks.unwrap().contains("no HR, PULSE, RESP, SpO2"), "{record}");
        let curve: Vec<f64> = (0..1_500)
            .filter_map(|step| patient.pleth(Duration::from_millis(step * 10)))
            .collect();
        assert_eq!(curve.len(), 1_500, "{record}");
        let high = curve.iter().copied().fold(0.0, f64::max);
        let low = curve.iter().copied().fold(1.0, f64::min);
        assert!(
            (0.0..=1.0).contains(&low) && high <= 1.0 && high - low > 0.2,
            "{record}: {low} to {high}"
        );
    }
}

#[test]
fn records_with_nothing_to_show_or_compressed_are_refused_with_the_reason() {
    let problem = |record| wfdb(record).map(|opened| opened.err().unwrap());
    let Some(ecg) = problem("100") else { return };
    // Reaching this refusal proves that all of its 1.3 million samples were read and add up.
    assert!(
        ecg.contains("neither numerics") && ecg.contains("only MLII, V5"),
        "{ecg}"
    );
    let pressure = problem("03700181").unwrap();
    assert!(pressure.contains("only MCL1, ABP, RESP"), "{pressure}");
    let flac = problem("mixedsignals").unwrap();
    assert!(
        flac.contains("FLAC-compressed records are not supported; use derived/*.csv"),
        "{flac}"
    );
}

#[test]
fn the_125_hz_waves_of_record_1_give_a_light_curve() {
    let Some(folder) = recordings() else { return };
    let spec = PatientSpec::Csv(folder.join("bidmc/bidmc_01_waves_125hz.csv"));
    let (mut patient, _) = spec.open().unwrap();
    let first = patient.pleth(Duration::ZERO).unwrap();
    assert!((0.0..=1.0).contains(&first), "{first}");
    assert_ne!(patient.pleth(Duration::from_millis(200)), Some(first));
}
