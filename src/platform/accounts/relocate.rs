//! Moving an account, with all below it, under another.

use serde_json::Value;

use crate::{
    kazoo::{account, document},
    platform::{Platform, names},
    store::{Error, Object},
};

/// Why an account can't be moved.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// The target is the account itself.
    #[error("can not move to the same account")]
    Itself,
    /// The target is below the account.
    #[error("can not move to an account below")]
    BelowItself,
    /// One of the two isn't there.
    #[error("there is no account {0}")]
    Unknown(String),
    #[error(transparent)]
    Store(#[from] Error),
}

impl Platform {
    /// Puts an account under another one. `now` in gregorian seconds. Doing it again completes a move that stopped halfway.
    pub async fn move_account(&self, account_id: &str, target_id: &str, now: u64) -> Result<(), MoveError> {
        // Two accounts that go under one another at once mustn't both arrive.
        let (left, above) = self.exclusively(names::ACCOUNT_TREE, self.move_alone(account_id, target_id, now)).await?;
        let reseller = match self.account(target_id).await? {
            Some(target) => self.reseller_below(Some(&target)).await?,
            None => None,
        };
        let reassign = |doc: &mut Object| {
            relocate(doc, account_id, &above, now);
            doc.extend(reseller.iter().map(|reseller| ("pvt_reseller_id".to_owned(), reseller.as_str().into())));
        };
        self.mark_services(account_id, reassign).await?;
        self.each_below(account_id, async |ids| {
            self.mark_accounts(ids, |doc| relocate(doc, account_id, &above, now)).await?;
            self.mark_many(&names::SERVICES, ids, reassign).await?;
            Ok::<_, Error>(true)
        })
        .await?;
        let arrived = above.iter().filter_map(Value::as_str).filter(|id| !left.iter().any(|other| other == id));
        self.recount(left.iter().map(String::as_str).chain(arrived)).await;
        Ok(())
    }

    /// Moves the account itself. Returns which were above it before, and which are now.
    async fn move_alone(&self, account_id: &str, target_id: &str, now: u64) -> Result<(Vec<String>, Vec<Value>), MoveError> {
        let found = async |id: &str| self.account(id).await?.ok_or_else(|| MoveError::Unknown(id.to_owned()));
        let (account, target) = (found(account_id).await?, found(target_id).await?);
        if account_id == target_id {
            return Err(MoveError::Itself);
        }
        if account::tree(&target).any(|ancestor| ancestor == account_id) {
            return Err(MoveError::BelowItself);
        }
        let above: Vec<Value> = account::tree(&target).chain(document::id(&target)).map(Value::from).collect();
        self.mark_account(account_id, |doc| relocate(doc, account_id, &above, now)).await?;
        Ok((account::tree(&account).map(str::to_owned).collect(), above))
    }
}

/// Puts the path to the account that moves in the place of what was above it; what is between it and the document's own account
/// stays.
fn relocate(doc: &mut Object, moved: &str, above: &[Value], now: u64) {
    let old: Vec<Value> = account::tree(doc).map(Value::from).collect();
    let below = old.iter().skip_while(|ancestor| *ancestor != moved);
    let new: Vec<Value> = above.iter().chain(below).cloned().collect();
    if new != old {
        doc.insert("pvt_tree".into(), new.into());
        doc.insert("pvt_previous_tree".into(), old.into());
        doc.insert("pvt_modified".into(), now.into());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_is_replaced_down_to_the_account_that_moves_and_a_second_time_nothing_changes() {
        let above = [json!("master"), json!("new")];
        for (old, new) in [
            (json!(["master", "old"]), json!(["master", "new"])),
            (json!(["master", "old", "moved"]), json!(["master", "new", "moved"])),
            (json!(["master", "old", "moved", "child"]), json!(["master", "new", "moved", "child"])),
        ] {
            let mut doc = Object::from_iter([("pvt_tree".to_owned(), old.clone())]);
            relocate(&mut doc, "moved", &above, 5);
            assert_eq!((&doc["pvt_tree"], &doc["pvt_previous_tree"], &doc["pvt_modified"]), (&new, &old, &json!(5)));
            let once = doc.clone();
            relocate(&mut doc, "moved", &above, 6);
            assert_eq!(doc, once);
        }
    }
}
