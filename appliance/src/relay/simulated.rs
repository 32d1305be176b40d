//! The relay for a simulator: the same code as in the field, driven by hand.
//!
//! Make an [`Outlet`] on a real store and a [`Dispatch`] with [`dispatch`]; feed it [`Input`]s and carry out its
//! [`Step`]s. A [`Step::Read`] is answered at once with [`Outlet::prepare`], or later, as a slow card would.

use vitals::MonoTime;
use vitals::wire::OpenAlarms;
use vitals::{ClockTrust, WallTime};

pub use super::dispatch::{Dispatch, Input, Speaker, Standing, Step};
pub use super::outlet::{LaneStock, Outlet, Prepared};
pub use super::pack::Piece;
pub use super::window::Want;

/// The relay's pure part for the centre, at the pace of the field.
pub fn dispatch(speaker: Speaker, now: MonoTime) -> Dispatch {
    let terms = super::Terms::default();
    Dispatch::new(speaker, super::CENTRE, &terms, super::Pace::default(), now)
}

/// What the post knows at a tick.
pub fn standing(outlet: &Outlet, wall: WallTime, trust: ClockTrust, open_alarms: OpenAlarms) -> Standing {
    Standing {
        wall,
        trust,
        stock: outlet.stock(),
        last: outlet.last(),
        open_alarms,
    }
}
