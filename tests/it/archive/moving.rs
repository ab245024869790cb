//! What arrives.

use futures_util::TryStreamExt;
use serde_json::json;
use storefront::{
    platform::names,
    store::{self, Db, Object},
};

use super::support::{ACCOUNTS, LARGE, MASTER, Source, assert_same, bytes, db, id, members, path, put, run};
use crate::support::couch::Clean;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_goes_into_a_couchdb_and_back_again() {
    let (source, couch, back) = (Source::furnished().await, Clean::new().await, Source::empty());
    let (couch_url, dir) = (couch.url().to_string(), tempfile::tempdir().unwrap());
    let (out, home) = (dir.path().join("out"), dir.path().join("home"));

    let said = run(&source.name(), &["export", path(&out), "--months"]).ok();
    let databases = 4 + 2 * (ACCOUNTS + 1);
    assert!(said.starts_with(&format!("exported {databases} databases")), "{said}");
    let said = run(&couch_url, &["import", path(&out)]).ok();
    assert!(said.contains(" 0 there already, 0 left alone, 0 refused"), "{said}");
    assert_same(&source.name(), &couch_url);
    assert_same(&couch_url, &source.name());

    run(&couch_url, &["export", path(&home), "--months"]).ok();
    run(&back.name(), &["import", path(&home)]).ok();
    assert_same(&source.name(), &back.name());

    // Not by the words of the program alone.
    let (before, after) = (source.open(), back.open());
    assert_eq!(before.databases("").await.unwrap(), after.databases("").await.unwrap());
    for own in [db(MASTER), db(&id(6))] {
        for doc in [MASTER, &id(6), "user", "ordner/äöü +&?#", "_design/own"] {
            if before.get(&own, doc).await.is_ok() {
                assert_eq!(members(&*before, &own, doc).await, members(&*after, &own, doc).await);
            }
        }
    }
    for (name, content_type, expected) in [
        ("photo", "image/png", bytes(6, 2_000)),
        ("notes für später.txt", "text/plain; charset=utf-8", vec![b'a'; 5_000]),
        ("empty", "application/octet-stream", Vec::new()),
        ("film", "video/mp4", bytes(6, LARGE)),
    ] {
        let attachment = after.attachment(&db(&id(6)), "user", name, None).await.unwrap();
        assert_eq!(attachment.info.content_type, content_type);
        let parts: Vec<_> = attachment.body.try_collect().await.unwrap();
        assert!(parts.concat() == expected, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_comes_with_all_below_it_and_nothing_else() {
    let (source, target, dir) = (Source::furnished().await, Source::empty(), tempfile::tempdir().unwrap());
    let file = dir.path().join("file");
    let said = run(&source.name(), &["export", path(&file), "--account", "r20.example.com"]).ok();
    assert!(said.starts_with("exported 12 databases"), "{said}");
    run(&target.name(), &["import", path(&file)]).ok();
    let store = target.open();
    let expected: Vec<Db> =
        (20..30).map(|number| db(&id(number))).chain([names::ACCOUNTS.clone(), names::SERVICES.clone()]).collect();
    assert_eq!(store.databases("").await.unwrap(), expected);
    for db in [&names::ACCOUNTS, &names::SERVICES] {
        assert!(store.get(db, &id(29)).await.is_ok());
        assert!(matches!(store.get(db, &id(30)).await, Err(store::Error::NotFound { .. })));
    }
    let said = run(&source.name(), &["compare", &target.name(), "--account", &id(20)]).ok();
    assert!(said.starts_with("the same: 12 databases"), "{said}");
    let unknown = run(&source.name(), &["export", path(&dir.path().join("x")), "--account", "nobody"]).failed();
    assert!(unknown.contains("there is no account nobody"), "{unknown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_store_has_otherwise_is_left_alone_unless_told() {
    let (source, dir) = (Source::furnished().await, tempfile::tempdir().unwrap());
    let file = dir.path().join("file");
    run(&source.name(), &["export", path(&file), "--months"]).ok();
    let (couch, own) = (Clean::new().await, Source::empty());
    for target in [couch.url().to_string(), own.name()] {
        run(&target, &["import", path(&file)]).ok();
        let store = store::open(&target.parse().unwrap()).unwrap();
        store::update(&*store, &names::ACCOUNTS, &id(3), async |doc: &mut Object| {
            doc.insert("name".into(), "Renamed".into());
            Ok::<_, store::Error>(())
        })
        .await
        .unwrap();
        let rev = store.get(&db(&id(6)), "user").await.unwrap()["_rev"].as_str().unwrap().to_owned();
        super::support::attach(&*store, &db(&id(6)), "user", &rev, "film", "video/mp4", bytes(7, LARGE)).await;
        put(&*store, &names::ALERTS, json!({ "_id": "own" })).await;

        let done = run(&target, &["import", path(&file)]);
        assert_eq!(done.code, Some(1));
        assert!(done.stdout.contains(" 0 documents written") && done.stdout.contains(" 2 left alone"), "{done:?}");
        assert!(done.stderr.contains(&format!("accounts/{}: the store has it otherwise", id(3))), "{done:?}");
        assert_eq!(store.get(&names::ACCOUNTS, &id(3)).await.unwrap()["name"], "Renamed");

        let done = run(&source.name(), &["compare", &target, "--months"]);
        assert_eq!(done.code, Some(1));
        let lines: Vec<&str> = done.stdout.lines().collect();
        let changed = [format!("{}/user: different", db(&id(6))), format!("accounts/{}: different", id(3))];
        assert_eq!(lines[..3], [&changed[0], &changed[1], "alerts/own: not expected"].map(str::to_owned)[..], "{done:?}");

        let said = run(&target, &["import", "--replace", path(&file)]).ok();
        assert!(said.contains(" 2 documents written"), "{said}");
        let rev = store.get(&names::ALERTS, "own").await.unwrap()["_rev"].as_str().unwrap().to_owned();
        store.delete(&names::ALERTS, "own", &rev).await.unwrap();
        assert_same(&source.name(), &target);
    }
}
