//! How the monitor answers a question for a session, and how it makes itself known.

use std::net::Ipv4Addr;
use std::time::Duration;

use super::bytes::{attribute, list, sized, text, u16s, u32s};

/// Where the user information of a request begins: after `0D LI`, 14 bytes of session data, `C1 LI`, 131 bytes of header and
/// the ASN length.
const USER_INFO_AT: usize = 2 + 14 + 2 + 131 + 1;

const SESSION: [u8; 14] = [
    0x05, 0x08, 0x13, 0x01, 0x00, 0x16, 0x01, 0x02, 0x80, 0x00, 0x14, 0x02, 0x00, 0x02,
];

/// From `C1 LI` to the ASN length.
const HEADER: [u8; 101] = [
    0x31, 0x80, 0xA0, 0x80, 0x80, 0x01, 0x01, 0x00, 0x00, 0xA2, 0x80, 0xA0, 0x03, 0x00, 0x00, 0x01, 0xA5,
    0x80, 0x30, 0x80, 0x80, 0x01, 0x00, 0x81, 0x02, 0x51, 0x01, 0x00, 0x00, 0x30, 0x80, 0x80, 0x01, 0x00,
    0x81, 0x0C, 0x2A, 0x86, 0x48, 0xCE, 0x14, 0x02, 0x01, 0x00, 0x00, 0x00, 0x02, 0x01, 0x00, 0x00, 0x00,
    0x00, 0x61, 0x80, 0x30, 0x80, 0x02, 0x01, 0x01, 0xA0, 0x80, 0x61, 0x80, 0xA1, 0x80, 0x06, 0x0C, 0x2A,
    0x86, 0x48, 0xCE, 0x14, 0x02, 0x01, 0x00, 0x00, 0x00, 0x03, 0x01, 0x00, 0x00, 0xA2, 0x03, 0x02, 0x01,
    0x00, 0xA3, 0x05, 0xA1, 0x03, 0x02, 0x01, 0x00, 0xBE, 0x80, 0x28, 0x80, 0x02, 0x01, 0x02, 0x81,
];

/// Ends a session that the client has ended.
pub const RELEASED: [u8; 26] = [
    0x0A, 0x18, 0xC1, 0x16, 0x61, 0x80, 0x30, 0x80, 0x02, 0x01, 0x01, 0xA0, 0x80, 0x63, 0x80, 0x80, 0x01, 0,
    0, 0, 0, 0, 0, 0, 0, 0,
];

/// The first byte of a refusal is all that a client may read.
pub const REFUSED: [u8; 2] = [0x0C, 0x00];

/// Nor of an abort.
pub const ABORTED: [u8; 2] = [0x19, 0x00];

/// The largest message that this monitor sends.
const MTU_MAX: u32 = 1456;

/// Below this a client is refused.
const MTU_MIN: u32 = 300;

/// What is granted: numerics once a second, curves.
const OPTIONS: u32 = 0x8800_0000;
const OPTION_NUMERICS: u32 = 0x8000_0000;
const OPTION_WAVES: u32 = 0x0800_0000;

const SYSTEM_CLIENT: u32 = 0x8000_0000;

/// What a client asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    period: u32,
    mtu: u32,
    options: u32,
}

impl Request {
    /// Reads a question for a session; `None` where it must be refused.
    pub fn read(message: &[u8]) -> Option<Request> {
        let word = |at: usize| {
            let bytes = message.get(USER_INFO_AT + at..USER_INFO_AT + at + 4)?;
            Some(u32::from_be_bytes(bytes.try_into().ok()?))
        };
        let request = Request {
            period: word(36)?,
            mtu: word(40)?.min(word(44)?),
            options: word(64)?,
        };
        let is_good =
            word(12)? == SYSTEM_CLIENT && request.mtu >= MTU_MIN && request.options & OPTION_NUMERICS != 0;
        is_good.then_some(request)
    }

    /// The largest message that both sides take.
    pub fn mtu(self) -> usize {
        self.mtu.min(MTU_MAX) as usize
    }

    /// Whether curves are granted.
    pub fn waves(self) -> bool {
        self.options & OPTION_WAVES != 0
    }

    /// How long the monitor waits for a word of the client.
    pub fn timeout(self) -> Duration {
        let period = Duration::from_secs(self.period.into()) / 8000;
        match period.as_millis() {
            0..3300 => Duration::from_secs(10),
            3300..=43_000 => period * 3,
            _ => Duration::from_secs(130),
        }
    }

    /// The answer that grants it.
    pub fn granted(self) -> Vec<u8> {
        let mtu = self.mtu.min(MTU_MAX);
        let extensions = u32s(&[self.options & OPTIONS, 0]);
        let profile = [
            u32s(&[0x8000_0000, self.period, mtu, mtu, u32::MAX, 0x6000_0000]),
            list(&[attribute(0xF001, &extensions)]),
        ]
        .concat();
        let info = [
            u32s(&[0x8000_0000, 0x4000_0000, 0, 0x0080_0000, 0x8000_0000, 0]),
            list(&[attribute(0x0001, &profile)]),
        ]
        .concat();
        let inner = [&HEADER[..], &[info.len() as u8], &info, &[0; 16]].concat();
        let outer = [&SESSION[..], &[0xC1, inner.len() as u8], &inner].concat();
        [&[0x0E, outer.len() as u8][..], &outer].concat()
    }
}

/// A connect indication, as a monitor on the LAN sends it from and to UDP port 24005 every ten seconds.
pub fn connect_indication(mac: [u8; 6], address: Ipv4Addr, port: u16, bed: &str) -> Vec<u8> {
    let protocols = list(&[u16s(&[1, 1, 24_005, 0]), u16s(&[5, 1, port, 0])]);
    let network = [&mac[..], &address.octets(), &[255, 255, 255, 0]].concat();
    let attributes = list(&[
        attribute(0xF101, &protocols),
        attribute(0xF100, &network),
        attribute(0xF135, &sized(&text(bed))),
        attribute(0x0986, &u16s(&[1, 0x1234])),
    ]);
    let event = [
        u16s(&[0x0023, 0, 0]),
        u32s(&[0]),
        u16s(&[0x0D17]),
        sized(&attributes),
    ]
    .concat();
    let invoke = [u16s(&[1, 0]), sized(&event)].concat();
    [&[0, 0, 1, 0][..], &u16s(&[1]), &sized(&invoke)].concat()
}
