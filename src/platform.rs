//! Kazoo's rules carried out on a store: what both the API and the operator's commands do with accounts, users, apps,
//! schemas, settings and keys. Knows nothing of HTTP.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use moka::sync::Cache;
use tokio::sync::Notify;

use crate::{
    kazoo::document::is_soft_deleted,
    store::{self, Document, Object, Store},
};

pub mod accounts;
pub mod alerts;
pub mod applications;
pub mod apps;
pub mod archive;
pub mod connector;
pub mod dns;
pub mod doctor;
pub mod domains;
pub mod emails;
pub mod exclusive;
pub mod keys;
pub mod mail;
pub mod names;
pub mod overrides;
pub mod packages;
pub mod plans;
pub mod prepare;
pub mod recovery;
pub mod schemas;
pub mod settings;
pub mod sign_on;
pub mod users;
pub mod views;
pub mod whitelabel;

pub use settings::Settings;

/// How many verified tokens are remembered. A claim set is about half a kilobyte.
const KNOWN_TOKENS: u64 = 20_000;

/// The platform's documents and what is derived from them.
pub struct Platform {
    pub store: Arc<dyn Store>,
    /// Claims of tokens whose RSA signature was checked, by a digest over token and key: checking one costs as much as the
    /// rest of a request.
    pub known_tokens: Cache<[u8; 32], Arc<Object>>,
    compiled_schemas: Cache<String, Arc<schemas::Compiled>>,
    parsed_keys: Cache<String, Arc<keys::SigningKey>>,
    /// What the marketplace said of the cluster's link, by a digest of its token.
    glances: Cache<String, connector::Glance>,
    /// Rings when the marketplace may have something new for the cluster.
    deliveries_wanted: Notify,
}

impl Platform {
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            known_tokens: Cache::new(KNOWN_TOKENS),
            compiled_schemas: Cache::new(1_000),
            parsed_keys: Cache::new(100),
            glances: Cache::builder().max_capacity(10).time_to_live(connector::GLANCE_IS_GOOD).build(),
            deliveries_wanted: Notify::new(),
        }
    }

    /// A document of an account's database; `None` when there is none, or no such account.
    pub async fn account_doc(&self, account_id: &str, id: &str) -> Result<Option<Document>, store::Error> {
        match names::account_db(account_id) {
            Some(db) if !is_reserved(id) => found(self.store.get(&db, id).await),
            _ => Ok(None),
        }
    }

    /// Several documents of an account's database, read at once; `None` for each that isn't there, or no longer.
    pub async fn account_docs<const N: usize>(
        &self,
        account_id: &str,
        ids: [&str; N],
    ) -> Result<[Option<Document>; N], store::Error> {
        let docs = match names::account_db(account_id) {
            Some(db) => found(self.store.get_many(&db, &ids).await)?,
            None => None,
        };
        let mut docs = docs.into_iter().flatten();
        Ok(ids.map(|id| docs.next().flatten().filter(|doc| !is_soft_deleted(doc) && !is_reserved(id))))
    }
}

/// Whether an id is the database's own affair: that of a design document, or of one that isn't replicated.
fn is_reserved(id: &str) -> bool {
    id.starts_with('_')
}

/// Seconds since 1970.
pub fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}

/// What isn't there, as `None`.
pub fn found<T>(read: Result<T, store::Error>) -> Result<Option<T>, store::Error> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(store::Error::NotFound { .. } | store::Error::NoDatabase { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
