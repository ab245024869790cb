//! Service plans: documents in their vendors' databases, assigned to accounts on the accounts' services documents. What they
//! come to for an account's apps is in `apps/offer.rs`.

use serde_json::{Value, json};

use super::{Platform, found, names, unix_now};
use crate::{
    kazoo::{
        document::{gregorian, is_soft_deleted, text},
        id,
    },
    store::{self, Document, Object, Query, View, update},
};

const OF_VENDOR: View = View::new("service_plans", "crossbar_listing");
const BY_PLAN: View = View::new("services", "by_plan");

/// Why a plan wasn't saved.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    #[error("there is a plan {0} already")]
    Exists(String),
    /// The id belongs to something else in the vendor's database.
    #[error("{0} is the id of a document that is no plan")]
    Taken(String),
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Platform {
    /// A service plan of a vendor.
    pub async fn plan(&self, vendor_id: &str, plan_id: &str) -> Result<Option<Document>, store::Error> {
        let doc = self.account_doc(vendor_id, plan_id).await?;
        Ok(doc.filter(|doc| is_plan(doc)))
    }

    /// All service plans of a vendor, by id.
    pub async fn plans_of(&self, vendor_id: &str) -> Result<Vec<Document>, store::Error> {
        let Some(db) = names::account_db(vendor_id) else {
            return Ok(Vec::new());
        };
        let rows = found(self.view(&db, OF_VENDOR, &Query::default().with_docs()).await)?.unwrap_or_default();
        Ok(rows.into_iter().filter_map(|row| row.doc).collect())
    }

    /// Puts a plan into a vendor's database. `members` are its public ones; with `replace` they take the place of those that a
    /// plan of that id has, and others stay.
    pub async fn save_plan(
        &self,
        vendor_id: &str,
        plan_id: &str,
        members: &Object,
        replace: bool,
    ) -> Result<Document, PlanError> {
        let db = names::account_db(vendor_id)
            .ok_or_else(|| store::Error::NotFound { db: names::ACCOUNTS.clone(), id: vendor_id.to_owned() })?;
        let merged = update(self.store.as_ref(), &db, plan_id, async |doc: &mut Object| {
            if doc.contains_key("_rev") && !is_plan(doc) {
                return Err(PlanError::Taken(plan_id.to_owned()));
            }
            if doc.contains_key("_rev") && !replace {
                return Err(PlanError::Exists(plan_id.to_owned()));
            }
            let before = doc.clone();
            doc.insert("pvt_type".into(), "service_plan".into());
            doc.extend(members.clone());
            if *doc != before {
                let now = gregorian(unix_now());
                let encoded = id::account_db_encoded(vendor_id);
                for (key, value) in
                    [("pvt_vsn", json!("1")), ("pvt_account_id", json!(vendor_id)), ("pvt_account_db", json!(encoded))]
                {
                    doc.entry(key).or_insert(value);
                }
                doc.entry("pvt_created").or_insert_with(|| now.into());
                doc.insert("pvt_modified".into(), now.into());
            }
            Ok(())
        });
        Ok(merged.await?.doc)
    }

    /// Assigns a vendor's plan to an account. `false` when it has it already.
    pub async fn assign_plan(&self, account_id: &str, vendor_id: &str, plan_id: &str) -> Result<bool, store::Error> {
        self.edit_plans(account_id, |plans| {
            let mut entry = plans.get(plan_id).and_then(Value::as_object).cloned().unwrap_or_default();
            entry.insert("vendor_id".into(), vendor_id.into());
            plans.insert(plan_id.to_owned(), entry.into());
        })
        .await
    }

    /// Takes a plan from an account. `false` when it doesn't have it.
    pub async fn unassign_plan(&self, account_id: &str, plan_id: &str) -> Result<bool, store::Error> {
        self.edit_plans(account_id, |plans| drop(plans.shift_remove(plan_id))).await
    }

    /// The plans that an account's services document assigns to it: each plan's id and entry.
    pub async fn assigned_plans(&self, account_id: &str) -> Result<Object, store::Error> {
        let services = self.services(account_id).await?;
        Ok(services.as_deref().map(plans_in).unwrap_or_default())
    }

    /// The accounts that have a vendor's plan.
    pub async fn accounts_with_plan(&self, vendor_id: &str, plan_id: &str) -> Result<Vec<String>, store::Error> {
        let rows = self.view(&names::SERVICES, BY_PLAN, &Query::key(plan_id)).await?;
        let from_vendor = rows.into_iter().filter(|row| row.value.get("vendor_id").is_none_or(|vendor| vendor == vendor_id));
        Ok(from_vendor.filter_map(|row| row.id).collect())
    }

    /// Changes the plans on an account's services document. `false` when nothing changed.
    async fn edit_plans(&self, account_id: &str, edit: impl Fn(&mut Object)) -> Result<bool, store::Error> {
        let merged = update(self.store.as_ref(), &names::SERVICES, account_id, async |doc: &mut Object| {
            let before = plans_in(doc);
            let mut plans = before.clone();
            edit(&mut plans);
            if plans != before {
                let now = gregorian(unix_now());
                for (key, value) in
                    [("pvt_type", json!("service")), ("pvt_account_id", json!(account_id)), ("pvt_created", json!(now))]
                {
                    doc.entry(key).or_insert(value);
                }
                doc.insert("plans".into(), plans.into());
                doc.insert("pvt_modified".into(), now.into());
            }
            Ok::<_, store::Error>(())
        });
        Ok(merged.await?.changed)
    }
}

fn is_plan(doc: &Object) -> bool {
    text(doc, "pvt_type") == Some("service_plan") && !is_soft_deleted(doc)
}

fn plans_in(services: &Object) -> Object {
    services.get("plans").and_then(Value::as_object).cloned().unwrap_or_default()
}
