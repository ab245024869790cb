//! `_all_docs`: the view that needs no index. Its keys are ids, in the order of their bytes.

use rusqlite::{Connection, Row as SqlRow};
use serde_json::{Value, json};

use crate::store::{
    Db, Keys, Query, Reduce, Row,
    embedded::{databases, documents, fault::Fault},
};

/// Local documents have no `seq`.
const SELECT: &str = "SELECT id, rev, body FROM docs WHERE db = ? AND NOT deleted AND seq IS NOT NULL";

pub(super) fn query(conn: &Connection, db: &Db, query: &Query) -> Result<Vec<Row>, Fault> {
    if query.reduce != Reduce::No {
        return Err(Fault::invalid("_all_docs can't be reduced"));
    }
    let conn = conn.unchecked_transaction()?;
    let db = databases::find(&conn, db)?;
    match &query.keys {
        Keys::All => range(&conn, db, query, None, None, true),
        Keys::Range { start, end, inclusive_end } => range(&conn, db, query, start.as_ref(), end.as_ref(), *inclusive_end),
        Keys::One(key) => some(&conn, db, query, std::slice::from_ref(key)),
        Keys::Many(keys) => some(&conn, db, query, keys),
    }
}

fn some(conn: &Connection, db: i64, query: &Query, keys: &[Value]) -> Result<Vec<Row>, Fault> {
    let mut statement = conn.prepare_cached(&format!("{SELECT} AND id = ?"))?;
    let (mut listed, mut skip) = (Vec::new(), query.skip);
    for id in keys.iter().filter_map(Value::as_str) {
        let mut rows = statement.query((db, id))?;
        let Some(found) = rows.next()? else { continue };
        if skip > 0 {
            skip -= 1;
        } else if query.limit.is_none_or(|limit| listed.len() < limit) {
            listed.push(row(found, query)?);
        }
    }
    Ok(listed)
}

fn range(
    conn: &Connection,
    db: i64,
    query: &Query,
    start: Option<&Value>,
    end: Option<&Value>,
    inclusive: bool,
) -> Result<Vec<Row>, Fault> {
    let (low, high) = if query.descending { (end, start) } else { (start, end) };
    let (above, below, order) = match (query.descending, inclusive) {
        (false, true) => (">=", "<=", "ASC"),
        (false, false) => (">=", "<", "ASC"),
        (true, true) => (">=", "<=", "DESC"),
        (true, false) => (">", "<=", "DESC"),
    };
    let mut sql = format!("{SELECT} AND id {above} ?");
    let high = high.and_then(bound);
    if high.is_some() {
        sql += &format!(" AND id {below} ?");
    }
    sql += &format!(" ORDER BY id {order} LIMIT ? OFFSET ?");
    let mut statement = conn.prepare_cached(&sql)?;
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let (limit, skip) = (query.limit.map_or(-1, number), number(query.skip));
    let low = low.map_or("", |low| bound(low).unwrap_or(BEYOND));
    let mut rows = match high {
        Some(high) => statement.query((db, low, high, limit, skip))?,
        None => statement.query((db, low, limit, skip))?,
    };
    let mut listed = Vec::new();
    while let Some(found) = rows.next()? {
        listed.push(row(found, query)?);
    }
    Ok(listed)
}

/// Above every id.
const BEYOND: &str = "\u{10ffff}\u{10ffff}";

/// A bound as an id: what collates before all strings is before all ids; `None` is after all of them.
fn bound(key: &Value) -> Option<&str> {
    match key {
        Value::String(id) => Some(id),
        Value::Array(_) | Value::Object(_) => None,
        _ => Some(""),
    }
}

fn row(found: &SqlRow<'_>, query: &Query) -> Result<Row, Fault> {
    let (id, rev): (String, String) = (found.get(0)?, found.get(1)?);
    let doc = if query.include_docs { documents::parse(found.get_ref(2)?)? } else { None };
    Ok(Row { key: id.clone().into(), id: Some(id), value: json!({ "rev": rev }), doc })
}
