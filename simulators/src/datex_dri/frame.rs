//! Frames and records of the interface, from the sheet: flags, escapes, the 8-bit sum, the header of 40 bytes.

const FLAG: u8 = 0x7E;
const ESCAPE: u8 = 0x7D;

/// Bytes of a record's header.
pub const HEADER: usize = 40;

/// Longest question that is listened to; the longest real one has 72 bytes.
const HEARD_MAX: usize = 256;

/// Who sends, and at which time of its own.
#[derive(Clone, Copy, Debug)]
pub struct Sender {
    /// Which issue of the interface, 2 to 12.
    pub level: u8,
    /// The monitor's number.
    pub plug: u16,
    /// Seconds since 1970 by the monitor's clock.
    pub time: u32,
}

/// A record on the line: its main type, its number, and its subrecords with their types.
pub fn record(sender: Sender, main: i16, number: u8, parts: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let data: usize = parts.iter().map(|(_, part)| part.len()).sum();
    let length = (HEADER + data) as i16;
    let mut bytes = Vec::with_capacity(HEADER + data);
    bytes.extend(length.to_le_bytes());
    bytes.extend([number, sender.level]);
    bytes.extend(sender.plug.to_le_bytes());
    bytes.extend(sender.time.to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend(main.to_le_bytes());
    let mut offset = 0_i16;
    for (kind, part) in parts {
        bytes.extend(offset.to_le_bytes());
        bytes.push(*kind);
        offset += part.len() as i16;
    }
    if parts.len() < 8 {
        bytes.extend([0, 0, 0xFF]);
    }
    bytes.resize(HEADER, 0);
    parts.iter().for_each(|(_, part)| bytes.extend(part));
    frame(&bytes)
}

fn frame(record: &[u8]) -> Vec<u8> {
    let sum = record.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    let mut bytes = vec![FLAG];
    for byte in record.iter().chain([&sum]) {
        match *byte {
            FLAG | ESCAPE => bytes.extend([ESCAPE, byte & 0xDF]),
            plain => bytes.push(plain),
        }
    }
    bytes.push(FLAG);
    bytes
}

/// What arrives between flags.
#[derive(Debug, Default)]
pub struct Ear {
    heard: Vec<u8>,
    escaped: bool,
}

impl Ear {
    /// Takes a byte; gives a record when one is whole and its sum and length fit.
    pub fn hear(&mut self, byte: u8) -> Option<Vec<u8>> {
        match byte {
            FLAG => {
                self.escaped = false;
                let mut record = std::mem::take(&mut self.heard);
                let sum = record.pop()?;
                let length = i16::from_le_bytes([*record.first()?, *record.get(1)?]);
                let added = record.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
                (added == sum && usize::try_from(length) == Ok(record.len()) && record.len() > HEADER)
                    .then_some(record)
            }
            ESCAPE => {
                self.escaped = true;
                None
            }
            plain => {
                let bit = if std::mem::take(&mut self.escaped) {
                    0x20
                } else {
                    0
                };
                if self.heard.len() < HEARD_MAX {
                    self.heard.push(plain | bit);
                }
                None
            }
        }
    }
}
