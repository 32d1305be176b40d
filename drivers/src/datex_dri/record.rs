//! What stands in a record: header, subrecords, and the groups of values of the physiological classes.
//!
//! All numbers are little-endian, all offsets are the vendor's. Nothing here trusts a length that the device sent.

use super::frames::HEADER_BYTES;

/// A checked view of one record.
#[derive(Debug)]
pub(super) struct Record<'a> {
    /// Counts the records of one main type.
    pub number: u8,
    /// Which issue of the interface the monitor speaks, 2 ('95) to 12 ('19).
    pub level: u8,
    /// Names the monitor that sends.
    pub plug: u16,
    /// The monitor's clock, seconds since 1970; its time zone is not defined.
    pub time: u32,
    /// What the record is about.
    pub main: i16,
    /// Type and bytes of each subrecord; they go on to the end of the record, whatever follows them.
    pub parts: Vec<(u8, &'a [u8])>,
}

/// Physiological values.
pub(super) const MAIN_VALUES: i16 = 0;
/// Curves.
pub(super) const MAIN_WAVES: i16 = 1;
/// The monitor's own alarms.
pub(super) const MAIN_ALARMS: i16 = 4;

/// Most subrecords of a record.
const PARTS_MAX: usize = 8;
/// Ends the list of subrecords.
const NO_MORE_PARTS: u8 = 0xFF;

impl<'a> Record<'a> {
    /// `None` when a subrecord lies outside the record.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Record<'a>> {
        let data = bytes.get(HEADER_BYTES..)?;
        let mut parts = Vec::new();
        for place in 0..PARTS_MAX {
            let at = 16 + 3 * place;
            let kind = *bytes.get(at + 2)?;
            if kind == NO_MORE_PARTS {
                break;
            }
            let offset = usize::from(u16_at(bytes, at)?);
            let part = data.get(offset..).filter(|part| !part.is_empty())?;
            parts.push((kind, part));
        }
        Some(Record {
            number: *bytes.get(2)?,
            level: *bytes.get(3)?,
            plug: u16_at(bytes, 4)?,
            time: u32_at(bytes, 6)?,
            main: i16_at(bytes, 14)?,
            parts,
        })
    }
}

/// Two bytes at this offset, without sign.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|two| u16::from_le_bytes(*two))
}

/// Two bytes at this offset, with sign.
pub(super) fn i16_at(bytes: &[u8], at: usize) -> Option<i16> {
    bytes.get(at..)?.first_chunk().map(|two| i16::from_le_bytes(*two))
}

/// Four bytes at this offset.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes
        .get(at..)?
        .first_chunk()
        .map(|four| u32::from_le_bytes(*four))
}

/// Which block of values: bits 8 to 11 of the class word, never the position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Basic,
    Ext1,
    /// Relaxation, EEG, BIS, entropy: nothing that the table of codes knows.
    Ext2,
    /// Gas exchange and the like: nothing that the table of codes knows.
    Ext3,
}

/// A class block and when the monitor made it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block<'a> {
    pub class: Class,
    /// The monitor's clock.
    pub time: u32,
    bytes: &'a [u8],
}

/// Bytes of a subrecord of displayed values or trends.
const VALUES_BYTES: usize = 278;
/// The class block begins after the time and has 270 bytes.
const BLOCK: std::ops::Range<usize> = 4..274;
/// Where the class word stands in the subrecord.
const CLASS_WORD: usize = 276;

/// The class is none that is known; with its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct UnknownClass(pub u16);

impl<'a> Block<'a> {
    /// `None` when the subrecord is cut short.
    pub(super) fn read(part: &'a [u8]) -> Option<Result<Block<'a>, UnknownClass>> {
        let part = part.get(..VALUES_BYTES)?;
        let class = match u16_at(part, CLASS_WORD)? >> 8 & 0x0F {
            0 => Class::Basic,
            1 => Class::Ext1,
            2 => Class::Ext2,
            3 => Class::Ext3,
            other => return Some(Err(UnknownClass(other))),
        };
        Some(Ok(Block {
            class,
            time: u32_at(part, 0)?,
            bytes: part.get(BLOCK)?,
        }))
    }

    /// The group whose header stands at this offset of the block.
    pub(super) fn group(self, at: usize) -> Group<'a> {
        let bytes = self.bytes.get(at..).unwrap_or_default();
        Group {
            status: u32_at(bytes, 0).unwrap_or_default(),
            label: u16_at(bytes, 4).unwrap_or_default(),
            bytes,
        }
    }

    /// The four bytes at this offset of the block.
    pub(super) fn bits(self, at: usize) -> u32 {
        u32_at(self.bytes, at).unwrap_or_default()
    }

    /// The value at this offset of the block, where it belongs to no group.
    pub(super) fn raw(self, at: usize) -> Raw {
        Raw(i16_at(self.bytes, at).unwrap_or(INVALID))
    }
}

/// Values that belong together, with their state.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group<'a> {
    pub status: u32,
    pub label: u16,
    bytes: &'a [u8],
}

impl Group<'_> {
    /// The monitor measures this now. Without it no number of the group means anything.
    pub(super) fn is_active(self) -> bool {
        self.has(1)
    }

    /// Whether a bit of the status is set.
    pub(super) fn has(self, bit: u32) -> bool {
        self.status >> bit & 1 == 1
    }

    /// The value at this offset of the group.
    pub(super) fn raw(self, at: usize) -> Raw {
        Raw(i16_at(self.bytes, at).unwrap_or(INVALID))
    }

    /// The state and these values as one number: what a claim was read from.
    pub(super) fn read_from(self, raw: Raw) -> u64 {
        let [low, high, ..] = self.status.to_le_bytes();
        let [first, second] = self.label.to_le_bytes();
        let [one, two] = raw.0.to_le_bytes();
        u64::from_le_bytes([one, two, first, second, low, high, 0, 0])
    }
}

const INVALID: i16 = -32767;

/// A value as sent, or one of the marks that say why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Raw(pub i16);

/// The smallest real value; what is below is a mark.
pub(super) const SMALLEST: i16 = -32000;

/// What a mark says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Invalid, not updated, discontinuity, or a mark that is not documented.
    None,
    /// Below or above what the monitor can measure.
    OutOfRange,
    /// The measurement is not calibrated.
    NotCalibrated,
}

impl Raw {
    /// The number, or the mark.
    pub(super) fn number(self) -> Result<i64, Mark> {
        match self.0 {
            SMALLEST.. => Ok(i64::from(self.0)),
            -32764 | -32763 => Err(Mark::OutOfRange),
            -32762 => Err(Mark::NotCalibrated),
            _ => Err(Mark::None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i5_every_mark_of_the_interface_is_no_number() {
        for (raw, number) in [
            (-32767, Err(Mark::None)),
            (-32766, Err(Mark::None)),
            (-32765, Err(Mark::None)),
            (-32764, Err(Mark::OutOfRange)),
            (-32763, Err(Mark::OutOfRange)),
            (-32762, Err(Mark::NotCalibrated)),
            (-32768, Err(Mark::None)),
            (-32001, Err(Mark::None)),
            (-32000, Ok(-32000)),
            (0, Ok(0)),
            (32767, Ok(32767)),
        ] {
            assert_eq!(Raw(raw).number(), number, "{raw}");
        }
    }

    #[test]
    fn a_subrecord_outside_the_record_is_refused() {
        let mut bytes = vec![0; 60];
        bytes[18] = 1;
        bytes[21] = NO_MORE_PARTS;
        assert_eq!(Record::read(&bytes).map(|record| record.parts.len()), Some(1));
        bytes[16] = 20;
        assert!(Record::read(&bytes).is_none());
        bytes[16..18].copy_from_slice(&(-1i16).to_le_bytes());
        assert!(Record::read(&bytes).is_none());
    }
}
