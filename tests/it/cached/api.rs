//! The API with its answers from memory: how many round trips a request takes, and that every change is seen.

use std::{sync::Arc, thread};

use serde_json::{Value, json};
use storefront::{
    platform::{Platform, names},
    server::{self, Options, Watched},
    store::{self, Cached, Db, Error, Object, Store},
};
use tokio::sync::oneshot;

use super::round_trips::{has_read_ahead, settle, until};
use crate::{
    store::contract::{cached, doc},
    support::{
        client::{Answer, Api},
        counted::Counted,
        process::Server,
        world::{Session, World},
    },
};

const ASIDE: Db = Db::named("aside");

/// A server within the test, on a store that counts.
struct Inside {
    url: String,
    cached: Arc<Cached>,
    counted: Arc<Counted>,
    other: Arc<dyn Store>,
    system: actix_web::rt::System,
}

impl Inside {
    async fn start(world: &World) -> Self {
        let counted = Counted::new(world.documents());
        let cached = Arc::new(cached(counted.clone()).await);
        let platform = Arc::new(Platform::new(cached.clone()));
        let (ready, is_ready) = oneshot::channel();
        thread::spawn(move || {
            let system = actix_web::rt::System::new();
            let options = Options { companions: true, workers: Some(1), ..Options::default() };
            let handle = actix_web::rt::System::current();
            system
                .block_on(server::serve(platform, Watched::default(), options, |address| ready.send((address, handle)).unwrap()))
        });
        let (address, system) = is_ready.await.unwrap();
        let other = world.documents();
        other.create_database(&ASIDE).await.unwrap();
        Self { url: format!("http://{address}"), cached, counted, other, system }
    }

    async fn settle(&self) {
        settle(&self.cached, &*self.other, &ASIDE).await;
    }

    /// How many reads of the store a request takes.
    async fn reads(&self, session: &Session, path: &str) -> (usize, Value) {
        self.counted.reads();
        let data = session.api.get(&session.at(path)).await.is(200).data();
        (self.counted.reads(), data)
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.system.stop();
    }
}

/// Two hundred apps, a service plan, and accounts five levels deep; the last one's admin.
async fn furnish(world: &World, store: &dyn Store) -> (Session, Session, Vec<String>) {
    let master = world.master().await;
    let mut levels = vec![world.account(&master, "Level 1").await];
    for level in 2..=5 {
        levels.push(world.account(&levels[levels.len() - 1], &format!("Level {level}")).await);
    }
    let mut app = (*store.get(&master.db(), &world.app("reports").await).await.unwrap()).clone();
    app.remove("_rev");
    app.remove("_attachments");
    let ids: Vec<String> = (0..196).map(|n| format!("{n:032x}")).collect();
    let apps: Vec<Object> = ids
        .iter()
        .map(|id| {
            app.insert("_id".into(), id.as_str().into());
            app.insert("name".into(), format!("app-{id}").into());
            app.clone()
        })
        .collect();
    for written in store.put_many(&master.db(), &apps).await.unwrap() {
        written.unwrap();
    }
    let plan = json!({"_id": "plan", "pvt_type": "service_plan", "name": "Plan", "applications": {
        &ids[0]: { "name": "app", "vendor_id": master.account_id, "enabled": false },
    }});
    store.put(&master.db(), &doc(plan)).await.unwrap();
    let leaf = levels.pop().unwrap();
    change(store, &names::SERVICES, &leaf.account_id, |doc| {
        doc.insert("plans".into(), json!({ "plan": { "vendor_id": master.account_id } }));
    })
    .await;
    (master, leaf, ids)
}

async fn change(store: &dyn Store, db: &Db, id: &str, change: impl Fn(&mut Object)) {
    store::update(store, db, id, async |doc: &mut Object| {
        change(doc);
        Ok::<_, Error>(())
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_apps_list_takes_no_more_round_trips_than_documents_have_changed() {
    let mut world = World::couch().await;
    let inside = Inside::start(&world).await;
    world.api = Api::new(inside.url.clone());
    let (master, leaf, ids) = furnish(&world, &*inside.cached).await;
    inside.settle().await;

    let (cold, list) = inside.reads(&leaf, "/apps_store").await;
    assert_eq!(list.as_array().unwrap().len(), 198);
    println!("cold: {cold} round trips");
    for _ in 0..3 {
        assert_eq!(inside.reads(&leaf, "/apps_store").await, (0, list.clone()));
    }

    // A document of the account's: what we have written ourselves is known, but for the view that the list is made with.
    leaf.api.put(&leaf.at(&format!("/apps_store/{}", ids[1])), json!({ "allowed_users": "all" })).await.is(201);
    let (reads, changed) = inside.reads(&leaf, "/apps_store").await;
    assert!(reads <= 1, "{reads}");
    assert_ne!(changed, list);
    // The feed tells us what we did ourselves: the first time of a database whose changes weren't followed before.
    inside.settle().await;
    inside.reads(&leaf, "/apps_store").await;

    leaf.api.delete(&leaf.at(&format!("/apps_store/{}", ids[1]))).await.is(200);
    let (reads, changed) = inside.reads(&leaf, "/apps_store").await;
    assert!(reads <= 1, "{reads}");
    assert_eq!(changed, list);
    inside.settle().await;
    assert_eq!(inside.reads(&leaf, "/apps_store").await.0, 0, "our own writes, told by the feed, void nothing");

    // The same, by somebody else: it's read again before anybody asks.
    let blacklisted = ids[20].clone();
    inside.reads(&leaf, "/apps_store").await;
    let ahead = inside.cached.counters().read().ahead;
    change(&*inside.other, &leaf.db(), "apps_store", |doc| _ = doc.insert("blacklist".into(), json!([blacklisted]))).await;
    has_read_ahead(&inside.cached, ahead + 1).await;
    let is_known = |read: Result<&Object, &Error>| read.is_ok_and(|doc| doc["blacklist"] == json!([ids[20]]));
    until(&inside.cached, &leaf.db(), "apps_store", is_known).await;
    inside.settle().await;
    let (reads, shorter) = inside.reads(&leaf, "/apps_store").await;
    assert!(reads <= 1, "{reads}");
    assert_eq!(shorter.as_array().unwrap().len(), list.as_array().unwrap().len() - 1);

    // Three apps, by somebody else: they come with the rows of one view.
    change(&*inside.other, &master.db(), &ids[5], |doc| _ = doc.insert("version".into(), "0".into())).await;
    inside.settle().await;
    inside.reads(&leaf, "/apps_store").await;
    for id in &ids[5..8] {
        change(&*inside.other, &master.db(), id, |doc| _ = doc.insert("version".into(), "2".into())).await;
    }
    inside.settle().await;
    let (reads, changed) = inside.reads(&leaf, "/apps_store").await;
    assert!(reads <= 3, "{reads}");
    assert_eq!(changed.as_array().unwrap().iter().filter(|app| app["version"] == "2").count(), 3);
    assert_eq!(inside.reads(&leaf, "/apps_store").await.0, 0);
    println!("{}", inside.cached.counters().read());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_change_through_the_api_is_seen_by_the_next_request() {
    let mut world = World::couch().await;
    let inside = Inside::start(&world).await;
    world.api = Api::new(inside.url.clone());
    changes_are_seen(&world).await;
    assert!(inside.cached.counters().read().hits > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_change_through_a_server_as_it_is_run_is_seen_by_the_next_request() {
    let mut world = World::couch().await;
    let server = Server::serve_with(&world.store, &[]);
    world.api = Api::new(server.url());
    changes_are_seen(&world).await;
}

async fn changes_are_seen(world: &World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let app = world.app("accounts").await;
    let (apps, app_path) = (child.at("/apps_store"), child.at(&format!("/apps_store/{app}")));
    let get = async |path: &str| child.api.get(path).await.is(200).data();
    let listed = |apps: &Value| apps.as_array().unwrap().iter().find(|listed| listed["id"] == app).cloned();
    for n in 0..8 {
        let name = format!("Name {n}");
        child.api.patch(&child.at(""), json!({ "name": name })).await.is(200);
        assert_eq!(get(&child.at("")).await["name"], name);
        let children = master.api.get(&master.at("/children")).await.is(200).data();
        assert!(children.as_array().unwrap().iter().any(|child| child["name"] == name), "{children}");

        child.api.put(&app_path, json!({ "allowed_users": "all" })).await.is(201);
        assert_eq!(listed(&get(&apps).await).unwrap()["allowed_users"], "all");
        child.api.delete(&app_path).await.is(200);
        assert!(listed(&get(&apps).await).unwrap().get("allowed_users").is_none());

        let path = child.at("/apps_store/blacklist");
        master.api.post(&path, json!({ "blacklist": [app] })).await.is(200);
        assert!(listed(&get(&apps).await).is_none());
        master.api.post(&path, json!({ "blacklist": [] })).await.is(200);
        assert!(listed(&get(&apps).await).is_some());

        let username = format!("user{n}");
        let user = world.user(&child, &child.account_id, &name, &username, "user").await;
        let users = get(&child.at("/users")).await;
        assert!(users.as_array().unwrap().iter().any(|user| user["username"] == username), "{users}");
        let of_user = |answer: Answer, status: u16| assert_eq!(answer.status, status, "{}", answer.text());
        of_user(user.api.get(&child.at(&format!("/users/{}", user.user_id))).await, 200);
        child.api.delete(&child.at(&format!("/users/{}", user.user_id))).await.is(200);
        of_user(user.api.get(&child.at(&format!("/users/{}", user.user_id))).await, 401);
        of_user(child.api.get(&child.at(&format!("/users/{}", user.user_id))).await, 404);
    }
    let another = world.log_in("Name 7", "boss", crate::support::world::PASSWORD).await.is(201).auth_token();
    let another = world.api.token(&another);
    another.get(&child.at("")).await.is(200);
    another.delete("/v2/token_auth").await.is(200);
    assert_eq!(another.get(&child.at("")).await.status, 401);
    master.api.delete(&child.at("")).await.is(200);
    assert_eq!(master.api.get(&child.at("")).await.status, 404);
}
