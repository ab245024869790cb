//! Moving an account, with all below it, under another.

use serde_json::Value;

use crate::{
    kazoo::{account, document},
    platform::Platform,
    store::{Document, Error, Object},
};

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
        let reassign = |doc: &mut Object| {
            relocate(doc);
            doc.extend(reseller.iter().map(|reseller| ("pvt_reseller_id".to_owned(), reseller.as_str().into())));
        };
        let below = self.descendants(account_id).await?;
        for id in [account_id].into_iter().chain(below.iter().map(String::as_str)) {
            self.mark_account(id, relocate).await?;
            self.mark_services(id, reassign).await?;
        }
        for parent in [account::tree(account).next_back(), document::id(target)].into_iter().flatten() {
            self.recount(parent).await;
        }
        Ok(())
    }
}
