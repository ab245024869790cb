//! Documents as older Kazoos, or people, left them.

use serde_json::json;
use storefront::platform::names;

use super::{find, people, seen};
use crate::support::world::{Session, World};

on_every_world! {
    permissions_on_an_account_document_move_to_apps_store,
    a_blacklist_loses_no_permissions_from_an_account_document,
    what_is_in_apps_store_counts_over_what_is_left_on_the_account,
    an_app_written_by_hand_gets_an_owner,
    a_port_app_is_hidden_by_the_accounts_own_whitelabel,
}

/// Takes the account's `apps_store` away and puts permissions where they were before Kazoo 3.22.
async fn age(world: &World, child: &Session, app: &str) {
    let store = world.documents();
    if let Ok(doc) = store.get(&child.db(), "apps_store").await {
        store.delete(&child.db(), "apps_store", doc["_rev"].as_str().unwrap()).await.unwrap();
    }
    let apps = json!({ (app): { "name": "reports", "allowed_users": "admins" } });
    world.edit_account(&child.account_id, |doc| drop(doc.insert("apps".into(), apps.clone()))).await;
}

async fn permissions_on_an_account_document_move_to_apps_store(world: World) {
    let (_, child) = people(&world).await;
    let (store, app) = (world.documents(), world.app("reports").await);
    age(&world, &child, &app).await;
    let list = child.api.get(&child.at("/apps_store")).await.is(200).data();
    assert_eq!((&find(&list, &app)["allowed_users"], &find(&list, &app)["authority"]), (&json!("admins"), &json!("app_store")));
    let moved = store.get(&child.db(), "apps_store").await.unwrap();
    assert_eq!(moved["apps"][&app]["allowed_users"], "admins");
    assert_eq!((&moved["pvt_account_id"], moved.get("pvt_type")), (&json!(child.account_id), None));
    assert_eq!(moved["pvt_account_db"], child.db().as_str().replace('/', "%2F"));
    for db in [&child.db(), &names::ACCOUNTS] {
        let account = store.get(db, &child.account_id).await.unwrap();
        assert!(account.get("apps").is_none() && account.contains_key("realm"), "{db}");
    }
    // Once is enough.
    child.api.get(&child.at("/apps_store")).await.is(200);
    assert_eq!(store.get(&child.db(), "apps_store").await.unwrap()["_rev"], moved["_rev"]);

    // Nothing to move, nothing written.
    store.delete(&child.db(), "apps_store", moved["_rev"].as_str().unwrap()).await.unwrap();
    world.edit_account(&child.account_id, |doc| drop(doc.insert("apps".into(), json!({})))).await;
    assert_eq!(seen(&child).await, "accounts port reports");
    assert!(store.get(&child.db(), "apps_store").await.is_err());

    // Uninstalling is possible at once, too.
    age(&world, &child, &app).await;
    child.api.delete(&child.at(&format!("/apps_store/{app}"))).await.is(200);
    let list = child.api.get(&child.at("/apps_store")).await.data();
    assert!(find(&list, &app).get("allowed_users").is_none());
}

async fn a_blacklist_loses_no_permissions_from_an_account_document(world: World) {
    let (master, child) = people(&world).await;
    let app = world.app("reports").await;
    age(&world, &child, &app).await;
    let path = child.at("/apps_store/blacklist");
    master.api.post(&path, json!({ "blacklist": [world.app("port").await] })).await.is(200);
    let list = child.api.get(&child.at("/apps_store")).await.data();
    assert_eq!(find(&list, &app)["allowed_users"], "admins");
    assert_eq!(seen(&child).await, "accounts reports");
}

async fn what_is_in_apps_store_counts_over_what_is_left_on_the_account(world: World) {
    let (_, child) = people(&world).await;
    let app = world.app("reports").await;
    age(&world, &child, &app).await;
    world.edit(&child.db(), "apps_store", |doc| drop(doc.insert("apps".into(), json!({})))).await;
    let list = child.api.get(&child.at("/apps_store")).await.data();
    assert!(find(&list, &app).get("allowed_users").is_none());
}

async fn an_app_written_by_hand_gets_an_owner(world: World) {
    let (master, child) = people(&world).await;
    let store = world.documents();
    let stray = json!({ "_id": "stray", "pvt_type": "app", "name": "stray", "i18n": {}, "pvt_account_id": child.account_id,
        "pvt_other": 1, "_attachments": { "a.png": { "content_type": "image/png", "data": "AAAA" } } });
    store.put(&master.db(), stray.as_object().unwrap()).await.unwrap();
    let list = child.api.get(&child.at("/apps_store")).await.data();
    assert_eq!(find(&list, "stray")["account_id"], master.account_id);
    let mended = store.get(&master.db(), "stray").await.unwrap();
    assert_eq!(mended["pvt_account_id"], master.account_id);
    assert_eq!(mended["pvt_account_db"], master.db().as_str().replace('/', "%2F"));
    assert!(mended["pvt_other"] == 1 && mended["_attachments"]["a.png"]["length"] == 3);
    child.api.get(&child.at("/apps_store")).await.is(200);
    assert_eq!(store.get(&master.db(), "stray").await.unwrap()["_rev"], mended["_rev"]);
}

async fn a_port_app_is_hidden_by_the_accounts_own_whitelabel(world: World) {
    let (master, child) = people(&world).await;
    let grandchild = world.account(&child, "Grandchild").await;
    let whitelabel = json!({ "_id": "whitelabel", "pvt_type": "whitelabel", "hide_port": true });
    world.documents().put(&child.db(), whitelabel.as_object().unwrap()).await.unwrap();
    assert_eq!(seen(&child).await, "accounts reports");
    assert_eq!(seen(&grandchild).await, "accounts port reports", "nobody else's whitelabel counts");
    master.api.put(&child.at("/reseller"), json!({})).await.is(201);
    assert_eq!(seen(&child).await, "accounts port reports", "a reseller keeps it");
}
