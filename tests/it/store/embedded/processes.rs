//! Other processes on the same file, and processes that die.
//!
//! The other process is this test binary again, told by variables of its environment to run one test only and to be the
//! writer in it.

use std::{
    env,
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use futures_util::future::join_all;
use serde_json::json;
use storefront::store::{Error, Query, Since, Store, View, embedded::EmbeddedStore};

use super::{DB, store};
use crate::store::{
    attachments::upload,
    contract::{design, doc, fill, ids},
};

const DIR: &str = "STOREFRONT_TEST_WRITER_DIR";
const NAME: &str = "STOREFRONT_TEST_WRITER_NAME";
/// Precedes what the writer says, among what the test harness prints.
const SAYS: &str = "writer: ";

/// Writes document after document, each with an attachment and a place in a view, and says which ones are written. For every line on its
/// standard input it writes as many as the line says.
#[tokio::test]
async fn the_writer_in_another_process() {
    let (Ok(dir), Ok(name)) = (env::var(DIR), env::var(NAME)) else { return };
    let store = EmbeddedStore::open(Path::new(&dir)).unwrap();
    let mut written = 0;
    for line in std::io::stdin().lines() {
        for _ in 0..line.unwrap().parse::<usize>().unwrap() {
            let id = format!("{name}-{written}");
            store.put(&DB, &doc(json!({"_id": id, "by": name}))).await.unwrap();
            say(&id);
            let id = format!("{name}-{written}-attached");
            store.put_attachment(&DB, &id, None, "bytes", upload("audio/mpeg", &[1; 70_000])).await.unwrap();
            say(&id);
            written += 1;
        }
    }
}

fn say(what: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{SAYS}{what}").unwrap();
    out.flush().unwrap();
}

/// The other process, seen from here.
struct Writer {
    child: Child,
    orders: Option<ChildStdin>,
    said: BufReader<ChildStdout>,
}

impl Writer {
    fn start(dir: &Path, name: &str) -> Self {
        let this = "store::embedded::processes::the_writer_in_another_process";
        let mut command = Command::new(env::current_exe().unwrap());
        command.args([this, "--exact", "--nocapture"]).env(DIR, dir).env(NAME, name);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (orders, said) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, orders, said }
    }

    fn order(&mut self, count: usize) {
        writeln!(self.orders.as_mut().unwrap(), "{count}").unwrap();
    }

    /// The next document that is written; `None` when it has ended.
    fn next(&mut self) -> Option<String> {
        let lines = self.said.by_ref().lines().map_while(Result::ok);
        lines.filter_map(|line| line.strip_prefix(SAYS).map(str::to_owned)).next()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn what_was_acknowledged_before_a_kill_is_there() {
    let (dir, store) = store().await;
    design(&store, &DB, "test", &[("by", "function(doc) { emit(doc._id, doc.by); }", "")]).await;
    drop(store);
    let mut acknowledged = Vec::new();
    for round in 0..4 {
        let mut writer = Writer::start(dir.path(), &format!("round{round}"));
        writer.order(1_000_000);
        acknowledged.extend((0..50 + round * 7).map_while(|_| writer.next()));
        writer.child.kill().unwrap();
        while let Some(id) = writer.next() {
            acknowledged.push(id);
        }
    }
    assert!(acknowledged.len() >= 4 * 50);
    let store = EmbeddedStore::open(dir.path()).unwrap();
    for id in &acknowledged {
        store.get(&DB, id).await.unwrap();
        if id.ends_with("attached") {
            assert_eq!(store.attachment(&DB, id, "bytes", None).await.unwrap().info.length, 70_000);
        }
    }
    let listed = ids(&store, &DB, View::ALL_DOCS, &Query::default()).await.len();
    // Of each round one more write may have come to disk than was acknowledged; and there's the design document.
    assert!((acknowledged.len() + 1..=acknowledged.len() + 5).contains(&listed), "{listed} of {}", acknowledged.len());
    assert_eq!(ids(&store, &DB, View::new("test", "by"), &Query::default()).await.len(), listed - 1);
    let conn = rusqlite::Connection::open(dir.path().join("storefront.db")).unwrap();
    assert_eq!(conn.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)).unwrap(), "ok");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_processs_writes_are_seen_at_once() {
    let (dir, store) = store().await;
    design(&store, &DB, "test", &[("by", "function(doc) { if (doc.by) emit(doc.by, null); }", "")]).await;
    let last = store.changes(&DB, &Since::default()).await.unwrap().last;
    let mut writer = Writer::start(dir.path(), "other");
    let waiting = Since { seq: Some(last), wait: Some(Duration::from_secs(60)), ..Since::default() };
    let (feed, ()) = tokio::join!(store.changes(&DB, &waiting), async { writer.order(1) });
    assert_eq!(feed.unwrap().results[0].id, "other-0");
    assert_eq!(writer.next().as_deref(), Some("other-0"));
    assert_eq!(ids(&store, &DB, View::new("test", "by"), &Query::key("other")).await, ["other-0"]);
    writer.next().unwrap();
    for n in 1..20 {
        writer.order(1);
        let id = writer.next().unwrap();
        assert_eq!(id, format!("other-{n}"));
        store.get(&DB, &id).await.unwrap();
        assert_eq!(ids(&store, &DB, View::new("test", "by"), &Query::key("other")).await.len(), n + 1);
        writer.next().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_write_at_the_same_time() {
    let (dir, store) = store().await;
    let mut writer = Writer::start(dir.path(), "other");
    writer.order(100);
    let write = |n: usize| {
        let store = &store;
        async move { store.put(&DB, &doc(json!({"_id": format!("this-{n}")}))).await.unwrap() }
    };
    for round in 0..20 {
        join_all((round * 10..round * 10 + 10).map(write)).await;
    }
    drop(writer.orders.take());
    assert_eq!(std::iter::from_fn(|| writer.next()).count(), 200);
    assert!(writer.child.wait().unwrap().success());
    assert_eq!(ids(&store, &DB, View::ALL_DOCS, &Query::default()).await.len(), 400);
    assert_eq!(store.changes(&DB, &Since::default()).await.unwrap().results.len(), 400);
}

#[tokio::test]
async fn a_lock_that_is_never_released_is_a_timeout() {
    let (dir, store) = store().await;
    fill(&store, &DB, [json!({"_id": "a"})]).await;
    let other = rusqlite::Connection::open(dir.path().join("storefront.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    store.get(&DB, "a").await.unwrap();
    let refused = store.put(&DB, &doc(json!({"_id": "b"}))).await;
    assert!(matches!(refused, Err(Error::Timeout { .. })), "{refused:?}");
    other.execute_batch("ROLLBACK").unwrap();
    store.put(&DB, &doc(json!({"_id": "b"}))).await.unwrap();
}
