//! One message as text: separators from its own MSH, segments, fields, components, escapes, character sets.
//!
//! Nothing here is refused but a message that does not begin with MSH: fields that are missing are empty.

/// The separators of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Separators {
    /// MSH-1, usually `|`.
    pub field: char,
    /// Between components, usually `^`.
    pub component: char,
    /// Between repetitions, usually `~`.
    pub repetition: char,
    /// Around escapes, usually `\`.
    pub escape: char,
    /// Between subcomponents, usually `&`.
    pub subcomponent: char,
}

impl Separators {
    /// What everybody uses.
    pub const USUAL: Separators = Separators {
        field: '|',
        component: '^',
        repetition: '~',
        escape: '\\',
        subcomponent: '&',
    };

    /// From the first segment; `None` when it is no MSH, or when two of them are the same.
    fn of(msh: &str) -> Option<Separators> {
        let mut chars = msh.strip_prefix("MSH")?.chars();
        let field = chars.next().filter(|c| !c.is_alphanumeric())?;
        let encoding: Vec<char> = chars.take_while(|c| *c != field).collect();
        let usual = Separators::USUAL;
        // Old senders leave out the ones that they do not use.
        let at = |place: usize, usual: char| encoding.get(place).copied().unwrap_or(usual);
        let found = Separators {
            field,
            component: at(0, usual.component),
            repetition: at(1, usual.repetition),
            escape: at(2, usual.escape),
            subcomponent: at(3, usual.subcomponent),
        };
        let all = [
            found.field,
            found.component,
            found.repetition,
            found.escape,
            found.subcomponent,
        ];
        let different = |place: usize, one: &char| !all.iter().skip(place + 1).any(|other| other == one);
        all.iter()
            .enumerate()
            .all(|(place, one)| different(place, one) && !one.is_alphanumeric())
            .then_some(found)
    }
}

/// A parsed message.
#[derive(Clone, Debug)]
pub struct Message {
    separators: Separators,
    lines: Vec<String>,
}

impl Message {
    /// Reads a message; `None` when it does not begin with an MSH segment.
    pub fn read(bytes: &[u8]) -> Option<Message> {
        let text = text_of(bytes);
        let lines = text.split(['\r', '\n']).map(str::trim_start);
        let lines: Vec<String> = lines.filter(|line| !line.is_empty()).map(str::to_owned).collect();
        let separators = Separators::of(lines.first()?)?;
        Some(Message { separators, lines })
    }

    /// The header.
    pub fn msh(&self) -> Segment<'_> {
        self.segment(self.lines.first().map_or("", String::as_str))
    }

    /// All segments in their order, the header first.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        self.lines.iter().map(|line| self.segment(line))
    }

    fn segment<'a>(&self, line: &'a str) -> Segment<'a> {
        Segment {
            line,
            separators: self.separators,
        }
    }
}

/// One line of a message.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    line: &'a str,
    separators: Separators,
}

impl<'a> Segment<'a> {
    /// Its name: MSH, PID, OBX.
    pub fn name(self) -> &'a str {
        self.line.split(self.separators.field).next().unwrap_or("")
    }

    /// The line as it came, decoded.
    pub fn line(self) -> &'a str {
        self.line
    }

    /// The separators of its message.
    pub fn separators(self) -> Separators {
        self.separators
    }

    /// A field as it came, by its number in the standard; empty when it is not there.
    pub fn field(self, number: usize) -> &'a str {
        // MSH-1 is the separator itself.
        let place = if self.name() == "MSH" {
            number.saturating_sub(1)
        } else {
            number
        };
        self.line
            .split(self.separators.field)
            .nth(place)
            .unwrap_or("")
            .trim()
    }

    /// The first repetition of a field.
    pub fn first(self, number: usize) -> &'a str {
        let field = self.field(number);
        // MSH-2 is made of separators.
        if self.name() == "MSH" && number <= 2 {
            return field;
        }
        field.split(self.separators.repetition).next().unwrap_or("")
    }

    /// A component of the first repetition, as it came.
    pub fn raw_component(self, number: usize, component: usize) -> &'a str {
        let parts = self.first(number).split(self.separators.component);
        parts
            .into_iter()
            .nth(component.saturating_sub(1))
            .unwrap_or("")
            .trim()
    }

    /// The first subcomponent of a component, in plain text.
    pub fn component(self, number: usize, component: usize) -> String {
        let raw = self.raw_component(number, component);
        self.plain(raw.split(self.separators.subcomponent).next().unwrap_or(""))
    }

    /// Text without its escapes.
    pub fn plain(self, raw: &str) -> String {
        unescape(raw.trim(), self.separators)
    }
}

fn unescape(raw: &str, separators: Separators) -> String {
    if !raw.contains(separators.escape) {
        return raw.to_owned();
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once(separators.escape) {
        text.push_str(before);
        let Some((inside, beyond)) = after.split_once(separators.escape) else {
            // An escape that does not end is none.
            text.push(separators.escape);
            rest = after;
            break;
        };
        rest = beyond;
        match inside {
            "F" => text.push(separators.field),
            "S" => text.push(separators.component),
            "T" => text.push(separators.subcomponent),
            "R" => text.push(separators.repetition),
            "E" => text.push(separators.escape),
            ".br" | ".sp" => text.push('\n'),
            // Anything but bytes is for printers: highlighting, and the like.
            _ => {
                if let Some(bytes) = inside.strip_prefix('X').and_then(hex) {
                    text.push_str(&text_of(&bytes));
                }
            }
        }
    }
    text.push_str(rest);
    text
}

fn hex(digits: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let pair = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(digit(high)? << 4 | digit(low)?).ok(),
        _ => None,
    };
    digits.as_bytes().chunks(2).map(pair).collect()
}

/// UTF-8 when it is UTF-8, else Latin-1, which never fails. A message that says `8859/1` is not asked.
fn text_of(bytes: &[u8]) -> String {
    let says_latin = || {
        let msh = bytes.split(|byte| *byte == b'\r').next().unwrap_or_default();
        msh.windows(6).any(|six| six == b"8859/1")
    };
    match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() || !says_latin() => text.to_owned(),
        _ => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Message {
        Message::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn separators_are_those_of_the_message() {
        let message = read("MSH#*~\\&#gate#x\rPV1###ICU*R1*bed 3\r\n");
        assert_eq!(message.msh().field(3), "gate");
        let pv1 = message.segments().last().unwrap();
        assert_eq!((pv1.name(), pv1.component(3, 3).as_str()), ("PV1", "bed 3"));
        assert_eq!(pv1.field(99), "");
        assert!(Message::read(b"PID|1").is_none());
        assert!(Message::read(b"MSH||||").is_some());
        assert!(Message::read(b"MSH|^^^^|x").is_none());
        assert!(Message::read(b"").is_none());
    }

    #[test]
    fn escapes_become_what_they_stand_for() {
        let message = read(
            "MSH|^~\\&|\rOBX|1|ST|x||2.73x10\\S\\-7|\\T\\\\F\\\\E\\\\R\\|a\\.br\\b|\\X41C2B0\\|a\\b|\\H\\c\\N\\",
        );
        let obx = message.segments().last().unwrap();
        let plain = |n| obx.component(n, 1);
        assert_eq!(plain(5), "2.73x10^-7");
        assert_eq!(plain(6), "&|\\~");
        assert_eq!(plain(7), "a\nb");
        assert_eq!(plain(8), "A\u{b0}");
        assert_eq!(plain(9), "a\\b");
        assert_eq!(plain(10), "c");
    }

    #[test]
    fn text_is_utf_8_or_else_latin_1() {
        let both = |bytes: &[u8]| {
            Message::read(bytes)
                .unwrap()
                .segments()
                .last()
                .unwrap()
                .field(5)
                .to_owned()
        };
        assert_eq!(both(b"MSH|^~\\&|\rPID|||||M\xc3\xbcller"), "Müller");
        assert_eq!(both(b"MSH|^~\\&|\rPID|||||M\xfcller"), "Müller");
        assert_eq!(
            both(b"MSH|^~\\&||||||||||||||||8859/1\rPID|||||M\xc3\xbcller"),
            "MÃ¼ller"
        );
    }

    #[test]
    fn the_header_and_its_first_repetition() {
        let message = read("MSH|^~\\&|A^B&C|||||X|ORU^R01^ORU_R01|7|P|2.6");
        assert_eq!(message.msh().first(2), "^~\\&");
        assert_eq!(message.msh().raw_component(3, 2), "B&C");
        assert_eq!(message.msh().component(3, 2), "B");
        assert_eq!(message.msh().component(9, 2), "R01");
        assert_eq!(message.msh().field(12), "2.6");
    }
}
