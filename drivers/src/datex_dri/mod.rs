//! Monitors that speak the "S/5 Computer Interface" (DRI): GE and Datex-Ohmeda AS/3, CS/3, S/5, Cardiocap 5, B20 to B125,
//! CARESCAPE B450 to B850.
//!
//! The monitor is silent until it is asked; it is asked for data and never for anything else (I10). Its frames have an
//! 8-bit sum, which one damaged frame in 256 passes. What keeps a false value off the screen (I5), by number:
//!
//! - G1, G2 whole frames (`frames.rs`); G3 from one monitor, counted (below);
//! - G4 every vital confirmed by the next record (`publish.rs`), G5 only where the monitor measures (`values.rs`);
//! - G6 a cuff pressure once, with its age (`cuff.rs`);
//! - G7, G8 alarms (`alarms.rs`); G9, G10 curves (`waves.rs`); G11, G12 what is asked, and when (`request.rs`, `ask.rs`).
//!
//! G3: A record counts when its header is one of the monitor that was heard before. Another monitor (its plug number or
//! level) must say so twice; then nothing of the old one holds any more (I3).
//!
//! What each rule costs and what still slips through: `README.md` in this folder.

mod alarms;
mod ask;
pub mod connect;
mod cuff;
mod frames;
mod labels;
mod publish;
mod record;
mod request;
mod session;
mod twice;
mod values;
mod waves;

use std::time::Duration;

use vitals::{Code, MonoTime};

use crate::catalog::{BadOption, StreamOptions};
use crate::dialogue::{Dialogue, LineFault, Step};
use ask::Ask;
use frames::{Found, FrameReader};
use request::INTERVAL_S_USUAL;
use session::Session;
use waves::WAVES;

/// What stands as `family` in the configuration.
pub const FAMILY: &str = "datex_dri";

/// The curves that are asked for when the configuration says nothing: room is left on the line for a pressure.
const WAVES_USUAL: &[Code] = &[Code::EcgII, Code::Pleth];

/// The dialogue with one monitor.
#[derive(Debug)]
pub struct DatexDri {
    frames: FrameReader,
    session: Session,
}

impl DatexDri {
    /// A dialogue that has heard nothing yet. `format` is "s5" (values every 5 s, which every monitor can) or "b-series"
    /// (every second where that fits the line).
    ///
    /// # Errors
    /// When the options ask for what the family does not have, or for more curves than fit the line.
    pub fn new(options: &StreamOptions<'_>) -> Result<Self, BadOption> {
        // Monitors of the B series send no alarms; CARESCAPE monitors, which do, are no faster than 5 s.
        let (fastest, asks_alarms) = match options.format {
            None | Some("s5") => (INTERVAL_S_USUAL, true),
            Some("b-series") => (1, false),
            Some(other) => {
                return Err(BadOption::Format {
                    text: other.to_owned(),
                    family: FAMILY,
                    choices: "\"s5\" or \"b-series\"",
                });
            }
        };
        let wanted = options.waves.unwrap_or(WAVES_USUAL);
        let interval_s = interval(fastest, wanted, asks_alarms)?;
        Ok(Self {
            frames: FrameReader::default(),
            session: Session::new(
                Duration::from_secs(interval_s.into()),
                Ask::new(interval_s, wanted.to_vec(), asks_alarms),
            ),
        })
    }
}

/// The interval at which values fit beside these curves.
fn interval(fastest: u16, wanted: &[Code], asks_alarms: bool) -> Result<u16, BadOption> {
    let mut rates: Vec<u32> = Vec::new();
    let fits = |rates: &[u32]| {
        let waves = request::waves_bytes_per_s(rates.iter().copied())?;
        request::interval_that_fits(fastest, waves, asks_alarms)
    };
    let mut interval = fits(&rates).unwrap_or(INTERVAL_S_USUAL);
    for (place, code) in wanted.iter().enumerate() {
        if wanted.get(..place).is_some_and(|before| before.contains(code)) {
            continue;
        }
        rates.push(rate(*code).ok_or_else(|| BadOption::Wave {
            key: code.key(),
            family: FAMILY,
            choices: choices(),
        })?);
        interval = fits(&rates).ok_or(BadOption::NoRoom {
            key: code.key(),
            family: FAMILY,
        })?;
    }
    Ok(interval)
}

/// Samples a second of a curve that can be asked for.
fn rate(code: Code) -> Option<u32> {
    let of = |wave: &&waves::Wave| match wave.of {
        waves::Of::Ecg(_) => ask::is_lead(code),
        waves::Of::Pressure(_) => matches!(code, Code::AbpWave | Code::CvpWave),
        waves::Of::Always(always) => always == code,
    };
    WAVES.iter().find(of).map(|wave| wave.rate)
}

fn choices() -> String {
    let known = vitals::code::CODES.iter().filter(|row| rate(row.code).is_some());
    known.map(|row| row.key).collect::<Vec<_>>().join(", ")
}

impl Dialogue for DatexDri {
    fn heard(&mut self, now: MonoTime, bytes: &[u8]) {
        for byte in bytes {
            let session = &mut self.session;
            self.frames.hear(*byte, &mut |found| match found {
                Found::Record(record) => session.record(now, &record),
                Found::BadChecksum => session.damage(now, LineFault::BadChecksum),
                Found::Skipped(skipped) => session.damage(now, LineFault::Resynchronised { skipped }),
            });
        }
    }

    fn step(&mut self, now: MonoTime) -> Step {
        self.session.step(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Transport;

    fn error(format: Option<&str>, waves: &[Code]) -> String {
        let options = StreamOptions {
            transport: Transport::Serial,
            format,
            waves: Some(waves),
        };
        DatexDri::new(&options)
            .err()
            .map_or(String::new(), |error| error.to_string())
    }

    #[test]
    fn what_the_family_does_not_have_is_refused_with_the_choices() {
        assert_eq!(
            error(None, &[Code::EcgII, Code::Pleth, Code::AbpWave, Code::Co2Wave]),
            ""
        );
        assert!(error(Some("fast"), &[]).contains("\"b-series\""));
        assert!(error(None, &[Code::Hr]).contains("ecg_ii, ecg_iii"));
        let three = error(None, &[Code::EcgI, Code::EcgII, Code::EcgIII]);
        assert!(three.contains("ecg_iii"), "{three}");
    }
}
