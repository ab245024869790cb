//! What service plans offer an account: its own plans, or its reseller's when it has none.

use std::collections::{BTreeMap, HashMap};

use futures_util::future::{join_all, try_join};
use serde_json::Value;

use crate::{
    kazoo::{
        account::Standing,
        apps,
        document::{self, is_soft_deleted, text},
        plans::{self, Precedence},
    },
    platform::{Platform, found, names},
    store::{self, Document, Object, Query, View},
};

const OBJECT_PLANS: View = View::new("services", "object_plans");

/// The documents by their account's id and their own.
type ByPlace = HashMap<(String, String), Document>;

impl Platform {
    /// What service plans offer an account, by app id: its own plans, or those of its reseller when it has none. One hop: what the
    /// reseller's own reseller has doesn't count.
    pub async fn offer(&self, account_id: &str, standing: &Standing) -> Result<Object, store::Error> {
        let master_id = standing.master_id.as_deref().unwrap_or_default();
        let nearest = standing.reseller_id.as_deref().unwrap_or(master_id);
        let (own, reseller) = self.applications(account_id, nearest).await?;
        if !own.is_empty() || standing.is_reseller || reseller == account_id {
            return Ok(own);
        }
        Ok(self.applications(&reseller, master_id).await?.0)
    }

    /// What the account's own plans offer, and its reseller: the one its services document names, else the nearest.
    async fn applications(&self, account_id: &str, nearest: &str) -> Result<(Object, String), store::Error> {
        let object_plans = async {
            match names::account_db(account_id) {
                Some(db) => found(self.view(&db, OBJECT_PLANS, &Query::default()).await),
                None => Ok(None),
            }
        };
        let (services, object_plans) = try_join(self.services(account_id), object_plans).await?;
        let object_plans: Vec<Value> = object_plans.into_iter().flatten().map(|row| row.value).collect();
        let reseller = plans::reseller_id(services.as_deref()).unwrap_or(nearest);
        let assignments = plans::assignments(services.as_deref(), &object_plans, reseller);
        let places = assignments.iter().map(|plan| (plan.vendor_id.as_str(), plan.plan_id.as_str()));
        let precedence = async {
            // It takes two to collide.
            if assignments.len() < 2 { Ok(Precedence::default()) } else { self.plan_precedence().await }
        };
        let (docs, precedence) = try_join(self.documents(places), precedence).await?;
        Ok((plans::applications(&assignments, &docs, services.as_deref(), precedence), reseller.to_owned()))
    }

    async fn plan_precedence(&self) -> Result<Precedence, store::Error> {
        let settings = self.settings("services").await?;
        let set = |strategy: &str, otherwise: i64| {
            let number = settings.number(&format!("merge_strategy_priority.{strategy}"));
            number.and_then(|number| i64::try_from(number).ok()).unwrap_or(otherwise)
        };
        let usual = Precedence::default();
        Ok(Precedence {
            cumulative: set("cumulative", usual.cumulative),
            recursive: set("recursive", usual.recursive),
            simple: set("simple", usual.simple),
        })
    }

    /// The app documents that an offer takes from other accounts than the master, by id.
    pub(super) async fn vendor_apps(&self, offered: &Object, master_id: &str) -> Result<HashMap<String, Document>, store::Error> {
        let entries = offered.iter().filter(|(_, entry)| apps::is_enabled(entry));
        let places = entries.filter_map(|(id, entry)| Some((apps::vendor(entry, master_id)?, id.as_str())));
        let docs = self.documents(places).await?;
        // A plan may name any document of any account; only apps are anybody else's business.
        let apps = docs.into_iter().filter(|(_, doc)| text(doc, "pvt_type") == Some("app"));
        Ok(apps.map(|((_, id), doc)| (id, doc)).collect())
    }

    /// An app that the account's plans take from another vendor than the master: whose it is, and its document.
    pub async fn vendor_app(&self, account: &Object, app_id: &str) -> Result<Option<(String, Document)>, store::Error> {
        let standing = self.standing(account).await?;
        let Some(master_id) = standing.master_id.as_deref() else {
            return Ok(None);
        };
        let mut offered = self.offer(document::id(account).unwrap_or_default(), &standing).await?;
        offered.retain(|id, _| id == app_id);
        let mut apps = self.vendor_apps(&offered, master_id).await?;
        let owner = offered.get(app_id).and_then(|entry| apps::vendor(entry, master_id));
        Ok(owner.map(str::to_owned).zip(apps.remove(app_id)))
    }

    /// Documents of several accounts, those that there are; each account is asked once.
    async fn documents(&self, places: impl Iterator<Item = (&str, &str)>) -> Result<ByPlace, store::Error> {
        let mut wanted: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        places.for_each(|(account_id, id)| wanted.entry(account_id).or_default().push(id));
        let reads = wanted.into_iter().map(|(account_id, ids)| async move {
            let docs = match names::account_db(account_id) {
                Some(db) => found(self.store.get_many(&db, &ids).await)?.unwrap_or_default(),
                None => Vec::new(),
            };
            let present = ids.into_iter().zip(docs).filter_map(|(id, doc)| Some((id, doc?)));
            let present = present.filter(|(_, doc)| !is_soft_deleted(doc));
            Ok(present.map(|(id, doc)| ((account_id.to_owned(), id.to_owned()), doc)).collect::<Vec<_>>())
        });
        let found: Result<Vec<_>, store::Error> = join_all(reads).await.into_iter().collect();
        Ok(found?.into_iter().flatten().collect())
    }
}
