//! The audit trail: every document keeps who changed what in it, written together with the change, so that neither is ever
//! there without the other.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Rest;

/// Entries that a document keeps itself; the older half of more is put aside first.
const KEPT: usize = 200;

/// Who does something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub enum Who {
    Customer { account_id: String, user_id: String },
    Cluster { account_id: String, cluster_id: String },
    Vendor { vendor_id: String },
    Staff,
}

/// Who does something, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub who: Who,
    /// `None` on the command line.
    pub ip: Option<String>,
}

/// A change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub who: Who,
    pub when: u64,
    pub ip: Option<String>,
    pub what: String,
    /// The members that changed, as they were.
    pub before: Rest,
    /// The members that changed, as they are.
    pub after: Rest,
}

/// Members that nobody changes on purpose, or mustn't read.
fn is_passed_over(key: &str) -> bool {
    key.starts_with('_') || key == "trail" || key == "last_seen" || key.ends_with("_hash")
}

/// The entry for a change of a document; `None` when nothing that counts has changed.
pub fn entry(before: &Rest, after: &Rest, actor: &Actor, what: &str, now: u64) -> Option<Entry> {
    let changed = |one: &Rest, other: &Rest| -> Rest {
        let differing = one.iter().filter(|(key, value)| !is_passed_over(key) && other.get(*key) != Some(value));
        differing.map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    let entry = Entry {
        who: actor.who.clone(),
        when: now,
        ip: actor.ip.clone(),
        what: what.to_owned(),
        before: changed(before, after),
        after: changed(after, before),
    };
    (!entry.before.is_empty() || !entry.after.is_empty()).then_some(entry)
}

/// Adds an entry to a document's trail.
pub fn add(doc: &mut Rest, entry: &Entry) {
    if let (Value::Array(trail), Ok(entry)) =
        (doc.entry("trail").or_insert_with(|| Value::Array(Vec::new())), serde_json::to_value(entry))
    {
        trail.push(entry);
    }
}

/// Takes the older half out of a trail that has become long, and says how many entries had been put aside before.
pub fn overflow(doc: &mut Rest) -> Option<(u64, Vec<Value>)> {
    let trail = doc.get_mut("trail")?.as_array_mut()?;
    if trail.len() < KEPT {
        return None;
    }
    let older: Vec<Value> = trail.drain(..KEPT / 2).collect();
    let before = doc.get("trail_aside").and_then(Value::as_u64).unwrap_or(0);
    doc.insert("trail_aside".into(), (before + older.len() as u64).into());
    Some((before, older))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Rest {
        value.as_object().cloned().unwrap()
    }

    fn staff() -> Actor {
        Actor { who: Who::Staff, ip: Some("192.0.2.1".into()) }
    }

    /// R42
    #[test]
    fn an_entry_has_what_changed_and_no_secret() {
        let before = object(json!({"_rev": "1-a", "state": "draft", "name": "A", "link_token_hash": "x", "gone": 1}));
        let after = object(json!({"_rev": "2-b", "state": "under_review", "name": "A", "link_token_hash": "y"}));
        let entry = entry(&before, &after, &staff(), "submit", 5).unwrap();
        assert_eq!(Value::Object(entry.before), json!({"state": "draft", "gone": 1}));
        assert_eq!(Value::Object(entry.after), json!({"state": "under_review"}));
        assert_eq!((entry.when, entry.ip.as_deref(), entry.who), (5, Some("192.0.2.1"), Who::Staff));
    }

    #[test]
    fn nothing_that_counts_is_no_entry() {
        let (before, after) = (object(json!({"_rev": "1-a", "last_seen": 1})), object(json!({"_rev": "2-b", "last_seen": 2})));
        assert_eq!(entry(&before, &after, &staff(), "seen", 5), None);
    }

    #[test]
    fn a_long_trail_is_put_aside_by_half() {
        let mut doc = Rest::new();
        let line = entry(&Rest::new(), &object(json!({"a": 1})), &staff(), "x", 1).unwrap();
        for _ in 0..KEPT {
            assert!(overflow(&mut doc).is_none());
            add(&mut doc, &line);
        }
        let (before, older) = overflow(&mut doc).unwrap();
        assert_eq!((before, older.len()), (0, KEPT / 2));
        assert_eq!(doc["trail"].as_array().unwrap().len(), KEPT / 2);
        assert_eq!(doc["trail_aside"], json!(KEPT / 2));
    }
}
