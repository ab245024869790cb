//! Who asks the same at the same time: one round trip for all of them, and none of them gets less than he would have got alone.

use std::{sync::atomic::Ordering::SeqCst, time::Duration};

use futures_util::future::join_all;
use serde_json::json;
use storefront::store::{Error, Query, Store};
use tokio::time::timeout;

use super::round_trips::{self, BY_KIND, Rig, on_every_rig};
use crate::store::contract::on;

on_every_rig! {
    many_who_ask_the_same_cost_one_round_trip,
    who_asks_after_a_write_waits_for_no_older_read,
    who_goes_away_leaves_the_answer_to_the_others,
    what_fails_fails_for_all_who_waited,
}

async fn furnish(rig: &Rig) {
    round_trips::furnish(rig).await;
    rig.counted.reads();
}

/// Waits until so many have joined another's read.
async fn until_joined(rig: &Rig, readers: u64) {
    let joined = async {
        while rig.cached.counters().read().joined < readers {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(60), joined).await.unwrap_or_else(|_| panic!("{}", rig.cached.counters().read()));
}

async fn many_who_ask_the_same_cost_one_round_trip(rig: &Rig) {
    furnish(rig).await;
    let Rig { cached, counted, db, .. } = rig;
    counted.holds.send_replace(true);
    let query = Query::key("x");
    let readers = join_all((0..16).map(|_| async {
        tokio::join!(cached.get(db, "a"), cached.get_many(db, &["b", "missing", "c"]), cached.view(db, BY_KIND, &query))
    }));
    let open = async {
        until_joined(rig, 3 * 15).await;
        counted.holds.send_replace(false);
    };
    for (one, many, rows) in tokio::join!(readers, open).0 {
        assert_eq!(one.unwrap()["n"], 1);
        let found: Vec<_> = many.unwrap().iter().map(|doc| doc.as_ref().map(|doc| doc["_id"].clone())).collect();
        assert_eq!(found, [Some(json!("b")), None, Some(json!("c"))]);
        assert_eq!(rows.unwrap().len(), 3);
    }
    assert_eq!(counted.reads(), 3);
    // Nothing stays on its way.
    assert!(matches!(cached.get(db, "nowhere").await, Err(Error::NotFound { .. })));
    assert_eq!(counted.reads(), 1);
}

async fn who_asks_after_a_write_waits_for_no_older_read(rig: &Rig) {
    furnish(rig).await;
    let Rig { cached, counted, other, db, .. } = rig;
    let rev = other.get(db, "a").await.unwrap()["_rev"].as_str().unwrap().to_owned();
    counted.holds.send_replace(true);
    let earlier = cached.get(db, "a");
    let later = async {
        counted.until_reads(1).await;
        let written = cached.put_many(db, &[on(&rev, json!({"_id": "a", "kind": "x", "n": 2}))]).await.unwrap();
        assert!(written[0].is_ok());
        cached.get(db, "a").await
    };
    let open = async {
        counted.until_reads(2).await;
        counted.holds.send_replace(false);
    };
    let (earlier, later, ()) = tokio::join!(earlier, later, open);
    // The first was read before the write, and says so as it would have without the second.
    assert_eq!((&earlier.unwrap()["n"], &later.unwrap()["n"]), (&json!(1), &json!(2)));
    assert_eq!(cached.get(db, "a").await.unwrap()["n"], 2);
    assert_eq!(cached.counters().read().joined, 0);
}

async fn who_goes_away_leaves_the_answer_to_the_others(rig: &Rig) {
    furnish(rig).await;
    let Rig { cached, counted, db, .. } = rig;
    counted.holds.send_replace(true);
    let mut first = cached.get(db, "a");
    assert!(timeout(Duration::ZERO, &mut first).await.is_err());
    counted.until_reads(1).await;
    let second = cached.get(db, "a");
    let leave = async {
        until_joined(rig, 1).await;
        drop(first);
        counted.holds.send_replace(false);
    };
    assert_eq!(tokio::join!(second, leave).0.unwrap()["n"], 1);
    assert_eq!(counted.reads(), 1);
}

async fn what_fails_fails_for_all_who_waited(rig: &Rig) {
    furnish(rig).await;
    let Rig { cached, counted, db, .. } = rig;
    counted.holds.send_replace(true);
    counted.ends_after.store(0, SeqCst);
    let readers = join_all((0..8).map(|_| cached.get(db, "a")));
    let open = async {
        until_joined(rig, 7).await;
        counted.ends_after.store(usize::MAX, SeqCst);
        counted.holds.send_replace(false);
    };
    for read in tokio::join!(readers, open).0 {
        assert!(matches!(read, Err(Error::Unreachable { .. })), "{read:?}");
    }
    assert_eq!(counted.reads(), 1);
    // That nobody keeps.
    assert_eq!(cached.get(db, "a").await.unwrap()["n"], 1);
}
