//! `doctor`: it finds what is wrong, changes nothing unless told, and mends what can be mended.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use storefront::{
    platform::names,
    store::{Db, Object, Pages},
};

use crate::support::{
    couch as server,
    world::{World, account_db},
};

on_every_world! {
    a_sound_store_has_no_findings,
    what_is_wrong_is_found_and_some_of_it_mended,
    nothing_is_mended_unless_somebody_says_so,
}

const LOST: &str = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee";
const BARE: &str = "ffffffffffffffffffffffffffffffff";

async fn a_sound_store_has_no_findings(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child Co.").await;
    let app = world.app("accounts").await;
    master.api.post(&child.at("/apps_store/blacklist"), json!({ "blacklist": [app] })).await.is(200);
    for arguments in [&["doctor"][..], &["doctor", "--months", "--fix", "--yes"]] {
        let said = world.run(arguments).ok();
        assert!(said.starts_with("0 findings in "), "{said}");
    }
    assert_eq!(world.run(&["doctor", "--json"]).ok(), "");
}

async fn what_is_wrong_is_found_and_some_of_it_mended(world: World) {
    let (child, other) = spoil(&world).await;
    let (own, bare) = (account_db(&child), account_db(BARE));
    let beyond_help = [
        ("no-account", bare.as_str(), BARE),
        ("no-database", "accounts", LOST),
        ("no-icon", "master", "plain"),
        ("domain", "accounts", if child < other { &other } else { &child }),
    ];
    let mendable = [
        ("copy", "accounts", child.as_str()),
        ("missing-app", own.as_str(), "apps_store"),
        ("views", own.as_str(), ""),
        ("views", bare.as_str(), ""),
        ("views", "alerts", ""),
    ];
    let expected: BTreeSet<_> = beyond_help.iter().chain(&mendable).map(|(a, b, c)| [*a, *b, *c].map(str::to_owned)).collect();
    assert_eq!(findings(&world).await, expected);
    let before = revisions(&world).await;
    let table = world.run(&["doctor"]);
    assert_eq!(table.code, Some(1));
    assert!(revisions(&world).await == before);
    assert!(
        table.stdout.contains(&format!("copy         --fix  accounts/{child}: differs from the account's own: name")),
        "{table:?}"
    );
    assert!(table.stdout.contains("9 findings in ") && table.stdout.contains("5 can be mended"), "{table:?}");

    let fixed = world.run(&["doctor", "--fix", "--yes"]);
    assert_eq!(fixed.code, Some(1));
    assert_eq!(fixed.stderr.matches("mended: ").count(), 5, "{fixed:?}");
    assert!(fixed.stderr.contains(&format!("mended: accounts/{child} was written again")), "{fixed:?}");
    let expected: BTreeSet<_> = beyond_help.iter().map(|(a, b, c)| [*a, *b, *c].map(str::to_owned)).collect();
    assert_eq!(findings(&world).await, expected);

    let store = world.documents();
    assert_eq!(store.get(&names::ACCOUNTS, &child).await.unwrap()["name"], "Child Co.");
    let app = world.app("port").await;
    assert_eq!(store.get(&own, "apps_store").await.unwrap()["blacklist"], json!([app]));
}

async fn nothing_is_mended_unless_somebody_says_so(world: World) {
    spoil(&world).await;
    let before = revisions(&world).await;
    let done = world.run(&["doctor", "--fix"]);
    assert_eq!(done.code, Some(1));
    assert!(done.stderr.contains("Mend 5 of them?") && done.stderr.contains("nothing was changed"), "{done:?}");
    assert!(revisions(&world).await == before);
    assert_eq!(world.run(&["doctor", "--yes"]).code, Some(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_cant_be_read_is_told_with_its_neighbours_unharmed() {
    let world = World::embedded();
    let master = world.master().await;
    let before = documents(&world.run(&["doctor"]).ok());
    let file = format!("{}/storefront.db", world.store.strip_prefix("embedded:").unwrap());
    let sql = "UPDATE docs SET body = X'7B22' WHERE id = ? AND db = (SELECT db FROM databases WHERE name = ?)";
    let torn = rusqlite::Connection::open(file).unwrap().execute(sql, (&master.user_id, master.db().as_str())).unwrap();
    assert_eq!(torn, 1);
    assert_eq!(findings(&world).await, BTreeSet::from([["unreadable", "master", &master.user_id].map(str::to_owned)]));
    assert_eq!(documents(&world.run(&["doctor"]).stdout), before - 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conflict_is_told_and_left_to_those_who_know() {
    let world = World::couch().await;
    let doc = json!({ "_id": "torn", "pvt_type": "thing" });
    server::write_conflict_at(&world.store.parse().unwrap(), &names::ALERTS, doc.as_object().unwrap()).await;
    assert_eq!(findings(&world).await, BTreeSet::from([["conflict", "alerts", "torn"].map(str::to_owned)]));
    let said = world.run(&["doctor", "--fix", "--yes"]);
    assert!(said.code == Some(1) && said.stdout.contains(&format!("revisions that lost: 1-{}", "1".repeat(32))), "{said:?}");
}

/// Makes nearly everything wrong that can be; returns the ids of two accounts.
async fn spoil(world: &World) -> (String, String) {
    let master = world.master().await;
    let (child, other) = (world.account(&master, "Child Co.").await, world.account(&master, "Other Co.").await);
    let store = world.documents();
    let put = async |db: &Db, doc: Value| drop(store.put(db, doc.as_object().unwrap()).await.unwrap());
    let (id, app) = (child.account_id.as_str(), world.app("port").await);
    world.edit_account(id, |account: &mut Object| drop(account.insert("pvt_whitelabel_domain".into(), "a.example".into()))).await;
    world
        .edit_account(&other.account_id, |account| drop(account.insert("pvt_whitelabel_domain".into(), "A.Example".into())))
        .await;
    world.edit(&names::ACCOUNTS, id, |copy| drop(copy.insert("name".into(), "Stale".into()))).await;
    put(&names::ACCOUNTS, json!({ "_id": LOST, "pvt_type": "account", "name": "Lost", "realm": "lost" })).await;
    store.create_database(&account_db(BARE)).await.unwrap();
    put(&master.db(), json!({ "_id": "plain", "pvt_type": "app", "name": "plain", "icon": "plain.png" })).await;
    world.edit(&child.db(), "apps_store", |doc| drop(doc.insert("blacklist".into(), json!(["nosuch", app])))).await;
    world.edit(&child.db(), "_design/users", |design| drop(design.insert("views".into(), json!({})))).await;
    store.delete_database(&names::ALERTS).await.unwrap();
    (child.account_id.clone(), other.account_id.clone())
}

/// What it finds: problem, database (the master account's as `master`), document.
async fn findings(world: &World) -> BTreeSet<[String; 3]> {
    let master = world.master().await.db().to_string();
    let said = world.run(&["doctor", "--json"]);
    assert_eq!(said.code, Some(1));
    let read = |line: &str| {
        let finding: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        let database = text("database");
        [text("problem"), if database == master { "master".to_owned() } else { database }, text("document")]
    };
    said.stdout.lines().map(read).collect()
}

/// How many documents it says there are.
fn documents(said: &str) -> usize {
    let (_, rest) = said.rsplit_once("findings in ").unwrap();
    rest.split(' ').next().unwrap().parse().unwrap()
}

/// The revisions of everything.
async fn revisions(world: &World) -> BTreeSet<String> {
    let store = world.documents();
    let mut revisions = BTreeSet::new();
    for db in store.databases("").await.unwrap() {
        let mut pages = Pages::all(&*store, &db, None);
        while let Some(docs) = pages.next().await.unwrap() {
            revisions.extend(docs.iter().map(|doc| format!("{db} {} {}", doc["_id"], doc["_rev"])));
        }
    }
    revisions
}
