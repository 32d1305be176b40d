//! Real sockets, real TLS, hostile clients.

mod hostile;
pub(crate) mod rig;
mod sensors;
mod service;
