//! Acknowledgements: which ones a message asks for, and how they are written.
//!
//! | MSH-15 | MSH-16 | asked for |
//! |---|---|---|
//! | empty | empty | original mode: AA stored, AE content refused, AR not readable or not for us |
//! | AL | NE | accept only: CA, CE, CR (eGateway, alarm senders) |
//! | NE | AL | application only: AA, AE, AR (GE) |
//! | AL | AL | CA, then AA as a message of its own |
//! | ER, SU | ER, SU | only when it is an error, only when it is none |

use vitals::WallTime;

use super::message::{Message, Segment, Separators};
use super::mllp;
use super::stamp;

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is on the card (said only once it is).
    Stored,
    /// Its content is refused.
    Refused(Problem),
    /// It cannot be read, or it is not for us.
    Rejected(Problem),
}

/// Why, with the number of HL7 table 0357.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// No MSH segment: 100.
    NoHeader,
    /// No source of this line has this location: 204 (unknown key identifier).
    UnknownLocation,
    /// Not an ORU^R01 or ORU^R40: 200.
    OtherMessage,
    /// Training or debugging, not production: 202.
    NotProduction,
    /// Longer than a message may be: 207.
    TooLong,
}

impl Problem {
    fn number(self) -> u16 {
        match self {
            Problem::NoHeader => 100,
            Problem::OtherMessage => 200,
            Problem::NotProduction => 202,
            Problem::UnknownLocation => 204,
            Problem::TooLong => 207,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Problem::NoHeader => "Segment sequence error",
            Problem::OtherMessage => "Unsupported message type",
            Problem::NotProduction => "Unsupported processing id",
            Problem::UnknownLocation => "Unknown key identifier",
            Problem::TooLong => "Application internal error",
        }
    }
}

impl Verdict {
    fn problem(self) -> Option<Problem> {
        match self {
            Verdict::Stored => None,
            Verdict::Refused(problem) | Verdict::Rejected(problem) => Some(problem),
        }
    }

    fn letter(self) -> char {
        match self {
            Verdict::Stored => 'A',
            Verdict::Refused(_) => 'E',
            Verdict::Rejected(_) => 'R',
        }
    }
}

/// Writes acknowledgements, each with an id of its own.
#[derive(Debug, Default)]
pub struct Answers {
    written: u64,
}

impl Answers {
    /// The blocks that answer a message, in the order in which they are to be sent.
    pub fn to(&mut self, message: &Message, verdict: Verdict, now: WallTime) -> Vec<Vec<u8>> {
        let msh = message.msh();
        let mut blocks = Vec::new();
        let (accept, application) = (msh.component(15, 1), msh.component(16, 1));
        // Some analysers write there what sort of results they send: they want what was usual before these fields.
        if !is_condition(&accept) && !is_condition(&application) {
            blocks.push(self.block(Some(msh), 'A', verdict, now));
            return blocks;
        }
        if is_wanted(&accept, verdict) {
            blocks.push(self.block(Some(msh), 'C', verdict, now));
        }
        // Whoever was told that it was not accepted expects no further word.
        if is_wanted(&application, verdict) && (verdict == Verdict::Stored || blocks.is_empty()) {
            blocks.push(self.block(Some(msh), 'A', verdict, now));
        }
        blocks
    }

    /// The block that answers bytes without a header.
    pub fn reject_nameless(&mut self, verdict: Verdict, now: WallTime) -> Vec<u8> {
        self.block(None, 'A', verdict, now)
    }

    fn block(&mut self, msh: Option<Segment<'_>>, mode: char, verdict: Verdict, now: WallTime) -> Vec<u8> {
        self.written += 1;
        let separators = msh.map_or(Separators::USUAL, Segment::separators);
        let field = |number: usize| msh.map_or("", |msh| msh.first(number));
        let [s, c] = [separators.field, separators.component];
        let encoding = format!(
            "{c}{}{}{}",
            separators.repetition, separators.escape, separators.subcomponent
        );
        let version = field(12);
        let id = format!("VP{}", self.written);
        let begin = format!("MSH{s}{encoding}");
        let (date, kind) = (stamp::written(now), kind(msh, c));
        let header = [
            begin.as_str(),
            field(5),
            field(6),
            field(3),
            field(4),
            date.as_str(),
            "",
            kind.as_str(),
            id.as_str(),
            if field(11).is_empty() { "P" } else { field(11) },
            if version.is_empty() { "2.3" } else { version },
        ];
        let mut text = header.join(&s.to_string());
        text.push_str(&format!("\rMSA{s}{mode}{}{s}{}\r", verdict.letter(), field(10)));
        if let Some(problem) = verdict.problem().filter(|_| has_error_codes(version)) {
            let (number, words) = (problem.number(), problem.text());
            text.push_str(&format!("ERR{s}{s}{s}{number}{c}{words}{c}HL70357{s}E\r"));
        }
        mllp::block(&text)
    }
}

fn is_condition(text: &str) -> bool {
    matches!(text, "AL" | "NE" | "ER" | "SU")
}

fn is_wanted(condition: &str, verdict: Verdict) -> bool {
    match condition {
        "AL" => true,
        "ER" => verdict != Verdict::Stored,
        "SU" => verdict == Verdict::Stored,
        _ => false,
    }
}

/// With as many components as the sender uses: `ACK`, `ACK^R01`, `ACK^R01^ACK`.
fn kind(msh: Option<Segment<'_>>, component: char) -> String {
    let Some(msh) = msh else {
        return "ACK".to_owned();
    };
    let trigger = msh.raw_component(9, 2);
    if trigger.is_empty() {
        "ACK".to_owned()
    } else if msh.raw_component(9, 3).is_empty() {
        format!("ACK{component}{trigger}")
    } else {
        format!("ACK{component}{trigger}{component}ACK")
    }
}

/// ERR-3 exists since version 2.5.
fn has_error_codes(version: &str) -> bool {
    let number = version.split('^').next().unwrap_or("");
    let mut parts = number.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    (parts.next(), parts.next()) >= (Some(2), Some(5))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answers to a message with these MSH-15 and MSH-16, as `CA AA`.
    fn check(accept: &str, application: &str, verdict: Verdict, expected: &str) {
        let text =
            format!("MSH|^~\\&|GW|H|VP|POST|20260912||ORU^R01^ORU_R01|23545|P|2.6|||{accept}|{application}");
        let message = Message::read(text.as_bytes()).unwrap();
        let blocks = Answers::default().to(&message, verdict, WallTime::from_unix_ms(0));
        let codes: Vec<String> = blocks.iter().map(|block| code(block)).collect();
        assert_eq!(codes.join(" "), expected, "{accept} {application} {verdict:?}");
    }

    fn code(block: &[u8]) -> String {
        let message = Message::read(&block[1..block.len() - 2]).unwrap();
        let msa = message.segments().nth(1).unwrap();
        assert_eq!((msa.name(), msa.field(2)), ("MSA", "23545"));
        msa.field(1).to_owned()
    }

    #[test]
    fn every_mode_of_the_table() {
        let (good, bad) = (Verdict::Stored, Verdict::Refused(Problem::UnknownLocation));
        let ugly = Verdict::Rejected(Problem::OtherMessage);
        for (accept, application, expected) in [
            ("", "", ["AA", "AE", "AR"]),
            ("AL", "NE", ["CA", "CE", "CR"]),
            ("AL", "", ["CA", "CE", "CR"]),
            ("NE", "AL", ["AA", "AE", "AR"]),
            ("AL", "AL", ["CA AA", "CE", "CR"]),
            ("ER", "NE", ["", "CE", "CR"]),
            ("NE", "SU", ["AA", "", ""]),
            ("NE", "NE", ["", "", ""]),
            ("", "0", ["AA", "AE", "AR"]),
        ] {
            for (verdict, expected) in [good, bad, ugly].into_iter().zip(expected) {
                check(accept, application, verdict, expected);
            }
        }
    }

    fn text(message: &str, verdict: Verdict) -> String {
        let message = Message::read(message.as_bytes()).unwrap();
        let blocks = Answers::default().to(&message, verdict, WallTime::from_unix_ms(0));
        String::from_utf8(blocks.concat()).unwrap()
    }

    #[test]
    fn an_answer_is_addressed_back_in_the_words_of_the_sender() {
        assert_eq!(
            text(
                "MSH|^~\\&|GW|H|VP|POST|20260912||ORU^R01^ORU_R01|23545|P|2.6|||AL|NE",
                Verdict::Stored
            ),
            "\x0bMSH|^~\\&|VP|POST|GW|H|19700101000000+0000||ACK^R01^ACK|VP1|P|2.6\rMSA|CA|23545\r\x1c\r"
        );
        assert_eq!(
            text(
                "MSH|^~\\&|||||||ORU^R01|7|P|2.3",
                Verdict::Refused(Problem::UnknownLocation)
            ),
            "\x0bMSH|^~\\&|||||19700101000000+0000||ACK^R01|VP1|P|2.3\rMSA|AE|7\r\x1c\r"
        );
        assert_eq!(
            text(
                "MSH#*~\\&#GW######ORU*R40*ORU_R40#8#P#2.5.1",
                Verdict::Refused(Problem::UnknownLocation)
            ),
            "\x0bMSH#*~\\&###GW##19700101000000+0000##ACK*R40*ACK#VP1#P#2.5.1\rMSA#AE#8\r\
             ERR###204*Unknown key identifier*HL70357#E\r\x1c\r"
        );
    }

    #[test]
    fn what_has_no_header_is_rejected_with_an_empty_id() {
        let block = Answers::default()
            .reject_nameless(Verdict::Rejected(Problem::NoHeader), WallTime::from_unix_ms(0));
        let text = String::from_utf8(block).unwrap();
        assert_eq!(
            text,
            "\x0bMSH|^~\\&|||||19700101000000+0000||ACK|VP1|P|2.3\rMSA|AR|\r\x1c\r"
        );
    }
}
