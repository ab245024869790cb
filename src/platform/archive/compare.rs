//! Two stores, document by document.

use std::fmt;

use super::{Scope, Totals, same};
use crate::{
    kazoo::document,
    platform::Platform,
    store::{Db, Document, Error, Store},
};

/// What is in one store, and not so in the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The database isn't in the other one.
    NoDatabase(Db),
    /// The other one has a database more.
    MoreDatabase(Db),
    /// The document isn't in the other one.
    Missing(Db, String),
    /// The other one has a document more.
    More(Db, String),
    /// The documents, or their attachments, aren't the same.
    Other(Db, String),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDatabase(db) => write!(f, "{db}: missing"),
            Self::MoreDatabase(db) => write!(f, "{db}: not expected"),
            Self::Missing(db, id) => write!(f, "{db}/{id}: missing"),
            Self::More(db, id) => write!(f, "{db}/{id}: not expected"),
            Self::Other(db, id) => write!(f, "{db}/{id}: different"),
        }
    }
}

/// Compares what `scope` covers of two stores; revisions don't count. Says how much the first one has. `at` is told of
/// databases that are done, and how many there are.
pub async fn compare(
    one: &Platform,
    other: &Platform,
    scope: &Scope,
    mut at: impl FnMut(&Db, usize, usize),
    mut found: impl FnMut(Difference),
) -> Result<Totals, Error> {
    let mut totals = Totals::default();
    let parts = scope.parts(one).await?;
    let there: Vec<Db> = scope.parts(other).await?.into_iter().map(|part| part.db).collect();
    let count = parts.len();
    for db in &there {
        if parts.binary_search_by(|part| part.db.cmp(db)).is_err() {
            found(Difference::MoreDatabase(db.clone()));
        }
    }
    for (nth, part) in parts.into_iter().enumerate() {
        let db = part.db.clone();
        at(&db, nth, count);
        totals.databases += 1;
        if there.binary_search(&db).is_err() {
            found(Difference::NoDatabase(db));
            continue;
        }
        let (own, others) = (one.store.as_ref(), other.store.as_ref());
        let again = part.clone();
        let mut pages = part.pages(own, None);
        while let Some(docs) = pages.next().await? {
            let twins = others.get_many(&db, &ids(&docs)).await?;
            for (doc, twin) in docs.iter().zip(twins) {
                let stubs = same::stubs(doc);
                totals.documents += 1;
                totals.attachments += stubs.len() as u64;
                totals.bytes += stubs.values().map(|stub| stub.length).sum::<u64>();
                let id = document::id(doc).unwrap_or_default();
                match twin {
                    None => found(Difference::Missing(db.clone(), id.to_owned())),
                    Some(twin) if !are_alike(own, others, &db, doc, &twin).await? => {
                        found(Difference::Other(db.clone(), id.to_owned()));
                    }
                    Some(_) => {}
                }
            }
        }
        // The other way round only what has no twin is of interest.
        let mut pages = again.pages(others, None);
        while let Some(docs) = pages.next().await? {
            let ids = ids(&docs);
            let twins = own.get_many(&db, &ids).await?;
            for (id, _) in ids.iter().zip(twins).filter(|(_, twin)| twin.is_none()) {
                found(Difference::More(db.clone(), (*id).to_owned()));
            }
        }
    }
    Ok(totals)
}

fn ids(docs: &[Document]) -> Vec<&str> {
    docs.iter().map(|doc| document::id(doc).unwrap_or_default()).collect()
}

async fn are_alike(one: &dyn Store, other: &dyn Store, db: &Db, doc: &Document, twin: &Document) -> Result<bool, Error> {
    let (own, others) = (same::stubs(doc), same::stubs(twin));
    if !same::documents(doc, twin) || !own.keys().eq(others.keys()) {
        return Ok(false);
    }
    let id = document::id(doc).unwrap_or_default();
    for ((name, stub), twin) in own.iter().zip(others.values()) {
        if (stub.content_type, stub.length) != (twin.content_type, twin.length) {
            return Ok(false);
        }
        if stub.digest != twin.digest {
            let here = same::md5(one.attachment(db, id, name, None).await?).await?;
            if here != same::md5(other.attachment(db, id, name, None).await?).await? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}
