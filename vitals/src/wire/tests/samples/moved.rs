//! Devices that were moved, and stays that were merged.

use super::id;
use crate::bed::{AdmissionId, Binding};
use crate::record::{Event, Record};
use crate::time::MonoTime;

/// What was added when devices could be moved and stays merged.
pub(super) fn events() -> Vec<Record> {
    let at = MonoTime::from_ms(4_000);
    let binding = |bed: Option<&str>, by: &str| {
        Event::Bound(Binding {
            device: id("mon-3"),
            bed: bed.map(id),
            admission: bed.map(|bed| AdmissionId::unidentified(&id(bed))),
            from: at,
            home: Some(id("3")),
            by: by.to_owned(),
        })
    };
    [
        binding(Some("3"), ""),
        binding(Some("4"), "Grace"),
        binding(None, "Grace"),
        Event::Merged {
            bed: id("4"),
            from: id("4-0000000200000007-9"),
            into: id("3-0000000200000007-1"),
            by: "Grace".to_owned(),
        },
    ]
    .map(|event| Record::Event { at, event })
    .into()
}
