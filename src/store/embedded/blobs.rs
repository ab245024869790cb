//! Attachments' bytes: blobs, cut into chunks of one size.

use std::{
    ops::Range,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use futures_util::stream;
use rusqlite::{Connection, OptionalExtension};

use super::{fault::Fault, readers::Readers};
use crate::store::{ByteStream, Db};

/// Bytes of every chunk but a blob's last.
pub(super) const CHUNK: usize = 64 << 10;

/// After how many seconds without a new chunk an upload is given up: only a process that died leaves one behind.
const ABANDONED: i64 = 24 * 3600;

/// A number for a new blob. Drawn rather than counted, so that an uploader knows it before anything is written.
pub(super) fn number() -> Result<i64, Fault> {
    let drawn = getrandom::u64().map_err(|error| Fault::Garbled(format!("no randomness: {error}")))?;
    Ok((drawn >> 1) as i64)
}

/// Adds bytes to a staged blob from its `nth` chunk on; all but the last chunk must be whole.
pub(super) fn append(conn: &Connection, blob: i64, nth: usize, bytes: &[u8]) -> Result<(), Fault> {
    let sql = "INSERT INTO blobs (blob, staged) VALUES (?, ?) ON CONFLICT DO UPDATE SET staged = excluded.staged";
    conn.prepare_cached(sql)?.execute([blob, now()])?;
    write(conn, blob, nth, bytes)
}

/// A blob that belongs to a document from the start.
pub(super) fn insert(conn: &Connection, bytes: &[u8]) -> Result<i64, Fault> {
    let blob = number()?;
    conn.prepare_cached("INSERT INTO blobs (blob, staged) VALUES (?, NULL)")?.execute([blob])?;
    write(conn, blob, 0, bytes)?;
    Ok(blob)
}

/// A staged blob has got its document.
pub(super) fn adopt(conn: &Connection, blob: i64) -> Result<(), Fault> {
    match conn.prepare_cached("UPDATE blobs SET staged = NULL WHERE blob = ?")?.execute([blob])? {
        1 => Ok(()),
        _ => Err(Fault::Garbled("the upload has been given up".into())),
    }
}

pub(super) fn remove(conn: &Connection, blob: i64) -> Result<(), Fault> {
    conn.prepare_cached("DELETE FROM chunks WHERE blob = ?")?.execute([blob])?;
    conn.prepare_cached("DELETE FROM blobs WHERE blob = ?")?.execute([blob])?;
    Ok(())
}

/// Removes what uploads of dead processes left.
pub(super) fn sweep(conn: &Connection) -> Result<(), Fault> {
    let old = now() - ABANDONED;
    conn.execute("DELETE FROM chunks WHERE blob IN (SELECT blob FROM blobs WHERE staged < ?)", [old])?;
    conn.execute("DELETE FROM blobs WHERE staged < ?", [old])?;
    Ok(())
}

/// The bytes of a blob in a range that lies within it, read chunk by chunk as they're asked for.
pub(super) fn read(readers: Arc<Readers>, blob: i64, range: Range<u64>, db: Db, id: String) -> ByteStream {
    Box::pin(stream::unfold(range, move |range| {
        let next = (!range.is_empty()).then(|| {
            let bytes = read_chunk(&readers, blob, &range).map_err(|fault| fault.at(&db, &id));
            // After an error the stream ends.
            let start = bytes.as_ref().map_or(range.end, |bytes| range.start + bytes.len() as u64);
            (bytes, start..range.end)
        });
        async { next }
    }))
}

/// The part of the range that lies in its first chunk.
fn read_chunk(readers: &Readers, blob: i64, range: &Range<u64>) -> Result<Bytes, Fault> {
    let conn = readers.lend()?;
    let (nth, from) = (range.start / CHUNK as u64, (range.start % CHUNK as u64) as usize);
    let mut statement = conn.prepare_cached("SELECT bytes FROM chunks WHERE blob = ? AND nth = ?")?;
    let wanted = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
    let bytes = statement.query_row([blob, nth as i64], |row| {
        let chunk = row.get_ref(0)?.as_blob()?;
        let to = chunk.len().min(from.saturating_add(wanted));
        Ok(chunk.get(from..to).map(Bytes::copy_from_slice))
    });
    let bytes = bytes.optional()?.flatten().filter(|bytes| !bytes.is_empty());
    bytes.ok_or_else(|| Fault::Garbled("the attachment was replaced while it was read".into()))
}

fn write(conn: &Connection, blob: i64, nth: usize, bytes: &[u8]) -> Result<(), Fault> {
    let mut statement = conn.prepare_cached("INSERT INTO chunks (blob, nth, bytes) VALUES (?, ?, ?)")?;
    for (chunk, nth) in bytes.chunks(CHUNK).zip(nth as i64..) {
        statement.execute((blob, nth, chunk))?;
    }
    Ok(())
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs() as i64)
}
