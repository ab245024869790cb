//! What is told of a change, in Kazoo's words: the body and the routing key of a message.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::{
    kazoo::{
        document::{flag, text},
        id,
    },
    store::{Db, Object},
};

/// Types of documents that nobody caches and that are written too often.
const UNTOLD: [&str; 7] =
    ["audit_log", "cdr", "ledger", "login_attempt", "notify_smtp_log", "pivot_debug", "storefront_exclusive"];

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Created,
    Edited,
    Deleted,
}

/// A change that others should hear of.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    event: String,
    routing_key: String,
    /// What is told, but for what the sender says of himself.
    body: Value,
}

impl Change {
    fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Edited => "edited",
            Self::Deleted => "deleted",
        }
    }

    /// What a write makes of a document: a soft deletion is a deletion to everybody else.
    pub fn of(doc: &Object) -> Self {
        if flag(doc, "pvt_deleted") || flag(doc, "_deleted") {
            Self::Deleted
        } else if doc.contains_key("_rev") {
            Self::Edited
        } else {
            Self::Created
        }
    }
}

impl Notice {
    /// That a document changed, which has this revision now; `None` for what nobody wants to know. Of `doc` only what says
    /// whose it is counts, which may be from before.
    pub fn of_document(change: Change, db: &Db, id: &str, rev: &str, doc: &Object) -> Option<Self> {
        let kind = text(doc, "pvt_type").unwrap_or("undefined");
        if id.starts_with('_') || UNTOLD.contains(&kind) {
            return None;
        }
        let database = encoded(db);
        let event = format!("doc_{}", change.word());
        let mut body = json!({
            "ID": id, "Database": database, "Type": kind, "Rev": rev,
            "Is-Soft-Deleted": flag(doc, "pvt_deleted"),
        });
        let told = [("Account-ID", "pvt_account_id"), ("Date-Created", "pvt_created"), ("Date-Modified", "pvt_modified")];
        for (name, key) in told {
            if let Some(value) = doc.get(key) {
                body[name] = value.clone();
            }
        }
        Some(Self { routing_key: routing_key(&event, &database, kind, id), event, body })
    }

    /// That a database was made or is gone.
    pub fn of_database(change: Change, db: &Db) -> Self {
        let (database, event) = (encoded(db), format!("db_{}", change.word()));
        let body = json!({ "ID": database, "Database": database, "Type": "database" });
        Self { routing_key: routing_key(&event, &database, "database", &database), event, body }
    }

    pub fn routing_key(&self) -> &str {
        &self.routing_key
    }

    /// The message, from a node of this name. Kazoo passes over what its own node says, so that it has to be another.
    pub fn message(&self, node: &str) -> Vec<u8> {
        let mut message = self.body.clone();
        for (name, value) in [
            ("Event-Category", "configuration"),
            ("Event-Name", &self.event),
            ("App-Name", env!("CARGO_PKG_NAME")),
            ("App-Version", env!("CARGO_PKG_VERSION")),
            ("Node", node),
            ("Msg-ID", &id::new_id()),
        ] {
            message[name] = value.into();
        }
        message.to_string().into_bytes()
    }
}

fn encoded(db: &Db) -> String {
    db.as_str().replace('/', "%2F").replace('+', "%2B")
}

/// Only the last part may have dots in it, which would part words; it's escaped for that.
fn routing_key(event: &str, database: &str, kind: &str, id: &str) -> String {
    let mut key = format!("{event}.{database}.{kind}.");
    for byte in id.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'~' | b'_' => key.push(byte.into()),
            b' ' => key.push('+'),
            // Writing to a string can't fail.
            _ => _ = write!(key, "%{byte:02X}"),
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doc(doc: Value) -> Object {
        doc.as_object().cloned().unwrap()
    }

    #[test]
    fn an_edited_document_is_told_as_kazoo_tells_it() {
        let user = doc(json!({
            "_rev": "1-a", "pvt_type": "user", "pvt_account_id": "0a", "pvt_created": 5, "pvt_modified": 7, "password": "x",
        }));
        assert_eq!(Change::of(&user), Change::Edited);
        let db = Db::named("account/0a/1b/2c");
        let notice = Notice::of_document(Change::Edited, &db, "jane doe@x.example", "2-b", &user).unwrap();
        assert_eq!(notice.routing_key(), "doc_edited.account%2F0a%2F1b%2F2c.user.jane+doe%40x%2Eexample");
        let mut message: Value = serde_json::from_slice(&notice.message("storefront@here")).unwrap();
        assert_eq!(message["Msg-ID"].as_str().map(str::len), Some(32));
        message.as_object_mut().unwrap().remove("Msg-ID");
        let expected = json!({
            "ID": "jane doe@x.example", "Database": "account%2F0a%2F1b%2F2c", "Type": "user", "Rev": "2-b", "Account-ID": "0a",
            "Date-Created": 5, "Date-Modified": 7, "Is-Soft-Deleted": false, "Event-Category": "configuration",
            "Event-Name": "doc_edited", "App-Name": "storefront", "App-Version": env!("CARGO_PKG_VERSION"),
            "Node": "storefront@here",
        });
        assert_eq!(message, expected);
    }

    #[test]
    fn a_deletion_is_one_whichever_way_it_is_done() {
        assert_eq!(Change::of(&doc(json!({ "_rev": "1-a", "pvt_deleted": true }))), Change::Deleted);
        assert_eq!(Change::of(&doc(json!({ "_rev": "1-a", "_deleted": true }))), Change::Deleted);
        assert_eq!(Change::of(&doc(json!({ "pvt_deleted": false }))), Change::Created);
    }

    #[test]
    fn databases_are_told_too() {
        let notice = Notice::of_database(Change::Created, &Db::named("account/0a/1b/2c"));
        assert_eq!(notice.routing_key(), "db_created.account%2F0a%2F1b%2F2c.database.account%252F0a%252F1b%252F2c");
    }

    #[test]
    fn what_nobody_caches_is_not_told() {
        let db = Db::named("accounts");
        let told = |id: &str, kind: &str| Notice::of_document(Change::Created, &db, id, "1-a", &doc(json!({ "pvt_type": kind })));
        assert_eq!(told("_design/accounts", "view"), None);
        assert_eq!(told("_local/x", "x"), None);
        assert_eq!(told("x", "cdr"), None);
        assert!(told("x", "account").is_some());
    }
}
