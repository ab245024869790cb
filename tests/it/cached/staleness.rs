//! How old an answer is while somebody else writes all the time, and that our own writes are seen at once.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use futures_util::StreamExt;
use serde_json::{Value, json};
use storefront::{
    kazoo::document::text,
    store::{Db, Object, Update},
};
use tokio::time::{MissedTickBehavior, interval};

use crate::support::world::{Session, World};

const LIMIT: Duration = Duration::from_secs(2);
/// Two hundred documents a second for half a minute.
const BATCHES: usize = 600;
const BATCH: usize = 10;
const TICK: Duration = Duration::from_millis(50);
/// What readers do between two requests.
const PAUSE: Duration = Duration::from_millis(20);

/// When each of the other's writes was answered (the first is what was there before), and when the feed named the database.
#[derive(Default)]
struct Written {
    answered: Mutex<Vec<Instant>>,
    told: Mutex<Vec<Instant>>,
}

/// An answer that told of the n-th write, and when it was asked for.
struct Told {
    n: usize,
    asked: Instant,
}

impl Written {
    /// How old an answer was: it was right until the next write was answered, or for longer. And how much later than in half
    /// of the limit the store has told of that one: nobody can know what he isn't told, and a busy machine is late.
    fn age(&self, Told { n, asked }: &Told) -> (Duration, Duration) {
        let Some(outdated) = self.answered.lock().unwrap().get(n + 1).copied() else { return Default::default() };
        let told = self.told.lock().unwrap().iter().find(|told| **told >= outdated).copied();
        let late = told.map_or(Duration::ZERO, |told| (told - outdated).saturating_sub(LIMIT / 2));
        (asked.saturating_duration_since(outdated), late)
    }

    /// Listens to the store's feed for as long as it's let.
    async fn listen(&self, world: &World, db: &Db) {
        let mut updates = world.documents().updates(Duration::from_millis(100)).await.unwrap();
        while let Some(update) = updates.next().await {
            if matches!(update.unwrap(), Update::Written(named) if named == *db) {
                self.told.lock().unwrap().push(Instant::now());
            }
        }
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
    let (written, is_over) = (Written::default(), AtomicBool::new(false));
    written.answered.lock().unwrap().push(Instant::now());

    let theirs = async {
        let db = master.db();
        tokio::select! {
            () = write(&world, &master, &ids, &written) => (),
            () = written.listen(&world, &db) => panic!("the feed has ended"),
        }
        is_over.store(true, SeqCst);
    };
    let own = own_writes(&ours, &is_over);
    let user_paths: Vec<String> = users.iter().map(|id| master.at(&format!("/users/{id}"))).collect();
    let read = async |paths: Vec<String>, field: &str| {
        let mut answers = Vec::new();
        for path in paths.iter().cycle() {
            if is_over.load(SeqCst) {
                break;
            }
            let asked = Instant::now();
            let data = master.api.get(path).await.is(200).data();
            let items = data.as_array().map_or(std::slice::from_ref(&data), Vec::as_slice);
            answers.extend(items.iter().filter_map(|item| number(&item[field])).map(|n| Told { n, asked }));
            tokio::time::sleep(PAUSE).await;
        }
        answers
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
    let ages = |answers: &[Told]| {
        assert!(!answers.is_empty());
        let ages = || answers.iter().map(|told| written.age(told));
        let oldest = ages().map(|(age, _)| age).max().unwrap();
        (oldest, ages().map(|(age, late)| age.saturating_sub(late)).max().unwrap(), answers.len())
    };
    let all = [ages(&by_user), ages(&by_account), ages(&by_app)];
    let oldest = all.iter().map(|(oldest, ..)| *oldest).max().unwrap();
    println!(
        "limit {} ms: {} writes of somebody else's in {seconds:.1} s; the oldest answer was {} ms behind (users, account, apps; the \
         second without what the store told late: {all:?}); {own} writes of our own, all seen at once; {}",
        LIMIT.as_millis(),
        BATCHES * BATCH,
        oldest.as_millis(),
        metrics(&world).await
    );
    assert!(own > 0);
    assert!(all.iter().all(|(_, oldest, _)| *oldest < LIMIT), "{all:?}");
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
        written.answered.lock().unwrap().push(Instant::now());
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
        tokio::time::sleep(2 * PAUSE).await;
    }
    0
}

/// What the cache says of itself.
async fn metrics(world: &World) -> String {
    let text = world.api.get("/metrics").await.text().into_owned();
    let lines = text.lines().filter(|line| line.starts_with("storefront_cache_"));
    lines.collect::<Vec<_>>().join(", ")
}
