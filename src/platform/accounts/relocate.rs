//! Moving an account, with all below it, under another.

use serde_json::Value;

use crate::{
    kazoo::{
        account,
        document::{self, text},
    },
    platform::{Platform, names},
    store::{Document, Error, Object, Query, View, update},
};

const DESCENDANTS: View = View::new("accounts", "listing_by_descendants");

impl Platform {
    /// Puts an account under another one. `now` in gregorian seconds. The caller has seen to it that the target isn't the
    /// account itself, nor below it.
    pub async fn move_account(&self, account: &Document, target: &Document, now: u64) -> Result<(), Error> {
        let account_id = document::id(account).unwrap_or_default();
        let above: Vec<Value> = account::tree(target).chain(document::id(target)).map(Value::from).collect();
        let depth = account::tree(account).count();
        let standing = self.standing(target).await?;
        let reseller = if standing.is_reseller { document::id(target).map(str::to_owned) } else { standing.reseller_id };
        let relocate = |doc: &mut Object| {
            let old: Vec<Value> = account::tree(doc).map(Value::from).collect();
            let below = old.iter().skip(depth).cloned();
            doc.insert("pvt_tree".into(), above.iter().cloned().chain(below).collect());
            doc.insert("pvt_previous_tree".into(), old.into());
            doc.insert("pvt_modified".into(), now.into());
        };
        let mut moved = vec![account_id.to_owned()];
        let range = Query::range(Value::from(vec![account_id]), Value::Array(vec![account_id.into(), Object::new().into()]));
        moved.extend(self.view(&names::ACCOUNTS, DESCENDANTS, &range).await?.into_iter().filter_map(|row| row.id));
        for id in &moved {
            self.mark_account(id, relocate).await?;
            update(self.store.as_ref(), &names::SERVICES, id, async |doc: &mut Object| {
                if text(doc, "_rev").is_some() {
                    relocate(doc);
                    doc.extend(reseller.iter().map(|reseller| ("pvt_reseller_id".to_owned(), reseller.as_str().into())));
                    Ok(())
                } else {
                    Err(Error::NotFound { db: names::SERVICES.clone(), id: id.clone() })
                }
            })
            .await
            .map(drop)
            .or_else(|error| if matches!(error, Error::NotFound { .. }) { Ok(()) } else { Err(error) })?;
        }
        Ok(())
    }
}
