//! A repeatable source of chance: the same seed always gives the same ward.

use std::time::Duration;

use appliance::store::simulated;

/// Chance from a seed.
#[derive(Clone, Debug)]
pub struct Chance(simulated::Chance);

impl Chance {
    /// The same seed gives the same numbers for ever.
    pub fn seeded(seed: u64) -> Chance {
        Chance(simulated::Chance(seed))
    }

    /// A source of its own for one part, so that what one part draws does not change what another sees.
    pub fn branch(&mut self) -> Chance {
        Chance::seeded(self.any())
    }

    /// Any number.
    pub fn any(&mut self) -> u64 {
        self.0.any()
    }

    /// A number below `limit`; 0 when `limit` is 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0.below(limit.max(1))
    }

    /// True in `percent` of a hundred cases.
    pub fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// A time from `low` to `high`, in whole milliseconds.
    pub fn between(&mut self, low: Duration, high: Duration) -> Duration {
        let spread = high.saturating_sub(low).as_millis() as u64 + 1;
        low + Duration::from_millis(self.below(spread))
    }
}
