//! Which addresses are of the post's own network. Whoever signs in from elsewhere shows six digits as well
//! (HIPAA 45 CFR 164.312(d), NIST SP 800-63B).
//!
//! Own are this machine, whatever its interfaces reach without a router (a tunnel is not one of them), and the networks that the configuration
//! names.

use std::net::IpAddr;
use std::str::FromStr;

use serde::Deserialize;

/// Addresses that begin alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

/// Not a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no network: write it as 10.20.0.0/16 or fd00:20::/32")]
pub struct BadNetwork(String);

impl FromStr for Network {
    type Err = BadNetwork;

    fn from_str(text: &str) -> Result<Network, BadNetwork> {
        let bad = || BadNetwork(text.to_owned());
        let (address, bits) = text.split_once('/').ok_or_else(bad)?;
        let address: IpAddr = address.parse().map_err(|_| bad())?;
        let bits: u32 = bits.parse().map_err(|_| bad())?;
        let is_whole = (1..=width(address)).contains(&bits);
        is_whole.then_some(Network { address, bits }).ok_or_else(bad)
    }
}

impl TryFrom<String> for Network {
    type Error = BadNetwork;

    fn try_from(text: String) -> Result<Network, BadNetwork> {
        text.parse()
    }
}

impl Network {
    /// Whether this address is one of them.
    pub fn holds(&self, address: IpAddr) -> bool {
        let differing = match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => (own.to_bits() ^ other.to_bits()).leading_zeros(),
            (IpAddr::V6(own), IpAddr::V6(other)) => (own.to_bits() ^ other.to_bits()).leading_zeros(),
            _ => return false,
        };
        differing >= self.bits
    }
}

const fn width(address: IpAddr) -> u32 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

/// Whether somebody at this address is outside of the post's own network; `told` are those of the configuration.
pub(super) fn is_outside(address: IpAddr, told: &[Network]) -> bool {
    let address = address.to_canonical();
    let is_link_local = match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    };
    let holds = |network: &Network| network.holds(address);
    !(address.is_loopback() || is_link_local || told.iter().any(holds) || of_interfaces().iter().any(holds))
}

/// What the interfaces of this machine reach without a router, as it is now: cables and radio come and go.
fn of_interfaces() -> Vec<Network> {
    let interfaces = match nix::ifaddrs::getifaddrs() {
        Ok(interfaces) => interfaces,
        Err(error) => {
            tracing::error!(%error, "the system does not tell its networks: only those of the configuration are the post's own");
            return Vec::new();
        }
    };
    let tunnel = nix::net::if_::InterfaceFlags::IFF_POINTOPOINT;
    let direct = interfaces.filter(|interface| !interface.flags.contains(tunnel));
    let network = |interface: nix::ifaddrs::InterfaceAddress| {
        let ip = |storage: &nix::sys::socket::SockaddrStorage| {
            let v4 = storage.as_sockaddr_in().map(|address| IpAddr::V4(address.ip()));
            v4.or_else(|| storage.as_sockaddr_in6().map(|address| IpAddr::V6(address.ip())))
        };
        let bits = match ip(interface.netmask.as_ref()?)? {
            IpAddr::V4(mask) => mask.to_bits().leading_ones(),
            IpAddr::V6(mask) => mask.to_bits().leading_ones(),
        };
        let address = ip(interface.address.as_ref()?)?;
        (bits > 0).then_some(Network { address, bits })
    };
    direct.filter_map(network).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_what_begins_alike() {
        let network = |text: &str| text.parse::<Network>().unwrap();
        let holds = |text: &str, address: &str| network(text).holds(address.parse().unwrap());
        assert!(holds("10.20.0.0/16", "10.20.255.1") && !holds("10.20.0.0/16", "10.21.0.1"));
        assert!(holds("192.0.2.7/32", "192.0.2.7") && !holds("192.0.2.7/32", "192.0.2.6"));
        assert!(holds("fd00:20::/32", "fd00:20:1::9") && !holds("fd00:20::/32", "fd00:21::9"));
        assert!(!holds("10.0.0.0/8", "fd00:20::1"));
        for bad in [
            "10.20.0.0",
            "10.20.0.0/33",
            "10.20.0.0/0",
            "ward/16",
            "fd00::/129",
            "10.20.0.0/x",
            "",
        ] {
            let error = bad.parse::<Network>().unwrap_err().to_string();
            assert!(error.contains("10.20.0.0/16"), "{error}");
        }
    }

    #[test]
    fn this_machine_and_its_cable_are_inside_and_the_world_is_not() {
        let outside = |address: &str, told: &[Network]| is_outside(address.parse().unwrap(), told);
        for own in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.3.4", "fe80::1"] {
            assert!(!outside(own, &[]), "{own}");
        }
        assert!(
            outside("203.0.113.9", &[]),
            "a documentation address, on no machine's cable"
        );
        assert!(outside("::ffff:203.0.113.9", &[]));
        assert!(!outside("203.0.113.9", &["203.0.113.0/24".parse().unwrap()]));
        for own in of_interfaces() {
            assert!(!is_outside(own.address, &[]), "{own:?}");
        }
    }
}
