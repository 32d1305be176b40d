//! Reading and writing helpers: big-endian numbers, lists that begin with count and length, FLOAT, text.
//!
//! A [`Reader`] never reads beyond its bytes: what is cut short is `None`, and whoever reads gives the whole message up.

use vitals::Decimal;

/// Bytes that are read from the front.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    /// The next `count` bytes as a reader of their own.
    pub(super) fn part(&mut self, count: u16) -> Option<Reader<'a>> {
        self.take(usize::from(count)).map(Reader::new)
    }

    /// `length u16` and so many bytes.
    pub(super) fn sized(&mut self) -> Option<Reader<'a>> {
        let length = self.u16()?;
        self.part(length)
    }

    /// `count u16, length u16` and the bytes of the items.
    pub(super) fn list(&mut self) -> Option<(u16, Reader<'a>)> {
        let count = self.u16()?;
        Some((count, self.sized()?))
    }

    /// An attribute list: `{id u16, length u16, value}*`.
    pub(super) fn attributes(&mut self) -> Option<Vec<(u16, &'a [u8])>> {
        let (count, mut items) = self.list()?;
        let mut found = Vec::new();
        for _ in 0..count {
            let id = items.u16()?;
            found.push((id, items.sized()?.rest));
        }
        Some(found)
    }

    /// What has not been read.
    pub(super) fn rest(self) -> &'a [u8] {
        self.rest
    }
}

/// A FLOAT: signed exponent, then a signed mantissa of 24 bits; the powers are of ten. The four special mantissas, and
/// what is larger than any measurement, are no number: `None`.
pub(super) fn decimal(float: u32) -> Option<Decimal> {
    let [exponent, mantissa @ ..] = float.to_be_bytes();
    let exponent = i8::from_be_bytes([exponent]);
    let [high, middle, low] = mantissa;
    // Shifted up and back to keep the sign.
    let mantissa = i64::from(i32::from_be_bytes([high, middle, low, 0]) >> 8);
    const NAN: i64 = 0x7F_FFFF;
    const INFINITE: i64 = 0x7F_FFFE;
    const NOT_AT_THIS_RESOLUTION: i64 = -0x80_0000;
    const MINUS_INFINITE: i64 = -0x7F_FFFE;
    if matches!(mantissa, NAN | INFINITE | NOT_AT_THIS_RESOLUTION | MINUS_INFINITE) {
        return None;
    }
    match u8::try_from(exponent) {
        Ok(up) => Some(Decimal::whole(
            mantissa.checked_mul(10_i64.checked_pow(u32::from(up))?)?,
        )),
        Err(_) => Some(Decimal::new(mantissa, exponent.unsigned_abs())),
    }
}

/// UTF-16BE as the monitor pads it: with spaces and NUL at the end.
pub(super) fn text(bytes: &[u8]) -> String {
    let words = bytes
        .chunks_exact(2)
        .filter_map(|pair| Some(u16::from_be_bytes(pair.try_into().ok()?)));
    let text: String = char::decode_utf16(words)
        .map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    let text: String = text.split('\0').next().unwrap_or_default().to_owned();
    text.chars()
        .map(|char| if char.is_control() { ' ' } else { char })
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Bytes of a request.
#[derive(Clone, Debug, Default)]
pub(super) struct Writer(pub Vec<u8>);

impl Writer {
    pub(super) fn u16s(mut self, words: &[u16]) -> Self {
        words
            .iter()
            .for_each(|word| self.0.extend_from_slice(&word.to_be_bytes()));
        self
    }

    pub(super) fn u32s(mut self, words: &[u32]) -> Self {
        words
            .iter()
            .for_each(|word| self.0.extend_from_slice(&word.to_be_bytes()));
        self
    }

    pub(super) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// `length u16` and the bytes. What we write is far below 64 KiB.
    pub(super) fn sized(self, bytes: &[u8]) -> Self {
        let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
        self.u16s(&[length]).bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v1_floats_are_decimals_and_the_special_ones_are_no_number() {
        let shown = |float| decimal(float).map(|value| value.to_string());
        for (float, text) in [
            (0x0000_0050, "80"),
            (0xFF00_0174, "37.2"),
            (0xFE00_0E8D, "37.25"),
            (0xFFFF_FFF1, "-1.5"),
            (0x0200_0003, "300"),
        ] {
            assert_eq!(shown(float).as_deref(), Some(text), "{float:08x}");
        }
        for float in [
            0x007F_FFFF,
            0x0080_0000,
            0x007F_FFFE,
            0x0080_0002,
            0x7F00_0001,
            0xFF7F_FFFF,
        ] {
            assert_eq!(decimal(float), None, "{float:08x}");
        }
        assert_eq!(shown(0x8000_0001).as_deref(), Some("0.000000"));
    }

    #[test]
    fn a_list_that_is_cut_short_is_nothing() {
        let whole = [0, 2, 0, 9, 0x09, 0x21, 0, 1, 7, 0x09, 0x24, 0, 0];
        let read = |bytes: &[u8]| Reader::new(bytes).attributes().map(|all| all.len());
        assert_eq!(read(&whole), Some(2));
        for end in 0..whole.len() {
            assert_eq!(read(&whole[..end]), None, "{end}");
        }
        // One item more than there are bytes for.
        assert_eq!(read(&[0, 3, 0, 9, 0x09, 0x21, 0, 1, 7, 0x09, 0x24, 0, 0]), None);
    }

    #[test]
    fn text_loses_its_padding_and_nothing_else() {
        assert_eq!(text(&[0, b'F', 0, b'C', 0, b' ', 0, 0]), "FC");
        assert_eq!(text(&[0, b'S', 0x20, 0x82, 0, 0]), "S\u{2082}");
        assert_eq!(text(&[0xD8, 0x00, 0, b'x', 9]), "\u{FFFD}x");
    }
}
