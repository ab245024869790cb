//! An edit of a document: what a caller sends, checked and put into words, before it meets what is stored.

use base64::{Engine, engine::general_purpose::STANDARD};
use md5::{Digest, Md5};
use serde_json::Value;

use super::{fault::Fault, revision};
use crate::store::{AttachmentInfo, Object, Rev};

/// Bytes of a document's JSON text at most, as CouchDB has it; attachments don't count.
const MAX_SIZE: usize = 8_000_000;

/// How deep a document may be nested; what reads it back refuses 128.
const MAX_DEPTH: usize = 120;

/// A new state of a document.
pub(super) struct Edit {
    pub(super) id: String,
    /// The revision it replaces.
    pub(super) base: Option<Rev>,
    pub(super) deleted: bool,
    /// The members that aren't CouchDB's own, as JSON text: `,"name":value` for each.
    pub(super) members: Vec<u8>,
    pub(super) attachments: Vec<(String, Part)>,
}

/// Where an attachment's bytes are.
pub(super) enum Part {
    /// The document has it already.
    Stub,
    /// Here.
    Inline { info: AttachmentInfo, bytes: Vec<u8> },
    /// In a blob that was uploaded.
    Staged { info: AttachmentInfo, blob: i64 },
}

impl Edit {
    pub(super) fn from_object(doc: &Object) -> Result<Self, Fault> {
        let id = match doc.get("_id") {
            Some(Value::String(id)) => check_id(id)?.to_owned(),
            _ => return Err(Fault::invalid("`_id` must be a string")),
        };
        let mut edit = Self { id, base: None, deleted: false, members: Vec::with_capacity(512), attachments: Vec::new() };
        for (name, value) in doc {
            match name.as_str() {
                "_id" => {}
                "_rev" => edit.base = Some(read_rev(value)?),
                "_deleted" => edit.deleted = value.as_bool().ok_or_else(|| Fault::invalid("`_deleted` must be a boolean"))?,
                "_attachments" => edit.attachments = read_attachments(value)?,
                // CouchDB answers with these when it's asked to, and takes them back without a look.
                "_revisions" | "_revs_info" | "_conflicts" | "_deleted_conflicts" | "_local_seq" => {}
                _ if name.starts_with('_') => return Err(Fault::invalid(format!("{name:?} begins with an underscore"))),
                _ => edit.add_member(name, value)?,
            }
        }
        if edit.members.len() > MAX_SIZE {
            return Err(Fault::invalid(format!("the document has more than {MAX_SIZE} bytes")));
        }
        if edit.id.starts_with("_local/") && !edit.attachments.is_empty() {
            return Err(Fault::invalid("a local document has no attachments"));
        }
        Ok(edit)
    }

    /// The bare tombstone over a revision.
    pub(super) fn tombstone(id: &str, rev: &str) -> Result<Self, Fault> {
        revision::check(rev)?;
        let id = check_id(id)?.to_owned();
        Ok(Self { id, base: Some(rev.to_owned()), deleted: true, members: Vec::new(), attachments: Vec::new() })
    }

    /// An empty document, to which attachments can be added.
    pub(super) fn empty(id: &str) -> Result<Self, Fault> {
        Ok(Self { id: check_id(id)?.to_owned(), base: None, deleted: false, members: Vec::new(), attachments: Vec::new() })
    }

    fn add_member(&mut self, name: &str, value: &Value) -> Result<(), Fault> {
        if !shallower_than(MAX_DEPTH, value) {
            return Err(Fault::invalid(format!("{name:?} is nested too deep")));
        }
        self.members.push(b',');
        serde_json::to_writer(&mut self.members, name)?;
        self.members.push(b':');
        serde_json::to_writer(&mut self.members, value)?;
        Ok(())
    }
}

/// Refuses what can't be a document's id.
pub(super) fn check_id(id: &str) -> Result<&str, Fault> {
    let reserved =
        id.starts_with('_') && !["_design/", "_local/"].iter().any(|kind| id.starts_with(kind) && id.len() > kind.len());
    if id.is_empty() || reserved || id.contains('\0') {
        return Err(Fault::invalid(format!("{id:?} can't be a document's id")));
    }
    Ok(id)
}

/// Refuses what can't be an attachment's name.
pub(super) fn check_attachment_name(name: &str) -> Result<(), Fault> {
    if name.is_empty() || name.starts_with('_') || name.contains('\0') {
        return Err(Fault::invalid(format!("{name:?} can't be an attachment's name")));
    }
    Ok(())
}

/// `md5-<base64>`
pub(super) fn digest(hash: Md5) -> String {
    format!("md5-{}", STANDARD.encode(hash.finalize()))
}

fn read_rev(value: &Value) -> Result<Rev, Fault> {
    let rev = value.as_str().ok_or_else(|| Fault::invalid("`_rev` must be a string"))?;
    revision::check(rev)?;
    Ok(rev.to_owned())
}

fn read_attachments(value: &Value) -> Result<Vec<(String, Part)>, Fault> {
    let entries = value.as_object().ok_or_else(|| Fault::invalid("`_attachments` must be an object"))?;
    let read = |(name, entry): (&String, &Value)| {
        check_attachment_name(name)?;
        Ok((name.clone(), read_attachment(name, entry)?))
    };
    entries.iter().map(read).collect()
}

fn read_attachment(name: &str, entry: &Value) -> Result<Part, Fault> {
    if entry.get("stub").and_then(Value::as_bool) == Some(true) {
        return Ok(Part::Stub);
    }
    let data = entry.get("data").and_then(Value::as_str);
    let data = data.ok_or_else(|| Fault::invalid(format!("attachment {name:?} has neither data nor a stub")))?;
    let bytes = STANDARD.decode(data).map_err(|error| Fault::invalid(format!("attachment {name:?}: {error}")))?;
    let content_type = entry.get("content_type").and_then(Value::as_str).unwrap_or("application/octet-stream").to_owned();
    let info = AttachmentInfo { content_type, length: bytes.len() as u64, digest: digest(Md5::new_with_prefix(&bytes)) };
    Ok(Part::Inline { info, bytes })
}

fn shallower_than(depth: usize, value: &Value) -> bool {
    match value {
        Value::Array(elements) => depth > 0 && elements.iter().all(|element| shallower_than(depth - 1, element)),
        Value::Object(members) => depth > 0 && members.values().all(|member| shallower_than(depth - 1, member)),
        _ => true,
    }
}
