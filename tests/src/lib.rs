//! What the cross-part tests share: real processes on free ports in a folder of their own ([`scene`]), the pages as a
//! browser reads them ([`pages`]), the simulators' truth ([`truth`]), and where the recordings are ([`recordings`]).

pub mod bedside;
pub mod bench;
pub mod chance;
pub mod clock;
pub mod comparison;
pub mod doctors;
pub mod guest;
pub mod pages;
pub mod process;
pub mod rauc;
pub mod recordings;
pub mod scene;
pub mod sim;
pub mod truth;
