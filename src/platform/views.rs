//! Design documents: which belong into which database, and putting them there.
//!
//! Their views are Kazoo's, by name and shape, so that a database serves both programs. One that is there already is never
//! touched unless Storefront itself put it there: Kazoo would put its own text back, and CouchDB would index all over again.

use rust_embed::RustEmbed;
use serde_json::Value;

use super::{
    Platform,
    names::{self, ACCOUNT_PREFIX},
};
use crate::{
    kazoo::document,
    store::{self, Db, Object, Query, Row, View},
};

/// The member that marks a design document as Storefront's own.
const OWNED: &str = "storefront";

#[derive(RustEmbed)]
#[folder = "couch_views"]
struct Bundled;

/// What a database is, as far as its design documents go: the folder they are in.
fn kind(db: &Db) -> &str {
    match db.as_str().strip_prefix(ACCOUNT_PREFIX) {
        Some(rest) if rest.contains('-') => "modb",
        Some(_) => "account",
        None => db.as_str(),
    }
}

fn bundled(db: &Db) -> impl Iterator<Item = Object> {
    let folder = format!("{}/", kind(db));
    Bundled::iter().filter(move |file| file.starts_with(&folder) && file.ends_with(".json")).filter_map(|file| {
        let mut doc: Object = serde_json::from_slice(&Bundled::get(&file)?.data).ok()?;
        join_lines(&mut doc);
        doc.insert(OWNED.into(), true.into());
        Some(doc)
    })
}

/// Functions are written as arrays of lines, so that they can be read; a database takes one text.
fn join_lines(doc: &mut Object) {
    let views = doc.get_mut("views").and_then(Value::as_object_mut).into_iter().flatten();
    for function in views.filter_map(|(_, view)| view.as_object_mut()).flatten().map(|(_, function)| function) {
        if let Value::Array(lines) = function {
            *function = lines.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n").into();
        }
    }
}

/// A design document that belongs into a database.
pub struct Design {
    pub id: String,
    pub standing: Standing,
    /// As it's to be written, with the revision that it replaces.
    wanted: Object,
}

/// What a database has of a design document that belongs there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Storefront's own, as it's to be.
    Current,
    Missing,
    /// Storefront's own, with these views otherwise than they're to be.
    Outdated(Vec<String>),
    /// Somebody else's, which stays as it is; these of our views it hasn't.
    Foreign {
        lacks: Vec<String>,
    },
}

impl Standing {
    fn of(wanted: &Object, stored: Option<&Object>) -> Self {
        let Some(stored) = stored else { return Self::Missing };
        if stored.get(OWNED) != Some(&Value::Bool(true)) {
            let lacks = views(wanted).filter(|(name, _)| view(stored, name).is_none());
            return Self::Foreign { lacks: lacks.map(|(name, _)| name.clone()).collect() };
        }
        let other = views(wanted).filter(|(name, text)| view(stored, name) != Some(text));
        let gone = views(stored).filter(|(name, _)| view(wanted, name).is_none());
        let differing: Vec<String> = other.chain(gone).map(|(name, _)| name.clone()).collect();
        if differing.is_empty() { Self::Current } else { Self::Outdated(differing) }
    }

    /// Whether [`Platform::install_views`] writes it.
    pub fn is_stale(&self) -> bool {
        matches!(self, Self::Missing | Self::Outdated(_))
    }
}

fn views(doc: &Object) -> impl Iterator<Item = (&String, &Value)> {
    doc.get("views").and_then(Value::as_object).into_iter().flatten()
}

fn view<'a>(doc: &'a Object, name: &str) -> Option<&'a Value> {
    doc.get("views")?.get(name)
}

impl Platform {
    /// Reads a view; when the database lacks its design document, that is put there first, as Kazoo does.
    pub async fn view(&self, db: &Db, view: View, query: &Query) -> Result<Vec<Row>, store::Error> {
        match self.store.view(db, view, query).await {
            Err(store::Error::NoView { .. }) if self.install_views(db).await? > 0 => self.store.view(db, view, query).await,
            answer => answer,
        }
    }

    /// How the design documents of a database's kind stand there. Nothing is changed.
    pub async fn designs(&self, db: &Db) -> Result<Vec<Design>, store::Error> {
        let wanted: Vec<Object> = bundled(db).collect();
        let ids: Vec<&str> = wanted.iter().filter_map(document::id).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let stored = self.store.get_many(db, &ids).await?;
        let designs = wanted.into_iter().zip(stored).map(|(mut wanted, stored)| {
            let standing = Standing::of(&wanted, stored.as_deref());
            let id = document::id(&wanted).unwrap_or_default().to_owned();
            wanted.extend(stored.as_ref().and_then(|doc| doc.get("_rev")).map(|rev| ("_rev".to_owned(), rev.clone())));
            Design { id, standing, wanted }
        });
        Ok(designs.collect())
    }

    /// Puts the design documents of a database's kind there, and brings Storefront's own up to date. Returns how many were
    /// written.
    pub async fn install_views(&self, db: &Db) -> Result<usize, store::Error> {
        let designs = self.designs(db).await?.into_iter();
        let stale: Vec<Object> = designs.filter(|design| design.standing.is_stale()).map(|design| design.wanted).collect();
        if stale.is_empty() {
            return Ok(0);
        }
        let written = self.store.put_many(db, &stale).await?;
        for outcome in &written {
            // Somebody else was faster with the same text.
            if let Err(error) = outcome
                && !matches!(error, store::Error::Conflict { .. })
            {
                log::warn!("a design document wasn't written: {error}");
            }
        }
        Ok(written.iter().filter(|outcome| outcome.is_ok()).count())
    }

    /// Makes a database if it isn't there, and puts its design documents into it. Returns how many were written.
    pub async fn ensure_database(&self, db: &Db) -> Result<usize, store::Error> {
        match self.store.create_database(db).await {
            Ok(()) | Err(store::Error::DatabaseExists { .. }) => self.install_views(db).await,
            Err(error) => Err(error),
        }
    }

    /// The databases that design documents belong into: the system's, and every account's.
    pub async fn databases_with_views(&self) -> Result<Vec<Db>, store::Error> {
        let mut all: Vec<Db> = names::SYSTEM.into_iter().cloned().collect();
        all.extend(self.store.databases(ACCOUNT_PREFIX).await?);
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_storefronts_own_are_brought_up_to_date() {
        let object = |value: Value| value.as_object().cloned().unwrap();
        let wanted = object(json!({ "views": { "a": { "map": "1" }, "b": { "map": "2" } } }));
        let own = |views: Value| object(json!({ "storefront": true, "views": views }));
        let foreign = |views: Value| object(json!({ "views": views }));
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        for (stored, standing) in [
            (None, Standing::Missing),
            (Some(own(wanted["views"].clone())), Standing::Current),
            (Some(own(json!({ "a": { "map": "0" }, "c": {} }))), Standing::Outdated(names(&["a", "b", "c"]))),
            (Some(foreign(json!({ "a": { "map": "0" }, "b": {}, "c": {} }))), Standing::Foreign { lacks: Vec::new() }),
            (Some(foreign(json!({ "b": {} }))), Standing::Foreign { lacks: names(&["a"]) }),
            (Some(foreign(json!(3))), Standing::Foreign { lacks: names(&["a", "b"]) }),
        ] {
            assert_eq!(Standing::of(&wanted, stored.as_ref()), standing);
        }
    }

    #[test]
    fn every_kind_of_database_that_views_are_read_from_has_its_design_documents() {
        for (db, design) in [
            ("accounts", "_design/accounts"),
            ("account/22/22/2222222222222222222222222222", "_design/users"),
            ("account/22/22/2222222222222222222222222222", "_design/apps_store"),
        ] {
            let db = Db::parse(db).unwrap();
            let doc = bundled(&db).find(|doc| doc.get("_id").is_some_and(|id| id == design)).unwrap();
            let views = doc.get("views").and_then(Value::as_object).unwrap();
            assert!(views.values().all(|view| view.get("map").is_some_and(Value::is_string)), "{design}");
        }
        assert_eq!(kind(&Db::parse("account/22/22/2222222222222222222222222222-202611").unwrap()), "modb");
    }
}
