//! JSON schemas: kept in `system_schemas`, where Kazoo keeps its own; those that ship with Storefront stand in for missing ones.

use std::{collections::HashMap, sync::Arc};

use rust_embed::RustEmbed;
use serde_json::Value;

use super::{Platform, Settings, found, names::SYSTEM_SCHEMAS};
use crate::{
    kazoo::{
        document::{is_soft_deleted, text},
        schema::{self, Schema, SchemaError},
        validation::Invalid,
    },
    store::{self, Document, Object, update},
};

/// A schema refers to others, those to further ones; deeper than this they refer in circles.
const DEEPEST: usize = 16;

#[derive(RustEmbed)]
#[folder = "fixtures/schemas"]
struct Bundled;

/// A schema ready for use, with the documents it was made of.
pub struct Compiled {
    schema: Schema,
    /// Names and revisions; a bundled document has none.
    made_of: Vec<(String, Option<String>)>,
}

/// Why something couldn't be held against a schema, or didn't hold.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// There is no schema of that name.
    #[error("schema {0} not found.")]
    Unknown(String),
    #[error(transparent)]
    Broken(#[from] SchemaError),
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// What the store has of a schema that ships with Storefront.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaStanding {
    Current,
    Missing,
    /// It's another one, Kazoo's for instance, which stays unless it's to be replaced.
    Different,
}

impl Platform {
    /// Holds data against a schema: its public members, with defaults filled in and types mended where that's allowed.
    pub async fn check(&self, schema: &str, data: Value) -> Result<Object, CheckError> {
        self.check_by(&self.settings("crossbar").await?, schema, data).await
    }

    /// [`Platform::check`], where the settings of `crossbar` are at hand.
    pub async fn check_by(&self, crossbar: &Settings, schema: &str, data: Value) -> Result<Object, CheckError> {
        let strict = crossbar.flag("schema_strict_validation").unwrap_or(false);
        Ok(self.schema(schema).await?.schema.check(data, strict)?)
    }

    async fn schema(&self, name: &str) -> Result<Arc<Compiled>, CheckError> {
        if let Some(known) = self.compiled_schemas.get(name) {
            let names: Vec<&str> = known.made_of.iter().map(|(name, _)| name.as_str()).collect();
            let docs = self.schema_docs(&names).await?;
            if docs
                .iter()
                .zip(&known.made_of)
                .all(|(doc, (_, rev))| doc.as_deref().and_then(|doc| text(doc, "_rev")) == rev.as_deref())
            {
                return Ok(known);
            }
        }
        let compiled = Arc::new(self.compile(name).await?);
        self.compiled_schemas.insert(name.to_owned(), compiled.clone());
        Ok(compiled)
    }

    async fn compile(&self, name: &str) -> Result<Compiled, CheckError> {
        let mut docs: HashMap<String, Document> = HashMap::new();
        let mut made_of = Vec::new();
        let mut wanted = vec![name.to_owned()];
        for _ in 0..DEEPEST {
            let names: Vec<&str> = wanted.iter().map(String::as_str).collect();
            let mut references = Vec::new();
            for (name, doc) in names.iter().zip(self.schema_docs(&names).await?) {
                let doc = doc.or_else(|| bundled(name)).ok_or_else(|| CheckError::Unknown((*name).to_owned()))?;
                references.extend(schema::references(&doc));
                made_of.push(((*name).to_owned(), text(&doc, "_rev").map(str::to_owned)));
                docs.insert((*name).to_owned(), doc);
            }
            references.sort();
            references.dedup();
            references.retain(|name| !docs.contains_key(name));
            wanted = references;
            if wanted.is_empty() {
                break;
            }
        }
        Ok(Compiled { schema: Schema::compile(name, &docs)?, made_of })
    }

    /// Documents of `system_schemas`; nothing where the database isn't there yet.
    async fn schema_docs(&self, names: &[&str]) -> Result<Vec<Option<Document>>, store::Error> {
        match self.store.get_many(&SYSTEM_SCHEMAS, names).await {
            Ok(docs) => Ok(docs.into_iter().map(|doc| doc.filter(|doc| !is_soft_deleted(doc))).collect()),
            Err(store::Error::NoDatabase { .. }) => Ok(vec![None; names.len()]),
            Err(error) => Err(error),
        }
    }

    /// How the schemas that ship with Storefront stand in `system_schemas`. Nothing is changed.
    pub async fn schema_standings(&self) -> Result<Vec<(String, SchemaStanding)>, store::Error> {
        let names: Vec<String> = bundled_names().collect();
        let ids: Vec<&str> = names.iter().map(String::as_str).collect();
        // Even a deleted one isn't installed again.
        let stored = found(self.store.get_many(&SYSTEM_SCHEMAS, &ids).await)?.unwrap_or_else(|| vec![None; ids.len()]);
        let standing = |(name, stored): (String, Option<Document>)| {
            let public = |doc: &Document| crate::kazoo::document::public(doc);
            let standing = match stored {
                None => SchemaStanding::Missing,
                Some(stored) if bundled(&name).is_some_and(|doc| public(&doc) == public(&stored)) => SchemaStanding::Current,
                Some(_) => SchemaStanding::Different,
            };
            (name, standing)
        };
        Ok(names.into_iter().zip(stored).map(standing).collect())
    }

    /// Writes the bundled schemas into `system_schemas`: all of them with `replace`, else those that aren't there. Returns how
    /// many were written. Private members of a document that's replaced stay.
    pub async fn install_schemas(&self, replace: bool) -> Result<usize, store::Error> {
        let bundled: Vec<(String, Document)> = bundled_names().filter_map(|name| bundled(&name).map(|doc| (name, doc))).collect();
        let names: Vec<&str> = bundled.iter().map(|(name, _)| name.as_str()).collect();
        let stored = self.store.get_many(&SYSTEM_SCHEMAS, &names).await?;
        let mut written = 0;
        for ((name, doc), stored) in bundled.iter().zip(stored) {
            if stored.is_some() && !replace {
                continue;
            }
            let merged = update(self.store.as_ref(), &SYSTEM_SCHEMAS, name, async |current: &mut Object| {
                current.retain(|key, _| crate::kazoo::document::is_private(key));
                current.extend(doc.iter().filter(|(key, _)| *key != "_rev").map(|(key, value)| (key.clone(), value.clone())));
                Ok::<_, store::Error>(())
            });
            written += usize::from(merged.await?.changed);
        }
        Ok(written)
    }
}

/// The names of the schemas that ship with Storefront.
pub fn bundled_names() -> impl Iterator<Item = String> {
    Bundled::iter().filter_map(|file| file.strip_suffix(".json").map(str::to_owned))
}

/// A schema that ships with Storefront.
pub fn bundled(name: &str) -> Option<Document> {
    let file = Bundled::get(&format!("{name}.json"))?;
    serde_json::from_slice::<Object>(&file.data).ok().map(Document::new)
}
