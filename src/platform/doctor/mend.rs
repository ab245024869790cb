//! Putting right what can be put right without losing anything. Time has passed since it was found, so each looks again first.

use super::{account, copies::Standing};
use crate::{
    platform::{Platform, found, names},
    store::{Db, Error, Object, update},
};

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

impl Platform {
    /// Puts something right, on what is stored now. `false` when that is no longer as it was found, and was left alone.
    pub async fn mend(&self, mend: &Mend) -> Result<bool, Error> {
        match mend {
            Mend::Copy { account_id } => self.mend_copy(account_id).await,
            Mend::Views(db) if names::SYSTEM.contains(&db) => self.ensure_database(db).await.map(|_| true),
            // One that was deleted meanwhile isn't made again.
            Mend::Views(db) => Ok(found(self.install_views(db).await)?.is_some_and(|written| written > 0)),
            Mend::Unlist { db, apps } => self.unlist(db, apps).await,
        }
    }

    async fn mend_copy(&self, account_id: &str) -> Result<bool, Error> {
        let own = self.account_doc(account_id, account_id).await?;
        let copy = found(self.store.get(&names::ACCOUNTS, account_id).await)?;
        match Standing::of(own.as_deref(), copy.as_deref()) {
            Standing::Missing | Standing::Differs(_) => Ok(found(self.copy_account(account_id).await)?.is_some()),
            Standing::Alike | Standing::Newer(_) | Standing::NoOriginal => Ok(false),
        }
    }

    async fn unlist(&self, db: &Db, apps: &[String]) -> Result<bool, Error> {
        // An account would get an app that it was denied. New ones come into the master account.
        let loaded = self.apps_of_master(apps).await?;
        let merged = update(self.store.as_ref(), db, account::APPS_STORE, async |doc: &mut Object| {
            if !doc.contains_key("_rev") {
                return Err(Error::NotFound { db: db.clone(), id: account::APPS_STORE.to_owned() });
            }
            if let Some(list) = doc.get_mut("blacklist").and_then(|list| list.as_array_mut()) {
                let goes = |id: &str| apps.iter().any(|app| app == id) && !loaded.iter().any(|app| app == id);
                list.retain(|id| !id.as_str().is_some_and(goes));
            }
            Ok(())
        });
        Ok(found(merged.await)?.is_some_and(|merged| merged.changed))
    }

    /// Which of these apps the master account has by now.
    async fn apps_of_master(&self, ids: &[String]) -> Result<Vec<String>, Error> {
        let settings = self.settings("accounts").await?;
        let Some(db) = settings.text("master_account_id").and_then(names::account_db) else { return Ok(Vec::new()) };
        let ids: Vec<&str> = ids.iter().map(String::as_str).filter(|id| !id.is_empty()).collect();
        let docs = found(self.store.get_many(&db, &ids).await)?.unwrap_or_default();
        Ok(ids
            .iter()
            .zip(docs)
            .filter(|(_, doc)| doc.as_deref().is_some_and(account::is_app))
            .map(|(id, _)| (*id).into())
            .collect())
    }
}
