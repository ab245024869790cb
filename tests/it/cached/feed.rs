//! What becomes of the cache when its feed is refused, lost, or found again.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use storefront::store::{Cached, Db, Error, Store, cached::Limits, couch::CouchStore};
use tokio::time::timeout;

use crate::{
    store::contract::{doc, on},
    support::{
        couch::Standin,
        counted::Counted,
        process::Server,
        script::{Answer, Script},
    },
};

const DB: Db = Db::named("accounts");
const PATIENCE: Duration = Duration::from_secs(60);

/// A second of silence is a loss.
fn limits() -> Limits {
    Limits { age: Duration::from_secs(4), ..Limits::default() }
}

async fn wait(cached: &Cached, wanted: bool) {
    timeout(PATIENCE, cached.alive().wait_for(|alive| *alive == wanted)).await.expect("it changes").unwrap();
}

fn open(standin: &Standin) -> Arc<CouchStore> {
    Arc::new(CouchStore::new(&standin.url).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_feed_empties_the_cache_until_it_is_back() {
    let standin = Standin::start(&["--in-memory"]);
    let other = open(&standin);
    other.create_database(&DB).await.unwrap();
    let rev = other.put(&DB, &doc(json!({"_id": "a", "n": 1}))).await.unwrap();
    let counted = Counted::new(open(&standin));
    let cached = Cached::new(counted.clone(), limits());
    wait(&cached, true).await;
    cached.get(&DB, "a").await.unwrap();

    standin.signal("-STOP");
    wait(&cached, false).await;
    standin.signal("-CONT");
    other.put(&DB, &on(&rev, json!({"_id": "a", "n": 2}))).await.unwrap();
    counted.reads();
    assert_eq!(cached.get(&DB, "a").await.unwrap()["n"], 2);
    assert_eq!(counted.reads(), 1);

    wait(&cached, true).await;
    assert!(cached.counters().read().losses >= 1);
    while counted.reads() > 0 {
        assert_eq!(cached.get(&DB, "a").await.unwrap()["n"], 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_feed_every_read_goes_to_the_store() {
    let standin = Standin::start(&["--in-memory", "--announce-after=-1"]);
    let other = open(&standin);
    other.create_database(&DB).await.unwrap();
    let counted = Counted::new(open(&standin));
    let cached = Cached::new(counted.clone(), limits());
    for n in 1..10 {
        assert!(matches!(cached.get(&DB, &n.to_string()).await, Err(Error::NotFound { .. })));
        other.put(&DB, &doc(json!({"_id": n.to_string()}))).await.unwrap();
        assert!(cached.get(&DB, &n.to_string()).await.is_ok());
    }
    assert_eq!(counted.reads(), 18);
    assert_eq!(cached.counters().read().bypasses, 18);
    assert!(!*cached.alive().borrow());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_says_once_that_it_can_not_cache_and_why() {
    let standin = Standin::start(&["--in-memory", "--announce-after=-1"]);
    let server = Server::serve_with(standin.url.as_str(), &[]);
    server.wait_for_log("_global_changes");
    server.url();
    assert_eq!(server.log().matches("_global_changes").count(), 1, "{}", server.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_that_does_not_name_what_we_write_is_not_believed() {
    let standin = Standin::start(&["--in-memory", "--announce-after=1000000"]);
    let other = open(&standin);
    other.create_database(&DB).await.unwrap();
    let cached = Cached::new(open(&standin), limits());
    wait(&cached, true).await;
    cached.put(&DB, &doc(json!({"_id": "a"}))).await.unwrap();
    let losses = cached.counters().read().losses;
    timeout(PATIENCE, cached.alive().wait_for(|_| cached.counters().read().losses > losses)).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_that_ends_stalls_or_talks_nonsense_is_no_feed() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";
    for feed in [
        Answer::Cut(format!("{head}\n{{\"last_seq\":\"1\"}}\n")),
        Answer::Hang(format!("{head}\n")),
        Answer::Cut(format!("{head}\n<html>\n")),
        Answer::Cut(format!("{head}{}", "x".repeat(100_000))),
        Answer::json(401, r#"{"error":"unauthorized","reason":"You are not a server admin."}"#),
    ] {
        let script = Script::always(feed);
        let cached =
            Cached::new(Arc::new(CouchStore::new(&script.url).unwrap()), Limits { age: Duration::from_millis(400), ..limits() });
        // It tries again and again, and is never content for long.
        timeout(PATIENCE, async {
            while script.requests().len() < 3 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await
        .expect("it tries again");
        timeout(PATIENCE, cached.alive().wait_for(|alive| !alive)).await.unwrap().unwrap();
    }
}
