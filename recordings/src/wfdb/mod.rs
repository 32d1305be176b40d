//! PhysioNet (WFDB) records: headers, several segments, several rates, signal formats 16, 24, 80 and 212.
//!
//! W1. A channel comes out complete and proven by the header's own checksum, or the record is refused.
//! W2. A sample that the format marks as invalid is NaN; nothing is filled in.
//!
//! Source: the WFDB file format descriptions `header(5)` and `signal(5)`; proven against the checksums of real records.

use std::path::{Path, PathBuf};

mod header;
mod samples;

use crate::Channel;
use header::{Header, Layout, Segment, Signal};
use samples::Format;

/// Largest signal file that is read.
const FILE_BYTES_MAX: u64 = 64 << 20;
/// Most frames of one record: a year at one per second, or a day at 360.
const FRAMES_MAX: u64 = 32_000_000;

/// A WFDB record is unusable.
#[derive(Debug, thiserror::Error)]
pub enum WfdbError {
    /// A file of the record cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is too large to be a recording for replay.
    #[error(
        "{path} is larger than {FILE_BYTES_MAX} bytes or {FRAMES_MAX} frames; cut the record shorter (xform)"
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The header does not follow the format.
    #[error("{path}, line {line}: expected {expected}")]
    BadHeader {
        /// The header file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// Compressed signals.
    #[error(
        "{path}: format {format}: FLAC-compressed records are not supported; use derived/*.csv, \
         or rewrite the record in format 16 (xform)"
    )]
    Flac {
        /// The header file.
        path: PathBuf,
        /// 508, 516 or 524.
        format: u16,
    },
    /// Another format that is not built in.
    #[error(
        "{path}: signal format {format} is not supported (16, 24, 80 and 212 are); rewrite the record (xform)"
    )]
    UnsupportedFormat {
        /// The header file.
        path: PathBuf,
        /// Its number.
        format: u16,
    },
    /// A multi-segment record whose segments hold different signals.
    #[error(
        "{path}: multi-segment records of variable layout are not supported; name one of its segments instead"
    )]
    VariableLayout {
        /// The header file.
        path: PathBuf,
    },
    /// The signal file ends too early.
    #[error("{path} has {found} bytes, its header promises {wanted}; fetch the file again")]
    Truncated {
        /// The signal file.
        path: PathBuf,
        /// Bytes needed.
        wanted: usize,
        /// Bytes there.
        found: usize,
    },
    /// The samples do not add up.
    #[error(
        "{path}: the samples of {signal} add up to {found}, the header says {wanted}; fetch the file again"
    )]
    Checksum {
        /// The signal file.
        path: PathBuf,
        /// The signal.
        signal: String,
        /// By the header.
        wanted: i16,
        /// By the samples.
        found: i16,
    },
}

/// Reads all signals of a record, named with or without `.hea`.
///
/// # Errors
/// When a file of it is missing, damaged, or of a kind that is not built in.
pub fn read(record: &Path) -> Result<Vec<Channel>, WfdbError> {
    let header = Header::read(&header_path(record))?;
    match &header.layout {
        Layout::Signals(signals) => read_signals(&header, signals),
        Layout::Segments(segments) => read_segments(&header, segments),
    }
}

/// The comments in a record's header, word for word.
///
/// # Errors
/// When the header cannot be read.
pub fn notes(record: &Path) -> Result<Vec<String>, WfdbError> {
    let text = read_bounded(&header_path(record))?;
    let text = String::from_utf8_lossy(&text);
    let comments = text.lines().filter_map(|line| line.trim().strip_prefix('#'));
    Ok(comments.map(|comment| comment.trim().to_owned()).collect())
}

/// The headers of the segments that a record of several names; none for any other file.
pub(crate) fn segments(header: &Path) -> Vec<PathBuf> {
    match Header::read(header).map(|header| header.layout) {
        Ok(Layout::Segments(segments)) => {
            let named = segments.into_iter().filter_map(|segment| segment.record);
            named
                .map(|name| header_path(&header.with_file_name(name)))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn header_path(record: &Path) -> PathBuf {
    // Not `with_extension`: a record name may hold dots of its own.
    if record.extension().is_some_and(|extension| extension == "hea") {
        record.to_path_buf()
    } else {
        let mut name = record.as_os_str().to_owned();
        name.push(".hea");
        PathBuf::from(name)
    }
}

fn read_segments(header: &Header, segments: &[Segment]) -> Result<Vec<Channel>, WfdbError> {
    let mut all: Vec<Channel> = Vec::new();
    let mut done_s = 0.0;
    for segment in segments {
        if let Some(name) = &segment.record {
            let inner = Header::read(&header_path(&header.path.with_file_name(name)))?;
            let Layout::Signals(signals) = &inner.layout else {
                return Err(WfdbError::VariableLayout {
                    path: inner.path.clone(),
                });
            };
            for channel in read_signals(&inner, signals)? {
                append(&mut all, channel, done_s);
            }
        }
        done_s += segment.frames as f64 / header.frames_per_s;
    }
    Ok(all)
}

/// Puts a segment's channel behind what is there, with a gap where earlier segments lacked it.
fn append(all: &mut Vec<Channel>, mut channel: Channel, done_s: f64) {
    let index = all
        .iter()
        .position(|known| known.name == channel.name)
        .unwrap_or(all.len());
    if index == all.len() {
        all.push(Channel {
            name: channel.name.clone(),
            period_s: channel.period_s,
            samples: Vec::new(),
        });
    }
    let known = &mut all[index];
    let before = (done_s / known.period_s).round() as usize;
    known.samples.resize(before, f64::NAN);
    known.samples.append(&mut channel.samples);
}

fn read_signals(header: &Header, signals: &[Signal]) -> Result<Vec<Channel>, WfdbError> {
    let mut channels = Vec::new();
    let mut rest = signals;
    while let Some(first) = rest.first() {
        // Signals of one file stand together and are stored frame by frame.
        let same = rest.iter().take_while(|signal| signal.file == first.file).count();
        let (group, others) = rest.split_at(same);
        rest = others;
        channels.extend(read_file(header, first, group)?);
    }
    Ok(channels)
}

fn read_file(header: &Header, first: &Signal, group: &[Signal]) -> Result<Vec<Channel>, WfdbError> {
    let format = Format::numbered(first.format).ok_or_else(|| match first.format {
        508 | 516 | 524 => WfdbError::Flac {
            path: header.path.clone(),
            format: first.format,
        },
        format => WfdbError::UnsupportedFormat {
            path: header.path.clone(),
            format,
        },
    })?;
    let path = header.path.with_file_name(&first.file);
    let bytes = read_bounded(&path)?;
    let bytes = bytes.get(first.byte_offset..).unwrap_or(&[]);
    let per_frame: usize = group.iter().map(|signal| signal.samples_per_frame).sum();
    let frames = match header.frames {
        Some(frames) => frames,
        None => format.samples_in(bytes.len()) / per_frame.max(1),
    };
    let samples = format
        .decode(bytes, frames * per_frame)
        .ok_or_else(|| WfdbError::Truncated {
            path: path.clone(),
            wanted: format.bytes_for(frames * per_frame) + first.byte_offset,
            found: bytes.len() + first.byte_offset,
        })?;
    let mut channels = Vec::new();
    let mut offset = 0;
    for signal in group {
        let raw: Vec<i32> = samples
            .chunks_exact(per_frame)
            .flat_map(|frame| &frame[offset..offset + signal.samples_per_frame])
            .copied()
            .collect();
        offset += signal.samples_per_frame;
        check_sum(&path, signal, &raw)?;
        channels.push(physical(header, signal, &format, &raw));
    }
    Ok(channels)
}

fn check_sum(path: &Path, signal: &Signal, raw: &[i32]) -> Result<(), WfdbError> {
    let found = raw
        .iter()
        .fold(0_i16, |sum, sample| sum.wrapping_add(*sample as i16));
    match signal.checksum {
        Some(wanted) if wanted != found => Err(WfdbError::Checksum {
            path: path.to_path_buf(),
            signal: signal.name.clone(),
            wanted,
            found,
        }),
        _ => Ok(()),
    }
}

fn physical(header: &Header, signal: &Signal, format: &Format, raw: &[i32]) -> Channel {
    let value = |sample: &i32| {
        if *sample == format.invalid() {
            f64::NAN
        } else {
            f64::from(*sample - signal.baseline) / signal.gain
        }
    };
    // A skewed signal was stored late: its first samples belong to the time before the record.
    let late = (signal.skew_frames * signal.samples_per_frame).min(raw.len());
    let mut samples: Vec<f64> = raw[late..].iter().map(value).collect();
    samples.resize(raw.len(), f64::NAN);
    Channel {
        name: signal.name.clone(),
        period_s: 1.0 / (header.frames_per_s * signal.samples_per_frame as f64),
        samples,
    }
}

fn read_bounded(path: &Path) -> Result<Vec<u8>, WfdbError> {
    let failed = |source| WfdbError::Read {
        path: path.to_path_buf(),
        source,
    };
    if std::fs::metadata(path).map_err(failed)?.len() > FILE_BYTES_MAX {
        return Err(WfdbError::TooLarge {
            path: path.to_path_buf(),
        });
    }
    std::fs::read(path).map_err(failed)
}

#[cfg(test)]
mod tests;
