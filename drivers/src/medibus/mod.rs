//! Dräger devices that speak MEDIBUS or MEDIBUS.X: ventilators (Evita, Infinity V500 ...) and anaesthesia machines (Apollo).
//!
//! Both sides may command, each command has one response. This dialogue opens the session, asks for values, alarms, texts and
//! the time, answers what the device asks, and sends nothing that could change a setting (I10). What keeps a false value off
//! the screen although the sum has only eight bits (I5), by number, each proven beside its code:
//!
//! - D1 to D3 the frames: the sum, bit 7 apart, commands inside responses (`frame.rs`);
//! - D4 lists are whole or refused (`lists.rs`); D5 a time said twice (`clock.rs`); D6 alarms said twice (`alarms.rs`);
//! - D7 to D10 values: confirmed, left out, standby, the unit of CO2 (`values.rs`); D11 the cuff (`cuff.rs`);
//! - D12 to D14 curves, when they are asked for (`waves.rs`, `axis.rs`);
//! - D15 a session that is silent for 3 s vouches for nothing, and for 10 s is over (this file).
//!
//! What each rule costs and what still slips through: `README.md` in this folder.

mod alarms;
mod axis;
mod clock;
mod codes;
pub mod connect;
mod cuff;
mod frame;
mod lists;
mod questions;
mod session;
mod values;
mod waves;

use vitals::{Code, MonoTime};

use crate::catalog::BadOption;
use crate::dialogue::{Dialogue, Step};
use session::Session;

/// Bytes with this bit are real-time data, wherever they stand.
const REAL_TIME: u8 = 0x80;

/// The dialogue with one device.
#[derive(Debug)]
pub struct Medibus {
    session: Session,
}

impl Medibus {
    /// A dialogue that has heard nothing yet. `waves`: the curves that are wanted (`paw`, `flow`, `co2`, `pleth`); none when
    /// left out.
    ///
    /// # Errors
    /// When a curve is wanted that the family does not have.
    pub fn new(waves: Option<&[Code]>) -> Result<Self, BadOption> {
        let wanted = waves.unwrap_or_default();
        let has = |code: &Code| waves::CURVES.iter().any(|(known, _)| known == code);
        if let Some(wrong) = wanted.iter().find(|code| !has(code)) {
            let choices: Vec<&str> = waves::CURVES.iter().map(|(code, _)| code.key()).collect();
            return Err(BadOption::Wave {
                key: wrong.key(),
                family: "medibus",
                choices: choices.join(", "),
            });
        }
        Ok(Self {
            session: Session::new(wanted.to_vec()),
        })
    }
}

impl Dialogue for Medibus {
    fn heard(&mut self, now: MonoTime, bytes: &[u8]) {
        self.session.pass(now);
        for byte in bytes {
            if byte & REAL_TIME != 0 {
                self.session.hear_real_time(now, *byte);
            } else {
                self.session.hear(now, *byte);
            }
        }
    }

    fn step(&mut self, now: MonoTime) -> Step {
        self.session.pass(now);
        self.session.step(now)
    }
}
