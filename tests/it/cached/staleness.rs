//! How old an answer is while somebody else writes all the time, and that our own writes are seen at once.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use storefront::{kazoo::document::text, store::Object};
use tokio::time::{MissedTickBehavior, interval};

use crate::support::world::{Session, World};

const LIMIT: Duration = Duration::from_secs(2);
/// Two hundred documents a second for half a minute.
const BATCHES: usize = 600;
const BATCH: usize = 10;
const TICK: Duration = Duration::from_millis(50);
/// What readers do between two requests.
const PAUSE: Duration = Duration::from_millis(5);

/// When each of the other's writes was answered; the first is what was there before.
struct Written(Mutex<Vec<Instant>>);

impl Written {
    /// How old an answer was that told of the n-th write, to a question that was asked then: it was right until the next write
    /// was answered, or for longer.
    fn age(&self, n: usize, asked: Instant) -> Duration {
        let written = self.0.lock().unwrap();
        written.get(n + 1).map_or(Duration::ZERO, |outdated| asked.saturating_duration_since(*outdated))
    }
}

/// The number that the other has written.
fn number(value: &Value) -> Option<usize> {
    value.as_str()?.strip_prefix('n')?.parse().ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_is_never_older_than_the_limit() {
    let world = World::caching(async |url| url.clone()).await;
    let master = world.master().await;
    let mut users = Vec::new();
    for n in 0..BATCH - 3 {
        users.push(world.user(&master, &master.account_id, "Master Co.", &format!("theirs{n}"), "user").await.user_id);
    }
    let ours = world.user(&master, &master.account_id, "Master Co.", "ours", "user").await;
    let apps = [world.app("accounts").await, world.app("port").await];
    let ids: Vec<&str> = users.iter().chain(&apps).map(String::as_str).chain([master.account_id.as_str()]).collect();
    let (written, is_over) = (Written(Mutex::new(vec![Instant::now()])), AtomicBool::new(false));

    let theirs = async {
        write(&world, &master, &ids, &written).await;
        is_over.store(true, SeqCst);
    };
    let own = own_writes(&ours, &is_over);
    let user_paths: Vec<String> = users.iter().map(|id| master.at(&format!("/users/{id}"))).collect();
    let read = async |paths: Vec<String>, field: &str| {
        let (mut oldest, mut answers) = (Duration::ZERO, 0);
        for path in paths.iter().cycle() {
            if is_over.load(SeqCst) {
                break;
            }
            let asked = Instant::now();
            let data = master.api.get(path).await.is(200).data();
            let items = data.as_array().map_or(std::slice::from_ref(&data), Vec::as_slice);
            for n in items.iter().filter_map(|item| number(&item[field])) {
                oldest = oldest.max(written.age(n, asked));
                answers += 1;
            }
            tokio::time::sleep(PAUSE).await;
        }
        (oldest, answers)
    };
    let began = Instant::now();
    let ((), own, by_user, by_account, by_app) = tokio::join!(
        theirs,
        own,
        read(user_paths, "first_name"),
        read(vec![master.at("")], "note"),
        read(vec![master.at("/apps_store")], "author"),
    );

    let seconds = began.elapsed().as_secs_f32();
    let all = [by_user, by_account, by_app];
    let oldest = all.iter().map(|(oldest, _)| *oldest).max().unwrap();
    println!(
        "limit {} ms: {} writes of somebody else's in {seconds:.1} s; the oldest answer was {} ms behind (users {:?}, account {:?}, \
         apps {:?}); {own} writes of our own, all seen at once; {}",
        LIMIT.as_millis(),
        BATCHES * BATCH,
        oldest.as_millis(),
        by_user,
        by_account,
        by_app,
        metrics(&world).await
    );
    assert!(all.iter().all(|(_, answers)| *answers > 0) && own > 0);
    assert!(oldest < LIMIT, "{oldest:?}");
}

/// Somebody else's writes, past the server: so many documents of one database at once, so often.
async fn write(world: &World, master: &Session, ids: &[&str], written: &Written) {
    let (store, db) = (world.documents(), master.db());
    let mut docs: Vec<Object> = Vec::new();
    for id in ids {
        docs.push((*store.get(&db, id).await.unwrap()).clone());
    }
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for n in 1..=BATCHES {
        ticks.tick().await;
        for doc in &mut docs {
            let field = match text(doc, "pvt_type") {
                Some("user") => "first_name",
                Some("app") => "author",
                _ => "note",
            };
            doc.insert(field.into(), format!("n{n}").into());
        }
        let outcomes = store.put_many(&db, &docs).await.unwrap();
        for (doc, outcome) in docs.iter_mut().zip(outcomes) {
            doc.insert("_rev".into(), outcome.unwrap().into());
        }
        written.0.lock().unwrap().push(Instant::now());
    }
}

/// Writes by way of the server, each looked for at once.
async fn own_writes(ours: &Session, is_over: &AtomicBool) -> usize {
    let path = ours.at(&format!("/users/{}", ours.user_id));
    for n in 1.. {
        if is_over.load(SeqCst) {
            return n - 1;
        }
        ours.api.patch(&path, json!({ "first_name": format!("o{n}") })).await.is(200);
        let read = ours.api.get(&path).await.is(200).data();
        assert_eq!(read["first_name"], format!("o{n}"), "our own write isn't seen");
        tokio::time::sleep(4 * PAUSE).await;
    }
    0
}

/// What the cache says of itself.
async fn metrics(world: &World) -> String {
    let text = world.api.get("/metrics").await.text().into_owned();
    let lines = text.lines().filter(|line| line.starts_with("storefront_cache_"));
    lines.collect::<Vec<_>>().join(", ")
}
