//! One at a time, over all processes on a store: for a check and a write that no revision ties together.
//!
//! Two requests that want the same realm each see that it's free and then write a document of their own: both would have it.
//! Looking again after the write doesn't settle it either, since both may then withdraw, or, as one of them looked before the
//! other wrote, neither. So the check and the write are done under a name that only one holds at a time: whoever comes second
//! waits, and then sees what the first has written.
//!
//! A name stands for one of a few documents in `system_data`, whose revision decides who has it. They are few, so that nothing
//! piles up, and there, so that no view that anybody waits for has to pass over them.

use std::time::{Duration, Instant};

use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    Platform, found,
    names::{self, SYSTEM_DATA},
};
use crate::{
    kazoo::{document::text, id},
    store::{Error, Object, Rev},
};

/// How long somebody may hold a name. He who holds it longer has died, and it's taken from him.
const LEASE: Duration = Duration::from_secs(20);
/// How long one waits for a name.
const PATIENCE: Duration = Duration::from_secs(45);
/// How often giving it back is tried.
const ATTEMPTS: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(30);

impl Platform {
    /// Does some work while nobody else does any under the same name, in whichever process. The work should be a few reads
    /// and writes. It mustn't come here again itself, not even with another name: two names may share a document.
    ///
    /// [`Error::Timeout`] when others don't come to an end.
    pub async fn exclusively<T, E: From<Error>>(&self, name: &str, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let slot = slot(name);
        let held = self.take(&slot).await?;
        let outcome = work.await;
        self.give_back(&slot, held).await;
        outcome
    }

    async fn take(&self, slot: &str) -> Result<Rev, Error> {
        let holder = id::new_id();
        let began = Instant::now();
        let mut watched: Option<(Rev, Instant)> = None;
        let mut pause = FIRST_PAUSE;
        while began.elapsed() < PATIENCE {
            let current = found(self.store.get(&SYSTEM_DATA, slot).await)?;
            let rev = current.as_deref().and_then(|doc| text(doc, "_rev"));
            let is_free = current.as_deref().is_none_or(|doc| !doc.contains_key("holder"));
            // Nobody's clock is compared with another's: the lease is over when the same revision was there all that time.
            let abandoned = match (&watched, rev) {
                (Some((seen, since)), Some(rev)) if seen == rev => since.elapsed() >= LEASE,
                (_, Some(rev)) => {
                    watched = Some((rev.to_owned(), Instant::now()));
                    false
                }
                _ => false,
            };
            if is_free || abandoned {
                match self.store.put(&SYSTEM_DATA, &state(slot, rev, Some(&holder))).await {
                    Ok(rev) => return Ok(rev),
                    Err(Error::Conflict { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        Err(Error::Timeout { db: SYSTEM_DATA.clone() })
    }

    /// Tried more than once, since everybody else waits; what can't be given back is free again after the lease.
    async fn give_back(&self, slot: &str, held: Rev) {
        for attempt in 1..=ATTEMPTS {
            match self.store.put(&SYSTEM_DATA, &state(slot, Some(&held), None)).await {
                Ok(_) => return,
                // An earlier attempt arrived after all; else somebody couldn't wait any longer.
                Err(Error::Conflict { .. }) if attempt > 1 => return,
                Err(Error::Conflict { .. }) => return log::warn!("{slot} was held for too long and taken away"),
                Err(error) => log::warn!("{slot} can't be given back, others have to wait: {error}"),
            }
            tokio::time::sleep(LONGEST_PAUSE).await;
        }
    }
}

fn slot(name: &str) -> String {
    let digest = Sha256::digest(name);
    format!("storefront_exclusive_{:02x}", digest.first().copied().unwrap_or_default())
}

fn state(slot: &str, rev: Option<&str>, holder: Option<&str>) -> Object {
    let members = [
        ("_id", Some(slot)),
        ("_rev", rev),
        ("pvt_type", Some("storefront_exclusive")),
        ("pvt_account_id", Some(names::SYSTEM_DATA.as_str())),
        ("holder", holder),
    ];
    members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), json!(value?)))).collect()
}
