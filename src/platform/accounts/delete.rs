//! Removing an account and everything in it.
//!
//! First it can no longer be found, then its databases go, its own as the very last: as long as that is there, a deletion that
//! stopped halfway can be asked for again.

use super::edit::own_db;
use crate::{
    kazoo::{
        account,
        document::{self, text},
    },
    platform::{Platform, found, names},
    store::{Db, Document, Error, Query, View},
};

const CREDENTIALS: View = View::new("credentials", "lookup_by_account");

/// Why an account isn't deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    #[error("account has descendants")]
    HasDescendants,
    #[error(transparent)]
    Store(#[from] Error),
}

impl Platform {
    /// Removes an account that has none below it.
    pub async fn delete_account(&self, account: &Document) -> Result<(), DeleteError> {
        let account_id = document::id(account).unwrap_or_default();
        // Nobody gets an account below this one while it goes.
        self.exclusively(names::ACCOUNT_NAMES, async {
            if self.has_descendants(account_id).await? {
                return Err(DeleteError::HasDescendants);
            }
            Ok(self.delete_latest(&names::ACCOUNTS, account_id).await?)
        })
        .await?;
        self.delete_latest(&names::SERVICES, account_id).await?;
        self.delete_credentials(account_id).await?;
        self.drop_databases(account_id).await?;
        self.recount(account::tree(account)).await;
        Ok(())
    }

    /// Removes what the account's devices register with, where there is a database of such.
    async fn delete_credentials(&self, account_id: &str) -> Result<(), Error> {
        let rows = match self.store.view(&names::SIP_AUTH, CREDENTIALS, &Query::key(account_id)).await {
            Err(Error::NoDatabase { .. } | Error::NoView { .. }) => return Ok(()),
            rows => rows?,
        };
        for id in rows.iter().filter_map(|row| row.id.as_deref()) {
            self.delete_latest(&names::SIP_AUTH, id).await?;
        }
        Ok(())
    }

    /// Removes an account's databases: those of months and years, and its own.
    pub(super) async fn drop_databases(&self, account_id: &str) -> Result<(), Error> {
        let own = own_db(account_id)?;
        for db in self.store.databases(&format!("{own}-")).await?.iter().chain([&own]) {
            found(self.store.delete_database(db).await)?;
        }
        Ok(())
    }

    /// Deletes a document, whatever its revision; one that isn't there is no error.
    async fn delete_latest(&self, db: &Db, id: &str) -> Result<(), Error> {
        loop {
            let Some(doc) = found(self.store.get(db, id).await)? else {
                return Ok(());
            };
            match self.store.delete(db, id, text(&doc, "_rev").unwrap_or_default()).await {
                Err(Error::Conflict { .. }) => {}
                outcome => return found(outcome).map(drop),
            }
        }
    }
}
