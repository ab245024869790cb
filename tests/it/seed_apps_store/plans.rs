//! What service plans do to an account's apps.

use serde_json::json;
use storefront::platform::names;

use super::{find, names as app_names, people, plan, seen, serve, vendor_app};
use crate::support::world::{World, account_db};

on_every_world! {
    a_plan_brings_a_vendors_app,
    a_plan_cannot_show_what_is_no_app,
    without_a_plan_of_its_own_an_account_has_its_resellers,
    plans_are_overridden_and_merged,
    documents_of_the_account_bring_plans_along,
    plans_from_before_4_3_still_count,
}

async fn a_plan_brings_a_vendors_app(world: World) {
    let (master, child) = people(&world).await;
    let vendor = world.account(&master, "Vendor").await;
    let accounts = world.app("accounts").await;
    vendor_app(&world, &vendor.account_id, "radio", "radio").await;
    vendor_app(&world, &vendor.account_id, &accounts, "accounts").await;
    let applications = json!({
        "radio": { "vendor_id": vendor.account_id },
        "gone": { "vendor_id": vendor.account_id },
        (accounts.as_str()): { "vendor_id": vendor.account_id, "enabled": true },
    });
    plan(&world, &vendor.account_id, "p", json!({ "applications": applications })).await;
    serve(&world, &child.account_id, "plans", json!({ "p": { "vendor_id": vendor.account_id } })).await;

    assert_eq!(seen(&child).await, "accounts port radio reports", "each once, although the vendor has another of them");
    let list = child.api.get(&child.at("/apps_store")).await.data();
    let radio = find(&list, "radio");
    assert_eq!((&radio["account_id"], &radio["authority"]), (&json!(vendor.account_id), &json!("vendor_account")));
    assert_eq!(list[0]["name"], "reports", "the catalogue by name, backwards, then vendors' apps");
    let theirs = child.api.get(&child.at(&format!("/apps_store/{accounts}"))).await.is(200).data();
    assert_eq!((&theirs["account_id"], &theirs["authority"]), (&json!(vendor.account_id), &json!("service_plan")));
    // It's installed as any other.
    let installed = child.api.put(&child.at("/apps_store/radio"), json!({ "allowed_users": "all" })).await.is(201).data();
    assert_eq!(installed["name"], "radio");

    let switched = |enabled: serde_json::Value| {
        json!({ "p": { "vendor_id": vendor.account_id, "overrides": {
        "applications": { "radio": { "enabled": enabled }, (accounts.as_str()): { "enabled": enabled } } } } })
    };
    for off in [json!(false), json!("false"), json!("no"), json!(0)] {
        serve(&world, &child.account_id, "plans", switched(off)).await;
        assert_eq!(seen(&child).await, "port reports");
    }
    serve(&world, &child.account_id, "plans", switched(json!("true"))).await;
    assert_eq!(seen(&child).await, "accounts port radio reports");
}

async fn a_plan_cannot_show_what_is_no_app(world: World) {
    let (master, child) = people(&world).await;
    let other = world.account(&master, "Other").await;
    let applications = json!({
        (other.user_id.as_str()): { "vendor_id": other.account_id },
        (other.account_id.as_str()): { "vendor_id": other.account_id },
    });
    plan(&world, &child.account_id, "sly", json!({ "applications": applications })).await;
    serve(&world, &child.account_id, "plans", json!({ "sly": { "vendor_id": child.account_id } })).await;
    assert_eq!(seen(&child).await, "accounts port reports");
    for id in [&other.user_id, &other.account_id] {
        child.api.get(&child.at(&format!("/apps_store/{id}"))).await.is(404);
        child.api.get(&child.at(&format!("/apps_store/{id}/icon"))).await.is(404);
    }
}

async fn without_a_plan_of_its_own_an_account_has_its_resellers(world: World) {
    let (master, child) = people(&world).await;
    let reseller = world.account(&master, "Reseller").await;
    let customer = world.account(&reseller, "Customer").await;
    master.api.put(&reseller.at("/reseller"), json!({})).await.is(201);
    let port = world.app("port").await;
    let off = |id: &str| json!({ "applications": { (id): { "enabled": false } } });
    plan(&world, &master.account_id, "no-port", off(&port)).await;
    plan(&world, &master.account_id, "no-reports", off(&world.app("reports").await)).await;
    // A plan that names no vendor is the reseller's.
    plan(&world, &reseller.account_id, "no-accounts", off(&world.app("accounts").await)).await;

    serve(&world, &reseller.account_id, "plans", json!({ "no-port": {} })).await;
    assert_eq!(seen(&reseller).await, "accounts reports");
    assert_eq!(seen(&customer).await, "accounts reports");
    assert_eq!(seen(&child).await, "accounts port reports", "the master's customer has no plan");
    serve(&world, &customer.account_id, "plans", json!({ "no-accounts": {} })).await;
    assert_eq!(seen(&customer).await, "port reports", "a plan of its own counts alone");
    serve(&world, &customer.account_id, "plans", json!({ "nosuch": {} })).await;
    assert_eq!(seen(&customer).await, "accounts reports", "a plan that doesn't exist is none");

    // One hop, and no further; and none for a reseller.
    serve(&world, &reseller.account_id, "plans", json!({})).await;
    serve(&world, &master.account_id, "plans", json!({ "no-reports": { "vendor_id": master.account_id } })).await;
    assert_eq!(seen(&customer).await, "accounts port reports");
    assert_eq!(seen(&reseller).await, "accounts port reports");
    assert_eq!(seen(&child).await, "accounts port");
    // The services document says who the reseller is.
    serve(&world, &reseller.account_id, "plans", json!({ "no-port": {} })).await;
    serve(&world, &child.account_id, "pvt_reseller_id", json!(reseller.account_id)).await;
    assert_eq!(seen(&child).await, "accounts reports");
}

async fn plans_are_overridden_and_merged(world: World) {
    let (master, child) = people(&world).await;
    let (port, reports) = (world.app("port").await, world.app("reports").await);
    let toggle = |id: &str, on: bool| json!({ (id): { "enabled": on } });
    plan(&world, &master.account_id, "one", json!({ "applications": toggle(&port, false) })).await;
    plan(&world, &master.account_id, "two", json!({ "applications": toggle(&port, true) })).await;
    let assign = async |first: &str, second: &str| {
        serve(&world, &child.account_id, "plans", json!({ (first): {}, (second): {} })).await;
        seen(&child).await
    };
    assert_eq!(assign("one", "two").await, "accounts reports", "of equals the first counts");
    let prefer = async |id: &str, merge: serde_json::Value| {
        world.edit(&master.db(), id, |doc| drop(doc.insert("merge".into(), merge.clone()))).await;
        seen(&child).await
    };
    assert_eq!(prefer("two", json!({ "priority": 1 })).await, "accounts port reports");
    assert_eq!(prefer("one", json!({ "strategy": "recursive" })).await, "accounts reports");
    assert_eq!(prefer("two", json!({ "strategy": "cumulative" })).await, "accounts port reports");
    world.sup(&["kapps_config", "set_default", "services", "merge_strategy_priority.cumulative", "5"]).ok();
    assert_eq!(seen(&child).await, "accounts reports");

    serve(&world, &child.account_id, "overrides", json!({ "applications": toggle(&reports, false) })).await;
    assert_eq!(seen(&child).await, "accounts");
    let special = json!({ "one": { "overrides": { "applications": toggle(&reports, true) } } });
    serve(&world, &child.account_id, "plans", special).await;
    assert_eq!(seen(&child).await, "accounts reports", "what is said for one plan counts over what is said for all");
    world.edit(&master.db(), "one", |doc| drop(doc.insert("pvt_deleted".into(), true.into()))).await;
    assert_eq!(seen(&child).await, "accounts port reports");
}

async fn documents_of_the_account_bring_plans_along(world: World) {
    let (master, child) = people(&world).await;
    plan(&world, &master.account_id, "device", json!({ "applications": { (world.app("port").await): { "enabled": false } } }))
        .await;
    let device = json!({ "_id": "d1", "pvt_type": "device", "service": { "plans": { "device": {} } } });
    let rev = world.documents().put(&child.db(), device.as_object().unwrap()).await.unwrap();
    assert_eq!(seen(&child).await, "accounts reports");
    world.documents().delete(&child.db(), "d1", &rev).await.unwrap();
    assert_eq!(seen(&child).await, "accounts port reports");
}

async fn plans_from_before_4_3_still_count(world: World) {
    let (master, child) = people(&world).await;
    let (port, console) = (world.app("port").await, world.app("api-console").await);
    let apps = json!({
        "port": { "app_id": port, "account_id": master.account_id, "enabled": false },
        "api-console": { "app_id": console, "account_db": account_db(&master.account_id).as_str().replace('/', "%2F") },
        "lost": {},
    });
    plan(&world, &master.account_id, "old", json!({ "plan": { "ui_apps": apps } })).await;
    serve(&world, &child.account_id, "plans", json!({ "old": {} })).await;
    assert_eq!(seen(&child).await, "accounts api-console reports");
    world.sup(&["kapps_config", "set_default", "apps_store", "plan_mode", "whitelist"]).ok();
    assert_eq!(seen(&child).await, "api-console");
    serve(&world, &child.account_id, "plans", json!({ "old": { "overrides": { "ui_apps": { "_all": { "enabled": true } } } } }))
        .await;
    assert_eq!(app_names(&child.api.get(&child.at("/apps_store")).await.data()), ["accounts", "port", "reports"]);
    let stored = world.documents().get(&names::SERVICES, &child.account_id).await.unwrap();
    assert!(stored.get("applications").is_none(), "they are read as they are, not rewritten");
}
