//! What may be wrong with an account, its copy, its apps and its brand.

use std::collections::HashMap;

use super::{Finding, Mend, Problem, about};
use crate::{
    kazoo::{
        apps,
        document::{is_soft_deleted, text},
        pictures,
    },
    platform::{Platform, found, names},
    store::{Db, Document, Error, Object},
};

/// The document with an account's blacklist.
pub(super) const APPS_STORE: &str = "apps_store";

/// What is kept of an account's database while its documents pass by.
pub(super) struct Account<'a> {
    db: &'a Db,
    id: &'a str,
    own: Option<Document>,
    blacklist: Vec<String>,
    /// The ids of its apps.
    pub(super) apps: Vec<String>,
}

impl<'a> Account<'a> {
    pub(super) fn new(db: &'a Db, id: &'a str) -> Self {
        Self { db, id, own: None, blacklist: Vec::new(), apps: Vec::new() }
    }

    /// Takes note of a document; says what's wrong with it by itself.
    pub(super) fn meet(&mut self, doc: &Document) -> Option<Finding> {
        let id = text(doc, "_id").unwrap_or_default();
        if id == self.id {
            self.own = Some(doc.clone());
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

    /// Holds the account's document against its copy.
    pub(super) async fn examine_copy(&self, platform: &Platform) -> Result<Option<Finding>, Error> {
        let copy = found(platform.store.get(&names::ACCOUNTS, self.id).await)?;
        let wrong = |detail| Finding {
            problem: Problem::Copy,
            db: names::ACCOUNTS.clone(),
            id: Some(self.id.to_owned()),
            detail,
            mend: Some(Mend::Copy { account_id: self.id.to_owned() }),
        };
        Ok(match (&self.own, &copy) {
            (None, copy) => {
                let known = if copy.is_some() { "accounts still has a copy" } else { "accounts has no copy either" };
                let detail = format!("the account's document is missing; {known}");
                Some(Finding { problem: Problem::NoAccount, db: self.db.clone(), mend: None, ..wrong(detail) })
            }
            (Some(own), None) if is_soft_deleted(own) => None,
            (Some(_), None) => Some(wrong("missing".to_owned())),
            (Some(own), Some(copy)) => {
                let differing = differing(own, copy);
                (!differing.is_empty()).then(|| wrong(format!("differs from the account's own: {}", differing.join(", "))))
            }
        })
    }

    /// The apps of the blacklist that the master account hasn't.
    pub(super) async fn unknown_apps(&self, platform: &Platform) -> Result<Vec<String>, Error> {
        let mut unknown = self.blacklist.clone();
        if unknown.is_empty() {
            return Ok(unknown);
        }
        let settings = platform.settings("accounts").await?;
        if let Some(db) = settings.text("master_account_id").and_then(names::account_db) {
            let ids: Vec<&str> = unknown.iter().map(String::as_str).filter(|id| !id.is_empty()).collect();
            let docs = found(platform.store.get_many(&db, &ids).await)?.unwrap_or_default();
            let known: Vec<&str> = docs.iter().flatten().filter(|doc| is_app(doc)).filter_map(|doc| text(doc, "_id")).collect();
            unknown.retain(|id| !known.contains(&id.as_str()));
        }
        Ok(unknown)
    }
}

fn is_app(doc: &Object) -> bool {
    text(doc, "pvt_type") == Some("app") && !is_soft_deleted(doc)
}

/// A blacklist with apps that are nowhere.
pub(super) fn blacklisted(db: &Db, missing: Vec<String>) -> Finding {
    let detail = format!("the blacklist names apps that aren't there: {}", missing.join(", "));
    let mend = Some(Mend::Unlist { db: db.clone(), apps: missing });
    Finding { problem: Problem::MissingApp, db: db.clone(), id: Some(APPS_STORE.to_owned()), detail, mend }
}

/// What's wrong with a copy in `accounts`, given all databases by name, and the domains that were met before with their owners.
pub(super) fn copy(doc: &Document, databases: &[Db], domains: &mut HashMap<String, String>) -> Vec<Finding> {
    let id = text(doc, "_id").unwrap_or_default();
    let mut findings = Vec::new();
    if text(doc, "pvt_type") != Some("account") || is_soft_deleted(doc) {
        return findings;
    }
    if names::account_db(id).is_none_or(|db| databases.binary_search(&db).is_err()) {
        let name = text(doc, "name").unwrap_or_default();
        findings.push(about(Problem::NoDatabase, &names::ACCOUNTS, doc, format!("the account {name} has no database")));
    }
    if let Some(domain) = text(doc, "pvt_whitelabel_domain").map(str::to_lowercase) {
        match domains.get(&domain) {
            Some(other) => {
                findings.push(about(Problem::Domain, &names::ACCOUNTS, doc, format!("{domain} is also the domain of {other}")));
            }
            None => _ = domains.insert(domain, id.to_owned()),
        }
    }
    findings
}

/// The members in which two documents differ, the database's own aside.
fn differing<'a>(own: &'a Object, copy: &'a Object) -> Vec<&'a str> {
    let own_members = own.iter().filter(|(name, value)| copy.get(*name) != Some(value)).map(|(name, _)| name.as_str());
    let more = copy.keys().filter(|name| !own.contains_key(*name)).map(String::as_str);
    own_members.chain(more).filter(|name| !name.starts_with('_')).collect()
}
