//! Merging into a document that others write too.

use std::time::Duration;

use super::{Db, Document, Error, Object, Store};

/// How often a merge is tried again on a fresh revision before the conflict is reported.
const ATTEMPTS: u32 = 40;
/// What a retry waits for, times the number of conflicts so far: with many at one document somebody has to stand back.
const PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// What a merge came to.
#[derive(Debug)]
pub struct Merged {
    /// The document as it's stored now, `_rev` included.
    pub doc: Document,
    /// Whether it had to be written.
    pub changed: bool,
}

/// Reads a document, lets `merge` change it, writes it; on a conflict all three are done again on the fresh revision.
///
/// An absent document comes to `merge` as an object with only `_id`. Nothing is written when `merge` changes nothing.
/// An error of `merge` ends the matter, nothing written.
pub async fn update<E: From<Error>>(
    store: &dyn Store,
    db: &Db,
    id: &str,
    mut merge: impl AsyncFnMut(&mut Object) -> Result<(), E>,
) -> Result<Merged, E> {
    let mut attempt = 0;
    loop {
        let current = match store.get(db, id).await {
            Ok(doc) => doc,
            Err(Error::NotFound { .. }) => Document::new(Object::from_iter([("_id".to_owned(), id.into())])),
            Err(error) => return Err(error.into()),
        };
        let mut doc = (*current).clone();
        merge(&mut doc).await?;
        if doc == *current && current.contains_key("_rev") {
            return Ok(Merged { doc: current, changed: false });
        }
        match store.put(db, &doc).await {
            Ok(rev) => {
                doc.insert("_rev".into(), rev.into());
                return Ok(Merged { doc: doc.into(), changed: true });
            }
            Err(Error::Conflict { .. }) if attempt < ATTEMPTS => {
                attempt += 1;
                tokio::time::sleep((PAUSE * (attempt - 1)).min(LONGEST_PAUSE)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}
