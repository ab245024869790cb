//! The user interfaces that links of password resets may lead to.
//!
//! Nobody has to list them: whoever administrates the system logs in at its user interface, and browsers say where that is. Only
//! logins of the master account's admins count, since everybody else could make up a host to get others' resets.

use serde_json::{Value, json};
use url::Url;

use super::{
    Platform, Settings, found,
    names::{ACCOUNTS, SYSTEM_DATA},
};
use crate::{
    kazoo::{
        account,
        document::{is_soft_deleted, text},
        recovery,
    },
    store::{self, Object, update},
};

/// The setting of `crossbar` that lists them; those that were met don't count then.
pub const UI_URLS: &str = "recovery_ui_urls";

/// The document with the origins that were met.
const MET: &str = "storefront_user_interfaces";
/// How many of these are kept.
const MOST: usize = 20;

impl Platform {
    /// Where the link of an account's password reset is to lead, given the address that was asked for; `None` where no user
    /// interface is known.
    pub async fn recovery_address(
        &self,
        account: &Object,
        asked: &str,
        crossbar: &Settings,
    ) -> Result<Option<Url>, store::Error> {
        let known = match listed(crossbar) {
            Some(listed) => listed,
            None => found(self.store.get(&SYSTEM_DATA, MET).await)?.map_or_else(Vec::new, |doc| origins(&doc)),
        };
        let ids: Vec<&str> = text(account, "_id").into_iter().chain(account::tree(account)).collect();
        let accounts = found(self.store.get_many(&ACCOUNTS, &ids).await)?.unwrap_or_default();
        let domains = accounts.iter().flatten().filter(|doc| !is_soft_deleted(doc));
        let domains: Vec<String> = domains.filter_map(|doc| text(doc, "pvt_whitelabel_domain").map(str::to_owned)).collect();
        Ok(recovery::address(asked, &known, &domains))
    }

    /// Takes note of the origin (`https://ui.example.com`) of the page at which an admin of the master account has logged in.
    /// What goes wrong is logged: his login has succeeded.
    pub async fn meet_user_interface(&self, origin: &str, crossbar: &Settings) {
        let Some(origin) = recovery::origin(origin).filter(|_| listed(crossbar).is_none()) else { return };
        let merged = update(self.store.as_ref(), &SYSTEM_DATA, MET, async |doc: &mut Object| {
            let mut met = origins(doc);
            if !met.contains(&origin) {
                met.push(origin.clone());
                met.drain(..met.len().saturating_sub(MOST));
                doc.insert("pvt_type".into(), MET.into());
                doc.insert("origins".into(), json!(met));
            }
            Ok::<_, store::Error>(())
        });
        match merged.await {
            Ok(merged) if merged.changed => log::info!("password resets may lead to the user interface at {origin} from now on"),
            Ok(_) => {}
            Err(error) => log::warn!("it couldn't be noted that {origin} is a user interface: {error}"),
        }
    }
}

/// What the operator says himself.
fn listed(crossbar: &Settings) -> Option<Vec<String>> {
    match crossbar.get(UI_URLS)? {
        Value::String(url) => Some(vec![url.clone()]),
        list => Some(texts(list)),
    }
}

fn origins(met: &Object) -> Vec<String> {
    met.get("origins").map(texts).unwrap_or_default()
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
