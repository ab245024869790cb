//! The address that a request comes from, as far as it can be believed.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;
use ipnet::IpNet;
use serde_json::Value;

use crate::platform::Settings;

/// The peer's address; a proxy that's trusted may speak for its client.
pub fn address(raw: &HttpRequest, crossbar: &Settings) -> String {
    let Some(peer) = raw.peer_addr().map(|address| address.ip()) else {
        return String::new();
    };
    let headers = raw.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
    let forwarded: Vec<&str> = headers.flat_map(|list| list.split(',')).map(str::trim).collect();
    believed(peer, &forwarded, crossbar).to_string()
}

/// Each proxy adds the address it was spoken to from at the end: from there on, the first that's no proxy of ours is the client.
/// Whatever stands before it anybody may have written.
fn believed(peer: IpAddr, forwarded: &[&str], crossbar: &Settings) -> IpAddr {
    let checked = crossbar.flag("check_reverse_proxies").unwrap_or(true);
    let listed = crossbar.get("reverse_proxies").and_then(Value::as_array);
    let is_proxy = |address: IpAddr| match listed {
        Some(list) => list.iter().filter_map(Value::as_str).any(|proxy| covers(proxy, address)),
        None => address == IpAddr::V4(Ipv4Addr::LOCALHOST),
    };
    if checked && !is_proxy(peer) {
        return peer;
    }
    let mut nearest = peer;
    for address in forwarded.iter().rev().map_while(|text| text.parse().ok()) {
        nearest = address;
        if !is_proxy(address) {
            break;
        }
    }
    nearest
}

/// Whether an address, or a network in CIDR notation, covers an address.
fn covers(network: &str, address: IpAddr) -> bool {
    match network.parse::<IpNet>() {
        Ok(network) => network.contains(&address),
        Err(_) => network.parse() == Ok(address),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_our_own_proxies_say_is_believed() {
        let plain = Settings::given(json!({}));
        let proxies = Settings::given(json!({"reverse_proxies": ["10.0.0.0/30", "192.0.2.9", 7]}));
        let anybody = Settings::given(json!({"check_reverse_proxies": false}));
        for (settings, peer, forwarded, address) in [
            (&plain, "192.0.2.1", "198.51.100.1", "192.0.2.1"),
            (&plain, "127.0.0.1", "198.51.100.1", "198.51.100.1"),
            (&plain, "127.0.0.1", "", "127.0.0.1"),
            (&plain, "127.0.0.1", "2001:db8::1", "2001:db8::1"),
            // The client made up the first one.
            (&plain, "127.0.0.1", "203.0.113.7 198.51.100.1", "198.51.100.1"),
            (&proxies, "10.0.0.1", "203.0.113.7 198.51.100.1 10.0.0.2", "198.51.100.1"),
            (&proxies, "10.0.0.1", "10.0.0.2", "10.0.0.2"),
            (&proxies, "192.0.2.9", "198.51.100.1", "198.51.100.1"),
            (&proxies, "127.0.0.1", "198.51.100.1", "127.0.0.1"),
            (&plain, "127.0.0.1", "198.51.100.1 rubbish", "127.0.0.1"),
            (&anybody, "192.0.2.1", "198.51.100.1", "198.51.100.1"),
        ] {
            let forwarded: Vec<&str> = forwarded.split_whitespace().collect();
            assert_eq!(believed(peer.parse().unwrap(), &forwarded, settings).to_string(), address, "{peer} {forwarded:?}");
        }
    }
}
