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
    unpack_within(archive, into, LARGEST)
}

/// [`unpack`] for at most so many bytes.
fn unpack_within(archive: &Path, into: &Path, largest: u64) -> Result<usize, UnpackError> {
    let mut entries = ZipIterable::try_new(File::open(archive)?, Config::default())?.enforce_header_consistency(true);
    if entries.len() > MOST {
        return Err(UnpackError::Bad(format!("it has more than {MOST} files")));
    }
    let mut entries = entries.files_with_reader(File::open(archive)?, ZipReadOptions::new())?;
    fs::create_dir(into)?;
    let (mut names, mut left, mut files) = (Names::default(), largest, 0);
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
        let rest = u64::try_from(length).ok().and_then(|length| left.checked_sub(length));
        let Some(rest) = rest else {
            return Err(UnpackError::Bad(format!("it unpacks to more than {} MiB", LARGEST >> 20)));
        };
        left = rest;
        io::Write::write_all(&mut file, buffer.get(..length).unwrap_or_default())?;
    }
    // The folder is taken for complete once it's in its place.
    file.sync_all()?;
    Ok(left)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use tempfile::TempDir;
    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    /// A folder with an archive in it.
    fn archive(make: impl FnOnce(&mut ZipWriter<io::Cursor<Vec<u8>>>)) -> TempDir {
        let mut zip = ZipWriter::new(io::Cursor::new(Vec::new()));
        make(&mut zip);
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("zip"), zip.finish().unwrap().into_inner()).unwrap();
        dir
    }

    fn unpacked(dir: &TempDir, largest: u64) -> Result<usize, String> {
        let outcome = unpack_within(&dir.path().join("zip"), &dir.path().join("out"), largest);
        outcome.map_err(|error| error.to_string())
    }

    #[test]
    fn more_than_what_is_allowed_is_not_written() {
        let zeros = vec![0; 1 << 20];
        let bomb = archive(|zip| {
            for name in ["a", "b", "c"] {
                zip.start_file(name, SimpleFileOptions::default()).unwrap();
                zip.write_all(&zeros).unwrap();
            }
        });
        assert!(fs::metadata(bomb.path().join("zip")).unwrap().len() < 20_000);
        assert!(unpacked(&bomb, 5 << 19).unwrap_err().contains("unpacks to more"));
        let written: u64 =
            fs::read_dir(bomb.path().join("out")).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum();
        assert!(written <= 5 << 19, "{written}");
        fs::remove_dir_all(bomb.path().join("out")).unwrap();
        assert_eq!(unpacked(&bomb, 3 << 20), Ok(3));
    }

    #[test]
    fn an_archive_that_was_written_as_a_stream_is_one_too() {
        let dir = tempfile::tempdir().unwrap();
        let mut zip = ZipWriter::new_stream(Vec::new());
        zip.start_file("d/é.js", SimpleFileOptions::default()).unwrap();
        zip.write_all(b"content").unwrap();
        fs::write(dir.path().join("zip"), zip.finish().unwrap().into_inner()).unwrap();
        assert_eq!(unpacked(&dir, 100), Ok(1));
        assert_eq!(fs::read(dir.path().join("out/d/é.js")).unwrap(), b"content");
    }

    #[test]
    fn modes_are_not_taken_over() {
        let dir = archive(|zip| {
            zip.start_file("run", SimpleFileOptions::default().unix_permissions(0o4755)).unwrap();
            zip.write_all(b"#!").unwrap();
        });
        assert_eq!(unpacked(&dir, 100), Ok(1));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(dir.path().join("out/run")).unwrap().permissions().mode();
            assert_eq!(mode & 0o7111, 0, "{mode:o}");
        }
    }
}
