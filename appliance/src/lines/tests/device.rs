//! The other end of a line, for tests: a cable that can be pulled, and Modbus units that behave as badly as told.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::pty::openpty;
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
use vitals::MonoTime;

use super::clock;

/// The device's end of a serial cable. Dropping it pulls the cable.
pub(super) struct Cable {
    device_end: File,
    port: PathBuf,
    /// Kept so that the device can write before anybody has opened the port.
    port_end: OwnedFd,
}

impl Cable {
    pub(super) fn new() -> Cable {
        let ends = openpty(None, None).unwrap();
        let mut raw = tcgetattr(&ends.slave).unwrap();
        cfmakeraw(&mut raw);
        tcsetattr(&ends.slave, SetArg::TCSANOW, &raw).unwrap();
        fcntl(&ends.master, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).unwrap();
        Cable {
            port: nix::unistd::ttyname(&ends.slave).unwrap(),
            device_end: File::from(ends.master),
            port_end: ends.slave,
        }
    }

    /// The port at the computer's end.
    pub(super) fn port(&self) -> &Path {
        &self.port
    }

    /// The port itself, to look at its settings.
    pub(super) fn port_end(&self) -> &OwnedFd {
        &self.port_end
    }

    /// Makes `link` lead to this cable's port, as udev does.
    pub(super) fn plug_into(&self, link: &Path) {
        let _ = std::fs::remove_file(link);
        std::os::unix::fs::symlink(&self.port, link).unwrap();
    }

    pub(super) fn send(&mut self, bytes: &[u8]) {
        self.device_end.write_all(bytes).unwrap();
    }

    /// What has come from the computer; nothing waits.
    pub(super) fn take(&mut self) -> Vec<u8> {
        let mut buffer = [0; 512];
        let count = self.device_end.read(&mut buffer).unwrap_or(0);
        buffer[..count].to_vec()
    }
}

/// A question that the units have heard.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    /// Counted from 0, over all units.
    pub(super) number: usize,
    pub(super) unit: u8,
    pub(super) function: u8,
    pub(super) addr: u16,
    pub(super) count: u16,
}

impl Question {
    /// The right answer: each register holds a number that no other unit or register holds.
    pub(super) fn answer(&self) -> Vec<u8> {
        self.answer_of(self.count)
    }

    /// The same with another number of registers.
    pub(super) fn answer_of(&self, count: u16) -> Vec<u8> {
        let mut frame = vec![self.unit, self.function, u8::try_from(count * 2).unwrap()];
        for register in 0..count {
            frame.extend(register_value(self.unit, self.addr + register).to_be_bytes());
        }
        with_crc(frame)
    }

    /// A refusal.
    pub(super) fn refusal(&self, code: u8) -> Vec<u8> {
        with_crc(vec![self.unit, self.function | 0x80, code])
    }
}

/// What register `addr` of `unit` holds.
pub(super) fn register_value(unit: u8, addr: u16) -> u16 {
    u16::from(unit) * 1_000 + addr
}

/// What the units send after a question: bytes, and how long after it.
pub(super) type Script = Box<dyn FnMut(Question) -> Vec<(Duration, Vec<u8>)> + Send>;

/// Units on a serial line, in a thread of their own.
pub(super) struct Units {
    port: PathBuf,
    unplugged: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Units {
    pub(super) fn start(mut script: Script) -> Units {
        let mut cable = Cable::new();
        let port = cable.port().to_owned();
        let unplugged = Arc::new(AtomicBool::new(false));
        let told = unplugged.clone();
        let thread = std::thread::spawn(move || {
            let clock = clock();
            let mut heard = Vec::new();
            let mut number = 0;
            let mut due: Vec<(MonoTime, Vec<u8>)> = Vec::new();
            while !told.load(Ordering::Relaxed) {
                heard.extend(cable.take());
                while let Some(question) = next_question(&mut heard, number) {
                    number += 1;
                    let now = clock.now();
                    due.extend(
                        script(question)
                            .into_iter()
                            .map(|(delay, bytes)| (now + delay, bytes)),
                    );
                }
                let now = clock.now();
                due.retain(|(at, bytes)| {
                    let later = *at > now;
                    if !later {
                        cable.send(bytes);
                    }
                    later
                });
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        Units {
            port,
            unplugged,
            thread: Some(thread),
        }
    }

    pub(super) fn port(&self) -> &Path {
        &self.port
    }
}

impl Drop for Units {
    fn drop(&mut self) {
        self.unplugged.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn next_question(heard: &mut Vec<u8>, number: usize) -> Option<Question> {
    if heard.len() < 8 {
        return None;
    }
    let frame: Vec<u8> = heard.drain(..8).collect();
    assert_eq!(with_crc(frame[..6].to_vec()), frame, "what was asked is no frame");
    assert!(
        (1..=4).contains(&frame[1]),
        "I10: something else than a read was sent"
    );
    let word = |at: usize| u16::from_be_bytes([frame[at], frame[at + 1]]);
    Some(Question {
        number,
        unit: frame[0],
        function: frame[1],
        addr: word(2),
        count: word(4),
    })
}

/// CRC-16 as in Modbus over serial line 1.02, appendix B.
pub(super) fn with_crc(mut frame: Vec<u8>) -> Vec<u8> {
    let crc = frame.iter().fold(0xFFFF_u16, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xA001 } else { crc >> 1 }
        })
    });
    frame.extend(crc.to_le_bytes());
    frame
}
