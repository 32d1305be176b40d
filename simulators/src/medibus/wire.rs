//! Frames as the device writes and reads them: ESC for commands, SOH for responses, a sum in two digits, CR.

/// Begins a command.
pub const ESC: u8 = 0x1B;
/// Begins a response.
pub const SOH: u8 = 0x01;
const CR: u8 = 0x0D;

/// Stands for the code in the answer to a command that came damaged.
pub const NAK: u8 = 0x15;

/// One frame.
pub fn frame(start: u8, code: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![start, code];
    out.extend_from_slice(payload);
    let sum = out.iter().map(|byte| u32::from(*byte)).sum::<u32>() % 256;
    out.extend_from_slice(format!("{sum:02X}").as_bytes());
    out.push(CR);
    out
}

/// What the host sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FromHost {
    /// A command: code and argument.
    Command(u8, Vec<u8>),
    /// A response: its code.
    Response(u8),
    /// A command with a wrong sum.
    Damaged,
    /// A byte with bit 7.
    RealTime(u8),
}

/// Reads what the host sends. A device is patient: it keeps one frame at a time.
#[derive(Debug, Default)]
pub struct Ear {
    frame: Vec<u8>,
}

/// A host's command has an argument of 251 bytes at most.
const FRAME_BYTES_MAX: usize = 256;

impl Ear {
    /// Takes a byte; something when it completes a frame or is a frame of its own.
    pub fn hear(&mut self, byte: u8) -> Option<FromHost> {
        match byte {
            0x80.. => Some(FromHost::RealTime(byte)),
            ESC | SOH => {
                self.frame = vec![byte];
                None
            }
            CR => self.finish(),
            _ => {
                if !self.frame.is_empty() && self.frame.len() < FRAME_BYTES_MAX {
                    self.frame.push(byte);
                }
                None
            }
        }
    }

    fn finish(&mut self) -> Option<FromHost> {
        let heard = std::mem::take(&mut self.frame);
        let start = *heard.first()?;
        let whole = heard.len() >= 4 && {
            let payload = &heard[2..heard.len() - 2];
            frame(start, heard[1], payload)[..heard.len()] == heard[..]
        };
        match (start, whole) {
            (ESC, true) => Some(FromHost::Command(heard[1], heard[2..heard.len() - 2].to_vec())),
            (ESC, false) => Some(FromHost::Damaged),
            (_, true) => Some(FromHost::Response(heard[1])),
            (_, false) => None,
        }
    }
}
