//! Design documents, understood.

use std::sync::Arc;

use md5::{Digest, Md5};
use moka::sync::Cache;
use rusqlite::{Connection, OptionalExtension};
use serde_json::Value;

use crate::store::{
    Object,
    embedded::{collation, fault::Fault, revision},
};

/// How many different design documents are kept in memory.
const KEPT: u64 = 1024;

/// What a design document says of its views.
pub(super) struct Design {
    /// Stands for what decides about the rows and what is kept beside them: the maps, how keys are encoded, which are counted.
    pub(super) signature: String,
    pub(super) views: Vec<ViewSource>,
}

pub(super) struct ViewSource {
    pub(super) name: String,
    pub(super) map: String,
    pub(super) reduce: Option<String>,
}

impl ViewSource {
    /// Whether the rows of each key are counted when they're indexed.
    pub(super) fn is_counted(&self) -> bool {
        self.reduce.as_deref().is_some_and(|reduce| reduce.trim() == "_count")
    }
}

impl Design {
    /// The views of a design document in JavaScript; those without a map function are passed over.
    pub(super) fn parse(doc: &Object) -> Self {
        let language = doc.get("language").and_then(Value::as_str).unwrap_or("javascript");
        let views = doc.get("views").and_then(Value::as_object).filter(|_| language == "javascript");
        let read = |(name, view): (&String, &Value)| {
            Some(ViewSource { name: name.clone(), map: text(view.get("map")?)?, reduce: view.get("reduce").and_then(text) })
        };
        let views: Vec<_> = views.into_iter().flatten().filter_map(read).collect();
        let mut hash = Md5::new_with_prefix(collation::VERSION);
        for view in &views {
            for part in [&view.name, &view.map] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part);
            }
            if view.is_counted() {
                hash.update("_count");
            }
        }
        Self { signature: revision::hex(&hash.finalize()), views }
    }

    /// A view and its place among the others.
    pub(super) fn view(&self, name: &str) -> Option<(usize, &ViewSource)> {
        self.views.iter().enumerate().find(|(_, view)| view.name == name)
    }
}

/// A source is a string, or an array of its lines.
fn text(source: &Value) -> Option<String> {
    match source {
        Value::String(text) => Some(text.clone()),
        Value::Array(lines) => lines.iter().map(Value::as_str).collect::<Option<Vec<_>>>().map(|lines| lines.join("\n")),
        _ => None,
    }
}

/// Design documents that have been read. A revision says all about the content, so the databases of many accounts share
/// one entry.
pub(super) struct Designs(Cache<(String, String), Arc<Design>>);

impl Default for Designs {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

impl Designs {
    /// The design document of that name (without `_design/`), if there is one.
    pub(super) fn find(&self, conn: &Connection, db: i64, name: &str) -> Result<Option<Arc<Design>>, Fault> {
        let id = format!("_design/{name}");
        let mut statement = conn.prepare_cached("SELECT rev FROM docs WHERE db = ? AND id = ? AND NOT deleted")?;
        let Some(rev) = statement.query_row((db, &id), |row| row.get::<_, String>(0)).optional()? else { return Ok(None) };
        let key = (id, rev);
        if let Some(design) = self.0.get(&key) {
            return Ok(Some(design));
        }
        let Some(doc) = super::super::documents::read(conn, db, &key.0)? else { return Ok(None) };
        let design = Arc::new(Design::parse(&doc));
        self.0.insert(key, Arc::clone(&design));
        Ok(Some(design))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn design(doc: Value) -> Design {
        Design::parse(doc.as_object().unwrap())
    }

    #[test]
    fn only_what_decides_about_the_rows_changes_the_signature() {
        let views = |map: &str, reduce: &str| serde_json::json!({"views": {"v": {"map": map, "reduce": reduce}}});
        let first = design(views("function(doc) {}", "_stats"));
        assert_eq!(first.signature, design(views("function(doc) {}", "_sum")).signature);
        assert_ne!(first.signature, design(views("function(doc) { }", "_stats")).signature);
        assert_ne!(first.signature, design(views("function(doc) {}", "_count")).signature);
    }

    #[test]
    fn a_source_may_be_lines_and_other_languages_have_no_views() {
        let lines = design(serde_json::json!({"views": {"v": {"map": ["a", "b"]}, "lib": {"x": "y"}}}));
        assert_eq!(lines.views.iter().map(|view| view.map.as_str()).collect::<Vec<_>>(), ["a\nb"]);
        assert!(design(serde_json::json!({"language": "query", "views": {"v": {"map": "m"}}})).views.is_empty());
    }
}
