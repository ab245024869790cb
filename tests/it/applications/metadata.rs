//! A catalogue's documents.

use serde_json::json;
use storefront::platform::names;

use super::{ONE, THREE, TWO, about, cast, keep, kept};
use crate::support::world::World;

on_every_world! {
    an_application_is_made_read_changed_and_deleted,
    an_applications_id_is_a_uuid_and_its_own,
    what_is_missing_is_named,
    a_resellers_copy_has_what_the_masters_has,
    a_list_shows_ids_names_and_types_a_page_at_a_time,
    only_resellers_and_the_master_keep_catalogues,
    the_views_are_put_there_when_they_are_missing,
}

async fn an_application_is_made_read_changed_and_deleted(world: World) {
    let master = world.master().await;
    let path = kept(&master, ONE);
    let made = keep(&master, ONE, "callflows").await;
    let mut expected = about("callflows");
    for (key, value) in [("published", json!(true)), ("masqueradable", json!(true)), ("uuid", json!(ONE)), ("id", json!(ONE))] {
        expected[key] = value;
    }
    assert_eq!(made.data(), expected);
    assert_eq!(made.json()["metadata"]["id"], ONE);
    assert_eq!(master.api.get(&path).await.is(200).data(), expected);
    let patched = master.api.patch(&path, json!({ "price": 5, "author": "Them", "masqueradable": null })).await.is(200).data();
    assert_eq!((&patched["price"], &patched["author"], &patched["name"]), (&json!(5), &json!("Them"), &json!("callflows")));
    master.api.patch(&path, json!({ "author": 5 })).await.is(400);
    master.api.patch(&path, json!({ "name": null })).await.is(400);
    let mut other = about("callflows");
    other["id"] = json!("x");
    other["uuid"] = json!(TWO);
    let replaced = master.api.post(&path, other).await.is(200).data();
    assert_eq!((replaced.get("price"), &replaced["uuid"], &replaced["id"]), (None, &json!(ONE), &json!(ONE)));
    let stored = world.documents().get(&master.db(), ONE).await.unwrap();
    assert_eq!((&stored["pvt_type"], &stored["pvt_account_id"]), (&json!("application"), &json!(master.account_id)));

    let gone = master.api.delete(&path).await.is(200).json();
    assert_eq!(gone["metadata"]["deleted"], true);
    let missing = json!({ "cause": ONE, "message": "bad identifier" });
    master.api.get(&path).await.is_error(404, "bad_identifier", missing.clone());
    master.api.post(&path, about("x-x")).await.is_error(404, "bad_identifier", missing.clone());
    master.api.patch(&path, json!({})).await.is_error(404, "bad_identifier", missing.clone());
    master.api.delete(&path).await.is_error(404, "bad_identifier", missing);
    keep(&master, ONE, "again").await;
}

async fn an_applications_id_is_a_uuid_and_its_own(world: World) {
    let master = world.master().await;
    keep(&master, ONE, "callflows").await;
    master.api.put(&kept(&master, ONE), about("other")).await.is_error(
        409,
        "datastore_conflict",
        json!({ "message": "conflicting documents" }),
    );
    for id in ["nosuch", "_design%2Fapplication", "_x", "apps_store", &master.account_id, &format!("{ONE}0")] {
        let refused = master.api.put(&kept(&master, id), about("other")).await.is(400).json();
        assert_eq!(refused["data"]["uuid"]["not_valid"]["message"], "uuid in the url is not valid", "{id}");
        master.api.get(&kept(&master, id)).await.is(404);
        master.api.delete(&kept(&master, id)).await.is(404);
    }
}

async fn what_is_missing_is_named(world: World) {
    let master = world.master().await;
    let refused = master.api.put(&kept(&master, ONE), json!({ "name": "ab", "type": 5 })).await.is(400).json();
    for key in ["author", "license", "version"] {
        assert!(refused["data"][key]["required"].is_object(), "{refused}");
    }
    assert!(refused["data"]["name"]["minLength"].is_object(), "{refused}");
    master.api.send("PUT", &kept(&master, ONE), Some(json!({ "data": [] }))).await.is(400);
}

async fn a_resellers_copy_has_what_the_masters_has(world: World) {
    let cast = cast(&world).await;
    let mut data = about("callflows");
    data["tags"] = json!(["voip"]);
    data["i18n"] = json!({ "en-US": { "label": "Callflows", "description": "Call flows" } });
    cast.master.api.put(&kept(&cast.master, ONE), data).await.is(201);
    let mut ours = about("callflows");
    ours["i18n"] = json!({ "en-US": { "label": "Our flows", "description": "Call flows" } });
    let copy = cast.reseller.api.put(&kept(&cast.reseller, ONE), ours).await.is(201).data();
    assert_eq!((&copy["tags"], &copy["i18n"]["en-US"]["label"]), (&json!(["voip"]), &json!("Our flows")));
    // The master's stays as it was.
    assert_eq!(cast.master.api.get(&kept(&cast.master, ONE)).await.data()["i18n"]["en-US"]["label"], "Callflows");
    let alone = keep(&cast.reseller, TWO, "own-app").await.data();
    assert!(alone.get("tags").is_none());
    let stored = world.documents().get(&cast.reseller.db(), ONE).await.unwrap();
    assert_eq!(stored["pvt_account_id"], json!(cast.reseller.account_id));
}

async fn a_list_shows_ids_names_and_types_a_page_at_a_time(world: World) {
    let master = world.master().await;
    for (id, name) in [(ONE, "one"), (TWO, "two"), (THREE, "three")] {
        keep(&master, id, name).await;
    }
    master.api.patch(&kept(&master, TWO), json!({ "beta_only": true })).await.is(200);
    let path = master.at("/applications");
    let list = master.api.get(&path).await.is(200).json();
    let row = |id: &str, name: &str| json!({ "id": id, "name": name, "type": "monster_ui" });
    assert_eq!(list["data"], json!([row(TWO, "two"), row(THREE, "three"), row(ONE, "one")]));
    assert_eq!(list["page_size"], 3);
    let first = master.api.get(&format!("{path}?page_size=2")).await.json();
    assert_eq!(first["data"].as_array().unwrap().len(), 2);
    let next = first["next_start_key"].as_str().unwrap();
    let second = master.api.get(&format!("{path}?page_size=2&start_key={next}")).await.data();
    assert_eq!(second, json!([row(ONE, "one")]));
    for filter in ["filter_beta_only=true", "has_key=beta_only"] {
        assert_eq!(master.api.get(&format!("{path}?{filter}")).await.data(), json!([row(TWO, "two")]));
    }
}

async fn only_resellers_and_the_master_keep_catalogues(world: World) {
    let cast = cast(&world).await;
    let customer = &cast.customer;
    customer.api.get(&customer.at("/applications")).await.is_forbidden();
    customer.api.put(&kept(customer, ONE), about("own")).await.is_forbidden();
    customer.api.get(&kept(&cast.reseller, ONE)).await.is_forbidden();
    cast.reseller.api.get(&customer.at("/applications")).await.is(200);
    cast.reseller.api.put(&kept(&cast.master, ONE), about("own")).await.is_forbidden();
    let clerk = world.user(&cast.reseller, &cast.reseller.account_id, "Reseller", "clerk", "user").await;
    clerk.api.get(&clerk.at("/applications")).await.is_forbidden();
    // Whatever plain users may otherwise.
    world.sup(&["kapps_config", "set_default", "auth", "user_rights", "kazoo"]).ok();
    clerk.api.get(&clerk.at("/applications")).await.is_forbidden();
    clerk.api.get(&clerk.at("/applications/monster_ui")).await.is_forbidden();
    world.api.get(&cast.reseller.at("/applications")).await.is_unauthorized();
    cast.master.api.delete(&cast.reseller.at("/reseller")).await;
    cast.reseller.api.get(&cast.reseller.at("/applications")).await.is_forbidden();
}

async fn the_views_are_put_there_when_they_are_missing(world: World) {
    let master = world.master().await;
    let store = world.documents();
    keep(&master, ONE, "one").await;
    if let Ok(design) = store.get(&master.db(), "_design/application").await {
        store.delete(&master.db(), "_design/application", design["_rev"].as_str().unwrap()).await.unwrap();
    }
    assert_eq!(master.api.get(&master.at("/applications")).await.is(200).data().as_array().unwrap().len(), 1);
    assert!(store.get(&master.db(), "_design/application").await.is_ok());
    assert!(store.get(&names::ACCOUNTS, "_design/application").await.is_err());
}
