//! What a person tells the running demo by signals.

use std::sync::mpsc::{Receiver, channel};

use anyhow::{Context, Result};
use nix::sys::signal::{SigSet, Signal};

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// SIGINT (Ctrl-C), SIGTERM or SIGHUP (the terminal is gone).
    Stop,
    /// SIGUSR1: start again whatever has ended.
    StartAgain,
}

/// Blocks the signals in this thread and all later ones, and passes them on instead. Call before any other thread starts.
pub fn listen() -> Result<Receiver<Asked>> {
    let signals: SigSet = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGUSR1]
        .into_iter()
        .collect();
    signals.thread_block().context("cannot block signals")?;
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        while let Ok(signal) = signals.wait() {
            let asked = if signal == Signal::SIGUSR1 {
                Asked::StartAgain
            } else {
                Asked::Stop
            };
            if sender.send(asked).is_err() {
                return;
            }
        }
    });
    Ok(receiver)
}
