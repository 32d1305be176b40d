//! The words for curves: which there are (JSON), and their samples (binary), many blocks in one frame.
//!
//! A frame is little-endian: version `u8` (1), zero `u8`, number of blocks `u16`; then each block: lane `u32`, number of samples
//! `u16`, zero `u16`, number of the first sample `u64`, samples `i16` in the device's own steps.

use axum::body::Bytes;
use schemars::JsonSchema;
use serde::Serialize;
use vitals::{BedId, Code, DeviceId};

/// The first byte of a frame.
const VERSION: u8 = 1;

/// A frame takes no more; what does not fit is dropped, and seen as a gap.
const FRAME_BYTES_MAX: usize = 64 * 1024;

/// One curve of a bed, as one device counts its samples. A bed, stay, rate or counting that changes is another lane.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct Lane {
    /// Its number in frames; never given twice while the appliance runs.
    pub lane: u32,
    /// Whose curve.
    pub bed: BedId,
    /// Which device sends it.
    pub device: DeviceId,
    /// Which curve.
    pub code: Code,
    /// What stands beside it.
    pub label: &'static str,
    /// Samples per second.
    pub rate_hz: f64,
}

/// Blocks that wait to be sent together.
#[derive(Debug, Default)]
pub struct Frame {
    blocks: u16,
    bytes: Vec<u8>,
}

impl Frame {
    /// Adds a block; false when there is no room for it.
    pub fn push(&mut self, lane: u32, first_sample: u64, samples: &[i16]) -> bool {
        let Ok(count) = u16::try_from(samples.len()) else {
            return false;
        };
        let room = self.bytes.len() + 16 + 2 * samples.len() <= FRAME_BYTES_MAX;
        if !room || self.blocks == u16::MAX {
            return false;
        }
        self.blocks += 1;
        self.bytes.extend(lane.to_le_bytes());
        self.bytes.extend(count.to_le_bytes());
        self.bytes.extend([0, 0]);
        self.bytes.extend(first_sample.to_le_bytes());
        self.bytes
            .extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
        true
    }

    /// Everything that waits; `None` = nothing does.
    pub fn take(&mut self) -> Option<Bytes> {
        if self.blocks == 0 {
            return None;
        }
        let Frame { blocks, bytes } = std::mem::take(self);
        let mut whole = Vec::with_capacity(4 + bytes.len());
        whole.extend([VERSION, 0]);
        whole.extend(blocks.to_le_bytes());
        whole.extend(bytes);
        Some(whole.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_has_the_bytes_that_its_description_says() {
        let mut frame = Frame::default();
        assert_eq!(frame.take(), None);
        assert!(frame.push(7, 0x0102_0304_0506, &[1, -2]));
        assert!(frame.push(8, 0, &[]));
        let expected = [
            &[1, 0, 2, 0][..],
            &[7, 0, 0, 0, 2, 0, 0, 0, 6, 5, 4, 3, 2, 1, 0, 0, 1, 0, 0xfe, 0xff],
            &[8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ];
        assert_eq!(frame.take().unwrap(), expected.concat());
        assert_eq!(frame.take(), None, "it was taken");
    }

    #[test]
    fn what_does_not_fit_is_dropped_whole() {
        let mut frame = Frame::default();
        let block = [0; 8_000];
        let taken = (0..9).filter(|n| frame.push(1, 8_000 * n, &block)).count();
        assert_eq!(taken, 4);
        assert!(frame.push(2, 0, &[5]), "a small one still fits");
        assert!(!frame.push(3, 0, &vec![0; 70_000]));
        assert!(frame.take().unwrap().len() <= FRAME_BYTES_MAX + 4);
    }
}
