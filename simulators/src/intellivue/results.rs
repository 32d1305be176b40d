//! What the monitor says within a session: its first event, poll results whole or in parts, errors.

use super::bytes::{absolute, attribute, float, list, sized, text, u16s, u32s};

/// The monitor itself: class, context, handle.
const MDS: [u16; 3] = [0x0021, 0, 0];

const INVOKE: u16 = 1;
const RESULT: u16 = 2;
const ERROR: u16 = 3;
const LINKED: u16 = 5;

/// Single poll and extended poll.
pub const SINGLE: u16 = 0x0C16;
/// See [`SINGLE`].
pub const EXTENDED: u16 = 0xF13B;

/// A question for data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Of the request; every answer has it.
    pub invoke: u16,
    /// Single or extended.
    pub action: u16,
    /// The client's own number.
    pub number: u16,
    /// Object class.
    pub class: u16,
    /// Attribute group.
    pub group: u16,
}

/// An object in a result: its context, its handle, its attributes.
pub type Object = (u16, u16, Vec<Vec<u8>>);

fn message(kind: u16, body: &[u8]) -> Vec<u8> {
    [u16s(&[0xE100, 2, kind]), sized(body)].concat()
}

/// The event that opens a session: who the monitor is, its mode, its clocks.
pub fn created(attributes: &[Vec<u8>]) -> Vec<u8> {
    let info = [u16s(&MDS), list(attributes)].concat();
    let event = [u16s(&MDS), u32s(&[0]), u16s(&[0x0D06]), sized(&info)].concat();
    message(INVOKE, &[u16s(&[1, 1]), sized(&event)].concat())
}

/// Mode, and both clocks.
pub fn monitor(mode: u16, wall_s: i64, ticks: u32) -> Vec<Vec<u8>> {
    vec![
        attribute(0x0946, &u16s(&[mode])),
        attribute(0x0987, &absolute(wall_s)),
        attribute(0x098F, &u32s(&[ticks])),
    ]
}

/// A request that is refused.
pub fn error(invoke: u16, reason: u16, data: &[u8]) -> Vec<u8> {
    message(ERROR, &[u16s(&[invoke, reason]), sized(data)].concat())
}

/// An action that the monitor does not know.
pub fn no_such_action(invoke: u16, action: u16) -> Vec<u8> {
    error(invoke, 9, &u16s(&[0x0021, action]))
}

/// A SET that was done: the attribute as it is now.
pub fn set(invoke: u16, attributes: &[Vec<u8>]) -> Vec<u8> {
    let result = [u16s(&MDS), list(attributes)].concat();
    message(RESULT, &[u16s(&[invoke, 5]), sized(&result)].concat())
}

/// The objects of a result, by context, in the order in which they are given.
///
/// `empty` are contexts without objects that come before them: real monitors send such.
fn contexts(empty: &[u16], objects: &[Object]) -> Vec<u8> {
    let mut all: Vec<(u16, Vec<Vec<u8>>)> = empty.iter().map(|context| (*context, Vec::new())).collect();
    for (context, handle, attributes) in objects {
        let item = [u16s(&[*handle]), list(attributes)].concat();
        match all.last_mut() {
            Some((last, items)) if last == context => items.push(item),
            _ => all.push((*context, vec![item])),
        }
    }
    let all: Vec<Vec<u8>> = all
        .into_iter()
        .map(|(context, items)| [u16s(&[context]), list(&items)].concat())
        .collect();
    list(&all)
}

/// From the poll number on. The absolute time is never filled in.
fn reply(asked: Asked, sequence: u16, ticks: u32, contexts: &[u8]) -> Vec<u8> {
    let head = if asked.action == EXTENDED {
        u16s(&[asked.number, sequence])
    } else {
        u16s(&[asked.number])
    };
    let reply = [
        &head[..],
        &u32s(&[ticks, u32::MAX, u32::MAX]),
        &u16s(&[1, asked.class, asked.group]),
        contexts,
    ]
    .concat();
    let result = [u16s(&MDS), u16s(&[asked.action]), sized(&reply)].concat();
    [u16s(&[asked.invoke, 7]), sized(&result)].concat()
}

/// A whole result in one message.
pub fn result(asked: Asked, sequence: u16, ticks: u32, empty: &[u16], objects: &[Object]) -> Vec<u8> {
    message(RESULT, &reply(asked, sequence, ticks, &contexts(empty, objects)))
}

/// One part of a linked result.
pub fn part(asked: Asked, link: [u8; 2], sequence: u16, ticks: u32, objects: &[Object]) -> Vec<u8> {
    let reply = reply(asked, sequence, ticks, &contexts(&[], objects));
    message(LINKED, &[&link[..], &reply].concat())
}

/// How a monitor cuts a result into messages of at most about `limit` bytes: places of the objects in each.
pub fn cut(objects: &[Object], limit: usize) -> Vec<std::ops::Range<usize>> {
    const HEAD: usize = 60;
    let (mut parts, mut from, mut size) = (Vec::new(), 0, HEAD);
    for (place, object) in objects.iter().enumerate() {
        let more: usize = object.2.iter().map(Vec::len).sum::<usize>() + 6;
        if size + more > limit && place > from {
            parts.push(from..place);
            (from, size) = (place, HEAD);
        }
        size += more;
    }
    parts.push(from..objects.len());
    parts
}

/// One value, with its state, its unit and so many digits.
#[derive(Clone, Copy, Debug)]
pub struct Value {
    /// What it is.
    pub physio: u16,
    /// Measurement state.
    pub state: u16,
    /// Unit code.
    pub unit: u16,
    /// Nothing: NaN.
    pub number: Option<f64>,
    /// Digits after the point.
    pub places: u8,
}

impl Value {
    /// The ten bytes of a numeric value.
    pub fn bytes(self) -> Vec<u8> {
        [
            u16s(&[self.physio, self.state, self.unit]),
            float(self.number, self.places),
        ]
        .concat()
    }
}

/// An alarm: source, code, type, state, object handle, text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// Physio id of what alarms.
    pub source: u16,
    /// What is wrong.
    pub code: u16,
    /// How urgent.
    pub kind: u16,
    /// New, latched and so on.
    pub state: u16,
    /// Of the object that alarms.
    pub handle: u16,
    /// The words on the monitor's screen.
    pub text: &'static str,
}

impl Alarm {
    /// An entry of an alarm list.
    pub fn bytes(&self) -> Vec<u8> {
        let info = [
            u16s(&[3]),
            u32s(&[0x8070_0001]),
            u16s(&[5, 0x6000]),
            sized(&text(self.text)),
        ]
        .concat();
        [
            u16s(&[
                self.source,
                self.code,
                self.kind,
                self.state,
                6,
                1,
                self.handle,
                516,
            ]),
            sized(&info),
        ]
        .concat()
    }
}
