//! Which addresses are of the post's own network. Whoever signs in from elsewhere shows six digits as well
//! (HIPAA 45 CFR 164.312(d), NIST SP 800-63B).
//!
//! Own are this machine, whatever its interfaces reach without a router (a tunnel is not one of them), and the networks that the configuration
//! names.

use std::net::IpAddr;

use accounts::network::Network;

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
        Network::of_mask(ip(interface.address.as_ref()?)?, ip(interface.netmask.as_ref()?)?)
    };
    direct.filter_map(network).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert!(!is_outside(own.address(), &[]), "{own:?}");
        }
    }
}
