//! Which apps an account has, and what is shown of them.
//!
//! Everything that has a say is handed in; nothing is read here. In this order, a later word counting more: the master account's
//! catalogue, the service plan, the account's overrides of texts and pictures, its own permissions and the blacklists, the whitelabel document, being the master.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;

use super::document::{self, Object, flag, is_true, text};

pub mod overrides;

/// Whose word an app's being published rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    MasterAccount,
    VendorAccount,
    ServicePlan,
    AppStore,
    Blacklist,
    HidePort,
    SuperAdmin,
}

impl Authority {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MasterAccount => "master_account",
            Self::VendorAccount => "vendor_account",
            Self::ServicePlan => "service_plan",
            Self::AppStore => "app_store",
            Self::Blacklist => "app_store_blacklist",
            Self::HidePort => "whitelabel_hide_port",
            Self::SuperAdmin => "super_admin",
        }
    }
}

/// What a service plan that lists some apps means for the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlanMode {
    /// Nothing: a plan only switches the apps it names.
    #[default]
    Toggle,
    /// They can't be had.
    Whitelist,
}

/// Everything that decides about an account's apps.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    pub account_id: &'a str,
    pub master_id: &'a str,
    /// The master account's app documents, by name.
    pub catalogue: &'a [Arc<Object>],
    /// The service plans' `applications`, by app id, the reseller's when the account has none.
    pub offered: &'a Object,
    /// App documents out of other vendors' databases that `offered` names, by id.
    pub vendor_apps: &'a HashMap<String, Arc<Object>>,
    pub plan_mode: PlanMode,
    /// The account's [`overrides`], by app id.
    pub overrides: &'a HashMap<String, Arc<Object>>,
    /// The account's `apps_store` document.
    pub apps_store: Option<&'a Object>,
    /// App ids on the blacklists of accounts above.
    pub inherited_blacklist: &'a HashSet<String>,
    /// The account's whitelabel document.
    pub whitelabel: Option<&'a Object>,
    pub is_reseller: bool,
    /// For whom, if for one user: his id and document.
    pub user: Option<(&'a str, Option<&'a Object>)>,
}

/// An app as one account has it.
#[derive(Clone, Debug)]
pub struct App {
    /// The app document, the account's permission merged over it.
    pub doc: Arc<Object>,
    /// The account whose database holds the document.
    pub owner: String,
    pub authority: Authority,
    /// What a rule said; the document's own word counts where none did.
    published: Option<bool>,
}

impl App {
    pub fn id(&self) -> &str {
        text(&self.doc, "_id").unwrap_or_default()
    }

    pub fn name(&self) -> &str {
        text(&self.doc, "name").unwrap_or_default()
    }

    /// Whether the account may have it.
    pub fn is_published(&self) -> bool {
        self.published.unwrap_or_else(|| self.doc.get("published").is_none_or(|word| word.is_null() || is_true(word)))
    }

    fn say(&mut self, published: bool, authority: Authority) {
        self.published = Some(published);
        self.authority = authority;
    }
}

/// The apps of an account, those it may not have included; vendors' first, then the catalogue.
pub fn apps(inputs: &Inputs<'_>) -> Vec<App> {
    let mut apps = offered(inputs);
    overrides::apply(&mut apps, inputs.overrides);
    let own: HashSet<&str> = inputs.apps_store.into_iter().flat_map(blacklist).collect();
    for app in &mut apps {
        if own.contains(app.id()) || inputs.inherited_blacklist.contains(app.id()) {
            app.say(false, Authority::Blacklist);
        } else if let Some(apps_store) = inputs.apps_store {
            permit(app, inputs, apps_store);
        }
    }
    if !inputs.is_reseller && inputs.whitelabel.is_some_and(|doc| flag(doc, "hide_port")) {
        apps.iter_mut().filter(|app| app.name() == "port").for_each(|app| app.say(false, Authority::HidePort));
    }
    if inputs.account_id == inputs.master_id {
        apps.iter_mut().for_each(|app| app.say(true, Authority::SuperAdmin));
    }
    apps
}

/// Whether a plan's entry for an app switches it on; one that doesn't say does.
pub fn is_enabled(entry: &Value) -> bool {
    entry.get("enabled").is_none_or(is_true)
}

/// The account that a plan's entry takes an app from, where it isn't the master.
pub fn vendor<'a>(entry: &'a Value, master_id: &str) -> Option<&'a str> {
    entry.get("vendor_id").and_then(Value::as_str).filter(|vendor| *vendor != master_id)
}

/// Catalogue and vendors' apps, as the service plan has them. A vendor's takes the place of one of the same id in the catalogue.
fn offered(inputs: &Inputs<'_>) -> Vec<App> {
    let mut apps: Vec<App> = Vec::new();
    let entries = inputs.offered.iter().filter(|(_, entry)| is_enabled(entry));
    for (owner, doc) in entries.filter_map(|(id, entry)| Some((vendor(entry, inputs.master_id)?, inputs.vendor_apps.get(id)?))) {
        apps.push(App { doc: doc.clone(), owner: owner.to_owned(), authority: Authority::VendorAccount, published: None });
    }
    apps.reverse();
    let taken: HashSet<String> = apps.iter().map(|app| app.id().to_owned()).collect();
    let catalogue = inputs.catalogue.iter().filter(|doc| !text(doc, "_id").is_some_and(|id| taken.contains(id)));
    apps.extend(catalogue.map(|doc| App {
        doc: doc.clone(),
        owner: inputs.master_id.to_owned(),
        authority: Authority::MasterAccount,
        published: None,
    }));
    for app in &mut apps {
        match (inputs.offered.get(app.id()), inputs.plan_mode) {
            (Some(entry), PlanMode::Whitelist) => app.say(is_enabled(entry), Authority::ServicePlan),
            (Some(entry), PlanMode::Toggle) if entry.get("enabled").is_some() => {
                app.say(is_enabled(entry), Authority::ServicePlan)
            }
            (None, PlanMode::Whitelist) if !inputs.offered.is_empty() => app.say(false, Authority::ServicePlan),
            _ => {}
        }
    }
    apps
}

/// The account's own permission.
fn permit(app: &mut App, inputs: &Inputs<'_>, apps_store: &Object) {
    let permission = apps_store.get("apps").and_then(|apps| apps.get(app.id())).and_then(Value::as_object);
    let Some(permission) = permission.filter(|permission| !permission.is_empty()) else {
        return;
    };
    let authorized = inputs.user.is_none_or(|(id, doc)| is_permitted(permission, id, doc));
    match (authorized, app.is_published()) {
        (true, true) => app.say(true, Authority::AppStore),
        (true, false) => app.published = Some(false),
        (false, _) => app.say(false, Authority::AppStore),
    }
    let mut merged = (*app.doc).clone();
    // It has the name that the app had when it was installed, which may be another by now.
    let public: Object = permission
        .iter()
        .filter(|(key, _)| !document::is_private(key) && *key != "name")
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    document::merge(&mut merged, &public);
    app.doc = merged.into();
}

/// Whether a permission covers a user. `users` may hold ids or objects with an `id`.
pub fn is_permitted(permission: &Object, user_id: &str, user: Option<&Object>) -> bool {
    match text(permission, "allowed_users").unwrap_or("specific") {
        "all" => true,
        "admins" => user.is_some_and(|user| text(user, "priv_level") == Some("admin")),
        "specific" => permission
            .get("users")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .any(|entry| entry == user_id || entry.get("id").is_some_and(|id| id == user_id)),
        _ => false,
    }
}

/// The ids on an `apps_store` document's own blacklist.
pub fn blacklist(apps_store: &Object) -> impl Iterator<Item = &str> {
    apps_store.get("blacklist").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// An app in a list: Kazoo 5.0's members, and what Monster UI's app exchange shows besides. Written straight from the
/// document, without a copy.
pub struct ListItem<'a>(pub &'a App);

/// Members that are shown as they stand in the document, where they do.
const SHOWN: [&str; 9] = ["phase", "extends", "icon", "author", "version", "license", "price", "screenshots", "urls"];

impl Serialize for ListItem<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(app) = self;
        let own = |key: &str| app.doc.get(key).filter(|value| !value.is_null());
        let none = Value::Array(Vec::new());
        let mut item = serializer.serialize_map(None)?;
        let mut put = |key: &str, value: Option<&Value>| value.map_or(Ok(()), |value| item.serialize_entry(key, value));
        put("id", own("_id"))?;
        put("name", own("name"))?;
        put("i18n", own("i18n"))?;
        put("tags", own("tags").or(Some(&none)))?;
        put("api_url", own("api_url"))?;
        put("source_url", own("source_url"))?;
        put("account_id", Some(&app.owner.as_str().into()))?;
        put("users", own("users").or(Some(&none)))?;
        put("allowed_users", own("allowed_users"))?;
        put("masqueradable", own("masqueradable").or(Some(&Value::Bool(true))))?;
        for key in SHOWN {
            put(key, own(key))?;
        }
        put("authority", Some(&app.authority.as_str().into()))?;
        put("published", Some(&app.is_published().into()))?;
        item.end()
    }
}

/// An app by itself: all public members of its document, and where it comes from.
pub fn shown(app: &App) -> Value {
    let mut shown = document::public(&app.doc);
    let id = shown.shift_remove("id");
    shown.insert("authority".into(), app.authority.as_str().into());
    if let Some(published) = app.published {
        shown.insert("published".into(), published.into());
    }
    shown.insert("account_id".into(), app.owner.as_str().into());
    shown.extend(id.map(|id| ("id".to_owned(), id)));
    Value::Object(shown)
}

/// An app in a login's answer; its label is the first there is in these languages.
pub fn login_item(app: &App, languages: &[&str]) -> Value {
    let label = languages.iter().find_map(|language| app.doc.get("i18n")?.get(*language)?.get("label").cloned());
    let members = [
        ("id", app.doc.get("_id").cloned()),
        ("name", app.doc.get("name").cloned()),
        ("api_url", app.doc.get("api_url").cloned()),
        ("source_url", app.doc.get("source_url").cloned()),
        ("label", label),
    ];
    Value::Object(members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect())
}

#[cfg(test)]
mod tests;
