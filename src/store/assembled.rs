//! What was made of a store's documents, kept for as long as these are as they were.

use std::{future::Future, sync::Arc, time::Duration};

use anyhow::anyhow;
use bytes::Bytes;
use futures_util::FutureExt;
use moka::sync::Cache;
use prometheus_client::{metrics::counter::Counter, registry::Registry};

use super::{Error, Proof, Store, weight::OVERHEAD};

/// Bytes that are kept in all; something of more than a sixteenth of that isn't.
const CAPACITY: u64 = 16 << 20;
const LARGEST: usize = (CAPACITY / 16) as usize;

/// After this it's made again although its proof holds, since what that rests on may itself be as old as the cache allows.
const LIFETIME: Duration = Duration::from_secs(10);

/// Texts made of a store's documents, by name; with each goes a `T`, something small that is known of it.
pub struct Assembled<T> {
    entries: Cache<String, Entry<T>>,
    hits: Counter,
    misses: Counter,
}

#[derive(Clone)]
struct Entry<T> {
    made: (Bytes, T),
    proof: Arc<Proof>,
}

impl<T: Clone + Send + Sync + 'static> Default for Assembled<T> {
    fn default() -> Self {
        let weigh = |key: &String, entry: &Entry<T>| {
            u32::try_from(OVERHEAD + size_of::<T>() + key.len() + entry.made.0.len()).unwrap_or(u32::MAX)
        };
        let entries = Cache::builder().max_capacity(CAPACITY).weigher(weigh).time_to_live(LIFETIME).build();
        Self { entries, hits: Counter::default(), misses: Counter::default() }
    }
}

impl<T: Clone + Send + Sync + 'static> Assembled<T> {
    /// What has this name, made anew unless it's there and would come out the same.
    ///
    /// Everything that it's made of must follow from the name or be read of this store by `make` itself, in the task that this
    /// is: what was read before may have changed in between, and nobody would notice.
    ///
    /// # Errors
    /// Those of `make`; nothing is kept then.
    pub async fn get_or_make<E: From<Error>>(
        &self,
        store: &dyn Store,
        name: &str,
        make: impl Future<Output = Result<(Bytes, T), E>>,
    ) -> Result<(Bytes, T), E> {
        if let Some(entry) = self.entries.get(name).filter(|entry| (entry.proof)()) {
            self.hits.inc();
            return Ok(entry.made);
        }
        self.misses.inc();
        let mut outcome = None;
        let proof = store.proven(async { outcome = Some(make.await) }.boxed_local()).await;
        let made = outcome.unwrap_or_else(|| Err(Error::Unreachable { source: anyhow!("nothing was read") }.into()))?;
        if let Some(proof) = proof.filter(|_| made.0.len() <= LARGEST) {
            self.entries.insert(name.to_owned(), Entry { made: made.clone(), proof: proof.into() });
        }
        Ok(made)
    }

    /// Has shown how often it was of use.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("assembled_hits", "Answers that were in memory as a whole", self.hits.clone());
        registry.register("assembled_misses", "Answers that had to be put together of documents", self.misses.clone());
    }
}
