//! Reading accounts' overrides of apps, and where the pictures of an app are found. The rules are in
//! [`crate::kazoo::apps::overrides`].

use std::collections::HashMap;

use super::{Platform, names};
use crate::{
    kazoo::{
        apps::overrides::{is_override, merge, override_id},
        document::{is_soft_deleted, text},
    },
    store::{self, Db, Document, Object},
};

/// An app or application as far as its pictures go.
pub struct Pictured {
    /// What names them.
    pub doc: Object,
    /// Whose attachments they may be, the first that has one of the name counts.
    pub sources: Vec<(Db, Document)>,
}

impl Platform {
    /// An account's overrides for some apps, by app id. The master account has none.
    pub async fn overrides(
        &self,
        account_id: &str,
        master_id: &str,
        app_ids: Vec<&str>,
    ) -> Result<HashMap<String, Document>, store::Error> {
        let Some(db) = names::account_db(account_id).filter(|_| account_id != master_id && !app_ids.is_empty()) else {
            return Ok(HashMap::new());
        };
        let ids: Vec<String> = app_ids.iter().map(|id| override_id(id)).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let docs = match self.store.get_many(&db, &ids).await {
            Err(store::Error::NoDatabase { .. }) => return Ok(HashMap::new()),
            docs => docs?,
        };
        let found = app_ids.into_iter().zip(docs).filter_map(|(id, doc)| Some((id.to_owned(), doc?)));
        Ok(found.filter(|(_, doc)| is_override(doc)).collect())
    }

    /// Where the pictures of an app are found, for an account or for nobody in particular: its override first, then the app
    /// itself, a vendor's or the master account's. `None` when there is no such app.
    pub async fn pictured_app(&self, account: Option<&Object>, app_id: &str) -> Result<Option<Pictured>, store::Error> {
        let master_id = self.master_id().await?.unwrap_or_default();
        let vendors = match account {
            Some(account) => self.vendor_app(account, app_id).await?,
            None => None,
        };
        let (owner, app) = match vendors {
            Some((vendor, app)) => (vendor, Some(app)),
            None => (master_id.clone(), self.catalogue_app(app_id).await?),
        };
        let (Some(app), Some(db)) = (app, names::account_db(&owner)) else {
            return Ok(None);
        };
        let mut pictured = Pictured { doc: (*app).clone(), sources: vec![(db, app)] };
        let account_id = account.and_then(|account| text(account, "_id")).unwrap_or(&master_id);
        let told = self.overrides(account_id, &master_id, vec![app_id]).await?.remove(app_id);
        if let Some((told, db)) = told.zip(names::account_db(account_id)) {
            merge(&mut pictured.doc, &told);
            pictured.sources.insert(0, (db, told));
        }
        Ok(Some(pictured))
    }

    /// An app of the master account.
    pub async fn catalogue_app(&self, app_id: &str) -> Result<Option<Document>, store::Error> {
        let master_id = self.master_id().await?.unwrap_or_default();
        Ok(self.account_doc(&master_id, app_id).await?.filter(|doc| is_app(doc)))
    }
}

fn is_app(doc: &Object) -> bool {
    text(doc, "pvt_type") == Some("app") && !is_soft_deleted(doc)
}
