//! Names that must be unique: of several requests that want one at once, in whatever process, one goes first.
//!
//! No store promises that a member's value is unique, but of several writes of one new document exactly one succeeds. So a
//! name is claimed by a document whose id is made of it, for as long as it takes to look whether the name is free and to write
//! whoever is to bear it. On a CouchDB cluster this holds as far as its nodes hear of each other in time.

use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::{Platform, found, unix_now};
use crate::{
    kazoo::{document::gregorian, hex},
    store::{Db, Error, Object},
};

/// After so many seconds nobody is behind a claim any more: its process is gone.
const LEASE: u64 = 15;
/// How long others wait for a claim.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// A claim that is held.
struct Claim {
    id: String,
    rev: String,
}

impl Platform {
    /// Does something while nobody else does anything with one of these names in this database. A name says what it's a name
    /// of, like `username:jane`. Whoever has to wait too long gets a conflict.
    pub async fn claiming<T, E: From<Error>>(
        &self,
        db: &Db,
        mut names: Vec<String>,
        work: impl AsyncFnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        // In one order for everybody, lest two wait for each other.
        names.sort();
        names.dedup();
        let mut held = Vec::new();
        let mut outcome = Ok(());
        for name in &names {
            match self.claim(db, name).await {
                Ok(claim) => held.push(claim),
                Err(error) => {
                    outcome = Err(error);
                    break;
                }
            }
        }
        let done = match outcome {
            Ok(()) => work().await,
            Err(error) => Err(error.into()),
        };
        for Claim { id, rev } in held {
            if let Err(error) = self.store.delete(db, &id, &rev).await {
                log::warn!("a claim wasn't given back, others wait {LEASE} s for it: {error}");
            }
        }
        done
    }

    async fn claim(&self, db: &Db, name: &str) -> Result<Claim, Error> {
        let id = format!("claim-{}", hex(&Sha256::digest(name)));
        let deadline = Instant::now() + PATIENCE;
        let mut pause = PAUSE;
        let mut stale: Option<Value> = None;
        loop {
            let now = gregorian(unix_now());
            let members = [("_id", id.as_str().into()), ("pvt_type", "claim".into()), ("pvt_created", now.into())];
            let rev = stale.take().map(|rev| ("_rev", rev));
            let doc: Object = members.into_iter().chain(rev).map(|(key, value)| (key.to_owned(), value)).collect();
            match self.store.put(db, &doc).await {
                Ok(rev) => return Ok(Claim { id, rev }),
                Err(Error::Conflict { .. }) if Instant::now() < deadline => {}
                Err(error) => return Err(error),
            }
            if let Some(theirs) = found(self.store.get(db, &id).await)? {
                let since = theirs.get("pvt_created").and_then(Value::as_u64).unwrap_or(0);
                if since.saturating_add(LEASE) < now {
                    stale = theirs.get("_rev").cloned();
                } else {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }
}
