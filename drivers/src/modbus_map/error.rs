//! What can be wrong with a register-map file, said so that whoever wrote it can mend it.

use super::map::Table;

/// A register-map file that cannot be used: where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {problem}")]
pub struct MapError {
    /// The file.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// Column, counted from 1.
    pub column: usize,
    /// What is wrong and what to do.
    pub problem: MapProblem,
}

impl MapError {
    pub(super) fn at(file: &str, text: &str, byte: usize, problem: MapProblem) -> MapError {
        let before = text.get(..byte).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        MapError {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            problem,
        }
    }
}

/// What is wrong with a map file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MapProblem {
    /// Not TOML, or a key or value that no map has.
    #[error("{0}")]
    Toml(String),
    /// `format` is not the one this program reads.
    #[error("this program reads maps of format 1, not {0}: use a newer program or rewrite the map")]
    Format(i64),
    /// There is no `[[signal]]`.
    #[error("the map has no [[signal]]: add at least one")]
    Empty,
    /// More signals than one map may have.
    #[error(
        "the map has more than {most} signals: split it into two maps for two units, or leave signals out"
    )]
    TooMany {
        /// How many are allowed.
        most: usize,
    },
    /// An id that cannot be used.
    #[error("{0:?} cannot be an id: use 1 to 64 of a-z, 0-9, '.' and '_'")]
    BadId(String),
    /// Two signals have one id.
    #[error("the id {id:?} is already used in line {line}: every signal needs its own")]
    DuplicateId {
        /// The id.
        id: String,
        /// Where it was used first.
        line: usize,
    },
    /// Neither `addr` nor `ref`, or both.
    #[error("a signal needs either addr (0-based) or ref (\"40119\" style), not both and not none")]
    Address,
    /// An address that Modbus does not have.
    #[error("the address {0} is outside 0 to 65535 (a value of several registers must end there, too)")]
    AddressOutside(i64),
    /// A `ref` that is not in the manual's style.
    #[error(
        "{0:?} is no reference: five or six digits, the first 0 (coil), 1 (discrete), 3 (input) or 4 (holding), \
         the rest counted from 1; \"40119\" is holding register 118"
    )]
    BadReference(String),
    /// A type that maps do not have, or a length that does not fit into one question.
    #[error(
        "{0:?} is no type: use u16 i16 u32 i32 u64 i64 f32 f64 bool bcd or string[n] (n registers, at most 125)"
    )]
    BadType(String),
    /// A type that this table cannot hold.
    #[error("a {table:?} table holds {holds}: change type or table")]
    TypeInTable {
        /// The table.
        table: Table,
        /// What fits there.
        holds: &'static str,
    },
    /// A byte order that this type does not have.
    #[error("{order:?} is no order for {bytes} bytes: use one of {allowed}")]
    BadOrder {
        /// What was written.
        order: String,
        /// Bytes of the type.
        bytes: usize,
        /// What can be written.
        allowed: &'static str,
    },
    /// `bit` or `bits` that the value does not have.
    #[error(
        "{0:?} are no bits of this value: write bit = 3 or bits = \"0..3\", counted from 0 = least significant"
    )]
    BadBits(String),
    /// Keys that cannot stand together or with this type.
    #[error("{0} cannot be used together: leave one out")]
    Clash(&'static str),
    /// A factor, limit or number that cannot be used.
    #[error("{value} cannot be used for {key}: {hint}")]
    BadNumber {
        /// The key.
        key: &'static str,
        /// What was written.
        value: String,
        /// What fits.
        hint: &'static str,
    },
    /// A duration that cannot be read.
    #[error("{0:?} is no duration: write \"500ms\", \"1s\" or \"10min\", from 100 ms to 24 h")]
    BadDuration(String),
    /// A code that the central table does not have.
    #[error("{0:?} is no code of a vital sign: use one of {1}")]
    UnknownCode(String, String),
    /// A code whose kind cannot come from a register.
    #[error("{0:?} is a curve: registers give single values only")]
    WaveCode(String),
    /// The unit does not belong to the code.
    #[error(
        "{code} is measured in {wanted}, not {found:?}: convert with scale and offset, then write the unit {wanted}"
    )]
    Unit {
        /// The code.
        code: &'static str,
        /// Its unit.
        wanted: &'static str,
        /// What was written.
        found: String,
    },
    /// An alarm condition that cannot be read.
    #[error("{0:?} is no condition: write an operator (== != < <= > >=) and a number, for example \"> 8\"")]
    BadWhen(String),
    /// A reference to a signal that is not there or does not fit.
    #[error("{id:?} cannot be referred to here: it must be {wanted}")]
    BadLink {
        /// The id that was referred to.
        id: String,
        /// What is needed.
        wanted: &'static str,
    },
    /// Signals that rule each other cannot be read in one question.
    #[error(
        "this signal and {with:?} must be read in one question, and cannot: {why}. Values that were read at different \
         times must not rule each other"
    )]
    NotTogether {
        /// The other signal.
        with: String,
        /// What stands between them.
        why: &'static str,
    },
    /// An alarm about a patient, or of a vital sign.
    #[error(
        "alarms of a map are about the equipment (class = \"technical\"): a vital sign alarms by the limits of its bed, \
         so leave the alarm out"
    )]
    AlarmOfPatient,
    /// Two alarms that nobody could tell apart.
    #[error(
        "this signal has two alarms of the same side ({0}): one above, one below and one about a state are possible"
    )]
    AlarmTwice(&'static str),
    /// Two signals use the same registers in different ways.
    #[error("this signal and {with:?} use the same registers with different types: correct addr or type")]
    Overlap {
        /// The other signal.
        with: String,
    },
    /// A value that no question can hold.
    #[error("this signal cannot be read: {why}. Correct addr, type, max_block or holes")]
    Unreadable {
        /// What stands against it.
        why: &'static str,
    },
    /// Something that maps may say later.
    #[error("not supported yet: {0}")]
    NotYet(&'static str),
}
