//! What a monitor says within a session: events, results (whole or in parts), errors.
//!
//! Each part of a linked result is read by itself: a part that is lost costs its own objects only. A message that is cut
//! short or contradicts itself is `None`, whole: nothing of it is used.

use super::requests::{
    ACTION_EXTENDED, ACTION_SINGLE, COMMAND_ACTION, COMMAND_EVENT_CONFIRMED, EVENT_MDS_CREATED,
};
use super::wire::Reader;

const INVOKE: u16 = 1;
const RESULT: u16 = 2;
const ERROR: u16 = 3;
const LINKED_RESULT: u16 = 5;

/// A message with something in it.
#[derive(Debug)]
pub(super) enum Message<'a> {
    /// The session begins; must be answered.
    MdsCreated {
        invoke: u16,
        /// Object and time of the event.
        head: &'a [u8],
        attributes: Attributes<'a>,
    },
    /// An answer, or a part of one.
    Poll(Poll<'a>),
    /// A request was refused, with the monitor's own number for the reason.
    Error { invoke: u16, code: u16 },
    /// Something that we need not know (the answer to a SET, another event).
    Other,
}

/// Attributes of an object: id and bytes, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Attributes<'a>(pub Vec<(u16, &'a [u8])>);

impl<'a> Attributes<'a> {
    /// A reader for the first attribute of this id.
    pub(super) fn get(&self, id: u16) -> Option<Reader<'a>> {
        let found = self.0.iter().find(|(known, _)| *known == id);
        found.map(|(_, value)| Reader::new(value))
    }
}

/// A poll result.
#[derive(Debug)]
pub(super) struct Poll<'a> {
    /// The monitor's relative time, in ticks; wraps after 6.2 days.
    pub rel_time: u32,
    pub class: u16,
    pub group: u16,
    pub objects: Vec<Object<'a>>,
}

/// One object of a poll result. Handles repeat in different contexts, and several ECG curves share one.
#[derive(Debug)]
pub(super) struct Object<'a> {
    pub context: u16,
    pub handle: u16,
    pub attributes: Attributes<'a>,
}

/// Reads a message that begins with E1; what follows its own length is ignored.
pub(super) fn read(bytes: &[u8]) -> Option<Message<'_>> {
    let mut reader = Reader::new(bytes);
    if (reader.u16()?, reader.u16()?) != (0xE100, 2) {
        return None;
    }
    let kind = reader.u16()?;
    let mut body = reader.sized()?;
    match kind {
        INVOKE => {
            let (invoke, command) = (body.u16()?, body.u16()?);
            let argument = body.sized()?;
            if command != COMMAND_EVENT_CONFIRMED {
                return Some(Message::Other);
            }
            mds_created(invoke, argument)
        }
        RESULT | LINKED_RESULT => {
            if kind == LINKED_RESULT {
                // State and count: each part stands for itself.
                body.take(2)?;
            }
            let (_invoke, command) = (body.u16()?, body.u16()?);
            let result = body.sized()?;
            match command {
                COMMAND_ACTION => poll(result).map(Message::Poll),
                _ => Some(Message::Other),
            }
        }
        ERROR => {
            let (invoke, code) = (body.u16()?, body.u16()?);
            Some(Message::Error { invoke, code })
        }
        _ => Some(Message::Other),
    }
}

/// Managed object, time, type, length; then the new object and its attributes.
fn mds_created(invoke: u16, mut argument: Reader<'_>) -> Option<Message<'_>> {
    let head = argument.take(10)?;
    if argument.u16()? != EVENT_MDS_CREATED {
        return Some(Message::Other);
    }
    let info = argument.sized()?;
    let mut after_object = info;
    let attributes = after_object
        .take(6)
        .and_then(|_| after_object.attributes())
        // Nothing of it is needed to answer: the clocks and the mode are asked for as well.
        .unwrap_or_default();
    Some(Message::MdsCreated {
        invoke,
        head,
        attributes: Attributes(attributes),
    })
}

fn poll(mut result: Reader<'_>) -> Option<Poll<'_>> {
    // Managed object.
    result.take(6)?;
    let action = result.u16()?;
    let mut reply = result.sized()?;
    // Poll number, and the sequence number of those that come by themselves.
    reply.u16()?;
    match action {
        ACTION_EXTENDED => reply.u16().map(|_| ())?,
        ACTION_SINGLE => {}
        _ => return None,
    }
    let rel_time = reply.u32()?;
    // Absolute time: all FF in every real result.
    reply.take(8)?;
    let _partition = reply.u16()?;
    let (class, group) = (reply.u16()?, reply.u16()?);
    Some(Poll {
        rel_time,
        class,
        group,
        objects: objects(reply)?,
    })
}

fn objects(mut reply: Reader<'_>) -> Option<Vec<Object<'_>>> {
    let (contexts, mut body) = reply.list()?;
    let mut found = Vec::new();
    for _ in 0..contexts {
        let context = body.u16()?;
        let (count, mut items) = body.list()?;
        for _ in 0..count {
            found.push(Object {
                context,
                handle: items.u16()?,
                attributes: Attributes(items.attributes()?),
            });
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intellivue::tests::{V8, V10, V11, hex};

    fn handles(vector: &str) -> Vec<(u16, u16)> {
        match read(&hex(vector)) {
            Some(Message::Poll(poll)) => {
                assert_eq!((poll.rel_time, poll.class, poll.group), (1_000_000, 6, 0x0803));
                poll.objects
                    .iter()
                    .map(|object| (object.context, object.handle))
                    .collect()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn v8_and_every_part_of_v10_are_read_by_themselves() {
        assert_eq!(
            handles(V8),
            [(1, 0x82B3), (1, 0x83D5), (1, 0x826A), (1, 0x8408), (1, 0x82CA)]
        );
        assert_eq!(handles(V10[0]), [(1, 0x82B3)]);
        assert_eq!(handles(V10[1]), [(1, 0x8408)]);
        assert_eq!(handles(V10[2]), []);
    }

    #[test]
    fn v11_is_an_error_with_the_number_of_its_request() {
        let bytes = hex(V11);
        let message = read(&bytes);
        assert!(
            matches!(
                message,
                Some(Message::Error {
                    invoke: 0x14,
                    code: 9
                })
            ),
            "{message:?}"
        );
    }

    #[test]
    fn a_message_that_is_cut_short_is_nothing() {
        let whole = hex(V8);
        for end in 0..whole.len() {
            assert!(read(&whole[..end]).is_none(), "{end}");
        }
    }
}
