//! The doctors' side: takes in what the posts send, keeps it exactly once, says so, and shows it.
//!
//! The life of a record here: `inbox` (link, envelope, queue) -> `store` (one transaction) -> `wards` (the live picture)
//! -> `view` -> `web` (the doctors' page), and a receipt back to the post. `centre` decides, `app` puts together.

pub mod access;
pub mod app;
pub mod audit;
pub mod centre;
pub mod certificates;
pub mod clock;
pub mod config;
pub mod dump;
pub mod duty;
pub mod inbox;
pub mod store;
pub mod view;
pub mod wards;
pub mod web;
