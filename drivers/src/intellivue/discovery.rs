//! How a monitor on the LAN makes itself known: connect indications, sent every few seconds from and to UDP port 24005, to
//! the subnet's broadcast address (older software) or to multicast group 224.0.23.63 (newer). All of it: real captures.
//!
//! Pure: whoever owns the socket hands over what came.

use std::net::{Ipv4Addr, SocketAddrV4};

use super::poll::Attributes;
use super::wire::{Reader, text};

/// Where indications are sent to.
pub const INDICATION_PORT: u16 = 24_005;

/// The multicast group of newer software.
pub const INDICATION_GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 23, 63);

/// Where monitors listen when an indication does not say so.
pub const DATA_PORT: u16 = 24_105;

/// A monitor that made itself known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indication {
    /// Where it takes sessions: what stands as `udp` in the configuration of a line.
    pub address: SocketAddrV4,
    /// The name of its bed, as somebody typed it in; may be empty.
    pub bed_label: String,
    /// Its address on the wire: stays the same for the life of the monitor.
    pub mac: [u8; 6],
    /// Whether it says that it is on a radio link.
    pub wireless: bool,
}

const MAGIC: [u8; 4] = [0, 0, 1, 0];
const EVENT_CONNECT_INDICATION: u16 = 0x0D17;
const COMMAND_EVENT: u16 = 0;
const PROTOCOLS: u16 = 0xF101;
const ADDRESS: u16 = 0xF100;
const BED_LABEL: u16 = 0xF135;
const APPLICATION_DATA_OUT: u16 = 5;
const TRANSPORT_UDP: u16 = 1;
const OPTION_WIRELESS: u16 = 0x8000;

/// Reads a datagram of port 24005; `None` for anything but a whole connect indication with an address.
pub fn connect_indication(datagram: &[u8]) -> Option<Indication> {
    let mut reader = Reader::new(datagram);
    if reader.take(4)? != MAGIC || reader.u16()? != 1 {
        return None;
    }
    let mut body = reader.sized()?;
    let (_invoke, command) = (body.u16()?, body.u16()?);
    if command != COMMAND_EVENT {
        return None;
    }
    let mut event = body.sized()?;
    // Managed object and time.
    event.take(10)?;
    if event.u16()? != EVENT_CONNECT_INDICATION {
        return None;
    }
    let attributes = Attributes(event.sized()?.attributes()?);
    let mut address = attributes.get(ADDRESS)?;
    let mac = address.take(6)?.try_into().ok()?;
    let ip: [u8; 4] = address.take(4)?.try_into().ok()?;
    let (port, options) = attributes
        .get(PROTOCOLS)
        .and_then(data_port)
        .unwrap_or((DATA_PORT, 0));
    Some(Indication {
        address: SocketAddrV4::new(ip.into(), port),
        bed_label: attributes.get(BED_LABEL).map(label).unwrap_or_default(),
        mac,
        wireless: options & OPTION_WIRELESS != 0,
    })
}

/// Port and options of the entry for data over UDP.
fn data_port(mut protocols: Reader<'_>) -> Option<(u16, u16)> {
    let (count, mut entries) = protocols.list()?;
    for _ in 0..count {
        let (application, transport) = (entries.u16()?, entries.u16()?);
        let (port, options) = (entries.u16()?, entries.u16()?);
        if (application, transport) == (APPLICATION_DATA_OUT, TRANSPORT_UDP) {
            return Some((port, options));
        }
    }
    None
}

/// A text, with or without its length in front.
fn label(value: Reader<'_>) -> String {
    let mut with_length = value;
    match with_length.sized() {
        Some(inner) if with_length.rest().is_empty() => text(inner.rest()),
        _ => text(value.rest()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intellivue::tests::hex;

    const INDICATION: &str = "00000100 0001 005a 0001 0000 0054 0023 0000 0000 00000000 0d17 0046 \
        0004 0042 f101 000c 0001 0008 0005 0001 5e29 8000 f100 000e 0009fb010203 c0a80114 ffffff00 \
        f135 0012 0010 00420065006400200033000000000000 9999 0006 000000000000";

    #[test]
    fn an_indication_says_where_the_monitor_listens_and_which_bed_it_is() {
        let found = connect_indication(&hex(INDICATION)).unwrap();
        assert_eq!(found.address, "192.168.1.20:24105".parse().unwrap());
        assert_eq!(found.bed_label, "Bed 3");
        assert_eq!(found.mac, [0, 9, 0xFB, 1, 2, 3]);
        assert!(found.wireless);
    }

    #[test]
    fn anything_else_is_none() {
        let whole = hex(INDICATION);
        for end in 0..whole.len() {
            assert_eq!(connect_indication(&whole[..end]), None, "{end}");
        }
        assert_eq!(connect_indication(&hex(crate::intellivue::tests::V8)), None);
    }
}
