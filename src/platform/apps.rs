//! Reading what decides about an account's apps. The rules themselves are in [`crate::kazoo::apps`].

use futures_util::future::try_join3;

use super::{Platform, found, names};
use crate::{
    kazoo::{
        account::Standing,
        apps::{self, App, Inputs, PlanMode},
        document::{self, is_soft_deleted, text},
        id,
    },
    store::{self, Document, Object, Query, View, update},
};

mod blacklist;
mod offer;
mod permissions;

use blacklist::Inheritance;

const LISTING: View = View::new("apps_store", "crossbar_listing");

/// The settings of `system_config/apps_store`.
pub struct Choices {
    inheritance: Inheritance,
    plan_mode: PlanMode,
    /// Whether an app that the account may not have can't be had by its id either.
    pub strict_by_id: bool,
    /// Whether a login is told also of the apps that the user may not have.
    pub login_tells_all: bool,
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
            login_tells_all: settings.text("login_apps") == Some("all"),
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
        let account_id = document::id(account).unwrap_or_default();
        let choices = self.app_choices().await?;
        let Some(master_id) = standing.master_id.as_deref() else {
            return Ok(Vec::new());
        };
        let offer = async {
            let offered = self.offer(account_id, standing).await?;
            let vendor_apps = self.vendor_apps(&offered, master_id).await?;
            Ok((offered, vendor_apps))
        };
        let documents = try_join3(
            self.apps_store_of(account),
            self.account_doc(account_id, "whitelabel"),
            self.inherited_blacklist(account, choices.inheritance, standing),
        );
        let (catalogue, (offered, vendor_apps), (apps_store, whitelabel, inherited_blacklist)) =
            try_join3(self.catalogue(master_id), offer, documents).await?;
        let whitelabel = whitelabel.filter(|doc| !is_soft_deleted(doc));
        let ids = catalogue.iter().filter_map(|app| document::id(app)).chain(vendor_apps.keys().map(String::as_str)).collect();
        let overrides = self.overrides(account_id, master_id, ids).await?;
        Ok(apps::apps(&Inputs {
            account_id,
            master_id,
            catalogue: &catalogue,
            offered: &offered,
            vendor_apps: &vendor_apps,
            plan_mode: choices.plan_mode,
            overrides: &overrides,
            apps_store: apps_store.as_deref(),
            inherited_blacklist: &inherited_blacklist,
            whitelabel: whitelabel.as_deref(),
            is_reseller: standing.is_reseller,
            user,
        }))
    }

    /// The app documents of the master account, by name. One that doesn't say whose it is, as happens to those written by hand,
    /// is put right.
    pub async fn catalogue(&self, master_id: &str) -> Result<Vec<Document>, store::Error> {
        let mut apps = self.apps_in(master_id, &Query::default().with_docs()).await?;
        let encoded = id::account_db_encoded(master_id);
        for app in &mut apps {
            if text(app, "pvt_account_id") != Some(master_id) || text(app, "pvt_account_db") != encoded.as_deref() {
                *app = self.claim(app, master_id).await;
            }
        }
        Ok(apps)
    }

    /// Says on an app document that it's the master account's. If that can't be saved, the next reader tries again.
    async fn claim(&self, app: &Document, master_id: &str) -> Document {
        let app_id = document::id(app).unwrap_or_default();
        let claim = |doc: &mut Object| {
            doc.insert("pvt_account_id".into(), master_id.into());
            doc.insert("pvt_account_db".into(), id::account_db_encoded(master_id).into());
        };
        let saved = match names::account_db(master_id) {
            Some(db) => {
                update(self.store.as_ref(), &db, app_id, async |doc: &mut Object| {
                    // It may have been deleted meanwhile.
                    if !doc.contains_key("_rev") {
                        return Err(store::Error::NotFound { db: db.clone(), id: app_id.to_owned() });
                    }
                    claim(doc);
                    Ok(())
                })
                .await
            }
            None => return app.clone(),
        };
        match saved {
            Ok(merged) => merged.doc,
            Err(error) => {
                log::warn!(app_id; "an app document that doesn't say whose it is couldn't be put right: {error}");
                let mut app = (**app).clone();
                claim(&mut app);
                app.into()
            }
        }
    }

    /// The app documents of an account, by name.
    pub async fn apps_of_vendor(&self, account_id: &str) -> Result<Vec<Document>, store::Error> {
        self.apps_in(account_id, &Query::default().with_docs()).await
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
}
