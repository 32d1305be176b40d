//! Networks as people write them.

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
        let alike = match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => (own.to_bits() ^ other.to_bits()).leading_zeros(),
            (IpAddr::V6(own), IpAddr::V6(other)) => (own.to_bits() ^ other.to_bits()).leading_zeros(),
            _ => return false,
        };
        alike >= self.bits
    }

    /// What an interface with this address and mask reaches without a router; `None` = nothing.
    pub fn of_mask(address: IpAddr, mask: IpAddr) -> Option<Network> {
        let bits = match mask {
            IpAddr::V4(mask) => mask.to_bits().leading_ones(),
            IpAddr::V6(mask) => mask.to_bits().leading_ones(),
        };
        (bits > 0).then_some(Network { address, bits })
    }

    /// The address it was named by.
    pub const fn address(&self) -> IpAddr {
        self.address
    }
}

const fn width(address: IpAddr) -> u32 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
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
}
