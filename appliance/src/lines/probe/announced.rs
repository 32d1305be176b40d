//! `vitalpost probe lan`: hears which monitors announce themselves on the LAN, and says which line to write for each.
//!
//! - Nothing is sent: the sockets are bound, join a multicast group, and are read (I10).
//! - Announcements are hostile data: what they say is shown escaped, a monitor once, and at most [`MONITORS_MAX`] of them.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

use drivers::catalog::{Family, family};
use drivers::intellivue::discovery::{INDICATION_GROUP, INDICATION_PORT, connect_indication};
use drivers::mindray_pds::announce::{ANNOUNCE_PORT, announcement};
use nix::net::if_::InterfaceFlags;
use tokio::net::UdpSocket;
use vitals::MonoTime;

use super::advice::line_on_lan;
use crate::clock::Clock;

/// Two of the rarest announcements that are known: one source has them 10 s apart.
pub(super) const LISTEN: Duration = Duration::from_secs(25);

/// Most monitors that are shown; what comes after says that something is wrong in this network.
const MONITORS_MAX: usize = 64;

/// Most datagrams that are read after the end.
const LATE_MAX: usize = 1000;

/// No announcement is longer.
const DATAGRAM_BYTES_MAX: usize = 2048;

/// Why nothing can be heard.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot hear announcements on UDP port {port}: {source}; stop the program that uses it (`ss -ulpn` names it), then try again"
)]
pub struct ListenError {
    port: u16,
    source: io::Error,
}

/// Somebody who announces himself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announced {
    /// What he is.
    pub family: &'static str,
    /// Where he is to be asked.
    pub address: SocketAddrV4,
    /// The bed that he says he belongs to, in his own words.
    pub bed_label: String,
    notes: Vec<String>,
}

/// How a family announces itself: what a datagram from this address says.
pub(super) type Read = fn(SocketAddrV4, &[u8]) -> Option<Announced>;

/// Sockets that hear announcements, and why others cannot.
pub(super) type Ears = (Vec<(UdpSocket, Read)>, Vec<ListenError>);

/// The ports of all families that announce themselves, those that can be heard, and why others cannot.
///
/// # Errors
/// When none of the ports can be heard.
pub(super) async fn ears() -> Result<Ears, ListenError> {
    let mut sockets = Vec::new();
    let mut refused = Vec::new();
    for (port, group, read) in [
        (INDICATION_PORT, Some(INDICATION_GROUP), intellivue as Read),
        (ANNOUNCE_PORT, None, mindray as Read),
    ] {
        match bind(port, group).await {
            Ok(socket) => sockets.push((socket, read)),
            Err(source) => refused.push(ListenError { port, source }),
        }
    }
    match refused.pop() {
        Some(error) if sockets.is_empty() => Err(error),
        last => {
            refused.extend(last);
            Ok((sockets, refused))
        }
    }
}

/// Listens, and writes who announces himself. True when one did.
///
/// # Errors
/// When none of the ports can be heard.
pub(super) async fn listen(clock: Clock, out: &mut impl Write) -> Result<bool, ListenError> {
    let (sockets, refused) = ears().await?;
    for error in refused {
        let _unheard = writeln!(out, "{error}");
    }
    let _unheard = writeln!(
        out,
        "Listening {} s for monitors that announce themselves on the LAN: Philips IntelliVue (UDP {INDICATION_PORT}) and Mindray\n\
         (UDP {ANNOUNCE_PORT}). Nothing is sent. Ctrl-C stops it.\n",
        LISTEN.as_secs()
    );
    Ok(told(&sockets, clock, clock.now() + LISTEN, out).await)
}

/// Writes everybody once, until this time. True when there was somebody.
async fn told(sockets: &[(UdpSocket, Read)], clock: Clock, end: MonoTime, out: &mut impl Write) -> bool {
    let mut count = 0;
    hear(sockets, clock, end, |found| {
        count += 1;
        let _unheard = write!(out, "{}", found.words(count));
        let _unheard = out.flush();
    })
    .await;
    let _unheard = writeln!(out, "{}", last_words(count));
    count > 0
}

/// Tells everybody once, until this time.
pub(super) async fn hear(
    sockets: &[(UdpSocket, Read)],
    clock: Clock,
    end: MonoTime,
    mut tell: impl FnMut(Announced),
) {
    let mut known = BTreeSet::new();
    let mut buffers = vec![[0; DATAGRAM_BYTES_MAX]; sockets.len()];
    let mut late = 0;
    while known.len() < MONITORS_MAX && late < LATE_MAX {
        let now = clock.now();
        // What came before the end counts, however late this program looks.
        late += usize::from(now >= end);
        let left = end.since(now);
        let next = sockets.iter().zip(&mut buffers);
        let next = next.map(|((socket, read), buffer)| Box::pin(datagram(socket, *read, buffer)));
        let next = futures_util::future::select_all(next);
        let Ok((found, ..)) = tokio::time::timeout(left, next).await else {
            break;
        };
        if let Some(found) = found.filter(|found| known.insert(found.address)) {
            tell(found);
        }
    }
}

async fn datagram(socket: &UdpSocket, read: Read, buffer: &mut [u8]) -> Option<Announced> {
    match socket.recv_from(buffer).await {
        Ok((count, SocketAddr::V4(from))) => read(from, buffer.get(..count)?),
        Ok((_, SocketAddr::V6(_))) => None,
        Err(_) => {
            // A socket that fails again and again must not keep the processor busy.
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
        }
    }
}

/// A socket that hears broadcasts, and the group on every network that this box is in.
async fn bind(port: u16, group: Option<Ipv4Addr>) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port)).await?;
    if let Some(group) = group {
        for own in own_addresses() {
            // An interface that takes no part still hears broadcasts.
            let _alone = socket.join_multicast_v4(group, own);
        }
    }
    Ok(socket)
}

fn own_addresses() -> Vec<Ipv4Addr> {
    let interfaces = nix::ifaddrs::getifaddrs().into_iter().flatten();
    let multicast = interfaces.filter(|one| one.flags.contains(InterfaceFlags::IFF_MULTICAST));
    let addresses = multicast.filter_map(|one| Some(one.address?.as_sockaddr_in()?.ip()));
    addresses.collect()
}

fn intellivue(from: SocketAddrV4, datagram: &[u8]) -> Option<Announced> {
    let said = connect_indication(datagram)?;
    let mut notes = Vec::new();
    if said.wireless {
        notes.push("on a radio link".to_owned());
    }
    notes.extend(sent_by(said.address, from));
    Some(Announced {
        family: "intellivue",
        address: said.address,
        bed_label: said.bed_label,
        notes,
    })
}

fn mindray(from: SocketAddrV4, datagram: &[u8]) -> Option<Announced> {
    let said = announcement(*from.ip(), datagram)?;
    Some(Announced {
        family: "mindray_pds",
        address: said.address,
        bed_label: said.bed_label,
        notes: sent_by(said.address, from).into_iter().collect(),
    })
}

/// Whoever speaks for another address is worth a look.
fn sent_by(address: SocketAddrV4, from: SocketAddrV4) -> Option<String> {
    (address.ip() != from.ip()).then(|| format!("announced by {}, which is another address", from.ip()))
}

impl Announced {
    /// What is told of the `number`th.
    fn words(&self, number: usize) -> String {
        let title = family(self.family).map_or(self.family, |family: &Family| family.title);
        let mut notes = self.notes.clone();
        if !self.bed_label.is_empty() {
            notes.insert(0, format!("bed {:?}", self.bed_label));
        }
        let notes = notes.iter().map(|note| format!(", {note}"));
        let notes: String = notes.collect();
        let line = line_on_lan(self.family, self.address, number);
        format!("Found: {title} at {}{notes}.\n\n{line}\n", self.address)
    }
}

fn last_words(count: usize) -> String {
    match count {
        0 => "Nobody announced himself. Check in this order: is the monitor's LAN interface switched on (IntelliVue: it is off while\n\
              the monitor is joined to a Philips central); is this box in the same network, because announcements pass no router;\n\
              does a firewall on this box stop UDP 24005 or 4600. The address also stands in the monitor's own network menu: then\n\
              `vitalpost probe ADDRESS:PORT`, with port 24105 for IntelliVue and 4601 for Mindray."
            .to_owned(),
        MONITORS_MAX => {
            format!("That is {count}, and enough: something is wrong in this network if there are really more.")
        }
        _ => format!(
            "{count} found. Paste the lines of those that are yours into the configuration, change what is marked, then run\n\
             `vitalpost check`. Whether a monitor takes a session, `vitalpost probe ADDRESS:PORT` says."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a monitor with this address sends; made by the layout in `drivers::intellivue::discovery`.
    fn indication(ip: Ipv4Addr, bed: &str) -> Vec<u8> {
        let sized = |body: Vec<u8>| {
            let length = u16::try_from(body.len()).unwrap().to_be_bytes();
            [length.to_vec(), body].concat()
        };
        let attribute = |id: u16, body: Vec<u8>| [id.to_be_bytes().to_vec(), sized(body)].concat();
        let label: Vec<u8> = bed.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect();
        let attributes = [
            attribute(0xF101, vec![0, 1, 0, 8, 0, 5, 0, 1, 0x5E, 0x29, 0, 0]),
            attribute(
                0xF100,
                [
                    vec![0, 9, 0xFB, 1, 2, 3],
                    ip.octets().to_vec(),
                    vec![255, 255, 255, 0],
                ]
                .concat(),
            ),
            attribute(0xF135, sized(label)),
        ];
        let list = [vec![0, 3], sized(attributes.concat())].concat();
        let event = [vec![0, 0x23, 0, 0, 0, 0, 0, 0, 0, 0, 0x0D, 0x17], sized(list)].concat();
        let invoke = [vec![0, 1, 0, 0], sized(event)].concat();
        [vec![0, 0, 1, 0, 0, 1], sized(invoke)].concat()
    }

    const ADT: &str = "\x0bMSH|^~\\&|||||||ADT^A01|101|P|2.3.1|\rPID|||4711||Sekret^Ann\rPV1||I|^^ICU&Bed 4&3232235806&4601&&1\r\x1c\r";

    async fn heard(datagrams: &[(usize, Vec<u8>)]) -> (bool, String) {
        let clock = Clock::system().unwrap();
        let mut sockets = Vec::new();
        for read in [intellivue as Read, mindray as Read] {
            sockets.push((UdpSocket::bind("127.0.0.1:0").await.unwrap(), read));
        }
        let sender = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        for (which, datagram) in datagrams {
            let to = sockets[*which].0.local_addr().unwrap();
            sender.send_to(datagram, to).await.unwrap();
        }
        let mut out = Vec::new();
        let end = clock.now() + Duration::from_millis(400);
        let found = told(&sockets, clock, end, &mut out).await;
        let mut answer = [0; 64];
        assert!(sender.try_recv(&mut answer).is_err(), "I10: something was sent");
        (found, String::from_utf8(out).unwrap())
    }

    #[tokio::test]
    async fn i10_monitors_that_announce_themselves_are_told_once_with_a_line_that_the_configuration_takes() {
        let bed_3 = indication(Ipv4Addr::new(192, 168, 1, 20), "Bed 3");
        let (found, said) = heard(&[
            (0, bed_3.clone()),
            (0, bed_3),
            (0, indication(Ipv4Addr::LOCALHOST, "\u{1b}[2J\n[[line]]")),
            (0, b"noise".to_vec()),
            (1, ADT.as_bytes().to_vec()),
        ])
        .await;
        assert!(found, "{said}");
        assert_eq!(said.matches("Found: ").count(), 3, "{said}");
        assert!(
            said.contains("at 192.168.1.20:24105, bed \"Bed 3\", announced by 127.0.0.1"),
            "{said}"
        );
        assert!(said.contains("at 192.168.1.30:4601, bed \"Bed 4\""), "{said}");
        assert!(
            said.contains("udp = \"192.168.1.20:24105\"\nfamily = \"intellivue\""),
            "{said}"
        );
        assert!(
            said.contains("tcp = \"192.168.1.30:4601\"\nfamily = \"mindray_pds\""),
            "{said}"
        );
        assert!(said.contains("3 found."), "{said}");
        // Hostile words reach neither the terminal nor the configuration, and patients nobody.
        assert!(!said.contains('\u{1b}') && !said.contains("Sekret"), "{said:?}");
        let head = "post = \"p\"\nname = \"P\"\n[store]\npath = \"x\"\n[web]\nlisten = \"127.0.0.1:0\"\n[[bed]]\nid = \"1\"\n";
        let pasted = said.split("\n\n").filter(|part| part.starts_with("[[line]]"));
        let pasted: Vec<&str> = pasted.collect();
        assert_eq!(pasted.len(), 3, "{said}");
        let text = format!("{head}{}", pasted.join("\n"));
        crate::config::parse("vitalpost.toml".as_ref(), "".as_ref(), &text)
            .unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    }

    #[tokio::test]
    async fn silence_says_what_to_check() {
        let (found, said) = heard(&[]).await;
        assert!(
            !found && said.contains("pass no router") && said.contains("24105"),
            "{said}"
        );
    }

    #[tokio::test]
    async fn a_flood_of_invented_monitors_ends_it() {
        let many = (0..200_u8).map(|n| (0, indication(Ipv4Addr::new(10, 0, 0, n), "")));
        let (_, said) = heard(&many.collect::<Vec<_>>()).await;
        assert_eq!(said.matches("Found: ").count(), MONITORS_MAX, "{said}");
        assert!(said.contains("and enough"), "{said}");
    }

    #[tokio::test]
    async fn a_port_that_somebody_has_is_named() {
        let taken = UdpSocket::bind("0.0.0.0:0").await.unwrap();
        let port = taken.local_addr().unwrap().port();
        let source = bind(port, None).await.unwrap_err();
        let error = ListenError { port, source }.to_string();
        assert!(
            error.contains(&format!("UDP port {port}")) && error.contains("ss -ulpn"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn the_group_can_be_joined_on_the_networks_of_this_machine() {
        assert!(bind(0, Some(INDICATION_GROUP)).await.is_ok());
    }
}
