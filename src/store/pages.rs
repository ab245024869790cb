//! All documents of a database, some at a time, however many there are and however long they are.

use super::{Db, Document, Error, Keys, Query, Row, Store, View, weight};

/// Documents of a first page, and of any page at most.
const FIRST: usize = 100;
const MOST: usize = 500;
/// Bytes in memory that a page is to have, about.
const WEIGHT: usize = 4 << 20;

/// A walk through documents. Each page is one round trip.
///
/// It isn't a snapshot: what is written meanwhile may be met or not. Nothing that stays as it is gets lost or comes twice.
pub struct Pages<'a> {
    store: &'a dyn Store,
    db: Db,
    walk: Walk,
    limit: usize,
    conflicts: bool,
}

enum Walk {
    /// All documents, from this id on.
    All(String),
    /// These, last first.
    Some(Vec<String>),
    Over,
}

impl<'a> Pages<'a> {
    /// Every document with an id above `after`, design documents included, in the order of ids.
    pub fn all(store: &'a dyn Store, db: &Db, after: Option<&str>) -> Self {
        // The least id that is greater: no id holds a zero.
        let start = after.map(|id| format!("{id}\0")).unwrap_or_default();
        Self { store, db: db.clone(), walk: Walk::All(start), limit: FIRST, conflicts: false }
    }

    /// The documents of these ids, in their order; those that aren't there are left out.
    pub fn some(store: &'a dyn Store, db: &Db, mut ids: Vec<String>) -> Self {
        ids.reverse();
        Self { store, db: db.clone(), walk: Walk::Some(ids), limit: FIRST, conflicts: false }
    }

    /// The same with conflicts named, see [`Query::conflicts`]. For a walk through all documents.
    pub fn with_conflicts(self) -> Self {
        Self { conflicts: true, ..self }
    }

    /// The next documents; `None` when there are no more. A page may be empty. After an error the same page is tried again.
    pub async fn next(&mut self) -> Result<Option<Vec<Document>>, Error> {
        let docs: Vec<Document> = match &mut self.walk {
            Walk::Over => return Ok(None),
            Walk::All(_) => {
                let Some(rows) = self.rows(true).await? else { return Ok(None) };
                rows.into_iter().filter_map(|row| row.doc).collect()
            }
            Walk::Some(ids) => {
                let page = ids.get(ids.len().saturating_sub(self.limit)..).unwrap_or_default();
                let page: Vec<&str> = page.iter().rev().map(String::as_str).collect();
                let docs = self.store.get_many(&self.db, &page).await?;
                ids.truncate(ids.len() - page.len());
                if ids.is_empty() {
                    self.walk = Walk::Over;
                }
                docs.into_iter().flatten().collect()
            }
        };
        let weight: usize = docs.iter().map(|doc| weight::object(doc)).sum();
        self.limit = (self.limit * WEIGHT / weight.max(1)).clamp(1, MOST);
        Ok(Some(docs))
    }

    /// The ids of the next documents, where these themselves can't be read. For a walk through all documents.
    pub async fn next_ids(&mut self) -> Result<Option<Vec<String>>, Error> {
        Ok(self.rows(false).await?.map(|rows| rows.into_iter().filter_map(|row| row.id).collect()))
    }

    async fn rows(&mut self, include_docs: bool) -> Result<Option<Vec<Row>>, Error> {
        let Walk::All(start) = &self.walk else { return Ok(None) };
        let keys = Keys::Range { start: Some(start.as_str().into()), end: None, inclusive_end: true };
        let query = Query { keys, limit: Some(self.limit), include_docs, conflicts: self.conflicts, ..Query::default() };
        let rows = self.store.view(&self.db, View::ALL_DOCS, &query).await?;
        self.walk = match rows.last().and_then(|row| row.id.as_ref()) {
            Some(last) if rows.len() == self.limit => Walk::All(format!("{last}\0")),
            _ => Walk::Over,
        };
        Ok(Some(rows))
    }
}
