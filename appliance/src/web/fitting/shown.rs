//! What the page is told of ports, families and of a trial.

use std::collections::{BTreeMap, BTreeSet};

use drivers::catalog::FAMILIES;
use drivers::connect::Way;
use schemars::JsonSchema;
use serde::Serialize;

/// A serial port of this box.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
#[schemars(rename = "SerialPort")]
pub struct PortNow {
    /// The name that stays, where there is one.
    pub name: String,
    /// As the kernel calls it now.
    pub device: String,
    /// What the name goes with: `adapter`, `socket` or `board`; none = it may change.
    pub with: Option<&'static str>,
    /// What its adapter calls itself.
    pub product: Option<String>,
    /// The system writes its messages to it.
    pub console: bool,
    /// The line that has it.
    pub line: Option<String>,
}

/// How a trial stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, JsonSchema, Serialize)]
pub struct TrialShown {
    /// Which one it is.
    pub number: u64,
    /// `trying`, `listening`, `hearing` (compare now), `heard`, `nothing` or `failed`.
    pub state: &'static str,
    /// The port as it was named; empty = the LAN.
    pub port: String,
    /// Which try it is, from 1 on.
    pub at: usize,
    /// How many there are.
    pub tries: usize,
    /// How long all of it takes at most, in seconds.
    pub lasts_s: u64,
    /// `9600 8N1`, `tcp` or `udp`.
    pub over: String,
    /// Questions are sent now.
    pub asks: bool,
    /// What each family makes of what comes.
    pub heard: Vec<HeardShown>,
    /// The tries before.
    pub tried: Vec<TriedShown>,
    /// Who has announced himself.
    pub announced: Vec<AnnouncedShown>,
    /// Who was understood.
    pub found: Option<FoundShown>,
    /// What to check, by its name.
    pub advice: Option<&'static str>,
    /// Why it could not go on.
    pub error: Option<String>,
}

/// What a family makes of what comes.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
pub struct HeardShown {
    /// Its name.
    pub family: &'static str,
    /// `nothing`, `not_understood`, `doubtful` or `understood`.
    pub verdict: &'static str,
    /// Bytes that came.
    pub bytes: u64,
    /// What was understood.
    pub findings: u64,
    /// Bytes that fitted nothing.
    pub skipped: u64,
    /// Frames whose checksum did not fit.
    pub bad_checksums: u64,
    /// The device says that its patient is invented.
    pub plays: bool,
    /// Other faults, by name.
    pub faults: BTreeMap<&'static str, u64>,
    /// The last of each value.
    pub values: Vec<ValueShown>,
    /// The curves, by their keys.
    pub curves: BTreeSet<&'static str>,
}

/// A value that is heard.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
pub struct ValueShown {
    /// What stands on the screen: `SpO2`.
    pub label: String,
    /// Its unit.
    pub unit: &'static str,
    /// The number; none = there is a reason instead.
    pub value: Option<String>,
    /// Why there is none.
    pub reason: Option<String>,
}

/// A try that is over.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
pub struct TriedShown {
    /// How the port was open.
    pub over: String,
    /// Questions were sent.
    pub asks: bool,
    /// Bytes that came.
    pub bytes: u64,
    /// The best of what its families made of them.
    pub verdict: &'static str,
    /// Why the port did not open.
    pub refused: Option<String>,
}

/// A monitor that announced itself.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
pub struct AnnouncedShown {
    /// What it is.
    pub family: &'static str,
    /// Where it is to be asked.
    pub address: String,
    /// The bed that it says it belongs to.
    pub bed_label: String,
    /// The line that has it.
    pub line: Option<String>,
}

/// Who was understood.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
pub struct FoundShown {
    /// Its family.
    pub family: &'static str,
    /// The port that will be written.
    pub port: String,
    /// That name stays when adapters are replugged.
    pub stable: bool,
    /// A name that is still free.
    pub device: String,
}

/// A family that can be added here, and how it is joined.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Family")]
pub(in crate::web) struct FamilyShown {
    family: &'static str,
    title: &'static str,
    models: &'static str,
    ways: Vec<WayShown>,
}

/// One way to join a device of a family.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Way")]
struct WayShown {
    models: &'static str,
    transport: &'static str,
    plug: &'static str,
    cable: &'static str,
    port: Option<u16>,
    steps: &'static [&'static str],
}

impl From<&Way> for WayShown {
    fn from(way: &Way) -> WayShown {
        WayShown {
            models: way.models,
            transport: way.transport.key(),
            plug: way.plug.key(),
            cable: way.cable.key(),
            port: way.port,
            steps: way.steps,
        }
    }
}

/// A family that only the configuration can set up.
#[derive(JsonSchema, Serialize)]
pub(in crate::web) struct OtherFamily {
    family: &'static str,
    title: &'static str,
}

/// The families that can be added here, and those that cannot.
pub(super) fn families() -> (Vec<FamilyShown>, Vec<OtherFamily>) {
    let shown = FAMILIES.iter().filter_map(|family| {
        let connect = family.connect?;
        Some(FamilyShown {
            family: family.name,
            title: family.title,
            models: connect.models,
            ways: connect.ways.iter().map(WayShown::from).collect(),
        })
    });
    let others = FAMILIES.iter().filter(|family| family.connect.is_none());
    let others = others.map(|family| OtherFamily {
        family: family.name,
        title: family.title,
    });
    (shown.collect(), others.collect())
}
