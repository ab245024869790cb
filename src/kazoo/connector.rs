//! The marketplace connector: how `system_config/appex_client` says it's set, and what of that clients see.
//!
//! Settings have Kazoo's keys. What Kazoo leaves to the marketplace, and what nobody may see, is in a private member beside them.

use serde_json::{Value, json};

use super::document::{self, Object, text};

/// The document of `system_config`.
pub const CATEGORY: &str = "appex_client";
/// Its private member: `{token, name, kazoo_version, linked_at, linked_by_account_id, linked_by_user_id}`.
const LINK: &str = "pvt_link";

/// The oldest Kazoo that has a connector.
const FIRST_WITH_CONNECTOR: (u64, u64) = (5, 1);
/// The Kazoo whose connector this is.
const CONNECTOR_VERSION: &str = "5.4.0";

/// The connector as it's set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Connector(Object);

impl Connector {
    /// From the document; an empty one where there is none.
    pub fn new(doc: Object) -> Self {
        Self(doc)
    }

    fn setting(&self, key: &str) -> Option<&Value> {
        self.0.get("default")?.get(key)
    }

    fn said(&self, key: &str) -> Option<&str> {
        self.setting(key).and_then(Value::as_str).filter(|said| !said.is_empty())
    }

    /// A whole number that isn't 0, which may also be written as text.
    fn number(&self, key: &str) -> Option<u64> {
        let value = self.setting(key)?;
        value.as_u64().or_else(|| value.as_str()?.parse().ok()).filter(|number| *number > 0)
    }

    fn flag(&self, key: &str) -> bool {
        self.setting(key).is_some_and(document::is_true)
    }

    fn link(&self) -> Option<&Object> {
        self.0.get(LINK)?.as_object()
    }

    pub fn rev(&self) -> Option<&str> {
        text(&self.0, "_rev")
    }

    pub fn is_enabled(&self) -> bool {
        self.flag("enabled")
    }

    /// Whether the cluster belongs to an account of the marketplace: by us, or by a Kazoo on the same databases.
    pub fn is_linked(&self) -> bool {
        self.token().is_some() || self.said("cluster_secret").is_some()
    }

    /// What the marketplace knows the cluster by. Secret.
    pub fn token(&self) -> Option<&str> {
        text(self.link()?, "token").filter(|token| !token.is_empty())
    }

    /// The API that delivered apps are to use.
    pub fn api_url(&self) -> Option<&str> {
        self.said("api_url")
    }

    pub fn is_aio_cluster(&self) -> bool {
        self.flag("is_aio_cluster")
    }

    /// Where the marketplace's site is, without a slash at its end.
    pub fn marketplace_url(&self) -> Option<&str> {
        self.said("marketplace_url").map(|url| url.trim_end_matches('/'))
    }

    /// Where the marketplace answers programs, without a slash at its end.
    pub fn exchange_url(&self) -> Option<&str> {
        self.said("app_exchange_url").map(|url| url.trim_end_matches('/')).or_else(|| self.marketplace_url())
    }

    /// Seconds from one look for deliveries to the next.
    pub fn fetch_timer(&self) -> u64 {
        self.number("fetch_timer_s").unwrap_or(3600)
    }

    /// Seconds that the marketplace may take for an answer.
    pub fn http_timeout(&self) -> u64 {
        self.number("http_timeout_s").unwrap_or(120)
    }

    /// As clients see it: what isn't set isn't there.
    pub fn shown(&self, cluster_id: &str) -> Object {
        let of_link = |key: &str| self.link().and_then(|link| text(link, key)).map(Value::from);
        let members = [
            ("cluster_id", Some(cluster_id.into())),
            ("name", of_link("name")),
            ("enabled", Some(self.is_enabled().into())),
            ("is_linked", Some(self.is_linked().into())),
            ("is_aio_cluster", Some(self.is_aio_cluster().into())),
            ("api_url", self.api_url().map(Value::from)),
            ("kazoo_version", of_link("kazoo_version")),
            ("marketplace_url", self.marketplace_url().map(Value::from)),
            ("app_exchange_url", self.exchange_url().map(Value::from)),
            ("_read_only", Some(json!({}))),
        ];
        members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
    }
}

/// A new link to the marketplace.
pub struct NewLink<'a> {
    pub token: &'a str,
    pub name: Option<&'a str>,
    pub kazoo_version: Option<&'a str>,
    /// Gregorian seconds.
    pub now: u64,
    pub account_id: &'a str,
    pub user_id: Option<&'a str>,
}

/// Switches the connector on or off.
pub fn enable(doc: &mut Object, on: bool) {
    put(doc, "enabled", on.into());
}

/// Takes over those settings that are kept here, where they are sent and make sense.
pub fn set_local(doc: &mut Object, settings: &Object) {
    if let Some(url) = text(settings, "api_url").map(str::trim).filter(|url| !url.is_empty()) {
        put(doc, "api_url", url.into());
    }
    if let Some(flag) = settings.get("is_aio_cluster").filter(|value| value.is_boolean()) {
        put(doc, "is_aio_cluster", flag.clone());
    }
}

/// Writes down that the cluster belongs to an account of the marketplace.
pub fn link(doc: &mut Object, new: &NewLink<'_>) {
    let members = [
        ("token", Some(new.token.into())),
        ("name", new.name.map(Value::from)),
        ("kazoo_version", new.kazoo_version.map(Value::from)),
        ("linked_at", Some(new.now.into())),
        ("linked_by_account_id", Some(new.account_id.into())),
        ("linked_by_user_id", new.user_id.map(Value::from)),
    ];
    let link: Object = members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect();
    doc.insert(LINK.into(), link.into());
}

/// Takes over what the marketplace says of the link with this token; of another one it says nothing.
pub fn refresh(doc: &mut Object, token: &str, said: &Object) {
    let Some(Value::Object(link)) = doc.get_mut(LINK) else { return };
    if text(link, "token") != Some(token) {
        return;
    }
    for key in ["name", "kazoo_version"] {
        match said.get(key) {
            Some(Value::String(value)) => drop(link.insert(key.into(), value.as_str().into())),
            Some(Value::Null) => drop(link.shift_remove(key)),
            _ => {}
        }
    }
}

/// Forgets the link with this token, and one that a Kazoo left, and switches the connector off. A link that somebody has made
/// meanwhile stays.
pub fn unlink(doc: &mut Object, token: Option<&str>) {
    let current = doc.get(LINK).and_then(Value::as_object).and_then(|link| text(link, "token"));
    if current.is_some() && current != token {
        return;
    }
    doc.shift_remove(LINK);
    enable(doc, false);
    if let Some(Value::Object(settings)) = doc.get_mut("default") {
        settings.shift_remove("cluster_secret");
    }
}

fn put(doc: &mut Object, key: &str, value: Value) {
    let settings = doc.entry("default").or_insert_with(|| json!({}));
    if !settings.is_object() {
        *settings = json!({});
    }
    if let Value::Object(settings) = settings {
        settings.insert(key.to_owned(), value);
    }
}

/// The version that the marketplace is told: the one that clients are told, unless a Kazoo of that version had no connector.
pub fn reported_version(told: &str) -> &str {
    let mut numbers = told.split('.').map(|number| number.parse().ok());
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(major), Some(minor)) if (major, minor) >= FIRST_WITH_CONNECTOR => told,
        _ => CONNECTOR_VERSION,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: Value) -> Object {
        value.as_object().cloned().unwrap()
    }

    fn linked() -> Object {
        let mut doc = object(json!({ "default": { "enabled": "true", "fetch_timer_s": "60" } }));
        let new =
            NewLink { token: "s3cret", name: Some("lab"), kazoo_version: None, now: 1, account_id: "a", user_id: Some("u") };
        link(&mut doc, &new);
        doc
    }

    #[test]
    fn nothing_secret_is_shown_and_nothing_that_is_not_set() {
        let mut doc = linked();
        put(&mut doc, "cluster_secret", "hush".into());
        put(&mut doc, "marketplace_url", "https://market.example.org//".into());
        let shown = Value::Object(Connector::new(doc).shown("c1"));
        let expected = json!({
            "cluster_id": "c1", "name": "lab", "enabled": true, "is_linked": true, "is_aio_cluster": false,
            "marketplace_url": "https://market.example.org", "app_exchange_url": "https://market.example.org", "_read_only": {},
        });
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_secret_of_kazoos_own_is_a_link_too() {
        let connector = Connector::new(object(json!({ "default": { "cluster_secret": "hush" } })));
        assert!(connector.is_linked() && connector.token().is_none() && !connector.is_enabled());
        assert!(!Connector::default().is_linked());
    }

    #[test]
    fn only_settings_that_are_sent_and_make_sense_are_taken_over() {
        let mut doc = object(json!({ "default": { "api_url": "http://a", "fetch_timer_s": 5 }, "other_node": { "x": 1 } }));
        set_local(&mut doc, &object(json!({ "api_url": " ", "is_aio_cluster": "yes", "name": "n" })));
        assert_eq!(doc["default"], json!({ "api_url": "http://a", "fetch_timer_s": 5 }));
        set_local(&mut doc, &object(json!({ "api_url": "http://b", "is_aio_cluster": true })));
        assert_eq!(doc["default"], json!({ "api_url": "http://b", "fetch_timer_s": 5, "is_aio_cluster": true }));
        assert_eq!(doc["other_node"], json!({ "x": 1 }));
    }

    #[test]
    fn the_marketplace_speaks_of_its_own_link_only() {
        let mut doc = linked();
        refresh(&mut doc, "another", &object(json!({ "name": "x" })));
        assert_eq!(doc[LINK]["name"], "lab");
        refresh(&mut doc, "s3cret", &object(json!({ "name": "y", "kazoo_version": "5.3" })));
        assert_eq!((&doc[LINK]["name"], &doc[LINK]["kazoo_version"]), (&json!("y"), &json!("5.3")));
        refresh(&mut doc, "s3cret", &object(json!({ "kazoo_version": null })));
        assert_eq!((&doc[LINK]["name"], doc[LINK].get("kazoo_version")), (&json!("y"), None));
    }

    #[test]
    fn forgetting_a_link_spares_the_one_that_came_after_it() {
        let mut doc = linked();
        unlink(&mut doc, Some("an earlier one"));
        assert!(Connector::new(doc.clone()).is_linked());
        unlink(&mut doc, Some("s3cret"));
        assert_eq!(doc, object(json!({ "default": { "enabled": false, "fetch_timer_s": "60" } })));
    }

    #[test]
    fn the_marketplace_is_told_of_a_kazoo_that_has_a_connector() {
        for (told, reported) in
            [("5.0.0", "5.4.0"), ("4.3", "5.4.0"), ("", "5.4.0"), ("5.1", "5.1"), ("5.3.11", "5.3.11"), ("6.0", "6.0")]
        {
            assert_eq!(reported_version(told), reported, "{told}");
        }
    }
}
