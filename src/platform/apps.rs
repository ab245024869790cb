//! Reading what decides about an account's apps. The rules themselves are in [`crate::kazoo::apps`].

use std::collections::{HashMap, HashSet};

use futures_util::future::{join_all, try_join, try_join3};
use serde_json::Value;

use super::{Platform, found, names};
use crate::{
    kazoo::{
        account::{self, Standing},
        apps::{self, App, Inputs, PlanMode},
        document::{is_soft_deleted, text},
        plans,
    },
    store::{self, Document, Object, Query, View},
};

const LISTING: View = View::new("apps_store", "crossbar_listing");
const OBJECT_PLANS: View = View::new("services", "object_plans");

/// Whose blacklists count for an account, beside its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Inheritance {
    /// Those of all accounts above it, the master excepted.
    #[default]
    Ancestors,
    /// Its reseller's.
    Reseller,
    /// Nobody's.
    None,
}

/// The settings of `system_config/apps_store`.
pub struct Choices {
    inheritance: Inheritance,
    plan_mode: PlanMode,
    /// Whether an app that the account may not have can't be had by its id either.
    pub strict_by_id: bool,
}

impl Platform {
    /// How this installation wants its apps store.
    pub async fn app_choices(&self) -> Result<Choices, store::Error> {
        let settings = self.settings("apps_store").await?;
        Ok(Choices {
            inheritance: match settings.text("blacklist_inheritance") {
                Some("none") => Inheritance::None,
                Some("reseller") => Inheritance::Reseller,
                _ => Inheritance::Ancestors,
            },
            plan_mode: match settings.text("plan_mode") {
                Some("whitelist") => PlanMode::Whitelist,
                _ => PlanMode::Toggle,
            },
            strict_by_id: settings.flag("strict_by_id").unwrap_or(true),
        })
    }

    /// The apps of an account, those it may not have included; for one of its users (id and document) where one is given.
    pub async fn apps_of(&self, account: &Object, user: Option<(&str, Option<&Object>)>) -> Result<Vec<App>, store::Error> {
        self.apps_at(account, &self.standing(account).await?, user).await
    }

    /// [`Platform::apps_of`], where it's known already how the account stands among resellers.
    pub async fn apps_at(
        &self,
        account: &Object,
        standing: &Standing,
        user: Option<(&str, Option<&Object>)>,
    ) -> Result<Vec<App>, store::Error> {
        let account_id = text(account, "_id").unwrap_or_default();
        let choices = self.app_choices().await?;
        let Some(master_id) = standing.master_id.as_deref() else {
            return Ok(Vec::new());
        };
        let reseller_id = standing.reseller_id.as_deref().unwrap_or(master_id);
        let offer = async {
            let own = self.offered(account_id, reseller_id).await?;
            if own.is_empty() && !standing.is_reseller && reseller_id != account_id {
                self.offered(reseller_id, master_id).await
            } else {
                Ok(own)
            }
        };
        let documents = try_join3(
            self.account_doc(account_id, "apps_store"),
            self.account_doc(account_id, "whitelabel"),
            self.inherited_blacklist(account, &choices, reseller_id, master_id),
        );
        let (catalogue, offered, (apps_store, whitelabel, inherited_blacklist)) =
            try_join3(self.catalogue(master_id), offer, documents).await?;
        let apps_store = apps_store.filter(|doc| !is_soft_deleted(doc));
        let whitelabel = whitelabel.filter(|doc| !is_soft_deleted(doc));
        let vendor_apps = self.vendor_apps(&offered, master_id).await?;
        Ok(apps::apps(&Inputs {
            account_id,
            master_id,
            catalogue: &catalogue,
            offered: &offered,
            vendor_apps: &vendor_apps,
            plan_mode: choices.plan_mode,
            apps_store: apps_store.as_deref(),
            inherited_blacklist: &inherited_blacklist,
            whitelabel: whitelabel.as_deref(),
            is_reseller: standing.is_reseller,
            user,
        }))
    }

    /// The app documents of the master account, by name.
    pub async fn catalogue(&self, master_id: &str) -> Result<Vec<Document>, store::Error> {
        self.apps_in(master_id, &Query::default().with_docs()).await
    }

    /// The app documents of an account with this name.
    pub async fn apps_named(&self, account_id: &str, name: &str) -> Result<Vec<Document>, store::Error> {
        self.apps_in(account_id, &Query::key(name).with_docs()).await
    }

    async fn apps_in(&self, account_id: &str, query: &Query) -> Result<Vec<Document>, store::Error> {
        let Some(db) = names::account_db(account_id) else {
            return Ok(Vec::new());
        };
        let rows = found(self.view(&db, LISTING, query).await)?.unwrap_or_default();
        Ok(rows.into_iter().filter_map(|row| row.doc).collect())
    }

    /// What the service plans of an account offer.
    async fn offered(&self, account_id: &str, default_vendor: &str) -> Result<Object, store::Error> {
        let object_plans = async {
            match names::account_db(account_id) {
                Some(db) => found(self.view(&db, OBJECT_PLANS, &Query::default()).await),
                None => Ok(None),
            }
        };
        let (services, object_plans) = try_join(self.services(account_id), object_plans).await?;
        let object_plans: Vec<Value> = object_plans.into_iter().flatten().map(|row| row.value).collect();
        let reseller = plans::reseller_id(services.as_deref()).unwrap_or(default_vendor);
        let assignments = plans::assignments(services.as_deref(), &object_plans, reseller);
        let reads = assignments.iter().map(|plan| async {
            let doc = self.account_doc(&plan.vendor_id, &plan.plan_id).await?;
            Ok::<_, store::Error>(doc.map(|doc| ((plan.vendor_id.clone(), plan.plan_id.clone()), doc)))
        });
        let docs: Result<Vec<_>, _> = join_all(reads).await.into_iter().collect();
        let docs: HashMap<_, _> = docs?.into_iter().flatten().filter(|(_, doc)| !is_soft_deleted(doc)).collect();
        Ok(plans::applications(&assignments, &docs, services.as_deref()))
    }

    /// The app documents that plans take from other accounts than the master.
    async fn vendor_apps(&self, offered: &Object, master_id: &str) -> Result<HashMap<String, Document>, store::Error> {
        let reads = offered.iter().filter_map(|(id, entry)| {
            let vendor = entry.get("vendor_id")?.as_str().filter(|vendor| *vendor != master_id)?;
            Some(async move { Ok::<_, store::Error>((id.clone(), self.account_doc(vendor, id).await?)) })
        });
        let docs: Result<Vec<_>, _> = join_all(reads).await.into_iter().collect();
        Ok(docs?.into_iter().filter_map(|(id, doc)| Some((id, doc.filter(|doc| !is_soft_deleted(doc))?))).collect())
    }

    /// The app ids that accounts above forbid.
    async fn inherited_blacklist(
        &self,
        account: &Object,
        choices: &Choices,
        reseller_id: &str,
        master_id: &str,
    ) -> Result<HashSet<String>, store::Error> {
        let above: Vec<&str> = match choices.inheritance {
            Inheritance::None => Vec::new(),
            Inheritance::Reseller => vec![reseller_id],
            Inheritance::Ancestors => account::tree(account).collect(),
        };
        let reads = above.into_iter().filter(|id| *id != master_id).map(|id| self.account_doc(id, "apps_store"));
        let docs: Result<Vec<_>, _> = join_all(reads).await.into_iter().collect();
        Ok(docs?.iter().flatten().flat_map(|doc| apps::blacklist(doc)).map(str::to_owned).collect())
    }
}
