//! An account's document `apps_store`: which apps it has installed for whom, and which are forbidden to it.

use serde_json::Value;

use crate::{
    kazoo::{
        document::{self, is_soft_deleted},
        id,
    },
    platform::{Platform, names},
    store::{self, Document, Object},
};

impl Platform {
    /// An account's `apps_store` document. Up to Kazoo 3.21 permissions stood on the account's own document; where they still do
    /// and there is no `apps_store` yet, they are moved there first.
    pub async fn apps_store_of(&self, account: &Object) -> Result<Option<Document>, store::Error> {
        let account_id = document::id(account).unwrap_or_default();
        if let Some(doc) = self.account_doc(account_id, "apps_store").await? {
            return Ok(Some(doc).filter(|doc| !is_soft_deleted(doc)));
        }
        match account.get("apps").and_then(Value::as_object) {
            Some(apps) if !apps.is_empty() => self.move_permissions(account_id, apps).await,
            _ => Ok(None),
        }
    }

    async fn move_permissions(&self, account_id: &str, apps: &Object) -> Result<Option<Document>, store::Error> {
        let Some(db) = names::account_db(account_id) else {
            return Ok(None);
        };
        let mut doc = Object::new();
        doc.insert("_id".into(), "apps_store".into());
        doc.insert("pvt_account_id".into(), account_id.into());
        doc.insert("pvt_account_db".into(), id::account_db_encoded(account_id).into());
        doc.insert("apps".into(), apps.clone().into());
        match self.store.put(&db, &doc).await {
            // What somebody else has written meanwhile counts, as it does from now on.
            Ok(_) | Err(store::Error::Conflict { .. }) => {}
            Err(error) => return Err(error),
        }
        let cleared = self.mark_account(account_id, |account| {
            account.shift_remove("apps");
        });
        if let Err(error) = cleared.await {
            log::warn!(account_id; "permissions were moved to apps_store, but also stayed on the account: {error}");
        }
        self.account_doc(account_id, "apps_store").await
    }
}
