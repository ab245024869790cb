//! Reading documents.

use moka::sync::Cache;
use rusqlite::{Connection, OptionalExtension, types::ValueRef};

use super::{databases, fault::Fault};
use crate::store::{Db, Document};

/// Bytes of JSON whose parsed documents are kept. In memory they take about four times that.
const KEPT: u64 = 12 << 20;
/// A longer document is rare, and would push out many.
const LONGEST: usize = 256 << 10;

/// Databases whose numbers are known.
const NUMBERS: u64 = 10_000;

/// Documents that have been parsed, by database and id. Each is held against the revision in the file at every read, so
/// that it doesn't matter who wrote since, or in which process.
pub(super) struct Parsed {
    documents: Cache<(i64, String), Kept>,
    /// The databases' numbers. A number is never used again, so that an old one finds nothing, and the name is looked up
    /// anew then.
    numbers: Cache<Db, i64>,
}

#[derive(Clone)]
struct Kept {
    rev: String,
    doc: Document,
    bytes: u32,
}

impl Default for Parsed {
    fn default() -> Self {
        let documents = Cache::builder().max_capacity(KEPT).weigher(|_, kept: &Kept| kept.bytes).build();
        Self { documents, numbers: Cache::new(NUMBERS) }
    }
}

impl Parsed {
    /// A live document.
    pub(super) fn get(&self, conn: &Connection, db: &Db, id: &str) -> Result<Document, Fault> {
        let known = self.numbers.get(db);
        if let Some(number) = known
            && let Some(doc) = self.find(conn, number, id)?
        {
            return Ok(doc);
        }
        let number = databases::find(conn, db)?;
        if known == Some(number) {
            return Err(Fault::NotFound);
        }
        self.numbers.insert(db.clone(), number);
        self.find(conn, number, id)?.ok_or(Fault::NotFound)
    }

    /// The live ones among several.
    pub(super) fn get_many(&self, conn: &Connection, db: &Db, ids: &[&str]) -> Result<Vec<Option<Document>>, Fault> {
        let db = databases::find(conn, db)?;
        ids.iter().map(|id| self.find(conn, db, id)).collect()
    }

    /// A live document, if there is one.
    pub(super) fn find(&self, conn: &Connection, db: i64, id: &str) -> Result<Option<Document>, Fault> {
        let mut statement = conn.prepare_cached("SELECT rev, body FROM docs WHERE db = ? AND id = ? AND NOT deleted")?;
        let mut rows = statement.query((db, id))?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let rev = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        let key = (db, id.to_owned());
        if let Some(kept) = self.documents.get(&key).filter(|kept| kept.rev == rev) {
            return Ok(Some(kept.doc));
        }
        // Only now SQLite reads the body.
        let body = row.get_ref(1)?;
        let doc = parse(body)?;
        let length = body.as_bytes().map_or(0, <[u8]>::len);
        if let (Some(doc), 1..=LONGEST) = (&doc, length) {
            self.documents.insert(key, Kept { rev: rev.to_owned(), doc: doc.clone(), bytes: length as u32 });
        }
        Ok(doc)
    }
}

/// A body as it's stored.
pub(super) fn parse(body: ValueRef<'_>) -> Result<Option<Document>, Fault> {
    match body {
        ValueRef::Null => Ok(None),
        ValueRef::Blob(text) => Ok(Some(Document::new(serde_json::from_slice(text)?))),
        _ => Err(Fault::Garbled("a document's body is no blob".into())),
    }
}

/// The text of a live document, if there is one, parsed and not kept.
pub(super) fn read(conn: &Connection, db: i64, id: &str) -> Result<Option<Document>, Fault> {
    let mut statement = conn.prepare_cached("SELECT body FROM docs WHERE db = ? AND id = ? AND NOT deleted")?;
    let found = statement.query_row((db, id), |row| Ok(parse(row.get_ref(0)?))).optional()?;
    found.unwrap_or(Ok(None))
}

/// Whether a live document of that id is there.
pub(super) fn exists(conn: &Connection, db: i64, id: &str) -> Result<bool, Fault> {
    Ok(conn.prepare_cached("SELECT 1 FROM docs WHERE db = ? AND id = ? AND NOT deleted")?.exists((db, id))?)
}
