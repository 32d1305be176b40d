//! The daemon at the health post. Parts and arrows: ARCHITECTURE.md. `app.rs` alone knows all parts; `ward` is
//! pure and knows only `vitals`; only `store` knows redb, only `relay` and `broker` know MQTT (a line of
//! sensors holds a `link`), only `web` knows axum, only `lines` knows ports.

pub mod access;
pub mod alarm_log;
pub mod app;
pub mod audit;
pub mod broker;
pub mod clock;
pub mod config;
pub mod export;
pub mod lines;
pub mod relay;
pub mod replay;
pub mod selftest;
pub mod sound;
pub mod store;
pub mod ward;
pub mod web;
