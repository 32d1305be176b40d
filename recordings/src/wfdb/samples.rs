//! The signal formats: bytes to whole numbers.

/// How samples are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// 16 bits, low byte first.
    F16,
    /// 24 bits, low byte first.
    F24,
    /// 8 bits with an offset of 128.
    F80,
    /// Two samples of 12 bits in three bytes.
    F212,
}

impl Format {
    /// The format of this number, if it is built in.
    pub(super) fn numbered(number: u16) -> Option<Format> {
        match number {
            16 => Some(Format::F16),
            24 => Some(Format::F24),
            80 => Some(Format::F80),
            212 => Some(Format::F212),
            _ => None,
        }
    }

    /// The sample that means "no value".
    pub(super) fn invalid(self) -> i32 {
        match self {
            Format::F16 => -(1 << 15),
            Format::F24 => -(1 << 23),
            Format::F80 => -(1 << 7),
            Format::F212 => -(1 << 11),
        }
    }

    /// Bytes that this many samples take.
    pub(super) fn bytes_for(self, samples: usize) -> usize {
        match self {
            Format::F16 => samples * 2,
            Format::F24 => samples * 3,
            Format::F80 => samples,
            Format::F212 => (samples * 3).div_ceil(2),
        }
    }

    /// Samples that this many bytes hold.
    pub(super) fn samples_in(self, bytes: usize) -> usize {
        match self {
            Format::F16 => bytes / 2,
            Format::F24 => bytes / 3,
            Format::F80 => bytes,
            Format::F212 => bytes * 2 / 3,
        }
    }

    /// The first `count` samples; `None` when there are fewer.
    pub(super) fn decode(self, bytes: &[u8], count: usize) -> Option<Vec<i32>> {
        let bytes = bytes.get(..self.bytes_for(count))?;
        let mut samples: Vec<i32> = match self {
            Format::F16 => bytes.chunks(2).map(|pair| signed(pair, 16)).collect(),
            Format::F24 => bytes.chunks(3).map(|three| signed(three, 24)).collect(),
            Format::F80 => bytes.iter().map(|byte| i32::from(*byte) - 128).collect(),
            Format::F212 => bytes.chunks(3).flat_map(two_of_twelve).collect(),
        };
        samples.truncate(count);
        Some(samples)
    }
}

/// Low byte first, two's complement of `bits`.
fn signed(bytes: &[u8], bits: u32) -> i32 {
    let whole = bytes
        .iter()
        .rev()
        .fold(0_i32, |whole, byte| (whole << 8) | i32::from(*byte));
    (whole << (32 - bits)) >> (32 - bits)
}

/// The middle byte holds the high bits of both; a last odd sample has only two bytes.
fn two_of_twelve(bytes: &[u8]) -> [i32; 2] {
    let byte = |index: usize| bytes.get(index).copied().unwrap_or(0);
    [
        signed(&[byte(0), byte(1) & 0x0F], 12),
        signed(&[byte(2), byte(1) >> 4], 12),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_decodes_its_extremes() {
        assert_eq!(
            Format::F16.decode(&[0xFF, 0x7F, 0x00, 0x80, 0xFE, 0xFF], 3),
            Some(vec![32_767, -32_768, -2])
        );
        assert_eq!(
            Format::F24.decode(&[0xFF, 0xFF, 0x7F, 0x00, 0x00, 0x80, 0xFE, 0xFF, 0xFF], 3),
            Some(vec![8_388_607, -8_388_608, -2])
        );
        assert_eq!(Format::F80.decode(&[0, 128, 255], 3), Some(vec![-128, 0, 127]));
        assert_eq!(
            Format::F212.decode(&[0xFF, 0x87, 0x00], 2),
            Some(vec![2_047, -2_048])
        );
    }

    #[test]
    fn an_odd_count_of_format_212_needs_only_two_bytes_for_the_last_sample() {
        let bytes = [0xE3, 0x33, 0xF3, 0xDF, 0x03];
        assert_eq!(Format::F212.bytes_for(3), 5);
        assert_eq!(Format::F212.samples_in(5), 3);
        assert_eq!(Format::F212.decode(&bytes, 3), Some(vec![995, 1_011, 991]));
        assert_eq!(Format::F212.decode(&bytes[..4], 3), None);
    }
}
