//! The DNS records that brands' domains are to have, as the system's administrator says.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use serde_json::Value;

use super::{Platform, dns::Dns};
use crate::{
    kazoo::domains,
    store::{Error, Object},
};

const CATEGORY: &str = "whitelabel";
const KEY: &str = "domains";

/// How long all lookups of a test may take together, in milliseconds, and the most that can be set.
const LIMIT_MS: u64 = 5_000;
const LONGEST_MS: u64 = 60_000;

const BUNDLED: &str = include_str!("../../fixtures/domains.json");

impl Platform {
    /// The template of the system; one that ships with Storefront is made the system's where there is none yet.
    pub async fn system_domains(&self) -> Result<Object, Error> {
        if let Some(Value::Object(set)) = self.settings(CATEGORY).await?.get(KEY) {
            return Ok(set.clone());
        }
        match self.ensure_setting(CATEGORY, KEY, bundled()).await? {
            Value::Object(domains) => Ok(domains),
            _ => Ok(Object::new()),
        }
    }

    /// Sets the template, which was checked, and returns what it is then.
    pub async fn set_system_domains(&self, domains: Object) -> Result<Object, Error> {
        self.set_setting(CATEGORY, KEY, domains.into()).await?;
        self.system_domains().await
    }

    /// What one domain is to have, beside what it has: see [`domains::compared`]. `tcp` is how the client wants it asked for.
    pub async fn test_domains(&self, domain: &str, tcp: bool) -> Result<Object, Error> {
        let settings = self.settings(CATEGORY).await?;
        let servers = settings.get("dns_servers").and_then(Value::as_array);
        let servers = servers.map(|list| list.iter().filter_map(Value::as_str).filter_map(address).collect::<Vec<_>>());
        let limit = settings.number("dns_timeout_ms").unwrap_or(LIMIT_MS).clamp(100, LONGEST_MS);
        let dns = Dns {
            servers: servers.filter(|servers| !servers.is_empty()),
            tcp,
            limit: Duration::from_millis(limit),
            ..Dns::default()
        };
        let expected = self.domains_of(domain).await?;
        let found = dns.look_up(domain, &domains::questions(&expected)).await;
        Ok(domains::compared(&expected, |question| found.get(question).map_or(&[], Vec::as_slice)))
    }

    /// The records that one domain is to have.
    pub async fn domains_of(&self, domain: &str) -> Result<Object, Error> {
        Ok(domains::rendered(&self.system_domains().await?, domain))
    }
}

/// A name server, with or without a port.
fn address(text: &str) -> Option<SocketAddr> {
    let parsed = text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(|ip| SocketAddr::new(ip, 53)));
    if parsed.is_none() {
        log::warn!("system_config/whitelabel: {text:?} in dns_servers is no address");
    }
    parsed
}

fn bundled() -> Value {
    serde_json::from_str(BUNDLED).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_server_may_have_a_port() {
        assert_eq!(address("192.0.2.1"), Some("192.0.2.1:53".parse().unwrap()));
        assert_eq!(address("192.0.2.1:5300"), Some("192.0.2.1:5300".parse().unwrap()));
        assert_eq!(address("2001:db8::1"), Some("[2001:db8::1]:53".parse().unwrap()));
        assert_eq!(address("ns.example"), None);
    }

    #[test]
    fn the_template_that_ships_names_every_kind_of_record() {
        let domains = bundled();
        let kinds: Vec<_> = domains.as_object().unwrap().keys().collect();
        assert_eq!(kinds, ["A", "CNAME", "MX", "NAPTR", "SRV", "TXT"]);
    }
}
