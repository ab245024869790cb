//! The accounts below an account: a page of them, all of them batch by batch, how many they are.

use serde_json::Value;

use crate::{
    kazoo::account,
    platform::{Platform, names},
    store::{Error, Keys, Object, Query, Reduce, Row, View},
};

const CHILDREN: View = View::new("accounts", "listing_by_children");
const DESCENDANTS: View = View::new("accounts", "listing_by_descendants");
const COUNT: View = View::new("accounts", "listing_by_descendants_count");

/// How many accounts are dealt with at once where all below an account are meant.
const BATCH: usize = 500;

/// How far down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    Children,
    Descendants,
}

impl Platform {
    /// Rows of the accounts below an account, by name: `[account id, name]` to what a list shows of them.
    pub async fn accounts_below(&self, depth: Depth, query: &Query) -> Result<Vec<Row>, Error> {
        let view = match depth {
            Depth::Children => CHILDREN,
            Depth::Descendants => DESCENDANTS,
        };
        self.view(&names::ACCOUNTS, view, query).await
    }

    /// Whether there are accounts below an account.
    pub async fn has_descendants(&self, account_id: &str) -> Result<bool, Error> {
        let query = Query { keys: all_below(account_id), limit: Some(1), ..Query::default() };
        Ok(!self.accounts_below(Depth::Descendants, &query).await?.is_empty())
    }

    /// Hands over the ids of all accounts below an account, some hundred at a time, until `each` has enough and says false.
    pub(in crate::platform) async fn each_below<E: From<Error>>(
        &self,
        account_id: &str,
        mut each: impl AsyncFnMut(&[&str]) -> Result<bool, E>,
    ) -> Result<(), E> {
        let mut query = Query { keys: all_below(account_id), limit: Some(BATCH), ..Query::default() };
        loop {
            let rows = self.accounts_below(Depth::Descendants, &query).await?;
            let ids: Vec<&str> = rows.iter().filter_map(|row| row.id.as_deref()).collect();
            if !each(&ids).await? || rows.len() < BATCH {
                return Ok(());
            }
            query.follow(&rows);
        }
    }

    /// Whether one of the accounts below an account is a reseller.
    pub async fn has_reseller_below(&self, account_id: &str) -> Result<bool, Error> {
        let mut found = false;
        self.each_below(account_id, async |ids| {
            let services = self.store.get_many(&names::SERVICES, ids).await?;
            found = services.iter().any(|doc| account::is_reseller(doc.as_deref()));
            Ok::<_, Error>(!found)
        })
        .await?;
        Ok(found)
    }

    /// How many accounts are below an account.
    pub async fn count_below(&self, account_id: &str) -> Result<u64, Error> {
        let query = Query { reduce: Reduce::Group, ..Query::key(account_id) };
        let rows = self.view(&names::ACCOUNTS, COUNT, &query).await?;
        Ok(rows.first().and_then(|row| row.value.as_u64()).unwrap_or(0))
    }

    /// Brings `descendants_count`, which lists show, up to date on an account's document. Returns what it is.
    pub async fn recount_account(&self, account_id: &str) -> Result<u64, Error> {
        let count = self.count_below(account_id).await?;
        let set = |doc: &mut Object| {
            if count > 0 || doc.contains_key("descendants_count") {
                doc.insert("descendants_count".into(), count.into());
            }
        };
        self.mark_account(account_id, set).await?;
        Ok(count)
    }

    /// Brings the counts of all accounts up to date. Returns how many were wrong.
    pub async fn recount_all(&self) -> Result<usize, Error> {
        let mut wrong = 0;
        let mut query = Query { limit: Some(BATCH), include_docs: true, ..Query::default() };
        loop {
            let rows = self.view(&names::ACCOUNTS, super::BY_ID, &query).await?;
            let ids = rows.iter().filter_map(|row| row.id.as_deref());
            let keys = Query { reduce: Reduce::Group, ..Query::keys(ids.map(Value::from).collect()) };
            let counts = self.view(&names::ACCOUNTS, COUNT, &keys).await?;
            for row in &rows {
                let (Some(id), Some(doc)) = (&row.id, &row.doc) else { continue };
                let count = counts.iter().find(|count| count.key == id.as_str()).and_then(|count| count.value.as_u64());
                let stored = doc.get("descendants_count").and_then(Value::as_u64);
                if stored.unwrap_or(0) != count.unwrap_or(0) {
                    self.recount_account(id).await?;
                    wrong += 1;
                }
            }
            if rows.len() < BATCH {
                return Ok(wrong);
            }
            query.follow(&rows);
        }
    }

    /// Brings some accounts' counts up to date. That one can't be is logged only: what changed it has happened by then.
    pub(super) async fn recount(&self, account_ids: impl Iterator<Item = &str>) {
        for account_id in account_ids {
            match self.recount_account(account_id).await {
                Ok(_) | Err(Error::NotFound { .. } | Error::NoDatabase { .. }) => {}
                Err(error) => log::warn!("the accounts below {account_id} couldn't be counted: {error}"),
            }
        }
    }
}

fn all_below(account_id: &str) -> Keys {
    let start = Value::from(vec![account_id]);
    let end = Value::Array(vec![account_id.into(), Value::Object(Object::new())]);
    Keys::Range { start: Some(start), end: Some(end), inclusive_end: true }
}
