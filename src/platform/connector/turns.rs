//! Whose turn it is to fetch what the marketplace delivers, and which deliveries are on their way.
//!
//! Of several processes on one store only one fetches at a time. On one machine the lock of the [`Shelf`](super::shelf::Shelf)
//! sees to that; between machines this document does, which names the shelf that has its turn and until when. It's renewed while
//! the work lasts. A process that died and comes back has the same shelf, and so goes on with its turn at once.
//!
//! A delivery that has begun stands here with all that's known of it until it has come to an end, since the marketplace no longer
//! lists it.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::{Platform, names::SYSTEM_DATA, unix_now};
use crate::{
    kazoo::delivery::Delivery,
    store::{self, Object, update},
};

const DOCUMENT: &str = "storefront_marketplace";
/// Seconds that a turn lasts unless it's renewed. Machines' clocks may differ by less than this.
const LEASE: u64 = 120;
const RENEWAL: Duration = Duration::from_secs(30);

/// What came of asking for a turn.
pub enum Asked<'a> {
    /// It's ours, and these deliveries have begun and not ended.
    Ours(Turn<'a>, Vec<Delivery>),
    /// Another machine has it.
    Theirs,
    /// It isn't time yet, for so many seconds.
    TooEarly(u64),
}

/// A turn that one has.
pub struct Turn<'a> {
    platform: &'a Platform,
    shelf: String,
}

/// Why a turn can't go on.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    #[error("another machine took the turn over")]
    Lost,
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Platform {
    /// Asks for a turn; with an interval only if so many seconds went by since the last one, or something was left unfinished.
    pub async fn take_turn(&self, shelf: &str, interval: Option<u64>) -> Result<Asked<'_>, store::Error> {
        let mut asked = Asked::Theirs;
        update(self.store.as_ref(), &SYSTEM_DATA, DOCUMENT, async |doc: &mut Object| {
            let now = unix_now();
            let number = |key: &str| doc.get(key).and_then(Value::as_u64).unwrap_or_default();
            let is_held = doc.get("shelf").is_some_and(|holder| holder != shelf) && number("until") > now;
            if is_held {
                asked = Asked::Theirs;
                return Ok(());
            }
            let begun: Vec<Delivery> = deliveries(doc).values().filter_map(|entry| Delivery::parse(entry).ok()).collect();
            // A clock that was put back doesn't make anybody wait longer.
            let due = number("fetched").min(now) + interval.unwrap_or_default();
            if due > now && begun.is_empty() {
                asked = Asked::TooEarly(due - now);
                return Ok(());
            }
            doc.insert("pvt_type".into(), DOCUMENT.into());
            doc.insert("pvt_account_id".into(), SYSTEM_DATA.as_str().into());
            doc.insert("shelf".into(), shelf.into());
            doc.insert("until".into(), (now + LEASE).into());
            asked = Asked::Ours(Turn { platform: self, shelf: shelf.to_owned() }, begun);
            Ok::<_, store::Error>(())
        })
        .await?;
        Ok(asked)
    }
}

impl Turn<'_> {
    /// Renews the turn for as long as this is waited for; ends when it can't be.
    pub async fn keep(&self) -> TurnError {
        loop {
            tokio::time::sleep(RENEWAL).await;
            if let Err(error) = self.edit(|_| {}).await {
                return error;
            }
        }
    }

    /// A delivery begins.
    pub async fn begin(&self, delivery: &Delivery) -> Result<(), TurnError> {
        self.edit(|doc| {
            let mut begun = deliveries(doc);
            begun.insert(delivery.id.clone(), delivery.entry());
            doc.insert("deliveries".into(), begun.into());
        })
        .await
    }

    /// A delivery has come to an end.
    pub async fn end(&self, id: &str) -> Result<(), TurnError> {
        self.edit(|doc| {
            let mut begun = deliveries(doc);
            begun.shift_remove(id);
            doc.insert("deliveries".into(), begun.into());
        })
        .await
    }

    /// The turn is over; `done` when the marketplace has been asked.
    pub async fn give_back(self, done: bool) -> Result<(), TurnError> {
        self.edit(|doc| {
            doc.shift_remove("shelf");
            doc.shift_remove("until");
            if done {
                doc.insert("fetched".into(), unix_now().into());
            }
        })
        .await
    }

    async fn edit(&self, mut edit: impl FnMut(&mut Object)) -> Result<(), TurnError> {
        update(self.platform.store.as_ref(), &SYSTEM_DATA, DOCUMENT, async |doc: &mut Object| {
            if doc.get("shelf") != Some(&json!(self.shelf)) {
                return Err(TurnError::Lost);
            }
            doc.insert("until".into(), (unix_now() + LEASE).into());
            edit(doc);
            Ok(())
        })
        .await
        .map(drop)
    }
}

fn deliveries(doc: &Object) -> Object {
    doc.get("deliveries").and_then(Value::as_object).cloned().unwrap_or_default()
}
