//! The feed of databases: which of them change.

use std::time::Duration;

use futures_util::StreamExt;
use serde_json::json;
use storefront::store::{Db, Store, Update, Updates};
use tokio::time::timeout;

use super::contract::{doc, fresh, on};
use crate::support::couch::ensure_feed;

on_every_store! {
    a_feed_names_the_databases_that_are_written_to,
    a_feed_names_databases_that_are_made_and_removed,
    a_feed_is_heard_when_nothing_happens,
}

const PULSE: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(60);

async fn open(store: &dyn Store) -> Updates {
    ensure_feed().await;
    let mut updates = store.updates(PULSE).await.unwrap();
    // What happens from now on is in it.
    timeout(PATIENCE, updates.next()).await.unwrap().unwrap().unwrap();
    updates
}

/// The next that is said of a database; others have theirs, too.
async fn next(updates: &mut Updates, db: &Db) -> Update {
    let about = async {
        loop {
            match updates.next().await.unwrap().unwrap() {
                Update::Written(named) | Update::Replaced(named) if named != *db => {}
                Update::Pulse => {}
                update => return update,
            }
        }
    };
    timeout(PATIENCE, about).await.expect("the feed names it")
}

async fn a_feed_names_the_databases_that_are_written_to(store: &dyn Store, db: &Db) {
    let mut updates = open(store).await;
    // That it was made may be told late.
    let rev = store.put(db, &doc(json!({"_id": "a"}))).await.unwrap();
    while next(&mut updates, db).await != Update::Written(db.clone()) {}
    store.put(db, &on(&rev, json!({"_id": "a", "n": 1}))).await.unwrap();
    while next(&mut updates, db).await != Update::Written(db.clone()) {}
}

async fn a_feed_names_databases_that_are_made_and_removed(store: &dyn Store, _: &Db) {
    let mut updates = open(store).await;
    let db = fresh();
    store.create_database(&db).await.unwrap();
    assert_eq!(next(&mut updates, &db).await, Update::Replaced(db.clone()));
    store.delete_database(&db).await.unwrap();
    assert_eq!(next(&mut updates, &db).await, Update::Replaced(db.clone()));
}

async fn a_feed_is_heard_when_nothing_happens(store: &dyn Store, _: &Db) {
    let mut updates = open(store).await;
    let mut pulses = 0;
    while pulses < 3 {
        let update = timeout(PATIENCE, updates.next()).await.expect("the feed is alive").unwrap().unwrap();
        pulses += usize::from(update == Update::Pulse);
    }
}
