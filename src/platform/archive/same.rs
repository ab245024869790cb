//! Whether two stores hold the same, whatever their revisions are.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use md5::{Digest as _, Md5};
use serde_json::Value;

use crate::store::{Attachment, Document, Error, Object};

/// The members that a database makes for itself.
const MADE: [&str; 6] = ["_rev", "_attachments", "_revisions", "_revs_info", "_conflicts", "_deleted_conflicts"];

/// What a document says of one of its attachments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stub<'a> {
    pub(super) content_type: &'a str,
    pub(super) length: u64,
    pub(super) digest: &'a str,
}

/// The attachments of a document, by name.
pub(super) fn stubs(doc: &Object) -> BTreeMap<&str, Stub<'_>> {
    let stubs = doc.get("_attachments").and_then(Value::as_object).into_iter().flatten();
    stubs.filter_map(|(name, stub)| Some((name.as_str(), Stub::read(stub)?))).collect()
}

impl<'a> Stub<'a> {
    fn read(stub: &'a Value) -> Option<Self> {
        let text = |key: &str| stub.get(key).and_then(Value::as_str);
        let length = stub.get("length").and_then(Value::as_u64)?;
        Some(Self { content_type: text("content_type")?, length, digest: text("digest")? })
    }
}

/// A document's own members.
pub(super) fn members(doc: &Document) -> Object {
    doc.iter().filter(|(name, _)| !MADE.contains(&name.as_str())).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Whether two documents have the same members.
pub(super) fn documents(one: &Object, other: &Object) -> bool {
    let count = |doc: &Object| doc.keys().filter(|name| !MADE.contains(&name.as_str())).count();
    let mut own = one.iter().filter(|(name, _)| !MADE.contains(&name.as_str()));
    count(one) == count(other) && own.all(|(name, value)| other.get(name).is_some_and(|other| values(value, other)))
}

/// Whether two values are the same. A database may write 1.0 as 1.
fn values(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || (one.as_f64() == other.as_f64() && (one.is_f64() || other.is_f64()))
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| values(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len() && one.iter().all(|(name, one)| other.get(name).is_some_and(|other| values(one, other)))
        }
        (one, other) => one == other,
    }
}

/// The digest of an attachment's bytes, as a store has it for what it doesn't compress.
pub(super) async fn md5(attachment: Attachment) -> Result<String, Error> {
    let hash = attachment.body.try_fold(Md5::new(), async |mut hash, piece: Bytes| {
        hash.update(&piece);
        Ok(hash)
    });
    Ok(digest(hash.await?))
}

pub(super) fn digest(hash: Md5) -> String {
    format!("md5-{}", STANDARD.encode(hash.finalize()))
}
