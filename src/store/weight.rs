//! About what answers take in memory, for caches that are bounded by bytes.

use serde_json::Value;

use super::{Keys, Object, Query, Row};

/// What an entry costs beside its contents: its place in the cache, and pointers to it.
pub(super) const OVERHEAD: usize = 200;

pub(super) fn value(value: &Value) -> usize {
    let inner = match value {
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(self::value).sum(),
        Value::Object(members) => object(members),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    size_of::<Value>() + inner
}

pub(super) fn object(object: &Object) -> usize {
    // Each member has its hash, its name and a place in the index.
    object.iter().map(|(name, member)| 48 + name.len() + value(member)).sum()
}

pub(super) fn rows(rows: &[Row]) -> usize {
    rows.iter().map(row).sum()
}

fn row(row: &Row) -> usize {
    let id = row.id.as_ref().map_or(0, String::len);
    // A document is counted with every answer that holds it, although they may share it.
    size_of::<Row>() + id + value(&row.key) + value(&row.value) + row.doc.as_ref().map_or(0, |doc| object(doc))
}

pub(super) fn query(query: &Query) -> usize {
    match &query.keys {
        Keys::All => 0,
        Keys::One(key) => value(key),
        Keys::Many(keys) => keys.iter().map(value).sum(),
        Keys::Range { start, end, .. } => start.iter().chain(end).map(value).sum(),
    }
}
