//! Accounts: finding them, and where they stand among resellers.

use futures_util::future::try_join;
use serde_json::Value;

use super::{
    Platform, found,
    names::{ACCOUNTS, SERVICES, number_db},
};
use crate::{
    kazoo::{
        account::{self, Standing},
        document::{alphanum, is_soft_deleted, text},
        plans,
    },
    store::{self, Document, Object, Query, View},
};

mod below;
mod check;
mod create;
mod delete;
mod edit;
mod relocate;
mod reseller;

pub use below::Depth;
pub use create::{CreateError, NewAccount};
pub use delete::DeleteError;
pub use relocate::MoveError;

const BY_ID: View = View::new("accounts", "listing_by_id");
const BY_AGE: View = View::new("maintenance", "listing_by_ctime");
const BY_NAME: View = View::new("accounts", "listing_by_name");
const BY_REALM: View = View::new("accounts", "listing_by_realm");
const BY_API_KEY: View = View::new("accounts", "listing_by_api");
/// Among how many of the oldest documents the oldest account is looked for at first; nearly always it's the first.
const OLDEST: usize = 10;

impl Platform {
    /// An account's own document; `None` when there is no such account, or no longer.
    pub async fn account(&self, id: &str) -> Result<Option<Document>, store::Error> {
        Ok(self.account_doc(id, id).await?.filter(|doc| !is_soft_deleted(doc)))
    }

    /// The master account's id. Where none is set, the oldest account becomes it, as in Kazoo; `None` without any account.
    pub async fn master_id(&self) -> Result<Option<String>, store::Error> {
        if let Some(id) = self.settings("accounts").await?.text("master_account_id") {
            return Ok(Some(id.to_owned()));
        }
        match self.oldest_account().await? {
            None => Ok(None),
            Some(id) => {
                let settled = self.ensure_setting("accounts", "master_account_id", id.into()).await?;
                Ok(settled.as_str().map(str::to_owned))
            }
        }
    }

    async fn oldest_account(&self) -> Result<Option<String>, store::Error> {
        let mut query = Query { limit: Some(OLDEST), include_docs: true, ..Query::default() };
        loop {
            let rows = self.view(&ACCOUNTS, BY_AGE, &query).await?;
            let mut accounts = rows
                .iter()
                .filter_map(|row| row.doc.as_deref())
                .filter(|doc| text(doc, "pvt_type") == Some("account") && doc.get("pvt_created").is_some_and(Value::is_u64));
            if let Some(oldest) = accounts.next() {
                return Ok(text(oldest, "_id").map(str::to_owned));
            }
            if rows.len() < OLDEST {
                return Ok(None);
            }
            query.follow(&rows);
        }
    }

    /// Ids of the accounts with this realm, in any case.
    pub async fn accounts_by_realm(&self, realm: &str) -> Result<Vec<String>, store::Error> {
        self.account_ids(BY_REALM, realm.to_lowercase()).await
    }

    /// Ids of the accounts with this name, letters and digits compared only.
    pub async fn accounts_by_name(&self, name: &str) -> Result<Vec<String>, store::Error> {
        self.account_ids(BY_NAME, alphanum(name)).await
    }

    /// Ids of the accounts with this api key.
    pub async fn accounts_by_api_key(&self, key: &str) -> Result<Vec<String>, store::Error> {
        self.account_ids(BY_API_KEY, key.to_owned()).await
    }

    /// The account that a phone number (`+14155550100`) is assigned to.
    pub async fn account_of_number(&self, number: &str) -> Result<Option<String>, store::Error> {
        let Some(db) = number_db(number) else { return Ok(None) };
        let doc = found(self.store.get(&db, number).await)?;
        Ok(doc.and_then(|doc| text(&doc, "pvt_assigned_to").map(str::to_owned)))
    }

    async fn account_ids(&self, view: View, key: String) -> Result<Vec<String>, store::Error> {
        let rows = self.view(&ACCOUNTS, view, &Query::key(key)).await?;
        Ok(rows.into_iter().filter_map(|row| row.id).collect())
    }

    /// An account's services document.
    pub async fn services(&self, account_id: &str) -> Result<Option<Document>, store::Error> {
        Ok(found(self.store.get(&SERVICES, account_id).await)?.filter(|doc| !is_soft_deleted(doc)))
    }

    /// Whether an account is a reseller, and who its reseller is: the nearest one above it, else the master.
    pub async fn standing(&self, account: &Object) -> Result<Standing, store::Error> {
        let mut ids: Vec<&str> = text(account, "_id").into_iter().collect();
        ids.extend(account::tree(account).rev());
        let services = async {
            match self.store.get_many(&SERVICES, &ids).await {
                Err(store::Error::NoDatabase { .. }) => Ok(vec![None; ids.len()]),
                answer => answer,
            }
        };
        let (services, master_id) = try_join(services, self.master_id()).await?;
        let mut resellers = ids.iter().zip(&services).map(|(id, doc)| (*id, account::is_reseller(doc.as_deref())));
        let is_reseller = resellers.next().is_some_and(|(_, reseller)| reseller);
        let nearest = resellers.find(|(_, reseller)| *reseller).map(|(id, _)| id.to_owned());
        let assigned_reseller_id = plans::reseller_id(services.first().and_then(Option::as_deref)).map(str::to_owned);
        Ok(Standing { is_reseller, reseller_id: nearest.or_else(|| master_id.clone()), assigned_reseller_id, master_id })
    }
}
