//! What may be wrong with any document.

use serde_json::Value;

use super::{Finding, Problem, about};
use crate::store::{Db, Document, Error, Pages, Store};

/// The next documents of a walk. One that can't be read is a finding, and the others of its page are read each for itself.
pub(super) async fn next(
    store: &dyn Store,
    db: &Db,
    pages: &mut Pages<'_>,
    findings: &mut Vec<Finding>,
) -> Result<Option<Vec<Document>>, Error> {
    match pages.next().await {
        Err(Error::Corrupt { .. }) => {}
        docs => return docs,
    }
    let Some(ids) = pages.next_ids().await? else { return Ok(None) };
    let mut docs = Vec::with_capacity(ids.len());
    for id in ids {
        match store.get(db, &id).await {
            Ok(doc) => docs.push(doc),
            Err(Error::NotFound { .. }) => {}
            Err(Error::Corrupt { source, .. }) => {
                let detail = source.to_string();
                findings.push(Finding { problem: Problem::Unreadable, db: db.clone(), id: Some(id), detail, mend: None });
            }
            Err(error) => return Err(error),
        }
    }
    Ok(Some(docs))
}

/// A database that couldn't be read to its end.
pub(super) fn unread(db: &Db, error: &Error) -> Finding {
    let detail = format!("the database can't be read to its end: {error}");
    Finding { problem: Problem::Unreadable, db: db.clone(), id: None, detail, mend: None }
}

/// Which revisions is to be kept is for those to decide who know what they say.
pub(super) fn conflict(db: &Db, doc: &Document) -> Option<Finding> {
    let lost: Vec<&str> = doc.get("_conflicts")?.as_array()?.iter().filter_map(Value::as_str).collect();
    (!lost.is_empty()).then(|| about(Problem::Conflict, db, doc, format!("revisions that lost: {}", lost.join(", "))))
}
