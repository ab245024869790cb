//! Looking for what is wrong in a store, without changing anything; and mending what can be mended without losing anything.
//!
//! Databases are walked page by page, a few at the same time; what is found is told as soon as its database is done.

use std::collections::{HashMap, HashSet};

use super::{Platform, names};
use crate::{
    kazoo::document,
    store::{Db, Document, Error, Object, Pages, update},
};
use futures_util::{StreamExt as _, stream};

mod account;
mod documents;

/// Databases that are looked at at the same time.
const AT_ONCE: usize = 4;

/// What may be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A document can't be read.
    Unreadable,
    /// A document has other revisions of equal right: of two writes on different servers one counts, and one doesn't.
    Conflict,
    /// The copy of an account's document in `accounts` is absent, or isn't what its own says.
    Copy,
    /// `accounts` has an account whose database isn't there.
    NoDatabase,
    /// An account's database without the account's document.
    NoAccount,
    /// An app has no icon.
    NoIcon,
    /// A blacklist names an app that isn't there.
    MissingApp,
    /// Several accounts have one whitelabel domain.
    Domain,
    /// Design documents are missing, or Storefront's own are outdated; or a database of the system is missing.
    Views,
}

impl Problem {
    /// What it's called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Conflict => "conflict",
            Self::Copy => "copy",
            Self::NoDatabase => "no-database",
            Self::NoAccount => "no-account",
            Self::NoIcon => "no-icon",
            Self::MissingApp => "missing-app",
            Self::Domain => "domain",
            Self::Views => "views",
        }
    }
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub problem: Problem,
    pub db: Db,
    pub id: Option<String>,
    /// What about it, in words.
    pub detail: String,
    /// What would put it right, if that can be done without losing anything.
    pub mend: Option<Mend>,
}

/// What puts something right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mend {
    /// The copy in `accounts` is written again, from the account's own document.
    Copy { account_id: String },
    /// Apps that aren't there are taken from an account's blacklist.
    Unlist { db: Db, apps: Vec<String> },
    /// Design documents are put into a database, which is made if it has to be.
    Views(Db),
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Examined {
    pub databases: u64,
    pub documents: u64,
}

impl Platform {
    /// Looks at everything, the databases of accounts' months only with `months`. `at` is told of databases that are done, and
    /// how many there are.
    pub async fn examine(
        &self,
        months: bool,
        mut at: impl FnMut(&Db, usize),
        mut found: impl FnMut(Finding),
    ) -> Result<Examined, Error> {
        let mut databases = self.store.databases("").await?;
        databases.retain(|db| months || names::month_of(db).is_none());
        for db in names::SYSTEM.into_iter().filter(|db| databases.binary_search(db).is_err()) {
            let mend = Some(Mend::Views(db.clone()));
            found(Finding { problem: Problem::Views, db: db.clone(), id: None, detail: "the database is missing".into(), mend });
        }
        let count = databases.len();
        let mut examined = Examined::default();
        let (mut apps, mut unlisted) = (HashSet::new(), Vec::new());
        let all = databases.as_slice();
        let looks = all.iter().map(|db| async move { (db, self.examine_database(db, all).await) });
        let mut looks = stream::iter(looks).buffered(AT_ONCE);
        while let Some((db, look)) = looks.next().await {
            at(db, count);
            let look = match look {
                // Deleted meanwhile.
                Err(Error::NoDatabase { .. }) => continue,
                look => look?,
            };
            examined.databases += 1;
            examined.documents += look.documents;
            look.findings.into_iter().for_each(&mut found);
            apps.extend(look.apps);
            if !look.unknown_apps.is_empty() {
                unlisted.push((db, look.unknown_apps));
            }
        }
        // Any account may be a vendor, so that an app is known to be missing only in the end.
        for (db, mut missing) in unlisted {
            missing.retain(|id| !apps.contains(id));
            if !missing.is_empty() {
                found(account::blacklisted(db, missing));
            }
        }
        Ok(examined)
    }

    /// Puts something right, on what is stored now. Says whether there was still something to do.
    pub async fn mend(&self, mend: &Mend) -> Result<bool, Error> {
        match mend {
            Mend::Copy { account_id } => self.copy_account(account_id).await.map(|()| true),
            Mend::Views(db) if names::SYSTEM.contains(&db) => self.ensure_database(db).await.map(|_| true),
            // One that was deleted meanwhile isn't made again.
            Mend::Views(db) => Ok(self.install_views(db).await? > 0),
            Mend::Unlist { db, apps } => {
                let merged = update(self.store.as_ref(), db, account::APPS_STORE, async |doc: &mut Object| {
                    if let Some(list) = doc.get_mut("blacklist").and_then(|list| list.as_array_mut()) {
                        list.retain(|id| !id.as_str().is_some_and(|id| apps.iter().any(|app| app == id)));
                    }
                    Ok::<_, Error>(())
                });
                Ok(merged.await?.changed)
            }
        }
    }

    async fn examine_database(&self, db: &Db, databases: &[Db]) -> Result<Look, Error> {
        let mut look = Look::default();
        let account_id = names::account_of(db);
        let mut account = account_id.as_deref().map(|id| account::Account::new(db, id));
        let mut domains: HashMap<String, String> = HashMap::new();
        let mut pages = Pages::all(self.store.as_ref(), db, None).with_conflicts();
        while let Some(docs) = documents::next(self.store.as_ref(), db, &mut pages, &mut look.findings).await? {
            look.documents += docs.len() as u64;
            for doc in &docs {
                look.findings.extend(documents::conflict(db, doc));
                if let Some(account) = &mut account {
                    look.findings.extend(account.meet(doc));
                } else if *db == names::ACCOUNTS {
                    look.findings.extend(account::copy(doc, databases, &mut domains));
                }
            }
        }
        if let Some(account) = account {
            look.findings.extend(account.examine_copy(self).await?);
            look.unknown_apps = account.unknown_apps(self).await?;
            look.apps = account.apps;
        }
        look.findings.extend(self.examine_views(db).await?);
        Ok(look)
    }

    async fn examine_views(&self, db: &Db) -> Result<Option<Finding>, Error> {
        let designs = self.designs(db).await?;
        let stale: Vec<&str> =
            designs.iter().filter(|design| design.standing.is_stale()).map(|design| design.id.as_str()).collect();
        let detail = format!("missing or outdated: {}", stale.join(", "));
        let mend = Some(Mend::Views(db.clone()));
        Ok((!stale.is_empty()).then(|| Finding { problem: Problem::Views, db: db.clone(), id: None, detail, mend }))
    }
}

/// What is found in a database.
#[derive(Default)]
struct Look {
    documents: u64,
    findings: Vec<Finding>,
    /// The ids of the apps that it has.
    apps: Vec<String>,
    /// Apps that its blacklist names and that haven't been found so far.
    unknown_apps: Vec<String>,
}

/// Something about a document that only somebody can decide.
fn about(problem: Problem, db: &Db, doc: &Document, detail: String) -> Finding {
    Finding { problem, db: db.clone(), id: document::id(doc).map(str::to_owned), detail, mend: None }
}
