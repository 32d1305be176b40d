//! Reading a few records out of a packed block without building the others: for trends over millions of records.
//!
//! - W1, W2 hold as for [`Block::decode`](super::Block::decode): what is handed out went through the same decoder, what
//!   is passed over is only walked, and damaged bytes are an error.
//!
//! Readings stand by column or one by one ([`super::columns`]); both forms are read. No record that is not wanted costs an
//! allocation.

use prost::Message;

use super::block::{BLOCK_BYTES_MAX, BLOCK_RECORDS_MAX, decode_record};
use super::{WireError, boot, columns, mono_us, proto, us_of};
use crate::bed::{AdmissionId, BedId};
use crate::code::Code;
use crate::record::Record;
use crate::time::{BootId, MonoTime};

/// Which records of a block are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All of them.
    All,
    /// None: only when the newest was made, and how many there are.
    None,
    /// Readings and summaries of one value of whoever lies in one bed.
    Vital {
        /// The bed.
        bed: BedId,
        /// The value.
        code: Code,
    },
    /// Readings and summaries of one value of these stays, in whichever bed.
    Stays {
        /// The stays of one patient.
        stays: Vec<AdmissionId>,
        /// The value.
        code: Code,
    },
    /// Readings and summaries of one value about the post itself.
    Site {
        /// The signal's id in its map file.
        signal: String,
    },
}

/// What was found in a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sifted {
    /// The boot in which its records were made.
    pub boot: BootId,
    /// How many records the block holds, wanted or not.
    pub count: usize,
    /// The newest time of any of them.
    pub newest: MonoTime,
    /// The wanted ones, in sequence order.
    pub records: Vec<Record>,
}

/// Sifts block after block with one set of buffers: at most [`BLOCK_BYTES_MAX`] and what zstd needs.
pub struct Sifter {
    zstd: zstd::bulk::Decompressor<'static>,
    plain: Vec<u8>,
}

impl Sifter {
    /// A sifter with its buffers.
    ///
    /// # Errors
    /// There is no memory for them.
    pub fn new() -> std::io::Result<Sifter> {
        Ok(Sifter {
            zstd: zstd::bulk::Decompressor::new()?,
            plain: Vec::with_capacity(BLOCK_BYTES_MAX),
        })
    }

    /// Unpacks what [`Block::encode`](super::Block::encode) wrote, as far as it is wanted.
    ///
    /// # Errors
    /// Any byte that is not a block of this contract, as far as it was looked at.
    pub fn sift(&mut self, packed: &[u8], wanted: &Wanted) -> Result<Sifted, WireError> {
        self.plain.clear();
        self.zstd
            .decompress_to_buffer(packed, &mut self.plain)
            .map_err(|_| WireError::Compression)?;
        let block = Parts::read(&self.plain)?;
        if block.records.len() > BLOCK_RECORDS_MAX {
            return Err(super::field("records"));
        }
        let base = mono_us(block.base_us);
        let wanted = Matcher::new(wanted, &block.sources);
        let (mut newest, mut records) = (base, Vec::new());
        for raw in &block.records {
            let (at_us, is_wanted) = wanted.look(raw)?;
            let at_us = us_of(base).checked_add(at_us).ok_or(super::field("at_us"))?;
            newest = newest.max(mono_us(at_us));
            if is_wanted {
                let record = proto::Record::decode(*raw)?;
                records.push(Some(decode_record(&record, base, &block.sources)?));
            } else if block.readings.is_some() {
                // Its place among the readings.
                records.push(None);
            }
        }
        let mut sifted = Sifted {
            boot: boot(block.boot)?,
            count: block.records.len(),
            newest,
            records: Vec::new(),
        };
        match block.readings {
            None => sifted.records.extend(records.into_iter().flatten()),
            Some(readings) => {
                let is_wanted = |source, code| wanted.is_of(source, code);
                let found = columns::decode(readings, records, block.base_us, &block.sources, is_wanted)?;
                (sifted.count, sifted.records) = (found.count, found.records);
                sifted.newest = newest.max(found.newest);
            }
        }
        Ok(sifted)
    }
}

/// A block with its records still as bytes.
struct Parts<'a> {
    boot: &'a [u8],
    base_us: u64,
    sources: Vec<proto::Source>,
    records: Vec<&'a [u8]>,
    readings: Option<proto::ReadingColumns>,
}

impl<'a> Parts<'a> {
    fn read(plain: &'a [u8]) -> Result<Parts<'a>, WireError> {
        let mut parts = Parts {
            boot: &[],
            base_us: 0,
            sources: Vec::new(),
            records: Vec::new(),
            readings: None,
        };
        let mut rest = Bytes(plain);
        while let Some((tag, value)) = rest.field()? {
            match (tag, value) {
                (1, Value::Bytes(bytes)) => parts.boot = bytes,
                (2, Value::Number(number)) => parts.base_us = number,
                (3, Value::Bytes(bytes)) => parts.sources.push(proto::Source::decode(bytes)?),
                (4, Value::Bytes(bytes)) => parts.records.push(bytes),
                (5, Value::Bytes(bytes)) => parts.readings.get_or_insert_default().merge(bytes)?,
                _ => {}
            }
        }
        Ok(parts)
    }
}

/// What is wanted, in the words of one block.
enum Matcher {
    All,
    None,
    /// These places of the sources, and this code (0 = a value about the post).
    Of {
        sources: Vec<bool>,
        code: u64,
    },
}

impl Matcher {
    fn new(wanted: &Wanted, sources: &[proto::Source]) -> Matcher {
        match wanted {
            Wanted::All => Matcher::All,
            Wanted::None => Matcher::None,
            Wanted::Vital { bed, code } => {
                let fits = |source: &proto::Source| source.bed == bed.as_str() && source.signal.is_empty();
                Matcher::of(sources, u64::from(code.info().cf_code10), fits)
            }
            Wanted::Stays { stays, code } => {
                let of_one =
                    |source: &proto::Source| stays.iter().any(|stay| stay.as_str() == source.admission);
                let fits = |source: &proto::Source| of_one(source) && source.signal.is_empty();
                Matcher::of(sources, u64::from(code.info().cf_code10), fits)
            }
            Wanted::Site { signal } => Matcher::of(sources, 0, |source| source.signal == *signal),
        }
    }

    fn of(sources: &[proto::Source], code: u64, fits: impl Fn(&proto::Source) -> bool) -> Matcher {
        let sources: Vec<bool> = sources.iter().map(fits).collect();
        if sources.contains(&true) {
            Matcher::Of { sources, code }
        } else {
            Matcher::None
        }
    }

    /// Whether a column with this place of source and this code is wanted.
    fn is_of(&self, source: u32, found: Code) -> bool {
        match self {
            Matcher::All => true,
            Matcher::None => false,
            Matcher::Of { sources, code } => {
                let fits = sources.get(source as usize).copied().unwrap_or_default();
                fits && u64::from(found.info().cf_code10) == *code
            }
        }
    }

    /// How long after the block's base a record is, and whether it is wanted.
    fn look(&self, record: &[u8]) -> Result<(u64, bool), WireError> {
        let mut at_us = 0;
        let mut is_wanted = matches!(self, Matcher::All);
        let mut rest = Bytes(record);
        while let Some((tag, value)) = rest.field()? {
            match (tag, value) {
                (1, Value::Number(number)) => at_us = unfold(number).ok_or(super::field("at_us"))?,
                // Readings, values about the post, and summaries: source and code stand at the same places.
                (2 | 3 | 7, Value::Bytes(bytes)) => {
                    if let Matcher::Of { sources, code } = self {
                        is_wanted = is_of(bytes, sources, if tag == 3 { None } else { Some(*code) })?;
                    }
                }
                _ => {}
            }
        }
        Ok((at_us, is_wanted))
    }
}

fn is_of(bytes: &[u8], sources: &[bool], code: Option<u64>) -> Result<bool, WireError> {
    let (mut source, mut found) = (0, 0);
    let mut rest = Bytes(bytes);
    while let Some((tag, value)) = rest.field()? {
        match (tag, value) {
            (1, Value::Number(number)) => source = number,
            (2, Value::Number(number)) => found = number,
            _ => {}
        }
    }
    let source = usize::try_from(source).map_err(|_| super::field("source"))?;
    let fits = *sources.get(source).ok_or(super::field("source"))?;
    Ok(fits && code.is_none_or(|code| code == found))
}

/// A signed number as it travels, when it is not negative.
fn unfold(number: u64) -> Option<u64> {
    (number & 1 == 0).then_some(number >> 1)
}

/// A field's contents.
enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Other,
}

struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    /// The next field's number and contents; `None` at the end.
    fn field(&mut self) -> Result<Option<(u64, Value<'a>)>, WireError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let key = self.number()?;
        let value = match key & 7 {
            0 => Value::Number(self.number()?),
            1 => self.take(8).map(|_| Value::Other)?,
            2 => {
                let length = usize::try_from(self.number()?).map_err(|_| super::field("length"))?;
                Value::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Value::Other)?,
            _ => return Err(super::field("key")),
        };
        Ok(Some((key >> 3, value)))
    }

    fn number(&mut self) -> Result<u64, WireError> {
        let mut number = 0;
        for (place, byte) in self.0.iter().take(10).enumerate() {
            number |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                self.0 = &self.0[place + 1..];
                return Ok(number);
            }
        }
        Err(super::field("number"))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], WireError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(super::field("length"))?;
        self.0 = rest;
        Ok(taken)
    }
}
