//! What may be wrong with an account, its apps and its brand.

use std::collections::HashMap;

use super::{Finding, Mend, Problem, about, documents};
use crate::{
    kazoo::{
        apps,
        document::{is_soft_deleted, text},
        pictures,
    },
    platform::names,
    store::{Db, Document, Object},
};

/// The document with an account's blacklist.
pub(super) const APPS_STORE: &str = "apps_store";

/// What is kept of an account's database while its documents pass by.
pub(super) struct Account<'a> {
    db: &'a Db,
    pub(super) id: &'a str,
    /// The account's document.
    pub(super) own: Option<Document>,
    /// Whether that has another revision of equal right.
    pub(super) is_torn: bool,
    pub(super) blacklist: Vec<String>,
    /// The ids of its apps.
    pub(super) apps: Vec<String>,
}

impl<'a> Account<'a> {
    pub(super) fn new(db: &'a Db, id: &'a str) -> Self {
        Self { db, id, own: None, is_torn: false, blacklist: Vec::new(), apps: Vec::new() }
    }

    /// Takes note of a document; says what's wrong with it by itself.
    pub(super) fn meet(&mut self, doc: &Document) -> Option<Finding> {
        let id = text(doc, "_id").unwrap_or_default();
        if id == self.id {
            self.own = Some(doc.clone());
            self.is_torn = documents::conflict(self.db, doc).is_some();
        } else if id == APPS_STORE {
            self.blacklist = apps::blacklist(doc).map(str::to_owned).collect();
        }
        if !is_app(doc) {
            return None;
        }
        self.apps.push(id.to_owned());
        let attached = doc.get("_attachments").and_then(|all| all.as_object());
        let has_icon = pictures::icons(doc, pictures::LANGUAGE).any(|name| attached.is_some_and(|all| all.contains_key(name)));
        let name = text(doc, "name").unwrap_or_default();
        (!has_icon).then(|| about(Problem::NoIcon, self.db, doc, format!("the app {name} has no icon")))
    }
}

pub(super) fn is_app(doc: &Object) -> bool {
    text(doc, "pvt_type") == Some("app") && !is_soft_deleted(doc)
}

/// A blacklist with apps that are nowhere. Where not all was read they may be in the rest, and denied to an account for a reason.
pub(super) fn blacklisted(db: &Db, missing: Vec<String>, all_read: bool) -> Finding {
    let doubt = if all_read { "" } else { " (as far as could be read)" };
    let detail = format!("the blacklist names apps that aren't there{doubt}: {}", missing.join(", "));
    let mend = all_read.then(|| Mend::Unlist { db: db.clone(), apps: missing });
    Finding { problem: Problem::MissingApp, db: db.clone(), id: Some(APPS_STORE.to_owned()), detail, mend }
}

/// Whether this is the copy of an account that is still there.
pub(super) fn is_account(copy: &Object) -> bool {
    text(copy, "pvt_type") == Some("account") && !is_soft_deleted(copy)
}

/// An account's domain that another has, given those that were met before with their owners.
pub(super) fn shared_domain(copy: &Document, domains: &mut HashMap<String, String>) -> Option<Finding> {
    let domain = text(copy, "pvt_whitelabel_domain").map(str::to_lowercase)?;
    if let Some(other) = domains.get(&domain) {
        return Some(about(Problem::Domain, &names::ACCOUNTS, copy, format!("{domain} is also the domain of {other}")));
    }
    domains.insert(domain, text(copy, "_id").unwrap_or_default().to_owned());
    None
}

/// Databases of months whose account's own isn't among these, which are all there are, by name.
pub(super) fn orphaned_months(databases: &[Db]) -> impl Iterator<Item = Finding> {
    databases.iter().filter_map(|db| {
        let account_id = names::month_of(db)?;
        let own = names::account_db(&account_id)?;
        let detail = format!("{own}, the account's own database, is missing");
        let finding = Finding { problem: Problem::NoAccount, db: db.clone(), id: None, detail, mend: None };
        databases.binary_search(&own).is_err().then_some(finding)
    })
}
