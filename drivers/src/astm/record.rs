//! One record of E1394 as text: the delimiters that H-2 declares, fields, components, repeats, escapes.

/// The delimiters of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Delimiters {
    field: char,
    repeat: char,
    component: char,
    escape: char,
}

impl Delimiters {
    /// From a header, `H|\^&|...`; `None` when it is none, or when two of them are the same.
    pub(super) fn of(header: &str) -> Option<Delimiters> {
        let mut chars = header.strip_prefix('H')?.chars();
        let found = [chars.next()?, chars.next()?, chars.next()?, chars.next()?];
        let [field, repeat, component, escape] = found;
        let ends = chars.next().is_none_or(|next| next == field);
        let good =
            |c: &char| c.is_ascii_punctuation() && found.iter().filter(|other| *other == c).count() == 1;
        (ends && found.iter().all(good)).then_some(Delimiters {
            field,
            repeat,
            component,
            escape,
        })
    }
}

/// One record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    text: &'a str,
    delimiters: Delimiters,
}

impl<'a> Record<'a> {
    pub(super) fn new(text: &'a str, delimiters: Delimiters) -> Record<'a> {
        Record { text, delimiters }
    }

    /// Its letter: the whole of its first field.
    pub(super) fn kind(self) -> &'a str {
        self.field(1)
    }

    /// A field as it came, by its number in the standard (the letter is 1); empty when it is not there.
    pub(super) fn field(self, number: usize) -> &'a str {
        let mut fields = self.text.split(self.delimiters.field);
        fields.nth(number.saturating_sub(1)).unwrap_or("").trim()
    }

    /// The first repetition of a field.
    pub(super) fn first(self, number: usize) -> &'a str {
        self.repeats(number).next().unwrap_or("")
    }

    /// The repetitions of a field.
    pub(super) fn repeats(self, number: usize) -> impl Iterator<Item = &'a str> {
        self.field(number).split(self.delimiters.repeat).map(str::trim)
    }

    /// The components of the first repetition, in plain text.
    pub(super) fn components(self, number: usize) -> impl Iterator<Item = String> + use<'a> {
        let parts = self.first(number).split(self.delimiters.component);
        parts.map(move |part| self.plain(part))
    }

    /// A component of the first repetition, in plain text; empty when it is not there.
    pub(super) fn component(self, number: usize, component: usize) -> String {
        let mut parts = self.components(number);
        parts.nth(component.saturating_sub(1)).unwrap_or_default()
    }

    /// Text without its escapes: `&F& &S& &R& &E&` are the delimiters, `&Xhh&` is a byte; others are for printers.
    pub(super) fn plain(self, raw: &str) -> String {
        let Delimiters {
            field,
            repeat,
            component,
            escape,
        } = self.delimiters;
        let (mut text, mut rest) = (String::new(), raw);
        while let Some((before, after)) = rest.split_once(escape) {
            text.push_str(before);
            let Some((inside, beyond)) = after.split_once(escape) else {
                // An escape that does not end is none.
                text.push(escape);
                rest = after;
                break;
            };
            rest = beyond;
            match inside {
                "F" => text.push(field),
                "S" => text.push(component),
                "R" => text.push(repeat),
                "E" => text.push(escape),
                _ => {
                    if let Some(bytes) = inside.strip_prefix('X').and_then(bytes) {
                        text.push_str(&super::text::text_of(&bytes));
                    }
                }
            }
        }
        text.push_str(rest);
        text.trim().to_owned()
    }
}

fn bytes(digits: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let pair = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(digit(high)? << 4 | digit(low)?).ok(),
        _ => None,
    };
    digits.as_bytes().chunks(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiters_are_those_that_the_header_declares() {
        assert!(Delimiters::of("H|\\^&|||Sim").is_some());
        assert!(Delimiters::of("H|\\^&").is_some());
        assert!(Delimiters::of("H!~$%!!!Sim").is_some());
        for bad in [
            "",
            "H",
            "H|",
            "H|\\^",
            "H||^&|",
            "H|\\^^|",
            "H|\\^&x",
            "Habcd",
            "P|\\^&|",
            "H|\\^\u{b5}|",
        ] {
            assert_eq!(Delimiters::of(bad), None, "{bad}");
        }
        let record = Record::new("R!1!$$$HGB!6.9!a~b", Delimiters::of("H!~$%").unwrap());
        assert_eq!((record.kind(), record.component(3, 4).as_str()), ("R", "HGB"));
        assert_eq!(record.repeats(5).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((record.field(4), record.field(99)), ("6.9", ""));
    }

    #[test]
    fn escapes_become_what_they_stand_for() {
        let usual = Delimiters::of("H|\\^&").unwrap();
        let plain = |raw| Record::new("", usual).plain(raw);
        assert_eq!(plain("a&F&b&S&c&R&d&E&e"), "a|b^c\\d&e");
        assert_eq!(plain("&XB5&mol"), "\u{b5}mol");
        assert_eq!(plain("&H&bold&N& A&B"), "bold A&B");
        assert_eq!(plain("&X4&&Xzz&x"), "x");
    }
}
