//! What was put together of documents is kept for as long as these are as they were.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;
use storefront::store::{Assembled, Db, Error, Query, Store, View, embedded::EmbeddedStore};

use super::round_trips::{Rig, on_every_rig};
use crate::store::contract::{design, doc, fill, fresh};

const BY_KIND: View = View::new("d", "by_kind");

on_every_rig! {
    it_is_put_together_once,
    our_write_shows_at_once,
    somebody_elses_write_shows_when_it_is_known,
    a_write_meanwhile_is_not_missed,
    what_was_read_past_the_cache_is_not_kept,
}

async fn furnish(store: &dyn Store, db: &Db) {
    design(store, db, "d", &[("by_kind", "function(doc) { if (doc.kind) emit(doc.kind, doc.n); }", "")]).await;
    fill(store, db, [json!({"_id": "a", "n": 1}), json!({"_id": "b", "kind": "x", "n": 2})]).await;
}

/// A number of one document and one of a view, beside each other; and whether they had to be read.
async fn sum(kept: &Assembled<()>, store: &dyn Store, db: &Db) -> (String, bool) {
    let mut read = false;
    let sum = async {
        read = true;
        let doc = store.get(db, "a").await?;
        let rows = store.view(db, BY_KIND, &Query::key("x")).await?;
        Ok::<_, Error>((Bytes::from(format!("{} {}", doc["n"], rows[0].value)), ()))
    };
    let (text, ()) = kept.get_or_make(store, "sum", sum).await.unwrap();
    (String::from_utf8(text.into()).unwrap(), read)
}

async fn set(store: &dyn Store, db: &Db, id: &str, n: u64) {
    let mut doc = (*store.get(db, id).await.unwrap()).clone();
    doc.insert("n".into(), n.into());
    store.put(db, &doc).await.unwrap();
}

async fn it_is_put_together_once(rig: &Rig) {
    let Rig { cached, other, db, .. } = rig;
    furnish(&**other, db).await;
    rig.settle().await;
    let kept = Assembled::default();
    assert_eq!(sum(&kept, cached, db).await, ("1 2".into(), true));
    assert_eq!(sum(&kept, cached, db).await, ("1 2".into(), false));
    // Others' databases are nothing to it.
    let elsewhere = fresh();
    cached.create_database(&elsewhere).await.unwrap();
    cached.put(&elsewhere, &doc(json!({"_id": "a"}))).await.unwrap();
    rig.settle().await;
    assert_eq!(sum(&kept, cached, db).await, ("1 2".into(), false));
    cached.delete_database(&elsewhere).await.unwrap();
}

async fn our_write_shows_at_once(rig: &Rig) {
    let Rig { cached, other, db, .. } = rig;
    furnish(&**other, db).await;
    rig.settle().await;
    let kept = Assembled::default();
    sum(&kept, cached, db).await;
    set(cached, db, "a", 3).await;
    assert_eq!(sum(&kept, cached, db).await, ("3 2".into(), true));
    set(cached, db, "b", 4).await;
    assert_eq!(sum(&kept, cached, db).await, ("3 4".into(), true));
}

async fn somebody_elses_write_shows_when_it_is_known(rig: &Rig) {
    let Rig { cached, other, db, .. } = rig;
    furnish(&**other, db).await;
    rig.settle().await;
    let kept = Assembled::default();
    for n in 3..6 {
        sum(&kept, cached, db).await;
        set(&**other, db, "a", n).await;
        rig.settle().await;
        assert_eq!(sum(&kept, cached, db).await, (format!("{n} {}", n - 1), true));
        set(&**other, db, "b", n).await;
        rig.settle().await;
        assert_eq!(sum(&kept, cached, db).await, (format!("{n} {n}"), true));
    }
}

async fn a_write_meanwhile_is_not_missed(rig: &Rig) {
    let Rig { cached, other, db, .. } = rig;
    furnish(&**other, db).await;
    rig.settle().await;
    let kept = Assembled::default();
    let late = async {
        let old = cached.get(db, "a").await?["n"].to_string();
        set(cached, db, "a", 3).await;
        Ok::<_, Error>((Bytes::from(old), ()))
    };
    assert_eq!(kept.get_or_make(cached, "sum", late).await.unwrap().0, "1");
    assert_eq!(sum(&kept, cached, db).await, ("3 2".into(), true));
}

async fn what_was_read_past_the_cache_is_not_kept(rig: &Rig) {
    let kept = Assembled::default();
    for _ in 0..2 {
        let mut read = false;
        let list = async {
            read = true;
            rig.cached.databases("").await?;
            Ok::<_, Error>((Bytes::new(), ()))
        };
        kept.get_or_make(&rig.cached, "list", list).await.unwrap();
        assert!(read);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_embedded_store_proves_it_by_its_file() {
    let dir = tempfile::tempdir().unwrap();
    let open = || Arc::new(EmbeddedStore::open(dir.path()).unwrap());
    let (ours, other, db) = (open(), open(), fresh());
    other.create_database(&db).await.unwrap();
    furnish(&*other, &db).await;
    let kept = Assembled::default();
    // The first reading brings the view's index up to date, which is a write.
    sum(&kept, &*ours, &db).await;
    sum(&kept, &*ours, &db).await;
    assert_eq!(sum(&kept, &*ours, &db).await, ("1 2".into(), false));
    for (n, store) in [(3, &ours), (4, &other)] {
        set(&**store, &db, "a", n).await;
        assert_eq!(sum(&kept, &*ours, &db).await, (format!("{n} 2"), true));
    }
}
