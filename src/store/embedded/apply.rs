//! An edit meets what is stored. Everything that can be refused is refused before the first row is written.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension};

use super::{
    blobs, databases,
    edit::{Edit, Part},
    fault::Fault,
    revision, views,
    writer::Tx,
};
use crate::store::{AttachmentInfo, Object, Rev};

/// What is stored of a document.
struct Current {
    n: i64,
    rev: Rev,
    deleted: bool,
}

/// An attachment of the edit: what is known of it, and what to do for its bytes.
struct Placed<'a> {
    name: &'a str,
    info: AttachmentInfo,
    revpos: u64,
    bytes: Bytes<'a>,
}

enum Bytes<'a> {
    Kept,
    New(&'a [u8]),
    Staged(i64),
}

/// An attachment that is stored.
struct Stored {
    blob: i64,
    info: AttachmentInfo,
    revpos: u64,
}

/// Writes the edit if it's on top of the current revision; returns the new one.
pub(super) fn apply(tx: &Tx<'_>, db: i64, edit: &Edit) -> Result<Rev, Fault> {
    let conn = tx.conn;
    let current = find(conn, db, &edit.id)?;
    match (&current, &edit.base) {
        (None, None) => {}
        (Some(current), Some(base)) if current.rev == *base => {}
        (Some(current), None) if current.deleted => {}
        _ => return Err(Fault::Conflict),
    }
    let parent = current.as_ref().map_or("", |current| &current.rev);
    let mut stored = match &current {
        Some(current) => stored_attachments(conn, current.n)?,
        None => HashMap::new(),
    };
    let placed = place(edit, &mut stored, revision::generation(parent) + 1)?;

    let described: Vec<_> = placed.iter().map(|a| (a.name, a.info.content_type.as_str(), a.info.digest.as_str())).collect();
    let rev = revision::next(parent, edit.deleted, &edit.members, &described);
    let body = body(edit, &rev, &placed)?;
    let seq = if edit.id.starts_with("_local/") { None } else { Some(databases::seq(conn, db)? + 1) };
    let n = match current {
        Some(Current { n, .. }) => {
            let mut update = conn.prepare_cached("UPDATE docs SET rev = ?, seq = ?, deleted = ?, body = ? WHERE n = ?")?;
            update.execute((&rev, seq, edit.deleted, body, n))?;
            n
        }
        None => {
            let sql = "INSERT INTO docs (db, id, rev, seq, deleted, body) VALUES (?, ?, ?, ?, ?, ?)";
            conn.prepare_cached(sql)?.execute((db, &edit.id, &rev, seq, edit.deleted, body))?;
            conn.last_insert_rowid()
        }
    };
    for gone in stored.values() {
        blobs::remove(conn, gone.blob)?;
    }
    for name in stored.keys() {
        conn.prepare_cached("DELETE FROM attachments WHERE doc = ? AND name = ?")?.execute((n, name))?;
    }
    for attachment in &placed {
        attach(conn, n, attachment)?;
    }
    if let Some(design) = edit.id.strip_prefix("_design/").filter(|_| edit.deleted) {
        views::forget(conn, db, design)?;
    }
    if seq.is_some() {
        tx.mark_changed(db);
    }
    Ok(rev)
}

/// The edit that leaves a live document as it is; to be changed before it's applied.
pub(super) fn unchanged(conn: &Connection, db: i64, id: &str) -> Result<Option<Edit>, Fault> {
    let mut statement = conn.prepare_cached("SELECT body FROM docs WHERE db = ? AND id = ? AND NOT deleted")?;
    let body =
        statement.query_row((db, id), |row| Ok(serde_json::from_slice::<Object>(row.get_ref(0)?.as_blob()?))).optional()?;
    body.map(|body| Edit::from_object(&body?)).transpose()
}

fn find(conn: &Connection, db: i64, id: &str) -> Result<Option<Current>, Fault> {
    let mut statement = conn.prepare_cached("SELECT n, rev, deleted FROM docs WHERE db = ? AND id = ?")?;
    let current = statement.query_row((db, id), |row| Ok(Current { n: row.get(0)?, rev: row.get(1)?, deleted: row.get(2)? }));
    Ok(current.optional()?)
}

fn stored_attachments(conn: &Connection, doc: i64) -> Result<HashMap<String, Stored>, Fault> {
    let sql = "SELECT name, blob, content_type, length, digest, revpos FROM attachments WHERE doc = ?";
    let mut statement = conn.prepare_cached(sql)?;
    let stored = statement.query_map([doc], |row| {
        let info = AttachmentInfo { content_type: row.get(2)?, length: row.get::<_, i64>(3)? as u64, digest: row.get(4)? };
        Ok((row.get(0)?, Stored { blob: row.get(1)?, info, revpos: row.get::<_, i64>(5)? as u64 }))
    })?;
    Ok(stored.collect::<Result<_, _>>()?)
}

/// Finds the stored attachment for each stub and takes it out of `stored`: what is left there is to be dropped.
fn place<'a>(edit: &'a Edit, stored: &mut HashMap<String, Stored>, revpos: u64) -> Result<Vec<Placed<'a>>, Fault> {
    let place = |(name, part): &'a (String, Part)| {
        Ok(match part {
            Part::Stub => {
                let Stored { info, revpos, .. } =
                    stored.remove(name).ok_or_else(|| Fault::invalid(format!("there's no attachment {name:?} to keep")))?;
                Placed { name, info, revpos, bytes: Bytes::Kept }
            }
            Part::Inline { info, bytes } => Placed { name, info: info.clone(), revpos, bytes: Bytes::New(bytes) },
            Part::Staged { info, blob } => Placed { name, info: info.clone(), revpos, bytes: Bytes::Staged(*blob) },
        })
    };
    edit.attachments.iter().filter(|_| !edit.deleted).map(place).collect()
}

/// The document's text as it's read back.
fn body(edit: &Edit, rev: &str, attachments: &[Placed<'_>]) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::with_capacity(edit.members.len() + 96 + 160 * attachments.len());
    body.extend(b"{\"_id\":");
    serde_json::to_writer(&mut body, &edit.id)?;
    body.extend(b",\"_rev\":\"");
    body.extend(rev.as_bytes());
    body.push(b'"');
    if edit.deleted {
        body.extend(b",\"_deleted\":true");
    }
    body.extend(&edit.members);
    if !attachments.is_empty() {
        let stubs: Object = attachments.iter().map(|attachment| (attachment.name.to_owned(), stub(attachment))).collect();
        body.extend(b",\"_attachments\":");
        serde_json::to_writer(&mut body, &stubs)?;
    }
    body.push(b'}');
    Ok(body)
}

fn stub(Placed { info, revpos, .. }: &Placed<'_>) -> serde_json::Value {
    serde_json::json!({
        "content_type": info.content_type, "revpos": revpos, "digest": info.digest, "length": info.length, "stub": true
    })
}

fn attach(conn: &Connection, doc: i64, Placed { name, info, revpos, bytes }: &Placed<'_>) -> Result<(), Fault> {
    let blob = match bytes {
        Bytes::Kept => return Ok(()),
        Bytes::New(bytes) => blobs::insert(conn, bytes)?,
        Bytes::Staged(blob) => {
            blobs::adopt(conn, *blob)?;
            *blob
        }
    };
    let sql = "INSERT INTO attachments (doc, name, blob, content_type, length, digest, revpos) VALUES (?, ?, ?, ?, ?, ?, ?)";
    let row = (doc, name, blob, &info.content_type, info.length as i64, &info.digest, *revpos as i64);
    conn.prepare_cached(sql)?.execute(row)?;
    Ok(())
}
