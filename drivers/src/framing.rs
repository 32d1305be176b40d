//! Cuts a byte stream into lines of text: shared by the families that talk in ASCII.
//!
//! - Keeps at most [`LINE_BYTES_MAX`] bytes; a line that is longer, or that holds anything but printable ASCII, is dropped
//!   whole and its bytes are counted.
//! - A line is complete when its LF arrives. CRs around it do not belong to it; empty lines are no lines.

/// Longest line, without its end. Masimo's and Nellcor's longest lines have about 170 bytes.
pub const LINE_BYTES_MAX: usize = 200;

/// Bytes without an end of line are reported at the latest after this many.
const UNENDED_REPORT_BYTES: u32 = 1000;

/// What the line splitter found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A line of printable ASCII (20h to 7Eh), without its end.
    Text(String),
    /// So many bytes, ends included, were no line.
    Damaged {
        /// How many bytes.
        bytes: u32,
    },
}

/// Collects the bytes of a line.
#[derive(Debug, Default)]
pub struct LineSplitter {
    line: Vec<u8>,
    /// Bytes of this line that were dropped already: it is too long.
    dropped: u32,
}

impl LineSplitter {
    /// Takes one byte; returns what it completes.
    pub fn hear(&mut self, byte: u8) -> Option<Line> {
        if byte == b'\n' {
            return self.end();
        }
        if self.dropped > 0 {
            self.dropped += 1;
            return (self.dropped >= UNENDED_REPORT_BYTES).then(|| Line::Damaged {
                // One stays, so that the rest of this line is dropped as well.
                bytes: std::mem::replace(&mut self.dropped, 1) - 1,
            });
        }
        self.line.push(byte);
        if self.line.len() > LINE_BYTES_MAX {
            self.dropped = count(self.line.len());
            self.line.clear();
        }
        None
    }

    fn end(&mut self) -> Option<Line> {
        let line = std::mem::take(&mut self.line);
        let dropped = std::mem::take(&mut self.dropped);
        if dropped > 0 {
            return Some(Line::Damaged { bytes: dropped + 1 });
        }
        let whole = count(line.len() + 1);
        let Ok(text) = String::from_utf8(line) else {
            return Some(Line::Damaged { bytes: whole });
        };
        let text = text.trim_matches('\r');
        if text.is_empty() {
            None
        } else if text.bytes().all(|byte| matches!(byte, 0x20..=0x7E)) {
            Some(Line::Text(text.to_owned()))
        } else {
            Some(Line::Damaged { bytes: whole })
        }
    }
}

fn count(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &[Line]) {
        let mut splitter = LineSplitter::default();
        let found: Vec<Line> = bytes.iter().filter_map(|byte| splitter.hear(*byte)).collect();
        assert_eq!(found, expected);
    }

    fn text(line: &str) -> Line {
        Line::Text(line.to_owned())
    }

    #[test]
    fn any_order_of_cr_and_lf_ends_a_line_and_empty_lines_are_none() {
        check(
            b"a=1\r\n\r\nb=2\n\rc=3\n\n",
            &[text("a=1"), text("b=2"), text("c=3")],
        );
    }

    #[test]
    fn a_byte_that_is_not_printable_costs_the_line() {
        check(b"a\x07b\r\nc\n", &[Line::Damaged { bytes: 5 }, text("c")]);
        check(b"a\xFFb\nc\n", &[Line::Damaged { bytes: 4 }, text("c")]);
        check(b"a\rb\nc\n", &[Line::Damaged { bytes: 4 }, text("c")]);
    }

    #[test]
    fn a_line_of_200_bytes_is_one_and_one_of_201_is_not() {
        let line = |length: usize| "x".repeat(length) + "\n";
        check(line(LINE_BYTES_MAX).as_bytes(), &[text(&"x".repeat(200))]);
        check(
            (line(LINE_BYTES_MAX + 1) + "c\n").as_bytes(),
            &[Line::Damaged { bytes: 202 }, text("c")],
        );
    }

    #[test]
    fn a_stream_without_ends_is_counted_and_not_kept() {
        let mut splitter = LineSplitter::default();
        let counted: u32 = (0..100_000)
            .filter_map(|_| splitter.hear(0x55))
            .map(|line| match line {
                Line::Damaged { bytes } => bytes,
                Line::Text(_) => 0,
            })
            .sum();
        assert!((99_000..=100_000).contains(&counted), "{counted}");
        assert!(splitter.line.capacity() <= 2 * LINE_BYTES_MAX);
    }
}
