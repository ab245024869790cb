//! The database is away for a while, amid the day's work.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{
    client::{Answer, Api},
    proxy::Proxy,
    world::{Session, World},
};

const AWAY: Duration = Duration::from_secs(20);
/// How old an answer from memory may be.
const LIMIT: Duration = Duration::from_secs(2);
/// No request takes longer than a document may, and what it takes to say so on a busy machine.
const LONGEST: Duration = Duration::from_secs(20);
/// What each of those at work does between two requests.
const PAUSE: Duration = Duration::from_millis(40);

/// A request that was answered.
struct Done {
    asked: Instant,
    answered: Instant,
    status: u16,
    what: &'static str,
}

/// Those at work, and what has become of it.
struct Work<'a> {
    world: &'a World,
    master: &'a Session,
    user: &'a Session,
    app: String,
    is_over: AtomicBool,
    /// The number in the last write that was answered well.
    written: AtomicU64,
}

impl Work<'_> {
    async fn on(&self, what: &'static str, done: &mut Vec<Done>, request: impl Future<Output = Answer>) -> Answer {
        let asked = Instant::now();
        let answer = request.await;
        done.push(Done { asked, answered: Instant::now(), status: answer.status, what });
        tokio::time::sleep(PAUSE).await;
        answer
    }

    async fn read(&self) -> Vec<Done> {
        let mut done = Vec::new();
        let (api, at) = (&self.master.api, |path: &str| self.master.at(path));
        let paths = [
            ("account", at("")),
            ("user", at(&format!("/users/{}", self.master.user_id))),
            ("users", at("/users")),
            ("apps", at("/apps_store")),
            ("icon", at(&format!("/apps_store/{}/icon", self.app))),
            ("brand", "/v2/whitelabel/nobody.example.com".to_owned()),
        ];
        while !self.is_over.load(SeqCst) {
            for (what, path) in &paths {
                self.on(what, &mut done, api.get(path)).await;
            }
        }
        done
    }

    /// Counts in a user's document, and looks that nothing is lost that was acknowledged.
    async fn write(&self) -> Vec<Done> {
        let mut done = Vec::new();
        let path = self.user.at(&format!("/users/{}", self.user.user_id));
        for n in 1.. {
            if self.is_over.load(SeqCst) {
                break;
            }
            let answer = self.on("write", &mut done, self.user.api.patch(&path, json!({ "count": n }))).await;
            if answer.status == 200 {
                self.written.store(n, SeqCst);
            }
            let read = self.on("own", &mut done, self.user.api.get(&path)).await;
            if read.status == 200 {
                let count = read.data()["count"].as_u64().unwrap_or_default();
                // A write without a good answer may have been carried out all the same.
                assert!((self.written.load(SeqCst)..=n).contains(&count), "{count} after {n}");
            }
        }
        done
    }

    async fn log_in(&self) -> Vec<Done> {
        let mut done = Vec::new();
        while !self.is_over.load(SeqCst) {
            let [account, _, user, password] = crate::support::world::MASTER;
            self.on("login", &mut done, self.world.log_in(account, user, password)).await;
            // Logins are counted, and not without limit.
            tokio::time::sleep(8 * PAUSE).await;
        }
        done
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_under_load_is_503_and_leaves_nothing_behind() {
    let mut proxy = None;
    let mut world = World::caching(async |url| proxy.insert(Proxy::before(url).await).url.clone()).await;
    let proxy = proxy.unwrap();
    let master = world.master().await;
    let user = world.user(&master, &master.account_id, "Master Co.", "counter", "user").await;
    let (app, is_over, written) = (world.app("accounts").await, AtomicBool::new(false), AtomicU64::new(0));
    let work = Work { world: &world, master: &master, user: &user, app, is_over, written };

    let working = async {
        let (reading, writing, logging_in) = tokio::join!(join_all((0..4).map(|_| work.read())), work.write(), work.log_in());
        reading.into_iter().flatten().chain(writing).chain(logging_in).collect::<Vec<Done>>()
    };
    let happening = async {
        count(&work, 5).await;
        let stopped = Instant::now();
        proxy.stop().await;
        let gone = Instant::now();
        without_the_database(&world.api, stopped + AWAY).await;
        let back = Instant::now();
        proxy.start().await;
        let there = Instant::now();
        let before = work.written.load(SeqCst);
        count(&work, before + 5).await;
        cache_is(&world.api, true).await;
        work.is_over.store(true, SeqCst);
        (stopped, gone, back, there)
    };
    let (done, (stopped, gone, back, there)) = tokio::join!(working, happening);

    let mut seen: BTreeMap<(&str, u16), usize> = BTreeMap::new();
    for Done { asked, answered, status, what } in &done {
        let good = if *what == "brand" { 404 } else { 200 + u16::from(*what == "login") };
        let said = || format!("{what} was {status}, {:?} after the outage began", asked.duration_since(stopped));
        assert!(*answered - *asked < LONGEST, "{what} took {:?}", *answered - *asked);
        assert!([good, 503].contains(status), "{}", said());
        if *answered < stopped || *asked > there {
            assert_eq!(*status, good, "{}", said());
        }
        if *asked > gone + LIMIT && *answered < back {
            assert_eq!(*status, 503, "{}", said());
            *seen.entry((what, *status)).or_default() += 1;
        }
    }
    println!("{} requests; while the database was away: {seen:?}", done.len());
    assert_eq!(seen.len(), 9, "{seen:?}");
    let path = user.at(&format!("/users/{}", user.user_id));
    assert!(user.api.get(&path).await.is(200).data()["count"].as_u64().unwrap() >= work.written.load(SeqCst));
    drop(work);
    assert!(world.server.is_running());
    assert!(!world.server.log().contains("panic"), "{}", world.server.log());
}

/// Waits until so many writes have been answered well.
async fn count(work: &Work<'_>, wanted: u64) {
    let counting = async {
        while work.written.load(SeqCst) < wanted {
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), counting).await.expect("writes are answered again");
}

/// What needs no database is answered all the time.
async fn without_the_database(api: &Api, end: Instant) {
    cache_is(api, false).await;
    let preflight = api.with("origin", "http://ui.example").with("access-control-request-method", "GET");
    while Instant::now() < end {
        api.get("/healthz").await.is(200);
        api.get("/readyz").await.is(503);
        api.get("/metrics").await.is(200);
        preflight.send("OPTIONS", "/v2/accounts", None).await.is(200);
        tokio::time::sleep(5 * PAUSE).await;
    }
}

async fn cache_is(api: &Api, alive: bool) {
    let wanted = format!("storefront_cache_alive {}", u8::from(alive));
    let changing = async {
        while !api.get("/metrics").await.is(200).text().contains(&wanted) {
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), changing).await.expect("the cache notices");
}
