//! `views status` and `views install`.

use serde_json::json;
use storefront::{platform::names, store};

use crate::support::world::World;

on_every_world! {
    a_store_in_order_needs_nothing,
    what_would_change_is_said_before_it_is_changed,
    one_database_is_looked_at_alone,
}

async fn a_store_in_order_needs_nothing(world: World) {
    let said = world.run(&["views", "status"]).ok();
    assert!(said.contains("0 are somebody else's, 0 would be changed") && said.lines().count() == 1, "{said}");
    let all = world.run(&["views", "status", "--all"]).ok();
    for line in ["accounts _design/accounts: as it should be", "system_schemas users: as it should be"] {
        assert!(all.lines().any(|said| said == line), "{all}");
    }
    assert!(world.run(&["views", "install"]).ok().contains(" 0 design documents written, 0 failures"));
}

async fn what_would_change_is_said_before_it_is_changed(world: World) {
    let master = world.master().await;
    let (own, store) = (master.db(), world.documents());
    let lost = store.get(&own, "_design/users").await.unwrap();
    store.delete(&own, "_design/users", lost["_rev"].as_str().unwrap()).await.unwrap();
    world
        .edit(&own, "_design/account", |design| drop(design["views"].as_object_mut().unwrap().insert("old".into(), json!({}))))
        .await;
    world
        .edit(&own, "_design/apps_store", |design| {
            design.remove("storefront");
            design.insert("views".into(), json!({ "kazoos": { "map": "function(doc) {}" } }));
        })
        .await;
    let schema = store.get(&names::SYSTEM_SCHEMAS, "users").await.unwrap();
    store.delete(&names::SYSTEM_SCHEMAS, "users", schema["_rev"].as_str().unwrap()).await.unwrap();
    world.edit(&names::SYSTEM_SCHEMAS, "accounts", |schema| drop(schema.insert("description".into(), "Kazoo's".into()))).await;
    store.delete_database(&names::ALERTS).await.unwrap();

    let done = world.run(&["views", "status"]);
    assert_eq!(done.code, Some(1));
    let foreign = format!("{own} _design/apps_store: somebody else's, without ");
    for expected in [
        &format!("{own} _design/users: missing: would be written"),
        &format!("{own} _design/account: Storefront's own, outdated (old): would be replaced"),
        &foreign,
        "system_schemas users: missing: would be written",
        "alerts: the database is missing: would be made",
        " 2 are somebody else's, 4 would be changed",
    ] {
        assert!(done.stdout.contains(expected), "{expected}: {done:?}");
    }
    assert!(matches!(store.get(&own, "_design/users").await, Err(store::Error::NotFound { .. })));
    assert!(matches!(store.get(&names::ALERTS, "x").await, Err(store::Error::NoDatabase { .. })));

    let said = world.run(&["views", "install"]).ok();
    for expected in [format!("{own}: 2 design documents written"), "system_schemas: 1 schemas written".to_owned()] {
        assert!(said.lines().any(|line| line == expected), "{expected}: {said}");
    }
    let said = world.run(&["views", "status"]).ok();
    assert!(said.contains(&foreign) && said.contains(" 2 are somebody else's, 0 would be changed"), "{said}");
    assert_eq!(store.get(&own, "_design/users").await.unwrap()["views"], lost["views"]);
    let kazoos = store.get(&own, "_design/apps_store").await.unwrap();
    assert_eq!(kazoos["views"], json!({ "kazoos": { "map": "function(doc) {}" } }));
    assert_eq!(store.get(&names::SYSTEM_SCHEMAS, "accounts").await.unwrap()["description"], "Kazoo's");
    assert!(world.run(&["views", "install"]).ok().contains(" 0 design documents written, 0 failures"));
}

async fn one_database_is_looked_at_alone(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child Co.").await;
    for account in [&master, &child] {
        world.edit(&account.db(), "_design/users", |design| drop(design.insert("views".into(), json!({})))).await;
    }
    let done = world.run(&["views", "status", &child.account_id]);
    assert!(done.code == Some(1) && !done.stdout.contains(master.db().as_str()), "{done:?}");
    world.run(&["views", "install", child.db().as_str()]).ok();
    world.run(&["views", "status", &child.account_id]).ok();
    assert_eq!(world.run(&["views", "status", &master.account_id]).code, Some(1));
    assert!(world.run(&["views", "status", "No Name"]).failed().contains("No Name is no database's name"));
    let unknown = "account/99/99/9999999999999999999999999999";
    assert!(world.run(&["views", "install", unknown]).failed().contains("no such database"));
}
