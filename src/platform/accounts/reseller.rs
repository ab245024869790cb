//! Who is a reseller, and whose customers the accounts below are.

use serde_json::Value;

use crate::{
    kazoo::account,
    platform::{Platform, names},
    store::{Error, Object, Query, View, update},
};

const DESCENDANTS: View = View::new("accounts", "listing_by_descendants");

impl Platform {
    /// The ids of all accounts below an account.
    pub async fn descendants(&self, account_id: &str) -> Result<Vec<String>, Error> {
        let range = Query::range(Value::from(vec![account_id]), Value::Array(vec![account_id.into(), Object::new().into()]));
        let rows = self.view(&names::ACCOUNTS, DESCENDANTS, &range).await?;
        Ok(rows.into_iter().filter_map(|row| row.id).collect())
    }

    /// Whether one of the accounts below an account is a reseller.
    pub async fn has_reseller_below(&self, account_id: &str) -> Result<bool, Error> {
        let below = self.descendants(account_id).await?;
        let ids: Vec<&str> = below.iter().map(String::as_str).collect();
        let services = self.store.get_many(&names::SERVICES, &ids).await?;
        Ok(services.iter().any(|doc| account::is_reseller(doc.as_deref())))
    }

    /// Makes an account a reseller, or no longer one; the accounts below get it, or whoever is next above, as theirs.
    pub async fn set_reseller(&self, account_id: &str, is_reseller: bool) -> Result<(), Error> {
        let mark = |doc: &mut Object| {
            doc.insert("pvt_reseller".into(), is_reseller.into());
        };
        self.mark_account(account_id, mark).await?;
        self.mark_services(account_id, mark).await?;
        let next_above = match self.account(account_id).await? {
            Some(account) => self.standing(&account).await?.reseller_id,
            None => None,
        };
        let theirs = if is_reseller { Some(account_id.to_owned()) } else { next_above };
        let assign = |doc: &mut Object| doc.extend(theirs.iter().map(|id| ("pvt_reseller_id".to_owned(), id.as_str().into())));
        for below in self.descendants(account_id).await? {
            self.mark_account(&below, assign).await?;
            self.mark_services(&below, assign).await?;
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
