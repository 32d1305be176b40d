//! From where on a person should look, each with its source. What is only ours says so.

use std::time::Duration;

/// A battery with no more is low. Source: UPower, `PercentageLow`.
pub const BATTERY_LOW_PERCENT: u8 = 20;
/// A battery with no more ends soon. Source: UPower, `PercentageCritical`.
pub const BATTERY_CRITICAL_PERCENT: u8 = 5;
/// The box must outlast a change of the generator. Ours.
pub const UPS_MIN: u16 = 15;
/// From sending to the centre's word that it keeps it. Source: the targets of alarm delay, at most 3 s to the centre over a good
/// link (IEC 60601-1-8 asks that a longer delay is disclosed).
pub const ROUND_MAX: Duration = Duration::from_secs(3);
/// More lost messages in a hundred are a bad link. Source: the share of damaged frames from which a line is disturbed.
pub const LOST_PERCENT_MAX: u64 = 5;
/// More records waiting while the centre is heard means that the link is thinner than what is sent. Ours: a minute of a full
/// ward.
pub const WAITING_MAX: u64 = 5_000;
/// Somebody must have the time to carry a new card to the post. Source: the same time as for a certificate.
pub const DAYS_LEFT_MIN: u64 = 30;
/// A commit of an alarm should not be what people wait for. Source: the target of alarm delay at the post, 1 s, half of it.
pub const WRITE_MAX: Duration = Duration::from_millis(500);
/// A card says itself how much of its life is used. Source: JEDEC eMMC 5.0, `DEVICE_LIFE_TIME_EST`: 80 % and more is near its
/// end.
pub const WORN_PERCENT_MAX: u8 = 80;
/// Further from the centre's clock is noticed by people who compare times. Source: the step of the clock that is recorded.
pub const AHEAD_MS_MAX: u64 = 2_000;
/// More faults than this in a minute are a cable or a neighbour that disturbs it. Ours: one in ten seconds.
pub const FAULTS_PER_MIN_MAX: f64 = 6.0;
/// Rates over a shorter time say nothing.
pub const COUNTED_MIN: Duration = Duration::from_secs(5);
/// How full the card becomes is told over no less than this: the store's file grows in steps.
pub const FILLED_OVER_MIN: Duration = Duration::from_secs(3_600);
