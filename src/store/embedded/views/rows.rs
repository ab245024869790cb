//! Reading an index's rows.

use rusqlite::{CachedStatement, Connection, OptionalExtension};
use serde_json::Value;

use crate::store::{
    Keys, Query, Row,
    embedded::{collation, documents::Parsed, fault::Fault},
};

/// A view's rows: the index and the view's place in its design document.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) ix: i64,
    pub(super) view: usize,
}

/// A stretch of an index, in terms of encoded keys.
pub(super) struct Span {
    low: Vec<u8>,
    high: Vec<u8>,
    /// The only key in it, where it's for one.
    pub(super) key: Option<Value>,
    descending: bool,
    /// Whether the bound at which the query ends belongs to it.
    inclusive: bool,
}

/// A row as it's stored; JSON.
pub(super) struct Stored<'a> {
    pub(super) id: &'a str,
    pub(super) key: &'a str,
    pub(super) value: &'a str,
}

/// The stretches that a query asks for, in its order.
pub(super) fn spans(query: &Query) -> Vec<Span> {
    let descending = query.descending;
    let exactly = |key: &Value| {
        let sort = collation::encode(key);
        Span { low: sort.clone(), high: sort, key: Some(key.clone()), descending, inclusive: true }
    };
    match &query.keys {
        Keys::All => {
            vec![Span { low: collation::LOWEST.into(), high: collation::HIGHEST.into(), key: None, descending, inclusive: true }]
        }
        Keys::One(key) => vec![exactly(key)],
        Keys::Many(keys) => keys.iter().map(exactly).collect(),
        Keys::Range { start, end, inclusive_end } => {
            let (low, high) = if descending { (end, start) } else { (start, end) };
            let bound = |key: &Option<Value>, open: &[u8]| key.as_ref().map_or(open.to_vec(), collation::encode);
            let (low, high) = (bound(low, collation::LOWEST), bound(high, collation::HIGHEST));
            vec![Span { low, high, key: None, descending, inclusive: *inclusive_end }]
        }
    }
}

impl Span {
    /// Shows every row of the stretch in order, until `visit` has enough and says false.
    pub(super) fn visit(
        &self,
        conn: &Connection,
        place: Place,
        skip: usize,
        mut visit: impl FnMut(Stored<'_>) -> Result<bool, Fault>,
    ) -> Result<(), Fault> {
        let mut statement = self.statement(conn, "id, key, value", true)?;
        let skip = i64::try_from(skip).unwrap_or(i64::MAX);
        let mut rows = statement.query((place.ix, place.view as i64, &self.low, &self.high, skip))?;
        while let Some(row) = rows.next()? {
            let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
            if !visit(Stored { id: text(0)?, key: text(1)?, value: text(2)? })? {
                break;
            }
        }
        Ok(())
    }

    /// How many rows there are, in a view that is reduced by `_count`.
    pub(super) fn count(&self, conn: &Connection, place: Place) -> Result<u64, Fault> {
        if self.key.is_some() {
            let sql = "SELECT count FROM view_counts WHERE ix = ? AND view = ? AND sort = ?";
            let mut statement = conn.prepare_cached(sql)?;
            let count = statement.query_row((place.ix, place.view as i64, &self.low), |row| row.get::<_, i64>(0)).optional()?;
            return Ok(count.unwrap_or(0) as u64);
        }
        let mut statement = self.statement(conn, "count(*)", false)?;
        Ok(statement.query_row((place.ix, place.view as i64, &self.low, &self.high), |row| row.get::<_, i64>(0))? as u64)
    }

    fn statement<'c>(&self, conn: &'c Connection, columns: &str, ordered: bool) -> Result<CachedStatement<'c>, Fault> {
        let (above, below, order) = match (self.descending, self.inclusive) {
            (false, true) => (">=", "<=", "sort, id, nth"),
            (false, false) => (">=", "<", "sort, id, nth"),
            (true, true) => (">=", "<=", "sort DESC, id DESC, nth DESC"),
            (true, false) => (">", "<=", "sort DESC, id DESC, nth DESC"),
        };
        let order = if ordered { format!("ORDER BY {order} LIMIT -1 OFFSET ?5") } else { String::new() };
        let sql = format!(
            "SELECT {columns} FROM view_rows WHERE ix = ?1 AND view = ?2 AND sort {above} ?3 AND sort {below} ?4 {order}"
        );
        Ok(conn.prepare_cached(&sql)?)
    }
}

/// The rows that a query asks for.
pub(super) fn list(conn: &Connection, parsed: &Parsed, db: i64, place: Place, query: &Query) -> Result<Vec<Row>, Fault> {
    let (mut listed, limit, mut skip) = (Vec::new(), query.limit.unwrap_or(usize::MAX), query.skip);
    for span in spans(query) {
        if listed.len() >= limit {
            break;
        }
        // Where there's one stretch only, SQLite skips; else rows are counted across the stretches.
        let (skipped, alone) = if matches!(query.keys, Keys::Many(_)) { (0, false) } else { (skip, true) };
        span.visit(conn, place, skipped, |row| {
            if !alone && skip > 0 {
                skip -= 1;
                return Ok(true);
            }
            let value: Value = serde_json::from_str(row.value)?;
            let doc = match query.include_docs {
                // As it is now: the document that the value names by `_id`, or the one that emitted the row.
                true => parsed.find(conn, db, value.get("_id").and_then(Value::as_str).unwrap_or(row.id))?,
                false => None,
            };
            listed.push(Row { id: Some(row.id.to_owned()), key: serde_json::from_str(row.key)?, value, doc });
            Ok(listed.len() < limit)
        })?;
    }
    Ok(listed)
}
