//! Reading what decides about an account's applications. The rules themselves are in [`crate::kazoo::applications`].

use std::collections::{HashMap, HashSet};

use futures_util::future::{try_join, try_join3};
use serde_json::json;

use super::{Platform, found, names, overrides::Pictured};
use crate::{
    kazoo::{
        applications::{self, Inputs, Ruling, is_application},
        document::{self, is_soft_deleted, text},
    },
    store::{self, Document, Object, Query, View},
};

/// All metadata documents of an account, by type and name.
pub const LISTING: View = View::new("application", "crossbar_listing");

/// The view of an account's rulings of a kind, by the applications' type and id.
pub const fn rulings(ruling: Ruling) -> View {
    match ruling {
        Ruling::Blocklist => View::new("application", "blocklists"),
        Ruling::Entitlement => View::new("application", "entitlements"),
    }
}

/// Whose applications are asked for, and which.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    pub account: &'a Object,
    /// One of the account's users, by id and document; `None` for whoever activates applications there.
    pub user: Option<(&'a str, &'a Object)>,
    pub app_type: &'a str,
    /// `None`: all of the type.
    pub id: Option<&'a str>,
}

impl Platform {
    /// The metadata of an application in an account.
    pub async fn application(&self, account_id: &str, id: &str) -> Result<Option<Document>, store::Error> {
        Ok(self.account_doc(account_id, id).await?.filter(|doc| is_application(doc, None)))
    }

    /// The applications that somebody has, as they are to be shown, each with where its pictures are found.
    pub async fn applications_of(&self, wanted: Wanted<'_>) -> Result<Vec<Pictured>, store::Error> {
        let account_id = text(wanted.account, "_id").unwrap_or_default();
        let standing = self.standing(wanted.account).await?;
        let Some(master_id) = standing.master_id.as_deref() else {
            return Ok(Vec::new());
        };
        // The master is nobody's customer.
        let reseller_id = standing.reseller_id.as_deref().filter(|_| account_id != master_id);
        let second = reseller_id.filter(|id| *id != master_id);
        let catalogues = try_join(self.catalogue_of(Some(master_id), wanted), self.catalogue_of(second, wanted));
        let rulings = try_join(
            self.rulings_of(reseller_id, Ruling::Blocklist, wanted),
            self.rulings_of(Some(account_id), Ruling::Entitlement, wanted),
        );
        let ((master, reseller), (blocked, entitlements), offered) =
            try_join3(catalogues, rulings, self.offer(account_id, &standing)).await?;
        let about = |doc: &Document| text(doc, "app_id").map(str::to_owned);
        let apps = applications::available(&Inputs {
            master: &master,
            reseller: &reseller,
            blocked: &blocked.iter().filter_map(about).collect::<HashSet<_>>(),
            offered: &offered,
            entitlements: &entitlements.into_iter().filter_map(|doc| Some((about(&doc)?, doc))).collect::<HashMap<_, _>>(),
            user: wanted.user,
        });
        let by_id = |docs: Vec<Document>| -> HashMap<String, Document> {
            docs.into_iter().filter_map(|doc| Some((document::id(&doc)?.to_owned(), doc))).collect()
        };
        let catalogues = [(second, by_id(reseller)), (Some(master_id), by_id(master))];
        let pictured = |doc: Object| {
            let id = document::id(&doc).unwrap_or_default();
            let sources = catalogues
                .iter()
                .filter_map(|(owner, docs)| Some((names::account_db((*owner)?)?, docs.get(id)?.clone())))
                .collect();
            Pictured { doc, sources }
        };
        Ok(apps.into_iter().map(pictured).collect())
    }

    async fn catalogue_of(&self, owner: Option<&str>, wanted: Wanted<'_>) -> Result<Vec<Document>, store::Error> {
        let docs = self.documents_of(owner, LISTING, wanted.app_type, wanted.id).await?;
        Ok(docs.into_iter().filter(|doc| is_application(doc, Some(wanted.app_type))).collect())
    }

    async fn rulings_of(&self, owner: Option<&str>, ruling: Ruling, wanted: Wanted<'_>) -> Result<Vec<Document>, store::Error> {
        let id = wanted.id.map(|id| ruling.id(id, wanted.app_type));
        let mut docs = self.documents_of(owner, rulings(ruling), wanted.app_type, id.as_deref()).await?;
        docs.retain(|doc| text(doc, "pvt_type") == Some(ruling.as_str()) && !is_soft_deleted(doc));
        Ok(docs)
    }

    /// An account's document of this id, or all that a view has of a type.
    async fn documents_of(
        &self,
        owner: Option<&str>,
        view: View,
        app_type: &str,
        id: Option<&str>,
    ) -> Result<Vec<Document>, store::Error> {
        let Some((owner, db)) = owner.and_then(|owner| Some((owner, names::account_db(owner)?))) else {
            return Ok(Vec::new());
        };
        if let Some(id) = id {
            return Ok(self.account_doc(owner, id).await?.into_iter().collect());
        }
        let query = Query::range(json!([app_type]), json!([app_type, {}])).with_docs();
        let rows = found(self.view(&db, view, &query).await)?.unwrap_or_default();
        Ok(rows.into_iter().filter_map(|row| row.doc).collect())
    }
}
