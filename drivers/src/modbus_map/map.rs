//! A checked register map: what each signal is, and which questions read them all.

use std::collections::BTreeMap;
use std::time::Duration;

use vitals::{AbsentReason, Code, Decimal, SiteAlarm};

use super::plan::Block;
use crate::catalog::SerialSettings;

/// One of the four Modbus tables; each is read by its own function code (I10: 1 to 4, never a write).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// Coils, function 1.
    Coil,
    /// Discrete inputs, function 2.
    Discrete,
    /// Holding registers, function 3.
    Holding,
    /// Input registers, function 4.
    Input,
}

impl Table {
    /// Tables of bits, not of registers.
    pub fn is_bits(self) -> bool {
        matches!(self, Table::Coil | Table::Discrete)
    }
}

/// A register map that was read and checked.
#[derive(Clone, Debug)]
pub struct Map {
    pub(super) device: Device,
    pub(super) serial: Option<SerialSettings>,
    pub(super) timeout: Option<Duration>,
    pub(super) signals: Vec<Signal>,
    pub(super) blocks: Vec<Block>,
}

/// What the map is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Maker.
    pub make: String,
    /// Model.
    pub model: String,
    /// `power`, `cold_chain`, `monitor` ...
    pub kind: String,
    /// Where the addresses come from: `public`, `vendor`, `measured`, `invented`.
    pub source: String,
}

impl Map {
    /// What the map is about.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The serial settings that the map's author recommends; the site file decides.
    pub fn serial(&self) -> Option<SerialSettings> {
        self.serial
    }

    /// The signals, in the order of the file.
    pub fn signals(&self) -> &[Signal] {
        &self.signals
    }

    /// The questions that read every signal once.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }
}

/// One value of the map.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// Its name within the map: `battery.voltage`.
    pub id: String,
    /// Where it stands.
    pub table: Table,
    /// First address, 0-based.
    pub addr: u16,
    /// Registers (or bits, in a table of bits) that it takes.
    pub width: u16,
    pub(super) kind: Kind,
    pub(super) order: Order,
    pub(super) pick: Pick,
    pub(super) scale: Scale,
    pub(super) offset: Decimal,
    pub(super) sentinels: Vec<i64>,
    pub(super) valid: Option<(Decimal, Decimal)>,
    /// Its unit, UCUM where there is one; may be empty.
    pub unit: String,
    /// Words for the numbers of an enumeration.
    pub words: BTreeMap<i64, String>,
    /// The vital sign that it is; `None` for values about the post.
    pub code: Option<Code>,
    /// How often it is asked.
    pub interval: Duration,
    /// When it alarms; the appliance judges. At most one for each side, and none for a vital sign.
    pub alarms: Vec<SiteAlarm>,
    pub(super) absent: Vec<(Rule, AbsentReason)>,
    pub(super) questionable: Vec<Rule>,
    pub(super) aged_by: Option<usize>,
    /// The signal that holds the power of ten.
    pub(super) scale_by: Option<usize>,
    /// False for registers that only rule others.
    pub(super) publish: bool,
}

/// How the bits are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Unsigned(u16),
    Signed(u16),
    Float32,
    Float64,
    Bool,
    Bcd,
    Text(u16),
}

impl Kind {
    /// Registers; for a table of bits always 1 bit.
    pub(super) fn width(self) -> u16 {
        match self {
            Kind::Unsigned(words) | Kind::Signed(words) | Kind::Text(words) => words,
            Kind::Float32 => 2,
            Kind::Float64 => 4,
            Kind::Bool | Kind::Bcd => 1,
        }
    }

    pub(super) fn is_whole_number(self) -> bool {
        matches!(self, Kind::Unsigned(_) | Kind::Signed(_) | Kind::Bcd | Kind::Bool)
    }
}

/// How the bytes of the wire make the number: `ABCD` is neither swap, `CDAB` the first, `BADC` the second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Order {
    pub words_swapped: bool,
    pub bytes_swapped: bool,
}

/// Which bits of the raw value count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pick {
    All,
    Bits { low: u32, high: u32 },
}

/// What the raw value is multiplied with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scale {
    Times(Decimal),
    /// Not a power of ten: the result is rounded to [`super::decode::PLACES_ROUNDED`].
    DividedBy(f64),
}

/// Another signal of the same block, and when it rules this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub signal: usize,
    pub test: Test,
}

/// When a signal rules another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Test {
    /// One of these bits is set.
    AnyBitOf(u64),
    /// It is none of these numbers.
    NoneOf(Vec<i64>),
}

impl Test {
    /// The bits that the ruling signal must have.
    pub(super) fn bits(&self) -> u64 {
        match self {
            Test::AnyBitOf(bits) => *bits,
            Test::NoneOf(_) => 0,
        }
    }
}
