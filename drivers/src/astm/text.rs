//! Bytes to text: UTF-8 where it is UTF-8, else CP1252, which never fails.

/// CP1252 80h to 9Fh; what it leaves undefined is a question mark.
const CP1252: [char; 32] = [
    '\u{20ac}', '?', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}', '\u{2c6}',
    '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '?', '\u{17d}', '?', '?', '\u{2018}', '\u{2019}',
    '\u{201c}', '\u{201d}', '\u{2022}', '\u{2013}', '\u{2014}', '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}',
    '\u{153}', '?', '\u{17e}', '\u{178}',
];

/// The text of a record.
pub(super) fn text_of(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| cp1252(*byte)).collect(),
    }
}

fn cp1252(byte: u8) -> char {
    let high = byte
        .checked_sub(0x80)
        .and_then(|place| CP1252.get(usize::from(place)));
    high.copied().unwrap_or(char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_8_strictly_and_else_cp1252() {
        assert_eq!(
            text_of("\u{b5}mol/l M\u{fc}ller".as_bytes()),
            "\u{b5}mol/l M\u{fc}ller"
        );
        assert_eq!(
            text_of(b"\xb5mol/l M\xfcller \x80 \x8a \x81"),
            "\u{b5}mol/l M\u{fc}ller \u{20ac} \u{160} ?"
        );
        // Half a character of UTF-8 makes none of it UTF-8.
        assert_eq!(text_of(b"\xc3\xbc\xc3"), "\u{c3}\u{bc}\u{c3}");
    }
}
