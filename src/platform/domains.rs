//! The DNS records that brands' domains are to have, as the system's administrator says.

use serde_json::Value;

use super::Platform;
use crate::{
    kazoo::domains,
    store::{Error, Object},
};

const CATEGORY: &str = "whitelabel";
const KEY: &str = "domains";

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

    /// The records that one domain is to have.
    pub async fn domains_of(&self, domain: &str) -> Result<Object, Error> {
        Ok(domains::rendered(&self.system_domains().await?, domain))
    }
}

fn bundled() -> Value {
    serde_json::from_str(BUNDLED).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_that_ships_names_every_kind_of_record() {
        let domains = bundled();
        let kinds: Vec<_> = domains.as_object().unwrap().keys().collect();
        assert_eq!(kinds, ["A", "CNAME", "MX", "NAPTR", "SRV", "TXT"]);
    }
}
