//! Changing an account, in both places where it's kept: its own database first, then `accounts`.

use futures_util::{StreamExt, TryStreamExt, stream};

use super::check::Names;
use crate::{
    kazoo::{
        account,
        document::{self, Stamp, text},
    },
    platform::{Platform, found, names, schemas::CheckError},
    store::{Db, Document, Error, Object, update},
};

/// How many account databases are written to at the same time.
const AT_ONCE: usize = 16;

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
        let own = own_db(account_id)?;
        let mut data = data.clone();
        account::strip_derived(&mut data);
        let edit = async {
            let merged = update(self.store.as_ref(), &own, account_id, async |doc: &mut Object| {
                if !doc.contains_key("_rev") {
                    return Err(Error::NotFound { db: own.clone(), id: account_id.to_owned() }.into());
                }
                let mut public = document::public(doc);
                document::merge(&mut public, &data);
                public.shift_remove("id");
                let checked = self.check_account(public, Some(doc)).await?;
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
            self.copy_account(account_id).await?;
            Ok(merged.doc)
        };
        let renames = ["name", "realm"].iter().any(|key| data.contains_key(*key)) && {
            let stored = found(self.store.get(&own, account_id).await)?;
            stored.is_none_or(|stored| {
                let mut renamed = document::public(&stored);
                document::merge(&mut renamed, &data);
                !Names::of(&renamed).is_like(&Names::of(&stored))
            })
        };
        if renames { self.exclusively(names::ACCOUNT_NAMES, edit).await } else { edit.await }
    }

    /// Brings the copy in `accounts` to what an account's own document says. Somebody else may be doing the same with an older
    /// state; it's done when the document is still as it was copied.
    pub async fn copy_account(&self, account_id: &str) -> Result<(), Error> {
        let own = &own_db(account_id)?;
        loop {
            let account = self.store.get(own, account_id).await?;
            let copied = update(self.store.as_ref(), &names::ACCOUNTS, account_id, async |copy: &mut Object| {
                let rev = copy.get("_rev").cloned();
                *copy = (*account).clone();
                match rev {
                    Some(rev) => copy.insert("_rev".into(), rev),
                    None => copy.shift_remove("_rev"),
                };
                Ok::<_, Error>(())
            })
            .await?;
            match self.store.get(own, account_id).await {
                Ok(now) if now.get("_rev") == account.get("_rev") => return Ok(()),
                Ok(_) => {}
                // The account was deleted meanwhile, its copy first: that isn't to come back.
                Err(gone @ (Error::NotFound { .. } | Error::NoDatabase { .. })) => {
                    let rev = text(&copied.doc, "_rev").unwrap_or_default();
                    found(self.store.delete(&names::ACCOUNTS, account_id, rev).await)?;
                    return Err(gone);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Changes members of an account in both its copies, its own first.
    pub async fn mark_account(&self, account_id: &str, edit: impl Fn(&mut Object)) -> Result<(), Error> {
        self.mark(&own_db(account_id)?, account_id, &edit).await?;
        self.mark(&names::ACCOUNTS, account_id, &edit).await
    }

    async fn mark(&self, db: &Db, id: &str, edit: &impl Fn(&mut Object)) -> Result<(), Error> {
        update(self.store.as_ref(), db, id, async |doc: &mut Object| {
            if !doc.contains_key("_rev") {
                return Err(Error::NotFound { db: db.clone(), id: id.to_owned() });
            }
            edit(doc);
            Ok(())
        })
        .await?;
        Ok(())
    }

    /// The same for many accounts: what is shared is read and written together. An account without a database is passed over.
    pub(super) async fn mark_accounts(&self, ids: &[&str], edit: impl Fn(&mut Object)) -> Result<(), Error> {
        let edit = &edit;
        let own = stream::iter(ids.iter().map(|id| async move {
            match self.mark(&own_db(id)?, id, edit).await {
                Err(Error::NotFound { .. } | Error::NoDatabase { .. }) => Ok(()),
                outcome => outcome,
            }
        }));
        own.buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        self.mark_many(&names::ACCOUNTS, ids, edit).await
    }

    /// Changes those of some documents of a database that are there.
    pub(super) async fn mark_many(&self, db: &Db, ids: &[&str], edit: impl Fn(&mut Object)) -> Result<(), Error> {
        let stored = self.store.get_many(db, ids).await?;
        let changed = stored.iter().flatten().filter_map(|stored| {
            let mut doc = (**stored).clone();
            edit(&mut doc);
            (doc != **stored).then_some(doc)
        });
        let changed: Vec<Object> = changed.collect();
        if changed.is_empty() {
            return Ok(());
        }
        for outcome in self.store.put_many(db, &changed).await? {
            match outcome {
                Ok(_) => {}
                Err(Error::Conflict { id, .. }) => self.mark(db, &id, &edit).await?,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Changes an account's services document; one that isn't there is made.
    pub(super) async fn mark_services(&self, account_id: &str, edit: impl Fn(&mut Object)) -> Result<(), Error> {
        update(self.store.as_ref(), &names::SERVICES, account_id, async |doc: &mut Object| {
            for (key, value) in [("pvt_type", "service"), ("pvt_account_id", account_id)] {
                doc.entry(key).or_insert_with(|| value.into());
            }
            edit(doc);
            Ok::<_, Error>(())
        })
        .await?;
        Ok(())
    }
}

/// The database of an account; what can't be an account's id isn't found.
pub(super) fn own_db(account_id: &str) -> Result<Db, Error> {
    names::account_db(account_id).ok_or_else(|| Error::NotFound { db: names::ACCOUNTS.clone(), id: account_id.to_owned() })
}
