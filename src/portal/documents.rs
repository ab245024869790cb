//! Reading and writing the marketplace's documents, with the audit trail in the same write.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{Error, Portal};
use crate::{
    market::trail::{self, Actor},
    platform::{found, names::MARKETPLACE},
    store::{self, Object, Query, Row, View, update},
};

impl Portal {
    /// A document; `None` when there is none.
    pub(super) async fn load<T: DeserializeOwned>(&self, id: &str) -> Result<Option<T>, Error> {
        match found(self.platform.store.get(&MARKETPLACE, id).await)? {
            Some(doc) => Ok(Some(typed(id, (*doc).clone())?)),
            None => Ok(None),
        }
    }

    /// Writes a new document. `false` when there is one already, which stays as it is.
    pub(super) async fn create<T: Serialize>(&self, id: &str, doc: &T, actor: &Actor, what: &str) -> Result<bool, Error> {
        let mut new = untyped(doc)?;
        if let Some(entry) = trail::entry(&Object::new(), &new, actor, what, self.now()) {
            trail::add(&mut new, &entry);
        }
        new.insert("_id".into(), id.into());
        match self.platform.store.put(&MARKETPLACE, &new).await {
            Ok(_) => Ok(true),
            Err(store::Error::Conflict { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Changes a document, on its newest revision. An error of `edit` ends the matter, nothing written; [`Error::NotFound`] when
    /// there is no such document. Returns it as it's now, and what `edit` has returned.
    pub(super) async fn change<T: Serialize + DeserializeOwned, R>(
        &self,
        id: &str,
        actor: &Actor,
        what: &str,
        mut edit: impl FnMut(&mut T) -> Result<R, Error>,
    ) -> Result<(T, R), Error> {
        let now = self.now();
        let mut returned = None;
        let merged = update(self.platform.store.as_ref(), &MARKETPLACE, id, async |doc: &mut Object| {
            if !doc.contains_key("_rev") {
                return Err(Error::NotFound);
            }
            let mut new: T = typed(id, doc.clone())?;
            returned = Some(edit(&mut new)?);
            let mut new = untyped(&new)?;
            if let Some(entry) = trail::entry(doc, &new, actor, what, now) {
                if let Some((before, older)) = trail::overflow(&mut new) {
                    self.put_aside(id, before, older).await?;
                }
                trail::add(&mut new, &entry);
            }
            *doc = new;
            Ok(())
        })
        .await?;
        let returned = returned.ok_or(Error::NotFound)?;
        Ok((typed(id, (*merged.doc).clone())?, returned))
    }

    /// Keeps old entries of a document's trail in one of their own. Its id says which they are, so that doing it again is the
    /// same.
    async fn put_aside(&self, id: &str, before: u64, entries: Vec<Value>) -> Result<(), Error> {
        let doc =
            json!({ "_id": format!("trail:{id}:{before}"), "type": "trail", "subject": id, "first": before, "trail": entries });
        match self.platform.store.put(&MARKETPLACE, doc.as_object().unwrap_or(&Object::new())).await {
            Ok(_) | Err(store::Error::Conflict { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The rows of a view of the marketplace.
    pub(super) async fn rows(&self, view: &'static str, query: &Query) -> Result<Vec<Row>, Error> {
        Ok(self.platform.view(&MARKETPLACE, View::new("marketplace", view), query).await?)
    }

    /// The documents behind the rows of a view.
    pub(super) async fn behind<T: DeserializeOwned>(&self, view: &'static str, query: Query) -> Result<Vec<T>, Error> {
        documents(self.rows(view, &query.with_docs()).await?)
    }

    /// The documents whose ids begin so.
    pub(super) async fn beginning<T: DeserializeOwned>(&self, prefix: &str) -> Result<Vec<T>, Error> {
        let query = Query::range(prefix.into(), format!("{prefix}\u{fff0}").into()).with_docs();
        documents(self.platform.store.view(&MARKETPLACE, View::ALL_DOCS, &query).await?)
    }

    /// How many rows a view has, of one with a count.
    pub(super) async fn count(&self, view: &'static str, query: &Query) -> Result<usize, Error> {
        let query = Query { reduce: store::Reduce::All, limit: None, skip: 0, descending: false, ..query.clone() };
        let rows = self.rows(view, &query).await?;
        Ok(rows.first().and_then(|row| row.value.as_u64()).and_then(|count| usize::try_from(count).ok()).unwrap_or(0))
    }
}

fn documents<T: DeserializeOwned>(rows: Vec<Row>) -> Result<Vec<T>, Error> {
    let docs = rows.into_iter().filter_map(|row| Some((row.id?, row.doc?)));
    docs.map(|(id, doc)| typed(&id, (*doc).clone())).collect()
}

fn typed<T: DeserializeOwned>(id: &str, doc: Object) -> Result<T, Error> {
    serde_json::from_value(Value::Object(doc)).map_err(|error| Error::Internal(anyhow::anyhow!("marketplace/{id}: {error}")))
}

fn untyped(doc: &impl Serialize) -> Result<Object, Error> {
    match serde_json::to_value(doc) {
        Ok(Value::Object(doc)) => Ok(doc),
        Ok(_) => Err(Error::Internal(anyhow::anyhow!("a document that is no object"))),
        Err(error) => Err(Error::Internal(error.into())),
    }
}
