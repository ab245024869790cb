//! A tree of accounts with everything in it that a store may hold.

use std::{ffi::OsString, fs, path::Path, sync::Arc};

use serde_json::{Value, json};
use storefront::{
    platform::{Platform, names},
    store::{Db, Object, Store, Upload, embedded::EmbeddedStore},
};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::support::{
    process::{self, Done},
    world::embedded,
};

/// Accounts below the master account.
pub const ACCOUNTS: usize = 60;
pub const MASTER: &str = "00000000000000000000000000000000";
/// Longer than what is written with its document.
pub const LARGE: usize = 300_000;

/// A store in one file.
pub struct Source {
    dir: TempDir,
}

impl Source {
    /// With [`ACCOUNTS`] accounts: a copy of what is made once in a test run.
    pub async fn furnished() -> Self {
        static FILES: OnceCell<Vec<(OsString, Vec<u8>)>> = OnceCell::const_new();
        let files = FILES.get_or_init(|| async {
            let source = Self::furnish().await;
            let files = fs::read_dir(source.dir.path()).unwrap().map(Result::unwrap);
            files.map(|file| (file.file_name(), fs::read(file.path()).unwrap())).collect()
        });
        let source = Self::empty();
        for (name, bytes) in files.await {
            fs::write(source.dir.path().join(name), bytes).unwrap();
        }
        source
    }

    async fn furnish() -> Self {
        let source = Self::empty();
        let store = source.open();
        for db in [&names::ACCOUNTS, &names::SERVICES, &names::SYSTEM_CONFIG, &names::ALERTS] {
            store.create_database(db).await.unwrap();
        }
        let settings =
            json!({ "_id": "crossbar", "default": { "ratio": 1.0, "small": 1.5e-7, "many": 9_007_199_254_740_991u64 } });
        put(&*store, &names::SYSTEM_CONFIG, settings).await;
        account(&*store, MASTER, &[], 0).await;
        for number in 1..=ACCOUNTS {
            // Every tenth is a reseller, and those after it are its customers.
            let above = [MASTER.to_owned(), id(number / 10 * 10)];
            let above = if number % 10 == 0 || number < 10 { &above[..1] } else { &above[..] };
            account(&*store, &id(number), above, number).await;
        }
        source
    }

    pub fn empty() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub fn open(&self) -> Arc<dyn Store> {
        Arc::new(EmbeddedStore::open(self.dir.path()).unwrap())
    }

    pub fn platform(&self) -> Platform {
        Platform::new(self.open())
    }

    /// As `--store` takes it.
    pub fn name(&self) -> String {
        embedded(self.dir.path())
    }
}

pub fn id(number: usize) -> String {
    format!("{number:02x}{number:030x}")
}

pub fn db(account_id: &str) -> Db {
    names::account_db(account_id).unwrap()
}

/// Runs the program on a store.
pub fn run(store: &str, arguments: &[&str]) -> Done {
    process::run([&["--store", store], arguments].concat())
}

/// Fails the test unless two stores hold the same, months included.
#[track_caller]
pub fn assert_same(one: &str, other: &str) {
    let said = run(one, &["compare", other, "--months"]).ok();
    assert!(said.starts_with("the same: ") && !said.starts_with("the same: 0"), "{said}");
}

pub fn path(file: &Path) -> &str {
    file.to_str().unwrap()
}

pub async fn put(store: &dyn Store, db: &Db, doc: Value) -> String {
    let Value::Object(doc) = doc else { panic!("{doc} is no document") };
    store.put(db, &doc).await.unwrap()
}

/// An account with a user whose attachments are small, large, text, and empty; a design document; a month.
async fn account(store: &dyn Store, id: &str, above: &[String], number: usize) {
    let own = db(id);
    store.create_database(&own).await.unwrap();
    let account = json!({
        "_id": id, "name": format!("Account {number} – Zürich"), "realm": format!("r{number}.example.com"), "pvt_type": "account",
        "pvt_tree": above, "pvt_enabled": true, "pvt_unknown": { "deep": [1, null, { "x": "\u{0}\n\"" }] },
    });
    for db in [&own, &names::ACCOUNTS] {
        put(store, db, account.clone()).await;
    }
    put(store, &names::SERVICES, json!({ "_id": id, "pvt_type": "service", "plans": {} })).await;
    let design = json!({ "_id": "_design/own", "views": { "all": { "map": "function(doc) { emit(doc._id, null); }" } } });
    put(store, &own, design).await;
    put(store, &own, json!({ "_id": "ordner/äöü +&?#", "pvt_type": "odd", "pvt_deleted": true })).await;
    let rev = put(store, &own, json!({ "_id": "user", "pvt_type": "user", "username": "u" })).await;
    let rev = attach(store, &own, "user", &rev, "photo", "image/png", bytes(number, 2_000)).await;
    let rev = attach(store, &own, "user", &rev, "notes für später.txt", "text/plain; charset=utf-8", vec![b'a'; 5_000]).await;
    if number.is_multiple_of(6) {
        let rev = attach(store, &own, "user", &rev, "empty", "application/octet-stream", Vec::new()).await;
        attach(store, &own, "user", &rev, "film", "video/mp4", bytes(number, LARGE)).await;
    }
    let month = Db::parse(&format!("{own}-202611")).unwrap();
    store.create_database(&month).await.unwrap();
    if number.is_multiple_of(2) {
        put(store, &month, json!({ "_id": "202611-cdr", "pvt_type": "cdr" })).await;
    }
}

pub async fn attach(store: &dyn Store, db: &Db, id: &str, rev: &str, name: &str, content_type: &str, bytes: Vec<u8>) -> String {
    let upload = Upload {
        content_type: content_type.to_owned(),
        length: Some(bytes.len() as u64),
        body: Box::pin(futures_util::stream::once(async move { Ok(bytes.into()) })),
    };
    store.put_attachment(db, id, Some(rev), name, upload).await.unwrap()
}

/// Bytes that look like none else's, newlines among them.
pub fn bytes(seed: usize, length: usize) -> Vec<u8> {
    let mut state = seed as u32 + 1;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..length).map(|_| next()).collect()
}

/// A document without its revision and what is attached.
pub async fn members(store: &dyn Store, db: &Db, id: &str) -> Object {
    let mut doc = (*store.get(db, id).await.unwrap()).clone();
    doc.remove("_rev");
    doc.remove("_attachments");
    doc
}
