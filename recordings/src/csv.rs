//! Recordings in CSV: the BIDMC numerics layout (`Time [s], HR, PULSE, RESP, SpO2`, header fields with a space in front,
//! time that may begin at `-0`, `NaN` or nothing = no value), and the same with units in the names (`HR_bpm`).

use std::path::{Path, PathBuf};

use crate::Channel;

/// Largest file that is read.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// What the files call the channels that a recording uses.
const KNOWN: [&str; 12] = [
    "HR", "PULSE", "RESP", "SpO2", "TEMP", "NBPSys", "NBPDias", "NBPMean", "ABPSys", "ABPDias", "ABPMean",
    "PLETH",
];

/// A CSV recording is unusable.
#[derive(Debug, thiserror::Error)]
pub enum CsvError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is too large to be a recording for replay.
    #[error("{path} is larger than {FILE_BYTES_MAX} bytes; cut it shorter")]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// No known column.
    #[error(
        "{path}, line 1: no column is named HR, PULSE, RESP, SpO2, TEMP, NBPSys, ABPSys or PLETH, only \"{header}\""
    )]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// Its first line.
        header: String,
    },
    /// A field is no number.
    #[error("{path}, line {line}, column {column}: \"{field}\" is not a number")]
    BadNumber {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column name.
        column: String,
        /// What stands there.
        field: String,
    },
    /// Rows are missing or out of order.
    #[error("{path}, line {line}: time {time_s} s does not follow the even steps of the lines before it")]
    UnevenTime {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// The time there.
        time_s: f64,
    },
    /// Fewer than two rows.
    #[error("{path} has fewer than two rows, so the time between rows is unknown")]
    TooShort {
        /// The file.
        path: PathBuf,
    },
}

/// Reads every known column.
///
/// # Errors
/// When the file cannot be read, or is no even series of numbers.
pub fn read(path: &Path) -> Result<Vec<Channel>, CsvError> {
    let failed = |source| CsvError::Read {
        path: path.to_path_buf(),
        source,
    };
    if std::fs::metadata(path).map_err(failed)?.len() > FILE_BYTES_MAX {
        return Err(CsvError::TooLarge {
            path: path.to_path_buf(),
        });
    }
    parse(path, &std::fs::read_to_string(path).map_err(failed)?)
}

fn parse(path: &Path, text: &str) -> Result<Vec<Channel>, CsvError> {
    let mut lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    let header = lines.next().map_or("", |(_, line)| line);
    let mut columns = known_columns(header);
    if columns.is_empty() {
        return Err(CsvError::NoColumn {
            path: path.to_path_buf(),
            header: header.to_owned(),
        });
    }
    let mut times = Vec::new();
    for (index, line) in lines {
        let number = |name: &str, field: &str| {
            value(field).ok_or_else(|| CsvError::BadNumber {
                path: path.to_path_buf(),
                line: index + 1,
                column: name.to_owned(),
                field: field.trim().to_owned(),
            })
        };
        let fields: Vec<&str> = line.split(',').collect();
        times.push((index + 1, number("time", fields.first().unwrap_or(&""))?));
        for (position, channel) in &mut columns {
            let field = fields.get(*position).unwrap_or(&"");
            channel.samples.push(number(&channel.name, field)?);
        }
    }
    let period_s = even_period(path, &times)?;
    Ok(columns
        .into_iter()
        .map(|(_, channel)| Channel { period_s, ..channel })
        .collect())
}

fn known_columns(header: &str) -> Vec<(usize, Channel)> {
    let known = |(position, field): (usize, &str)| {
        let field = field.trim();
        // Derived files write the unit behind an underline.
        let name = field.split_once('_').map_or(field, |(name, _unit)| name);
        let found = KNOWN.iter().find(|known| known.eq_ignore_ascii_case(name))?;
        let channel = Channel {
            name: (*found).to_owned(),
            period_s: 0.0,
            samples: Vec::new(),
        };
        Some((position, channel))
    };
    header.split(',').enumerate().skip(1).filter_map(known).collect()
}

/// A number; an empty field is no value. "NaN" is a number to Rust as well.
fn value(field: &str) -> Option<f64> {
    let field = field.trim();
    if field.is_empty() {
        return Some(f64::NAN);
    }
    field.parse().ok().filter(|number: &f64| !number.is_infinite())
}

fn even_period(path: &Path, times: &[(usize, f64)]) -> Result<f64, CsvError> {
    let (Some((_, first)), Some((_, last)), true) = (times.first(), times.last(), times.len() > 1) else {
        return Err(CsvError::TooShort {
            path: path.to_path_buf(),
        });
    };
    let period_s = (last - first) / (times.len() - 1) as f64;
    // Printed times are rounded, by up to half a step in the finest files. Missing rows move the replay: by less than
    // this they are harmless, by more they are an error at the largest leap.
    let off = |(index, row): (usize, &(usize, f64))| (row.1 - first - index as f64 * period_s).abs();
    if period_s > 0.0
        && times
            .iter()
            .enumerate()
            .map(off)
            .all(|off_s| off_s <= 0.75 * period_s)
    {
        return Ok(period_s);
    }
    let leap = |pair: &&[(usize, f64)]| (pair[1].1 - pair[0].1 - period_s).abs();
    let worst = times.windows(2).max_by(|a, b| leap(a).total_cmp(&leap(b)));
    let (line, time_s) = worst.map_or((1, *first), |pair| pair[1]);
    Err(CsvError::UnevenTime {
        path: path.to_path_buf(),
        line,
        time_s,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Vec<Channel>, CsvError> {
        parse(Path::new("made-up.csv"), text)
    }

    #[test]
    fn columns_are_found_by_trimmed_name_and_nan_or_nothing_is_no_value() {
        let channels = parsed("Time [s], SpO2, HR\n-0,98,81\n1,NaN,80\n2,,79\n").unwrap();
        let names: Vec<_> = channels.iter().map(|channel| channel.name.as_str()).collect();
        assert_eq!(names, ["SpO2", "HR"]);
        assert_eq!(channels[1].samples, [81.0, 80.0, 79.0]);
        assert_eq!(channels[0].samples[0], 98.0);
        assert!(channels[0].samples[1].is_nan() && channels[0].samples[2].is_nan());
        assert_eq!(channels[0].period_s, 1.0);
    }

    #[test]
    fn units_behind_the_name_and_a_later_start_do_not_matter() {
        let channels = parsed("t_s,HR_bpm,SpO2_%\n-60,100,0.0\n0,101,97\n60,102,98\n").unwrap();
        assert_eq!((channels[1].name.as_str(), channels[1].period_s), ("SpO2", 60.0));
        assert_eq!(channels[1].samples, [0.0, 97.0, 98.0]);
    }

    #[test]
    fn errors_name_the_file_the_line_and_what_is_wrong() {
        let problem = |text| parsed(text).unwrap_err().to_string();
        assert!(problem("t, ECG\n0,1\n").contains("no column is named HR"));
        assert!(
            problem("t, HR\n0,70\n1,x7\n").contains("made-up.csv, line 3, column HR: \"x7\" is not a number")
        );
        assert!(problem("t, HR\n0,70\n").contains("fewer than two rows"));
        assert!(problem("t, HR\n0,70\n1,70\n2,70\n30,70\n").contains("line 5: time 30 s"));
        assert!(problem("t, HR\n0,70\n0,70\n").contains("even steps"));
        assert!(problem("").contains("no column"));
    }

    #[test]
    fn a_file_beyond_the_bound_is_refused_unread() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(FILE_BYTES_MAX + 1).unwrap();
        assert!(matches!(read(file.path()), Err(CsvError::TooLarge { .. })));
    }

    #[test]
    fn a_missing_file_is_named() {
        let problem = read(Path::new("does/not/exist.csv")).unwrap_err();
        assert!(problem.to_string().contains("does/not/exist.csv"));
    }
}
