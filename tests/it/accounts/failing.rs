//! A store that fails at any one step: what can't be completed leaves nothing behind, or can be asked for again.

use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use serde_json::json;
use storefront::{
    kazoo::document::Stamp,
    platform::{Platform, accounts::NewAccount, names},
    store::{Attachment, Changes, Db, Document, Error, Object, Query, Rev, Row, Since, Store, Updates, Upload, View},
};

use crate::support::world::World;

on_every_world! {
    an_account_that_cannot_be_completed_leaves_nothing,
    a_deletion_that_stopped_halfway_can_be_repeated,
    a_move_that_stopped_halfway_can_be_repeated,
}

/// A store that fails once, at its nth use.
struct Failing {
    inner: Arc<dyn Store>,
    uses: AtomicUsize,
    fatal: usize,
}

impl Failing {
    fn at(world: &World, fatal: usize) -> (Arc<Self>, Platform) {
        let store = Arc::new(Self { inner: world.documents(), uses: AtomicUsize::new(0), fatal });
        (store.clone(), Platform::new(store))
    }

    fn has_failed(&self) -> bool {
        self.uses.load(Ordering::Relaxed) > self.fatal
    }

    fn using(&self) -> Result<(), Error> {
        match self.uses.fetch_add(1, Ordering::Relaxed) {
            nth if nth == self.fatal => Err(Error::Unreachable { source: anyhow::anyhow!("as the test wants it") }),
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl Store for Failing {
    async fn ping(&self) -> Result<(), Error> {
        self.inner.ping().await
    }
    async fn create_database(&self, db: &Db) -> Result<(), Error> {
        self.using()?;
        self.inner.create_database(db).await
    }
    async fn delete_database(&self, db: &Db) -> Result<(), Error> {
        self.using()?;
        self.inner.delete_database(db).await
    }
    async fn databases(&self, prefix: &str) -> Result<Vec<Db>, Error> {
        self.using()?;
        self.inner.databases(prefix).await
    }
    async fn get(&self, db: &Db, id: &str) -> Result<Document, Error> {
        self.using()?;
        self.inner.get(db, id).await
    }
    async fn get_many(&self, db: &Db, ids: &[&str]) -> Result<Vec<Option<Document>>, Error> {
        self.using()?;
        self.inner.get_many(db, ids).await
    }
    async fn put(&self, db: &Db, doc: &Object) -> Result<Rev, Error> {
        self.using()?;
        self.inner.put(db, doc).await
    }
    async fn put_many(&self, db: &Db, docs: &[Object]) -> Result<Vec<Result<Rev, Error>>, Error> {
        self.using()?;
        self.inner.put_many(db, docs).await
    }
    async fn delete(&self, db: &Db, id: &str, rev: &str) -> Result<Rev, Error> {
        self.using()?;
        self.inner.delete(db, id, rev).await
    }
    async fn view(&self, db: &Db, view: View, query: &Query) -> Result<Vec<Row>, Error> {
        self.using()?;
        self.inner.view(db, view, query).await
    }
    async fn attachment(&self, db: &Db, id: &str, name: &str, range: Option<Range<u64>>) -> Result<Attachment, Error> {
        self.inner.attachment(db, id, name, range).await
    }
    async fn put_attachment(&self, db: &Db, id: &str, rev: Option<&str>, name: &str, upload: Upload) -> Result<Rev, Error> {
        self.inner.put_attachment(db, id, rev, name, upload).await
    }
    async fn delete_attachment(&self, db: &Db, id: &str, rev: &str, name: &str) -> Result<Rev, Error> {
        self.inner.delete_attachment(db, id, rev, name).await
    }
    async fn changes(&self, db: &Db, since: &Since) -> Result<Changes, Error> {
        self.inner.changes(db, since).await
    }
    async fn updates(&self, pulse: Duration) -> Result<Updates, Error> {
        self.using()?;
        self.inner.updates(pulse).await
    }
}

/// Every database, and the documents of what accounts share.
async fn everything(world: &World) -> Vec<String> {
    let store = world.documents();
    let mut all: Vec<String> = store.databases("").await.unwrap().iter().map(ToString::to_string).collect();
    for db in [&names::ACCOUNTS, &names::SERVICES] {
        let rows = store.view(db, View::ALL_DOCS, &Query::default()).await.unwrap();
        all.extend(rows.into_iter().filter_map(|row| Some(format!("{db}/{}", row.id?))));
    }
    all
}

/// How many steps further the next attempt fails: each attempt costs a CouchDB dozens of requests, so that only some are made.
fn stride(world: &World) -> usize {
    if world.store.starts_with("http") { 4 } else { 1 }
}

fn stamp() -> Stamp<'static> {
    Stamp { now: 63_900_000_000, request_id: "r", author: None, original: None, account_id: None, account_db: None }
}

async fn an_account_that_cannot_be_completed_leaves_nothing(world: World) {
    let master = world.master().await;
    let parent = world.documents().get(&master.db(), &master.account_id).await.unwrap();
    let mut fatal = 0;
    loop {
        let before = everything(&world).await;
        let (store, platform) = Failing::at(&world, fatal);
        let data = json!({ "name": format!("Made {fatal}") }).as_object().unwrap().clone();
        let new = NewAccount { parent: Some(&parent), parent_named: true, data, enabled: None, stamp: stamp() };
        let outcome = platform.create_account(new).await;
        match &outcome {
            Err(_) => assert_eq!(everything(&world).await, before, "step {fatal}"),
            Ok(account) => {
                // What fails after everything is done harms nobody.
                let path = format!("/v2/accounts/{}", account["_id"].as_str().unwrap());
                assert_eq!(master.api.get(&path).await.is(200).data()["name"], format!("Made {fatal}"));
            }
        }
        if !store.has_failed() {
            assert!(outcome.is_ok());
            break;
        }
        fatal += stride(&world);
    }
    assert!(fatal > 15, "{fatal} steps");
}

async fn a_deletion_that_stopped_halfway_can_be_repeated(world: World) {
    let master = world.master().await;
    let before = everything(&world).await;
    let mut fatal = 0;
    loop {
        let id = master.api.put(&master.at(""), json!({ "name": "Doomed" })).await.is(201).data()["id"].clone();
        let id = id.as_str().unwrap().to_owned();
        let (store, platform) = Failing::at(&world, fatal);
        let failed = match platform.account(&id).await {
            Ok(account) => platform.delete_account(&account.unwrap()).await.is_err(),
            Err(_) => true,
        };
        if failed {
            assert!(store.has_failed());
            master.api.delete(&format!("/v2/accounts/{id}")).await.is(200);
        }
        assert_eq!(everything(&world).await, before, "step {fatal}");
        if !store.has_failed() {
            break;
        }
        fatal += stride(&world);
    }
    assert!(fatal > 8, "{fatal} steps");
    assert_eq!(master.api.get(&master.at("")).await.data()["descendants_count"], 0);
}

async fn a_move_that_stopped_halfway_can_be_repeated(world: World) {
    let master = world.master().await;
    let (one, other) = (world.account(&master, "One").await, world.account(&master, "Other").await);
    let moved = world.account(&one, "Moved").await;
    let below = world.account(&moved, "Below").await;
    let mut fatal = 0;
    loop {
        let target = if (fatal / stride(&world)).is_multiple_of(2) { &other } else { &one };
        let (store, platform) = Failing::at(&world, fatal);
        if platform.move_account(&moved.account_id, &target.account_id, 63_900_000_000).await.is_err() {
            master.api.post(&moved.at("/move"), json!({ "to": target.account_id })).await.is(200);
        }
        let path = json!([master.account_id, target.account_id, moved.account_id]);
        for db in [&below.db(), &names::ACCOUNTS, &names::SERVICES] {
            let doc = world.documents().get(db, &below.account_id).await.unwrap();
            assert_eq!(doc["pvt_tree"], path, "{db}, step {fatal}");
        }
        if !store.has_failed() {
            break;
        }
        fatal += stride(&world);
    }
    assert!(fatal > 8, "{fatal} steps");
}
