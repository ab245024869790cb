//! The documents themselves.

use serde_json::json;

use super::{PNG, send, stage, texts};
use crate::support::world::World;

on_every_world! {
    an_override_is_made_read_replaced_and_deleted,
    a_second_override_for_an_app_is_a_conflict,
    what_does_not_satisfy_the_schema_is_refused,
    replacing_keeps_the_pictures_and_what_is_private,
    an_override_lies_where_kazoo_looks_for_it,
    a_deleted_override_makes_way_for_a_new_one,
    an_account_without_an_override_has_none_to_change,
}

async fn an_override_is_made_read_replaced_and_deleted(world: World) {
    let (_, child, app, path) = stage(&world).await;
    let id = format!("app_whitelabel-{app}");
    let made = child.api.put(&path, texts("Customers")).await.is(201);
    let mut expected = texts("Customers");
    expected["id"] = json!(id);
    assert_eq!(made.data(), expected);
    assert_eq!(made.json()["metadata"]["id"], json!(id));
    assert!(made.json()["metadata"]["created"].is_u64() && made.json()["revision"].as_str().unwrap().starts_with("1-"));
    assert_eq!(made.header("location"), Some(format!("{path}/{id}").as_str()));
    assert_eq!(child.api.get(&path).await.is(200).data(), expected);

    let replaced = child.api.post(&path, json!({ "icon": "x.png" })).await.is(200);
    assert_eq!(replaced.data(), json!({ "icon": "x.png", "id": id }));
    let gone = child.api.delete(&path).await.is(200);
    assert_eq!(gone.json()["metadata"]["deleted"], true);
    child.api.get(&path).await.is_error(404, "bad_identifier", json!({ "cause": id, "message": "bad identifier" }));

    // Whatever is written in the app's place: what comes out of it can stand in a header.
    let path = child.at("/apps_store/a%7F%0A/override");
    let made = child.api.put(&path, texts("Odd")).await.is(201);
    assert_eq!(made.header("location"), Some(format!("{path}/app_whitelabel-a%7F%0A").as_str()));
}

async fn a_second_override_for_an_app_is_a_conflict(world: World) {
    let (_, child, _, path) = stage(&world).await;
    child.api.put(&path, texts("One")).await.is(201);
    child.api.put(&path, texts("Two")).await.is_error(409, "datastore_conflict", json!({ "message": "conflicting documents" }));
    assert_eq!(child.api.get(&path).await.data()["i18n"]["en-US"]["label"], "One");
    // Whether there is such an app isn't asked.
    child.api.put(&child.at("/apps_store/nosuch/override"), json!({})).await.is(201);
}

async fn what_does_not_satisfy_the_schema_is_refused(world: World) {
    let (_, child, _, path) = stage(&world).await;
    let refused = child.api.put(&path, json!({ "icon": 5, "screenshots": "a.png" })).await.is(400).json();
    assert!(refused["data"]["screenshots"]["type"].is_object(), "{refused}");
    let refused = child.api.put(&path, json!({ "i18n": { "en-US": { "label": "Customers" } } })).await.is(400).json();
    assert!(refused["data"]["i18n.en-US.description"]["required"].is_object(), "{refused}");
    child.api.send("PUT", &path, Some(json!({ "data": [] }))).await.is(400);
    child.api.get(&path).await.is(404);
}

async fn replacing_keeps_the_pictures_and_what_is_private(world: World) {
    let (_, child, app, path) = stage(&world).await;
    child.api.put(&path, texts("Customers")).await.is(201);
    send(&child.api, &format!("{path}/icon?filename=a.png"), "image/png", PNG).await.is(200);
    let id = format!("app_whitelabel-{app}");
    world.edit(&child.db(), &id, |doc| drop(doc.insert("pvt_of_kazoo".into(), json!({ "deep": [1] })))).await;
    child.api.post(&path, json!({ "icon": "icon-en-US-a.png", "pvt_of_kazoo": 5, "_attachments": {} })).await.is(200);
    let doc = world.documents().get(&child.db(), &id).await.unwrap();
    assert_eq!(doc["pvt_of_kazoo"], json!({ "deep": [1] }));
    assert!(doc["_attachments"]["icon-en-US-a.png"].is_object(), "{doc:?}");
    assert_eq!(child.api.get(&format!("{path}/icon")).await.is(200).body, PNG);
}

async fn an_override_lies_where_kazoo_looks_for_it(world: World) {
    let (_, child, app, path) = stage(&world).await;
    child.api.put(&path, texts("Customers")).await.is(201);
    let doc = world.documents().get(&child.db(), &format!("app_whitelabel-{app}")).await.unwrap();
    assert_eq!(doc["pvt_type"], "app_whitelabel");
    assert_eq!(doc["pvt_account_id"], json!(child.account_id));
    assert!(doc["pvt_account_db"].as_str().unwrap().starts_with("account%2F"), "{doc:?}");
    assert_eq!(doc["pvt_created"], doc["pvt_modified"]);
}

async fn a_deleted_override_makes_way_for_a_new_one(world: World) {
    let (_, child, app, path) = stage(&world).await;
    child.api.put(&path, texts("Old")).await.is(201);
    send(&child.api, &format!("{path}/icon"), "image/png", PNG).await.is(200);
    child.api.delete(&path).await.is(200);
    child.api.delete(&path).await.is(404);
    child.api.put(&path, texts("New")).await.is(201);
    let doc = world.documents().get(&child.db(), &format!("app_whitelabel-{app}")).await.unwrap();
    assert!(doc.get("pvt_deleted").is_none() && doc.get("_attachments").is_none(), "{doc:?}");
    assert_eq!(doc["i18n"]["en-US"]["label"], "New");
    // What isn't an override doesn't.
    world.edit(&child.db(), "app_whitelabel-other", |doc| drop(doc.insert("pvt_type".into(), json!("other")))).await;
    child.api.get(&child.at("/apps_store/other/override")).await.is(404);
    child.api.put(&child.at("/apps_store/other/override"), json!({})).await.is(409);
}

async fn an_account_without_an_override_has_none_to_change(world: World) {
    let (_, child, app, path) = stage(&world).await;
    let missing = json!({ "cause": format!("app_whitelabel-{app}"), "message": "bad identifier" });
    child.api.post(&path, texts("Customers")).await.is_error(404, "bad_identifier", missing.clone());
    child.api.delete(&path).await.is_error(404, "bad_identifier", missing.clone());
    for picture in ["icon", "screenshot"] {
        send(&child.api, &format!("{path}/{picture}"), "image/png", PNG).await.is_error(404, "bad_identifier", missing.clone());
    }
}
