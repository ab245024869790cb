//! Unpacking an app that came as a zip file from elsewhere.
//!
//! The archive's index is read entry by entry, never as a whole, and nothing that it says is believed: what is written is counted
//! as it's written.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use zip::{
    CompressionMethod,
    ZipReadOptions,
    read::{Config, ZipFile},
    // Not promised to stay as it is, hence the narrow version in Cargo.toml. What is promised keeps the whole index in memory,
    // however many entries somebody put there.
    unstable::read::ZipIterable,
};

use crate::kazoo::archive::{LARGEST, MOST, Names};

/// Bits of a Unix mode that say what kind of file it is, and those of a plain file.
const KIND: u32 = 0o170_000;
const PLAIN: u32 = 0o100_000;
const FOLDER: u32 = 0o040_000;

/// Why an archive wasn't unpacked.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// It's no archive that is taken here.
    #[error("the package can't be unpacked: {0}")]
    Bad(String),
    #[error("the package couldn't be written to disk: {0}")]
    Disk(#[from] io::Error),
}

impl From<zip::result::ZipError> for UnpackError {
    fn from(error: zip::result::ZipError) -> Self {
        Self::Bad(error.to_string())
    }
}

/// Unpacks an archive into a folder, which mustn't be there yet, and says how many files it had.
///
/// Only plain files and folders are taken, with names that stay in the folder and don't collide; modes and times aren't taken
/// over.
pub fn unpack(archive: &Path, into: &Path) -> Result<usize, UnpackError> {
    let mut entries = ZipIterable::try_new(File::open(archive)?, Config::default())?.enforce_header_consistency(true);
    if entries.len() > MOST {
        return Err(UnpackError::Bad(format!("it has more than {MOST} files")));
    }
    let mut entries = entries.files_with_reader(File::open(archive)?, ZipReadOptions::new())?;
    fs::create_dir(into)?;
    let (mut names, mut left, mut files) = (Names::default(), LARGEST, 0);
    while let Some(entry) = entries.next() {
        let mut entry = entry?;
        check(&entry)?;
        let path = names.admit(entry.name_raw(), entry.is_dir()).map_err(UnpackError::Bad)?;
        let target = into.join(path);
        if entry.is_dir() {
            fs::create_dir_all(&target)?;
        } else {
            left = write(&mut entry, &target, left)?;
            files += 1;
        }
    }
    Ok(files)
}

/// Where an app is in an unpacked package: at its top, or in the only folder there.
pub fn root(unpacked: &Path) -> io::Result<PathBuf> {
    let has_app = |path: &Path| path.join("metadata/app.json").is_file();
    if !has_app(unpacked) {
        let inner = fs::read_dir(unpacked)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
        if let [inner] = inner.as_slice()
            && has_app(inner)
        {
            return Ok(inner.clone());
        }
    }
    Ok(unpacked.to_owned())
}

fn check(entry: &ZipFile<'_, File>) -> Result<(), UnpackError> {
    let name = || String::from_utf8_lossy(entry.name_raw()).chars().take(80).collect::<String>();
    let refused = |why: &str| Err(UnpackError::Bad(format!("{:?} {why}", name())));
    let kind = entry.unix_mode().map(|mode| mode & KIND).filter(|kind| *kind != 0);
    if entry.is_symlink() || kind.is_some_and(|kind| kind != PLAIN && kind != FOLDER) {
        return refused("is neither a file nor a folder");
    }
    if entry.encrypted() {
        return refused("is encrypted");
    }
    if !matches!(entry.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
        return refused("is compressed in an unusual way");
    }
    Ok(())
}

/// Writes a file of at most so many bytes, and says how many are left.
fn write(entry: &mut ZipFile<'_, File>, target: &Path, left: u64) -> Result<u64, UnpackError> {
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = File::create_new(target)?;
    let (mut buffer, mut left) = (vec![0; 64 << 10], left);
    loop {
        let length = entry.read(&mut buffer).map_err(|error| UnpackError::Bad(error.to_string()))?;
        if length == 0 {
            break;
        }
        left = u64::try_from(length).ok().and_then(|length| left.checked_sub(length)).ok_or_else(too_large)?;
        io::Write::write_all(&mut file, buffer.get(..length).unwrap_or_default())?;
    }
    // The folder is taken for complete once it's in its place.
    file.sync_all()?;
    Ok(left)
}

fn too_large() -> UnpackError {
    UnpackError::Bad(format!("it has more than {} MiB", LARGEST >> 20))
}
