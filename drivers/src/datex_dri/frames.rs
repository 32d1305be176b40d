//! Frames on the line: `7E`, escaped record and sum, `7E`.
//!
//! G1: A frame counts only when its 8-bit sum fits, and the length that its record claims is the length that came.
//! G2: Any flag ends what came before and begins anew, so damage costs the frame that it hit and at most its neighbour.

/// Begins and ends a frame.
const FLAG: u8 = 0x7E;
/// Says that the next byte was sent with bit 5 cleared.
const ESCAPE: u8 = 0x7D;
/// The bit that an escape clears.
const ESCAPED_BIT: u8 = 0x20;

/// Bytes of the header that every record begins with (vendor document).
pub(super) const HEADER_BYTES: usize = 40;

/// Most bytes of a record: header and 1450 bytes of data (vendor document).
pub(super) const RECORD_BYTES_MAX: usize = HEADER_BYTES + 1450;

/// Skipped bytes are reported with the next flag, and at the latest after this many.
const SKIPPED_REPORT_BYTES: u32 = 4096;

/// What the reader found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A record, without flags, escapes and sum.
    Record(Vec<u8>),
    /// A frame of the right length whose sum did not fit.
    BadChecksum,
    /// So many bytes belonged to no frame.
    Skipped(u32),
}

/// Cuts the byte stream into records. Keeps less than one frame.
#[derive(Debug, Default)]
pub(super) struct FrameReader {
    /// What came since the last flag, unescaped; nothing before the first flag.
    frame: Vec<u8>,
    began: bool,
    escaped: bool,
    /// Bytes since the last flag as they came on the line.
    came: u32,
    /// More came since the last flag than any record has.
    too_long: bool,
}

impl FrameReader {
    /// Takes one byte; calls `found` for what it completes.
    pub(super) fn hear(&mut self, byte: u8, found: &mut impl FnMut(Found)) {
        if byte == FLAG {
            self.end(found);
            return;
        }
        self.came += 1;
        if self.came >= SKIPPED_REPORT_BYTES {
            found(Found::Skipped(self.came));
            self.came = 0;
        }
        if !self.began || self.too_long {
            return;
        }
        match (std::mem::take(&mut self.escaped), byte) {
            (false, ESCAPE) => self.escaped = true,
            (was_escaped, byte) => {
                let bit = if was_escaped { ESCAPED_BIT } else { 0 };
                self.frame.push(byte | bit);
                self.too_long = self.frame.len() > RECORD_BYTES_MAX + 1;
            }
        }
    }

    fn end(&mut self, found: &mut impl FnMut(Found)) {
        let came = std::mem::take(&mut self.came);
        // An escape that escapes nothing: the sender gave up, or a byte became a flag.
        let cut = std::mem::take(&mut self.escaped) || std::mem::take(&mut self.too_long);
        let frame = std::mem::take(&mut self.frame);
        let whole = std::mem::replace(&mut self.began, true) && !cut;
        let record = frame
            .split_last()
            .filter(|(_, record)| whole && is_as_long_as_it_says(record));
        match record {
            Some((sum, record)) if *sum == checksum(record) => found(Found::Record(record.to_vec())),
            Some(_) => found(Found::BadChecksum),
            None if came > 0 => found(Found::Skipped(came)),
            None => {}
        }
    }
}

fn is_as_long_as_it_says(record: &[u8]) -> bool {
    let says = record.first_chunk().map(|length| u16::from_le_bytes(*length));
    record.len() >= HEADER_BYTES && says.map(usize::from) == Some(record.len())
}

fn checksum(record: &[u8]) -> u8 {
    record.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

/// A record as it goes on the line: with its sum, escaped, between flags.
pub(super) fn framed(record: &[u8]) -> Vec<u8> {
    let mut frame = vec![FLAG];
    for byte in record.iter().copied().chain([checksum(record)]) {
        if byte == FLAG || byte == ESCAPE {
            frame.extend([ESCAPE, byte & !ESCAPED_BIT]);
        } else {
            frame.push(byte);
        }
    }
    frame.push(FLAG);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<Found> {
        let (mut reader, mut all) = (FrameReader::default(), Vec::new());
        bytes
            .iter()
            .for_each(|byte| reader.hear(*byte, &mut |found| all.push(found)));
        all
    }

    /// A record of the shortest kind whose sum is `sum`.
    fn record(sum: u8) -> Vec<u8> {
        let mut record = vec![0; HEADER_BYTES];
        record[0] = HEADER_BYTES as u8;
        record[8] = sum.wrapping_sub(HEADER_BYTES as u8);
        record
    }

    #[test]
    fn every_sum_and_every_byte_survives_the_escapes() {
        for sum in 0..=255 {
            let record = record(sum);
            assert_eq!(read(&framed(&record)), [Found::Record(record)]);
        }
    }

    #[test]
    fn d10_the_two_escapes() {
        assert_eq!(framed(&[0x7E])[1..3], [0x7D, 0x5E]);
        assert_eq!(framed(&[0x7D])[1..3], [0x7D, 0x5D]);
    }

    #[test]
    fn d11_any_single_byte_changed_is_refused() {
        let whole = framed(&record(7));
        for place in 0..whole.len() {
            for change in 1..=255u8 {
                let mut bytes = whole.clone();
                bytes[place] ^= change;
                let records = read(&bytes)
                    .iter()
                    .filter(|found| matches!(found, Found::Record(_)))
                    .count();
                assert_eq!(records, 0, "byte {place} changed by {change}");
            }
        }
    }

    #[test]
    fn after_damage_the_next_whole_frame_is_read() {
        let (first, second) = (record(1), record(2));
        let mut bytes = framed(&first);
        bytes.pop();
        bytes.extend([0x55, 0x7D]);
        bytes.extend(framed(&second));
        bytes.extend([0x7E, 0x7E]);
        bytes.extend(framed(&first));
        let skipped = HEADER_BYTES as u32 + 3;
        assert_eq!(
            read(&bytes),
            [
                Found::Skipped(skipped),
                Found::Record(second),
                Found::Record(first)
            ]
        );
    }

    #[test]
    fn a_flood_without_flags_is_counted_and_not_kept() {
        let mut reader = FrameReader::default();
        let mut skipped = 0;
        reader.hear(0x7E, &mut |_| {});
        for _ in 0..100_000 {
            reader.hear(0x7D, &mut |found| match found {
                Found::Skipped(count) => skipped += count,
                other => panic!("{other:?}"),
            });
        }
        assert!(skipped > 95_000 && reader.frame.len() <= RECORD_BYTES_MAX + 2);
    }
}
