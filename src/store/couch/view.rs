//! Questions to views and their rows.

use anyhow::anyhow;
use serde::Deserialize;
use serde_json::{Value, json};

use super::fault::{Refusal, Subject};
use crate::store::{Error, Keys, Object, Query, Reduce, Row, View};

/// Whether a query has no rows whatever is stored. CouchDB isn't asked those: no keys would give it all rows.
pub(super) fn is_empty(query: &Query) -> bool {
    matches!(&query.keys, Keys::Many(keys) if keys.is_empty()) || query.limit == Some(0)
}

/// The parameters of a query, as they go in the body of a POST: there is no limit to their length.
pub(super) fn parameters(view: View, query: &Query) -> Object {
    let mut parameters = Object::new();
    let mut say = |name: &str, value: Value| parameters.insert(name.to_owned(), value);
    match &query.keys {
        Keys::All => {}
        Keys::One(key) => _ = say("key", key.clone()),
        Keys::Many(keys) => _ = say("keys", json!(keys)),
        Keys::Range { start, end, inclusive_end } => {
            start.iter().for_each(|start| _ = say("startkey", start.clone()));
            end.iter().for_each(|end| _ = say("endkey", end.clone()));
            if !inclusive_end {
                say("inclusive_end", json!(false));
            }
        }
    }
    if query.descending {
        say("descending", json!(true));
    }
    if let Some(limit) = query.limit {
        say("limit", json!(limit));
    }
    if query.skip > 0 {
        say("skip", json!(query.skip));
    }
    match query.reduce {
        // CouchDB refuses to be told that it isn't to be reduced.
        _ if view == View::ALL_DOCS => {}
        Reduce::No => _ = say("reduce", json!(false)),
        Reduce::All => _ = say("reduce", json!(true)),
        Reduce::Group => _ = say("group", json!(true)),
        Reduce::Level(level) => _ = say("group_level", json!(level)),
    }
    if query.include_docs && query.reduce == Reduce::No {
        say("include_docs", json!(true));
        if query.conflicts {
            say("conflicts", json!(true));
        }
    }
    parameters
}

/// Whether a query is refused only because its range is empty, which isn't an error here.
pub(super) fn is_empty_range(query: &Query, error: &Error) -> bool {
    matches!(query.keys, Keys::Range { .. })
        && matches!(error, Error::Invalid { reason, .. } if reason.starts_with("No rows can match"))
}

/// A view's answer.
#[derive(Deserialize)]
pub(super) struct Answer {
    rows: Vec<Object>,
    error: Option<Value>,
    reason: Option<Value>,
}

impl Answer {
    pub(super) fn into_rows(self, subject: &Subject, view: View, query: &Query) -> Result<Vec<Row>, Error> {
        // The headers have long been sent when a reduce function fails: its error stands in a good answer.
        if let Some(error) = self.error {
            return Err(subject.corrupt(anyhow!("{error}: {}", self.reason.unwrap_or_default())));
        }
        let reduced = query.reduce != Reduce::No;
        let mut rows = Vec::with_capacity(self.rows.len());
        for row in self.rows {
            let failed = if reduced { row.get("value").and_then(Value::as_object).unwrap_or(&row) } else { &row };
            match Refusal::find(failed) {
                Some(refusal) if view == View::ALL_DOCS && refusal.error == "not_found" => {}
                Some(refusal) if !reduced || failed.contains_key("reason") => return Err(subject.corrupt(anyhow!("{refusal}"))),
                _ if view == View::ALL_DOCS && is_tombstone(&row) => {}
                _ => rows.push(read(row)),
            }
        }
        Ok(rows)
    }
}

/// What `_all_docs` says of a deleted document that was asked for by its id.
pub(super) fn is_tombstone(row: &Object) -> bool {
    row.get("value").and_then(|value| value.get("deleted")) == Some(&Value::Bool(true))
}

fn read(mut row: Object) -> Row {
    let id = match row.remove("id") {
        Some(Value::String(id)) => Some(id),
        _ => None,
    };
    let doc = match row.remove("doc") {
        Some(Value::Object(doc)) => Some(doc.into()),
        _ => None,
    };
    Row { id, key: row.remove("key").unwrap_or_default(), value: row.remove("value").unwrap_or_default(), doc }
}
