//! Reading documents.

use rusqlite::{Connection, OptionalExtension, types::ValueRef};

use super::{databases, fault::Fault};
use crate::store::{Db, Document};

/// A live document.
pub(super) fn get(conn: &Connection, db: &Db, id: &str) -> Result<Document, Fault> {
    let sql = "SELECT docs.body FROM databases LEFT JOIN docs ON docs.db = databases.db AND docs.id = ? AND NOT docs.deleted
               WHERE databases.name = ?";
    let mut statement = conn.prepare_cached(sql)?;
    let found = statement.query_row((id, db.as_str()), |row| Ok(parse(row.get_ref(0)?))).optional()?;
    found.ok_or(Fault::NoDatabase)??.ok_or(Fault::NotFound)
}

/// The live ones among several.
pub(super) fn get_many(conn: &Connection, db: &Db, ids: &[&str]) -> Result<Vec<Option<Document>>, Fault> {
    let db = databases::find(conn, db)?;
    ids.iter().map(|id| find(conn, db, id)).collect()
}

/// A live document, if there is one.
pub(super) fn find(conn: &Connection, db: i64, id: &str) -> Result<Option<Document>, Fault> {
    let mut statement = conn.prepare_cached("SELECT body FROM docs WHERE db = ? AND id = ? AND NOT deleted")?;
    let found = statement.query_row((db, id), |row| Ok(parse(row.get_ref(0)?))).optional()?;
    found.unwrap_or(Ok(None))
}

/// A body as it's stored.
pub(super) fn parse(body: ValueRef<'_>) -> Result<Option<Document>, Fault> {
    match body {
        ValueRef::Null => Ok(None),
        ValueRef::Blob(text) => Ok(Some(Document::new(serde_json::from_slice(text)?))),
        _ => Err(Fault::Garbled("a document's body is no blob".into())),
    }
}

/// Whether a live document of that id is there.
pub(super) fn exists(conn: &Connection, db: i64, id: &str) -> Result<bool, Fault> {
    Ok(conn.prepare_cached("SELECT 1 FROM docs WHERE db = ? AND id = ? AND NOT deleted")?.exists((db, id))?)
}
