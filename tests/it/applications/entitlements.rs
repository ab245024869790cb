//! What accounts activate.

use serde_json::json;

use super::{ONE, TWO, cast, keep};
use crate::support::world::World;

on_every_world! {
    an_entitlement_is_made_read_replaced_and_removed,
    an_entitlement_says_for_whom,
    users_may_be_ids_or_objects_with_one,
    what_is_activated_is_listed_by_type,
    only_admins_activate,
}

async fn an_entitlement_is_made_read_replaced_and_removed(world: World) {
    let cast = cast(&world).await;
    let api = &cast.customer.api;
    let path = cast.customer.at(&format!("/applications/commland_ui/{ONE}/entitlement"));
    let id = format!("{ONE}_commland_ui_entitlement");
    let made = api.put(&path, json!({ "type": "specific", "users": ["u"], "app_id": "other" })).await.is(201);
    let expected = json!({ "type": "specific", "users": ["u"], "app_id": ONE, "app_type": "commland_ui", "id": id });
    assert_eq!(made.data(), expected);
    assert_eq!(made.json()["metadata"]["id"], json!(id));
    assert!(made.json()["metadata"]["modified"].is_u64());
    api.put(&path, json!({ "type": "all" })).await.is_error(
        409,
        "datastore_conflict",
        json!({ "message": "conflicting documents" }),
    );
    assert_eq!(api.get(&path).await.is(200).data(), expected);
    let replaced = api.post(&path, json!({ "type": "admins" })).await.is(200).data();
    assert_eq!(replaced, json!({ "type": "admins", "app_id": ONE, "app_type": "commland_ui", "id": id }));
    let stale = api.with("if-match", "\"1-x\"");
    stale.post(&path, json!({ "type": "all" })).await.is(412);
    assert_eq!(api.delete(&path).await.is(200).json()["metadata"]["deleted"], true);
    api.get(&path).await.is_error(404, "bad_identifier", json!({ "cause": id, "message": "bad identifier" }));
    assert!(world.documents().get(&cast.customer.db(), &id).await.is_err(), "it's gone for good");
}

async fn an_entitlement_says_for_whom(world: World) {
    let cast = cast(&world).await;
    let path = cast.customer.at(&format!("/applications/monster_ui/{ONE}/entitlement"));
    for wrong in
        [json!({}), json!({ "type": "nobody" }), json!({ "type": 5 }), json!({ "type": "specific", "users": "u" }), json!([])]
    {
        let answer = cast.customer.api.put(&path, wrong.clone()).await;
        assert_eq!(answer.status, 400, "{wrong} {}", answer.text());
    }
    let made = cast.customer.api.put(&path, json!({ "type": "specific" })).await.is(201).data();
    assert_eq!(made["users"], json!([]));
}

async fn users_may_be_ids_or_objects_with_one(world: World) {
    let cast = cast(&world).await;
    let customer = &cast.customer;
    let paul = world.user(customer, &customer.account_id, "Customer", "paul", "user").await;
    keep(&cast.master, ONE, "one").await;
    let told = json!({ "type": "specific", "users": [{ "id": paul.user_id }] });
    customer.api.put(&customer.at(&format!("/applications/monster_ui/{ONE}/entitlement")), told).await.is(201);
    let list = paul.api.get(&customer.at(&format!("/users/{}/applications/monster_ui", paul.user_id))).await.is(200).data();
    assert_eq!(super::names(&list), "one");
}

async fn what_is_activated_is_listed_by_type(world: World) {
    let cast = cast(&world).await;
    let (api, at) = (&cast.customer.api, |path: &str| cast.customer.at(path));
    for (id, app_type) in [(ONE, "monster_ui"), (TWO, "monster_ui"), (ONE, "commland_ui")] {
        let path = at(&format!("/applications/{app_type}/{id}/entitlement"));
        api.put(&path, json!({ "type": "all" })).await.is(201);
    }
    let row = |id: &str| json!({ "app_id": id, "app_type": "monster_ui", "type": "all" });
    let list = at("/applications/monster_ui/entitlements");
    assert_eq!(api.get(&list).await.is(200).data(), json!([row(TWO), row(ONE)]));
    let page = api.get(&format!("{list}?page_size=1")).await.json();
    assert_eq!(page["data"], json!([row(TWO)]));
    let next = page["next_start_key"].as_str().unwrap();
    assert_eq!(api.get(&format!("{list}?page_size=1&start_key={next}")).await.data(), json!([row(ONE)]));
}

async fn only_admins_activate(world: World) {
    let cast = cast(&world).await;
    let customer = &cast.customer;
    let paul = world.user(customer, &customer.account_id, "Customer", "paul", "user").await;
    let path = customer.at(&format!("/applications/monster_ui/{ONE}/entitlement"));
    paul.api.put(&path, json!({ "type": "all" })).await.is_forbidden();
    paul.api.get(&path).await.is_forbidden();
    paul.api.get(&customer.at("/applications/monster_ui/entitlements")).await.is_forbidden();
    world.sup(&["kapps_config", "set_default", "auth", "user_rights", "kazoo"]).ok();
    paul.api.put(&path, json!({ "type": "all" })).await.is_forbidden();
    cast.reseller.api.put(&path, json!({ "type": "all" })).await.is(201);
}
