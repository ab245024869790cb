//! Applications: the catalogue of Kazoo 5.4 in which every entry has a type, and which of them an account and its users have.
//!
//! Everything that has a say is handed in; nothing is read here. In this order, a later word counting more: the master account's
//! documents, the reseller's, the reseller's blocklist, the service plan; and of what is offered then, an account has what it
//! has activated by an entitlement.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use serde_json::Value;

use super::{
    document::{self, Object, is_private, is_soft_deleted, text},
    pictures::{self, Kind, Place, names, set_names},
};

/// A metadata document's `pvt_type`.
pub const TYPE: &str = "application";

/// A kind of document that says something about one application of an account's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// A reseller withholds it from its accounts.
    Blocklist,
    /// An account has activated it, for whom it says.
    Entitlement,
}

impl Ruling {
    /// Its `pvt_type`, which is also its schema.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blocklist => "application_blocklist",
            Self::Entitlement => "application_entitlement",
        }
    }

    /// The id of the document about an application.
    pub fn id(self, app_id: &str, app_type: &str) -> String {
        let word = match self {
            Self::Blocklist => "blocklist",
            Self::Entitlement => "entitlement",
        };
        format!("{app_id}_{app_type}_{word}")
    }

    /// Completes what a client sent about an application. Users may be ids or objects with one.
    pub fn complete(self, data: &mut Object, app_id: &str, app_type: &str) {
        data.insert("app_id".into(), app_id.into());
        data.insert("app_type".into(), app_type.into());
        if self == Self::Entitlement && text(data, "type") == Some("specific") {
            let users = data.entry("users").or_insert_with(|| Value::Array(Vec::new()));
            for user in users.as_array_mut().into_iter().flatten() {
                if let Some(id) = user.get("id").filter(|id| id.is_string()).cloned() {
                    *user = id;
                }
            }
        }
    }
}

/// Whether a document is the metadata of an application, and of this type where one is named.
pub fn is_application(doc: &Object, app_type: Option<&str>) -> bool {
    let typed = app_type.is_none_or(|wanted| text(doc, "type") == Some(wanted));
    text(doc, "pvt_type") == Some(TYPE) && typed && !is_soft_deleted(doc)
}

/// Whether this is a UUID as RFC 4122 writes them: the ids of applications are.
pub fn is_uuid(text: &str) -> bool {
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_hexdigit());
    text.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && text.split('-').all(digits)
}

/// Everything that decides about an account's applications of one type.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// The master account's documents.
    pub master: &'a [Arc<Object>],
    /// The reseller's, where it isn't the master.
    pub reseller: &'a [Arc<Object>],
    /// Ids on the reseller's blocklist.
    pub blocked: &'a HashSet<String>,
    /// The service plans' `applications`, by id.
    pub offered: &'a Object,
    /// The account's entitlements, by application id.
    pub entitlements: &'a HashMap<String, Arc<Object>>,
    /// For whom: one of its users, by id and document, or (`None`) whoever activates its applications. The latter is also
    /// shown what isn't activated.
    pub user: Option<(&'a str, &'a Object)>,
}

/// The applications, as their documents are to be shown: the master's, then the reseller's own.
pub fn available(inputs: &Inputs<'_>) -> Vec<Object> {
    catalogue(inputs).into_iter().filter_map(|app| decided(app, inputs)).collect()
}

/// The documents of master and reseller together. The reseller may change how the master's look, not whether they are offered.
fn catalogue(inputs: &Inputs<'_>) -> Vec<Object> {
    let mut own: Vec<&Arc<Object>> = inputs.reseller.iter().collect();
    let mut apps: Vec<Object> = Vec::with_capacity(inputs.master.len() + own.len());
    let changed: HashMap<&str, &Arc<Object>> = own.iter().filter_map(|doc| Some((document::id(doc)?, *doc))).collect();
    for app in inputs.master {
        let mut app = (**app).clone();
        if let Some(theirs) = document::id(&app).and_then(|id| changed.get(id)) {
            let published = is_published(&app);
            app = merged(&app, theirs);
            app.insert("published".into(), published.into());
        }
        apps.push(app);
    }
    let known: HashSet<&str> = inputs.master.iter().filter_map(|doc| document::id(doc)).collect();
    own.retain(|doc| document::id(doc).is_some_and(|id| !known.contains(id)));
    apps.extend(own.into_iter().map(|doc| (**doc).clone()));
    apps
}

/// An application's document with another's public members over its own.
pub fn merged(app: &Object, over: &Object) -> Object {
    let mut merged = app.clone();
    let public: Object =
        over.iter().filter(|(key, _)| !is_private(key)).map(|(key, value)| (key.clone(), value.clone())).collect();
    document::merge(&mut merged, &public);
    merged
}

fn is_published(app: &Object) -> bool {
    app.get("published") != Some(&Value::Bool(false))
}

/// An application as the account has it, unless it hasn't.
fn decided(mut app: Object, inputs: &Inputs<'_>) -> Option<Object> {
    let id = document::id(&app)?;
    let word = inputs.offered.get(id).and_then(|entry| entry.get("publish"));
    let offered = match word {
        Some(Value::Bool(allowed)) => *allowed,
        Some(word) if word == "allow" => true,
        Some(word) if word == "block" => false,
        _ => is_published(&app) && !inputs.blocked.contains(id),
    };
    let has = offered && inputs.entitlements.get(id).is_some_and(|told| is_entitled(told, inputs.user));
    app.insert("published".into(), has.into());
    (has || offered && inputs.user.is_none()).then_some(app)
}

fn is_entitled(entitlement: &Object, user: Option<(&str, &Object)>) -> bool {
    match (text(entitlement, "type"), user) {
        (Some("all"), _) => true,
        (Some("admins"), Some((_, user))) => text(user, "priv_level") == Some("admin"),
        (Some("specific"), Some((id, _))) => {
            entitlement.get("users").and_then(Value::as_array).into_iter().flatten().any(|user| user == id)
        }
        _ => false,
    }
}

/// Names a new picture: the icon, or the last of the screenshots. Returns the names that stand there no longer.
pub fn add_picture(doc: &mut Object, kind: Kind, place: Place<'_>, name: &str) -> Vec<String> {
    let before: Vec<String> = names(doc, place, kind).into_iter().filter(|known| *known != name).map(str::to_owned).collect();
    let (mut all, gone) = match kind {
        Kind::Icon => (Vec::new(), before),
        Kind::Screenshot => (before, Vec::new()),
    };
    all.push(name.to_owned());
    set_names(doc, place, kind, all);
    gone
}

/// Takes a picture's name out of exactly this place; of screenshots the one that `wanted` says, by number or name. `None` when
/// it isn't there.
pub fn remove_picture(doc: &mut Object, kind: Kind, place: Place<'_>, wanted: &str) -> Option<String> {
    let all = names(doc, place, kind);
    let name = match kind {
        Kind::Icon => all.first().copied(),
        Kind::Screenshot => pictures::pick(&all, wanted),
    }?
    .to_owned();
    let rest = all.into_iter().filter(|known| *known != name).map(str::to_owned).collect();
    set_names(doc, place, kind, rest);
    Some(name)
}

#[cfg(test)]
mod tests;
