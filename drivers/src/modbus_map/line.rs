//! How long questions take on a line, and whether a line can carry what its maps ask.

use std::time::Duration;

use super::map::Table;
use super::poller::UnitPlan;
use crate::catalog::{Parity, SerialSettings};

/// How busy a line may be, in percent: the rest is for repetitions and slow devices.
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

    /// A serial line behind a gateway that passes its frames on over TCP: its speed, and 1 s to think, for the network.
    pub fn rtu_over_tcp(settings: SerialSettings) -> Self {
        Self {
            response: Duration::from_secs(1),
            ..Self::serial(settings)
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

/// What one question and its answer take over TCP, where nothing names a speed: behind most gateways is a serial line of
/// 9600 baud, on which a short question takes as long.
const TCP_EXCHANGE: Duration = Duration::from_millis(30);

/// How busy the maps keep a line, in percent.
pub fn line_load(plans: &[UnitPlan], timing: &LineTiming) -> u32 {
    let busy: f64 = plans
        .iter()
        .flat_map(|plan| plan.map.blocks())
        .map(|block| {
            let on_wire = match timing.baud {
                Some(_) => timing.line_time(block.table, block.count + block.pad),
                None => TCP_EXCHANGE,
            };
            let once = on_wire + timing.pause * 2;
            once.as_secs_f64() / block.interval.as_secs_f64()
        })
        .sum();
    (busy * 100.0).ceil() as u32
}

/// Refuses maps that ask more than a line can carry.
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
