//! Writing a file, record by record.

use std::{
    fs::File,
    io::{BufWriter, Seek as _, SeekFrom, Write as _},
    path::PathBuf,
};

use super::{
    Error,
    record::{Chain, Record},
};

/// A file that grows.
pub(super) struct Writer {
    path: PathBuf,
    file: BufWriter<File>,
    chain: Chain,
    /// The end of the last whole record, and the state of the digests there.
    kept: (u64, Chain),
    offset: u64,
}

impl Writer {
    /// Goes on with a file behind its last whole record; what comes after that is cut off.
    pub(super) fn after(path: PathBuf, file: File, offset: u64, chain: Chain) -> Result<Self, Error> {
        let mut writer =
            Self { path, file: BufWriter::with_capacity(1 << 18, file), chain: chain.clone(), kept: (offset, chain), offset };
        writer.undo()?;
        Ok(writer)
    }

    /// Writes a record's first line; its attachments may follow.
    pub(super) fn begin(&mut self, record: &Record) -> Result<(), Error> {
        self.chain.begin();
        let mut line = serde_json::to_vec(record).map_err(|error| self.failed(error.into()))?;
        line.push(b'\n');
        self.bytes(&line)
    }

    /// Writes some bytes of a record.
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.chain.add(bytes);
        self.put(bytes)
    }

    /// Ends a record: from now on it belongs to the file.
    pub(super) fn end(&mut self) -> Result<(), Error> {
        let seal = self.chain.end();
        let mut line = serde_json::to_vec(&seal).map_err(|error| self.failed(error.into()))?;
        line.push(b'\n');
        self.put(&line)?;
        self.kept = (self.offset, self.chain.clone());
        Ok(())
    }

    /// A record that is one line.
    pub(super) fn record(&mut self, record: &Record) -> Result<(), Error> {
        self.begin(record)?;
        self.end()
    }

    /// Forgets a record that was begun.
    pub(super) fn undo(&mut self) -> Result<(), Error> {
        let (offset, chain) = self.kept.clone();
        let cut = self.file.flush().and_then(|()| self.file.get_ref().set_len(offset));
        cut.and_then(|()| self.file.seek(SeekFrom::Start(offset))).map_err(|error| self.failed(error))?;
        (self.offset, self.chain) = (offset, chain);
        Ok(())
    }

    /// Brings everything to the disk.
    pub(super) fn finish(mut self) -> Result<u64, Error> {
        self.file.flush().and_then(|()| self.file.get_ref().sync_all()).map_err(|error| self.failed(error))?;
        Ok(self.offset)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.offset += bytes.len() as u64;
        self.file.write_all(bytes).map_err(|error| self.failed(error))
    }

    fn failed(&self, source: std::io::Error) -> Error {
        Error::File { path: self.path.clone(), source }
    }
}
