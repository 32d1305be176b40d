//! Beginning and ending a session: what we ask for, and what a monitor grants.
//!
//! Layout of the request and of the two ends of the response: two independent sources and one real capture.

use std::time::Duration;

use super::wire::{Reader, Writer};

/// Ticks of the monitor's relative clock per second (real capture).
pub(super) const TICKS_PER_S: u32 = 8000;

/// First byte of each message.
pub(super) const ACCEPTED: u8 = 0x0E;
pub(super) const REFUSED: u8 = 0x0C;
pub(super) const RELEASED: u8 = 0x0A;
pub(super) const RELEASE_ASKED: u8 = 0x09;
pub(super) const ABORTED: u8 = 0x19;
pub(super) const DATA: u8 = 0xE1;

/// Ends a session. Harmless where there is none.
pub(super) const RELEASE: [u8; 26] = [
    0x09, 0x18, 0xC1, 0x16, 0x61, 0x80, 0x30, 0x80, 0x02, 0x01, 0x01, 0xA0, 0x80, 0x62, 0x80, 0x80, 0x01, 0,
    0, 0, 0, 0, 0, 0, 0, 0,
];

/// Numerics once a second.
const OPTION_NUMERICS: u32 = 0x8000_0000;

/// Any of the four bits by which numerics are granted.
const OPTION_NUMERICS_ANY: u32 = 0xF000_0000;

/// Waves.
const OPTION_WAVES: u32 = 0x0800_0000;

/// How often we promise to say something at the latest. The monitor gives a session up after three times as long.
const POLL_PERIOD_S: u32 = 40;

const SESSION: [u8; 14] = [
    0x05, 0x08, 0x13, 0x01, 0x00, 0x16, 0x01, 0x02, 0x80, 0x00, 0x14, 0x02, 0x00, 0x02,
];

/// From `C1 LI` to the ASN length.
const PRESENTATION: [u8; 131] = [
    0x31, 0x80, 0xA0, 0x80, 0x80, 0x01, 0x01, 0x00, 0x00, 0xA2, 0x80, 0xA0, 0x03, 0x00, 0x00, 0x01, 0xA4,
    0x80, 0x30, 0x80, 0x02, 0x01, 0x01, 0x06, 0x04, 0x52, 0x01, 0x00, 0x01, 0x30, 0x80, 0x06, 0x02, 0x51,
    0x01, 0x00, 0x00, 0x00, 0x00, 0x30, 0x80, 0x02, 0x01, 0x02, 0x06, 0x0C, 0x2A, 0x86, 0x48, 0xCE, 0x14,
    0x02, 0x01, 0x00, 0x00, 0x00, 0x01, 0x01, 0x30, 0x80, 0x06, 0x0C, 0x2A, 0x86, 0x48, 0xCE, 0x14, 0x02,
    0x01, 0x00, 0x00, 0x00, 0x02, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x61, 0x80, 0x30, 0x80, 0x02,
    0x01, 0x01, 0xA0, 0x80, 0x60, 0x80, 0xA1, 0x80, 0x06, 0x0C, 0x2A, 0x86, 0x48, 0xCE, 0x14, 0x02, 0x01,
    0x00, 0x00, 0x00, 0x03, 0x01, 0x00, 0x00, 0xBE, 0x80, 0x28, 0x80, 0x06, 0x0C, 0x2A, 0x86, 0x48, 0xCE,
    0x14, 0x02, 0x01, 0x00, 0x00, 0x00, 0x01, 0x01, 0x02, 0x01, 0x02, 0x81,
];

/// The end of both messages.
const TRAILER: [u8; 16] = [0; 16];

/// The two ways in which the header of a response ends (the second: real capture).
const RESPONSE_HEADER_ENDS: [&[u8]; 2] = [
    &[0xBE, 0x80, 0x28, 0x80, 0x81],
    &[0xBE, 0x80, 0x28, 0x80, 0x02, 0x01, 0x02, 0x81],
];

const POLL_PROFILE: u16 = 0x0001;
const POLL_PROFILE_EXTENSIONS: u16 = 0xF001;

/// What the monitor granted, as far as it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grant {
    /// It gives the session up when it hears nothing for this long.
    pub timeout: Duration,
    pub numerics: bool,
    pub waves: bool,
}

/// Asks for a session with numerics once a second, alarms, and waves if wanted. Messages up to `mtu` bytes.
pub(super) fn request(mtu: u32, waves: bool) -> Vec<u8> {
    let options = OPTION_NUMERICS | if waves { OPTION_WAVES } else { 0 };
    let extensions = Writer::default()
        .u16s(&[1, 12, POLL_PROFILE_EXTENSIONS, 8])
        .u32s(&[options, 0]);
    let profile = Writer::default()
        .u32s(&[
            0x8000_0000,
            POLL_PERIOD_S * TICKS_PER_S,
            mtu,
            mtu,
            u32::MAX,
            // Objects come and go.
            0x6000_0000,
        ])
        .bytes(&extensions.0);
    let profiles = Writer::default().u16s(&[POLL_PROFILE]).sized(&profile.0);
    // Protocol, nomenclature, functional units, a client, cold start; no options.
    let user_info = Writer::default()
        .u32s(&[0x8000_0000, 0x4000_0000, 0, 0x8000_0000, 0x2000_0000, 0])
        .u16s(&[1])
        .sized(&profiles.0);
    let mut inner = PRESENTATION.to_vec();
    inner.extend(u8::try_from(user_info.0.len()));
    inner.extend(user_info.0);
    inner.extend(TRAILER);
    let mut outer = SESSION.to_vec();
    outer.push(0xC1);
    outer.extend(length(inner.len()));
    outer.extend(inner);
    let mut message = vec![0x0D];
    message.extend(length(outer.len()));
    message.extend(outer);
    message
}

/// A session length: one byte, or `FF` and two.
fn length(length: usize) -> Vec<u8> {
    match u8::try_from(length) {
        Ok(short) if short <= 254 => vec![short],
        _ => {
            let [high, low] = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
            vec![0xFF, high, low]
        }
    }
}

/// Reads an accepted association; `None` where the form is one that nobody has described.
pub(super) fn grant(message: &[u8]) -> Option<Grant> {
    let after = RESPONSE_HEADER_ENDS.iter().find_map(|end| {
        let at = message.windows(end.len()).position(|window| window == *end)?;
        message.get(at + end.len()..)
    })?;
    let mut reader = Reader::new(after);
    let length = match reader.u8()? {
        0x81 => u16::from(reader.u8()?),
        0x82 => reader.u16()?,
        short if short <= 127 => u16::from(short),
        _ => return None,
    };
    let mut info = reader.part(length)?;
    // Protocol, nomenclature, functional units, system type, startup mode.
    info.take(20)?;
    info.attributes()?;
    let profiles = info.attributes()?;
    let (_, profile) = profiles.into_iter().find(|(id, _)| *id == POLL_PROFILE)?;
    let mut profile = Reader::new(profile);
    profile.u32()?;
    let period = profile.u32()?;
    // Both MTUs, bandwidth, options.
    profile.take(16)?;
    let packages = profile.attributes()?;
    let options = packages
        .into_iter()
        .find(|(id, _)| *id == POLL_PROFILE_EXTENSIONS)
        .and_then(|(_, value)| Reader::new(value).u32())
        .unwrap_or(0);
    Some(Grant {
        timeout: timeout(period),
        numerics: options & OPTION_NUMERICS_ANY != 0,
        waves: options & OPTION_WAVES != 0,
    })
}

/// How long the monitor waits for us, from the granted period in ticks (two transcriptions of the maker's guide).
fn timeout(period: u32) -> Duration {
    let period = Duration::from_secs(u64::from(period)) / TICKS_PER_S;
    if period < Duration::from_millis(3300) {
        Duration::from_secs(10)
    } else if period <= Duration::from_secs(43) {
        period * 3
    } else {
        Duration::from_secs(130)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intellivue::tests::{V4, V5, hex};

    #[test]
    fn v4_is_what_we_ask() {
        assert_eq!(request(1000, true), hex(V4));
        let without = request(1364, false);
        assert_eq!(without.len(), hex(V4).len());
    }

    #[test]
    fn v2_is_how_we_end() {
        assert_eq!(
            hex("0918c11661803080020101a08062808001000000000000000000"),
            RELEASE
        );
    }

    #[test]
    fn v5_is_understood_in_both_forms_of_its_header() {
        let expected = Some(Grant {
            timeout: Duration::from_secs(120),
            numerics: true,
            waves: true,
        });
        assert_eq!(grant(&hex(V5)), expected);
        let other = V5.replace("be8028800201028148", "be802880818148");
        assert_ne!(other, V5);
        assert_eq!(grant(&hex(&other)), expected);
        assert_eq!(grant(&hex(&V5[..300])), None);
    }

    #[test]
    fn the_time_out_follows_the_granted_period() {
        for (period_ms, seconds) in [
            (300, 10),
            (3299, 10),
            (3300, 9),
            (40_000, 120),
            (43_000, 129),
            (44_000, 130),
        ] {
            let waits = timeout(period_ms * 8).as_secs();
            assert_eq!(waits, seconds, "{period_ms}");
        }
    }
}
