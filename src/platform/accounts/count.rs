//! `descendants_count`: how many accounts are below an account, kept on its document for lists.

use crate::{
    platform::{Platform, names},
    store::{Error, Object, Query, Reduce, View},
};

const COUNT: View = View::new("accounts", "listing_by_descendants_count");

impl Platform {
    /// Brings an account's count up to date. That it can't be is logged only: what changed the count has happened by then.
    pub(super) async fn recount(&self, account_id: &str) {
        if let Err(error) = self.try_recount(account_id).await {
            log::warn!("the descendants of account {account_id} couldn't be counted: {error}");
        }
    }

    async fn try_recount(&self, account_id: &str) -> Result<(), Error> {
        let query = Query { reduce: Reduce::Group, ..Query::key(account_id) };
        let rows = self.view(&names::ACCOUNTS, COUNT, &query).await?;
        let count = rows.first().and_then(|row| row.value.as_u64()).unwrap_or(0);
        let set = |doc: &mut Object| {
            if count > 0 || doc.contains_key("descendants_count") {
                doc.insert("descendants_count".into(), count.into());
            }
        };
        self.mark_account(account_id, set).await
    }
}
