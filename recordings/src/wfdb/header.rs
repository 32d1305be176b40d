//! The `.hea` file: how many signals, where they are stored, how to turn samples into physical values.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::{FRAMES_MAX, WfdbError, read_bounded};

/// A parsed header.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) path: PathBuf,
    pub(super) frames_per_s: f64,
    /// `None` = as many as the file holds.
    pub(super) frames: Option<usize>,
    pub(super) layout: Layout,
}

/// What a record consists of.
#[derive(Debug)]
pub(super) enum Layout {
    Signals(Vec<Signal>),
    Segments(Vec<Segment>),
}

/// One part of a multi-segment record.
#[derive(Debug)]
pub(super) struct Segment {
    /// `None` = a gap (`~`).
    pub(super) record: Option<String>,
    pub(super) frames: usize,
}

/// One signal line.
#[derive(Debug, PartialEq)]
pub(super) struct Signal {
    pub(super) file: String,
    pub(super) format: u16,
    pub(super) samples_per_frame: usize,
    pub(super) skew_frames: usize,
    pub(super) byte_offset: usize,
    /// Steps per physical unit.
    pub(super) gain: f64,
    /// The sample value of physical 0.
    pub(super) baseline: i32,
    pub(super) checksum: Option<i16>,
    pub(super) name: String,
}

/// The header format's defaults where a field is left out.
const FRAMES_PER_S_DEFAULT: f64 = 250.0;
const GAIN_DEFAULT: f64 = 200.0;

impl Header {
    /// Reads and parses a header file.
    pub(super) fn read(path: &Path) -> Result<Header, WfdbError> {
        let text = String::from_utf8_lossy(&read_bounded(path)?).into_owned();
        Header::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> Result<Header, WfdbError> {
        let bad = |line: usize, expected| WfdbError::BadHeader {
            path: path.to_path_buf(),
            line,
            expected,
        };
        let mut lines = text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line.trim()))
            .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let record_line = "a record line: NAME[/SEGMENTS] SIGNALS [RATE [SAMPLES]]";
        let (number, line) = lines.next().ok_or_else(|| bad(1, record_line))?;
        let record = RecordLine::parse(line).ok_or_else(|| bad(number, record_line))?;
        if record.frames.is_some_and(|frames| frames as u64 > FRAMES_MAX) {
            return Err(WfdbError::TooLarge {
                path: path.to_path_buf(),
            });
        }
        let layout = if let Some(count) = record.segments {
            let mut segments = Vec::new();
            for (number, line) in lines.by_ref().take(count) {
                segments.push(segment(line).ok_or_else(|| bad(number, "a segment line: RECORD SAMPLES"))?);
            }
            if segments.len() < count {
                return Err(bad(number, "as many segment lines as the record line promises"));
            }
            if segments.first().is_some_and(|segment| segment.frames == 0) {
                return Err(WfdbError::VariableLayout {
                    path: path.to_path_buf(),
                });
            }
            Layout::Segments(segments)
        } else {
            let mut signals = Vec::new();
            for (number, line) in lines.by_ref().take(record.signals) {
                signals
                    .push(signal(line).ok_or_else(|| bad(number, "a signal line: FILE FORMAT [GAIN ...]"))?);
            }
            if signals.len() < record.signals {
                return Err(bad(number, "as many signal lines as the record line promises"));
            }
            Layout::Signals(signals)
        };
        Ok(Header {
            path: path.to_path_buf(),
            frames_per_s: record.frames_per_s,
            frames: record.frames,
            layout,
        })
    }
}

struct RecordLine {
    segments: Option<usize>,
    signals: usize,
    frames_per_s: f64,
    frames: Option<usize>,
}

impl RecordLine {
    fn parse(line: &str) -> Option<RecordLine> {
        let mut fields = line.split_whitespace();
        let name = fields.next()?;
        let segments = match name.split_once('/') {
            Some((_, count)) => Some(count.parse().ok()?),
            None => None,
        };
        let signals = fields.next()?.parse().ok()?;
        let frames_per_s: f64 = match fields.next() {
            // Behind the rate may stand a counter rate and its base: 0.0166666666667/125(0).
            Some(rate) => rate.split('/').next()?.parse().ok()?,
            None => FRAMES_PER_S_DEFAULT,
        };
        let frames = match fields.next() {
            Some(count) => Some(count.parse().ok()?).filter(|count| *count > 0),
            None => None,
        };
        (frames_per_s > 0.0 && frames_per_s.is_finite()).then_some(RecordLine {
            segments,
            signals,
            frames_per_s,
            frames,
        })
    }
}

fn segment(line: &str) -> Option<Segment> {
    let (record, frames) = line.split_once(char::is_whitespace)?;
    Some(Segment {
        record: (record != "~").then(|| record.to_owned()),
        frames: frames.trim().parse().ok()?,
    })
}

fn signal(line: &str) -> Option<Signal> {
    let mut fields = line.split_whitespace();
    let file = fields.next()?.to_owned();
    let storage = Storage::parse(fields.next()?)?;
    let (gain, baseline) = match fields.next() {
        Some(field) => gain_and_baseline(field)?,
        None => (GAIN_DEFAULT, None),
    };
    let _resolution = fields.next();
    let zero: i32 = number_or(fields.next(), 0)?;
    let _first_sample = fields.next();
    let checksum = match fields.next() {
        // Some programs write the 16 bits with a sign and some without.
        Some(field) => Some(field.parse::<i32>().ok()? as i16),
        None => None,
    };
    let _block_bytes = fields.next();
    Some(Signal {
        file,
        format: storage.format,
        samples_per_frame: storage.samples_per_frame,
        skew_frames: storage.skew_frames,
        byte_offset: storage.byte_offset,
        gain,
        baseline: baseline.unwrap_or(zero),
        checksum,
        name: fields.collect::<Vec<_>>().join(" "),
    })
}

/// `FORMAT[xSAMPLES_PER_FRAME][:SKEW][+BYTE_OFFSET]`
struct Storage {
    format: u16,
    samples_per_frame: usize,
    skew_frames: usize,
    byte_offset: usize,
}

impl Storage {
    fn parse(field: &str) -> Option<Storage> {
        let (format, mut rest) = leading_number(field)?;
        let mut storage = Storage {
            format: u16::try_from(format).ok()?,
            samples_per_frame: 1,
            skew_frames: 0,
            byte_offset: 0,
        };
        while let Some(mark) = rest.chars().next() {
            let (number, after) = leading_number(&rest[mark.len_utf8()..])?;
            match mark {
                // A frame with more samples of one signal than this is a damaged header.
                'x' if (1..=10_000).contains(&number) => storage.samples_per_frame = number,
                ':' => storage.skew_frames = number,
                '+' => storage.byte_offset = number,
                _ => return None,
            }
            rest = after;
        }
        Some(storage)
    }
}

fn leading_number(text: &str) -> Option<(usize, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    Some((digits.parse().ok()?, rest))
}

/// `GAIN[(BASELINE)][/UNIT]`; a gain of 0 means "not calibrated", read with the default.
fn gain_and_baseline(field: &str) -> Option<(f64, Option<i32>)> {
    let field = field.split('/').next()?;
    let (gain, baseline) = match field.split_once('(') {
        Some((gain, rest)) => (gain, Some(rest.strip_suffix(')')?.parse().ok()?)),
        None => (field, None),
    };
    let gain: f64 = gain.parse().ok()?;
    let usable = gain != 0.0 && gain.is_finite();
    Some((if usable { gain } else { GAIN_DEFAULT }, baseline))
}

fn number_or<T: FromStr>(field: Option<&str>, default: T) -> Option<T> {
    match field {
        Some(field) => field.parse().ok(),
        None => Some(default),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Header, WfdbError> {
        Header::parse(Path::new("made-up.hea"), text)
    }

    #[test]
    fn comments_blank_lines_skew_offset_and_baseline_are_understood() {
        let header = parsed(
            "# a comment\nr 2 125/1000(7) 75000 17:27:45 15/08/1994\nr.dat 212x4 2963.77/mV 12 0 67 -11266 0 MCL1\n\n\
             r.dat 212:4+24 12.84(-1605)/mmHg 12 8 -943 -23651 0 ABP  mean \n",
        )
        .unwrap();
        assert_eq!((header.frames_per_s, header.frames), (125.0, Some(75_000)));
        let Layout::Signals(signals) = header.layout else {
            panic!("no signals")
        };
        assert_eq!(
            (signals[0].samples_per_frame, signals[0].gain, signals[0].baseline),
            (4, 2963.77, 0)
        );
        let second = Signal {
            file: "r.dat".to_owned(),
            format: 212,
            samples_per_frame: 1,
            skew_frames: 4,
            byte_offset: 24,
            gain: 12.84,
            baseline: -1605,
            checksum: Some(-23_651),
            name: "ABP mean".to_owned(),
        };
        assert_eq!(signals[1], second);
    }

    #[test]
    fn left_out_fields_take_the_defaults_of_the_format() {
        let header = parsed("r 2\nr.dat 16\nr.dat 16 0 12 1024\n").unwrap();
        assert_eq!((header.frames_per_s, header.frames), (250.0, None));
        let Layout::Signals(signals) = header.layout else {
            panic!("no signals")
        };
        assert_eq!(
            (signals[0].gain, signals[0].baseline, signals[0].checksum),
            (200.0, 0, None)
        );
        assert_eq!((signals[1].gain, signals[1].baseline), (200.0, 1_024));
    }

    #[test]
    fn a_wrong_header_names_the_line_and_what_should_stand_there() {
        let problem = |text| parsed(text).unwrap_err().to_string();
        assert!(problem("# only a comment\n").contains("line 1: expected a record line"));
        assert!(problem("r two\n").contains("line 1: expected a record line"));
        assert!(problem("r 1 0 10\nr.dat 16\n").contains("expected a record line"));
        assert!(problem("r 1 1 10\nr.dat sixteen\n").contains("line 2: expected a signal line"));
        assert!(problem("r 1 1 10\nr.dat 16x0\n").contains("line 2: expected a signal line"));
        assert!(problem("r 1 1 10\nr.dat 16 1 16 0 0 x\n").contains("line 2: expected a signal line"));
        assert!(problem("r 2 1 10\nr.dat 16\n").contains("as many signal lines"));
        assert!(problem("r/2 1 1 10\na 5\n").contains("as many segment lines"));
        assert!(problem("r/1 1 1 10\nlayout 0\n").contains("variable layout"));
        assert!(problem("r 1 1 99999999999\nr.dat 16\n").contains("cut the record shorter"));
    }
}
