//! The registers of one unit, and how a unit answers a request.

use std::collections::BTreeMap;

/// What a unit holds; an address that is not here does not exist (exception 2), a table with nothing in it is a
/// function that the unit does not know (exception 1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bank {
    /// Function 02.
    pub discrete: BTreeMap<u16, bool>,
    /// Function 03.
    pub holding: BTreeMap<u16, u16>,
    /// Function 04.
    pub input: BTreeMap<u16, u16>,
}

impl Bank {
    /// Puts words into the input registers from `first` on.
    pub fn put_input(&mut self, first: u16, words: &[u16]) {
        self.input.extend((first..).zip(words.iter().copied()));
    }
}

/// What a unit says to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Function and data, or function with its top bit and the exception.
    pub pdu: Vec<u8>,
    /// True when the request wanted to change something.
    pub refused_write: bool,
}

const UNKNOWN_FUNCTION: u8 = 1;
const UNKNOWN_ADDRESS: u8 = 2;
const BAD_COUNT: u8 = 3;
const REGISTERS_MAX: u16 = 125;
const BITS_MAX: u16 = 2_000;

/// Functions that change something in a device: coils, registers, masks, files, and what diagnostics can restart.
const WRITES: [u8; 8] = [5, 6, 8, 15, 16, 21, 22, 23];

/// Answers the PDU (function and data) of a request. A PDU is never empty; an empty one is an unknown function 0.
pub fn answer(bank: &Bank, request: &[u8]) -> Answer {
    let function = request.first().copied().unwrap_or(0);
    let said = match function {
        2 => read(request, BITS_MAX, &bank.discrete).map(|bits| pack(&bits)),
        3 => read(request, REGISTERS_MAX, &bank.holding).map(|words| bytes(&words)),
        4 => read(request, REGISTERS_MAX, &bank.input).map(|words| bytes(&words)),
        _ => Err(UNKNOWN_FUNCTION),
    };
    let pdu = match said {
        Ok(data) => {
            let count = u8::try_from(data.len()).expect("125 registers and 2000 bits are 250 bytes");
            [vec![function, count], data].concat()
        }
        Err(exception) => vec![function | 0x80, exception],
    };
    Answer {
        pdu,
        refused_write: WRITES.contains(&function),
    }
}

fn read<T: Copy>(request: &[u8], count_max: u16, table: &BTreeMap<u16, T>) -> Result<Vec<T>, u8> {
    if table.is_empty() {
        return Err(UNKNOWN_FUNCTION);
    }
    let [_, address_high, address_low, count_high, count_low] = *request else {
        return Err(BAD_COUNT);
    };
    let first = u16::from_be_bytes([address_high, address_low]);
    let count = u16::from_be_bytes([count_high, count_low]);
    if count == 0 || count > count_max {
        return Err(BAD_COUNT);
    }
    (0..count)
        .map(|offset| {
            let address = first.checked_add(offset)?;
            table.get(&address).copied()
        })
        .collect::<Option<Vec<T>>>()
        .ok_or(UNKNOWN_ADDRESS)
}

fn bytes(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// The first bit is the lowest of the first byte.
fn pack(bits: &[bool]) -> Vec<u8> {
    bits.chunks(8)
        .map(|eight| {
            eight
                .iter()
                .rev()
                .fold(0, |byte, bit| (byte << 1) | u8::from(*bit))
        })
        .collect()
}
