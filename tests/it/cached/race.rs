//! Many at one document at the same time: whoever has written, or has seen that somebody wrote, never reads an older state.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::SeqCst},
};

use futures_util::future::join_all;
use serde_json::{Value, json};
use storefront::store::{self, Db, Error, Object, Query, Store, View};

use super::round_trips::{Rig, embedded_rig, on_every_rig};
use crate::store::contract::{design, doc};

on_every_rig! {
    a_completed_write_is_never_unread,
}

/// The stand-in's views lose rows for a moment while they are brought up to date.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_completed_write_is_in_every_view() {
    embedded_rig(async |rig: &Rig| race(rig, 4).await).await;
}

const BY_ID: View = View::new("d", "by_id");
/// How often each of the writers writes.
const WRITES: u64 = 30;
const WRITERS: u64 = 3;

/// Numbers that follow from a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

async fn a_completed_write_is_never_unread(rig: &Rig) {
    race(rig, 3).await;
}

/// Writers and readers at once, who read in so many ways.
async fn race(rig: &Rig, ways: u64) {
    let seed = 20_261_122;
    println!("seed {seed}");
    let Rig { cached, db, .. } = rig;
    design(cached, db, "d", &[("by_id", "function(doc) { emit(doc._id, doc.n); }", "")]).await;
    cached.put(db, &doc(json!({"_id": "a", "n": 0}))).await.unwrap();
    // The highest number whose write has been answered.
    let done = Arc::new(AtomicU64::new(0));
    let writers = (0..WRITERS).map(|_| async {
        for _ in 0..WRITES {
            let merged = store::update(cached, db, "a", async |doc: &mut Object| {
                let next = number(&doc["n"]) + 1;
                doc.insert("n".into(), next.into());
                Ok::<_, Error>(())
            });
            done.fetch_max(number(&merged.await.unwrap().doc["n"]), SeqCst);
        }
    });
    let readers = (0..6).map(|nth| {
        let (done, mut dice) = (&done, Dice(seed + nth));
        async move {
            let mut seen = 0;
            while seen < WRITES * WRITERS {
                let before = done.load(SeqCst);
                let now = read(cached, db, dice.roll(ways)).await;
                assert!(now >= before, "read {now} after {before} was written");
                seen = now;
                for _ in 0..dice.roll(5) {
                    tokio::task::yield_now().await;
                }
            }
        }
    });
    tokio::join!(join_all(writers), join_all(readers));
    assert_eq!(number(&rig.other.get(db, "a").await.unwrap()["n"]), WRITES * WRITERS);
    println!("{}", cached.counters().read());
}

async fn read(store: &dyn Store, db: &Db, way: u64) -> u64 {
    match way {
        3 => number(&store.view(db, BY_ID, &Query::key("a")).await.unwrap()[0].value),
        1 => number(&store.get_many(db, &["b", "a"]).await.unwrap()[1].as_ref().unwrap()["n"]),
        _ => number(&store.get(db, "a").await.unwrap()["n"]),
    }
}
