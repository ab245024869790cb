//! `doctor`: it finds what is wrong, changes nothing unless told, and mends what can be mended.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use storefront::{
    platform::{Platform, doctor::Finding, names},
    store::{Db, Error, Object, Pages},
};

use crate::support::{
    couch as server,
    counted::Counted,
    process,
    world::{World, account_db},
};

on_every_world! {
    a_sound_store_has_no_findings,
    what_is_wrong_is_found_and_some_of_it_mended,
    nothing_is_mended_unless_somebody_says_so,
    what_has_changed_since_it_was_found_is_left_alone,
    what_cant_be_read_spoils_neither_the_rest_nor_a_blacklist,
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
    let month = format!("{}-202601", account_db(LOST));
    let beyond_help = [
        ("no-account", bare.as_str(), BARE),
        ("no-account", month.as_str(), ""),
        ("copy", "accounts", other.as_str()),
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
    assert!(table.stdout.contains("11 findings in ") && table.stdout.contains("5 can be mended"), "{table:?}");
    assert!(table.stdout.contains(&format!("--fix: write accounts/{child} again from the account's own document")), "{table:?}");
    let later = format!(
        "copy                accounts/{other}: differs from the account's own, and was written later: name, pvt_modified"
    );
    assert!(table.stdout.contains(&later), "{table:?}");
    assert!(table.stdout.contains("the account Lost\\u{1b}[2J has no database"), "{table:?}");

    let fixed = world.run(&["doctor", "--fix", "--yes"]);
    assert_eq!(fixed.code, Some(1));
    assert_eq!(fixed.stderr.matches("mended: ").count(), 5, "{fixed:?}");
    assert!(fixed.stderr.contains(&format!("mended: write accounts/{child} again")), "{fixed:?}");
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
    // Nobody is there to be asked: that's told at once, and not after an hour's look.
    let done = world.run(&["doctor", "--fix"]);
    assert_eq!((done.code, done.stdout.as_str()), (Some(2), ""));
    assert!(done.stderr.contains("nobody can be asked here") && done.stderr.contains("hint: --yes"), "{done:?}");
    assert_eq!(world.run(&["doctor", "--yes"]).code, Some(2));
    let refused = process::run_at_a_terminal("n\n", ["--store", &world.store, "doctor", "--fix"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stdout.contains("Mend 5 of them (1 copy, 1 missing-app, 3 views)? [y/N]"), "{refused:?}");
    assert!(refused.stdout.contains("nothing was changed"), "{refused:?}");
    assert!(revisions(&world).await == before);
    let agreed = process::run_at_a_terminal("y\n", ["--store", &world.store, "doctor", "--fix"]);
    assert_eq!((agreed.code, agreed.stdout.matches("mended: ").count()), (Some(1), 5), "{agreed:?}");
    assert!(revisions(&world).await != before);
}

async fn what_has_changed_since_it_was_found_is_left_alone(world: World) {
    let (child, other) = spoil(&world).await;
    let store = world.documents();
    let platform = Platform::new(store.clone());
    let found = examine(&platform).await.unwrap();
    let mend_of = |problem: &str, db: &Db| {
        let finding =
            found.iter().find(|finding| finding.problem.name() == problem && finding.db == *db && finding.mend.is_some());
        finding.unwrap_or_else(|| panic!("{found:?}")).mend.clone().unwrap()
    };

    // The copy is written by somebody else, later than the account's own.
    let copy = mend_of("copy", &names::ACCOUNTS);
    let later = |doc: &mut Object| drop(doc.insert("pvt_modified".into(), 99_999_999_999_u64.into()));
    world.edit(&names::ACCOUNTS, &child, later).await;
    assert!(!platform.mend(&copy).await.unwrap());
    assert_eq!(store.get(&names::ACCOUNTS, &child).await.unwrap()["name"], "Stale");

    // An app that a blacklist names is loaded after all; the list mustn't let go of it.
    let own = account_db(&child);
    let unlist = mend_of("missing-app", &own);
    let master = world.master().await;
    let app = json!({ "_id": "nosuch", "pvt_type": "app", "name": "nosuch" });
    store.put(&master.db(), app.as_object().unwrap()).await.unwrap();
    assert!(!platform.mend(&unlist).await.unwrap());
    assert_eq!(store.get(&own, "apps_store").await.unwrap()["blacklist"][0], "nosuch");
    // The document with the list goes: it isn't made again.
    let rev = store.get(&own, "apps_store").await.unwrap()["_rev"].as_str().unwrap().to_owned();
    store.delete(&own, "apps_store", &rev).await.unwrap();
    assert!(!platform.mend(&unlist).await.unwrap());
    assert!(matches!(store.get(&own, "apps_store").await, Err(Error::NotFound { .. })));

    // The account goes: neither its copy nor its database come back.
    let views = mend_of("views", &own);
    store.delete_database(&own).await.unwrap();
    for mend in [&copy, &unlist, &views] {
        assert!(!platform.mend(mend).await.unwrap());
    }
    assert!(!store.databases("account/").await.unwrap().contains(&own));
    assert!(store.get(&names::ACCOUNTS, &other).await.is_ok());
}

async fn what_cant_be_read_spoils_neither_the_rest_nor_a_blacklist(world: World) {
    let (child, _) = spoil(&world).await;
    let master = world.master().await;
    let counted = Counted::new(world.documents());
    let platform = Platform::new(counted.clone());
    let all = examine(&platform).await.unwrap();
    let reads = counted.reads();

    // The apps are in there: no blacklist is thought to name missing ones.
    counted.sick.set(master.db()).unwrap();
    let found = examine(&platform).await.unwrap();
    let sick = found.iter().find(|finding| finding.problem.name() == "unreadable").unwrap();
    assert_eq!((&sick.db, &sick.id, &sick.mend), (&master.db(), &None, &None));
    assert!(sick.detail.contains("a bad disk"), "{sick:?}");
    let missing = found.iter().find(|finding| finding.problem.name() == "missing-app").unwrap();
    assert!(missing.db == account_db(&child) && missing.mend.is_none(), "{missing:?}");
    assert!(found.iter().filter(|finding| finding.mend.is_some()).count() == all.iter().filter(|f| f.mend.is_some()).count() - 1);

    // Gone in the middle: that's no finding but an end.
    counted.reads();
    counted.ends_after.store(reads / 2, std::sync::atomic::Ordering::SeqCst);
    assert!(matches!(examine(&platform).await, Err(Error::Unreachable { .. })));
}

#[test]
fn a_store_that_isnt_there_is_neither_sound_nor_made() {
    let dir = tempfile::tempdir().unwrap();
    let nowhere = dir.path().join("nowhere");
    for flags in [&["doctor"][..], &["doctor", "--fix", "--yes"]] {
        let store = format!("embedded:{}", nowhere.display());
        let done = process::run([&["--store", store.as_str()], flags].concat());
        assert!(done.code == Some(2) && done.stderr.contains("there is no store"), "{done:?}");
        let done = process::run([&["--store", "http://admin:s3cret@127.0.0.1:9"], flags].concat());
        assert!(done.code == Some(2) && done.stderr.contains("can't be used") && !done.stderr.contains("s3cret"), "{done:?}");
    }
    assert!(!nowhere.exists());
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
    let written_later = |copy: &mut Object| {
        copy.insert("name".into(), "Other".into());
        copy.insert("pvt_modified".into(), 99_999_999_999_u64.into());
    };
    world.edit(&names::ACCOUNTS, &other.account_id, written_later).await;
    put(&names::ACCOUNTS, json!({ "_id": LOST, "pvt_type": "account", "name": "Lost\u{1b}[2J", "realm": "lost" })).await;
    store.create_database(&account_db(BARE)).await.unwrap();
    store.create_database(&Db::parse(&format!("{}-202601", account_db(LOST))).unwrap()).await.unwrap();
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

/// What a platform finds by itself.
async fn examine(platform: &Platform) -> Result<Vec<Finding>, Error> {
    let mut found = Vec::new();
    platform.examine(false, |_, _| (), |finding| found.push(finding)).await.map(|_| found)
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
