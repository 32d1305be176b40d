//! All that is ever sent within a session: the answer to its first event, questions for data, and, where the
//! configuration names curves, the choice of the curves that the monitor exports (I10).

use std::time::Duration;

use super::association::TICKS_PER_S;
use super::wire::Writer;

/// Object classes that can be asked for.
pub(super) const CLASS_NUMERICS: u16 = 6;
pub(super) const CLASS_WAVES: u16 = 9;
pub(super) const CLASS_MDS: u16 = 33;
pub(super) const CLASS_ALARMS: u16 = 54;

/// Attribute groups.
pub(super) const GROUP_ALL: u16 = 0;
pub(super) const GROUP_ALARMS: u16 = 0x0801;
pub(super) const GROUP_OBSERVED: u16 = 0x0803;
pub(super) const GROUP_SYSTEM: u16 = 0x080A;
pub(super) const GROUP_STATIC: u16 = 0x0811;

/// Actions: one result, or results again and again.
pub(super) const ACTION_SINGLE: u16 = 0x0C16;
pub(super) const ACTION_EXTENDED: u16 = 0xF13B;

/// The event with which a monitor opens the session.
pub(super) const EVENT_MDS_CREATED: u16 = 0x0D06;

pub(super) const COMMAND_EVENT_CONFIRMED: u16 = 1;
const COMMAND_SET_CONFIRMED: u16 = 5;
pub(super) const COMMAND_ACTION: u16 = 7;

const INVOKE: u16 = 1;
const RESULT: u16 = 2;

/// The monitor itself: class, context, handle.
const MDS: [u16; 3] = [CLASS_MDS, 0, 0];

const OBJECTS: u16 = 1;
const HOW_LONG: u16 = 0xF13E;
const WAVE_PRIORITY_LIST: u16 = 0xF23A;
const REPLACE: u16 = 0;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Subject {
    pub class: u16,
    pub group: u16,
}

fn message(kind: u16, invoke: u16, command: u16, argument: &[u8]) -> Vec<u8> {
    let body = Writer::default().u16s(&[invoke, command]).sized(argument);
    Writer::default().u16s(&[0xE100, 2, kind]).sized(&body.0).0
}

/// The answer to the event that opens the session; `head` is the event's object and time.
pub(super) fn mds_created(invoke: u16, head: &[u8]) -> Vec<u8> {
    let argument = Writer::default().bytes(head).u16s(&[EVENT_MDS_CREATED, 0]);
    message(RESULT, invoke, COMMAND_EVENT_CONFIRMED, &argument.0)
}

/// Asks once.
pub(super) fn single(invoke: u16, number: u16, subject: Subject) -> Vec<u8> {
    let asked = Writer::default().u16s(&[number, OBJECTS, subject.class, subject.group]);
    action(invoke, ACTION_SINGLE, &asked.0)
}

/// Asks for results again and again, for so long.
pub(super) fn extended(invoke: u16, number: u16, subject: Subject, lasts: Duration) -> Vec<u8> {
    let ticks = u32::try_from(lasts.as_secs())
        .unwrap_or(u32::MAX)
        .saturating_mul(TICKS_PER_S);
    let asked = Writer::default()
        .u16s(&[number, OBJECTS, subject.class, subject.group])
        .u16s(&[1, 8, HOW_LONG, 4])
        .u32s(&[ticks]);
    action(invoke, ACTION_EXTENDED, &asked.0)
}

fn action(invoke: u16, action: u16, asked: &[u8]) -> Vec<u8> {
    let argument = Writer::default()
        .u16s(&MDS)
        .u32s(&[0])
        .u16s(&[action])
        .sized(asked);
    message(INVOKE, invoke, COMMAND_ACTION, &argument.0)
}

/// Selects the curves that the monitor exports: the only SET there is, and only for curves named in the configuration.
pub(super) fn select_waves(invoke: u16, labels: &[u32]) -> Vec<u8> {
    let ids = Writer::default().u32s(labels);
    let count = u16::try_from(labels.len()).unwrap_or(u16::MAX);
    let list = Writer::default().u16s(&[count]).sized(&ids.0);
    let change = Writer::default()
        .u16s(&[REPLACE, WAVE_PRIORITY_LIST])
        .sized(&list.0);
    let argument = Writer::default()
        .u16s(&MDS)
        .u32s(&[0])
        .u16s(&[1])
        .sized(&change.0);
    message(INVOKE, invoke, COMMAND_SET_CONFIRMED, &argument.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intellivue::tests::{V6, hex};

    #[test]
    fn v6_answers_the_event() {
        let head = hex("00210000000000000000");
        assert_eq!(mds_created(1, &head), hex(V6));
    }

    #[test]
    fn v7_asks_for_an_hour_of_numerics() {
        let subject = Subject {
            class: CLASS_NUMERICS,
            group: GROUP_OBSERVED,
        };
        let v7 = "e10000020001002800110007002200210000000000000000f13b0014000200010006080300010008f13e000401b77400";
        assert_eq!(extended(0x11, 2, subject, Duration::from_secs(3600)), hex(v7));
    }

    #[test]
    fn v3_keeps_the_session_alive() {
        let subject = Subject {
            class: CLASS_ALARMS,
            group: GROUP_STATIC,
        };
        let v3 = "e10000020001001c000900070016002100000000000000000c1600080009000100360811";
        assert_eq!(single(9, 9, subject), hex(v3));
    }

    #[test]
    fn curves_are_selected_by_replacing_the_list() {
        let asked = hex(
            "e1000002 0001 0026 0003 0005 0020 002100000000 00000000 0001 0012 0000 f23a 000c 0002 0008 \
             00020102 00024bb4",
        );
        assert_eq!(select_waves(3, &[0x0002_0102, 0x0002_4BB4]), asked);
    }
}
