//! Out of a store into a file.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use futures_util::{StreamExt as _, stream};

use super::{
    Error, Scope, Totals,
    record::{Header, VERSION},
    scope::Part,
    sink::Sink,
};
use crate::{
    platform::Platform,
    store::{self, Db, Document, Pages, Store},
};

/// Databases whose first documents are asked for ahead of time.
const AHEAD: usize = 8;

/// What came of an export.
pub struct Exported {
    pub totals: Totals,
    /// Bytes of the file.
    pub length: u64,
    /// Bytes that an interrupted run had written already.
    pub resumed: u64,
}

/// Where an export is written before it's whole.
pub fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

/// Writes what `scope` covers into a new file. What an interrupted run of the same left beside it, in [`part_of`], is
/// continued. `store` is what the store is called; `at` is told of databases that are done, and how many there are.
pub async fn export(
    platform: &Platform,
    store: &str,
    scope: &Scope,
    path: &Path,
    mut at: impl FnMut(&Db, usize, usize),
) -> Result<Exported, Error> {
    if path.exists() {
        return Err(Error::Unsuitable { path: path.to_owned(), reason: "the file exists already".into() });
    }
    let parts = scope.parts(platform).await?;
    if parts.is_empty() {
        return Err(Error::Nothing);
    }
    let header = Header { version: VERSION, store: store.to_owned(), scope: scope.clone() };
    let part = part_of(path);
    let (mut sink, begun) = Sink::open(&part, header)?;
    let count = parts.len();
    if !begun.is_whole {
        let mut rest = Vec::with_capacity(count);
        for part in parts {
            match &begun.place {
                Some((db, _)) if part.db < *db => {}
                Some((db, after)) if part.db == *db => rest.push((part, true, after.clone())),
                _ => rest.push((part, false, None)),
            }
        }
        let done = count - rest.len();
        let opened = rest.into_iter().map(|(part, is_begun, after)| open(platform.store.as_ref(), part, is_begun, after));
        // The first pages of the next databases are on their way while one is written; the order stays.
        let mut opened = stream::iter(opened).buffered(AHEAD).enumerate();
        while let Some((nth, next)) = opened.next().await {
            let Some(Opened { db, is_begun, mut pages, mut page }) = next? else { continue };
            at(&db, done + nth, count);
            if !is_begun {
                sink.database(&db)?;
            }
            while let Some(docs) = page {
                for doc in docs {
                    sink.document(platform.store.as_ref(), &db, doc).await?;
                }
                page = pages.next().await?;
            }
        }
        sink.end()?;
    }
    let (totals, length) = sink.finish()?;
    keep(&part, path).map_err(|source| Error::File { path: path.to_owned(), source })?;
    Ok(Exported { totals, length, resumed: begun.length })
}

/// A database with its first documents.
struct Opened<'a> {
    db: Db,
    is_begun: bool,
    pages: Pages<'a>,
    page: Option<Vec<Document>>,
}

/// `None` when the database has gone meanwhile.
async fn open(store: &dyn Store, part: Part, is_begun: bool, after: Option<String>) -> Result<Option<Opened<'_>>, Error> {
    let db = part.db.clone();
    let mut pages = part.pages(store, after.as_deref());
    match pages.next().await {
        Ok(page) => Ok(Some(Opened { db, is_begun, pages, page })),
        Err(store::Error::NoDatabase { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Gives the whole file its name.
fn keep(part: &Path, path: &Path) -> std::io::Result<()> {
    fs::rename(part, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
