//! How a monitor on the LAN makes itself known: a message by broadcast to UDP port 4600, each second. Its layout was read in
//! public clients; no capture of one is among our sources. Of the patient in it nothing is read.
//!
//! Pure: whoever owns the socket hands over what came.

use std::net::{Ipv4Addr, SocketAddrV4};

use crate::hl7::message::Message;
use crate::hl7::mllp::{END, RETURN, START};

/// Where announcements are sent to.
pub const ANNOUNCE_PORT: u16 = 4600;

/// Where monitors take connections when an announcement does not say so.
pub const DATA_PORT: u16 = 4601;

/// A monitor that made itself known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// Where it takes connections: what stands as `tcp` in the configuration of a line.
    pub address: SocketAddrV4,
    /// The name of its bed, as somebody typed it in; may be empty.
    pub bed_label: String,
}

/// Reads a datagram of port 4600 that came from `sender`; `None` for anything but an announcement. One that does not tell an
/// address is about its sender.
pub fn announcement(sender: Ipv4Addr, datagram: &[u8]) -> Option<Announcement> {
    let message = datagram.strip_prefix(&[START]).unwrap_or(datagram);
    let message = message.strip_suffix(&[END, RETURN]).unwrap_or(message);
    let message = Message::read(message)?;
    if message.msh().component(9, 1) != "ADT" || message.msh().component(9, 2) != "A01" {
        return None;
    }
    let place = message.segments().find(|segment| segment.name() == "PV1")?;
    // Department, bed, address as a number, port.
    let parts = place.raw_component(3, 3);
    let parts: Vec<&str> = parts.split(place.separators().subcomponent).collect();
    let part = |number: usize| parts.get(number).map_or("", |part| part.trim());
    let told = part(2).parse::<u32>().map(Ipv4Addr::from);
    let ip = told.ok().filter(|ip| !ip.is_unspecified()).unwrap_or(sender);
    let port = part(3).parse::<u16>().ok().filter(|port| *port != 0);
    Some(Announcement {
        address: SocketAddrV4::new(ip, port.unwrap_or(DATA_PORT)),
        bed_label: place.plain(part(1)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENDER: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 31);

    fn said(place: &str) -> Option<Announcement> {
        let text = format!(
            "\x0bMSH|^~\\&|||||||ADT^A01|101|P|2.3.1|\rEVN||00000000\rPID|||4711||Nobody^Ann\rPV1||I|{place}\r\x1c\r"
        );
        announcement(SENDER, text.as_bytes())
    }

    #[test]
    fn an_announcement_says_where_the_monitor_listens_and_which_bed_it_is() {
        let found = said("^^ICU&Bed 4&3232235806&4602&&1").unwrap();
        assert_eq!(found.address, "192.168.1.30:4602".parse().unwrap());
        assert_eq!(found.bed_label, "Bed 4");
    }

    #[test]
    fn what_it_does_not_say_is_the_usual() {
        for place in ["^^&&0&0", "^^ICU", "", "^^&&x&99999"] {
            let found = said(place).unwrap();
            assert_eq!(found.address, "192.168.1.31:4601".parse().unwrap(), "{place:?}");
            assert_eq!(found.bed_label, "");
        }
    }

    #[test]
    fn anything_else_is_none() {
        let values = b"\x0bMSH|^~\\&|||||||ORU^R01|204|P|2.3.1|\rPV1||I|^^A&1&1&4601\r\x1c\r";
        for other in [
            &values[..],
            b"",
            b"\x0b\x1c\r",
            &[0xFF; 40],
            b"MSH|^~\\&|||||||ADT^A01|101\r",
        ] {
            assert_eq!(announcement(SENDER, other), None);
        }
    }
}
