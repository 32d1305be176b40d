//! How soon an alarm is on the page at the post, in a storm: 200 alarms in a minute for ten minutes, each raised, shown,
//! acknowledged and over before the next one at its bed.
//!
//! A gateway says that a patient's SpO2 is 70 % or the systolic pressure 60: alarms without any delay of their own. The time runs from the moment the
//! message is written to the post's port until the alarm has come to a page that is open and signed in.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::gateway::Ward;
use super::{Figures, Goal, Plan, quantile};

/// Alarms in a minute.
const PER_MINUTE: u32 = 200;
/// As many as a post can have.
const BEDS: usize = 16;
/// How long the storm lasts.
const LASTS: Duration = Duration::from_secs(600);

/// All figures of alarms at the post.
///
/// # Errors
/// The post does not run, or an alarm does not come.
pub fn measure(plan: &Plan) -> Result<Figures> {
    let (every, lasts) = (
        Duration::from_secs(60) / PER_MINUTE,
        if plan.quick { Duration::from_secs(6) } else { LASTS },
    );
    let mut ward = Ward::start(&plan.folder, BEDS)?;
    // The first alarms and the first sign-in fill caches.
    ward.alarms(every, Duration::from_secs(3))?;
    let before = ward.memory()?;
    let ms = ward.alarms(every, lasts)?;
    let mut figures = Figures::default();
    let minutes = lasts.as_secs_f64() / 60.0;
    let per_minute = ms.len() as f64 / minutes;
    ensure!(per_minute > 0.0, "the storm was none");
    let how = "each was on the page before the next; one that is not within 20 s ends the measurement";
    let enough = Goal::AtLeast(0.95 * f64::from(PER_MINUTE));
    figures.add(
        "alarms raised, shown and acknowledged",
        per_minute,
        "1/min",
        enough,
        how,
    );
    let how = "from a gateway's bytes at the post's port to the open page; 16 beds, loopback";
    for (share, name, goal) in [
        (0.5, "p50", Goal::None),
        (0.99, "p99", Goal::Below(1_000.0)),
        (1.0, "longest", Goal::None),
    ] {
        let name = format!("alarm to the page at 200 a minute, {name}");
        figures.add(&name, quantile(&ms, share), "ms", goal, how);
    }
    let grown = ward.memory()?.saturating_sub(before) as f64 / 1024.0;
    figures.add(
        "memory grown in the storm",
        grown,
        "MiB",
        Goal::Below(32.0),
        "resident memory of the post",
    );
    Ok(figures)
}
