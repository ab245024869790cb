//! The file of an export on its way.

use std::{
    fs::{File, OpenOptions},
    io::Read as _,
    path::Path,
};

use futures_util::TryStreamExt as _;

use super::{
    Error, Totals,
    read::{Entry, Reader},
    record::{Attached, Header, Record},
    same,
    write::Writer,
};
use crate::{
    kazoo::document,
    store::{self, Db, Document, Store},
};

/// How often a document is read again that changes while it's read.
const ATTEMPTS: usize = 10;

/// What every file begins with, and how long that record is at most.
const BEGINNING: &[u8] = b"{\"export\":";
const LONGEST_HEADER: u64 = 4096;

/// Takes databases and documents in.
pub(super) struct Sink {
    writer: Writer,
    totals: Totals,
}

/// How far an earlier run came.
#[derive(Default)]
pub(super) struct Begun {
    /// The database it was at, and the last document of it.
    pub(super) place: Option<(Db, Option<String>)>,
    pub(super) is_whole: bool,
    /// Bytes that are good.
    pub(super) length: u64,
}

impl Sink {
    /// Opens the file, goes on behind the last good record of it, if there's one, and says where that is.
    pub(super) fn open(path: &Path, header: Header) -> Result<(Self, Begun), Error> {
        let file = create(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
        if file.try_lock().is_err() {
            return Err(Error::Unsuitable { path: path.to_owned(), reason: "another export is writing this file".into() });
        }
        let mut reader = Reader::open(path)?;
        let begun = survey(&mut reader, &header, path)?;
        let mut writer = Writer::after(path.to_owned(), file, begun.length, reader.chain())?;
        if begun.length == 0 {
            writer.record(&Record::Export(header))?;
        }
        Ok((Self { writer, totals: reader.totals() }, begun))
    }

    pub(super) fn database(&mut self, db: &Db) -> Result<(), Error> {
        self.totals.databases += 1;
        self.writer.record(&Record::Database(db.to_string()))
    }

    /// Writes a document; one whose attachments change while they're read is read again.
    pub(super) async fn document(&mut self, store: &dyn Store, db: &Db, doc: Document) -> Result<(), Error> {
        let mut doc = doc;
        for _ in 0..ATTEMPTS {
            if self.attempt(store, db, &doc).await? {
                self.totals.documents += 1;
                return self.writer.end();
            }
            self.writer.undo()?;
            doc = match store.get(db, document::id(&doc).unwrap_or_default()).await {
                Ok(doc) => doc,
                Err(store::Error::NotFound { .. } | store::Error::NoDatabase { .. }) => return Ok(()),
                Err(error) => return Err(error.into()),
            };
        }
        Err(Error::Restless { db: db.clone(), id: document::id(&doc).unwrap_or_default().to_owned() })
    }

    /// Writes a document's line and attachments; false when an attachment isn't what the document said.
    async fn attempt(&mut self, store: &dyn Store, db: &Db, doc: &Document) -> Result<bool, Error> {
        let stubs = same::stubs(doc);
        let attached = stubs.iter().map(|(name, stub)| Attached {
            name: (*name).to_owned(),
            content_type: stub.content_type.to_owned(),
            length: stub.length,
        });
        let attachments: Vec<Attached> = attached.collect();
        let record = Record::Document { document: same::members(doc), attachments };
        self.writer.begin(&record)?;
        let mut bytes = 0;
        for (name, stub) in &stubs {
            let found = store.attachment(db, document::id(doc).unwrap_or_default(), name, None).await;
            let mut attachment = match found {
                Ok(attachment) if attachment.info.length == stub.length => attachment,
                Ok(_) | Err(store::Error::NoAttachment { .. } | store::Error::NotFound { .. }) => return Ok(false),
                Err(error) => return Err(error.into()),
            };
            while let Some(piece) = attachment.body.try_next().await? {
                bytes += piece.len() as u64;
                self.writer.bytes(&piece)?;
            }
            self.writer.bytes(b"\n")?;
        }
        if bytes != stubs.values().map(|stub| stub.length).sum::<u64>() {
            return Ok(false);
        }
        self.totals.attachments += stubs.len() as u64;
        self.totals.bytes += bytes;
        Ok(true)
    }

    /// Writes how much there is.
    pub(super) fn end(&mut self) -> Result<(), Error> {
        self.writer.record(&Record::End(self.totals))
    }

    /// Brings everything to the disk. Says how much there is, and how long the file is.
    pub(super) fn finish(self) -> Result<(Totals, u64), Error> {
        Ok((self.totals, self.writer.finish()?))
    }
}

/// Reads what an earlier run has written. A record that isn't good is where it was interrupted.
fn survey(reader: &mut Reader, header: &Header, path: &Path) -> Result<Begun, Error> {
    let mut begun = Begun::default();
    loop {
        match reader.next() {
            Ok(Some(Entry::Header(found))) if found == *header => {}
            Ok(Some(Entry::Header(_))) => {
                let reason = "this is left of another export; remove it to begin this one".into();
                return Err(Error::Unsuitable { path: path.to_owned(), reason });
            }
            Ok(Some(Entry::Database(db))) => begun.place = Some((db, None)),
            Ok(Some(Entry::Document(stored))) => {
                if let Some((_, last)) = &mut begun.place {
                    *last = document::id(&stored.doc).map(str::to_owned);
                }
            }
            Ok(Some(Entry::End(_))) => begun.is_whole = true,
            Err(Error::Damaged { .. }) if reader.offset() == 0 && !is_torn_header(path)? => {
                let reason = "this isn't left of an export; remove it to begin one".into();
                return Err(Error::Unsuitable { path: path.to_owned(), reason });
            }
            Ok(None) | Err(Error::Damaged { .. }) => return Ok(Begun { length: reader.offset(), ..begun }),
            Err(error) => return Err(error),
        }
    }
}

/// Whether a file holds nothing but a part of the first record: anything else with our file's name is somebody's.
fn is_torn_header(path: &Path) -> Result<bool, Error> {
    let read = || {
        let mut start = Vec::new();
        File::open(path)?.take(LONGEST_HEADER + 1).read_to_end(&mut start)?;
        Ok(start)
    };
    let start = read().map_err(|source| Error::File { path: path.to_owned(), source })?;
    let known = BEGINNING.get(..start.len()).unwrap_or(BEGINNING);
    Ok(start.len() as u64 <= LONGEST_HEADER && start.starts_with(known))
}

/// The file is its owner's alone: it holds what people log in with.
fn create(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).write(true).truncate(false).read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
