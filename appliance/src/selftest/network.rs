//! The interfaces of the box: which are up, how fast, with which addresses.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use nix::ifaddrs::getifaddrs;

/// One interface, other than the box's way to itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interface {
    /// As the system calls it.
    pub name: String,
    /// A cable or an access point is there.
    pub is_up: bool,
    /// What both ends agreed on, in Mbit/s; none = nobody says, as of Wi-Fi.
    pub mbit_per_s: Option<u32>,
    /// Without those that every interface gives itself.
    pub addresses: Vec<String>,
}

/// Reads them; `sys` is `/sys`.
pub fn read(sys: &Path) -> Vec<Interface> {
    interfaces(sys, &addresses())
}

/// The interfaces that `sys` lists, with the addresses of each.
fn interfaces(sys: &Path, addresses: &BTreeMap<String, Vec<String>>) -> Vec<Interface> {
    let Ok(entries) = fs::read_dir(sys.join("class/net")) else {
        return Vec::new();
    };
    let mut found: Vec<Interface> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok().filter(|name| name != "lo")?;
            let folder = entry.path();
            let text = |file: &str| fs::read_to_string(folder.join(file)).ok();
            // `unknown` is what tunnels and modems say that are up.
            let state = text("operstate")?;
            let carrier = text("carrier").is_some_and(|carrier| carrier.trim() == "1");
            let is_up = state.trim() == "up" || state.trim() == "unknown" && carrier;
            // What is made of software and not used is nothing that a cable could be put into.
            if !is_up && !folder.join("device").exists() {
                return None;
            }
            // Without a cable it is -1.
            let speed = text("speed").and_then(|speed| speed.trim().parse().ok());
            Some(Interface {
                addresses: addresses.get(&name).cloned().unwrap_or_default(),
                mbit_per_s: speed.filter(|speed| is_up && *speed > 0),
                is_up,
                name,
            })
        })
        .collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

fn addresses() -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let Ok(found) = getifaddrs() else {
        return all;
    };
    for one in found {
        let Some(address) = one.address else { continue };
        let ip = match (address.as_sockaddr_in(), address.as_sockaddr_in6()) {
            (Some(v4), _) => v4.ip().to_string(),
            // fe80::/10 each interface gives itself: nobody else is reached by it.
            (None, Some(v6)) if !v6.ip().is_unicast_link_local() => v6.ip().to_string(),
            _ => continue,
        };
        all.entry(one.interface_name).or_default().push(ip);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_are_told_with_what_the_kernel_says_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            ("lo/operstate", "unknown"),
            ("eth0/operstate", "up"),
            ("eth0/speed", "1000"),
            ("wlan0/operstate", "down"),
            ("wlan0/speed", "-1"),
            ("wwan0/operstate", "unknown"),
            ("wwan0/carrier", "1"),
            ("tun9/operstate", "unknown"),
            ("wlan0/device/uevent", ""),
        ];
        for (path, text) in files {
            let path = folder.path().join("class/net").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, format!("{text}\n")).unwrap();
        }
        let known = [("eth0".to_owned(), vec!["10.0.0.9".to_owned()])].into();
        let found = interfaces(folder.path(), &known);
        let told: Vec<_> = found
            .iter()
            .map(|one| (one.name.as_str(), one.is_up, one.mbit_per_s, one.addresses.len()))
            .collect();
        assert_eq!(
            told,
            [
                ("eth0", true, Some(1000), 1),
                ("wlan0", false, None, 0),
                ("wwan0", true, None, 0)
            ]
        );
    }

    #[test]
    fn a_box_without_interfaces_has_none() {
        assert_eq!(interfaces(Path::new("/nowhere"), &BTreeMap::new()), []);
    }
}
