//! Looking for what is wrong in a store, without changing anything; and mending what can be mended without losing anything.
//!
//! Databases are walked page by page, a few at the same time; what is found is told as soon as its database is done. Others go
//! on writing meanwhile: what may come of that alone is looked at again before it's told.

use std::collections::{HashMap, HashSet};

use futures_util::{StreamExt as _, stream};

use super::{Platform, names};
use crate::{
    kazoo::document,
    store::{Db, Document, Error, Pages},
};

mod account;
mod copies;
mod documents;
mod mend;

pub use mend::Mend;

/// Databases that are looked at at the same time.
const AT_ONCE: usize = 4;

/// What may be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A document, or a whole database, can't be read.
    Unreadable,
    /// A document has other revisions of equal right: of two writes on different servers one counts, and one doesn't.
    Conflict,
    /// The copy of an account's document in `accounts` is absent, or isn't what its own says.
    Copy,
    /// `accounts` has an account whose database isn't there.
    NoDatabase,
    /// An account's database without the account's document, or one of a month without the account's own database.
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

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Examined {
    pub databases: u64,
    pub documents: u64,
}

impl Platform {
    /// Looks at everything, the databases of accounts' months only with `months`. `at` is told of databases that are done, and
    /// how many there are. An error is one that concerns the whole store; a database that can't be read is a finding.
    pub async fn examine(
        &self,
        months: bool,
        mut at: impl FnMut(&Db, usize),
        mut found: impl FnMut(Finding),
    ) -> Result<Examined, Error> {
        let mut databases = self.store.databases("").await?;
        account::orphaned_months(&databases).for_each(&mut found);
        databases.retain(|db| months || names::month_of(db).is_none());
        for db in names::SYSTEM.into_iter().filter(|db| databases.binary_search(db).is_err()) {
            let mend = Some(Mend::Views(db.clone()));
            found(Finding { problem: Problem::Views, db: db.clone(), id: None, detail: "the database is missing".into(), mend });
        }
        let count = databases.len();
        let mut examined = Examined::default();
        let (mut apps, mut blacklists, mut all_read) = (HashSet::new(), Vec::new(), true);
        let all = databases.as_slice();
        let looks = all.iter().map(|db| async move { (db, self.examine_database(db, all).await) });
        let mut looks = stream::iter(looks).buffered(AT_ONCE);
        while let Some((db, look)) = looks.next().await {
            let look = match look {
                Ok(look) => look,
                // Deleted meanwhile.
                Err(Error::NoDatabase { .. }) => Look::default(),
                Err(error) => {
                    if self.store.ping().await.is_err() {
                        return Err(error);
                    }
                    Look { findings: vec![documents::unread(db, &error)], ..Look::default() }
                }
            };
            at(db, count);
            examined.databases += 1;
            examined.documents += look.documents;
            all_read &= look.findings.iter().all(|finding| finding.problem != Problem::Unreadable);
            look.findings.into_iter().for_each(&mut found);
            apps.extend(look.apps);
            if !look.blacklist.is_empty() {
                blacklists.push((db, look.blacklist));
            }
        }
        // Any account may be a vendor, so that an app is known to be missing only in the end.
        for (db, mut missing) in blacklists {
            missing.retain(|id| !apps.contains(id));
            if !missing.is_empty() {
                found(account::blacklisted(db, missing, all_read));
            }
        }
        Ok(examined)
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
                } else if *db == names::ACCOUNTS && account::is_account(doc) {
                    look.findings.extend(self.without_database(doc, databases).await?);
                    look.findings.extend(account::shared_domain(doc, &mut domains));
                }
            }
        }
        if let Some(account) = account {
            look.findings.extend(self.examine_copy(db, account.id, account.own.as_deref(), account.is_torn).await?);
            look.blacklist = account.blacklist;
            look.apps = account.apps;
        }
        look.findings.extend(self.examine_views(db).await?);
        Ok(look)
    }

    /// Whether an account's database is missing, given all that there were by name.
    async fn without_database(&self, copy: &Document, databases: &[Db]) -> Result<Option<Finding>, Error> {
        let id = document::id(copy).unwrap_or_default();
        if let Some(db) = names::account_db(id) {
            if databases.binary_search(&db).is_ok() {
                return Ok(None);
            }
            // It may have been made meanwhile.
            match self.store.get(&db, id).await {
                Err(Error::NoDatabase { .. }) => {}
                Ok(_) | Err(Error::NotFound { .. } | Error::Corrupt { .. }) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        let name = document::text(copy, "name").unwrap_or_default();
        Ok(Some(about(Problem::NoDatabase, &names::ACCOUNTS, copy, format!("the account {name} has no database"))))
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
    /// The apps that its blacklist names.
    blacklist: Vec<String>,
}

/// Something about a document that only somebody can decide.
fn about(problem: Problem, db: &Db, doc: &Document, detail: String) -> Finding {
    Finding { problem, db: db.clone(), id: document::id(doc).map(str::to_owned), detail, mend: None }
}
