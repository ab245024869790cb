//! A world for one test: a store with a master account and a few apps in it, and a server on it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use storefront::{
    platform::names,
    store::{self, Db, Object, Store},
};
use tempfile::TempDir;
use url::Url;
use walkdir::WalkDir;

use super::{
    client::{Answer, Api, md5},
    couch::{self, Clean, Lodger, Standin},
    process::{self, Done, Server},
};

/// Makes of each named function `async fn(World)` a test on every store there is.
macro_rules! on_every_world {
    ($($case:ident),+ $(,)?) => {
        mod embedded {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    super::$case($crate::support::world::World::embedded()).await;
                }
            )+
        }
        mod couch {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    super::$case($crate::support::world::World::couch().await).await;
                }
            )+
        }
    };
}

pub const MASTER: [&str; 4] = ["Master Co.", "master.example.com", "admin", "secret123"];
pub const API_URL: &str = "http://api.example.com:8000/v2";
/// The apps of every world; `api-console` isn't published.
pub const APPS: [&str; 4] = ["accounts", "api-console", "port", "reports"];
/// The password of every user but the master's admin.
pub const PASSWORD: &str = "Pa55-Wörd";

pub struct World {
    // In this order: the server ends before its store goes.
    pub server: Server,
    /// Nobody's client.
    pub api: Api,
    /// As `--store` takes it.
    pub store: String,
    /// Where the marketplace's apps go.
    pub apps: TempDir,
    _home: Home,
}

/// Where a store is, and goes when it's dropped.
#[expect(dead_code, reason = "they are kept for what their drops do")]
enum Home {
    Directory(TempDir),
    Standin(Lodger, TempDir),
    Alone(Standin, TempDir),
    Couch(Clean),
}

/// A store's files: the operator's commands make them once in a test run, and each world gets a copy.
struct Template(Vec<(PathBuf, Vec<u8>)>);

impl Template {
    fn made_by(make: impl FnOnce(&Path)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        make(dir.path());
        let files = WalkDir::new(dir.path()).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file());
        let relative = |path: &Path| path.strip_prefix(dir.path()).unwrap().to_owned();
        Self(files.map(|file| (relative(file.path()), fs::read(file.path()).unwrap())).collect())
    }

    fn copy(&self) -> TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, bytes) in &self.0 {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        dir
    }
}

/// Somebody who is logged in.
pub struct Session {
    /// A client with his token.
    pub api: Api,
    pub token: String,
    pub account_id: String,
    pub user_id: String,
    pub username: String,
    pub password: String,
}

impl World {
    /// A world in an embedded store.
    pub fn embedded() -> Self {
        static TEMPLATE: OnceLock<Template> = OnceLock::new();
        let dir = TEMPLATE.get_or_init(|| Template::made_by(|dir| furnish(&embedded(dir)))).copy();
        Self::on(embedded(dir.path()), Home::Directory(dir))
    }

    /// A world in a CouchDB of its own.
    pub async fn couch() -> Self {
        if couch::is_given() {
            let clean = Clean::new().await;
            let store = clean.url().to_string();
            furnish(&store);
            return Self::on(store, Home::Couch(clean));
        }
        let dir = databases();
        let standin = Lodger::at(dir.path());
        Self::on(standin.url.to_string(), Home::Standin(standin, dir))
    }

    /// A world in a CouchDB that it shares with nobody and that tells of changes as late as a CouchDB does, with a server that
    /// keeps answers in memory and goes to its store by this way.
    pub async fn caching(way: impl AsyncFnOnce(&Url) -> Url) -> Self {
        couch::ensure_feed().await;
        let (url, home) = if couch::is_given() {
            let clean = Clean::new().await;
            furnish(clean.url().as_str());
            (clean.url().clone(), Home::Couch(clean))
        } else {
            let dir = databases();
            let standin = Standin::start(&["--dir", dir.path().to_str().unwrap(), "--announce-after", "500"]);
            (standin.url.clone(), Home::Alone(standin, dir))
        };
        let world = Self::serving(way(&url).await.to_string(), home, &[]);
        let hears = async {
            while !world.api.get("/metrics").await.text().contains("storefront_cache_alive 1") {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), hears).await.expect("the feed is heard");
        world
    }

    fn on(store: String, home: Home) -> Self {
        Self::serving(store, home, &["--no-cache"])
    }

    fn serving(store: String, home: Home, flags: &[&str]) -> Self {
        let apps = tempfile::tempdir().unwrap();
        let server = Server::serve_with(&store, &[flags, &["--marketplace-apps", apps.path().to_str().unwrap()]].concat());
        Self { api: Api::new(server.url()), server, store, apps, _home: home }
    }

    /// Kills the server on the spot, and starts another.
    pub fn restart(&mut self) {
        let flags = ["--no-cache", "--marketplace-apps", self.apps.path().to_str().unwrap()];
        self.server.kill();
        self.server = Server::serve_with(&self.store, &flags);
        self.api = Api::new(self.server.url());
    }

    /// Runs the program on this world's store.
    pub fn run(&self, arguments: &[&str]) -> Done {
        process::run(["--store", &self.store].iter().chain(arguments))
    }

    /// Runs a command in Kazoo's words.
    pub fn sup(&self, arguments: &[&str]) -> Done {
        self.run(&[&["sup"], arguments].concat())
    }

    /// The store itself, past the server.
    pub fn documents(&self) -> Arc<dyn Store> {
        store::open(&self.store.parse().unwrap()).unwrap()
    }

    /// Changes a document past the server.
    pub async fn edit(&self, db: &Db, id: &str, edit: impl Fn(&mut Object)) {
        store::update(&*self.documents(), db, id, async |doc: &mut store::Object| {
            edit(doc);
            Ok::<_, store::Error>(())
        })
        .await
        .unwrap();
    }

    /// Changes both copies of an account's document past the server.
    pub async fn edit_account(&self, id: &str, edit: impl Fn(&mut Object)) {
        for db in [&account_db(id), &names::ACCOUNTS] {
            self.edit(db, id, &edit).await;
        }
    }

    /// Tries a login.
    pub async fn log_in(&self, account: &str, user: &str, password: &str) -> Answer {
        self.api.put("/v2/user_auth", json!({ "credentials": md5(user, password), "account_name": account })).await
    }

    /// Logs somebody in.
    pub async fn session(&self, account: &str, user: &str, password: &str) -> Session {
        let answer = self.log_in(account, user, password).await.is(201);
        let (data, token) = (answer.data(), answer.auth_token());
        Session {
            api: self.api.token(&token),
            token,
            account_id: data["account_id"].as_str().unwrap().to_owned(),
            user_id: data["owner_id"].as_str().unwrap().to_owned(),
            username: user.to_owned(),
            password: password.to_owned(),
        }
    }

    /// The master account's admin.
    pub async fn master(&self) -> Session {
        let [name, _, user, password] = MASTER;
        self.session(name, user, password).await
    }

    /// Makes an account below another, with an admin, who is logged in.
    pub async fn account(&self, parent: &Session, name: &str) -> Session {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let realm = format!("r{}.example.com", COUNT.fetch_add(1, Ordering::Relaxed));
        let path = format!("/v2/accounts/{}", parent.account_id);
        let made = parent.api.put(&path, json!({ "name": name, "realm": realm })).await.is(201).data();
        self.user(parent, made["id"].as_str().unwrap(), name, "boss", "admin").await
    }

    /// Makes a user in an account, and logs him in.
    pub async fn user(&self, by: &Session, account_id: &str, account: &str, username: &str, level: &str) -> Session {
        let user = json!({
            "username": username, "password": PASSWORD, "first_name": username, "last_name": "Test", "priv_level": level,
        });
        by.api.put(&format!("/v2/accounts/{account_id}/users"), user).await.is(201);
        self.session(account, username, PASSWORD).await
    }

    /// The id of an app of the catalogue.
    pub async fn app(&self, name: &str) -> String {
        let shown = self.sup(&["crossbar_maintenance", "app", name]).ok();
        let id = shown.lines().find_map(|line| line.strip_prefix("  id: "));
        id.unwrap_or_else(|| panic!("no app {name}: {shown}")).to_owned()
    }
}

impl Session {
    /// A path below the account.
    pub fn at(&self, path: &str) -> String {
        format!("/v2/accounts/{}{path}", self.account_id)
    }

    /// The database of the account.
    pub fn db(&self) -> Db {
        account_db(&self.account_id)
    }
}

pub fn account_db(id: &str) -> Db {
    names::account_db(id).unwrap()
}

/// The databases of a world, as the stand-in keeps them.
fn databases() -> TempDir {
    static TEMPLATE: OnceLock<Template> = OnceLock::new();
    let made = |dir: &Path| furnish(Standin::start(&["--dir", dir.to_str().unwrap()]).url.as_str());
    TEMPLATE.get_or_init(|| Template::made_by(made)).copy()
}

/// A directory as `--store` takes it.
pub fn embedded(dir: &Path) -> String {
    format!("embedded:{}", dir.display())
}

/// Makes the master account and loads the apps.
fn furnish(store: &str) {
    let run = |arguments: &[&str]| process::run(["--store", store].iter().chain(arguments)).ok();
    run(&[&["sup", "crossbar_maintenance", "create_account"], &MASTER[..]].concat());
    let apps = tempfile::tempdir().unwrap();
    for name in APPS {
        copy_app(name, apps.path());
    }
    run(&["sup", "crossbar_maintenance", "init_apps", apps.path().to_str().unwrap(), API_URL]);
}

/// Copies an app of the demo into a folder, and says where it is then.
pub fn copy_app(name: &str, into: &Path) -> PathBuf {
    let target = into.join(name);
    copy(&demo_apps().join(name), &target);
    target
}

/// The folder of the demo's apps.
pub fn demo_apps() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/apps")
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            copy(&path, &to.join(path.file_name().unwrap()));
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}
