//! How long questions take on a line, and whether a line can carry what its maps ask.

use std::time::Duration;

use super::map::Table;
use super::poller::UnitPlan;
use crate::catalog::{Parity, SerialSettings};

/// How busy a serial line may be, in percent: the rest is for repetitions and slow devices.
const BUSY_PERCENT_MAX: u32 = 70;

/// Bytes of a question on a serial line.
const QUESTION_BYTES: u32 = 8;

/// Bytes of an answer on a serial line beside its data.
const ANSWER_BYTES: u32 = 5;

/// How fast the line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineTiming {
    /// Bits per second of a serial line; `None` for TCP.
    pub baud: Option<u32>,
    /// Bits on the wire per byte: start, data, parity and stop bits.
    pub bits_per_byte: u8,
    /// How long a unit may think before its answer begins.
    pub response: Duration,
    /// Pause between an answer and the next question.
    pub pause: Duration,
}

impl LineTiming {
    /// A serial line with these settings: 300 ms to think, 5 ms pause.
    pub fn serial(settings: SerialSettings) -> Self {
        let parity = u8::from(settings.parity != Parity::None);
        Self {
            baud: Some(settings.baud),
            bits_per_byte: 9 + settings.stop_bits + parity,
            response: Duration::from_millis(300),
            pause: Duration::from_millis(5),
        }
    }

    /// A TCP connection: 1 s for everything.
    pub fn tcp() -> Self {
        Self {
            baud: None,
            bits_per_byte: 8,
            response: Duration::from_secs(1),
            pause: Duration::ZERO,
        }
    }

    /// How long question and answer are on the wire.
    pub(super) fn line_time(&self, table: Table, count: u16) -> Duration {
        let data = if table.is_bits() {
            u32::from(count).div_ceil(8)
        } else {
            u32::from(count) * 2
        };
        let bits = (QUESTION_BYTES + ANSWER_BYTES + data) * u32::from(self.bits_per_byte);
        match self.baud {
            Some(baud) if baud > 0 => Duration::from_secs(u64::from(bits)) / baud,
            _ => Duration::ZERO,
        }
    }
}

/// A line is too busy for what its maps ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the maps of this line would keep it busy {percent} % of the time, more than {most} %: raise the baud rate, \
     make the intervals in the maps longer, or move units to another line"
)]
pub struct Overload {
    /// How busy the line would be.
    pub percent: u32,
    /// How busy it may be.
    pub most: u32,
}

/// How busy the maps keep a serial line, in percent; 0 for TCP.
pub fn line_load(plans: &[UnitPlan], timing: &LineTiming) -> u32 {
    if timing.baud.is_none() {
        return 0;
    }
    let busy: f64 = plans
        .iter()
        .flat_map(|plan| plan.map.blocks())
        .map(|block| {
            let once = timing.line_time(block.table, block.count + block.pad) + timing.pause * 2;
            once.as_secs_f64() / block.interval.as_secs_f64()
        })
        .sum();
    (busy * 100.0).ceil() as u32
}

/// Refuses maps that ask more than a serial line can carry.
///
/// # Errors
/// How busy the line would be, when that is more than 70 %.
pub fn check_load(plans: &[UnitPlan], timing: &LineTiming) -> Result<(), Overload> {
    let percent = line_load(plans, timing);
    if percent > BUSY_PERCENT_MAX {
        return Err(Overload {
            percent,
            most: BUSY_PERCENT_MAX,
        });
    }
    Ok(())
}
