//! Who is a reseller, and whose customers the accounts below are.

use super::edit::own_db;
use crate::{
    platform::{Platform, names},
    store::{Error, Object},
};

impl Platform {
    /// Makes an account a reseller, or no longer one; the accounts below get it, or whoever is next above, as theirs.
    pub async fn set_reseller(&self, account_id: &str, is_reseller: bool) -> Result<(), Error> {
        let mark = |doc: &mut Object| {
            doc.insert("pvt_reseller".into(), is_reseller.into());
        };
        self.mark_account(account_id, mark).await?;
        self.mark_services(account_id, mark).await?;
        let theirs = match self.account(account_id).await? {
            _ if is_reseller => Some(account_id.to_owned()),
            Some(account) => self.standing(&account).await?.reseller_id,
            None => None,
        };
        match theirs {
            Some(reseller_id) => self.assign_below(account_id, &reseller_id).await,
            None => Ok(()),
        }
    }

    /// Makes all accounts below an account a reseller's customers.
    async fn assign_below(&self, account_id: &str, reseller_id: &str) -> Result<(), Error> {
        let assign = |doc: &mut Object| {
            doc.insert("pvt_reseller_id".into(), reseller_id.into());
        };
        self.each_below(account_id, async |ids| {
            self.mark_accounts(ids, assign).await?;
            self.mark_many(&names::SERVICES, ids, assign).await?;
            Ok(true)
        })
        .await
    }

    /// Makes an account a reseller's customer, as its services document has it.
    pub async fn set_reseller_id(&self, account_id: &str, reseller_id: &str) -> Result<(), Error> {
        own_db(account_id)?;
        self.mark_services(account_id, |doc| {
            doc.insert("pvt_reseller_id".into(), reseller_id.into());
        })
        .await
    }

    /// The same for all accounts below an account, itself excluded.
    pub async fn cascade_reseller_id(&self, account_id: &str, reseller_id: &str) -> Result<(), Error> {
        let assign = |doc: &mut Object| {
            doc.insert("pvt_reseller_id".into(), reseller_id.into());
        };
        self.each_below(account_id, async |ids| {
            self.mark_many(&names::SERVICES, ids, assign).await?;
            Ok(true)
        })
        .await
    }
}
