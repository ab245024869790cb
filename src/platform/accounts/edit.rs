//! Changing and removing an account, in both places where it's kept.

use serde_json::Value;

use crate::{
    kazoo::{
        account,
        document::{self, Stamp, text},
    },
    platform::{Platform, found, names, schemas::CheckError},
    store::{Db, Document, Error, Keys, Object, Query, View, update},
};

const DESCENDANTS: View = View::new("accounts", "listing_by_descendants");

impl Platform {
    /// Merges a client's data into an account, on whatever revision is the current one: members that aren't named stay, null
    /// removes one. `enabled` is what the client said, where it's his to say. `may_write` is asked once everything is known to
    /// be good, with the revision that's to be replaced.
    pub async fn edit_account<E: From<CheckError> + From<Error>>(
        &self,
        account_id: &str,
        data: &Object,
        enabled: Option<bool>,
        stamp: &Stamp<'_>,
        may_write: impl Fn(Option<&str>) -> Result<(), E>,
    ) -> Result<Document, E> {
        let db = own_db(account_id)?;
        let merged = update(self.store.as_ref(), &db, account_id, async |doc: &mut Object| {
            let mut public = document::public(doc);
            document::merge(&mut public, data);
            let checked = self.check_account(public, Some(account_id)).await?;
            may_write(text(doc, "_rev"))?;
            doc.retain(|key, _| document::is_private(key));
            doc.extend(checked);
            if let Some(enabled) = enabled {
                doc.insert("pvt_enabled".into(), enabled.into());
            }
            document::stamp(doc, stamp);
            Ok::<_, E>(())
        })
        .await?;
        self.copy_account(&merged.doc).await?;
        Ok(merged.doc)
    }

    /// Brings the copy in `accounts` to what an account's own document says.
    async fn copy_account(&self, account: &Document) -> Result<(), Error> {
        let account_id = document::id(account).unwrap_or_default();
        update(self.store.as_ref(), &names::ACCOUNTS, account_id, async |copy: &mut Object| {
            let rev = copy.get("_rev").cloned();
            *copy = (**account).clone();
            match rev {
                Some(rev) => copy.insert("_rev".into(), rev),
                None => copy.shift_remove("_rev"),
            };
            Ok::<_, Error>(())
        })
        .await?;
        Ok(())
    }

    /// Changes private members of an account in both its copies, its own first.
    pub async fn mark_account(&self, account_id: &str, edit: impl Fn(&mut Object)) -> Result<(), Error> {
        let own = own_db(account_id)?;
        for db in [&own, &names::ACCOUNTS] {
            update(self.store.as_ref(), db, account_id, async |doc: &mut Object| {
                if !doc.contains_key("_rev") {
                    return Err(Error::NotFound { db: db.clone(), id: account_id.to_owned() });
                }
                edit(doc);
                Ok(())
            })
            .await?;
        }
        Ok(())
    }

    /// Whether there are accounts below an account.
    pub async fn has_descendants(&self, account_id: &str) -> Result<bool, Error> {
        let start = Value::from(vec![account_id]);
        let end = Value::Array(vec![account_id.into(), Value::Object(Object::new())]);
        let keys = Keys::Range { start: Some(start), end: Some(end), inclusive_end: true };
        let rows = self.view(&names::ACCOUNTS, DESCENDANTS, &Query { keys, limit: Some(1), ..Query::default() }).await?;
        Ok(!rows.is_empty())
    }

    /// Removes an account and everything in it. First it can no longer be found, then its databases go.
    pub async fn delete_account(&self, account: &Document) -> Result<(), Error> {
        let account_id = document::id(account).unwrap_or_default();
        for db in [&names::ACCOUNTS, &names::SERVICES] {
            self.delete_latest(db, account_id).await?;
        }
        let own = own_db(account_id)?;
        let months = self.store.databases(&format!("{}-", own.as_str())).await?;
        for db in months.iter().chain([&own]) {
            found(self.store.delete_database(db).await)?;
        }
        if let Some(parent) = account::tree(account).next_back() {
            self.recount(parent).await;
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

fn own_db(account_id: &str) -> Result<Db, Error> {
    names::account_db(account_id).ok_or_else(|| Error::NotFound { db: names::ACCOUNTS.clone(), id: account_id.to_owned() })
}
