//! The database takes five seconds for some of its answers, or for all.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{
    proxy::Proxy,
    world::{Session, World},
};

const SLOW: Duration = Duration::from_secs(5);
/// Whoever waits for something slow takes longer.
const FAST: Duration = Duration::from_secs(4);
/// More than may be asked of one database at a time.
const DOCUMENTS: usize = 200;
const VIEWS: usize = 100;
/// What is asked of one database at a time.
const AT_ONCE: usize = 128 + 64;
/// A connection stays open for the next question, with the thread that opened it: there are two of those. The feed has one too,
/// and the other databases are asked meanwhile.
const CONNECTIONS: usize = 2 * AT_ONCE + 40;

fn nobody() -> String {
    storefront::kazoo::id::new_id()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_slow_holds_up_nothing_else() {
    let mut proxy = None;
    let world = World::caching(async |url| proxy.insert(Proxy::before(url).await).url.clone()).await;
    let proxy = proxy.unwrap();
    let master = world.master().await;
    let slow = world.account(&master, "Slow Co.").await;
    // The account itself is known from now on; what is asked below isn't.
    master.api.get(&slow.at("")).await.is(200);
    let db = slow.db().as_str().replace('/', "%2F");
    proxy.delay(move |line| if line.contains(&db) { SLOW } else { Duration::ZERO });

    let asking = async |path: String| {
        let asked = Instant::now();
        let status = master.api.get(&path).await.status;
        assert!(asked.elapsed() < Duration::from_secs(75), "{:?}", asked.elapsed());
        status
    };
    let document = || slow.at(&format!("/users/{}", nobody()));
    let view = || slow.at(&format!("/users?start_key={}", nobody()));
    let slowly = async {
        let documents = join_all((0..DOCUMENTS).map(|_| asking(document())));
        let views = join_all((0..VIEWS).map(|_| asking(view())));
        let (documents, views) = tokio::join!(documents, views);
        [documents, views].concat()
    };
    let meanwhile = async {
        let held = async {
            while proxy.held() < 100 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), held).await.expect("many wait");
        for _ in 0..3 {
            fast(&world, &master).await;
            assert!(proxy.held() > 0);
        }
    };
    let (statuses, ()) = tokio::join!(slowly, meanwhile);
    let count = |status| statuses.iter().filter(|seen| **seen == status).count();
    let [found, absent, given_up] = [200, 404, 503].map(count);
    println!(
        "slow ones: {} done, {given_up} given up; {} at a time, on {} connections at most",
        found + absent,
        proxy.most_held(),
        proxy.most()
    );
    assert!(found > 0 && absent > 0 && found + absent + given_up == statuses.len());
    // Others have their turn a moment before those who gave up are seen to be gone.
    assert!(proxy.most_held() <= AT_ONCE + 40 && proxy.most() <= CONNECTIONS, "{} on {}", proxy.most_held(), proxy.most());

    // Everything is slow, but for the feed.
    proxy.delay(|line| if line.contains("_db_updates") { Duration::ZERO } else { SLOW });
    let path = document();
    let (answer, ()) = tokio::join!(master.api.get(&path), async {
        without_a_question(&world, &master).await;
        assert!(proxy.held() > 0);
    });
    assert_eq!(answer.status, 404);

    proxy.delay(|_| Duration::ZERO);
    for path in [document(), view()] {
        let asked = Instant::now();
        assert!([200, 404].contains(&master.api.get(&path).await.status));
        assert!(asked.elapsed() < FAST, "{:?}", asked.elapsed());
    }
    slow.api.get(&slow.at("")).await.is(200);
    fast(&world, &master).await;
    assert!(proxy.open() <= CONNECTIONS);
}

/// What the database answers at once, or needn't be asked.
async fn fast(world: &World, master: &Session) {
    without_a_question(world, master).await;
    quick(world.api.get("/readyz")).await.is(200);
    quick(master.api.get(&master.at(&format!("/users/{}", nobody())))).await.is(404);
    quick(master.api.get(&master.at(&format!("/users?start_key={}", nobody())))).await.is(200);
    let user = master.at(&format!("/users/{}", master.user_id));
    quick(master.api.patch(&user, json!({ "mark": nobody() }))).await.is(200);
    quick(master.api.get(&user)).await.is(200);
    quick(world.master()).await;
}

async fn without_a_question(world: &World, master: &Session) {
    quick(world.api.get("/healthz")).await.is(200);
    quick(world.api.get("/metrics")).await.is(200);
    let preflight = world.api.with("origin", "http://ui.example").with("access-control-request-method", "PATCH");
    quick(preflight.send("OPTIONS", &master.at("/users"), None)).await.is(200);
    // From memory.
    quick(master.api.get(&master.at(""))).await.is(200);
}

async fn quick<T>(request: impl Future<Output = T>) -> T {
    let asked = Instant::now();
    let answer = request.await;
    assert!(asked.elapsed() < FAST, "{:?}", asked.elapsed());
    answer
}
