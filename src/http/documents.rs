//! Documents of the account in the path: read by id and type, and written with everything that a save leaves on them.

use super::{Context, Failure, failure::not_an_object};
use crate::{
    kazoo::{
        document::{self, Stamp, is_private, is_soft_deleted, text},
        id,
    },
    platform::found,
    store::{Document, Object, update},
};

impl Context {
    /// The request's data, which must be an object. An id in it is none of the client's business.
    pub fn body(&self) -> Result<Object, Failure> {
        let serde_json::Value::Object(data) = &self.request.data else {
            return Err(not_an_object(&self.request.data));
        };
        let mut data = data.clone();
        data.shift_remove("id");
        Ok(data)
    }

    /// A document of this type that isn't deleted.
    pub async fn load(&self, id: &str, pvt_type: &str) -> Result<Document, Failure> {
        let doc = if is_name(id) { self.platform.account_doc(self.account_id()?, id).await? } else { None };
        let doc = doc.filter(|doc| text(doc, "pvt_type") == Some(pvt_type) && !is_soft_deleted(doc));
        doc.ok_or_else(|| Failure::BadIdentifier { cause: id.to_owned() })
    }

    /// Makes a document. One that is there already is a conflict; one that was deleted softly makes way.
    pub async fn create(&self, id: &str, pvt_type: &str, public: Object) -> Result<Document, Failure> {
        let db = self.account_db()?;
        let former = found(self.platform.store.get(&db, id).await)?;
        if former.as_deref().is_some_and(|doc| !is_soft_deleted(doc) || text(doc, "pvt_type") != Some(pvt_type)) {
            return Err(Failure::Conflict);
        }
        self.may_write(None)?;
        let mut doc = Object::from_iter([("_id".to_owned(), id.into())]);
        doc.extend(public);
        doc.insert("pvt_type".into(), pvt_type.into());
        document::stamp(&mut doc, &self.account_stamp()?);
        doc.extend(former.and_then(|doc| doc.get("_rev").cloned()).map(|rev| ("_rev".to_owned(), rev)));
        self.put(doc).await
    }

    /// Writes a document with new public members.
    pub async fn replace(&self, old: &Document, public: Object) -> Result<Document, Failure> {
        self.may_write(text(old, "_rev"))?;
        let mut doc: Object =
            old.iter().filter(|(key, _)| is_private(key)).map(|(key, value)| (key.clone(), value.clone())).collect();
        doc.extend(public);
        document::stamp(&mut doc, &self.account_stamp()?);
        self.put(doc).await
    }

    /// Changes a document of this type, on whatever revision is the current one.
    pub async fn change(
        &self,
        id: &str,
        pvt_type: &str,
        mut edit: impl AsyncFnMut(&mut Object) -> Result<(), Failure>,
    ) -> Result<Document, Failure> {
        if !is_name(id) {
            return Err(Failure::BadIdentifier { cause: id.to_owned() });
        }
        let merged = update(self.platform.store.as_ref(), &self.account_db()?, id, async |doc: &mut Object| {
            if text(doc, "pvt_type") != Some(pvt_type) || is_soft_deleted(doc) {
                return Err(Failure::BadIdentifier { cause: id.to_owned() });
            }
            edit(doc).await?;
            self.may_write(text(doc, "_rev"))?;
            document::stamp(doc, &self.account_stamp()?);
            Ok::<_, Failure>(())
        })
        .await?;
        Ok(merged.doc)
    }

    /// Marks a document as deleted.
    pub async fn soft_delete(&self, old: &Document) -> Result<Document, Failure> {
        self.may_write(text(old, "_rev"))?;
        let mut doc = (**old).clone();
        document::stamp(&mut doc, &self.account_stamp()?);
        document::soft_delete(&mut doc);
        self.put(doc).await
    }

    /// Removes a document from its database.
    pub async fn remove(&self, old: &Document) -> Result<(), Failure> {
        let rev = text(old, "_rev").unwrap_or_default();
        self.may_write(Some(rev))?;
        self.platform.store.delete(&self.account_db()?, document::id(old).unwrap_or_default(), rev).await?;
        Ok(())
    }

    /// [`Context::stamp`] for a document in the database of the account in the path.
    pub fn account_stamp(&self) -> Result<Stamp<'_>, Failure> {
        Ok(Stamp { account_id: Some(self.account_id()?), ..self.stamp() })
    }

    async fn put(&self, mut doc: Object) -> Result<Document, Failure> {
        if let Some(db) = id::account_db_encoded(self.account_id()?) {
            doc.entry("pvt_account_db").or_insert_with(|| db.into());
        }
        let rev = self.platform.store.put(&self.account_db()?, &doc).await?;
        doc.insert("_rev".into(), rev.into());
        Ok(doc.into())
    }
}

/// Whether a document that clients name can have this id: what begins with `_` is the database's own.
fn is_name(id: &str) -> bool {
    !id.is_empty() && !id.starts_with('_')
}
