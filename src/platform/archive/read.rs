//! Reading a file. Nothing is handed out that its digest doesn't vouch for.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use md5::{Digest as _, Md5};

use super::{
    Error, Totals,
    record::{Attached, Chain, Header, LONGEST_LINE, Record, Seal, VERSION},
    same,
};
use crate::store::{self, ByteStream, Db, Object};

/// Bytes of an attachment that are read at once.
const PIECE: usize = 64 << 10;

/// A file that is read from its beginning to its end.
pub(super) struct Reader {
    path: PathBuf,
    file: BufReader<File>,
    chain: Chain,
    /// The end of the last good record.
    offset: u64,
    totals: Totals,
}

/// A record, and where the bytes of its attachments are.
pub(super) enum Entry {
    Header(Header),
    Database(Db),
    Document(Stored),
    /// How much the file says it has.
    End(Totals),
}

/// A document in a file.
pub(super) struct Stored {
    pub(super) doc: Object,
    pub(super) attachments: Vec<Payload>,
    /// Bytes of JSON.
    pub(super) length: u64,
}

/// An attachment in a file.
#[derive(Clone)]
pub(super) struct Payload {
    pub(super) attached: Attached,
    /// Where its bytes begin.
    pub(super) offset: u64,
    /// As a store has it for what it doesn't compress.
    pub(super) digest: String,
}

impl Reader {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
        let file = BufReader::with_capacity(1 << 18, file);
        Ok(Self { path: path.to_owned(), file, chain: Chain::default(), offset: 0, totals: Totals::default() })
    }

    /// The end of what has been read.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// How much has been read.
    pub(super) fn totals(&self) -> Totals {
        self.totals
    }

    pub(super) fn chain(&self) -> Chain {
        self.chain.clone()
    }

    /// The next record; `None` where the file ends.
    pub(super) fn next(&mut self) -> Result<Option<Entry>, Error> {
        let Some(line) = self.line(LONGEST_LINE)? else { return Ok(None) };
        let mut chain = self.chain.clone();
        chain.begin();
        chain.add(&line);
        let record: Record = serde_json::from_slice(&line).map_err(|error| self.damaged(format!("not a record: {error}")))?;
        let mut end = self.offset + line.len() as u64;
        let mut totals = self.totals;
        let entry = match record {
            Record::Export(header) if header.version != VERSION => {
                return Err(self.damaged(format!("an export of version {}, which is unknown here", header.version)));
            }
            Record::Export(header) => Entry::Header(header),
            Record::Database(name) => {
                totals.databases += 1;
                Entry::Database(Db::parse(&name).ok_or_else(|| self.damaged(format!("{name:?} is no database's name")))?)
            }
            Record::Document { document, attachments } => {
                totals.documents += 1;
                let mut payloads = Vec::with_capacity(attachments.len());
                for attached in attachments {
                    let digest = self.skim(attached.length, &mut chain)?;
                    totals.attachments += 1;
                    totals.bytes += attached.length;
                    let offset = end;
                    end += attached.length + 1;
                    payloads.push(Payload { attached, offset, digest });
                }
                Entry::Document(Stored { doc: document, attachments: payloads, length: line.len() as u64 })
            }
            Record::End(totals) => Entry::End(totals),
        };
        let seal = self.line(1000)?.ok_or_else(|| self.torn())?;
        let sealed: Seal = serde_json::from_slice(&seal).map_err(|_| self.damaged("the record has no digest".into()))?;
        if chain.end().sha256 != sealed.sha256 {
            return Err(self.damaged("the record isn't what its digest says".into()));
        }
        (self.offset, self.chain, self.totals) = (end + seal.len() as u64, chain, totals);
        Ok(Some(entry))
    }

    /// A line with its end; `None` where there's nothing more.
    fn line(&mut self, longest: u64) -> Result<Option<Vec<u8>>, Error> {
        let mut line = Vec::new();
        let read = self.file.by_ref().take(longest).read_until(b'\n', &mut line);
        read.map_err(|source| Error::File { path: self.path.clone(), source })?;
        match line.last() {
            None => Ok(None),
            Some(b'\n') => Ok(Some(line)),
            Some(_) => Err(self.torn()),
        }
    }

    /// Reads over an attachment and the newline behind it; says its MD5.
    fn skim(&mut self, length: u64, chain: &mut Chain) -> Result<String, Error> {
        let (mut left, mut hash) = (length, Md5::new());
        while left > 0 {
            let read = self.file.fill_buf().map_err(|source| Error::File { path: self.path.clone(), source })?;
            let piece = read.get(..usize::try_from(left).unwrap_or(usize::MAX).min(read.len())).unwrap_or_default();
            if piece.is_empty() {
                return Err(self.torn());
            }
            chain.add(piece);
            hash.update(piece);
            let taken = piece.len();
            self.file.consume(taken);
            left -= taken as u64;
        }
        match self.line(1)? {
            Some(end) => chain.add(&end),
            None => return Err(self.torn()),
        }
        Ok(same::digest(hash))
    }

    fn torn(&self) -> Error {
        self.damaged("the file ends within a record".into())
    }

    fn damaged(&self, reason: String) -> Error {
        Error::Damaged { path: self.path.clone(), offset: self.offset, reason }
    }
}

/// Reads all of a file and says how much it has; an error unless it is whole.
pub fn verify(path: &Path, mut at: impl FnMut(u64)) -> Result<Totals, Error> {
    let mut reader = Reader::open(path)?;
    let unsuitable = |reason: &str| Error::Unsuitable { path: path.to_owned(), reason: reason.into() };
    if !matches!(reader.next()?, Some(Entry::Header(_))) {
        return Err(unsuitable("the file isn't an export"));
    }
    let mut in_database = false;
    loop {
        match reader.next()? {
            Some(Entry::Database(_)) => in_database = true,
            Some(Entry::Document(_)) if in_database => {}
            Some(Entry::End(totals)) if totals == reader.totals() && reader.next()?.is_none() => return Ok(totals),
            Some(_) => return Err(reader.damaged("the record doesn't belong here".into())),
            None => return Err(unsuitable("the export wasn't finished")),
        }
        at(reader.offset());
    }
}

/// All bytes of an attachment in a file.
pub(super) fn bytes(path: &Path, payload: &Payload) -> Result<Vec<u8>, Error> {
    let read = || {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(payload.offset))?;
        let mut bytes = vec![0; usize::try_from(payload.attached.length).unwrap_or_default()];
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(|source| Error::File { path: path.to_owned(), source })
}

/// The bytes of an attachment in a file as they're asked for.
pub(super) fn stream(path: &Path, payload: &Payload) -> Result<ByteStream, Error> {
    let open = || {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(payload.offset))?;
        Ok(file.take(payload.attached.length))
    };
    let file = open().map_err(|source| Error::File { path: path.to_owned(), source })?;
    let pieces = stream::try_unfold(file, |mut file| async {
        let mut piece = Vec::with_capacity(PIECE);
        let read = file.by_ref().take(PIECE as u64).read_to_end(&mut piece);
        read.map_err(|error| store::Error::Unreachable { source: error.into() })?;
        Ok((!piece.is_empty()).then(|| (Bytes::from(piece), file)))
    });
    Ok(pieces.boxed())
}
