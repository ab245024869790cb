//! The blacklists of the accounts above.
//!
//! Each account's stands in its own database, where Kazoo writes it too, so that a copy of all of them in one place could fall
//! behind. Hence a view in each database, of a name of our own: it's as fresh as the document, brings only the ids and not the
//! permissions beside them, and all accounts above are asked at once.

use std::collections::HashSet;

use futures_util::future::join_all;
use serde_json::Value;

use crate::{
    kazoo::{
        account::{self, Standing},
        document, plans,
    },
    platform::{Platform, found, names},
    store::{self, Object, Query, View},
};

/// The app ids on the blacklist of the account whose database it's asked of, as keys.
const BLACKLIST: View = View::new("storefront_blacklist", "apps");

/// Whose blacklists count for an account, beside its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Inheritance {
    /// Those of all accounts above it, the master excepted.
    #[default]
    Ancestors,
    /// Its reseller's.
    Reseller,
    /// Nobody's.
    None,
}

impl Platform {
    /// The app ids that accounts above forbid. What the master forbids itself counts for nobody.
    pub(super) async fn inherited_blacklist(
        &self,
        account: &Object,
        inheritance: Inheritance,
        standing: &Standing,
    ) -> Result<HashSet<String>, store::Error> {
        let services = match inheritance {
            Inheritance::Reseller => self.services(document::id(account).unwrap_or_default()).await?,
            _ => None,
        };
        let reseller = plans::reseller_id(services.as_deref()).or(standing.reseller_id.as_deref());
        let above: Vec<&str> = match inheritance {
            Inheritance::None => Vec::new(),
            Inheritance::Reseller => reseller.into_iter().collect(),
            Inheritance::Ancestors => account::tree(account).collect(),
        };
        let above = above.into_iter().filter(|id| Some(*id) != standing.master_id.as_deref());
        let lists = join_all(above.map(|id| self.own_blacklist(id))).await;
        let lists: Result<Vec<_>, _> = lists.into_iter().collect();
        Ok(lists?.into_iter().flatten().collect())
    }

    async fn own_blacklist(&self, account_id: &str) -> Result<Vec<String>, store::Error> {
        let Some(db) = names::account_db(account_id) else {
            return Ok(Vec::new());
        };
        let rows = found(self.view(&db, BLACKLIST, &Query::default()).await)?.unwrap_or_default();
        Ok(rows.into_iter().filter_map(|row| if let Value::String(id) = row.key { Some(id) } else { None }).collect())
    }
}
