//! The monitor's bytes: big-endian numbers, lists, FLOAT, text, BCD time, and frames of the serial port.

use std::collections::VecDeque;

/// Numbers of 16 bits, one after the other.
pub fn u16s(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// Numbers of 32 bits, one after the other.
pub fn u32s(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// `length u16` and the bytes.
pub fn sized(bytes: &[u8]) -> Vec<u8> {
    [&u16s(&[bytes.len() as u16])[..], bytes].concat()
}

/// `count u16, length u16` and the items.
pub fn list(items: &[Vec<u8>]) -> Vec<u8> {
    [&u16s(&[items.len() as u16])[..], &sized(&items.concat())].concat()
}

/// `id u16, length u16, value`.
pub fn attribute(id: u16, value: &[u8]) -> Vec<u8> {
    [&u16s(&[id])[..], &sized(value)].concat()
}

/// A FLOAT with `places` digits after the point; NaN where there is no value.
pub fn float(value: Option<f64>, places: u8) -> Vec<u8> {
    let Some(value) = value else {
        return u32s(&[0x007F_FFFF]);
    };
    let mantissa = (value * 10_f64.powi(places.into())).round() as i32;
    let exponent = places.wrapping_neg();
    u32s(&[u32::from(exponent) << 24 | mantissa as u32 & 0x00FF_FFFF])
}

/// UTF-16BE with a NUL at the end, as monitors send it.
pub fn text(text: &str) -> Vec<u8> {
    let words: Vec<u16> = text.encode_utf16().chain([0]).collect();
    u16s(&words)
}

/// Seconds since 1970 as eight BCD bytes.
pub fn absolute(seconds: i64) -> Vec<u8> {
    let (year, month, day) = date(seconds.div_euclid(86_400));
    let of_day = seconds.rem_euclid(86_400);
    [
        year / 100,
        year % 100,
        month,
        day,
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60,
        0,
    ]
    .iter()
    .map(|part| (part / 10 * 16 + part % 10) as u8)
    .collect()
}

/// Year, month, day of a day since 1970: by counting, for the few decades that matter.
fn date(mut days: i64) -> (i64, i64, i64) {
    let leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let mut year = 1970;
    while days >= 365 + i64::from(leap(year)) {
        days -= 365 + i64::from(leap(year));
        year += 1;
    }
    let february = 28 + i64::from(leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, days + 1)
}

/// RFC 1662, bit by bit.
fn fcs(bytes: &[u8]) -> u16 {
    let sum = bytes.iter().fold(0xFFFF_u16, |sum, byte| {
        (0..8).fold(sum ^ u16::from(*byte), |sum, _| {
            if sum & 1 == 1 { sum >> 1 ^ 0x8408 } else { sum >> 1 }
        })
    });
    !sum
}

/// Puts a message into a frame.
pub fn frame(message: &[u8]) -> Vec<u8> {
    let mut inner = [&[0x11, 0x01][..], &sized(message)].concat();
    inner.extend(fcs(&inner).to_le_bytes());
    let mut frame = vec![0xC0];
    for byte in inner {
        if matches!(byte, 0xC0 | 0xC1 | 0x7D) {
            frame.extend([0x7D, byte ^ 0x20]);
        } else {
            frame.push(byte);
        }
    }
    frame.push(0xC1);
    frame
}

/// Finds frames in what comes.
#[derive(Debug, Default)]
pub struct Frames {
    begun: Option<Vec<u8>>,
}

impl Frames {
    /// The messages of the frames that these bytes complete.
    pub fn hear(&mut self, bytes: &[u8]) -> VecDeque<Vec<u8>> {
        let mut found = VecDeque::new();
        for &byte in bytes {
            match (byte, &mut self.begun) {
                (0xC0, _) => self.begun = Some(Vec::new()),
                (0xC1, Some(begun)) => {
                    found.extend(message(begun));
                    self.begun = None;
                }
                (_, Some(begun)) if begun.len() < 4096 => begun.push(byte),
                _ => self.begun = None,
            }
        }
        found
    }
}

fn message(escaped: &[u8]) -> Option<Vec<u8>> {
    let (mut inner, mut bytes) = (Vec::new(), escaped.iter());
    while let Some(byte) = bytes.next() {
        inner.push(if *byte == 0x7D {
            bytes.next()? ^ 0x20
        } else {
            *byte
        });
    }
    let (body, sum) = inner.split_at_checked(inner.len().checked_sub(2)?)?;
    let message = body.get(4..)?;
    let length = u16::from_be_bytes([body[2], body[3]]);
    let is_good =
        fcs(body).to_le_bytes() == sum && body[..2] == [0x11, 0x01] && usize::from(length) == message.len();
    is_good.then(|| message.to_vec())
}
