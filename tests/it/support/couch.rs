//! A CouchDB for the tests: the server of `COUCHDB_URL`, or else one stand-in for the whole run.

use std::{
    fs::File,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
    thread,
};

use storefront::{
    platform::names,
    store::{Db, Object, Store, couch::CouchStore},
};
use tokio::sync::{Mutex, MutexGuard};
use url::Url;

/// The server's URL, with credentials.
pub fn url() -> Url {
    static URL: OnceLock<(Url, Option<Standin>)> = OnceLock::new();
    let (url, _) = URL.get_or_init(|| match std::env::var("COUCHDB_URL") {
        Ok(url) => (url.parse().expect("COUCHDB_URL is a URL"), None),
        Err(_) => {
            let standin = Standin::start(&["--in-memory"]);
            (standin.url.clone(), Some(standin))
        }
    });
    url.clone()
}

/// A store on that server.
pub fn store() -> Arc<dyn Store> {
    Arc::new(CouchStore::new(&url()).unwrap())
}

/// Has the server tell which databases change: a CouchDB does so only if it has this one.
pub async fn ensure_feed() {
    if is_given() {
        let _ = store().create_database(&Db::named("_global_changes")).await;
    }
}

/// Whether `COUCHDB_URL` names a server.
pub fn is_given() -> bool {
    std::env::var("COUCHDB_URL").is_ok()
}

/// Whether that server is a CouchDB. What only one of those shows isn't tested otherwise.
pub fn is_real() -> bool {
    static REAL: OnceLock<bool> = OnceLock::new();
    *REAL.get_or_init(|| is_given() && !blocking(async { reqwest::get(url()).await?.text().await }).unwrap().contains("standin"))
}

/// A database of its own for one test; it goes with the test, whatever becomes of that.
pub struct Scratch {
    pub db: Db,
}

impl Scratch {
    pub async fn new() -> Self {
        let db = name();
        store().create_database(&db).await.unwrap();
        Self { db }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let db = self.db.clone();
        let _ = blocking(async move { store().delete_database(&db).await });
    }
}

/// A CouchDB without any of Kazoo's databases, and without them again in the end: a stand-in of one's own, or the server of
/// `COUCHDB_URL`, one at a time.
pub struct Clean {
    url: Url,
    kind: CleanKind,
}

enum CleanKind {
    Standin(#[expect(dead_code, reason = "it ends when it's dropped")] Standin),
    Real(#[expect(dead_code, reason = "others wait for it")] MutexGuard<'static, ()>),
}

impl Clean {
    pub async fn new() -> Self {
        static REAL: Mutex<()> = Mutex::const_new(());
        if !is_given() {
            let standin = Standin::start(&["--in-memory"]);
            return Self { url: standin.url.clone(), kind: CleanKind::Standin(standin) };
        }
        let guard = REAL.lock().await;
        let taken = kazoos_databases(&store()).await;
        assert!(taken.is_empty(), "the server of COUCHDB_URL is somebody's: it has {taken:?}");
        Self { url: url(), kind: CleanKind::Real(guard) }
    }

    /// With credentials.
    pub fn url(&self) -> &Url {
        &self.url
    }
}

impl Drop for Clean {
    fn drop(&mut self) {
        if let CleanKind::Real(_) = self.kind {
            blocking(async {
                for db in kazoos_databases(&store()).await {
                    let _ = store().delete_database(&db).await;
                }
            });
        }
    }
}

/// Writes a document with two revisions of equal right, as a replication does: `1-111…`, which loses, and `1-222…`.
pub async fn write_conflict(db: &Db, doc: &Object) {
    write_conflict_at(&url(), db, doc).await;
}

/// The same on another server.
pub async fn write_conflict_at(server: &Url, db: &Db, doc: &Object) {
    let docs = ["1", "2"].map(|digit| {
        let mut doc = doc.clone();
        doc.insert("_rev".into(), format!("1-{}", digit.repeat(32)).into());
        doc
    });
    let mut url = server.clone();
    url.path_segments_mut().unwrap().pop_if_empty().push(db.as_str()).push("_bulk_docs");
    let body = serde_json::json!({ "docs": docs, "new_edits": false }).to_string();
    let request = reqwest::Client::new().post(url).header("content-type", "application/json").body(body);
    let answer = request.send().await.unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
}

/// Kazoo's databases on a server.
async fn kazoos_databases(store: &Arc<dyn Store>) -> Vec<Db> {
    let all = store.databases("").await.unwrap();
    all.into_iter().filter(|db| names::SYSTEM.contains(&db) || db.as_str().starts_with(names::ACCOUNT_PREFIX)).collect()
}

/// A name that no database has had before, with slashes in it.
pub fn name() -> Db {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    Db::parse(&format!("storefront-test/{time:x}/{}-{count}", std::process::id())).unwrap()
}

/// Waits for something from where waiting isn't possible: a `Drop`, or a plain function called from a runtime.
fn blocking<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    thread::spawn(move || runtime().block_on(work)).join().unwrap()
}

/// A running stand-in. It watches its stdin, which only this process holds, and so ends with it at the latest.
pub struct Standin {
    pub url: Url,
    child: Child,
}

impl Standin {
    pub const ADMIN: (&'static str, &'static str) = ("admin", "pa:ss w/rd+é");

    pub fn start(arguments: &[&str]) -> Self {
        let mut child = spawn(&[&["--until-eof"], arguments].concat());
        let url = read_url(&mut BufReader::new(child.stdout.take().unwrap()));
        Self { url, child }
    }

    /// Lets it hang, or go on: `-STOP` or `-CONT`.
    pub fn signal(&self, signal: &str) {
        let done = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(done.success());
    }
}

impl Drop for Standin {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A stand-in on a directory, in a process that it shares with others: that process ends when the last of them is dropped.
pub struct Lodger {
    pub url: Url,
    _house: Arc<House>,
}

impl Lodger {
    /// How many share a process: what a stand-in holds open isn't closed before the process ends.
    const PER_HOUSE: usize = 25;

    pub fn at(directory: &Path) -> Self {
        /// Where there is room: two, since a process of these keeps one processor busy.
        static NEWEST: [std::sync::Mutex<Room>; 2] = [const { std::sync::Mutex::new(None) }; 2];
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let nth = COUNT.fetch_add(1, Ordering::Relaxed);
        let house = {
            let mut newest = NEWEST[nth % NEWEST.len()].lock().unwrap();
            let (house, taken) = newest.take().unwrap_or_else(|| (Arc::new(House::build()), 0));
            let taken = taken + 1;
            *newest = (taken < Self::PER_HOUSE).then(|| (house.clone(), taken));
            house
        };
        Self { url: house.take_in(directory), _house: house }
    }
}

/// A process that may take in more, and how many it has taken in.
type Room = Option<(Arc<House>, usize)>;

/// A process with several stand-ins.
struct House {
    child: Child,
    said: std::sync::Mutex<BufReader<ChildStdout>>,
}

impl House {
    fn build() -> Self {
        let mut child = spawn(&["--several"]);
        let said = BufReader::new(child.stdout.take().unwrap()).into();
        Self { child, said }
    }

    fn take_in(&self, directory: &Path) -> Url {
        let mut said = self.said.lock().unwrap();
        writeln!(self.child.stdin.as_ref().unwrap(), "{}", directory.to_str().unwrap()).unwrap();
        read_url(&mut *said)
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(arguments: &[&str]) -> Child {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/couchdb");
    install(&directory);
    let (user, password) = Standin::ADMIN;
    Command::new("node")
        .arg(directory.join("standin.js"))
        .args(["--admin", &format!("{user}:{password}")])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node starts the CouchDB stand-in; without node, set COUCHDB_URL")
}

/// What a stand-in says first, with credentials.
fn read_url(said: &mut impl BufRead) -> Url {
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    let mut url: Url = line.trim().parse().expect("the stand-in says its URL");
    let (user, password) = Standin::ADMIN;
    url.set_username(user).unwrap();
    url.set_password(Some(password)).unwrap();
    url
}

/// Installs the stand-in's packages unless they are there. Several test runs may come here at once.
fn install(directory: &PathBuf) {
    let lock = File::open(directory.join("package-lock.json")).unwrap();
    lock.lock().unwrap();
    // npm writes this one when it's done.
    if directory.join("node_modules/.package-lock.json").exists() {
        return;
    }
    let installed = Command::new("npm").args(["ci", "--ignore-scripts"]).current_dir(directory).stdin(Stdio::null()).output();
    let failure = match installed {
        Ok(output) if output.status.success() => return,
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(error) => error.to_string(),
    };
    panic!("the CouchDB stand-in isn't installed: run `npm ci --ignore-scripts` in tests/couchdb, or set COUCHDB_URL\n{failure}");
}
