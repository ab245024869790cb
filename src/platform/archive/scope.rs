//! Which documents belong to what is exported.

use std::collections::HashSet;

use super::Scope;
use crate::{
    platform::{Platform, names},
    store::{self, Db, Pages},
};

/// What is taken of a database.
#[derive(Clone)]
pub(super) struct Part {
    pub(super) db: Db,
    /// Sorted; all documents if there are none.
    ids: Option<Vec<String>>,
}

impl Part {
    /// Its documents behind one.
    pub(super) fn pages<'a>(self, store: &'a dyn store::Store, after: Option<&str>) -> Pages<'a> {
        match self.ids {
            None => Pages::all(store, &self.db, after),
            Some(ids) => {
                let rest = ids.partition_point(|id| after.is_some_and(|after| id.as_str() <= after));
                Pages::some(store, &self.db, ids.into_iter().skip(rest).collect())
            }
        }
    }
}

impl Scope {
    /// The databases that it covers, by name. Of an account's tree that's its own ones, and what the system's databases have
    /// of it: the copies in `accounts`, and the plans in `services`.
    pub(super) async fn parts(&self, platform: &Platform) -> Result<Vec<Part>, store::Error> {
        let store = platform.store.as_ref();
        let Some(root) = &self.account else {
            let all = store.databases("").await?.into_iter();
            let wanted = all.filter(|db| self.months || names::month_of(db).is_none());
            return Ok(wanted.map(|db| Part { db, ids: None }).collect());
        };
        let mut ids = vec![root.clone()];
        platform
            .each_below(root, async |below| {
                ids.extend(below.iter().map(|id| (*id).to_owned()));
                Ok::<_, store::Error>(true)
            })
            .await?;
        ids.sort();
        ids.dedup();
        let accounts: HashSet<&str> = ids.iter().map(String::as_str).collect();
        let is_wanted = |db: &Db| {
            let account = names::account_of(db).or_else(|| names::month_of(db).filter(|_| self.months));
            account.is_some_and(|account| accounts.contains(account.as_str()))
        };
        let own = store.databases(names::ACCOUNT_PREFIX).await?.into_iter().filter(is_wanted);
        let mut parts: Vec<Part> = own.map(|db| Part { db, ids: None }).collect();
        for db in [&names::ACCOUNTS, &names::SERVICES] {
            parts.push(Part { db: db.clone(), ids: Some(ids.clone()) });
        }
        parts.sort_by(|one, other| one.db.cmp(&other.db));
        Ok(parts)
    }
}
