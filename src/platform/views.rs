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
use crate::store::{self, Db, Object, Query, Row, View};

/// The member that marks a design document as Storefront's own.
const OWNED: &str = "storefront";

#[derive(RustEmbed)]
#[folder = "couch_views"]
#[include = "*.json"]
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
    Bundled::iter().filter(move |file| file.starts_with(&folder)).filter_map(|file| {
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

impl Platform {
    /// Reads a view; when the database lacks its design document, that is put there first, as Kazoo does.
    pub async fn view(&self, db: &Db, view: View, query: &Query) -> Result<Vec<Row>, store::Error> {
        match self.store.view(db, view, query).await {
            Err(store::Error::NoView { .. }) if self.install_views(db).await? > 0 => self.store.view(db, view, query).await,
            answer => answer,
        }
    }

    /// Puts the design documents of a database's kind there, and brings Storefront's own up to date. Returns how many were
    /// written.
    pub async fn install_views(&self, db: &Db) -> Result<usize, store::Error> {
        let wanted: Vec<Object> = bundled(db).collect();
        let ids: Vec<&str> = wanted.iter().filter_map(|doc| doc.get("_id")?.as_str()).collect();
        if ids.is_empty() {
            return Ok(0);
        }
        let stored = self.store.get_many(db, &ids).await?;
        let mut stale = Vec::new();
        for (mut doc, stored) in wanted.into_iter().zip(stored) {
            if let Some(stored) = stored {
                if stored.get(OWNED) != Some(&Value::Bool(true)) || doc.get("views") == stored.get("views") {
                    continue;
                }
                doc.extend(stored.get("_rev").map(|rev| ("_rev".to_owned(), rev.clone())));
            }
            stale.push(doc);
        }
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

    /// Makes a database if it isn't there, and puts its design documents into it.
    pub async fn ensure_database(&self, db: &Db) -> Result<(), store::Error> {
        match self.store.create_database(db).await {
            Ok(()) | Err(store::Error::DatabaseExists { .. }) => self.install_views(db).await.map(drop),
            Err(error) => Err(error),
        }
    }

    /// The databases that design documents belong into: the system's, and every account's.
    pub async fn databases_with_views(&self) -> Result<Vec<Db>, store::Error> {
        let mut all = names::SYSTEM.to_vec();
        all.extend(self.store.databases(ACCOUNT_PREFIX).await?);
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
