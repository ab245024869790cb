//! Attachments in and out.

use std::{ops::Range, sync::Arc};

use futures_util::StreamExt;
use md5::{Digest, Md5};
use rusqlite::{Connection, OptionalExtension};

use super::{
    EmbeddedStore, apply, blobs, databases,
    edit::{self, Edit, Part},
    fault::Fault,
    writer::{Tx, Writer},
};
use crate::store::{Attachment, AttachmentInfo, ByteStream, Db, Rev, Upload};

/// Bytes that are collected of an upload before they are written: some chunks in one transaction.
const PIECE: usize = 8 * blobs::CHUNK;

/// Opens an attachment for reading.
pub(super) fn open(store: &EmbeddedStore, db: &Db, id: &str, name: &str, range: Option<Range<u64>>) -> Result<Attachment, Fault> {
    let (blob, info) = find(&*store.readers.lend()?, db, id, name)?;
    let range = range.unwrap_or(0..info.length);
    let end = range.end.min(info.length);
    let range = range.start.min(end)..end;
    let body = blobs::read(Arc::clone(&store.readers), blob, range.clone(), db.clone(), id.to_owned());
    Ok(Attachment { info, range, body })
}

/// Takes an attachment's bytes in, then makes the document's new revision with it.
pub(super) async fn put(
    store: &EmbeddedStore,
    db: &Db,
    id: &str,
    rev: Option<&str>,
    name: &str,
    upload: Upload,
) -> Result<Rev, Fault> {
    edit::check_attachment_name(name)?;
    if id.starts_with("_local/") {
        return Err(Fault::invalid("a local document has no attachments"));
    }
    let (db, id, rev, name) = (db.clone(), id.to_owned(), rev.map(str::to_owned), name.to_owned());
    // A stale revision is noticed before the bytes come, and once more when they're there.
    let conn = store.readers.lend()?;
    base(&conn, databases::find(&conn, &db)?, &id, rev.as_deref())?;
    drop(conn);
    let mut staged = Staged { writer: &store.writer, blob: blobs::number()?, kept: false };
    let info = staged.receive(upload).await?;
    let blob = staged.blob;
    let written = store.writer.write(move |tx| {
        let number = databases::find(tx.conn, &db)?;
        let mut edit = base(tx.conn, number, &id, rev.as_deref())?;
        let part = match info.length {
            0 => Part::Inline { info, bytes: Vec::new() },
            _ => Part::Staged { info, blob },
        };
        match edit.attachments.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = part,
            None => edit.attachments.push((name, part)),
        }
        apply::apply(tx, number, &edit)
    });
    let rev = written.await?;
    staged.kept = true;
    Ok(rev)
}

/// The document's new revision without the attachment.
pub(super) fn delete(tx: &Tx<'_>, db: &Db, id: &str, rev: &str, name: &str) -> Result<Rev, Fault> {
    let number = databases::find(tx.conn, db)?;
    let mut edit = apply::unchanged(tx.conn, number, id)?.ok_or(Fault::NotFound)?;
    if edit.base.as_deref() != Some(rev) {
        return Err(Fault::Conflict);
    }
    let before = edit.attachments.len();
    edit.attachments.retain(|(known, _)| known != name);
    if edit.attachments.len() == before {
        return Err(Fault::NoAttachment(name.to_owned()));
    }
    apply::apply(tx, number, &edit)
}

fn find(conn: &Connection, db: &Db, id: &str, name: &str) -> Result<(i64, AttachmentInfo), Fault> {
    let db = databases::find(conn, db)?;
    let sql = "SELECT blob, content_type, length, digest FROM docs LEFT JOIN attachments ON doc = n AND name = ?
               WHERE db = ? AND id = ? AND NOT deleted";
    let found = conn.prepare_cached(sql)?.query_row((name, db, id), |row| {
        let Some(blob) = row.get::<_, Option<i64>>(0)? else { return Ok(None) };
        let length = row.get::<_, i64>(2)? as u64;
        Ok(Some((blob, AttachmentInfo { content_type: row.get(1)?, length, digest: row.get(3)? })))
    });
    found.optional()?.ok_or(Fault::NotFound)?.ok_or_else(|| Fault::NoAttachment(name.to_owned()))
}

/// The document to which an attachment is added: the current one if `rev` says so, or a new one.
fn base(conn: &Connection, db: i64, id: &str, rev: Option<&str>) -> Result<Edit, Fault> {
    match (apply::unchanged(conn, db, id)?, rev) {
        (Some(edit), rev) if edit.base.as_deref() == rev => Ok(edit),
        (Some(_), _) => Err(Fault::Conflict),
        // Nothing there, or a tombstone: which of them, and whether `rev` is its, shows when the edit is applied.
        (None, rev) => Ok(Edit { base: rev.map(str::to_owned), ..Edit::empty(id)? }),
    }
}

/// An upload on its way. If it's dropped before its document has it, its bytes are removed.
struct Staged<'a> {
    writer: &'a Writer,
    blob: i64,
    kept: bool,
}

impl Staged<'_> {
    async fn receive(&self, Upload { content_type, length, body }: Upload) -> Result<AttachmentInfo, Fault> {
        let (mut received, mut hash) = (0, Md5::new());
        let mut pieces = Pieces { body, rest: Vec::new() };
        let mut nth = 0;
        while let Some(piece) = pieces.next().await? {
            received += piece.len() as u64;
            if length.is_some_and(|length| received > length) {
                return Err(Fault::invalid("the attachment is longer than announced"));
            }
            hash.update(&piece);
            let (blob, from) = (self.blob, nth);
            nth += piece.len().div_ceil(blobs::CHUNK);
            self.writer.write(move |tx| blobs::append(tx.conn, blob, from, &piece)).await?;
        }
        if length.is_some_and(|length| received < length) {
            return Err(Fault::invalid("the attachment is shorter than announced"));
        }
        Ok(AttachmentInfo { content_type, length: received, digest: edit::digest(hash) })
    }
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        let blob = self.blob;
        if !self.kept {
            // Behind whatever is still queued for this blob. If the writer is gone, a later start of the store sweeps.
            let _ = self.writer.submit(move |tx| blobs::remove(tx.conn, blob));
        }
    }
}

/// A stream of bytes cut into pieces of [`PIECE`] bytes; the last one may be shorter.
struct Pieces {
    body: ByteStream,
    rest: Vec<u8>,
}

impl Pieces {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        while self.rest.len() < PIECE {
            match self.body.next().await {
                Some(Ok(bytes)) => self.rest.extend_from_slice(&bytes),
                Some(Err(error)) => return Err(Fault::Upload(Arc::new(error))),
                None if self.rest.is_empty() => return Ok(None),
                None => return Ok(Some(std::mem::take(&mut self.rest))),
            }
        }
        let rest = self.rest.split_off(PIECE);
        Ok(Some(std::mem::replace(&mut self.rest, rest)))
    }
}
