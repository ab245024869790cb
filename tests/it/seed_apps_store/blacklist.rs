//! Apps that an account above forbids.

use serde_json::json;

use super::{names, people, seen};
use crate::support::world::World;

on_every_world! {
    an_account_above_forbids_apps,
    forbidden_apps_are_forbidden_further_down_too,
    what_is_inherited_can_be_set,
}

async fn an_account_above_forbids_apps(world: World) {
    let (master, child) = people(&world).await;
    let id = world.app("reports").await;
    let (path, app) = (child.at("/apps_store/blacklist"), child.at(&format!("/apps_store/{id}")));
    child.api.put(&app, json!({ "allowed_users": "all" })).await.is(201);
    assert_eq!(master.api.get(&path).await.is(200).data(), json!({ "blacklist": [] }));
    for api in [&child.api, &world.account(&master, "Other").await.api] {
        api.get(&path).await.is_forbidden();
        api.post(&path, json!({ "blacklist": [] })).await.is_forbidden();
    }
    // Nobody is above the master.
    master.api.get(&master.at("/apps_store/blacklist")).await.is_forbidden();

    let answer = master.api.post(&path, json!({ "blacklist": [id] })).await.is(200);
    assert_eq!(answer.data(), json!({ "blacklist": [id] }));
    let read = master.api.get(&path).await.is(200).json();
    assert_eq!((&read["data"], &read["revision"]), (&json!({ "blacklist": [id] }), &answer.json()["revision"]));
    assert!(!names(&child.api.get(&child.at("/apps_store")).await.data()).contains(&"reports"));
    child.api.get(&app).await.is_error(404, "bad_identifier", json!({ "cause": id, "details": id, "message": "bad identifier" }));
    let forbidden = json!({ "details": id, "message": "forbidden" });
    child.api.post(&app, json!({ "allowed_users": "all" })).await.is_error(403, "forbidden", forbidden);
    child.api.delete(&app).await.is(200);

    // It replaces; what makes no sense is refused and changes nothing.
    let other = world.app("port").await;
    master.api.post(&path, json!({ "blacklist": [other] })).await.is(200);
    for bad in [json!("x"), json!([1]), json!({})] {
        assert_eq!(master.api.post(&path, json!({ "blacklist": bad })).await.is(400).json()["message"], "validation error");
    }
    let many = json!({ "blacklist": vec![1; 100_000] });
    assert_eq!(master.api.post(&path, many).await.is(400).json()["data"].as_object().map(|told| told.len()), Some(100));
    assert_eq!(master.api.post(&path, json!([id])).await.is(400).json()["message"], "validation error");
    assert_eq!(master.api.get(&path).await.data(), json!({ "blacklist": [other] }));
    assert_eq!(names(&child.api.get(&child.at("/apps_store")).await.data()), ["accounts", "reports"]);
    master.api.post(&path, json!({})).await.is(200);
    assert_eq!(names(&child.api.get(&child.at("/apps_store")).await.data()).len(), 3);
    assert_eq!(master.api.put(&path, json!({})).await.is(405).header("allow"), Some("OPTIONS, GET, POST"));
}

async fn forbidden_apps_are_forbidden_further_down_too(world: World) {
    let (master, child) = people(&world).await;
    let grandchild = world.account(&child, "Grandchild").await;
    let great = world.account(&grandchild, "Great-grandchild").await;
    let (port, reports) = (world.app("port").await, world.app("reports").await);
    master.api.post(&child.at("/apps_store/blacklist"), json!({ "blacklist": [port] })).await.is(200);
    child.api.post(&grandchild.at("/apps_store/blacklist"), json!({ "blacklist": [reports] })).await.is(200);
    assert_eq!(seen(&master).await, "accounts api-console port reports");
    assert_eq!(seen(&child).await, "accounts reports");
    assert_eq!(seen(&grandchild).await, "accounts");
    assert_eq!(seen(&great).await, "accounts");
    // Each account's list is its own all the same.
    let own = master.api.get(&grandchild.at("/apps_store/blacklist")).await.data();
    assert_eq!(own, json!({ "blacklist": [reports] }));
    assert_eq!(master.api.get(&great.at("/apps_store/blacklist")).await.data(), json!({ "blacklist": [] }));
    let forbidden = json!({ "details": port, "message": "forbidden" });
    let path = great.at(&format!("/apps_store/{port}"));
    great.api.put(&path, json!({ "allowed_users": "all" })).await.is_error(403, "forbidden", forbidden);
    master.api.post(&child.at("/apps_store/blacklist"), json!({ "blacklist": [] })).await.is(200);
    assert_eq!(seen(&great).await, "accounts port");
}

async fn what_is_inherited_can_be_set(world: World) {
    let (master, child) = people(&world).await;
    let grandchild = world.account(&child, "Grandchild").await;
    let port = world.app("port").await;
    master.api.post(&child.at("/apps_store/blacklist"), json!({ "blacklist": [port] })).await.is(200);
    let sees = async || {
        let list = grandchild.api.get(&grandchild.at("/apps_store")).await.data();
        names(&list).contains(&"port")
    };
    assert!(!sees().await);
    world.sup(&["kapps_config", "set_default", "apps_store", "blacklist_inheritance", "none"]).ok();
    assert!(sees().await);
    world.sup(&["kapps_config", "set_default", "apps_store", "blacklist_inheritance", "reseller"]).ok();
    assert!(sees().await);
    // Unless things are strict, an app is hidden, but to be had by its id: Kazoo 5.0's rule.
    let path = child.at(&format!("/apps_store/{port}"));
    child.api.get(&path).await.is(404);
    world.sup(&["kapps_config", "set_default", "apps_store", "strict_by_id", "false"]).ok();
    assert_eq!(child.api.get(&path).await.is(200).data()["published"], false);
    child.api.put(&path, json!({ "allowed_users": "all" })).await.is(201);
}
