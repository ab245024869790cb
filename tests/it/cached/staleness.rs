//! How old an answer is when somebody else writes all the time, and that our own writes are always seen.
//!
//! `bench/staleness.sh` runs this for longer, by the variables below.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use serde_json::json;
use storefront::store::{Cached, Error, Object, Store, cached::Limits, couch::CouchStore, update};
use tokio::{sync::Mutex, time::timeout};

use crate::{
    store::contract::doc,
    support::couch::{self, Standin},
};

/// Somebody else, each with a document of his own.
const WRITERS: [&str; 4] = ["theirs-0", "theirs-1", "theirs-2", "theirs-3"];

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn an_answer_is_never_older_than_the_limit() {
    let seconds = setting("STALENESS_SECONDS", 3);
    let rate = setting("STALENESS_RATE", 50);
    let limits = Limits { age: Duration::from_millis(setting("STALENESS_LIMIT_MS", 2_000)), ..Limits::default() };
    // Half a second is what CouchDB takes.
    let standin = (!couch::is_given()).then(|| Standin::start(&["--in-memory", "--announce-after", "500"]));
    let url = standin.as_ref().map_or_else(couch::url, |standin| standin.url.clone());
    couch::ensure_feed().await;
    let open = || Arc::new(CouchStore::new(&url).unwrap());
    let other = open();
    let db = couch::name();
    other.create_database(&db).await.unwrap();
    for writer in WRITERS {
        other.put(&db, &doc(json!({"_id": writer, "n": 0}))).await.unwrap();
    }
    other.put(&db, &doc(json!({"_id": "ours", "n": 0}))).await.unwrap();
    let cached = Cached::new(open(), limits);
    timeout(Duration::from_secs(60), cached.alive().wait_for(|alive| *alive)).await.expect("the feed is heard").unwrap();

    // When the n-th write of each of the others was answered.
    let written = WRITERS.map(|_| Mutex::new(vec![Instant::now()]));
    let end = Instant::now() + Duration::from_secs(seconds);
    let theirs = join_all(WRITERS.iter().zip(&written).map(async |(id, written)| {
        let mut ticks = tokio::time::interval(Duration::from_secs(WRITERS.len() as u64) / u32::try_from(rate).unwrap());
        let mut rev = other.get(&db, id).await.unwrap()["_rev"].clone();
        for n in 1.. {
            ticks.tick().await;
            if Instant::now() > end {
                break;
            }
            rev = other.put(&db, &doc(json!({"_id": id, "n": n, "_rev": rev}))).await.unwrap().into();
            written.lock().await.push(Instant::now());
        }
    }));
    let ours = async {
        let mut count = 0;
        while Instant::now() < end {
            let merged = update(&cached, &db, "ours", async |doc: &mut Object| {
                let next = doc["n"].as_u64().unwrap() + 1;
                doc.insert("n".into(), next.into());
                Ok::<_, Error>(())
            });
            let n = merged.await.unwrap().doc["n"].clone();
            assert_eq!(cached.get(&db, "ours").await.unwrap()["n"], n, "our own write isn't seen");
            count += 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        count
    };
    let reading = async {
        let mut oldest = Duration::ZERO;
        for (id, written) in WRITERS.iter().zip(&written).cycle() {
            let asked = Instant::now();
            if asked > end {
                break;
            }
            let n = cached.get(&db, id).await.unwrap()["n"].as_u64().unwrap() as usize;
            // The answer was right until the next write was answered.
            if let Some(outdated) = written.lock().await.get(n + 1) {
                oldest = oldest.max(asked.saturating_duration_since(*outdated));
            }
            tokio::task::yield_now().await;
        }
        oldest
    };
    let (_, own, oldest) = tokio::join!(theirs, ours, reading);
    let mut count = 0;
    for written in &written {
        count += written.lock().await.len() - 1;
    }
    println!(
        "limit {} ms: {count} writes of somebody else's in {seconds} s, the oldest answer {} ms behind; {own} writes of our own, \
         all seen at once; {}",
        limits.age.as_millis(),
        oldest.as_millis(),
        cached.counters().read()
    );
    other.delete_database(&db).await.unwrap();
    assert!(count > 0 && own > 0);
    assert!(oldest < limits.age, "{oldest:?}");
}
