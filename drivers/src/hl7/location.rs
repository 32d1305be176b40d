//! Which bed a message is about: a field of it, compared with what the configuration calls a bed.

use std::str::FromStr;

use super::message::Segment;

/// Longest location that is told to the technician.
const TOLD_CHARS_MAX: usize = 80;

/// The field that names the bed, as `PV1-3` or `PV1-3.3`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocationField {
    segment: &'static str,
    field: usize,
    component: Option<usize>,
}

/// The text names no field that can tell beds apart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} names no field: write \"PV1-3\" (unit ^ room ^ bed), \"PV1-3.3\" (its third part), or a field of MSH or OBR"
)]
pub struct BadField {
    /// As written.
    pub text: String,
}

/// What the configuration calls a bed.
///
/// For a whole field its parts stand with `^` between them, and those that are left out may be anything: `ICU^^3` is bed 3
/// of unit ICU, in whatever room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    parts: Vec<String>,
}

impl Default for LocationField {
    fn default() -> Self {
        Self {
            segment: "PV1",
            field: 3,
            component: None,
        }
    }
}

impl FromStr for LocationField {
    type Err = BadField;

    /// A patient's own fields (PID) are not taken: a patient is not a place (I3).
    fn from_str(text: &str) -> Result<Self, BadField> {
        let read = || {
            let (segment, rest) = text.split_once('-')?;
            let segment = ["MSH", "PV1", "OBR"]
                .into_iter()
                .find(|known| *known == segment)?;
            let (field, component) = match rest.split_once('.') {
                Some((field, component)) => (field, Some(component.parse().ok().filter(|n| *n > 0)?)),
                None => (rest, None),
            };
            let field = field.parse().ok().filter(|n| *n > 0)?;
            Some(Self {
                segment,
                field,
                component,
            })
        };
        read().ok_or_else(|| BadField {
            text: text.to_owned(),
        })
    }
}

impl LocationField {
    /// Whether segments of this name have it.
    pub(super) fn is_in(&self, segment: &str) -> bool {
        self.segment == segment
    }

    /// Whether this segment names that location.
    pub(super) fn names(&self, segment: Segment<'_>, location: &Location) -> bool {
        match self.component {
            Some(component) => [segment.component(self.field, component)] == *location.parts,
            None => location
                .parts
                .iter()
                .enumerate()
                .all(|(place, part)| part.is_empty() || segment.component(self.field, place + 1) == *part),
        }
    }

    /// The location as it stands there, for the technician.
    pub(super) fn told(&self, segment: Segment<'_>) -> String {
        let text = match self.component {
            Some(component) => segment.component(self.field, component),
            None => segment.first(self.field).to_owned(),
        };
        let one_line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
        one_line.take(TOLD_CHARS_MAX).collect()
    }

    /// Reads a location for this field; `None` when it says nothing.
    pub fn location(&self, text: &str) -> Option<Location> {
        let parts: Vec<String> = match self.component {
            Some(_) => vec![text.trim().to_owned()],
            None => text.split('^').map(|part| part.trim().to_owned()).collect(),
        };
        parts
            .iter()
            .any(|part| !part.is_empty())
            .then_some(Location { parts })
    }
}

impl Location {
    /// Whether a message could name both.
    pub fn overlaps(&self, other: &Location) -> bool {
        let pairs = self.parts.iter().zip(&other.parts);
        pairs
            .into_iter()
            .all(|(one, other)| one.is_empty() || other.is_empty() || one == other)
    }
}

#[cfg(test)]
mod tests {
    use super::super::message::Message;
    use super::*;

    #[test]
    fn fields_are_named_as_in_the_standard() {
        assert_eq!("PV1-3".parse(), Ok(LocationField::default()));
        assert!("PV1-3.3".parse::<LocationField>().is_ok());
        assert!("MSH-4".parse::<LocationField>().is_ok());
        for bad in ["", "PV1", "PV1-0", "PV1-3.0", "PID-3", "pv1-3", "PV1-x"] {
            assert!(bad.parse::<LocationField>().is_err(), "{bad}");
        }
    }

    /// Whether a message with this PV1-3 is about this location.
    fn check(field: &str, location: &str, pv1_3: &str, expected: bool) {
        let field: LocationField = field.parse().unwrap();
        let message = Message::read(format!("MSH|^~\\&|\rPV1|1|I|{pv1_3}").as_bytes()).unwrap();
        let location = field.location(location).unwrap();
        let names = field.names(message.segments().last().unwrap(), &location);
        assert_eq!(names, expected, "{location:?} {pv1_3}");
    }

    #[test]
    fn i3_a_location_is_what_it_says_and_nothing_near() {
        check("PV1-3", "ICU^^3", "ICU^R1^3^HOSP", true);
        check("PV1-3", "ICU^^3", "ICU^R1^13", false);
        check("PV1-3", "ICU^^3", "icu^R1^3", false);
        check("PV1-3", "ICU^^3", "NICU^R1^3", false);
        check("PV1-3", "ICU^^3", "ICU", false);
        check("PV1-3", "ICU^^3", "", false);
        check("PV1-3.3", "3", "ICU^R1^3&192168001002&4601", true);
        check("PV1-3.3", "3", "ICU^R1^", false);
        check("PV1-3.1", "A&E", "A\\T\\E^1^2", true);
    }

    #[test]
    fn locations_that_one_message_could_name_overlap() {
        let field = LocationField::default();
        let overlap = |one, other| {
            field
                .location(one)
                .unwrap()
                .overlaps(&field.location(other).unwrap())
        };
        assert!(overlap("ICU^^3", "ICU"));
        assert!(overlap("ICU^^3", "^R1^3"));
        assert!(!overlap("ICU^^3", "ICU^^4"));
        assert!(!overlap("ICU^^3", "WARD^^3"));
        assert!(field.location("^^").is_none());
    }
}
