//! `POST` and `PATCH accounts/{id}`, and the api key.

use serde_json::{Value, json};
use storefront::platform::names;

use crate::support::world::World;

on_every_world! {
    what_is_not_sent_stays,
    null_removes,
    a_post_has_to_be_an_account_by_itself,
    a_time_zone_is_inherited_from_above,
    only_an_account_above_enables_and_disables,
    an_account_keeps_the_names_it_has,
    derived_members_that_come_back_are_dropped,
    many_edits_at_once_all_count_and_both_copies_agree,
    hostile_edits_are_refused,
    a_new_api_key_is_good_and_the_old_one_void,
    an_api_key_is_shown_on_demand_or_where_that_is_set,
    what_is_known_of_an_account_stands_beside_it_too,
}

async fn what_is_not_sent_stays(world: World) {
    let master = world.master().await;
    let data = json!({ "name": "Child", "realm": "child.example.com", "timezone": "Europe/Paris", "custom": { "a": 1, "b": { "c": 2 } } });
    let made = master.api.put(&master.at(""), data).await.is(201).data();
    let path = format!("/v2/accounts/{}", made["id"].as_str().unwrap());
    let patched = master.api.patch(&path, json!({ "custom": { "b": { "d": [1, null] } }, "language": "de-de" })).await.is(200);
    assert_eq!(patched.data()["custom"], json!({ "a": 1, "b": { "c": 2, "d": [1, null] } }));
    let posted = master.api.post(&path, json!({ "name": "Child", "music_on_hold": { "media_id": "m" } })).await.is(200).data();
    for (key, value) in [
        ("realm", json!("child.example.com")),
        ("timezone", json!("Europe/Paris")),
        ("language", json!("de-de")),
        ("music_on_hold", json!({ "media_id": "m" })),
        ("custom", json!({ "a": 1, "b": { "c": 2, "d": [1, null] } })),
    ] {
        assert_eq!(posted[key], value, "{key}");
    }
    let again = master.api.post(&path, json!({ "name": "Child" })).await.is(200).data();
    assert_eq!(again["music_on_hold"], json!({ "media_id": "m" }));
    assert_eq!(again, master.api.get(&path).await.data());
}

async fn null_removes(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    child.api.patch(&child.at(""), json!({ "custom": { "a": 1, "b": { "c": 2 } }, "language": "de-de" })).await.is(200);
    let data = child.api.patch(&child.at(""), json!({ "custom": { "b": { "c": null } }, "language": null })).await.is(200).data();
    assert_eq!((&data["custom"], data.get("language")), (&json!({ "a": 1, "b": {} }), None));
    let data = child.api.post(&child.at(""), json!({ "name": "Child", "custom": null })).await.is(200).data();
    assert_eq!(data.get("custom"), None);
    let missing = json!({ "name": { "required": { "message": "Field is required but missing", "value": "name" } } });
    child.api.patch(&child.at(""), json!({ "name": null })).await.is_invalid(missing);
    // An account has a realm and a time zone, whatever happens.
    let data = child.api.patch(&child.at(""), json!({ "realm": null, "timezone": null })).await.is(200).data();
    assert!(data["realm"].as_str().unwrap().ends_with(".sip.2600hz.com") && data["timezone"].is_string());
}

async fn a_post_has_to_be_an_account_by_itself(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let missing = json!({ "name": { "required": { "message": "Field is required but missing", "value": "name" } } });
    child.api.post(&child.at(""), json!({ "language": "de-de" })).await.is_invalid(missing);
    child.api.patch(&child.at(""), json!({ "language": "de-de" })).await.is(200);
}

async fn a_time_zone_is_inherited_from_above(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let grandchild = world.account(&child, "Grandchild").await;
    child.api.patch(&child.at(""), json!({ "timezone": "Asia/Tokyo" })).await.is(200);
    for zone in [json!("inherit"), Value::Null] {
        grandchild.api.patch(&grandchild.at(""), json!({ "timezone": "Europe/Rome" })).await.is(200);
        let data = grandchild.api.patch(&grandchild.at(""), json!({ "timezone": zone })).await.is(200).data();
        assert_eq!(data["timezone"], "Asia/Tokyo");
    }
}

async fn only_an_account_above_enables_and_disables(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    assert_eq!(child.api.patch(&child.at(""), json!({ "enabled": false })).await.is(200).data()["enabled"], true);
    assert_eq!(master.api.patch(&child.at(""), json!({ "enabled": false })).await.is(200).data()["enabled"], false);
    // Who doesn't say leaves it.
    assert_eq!(master.api.patch(&child.at(""), json!({ "language": "de-de" })).await.is(200).data()["enabled"], false);
    assert_eq!(master.api.post(&child.at(""), json!({ "name": "Child" })).await.is(200).data()["enabled"], false);
    let doc = world.documents().get(&names::ACCOUNTS, &child.account_id).await.unwrap();
    assert_eq!((&doc["pvt_enabled"], doc.get("enabled")), (&json!(false), None));
    assert_eq!(master.api.patch(&child.at(""), json!({ "enabled": true })).await.is(200).data()["enabled"], true);
    // As text, too, as schemas take it.
    assert_eq!(master.api.patch(&child.at(""), json!({ "enabled": "false" })).await.is(200).data()["enabled"], false);
    assert_eq!(master.api.patch(&child.at(""), json!({ "enabled": "true" })).await.is(200).data()["enabled"], true);
    master.api.patch(&child.at(""), json!({ "enabled": "perhaps" })).await.is(400);
}

async fn an_account_keeps_the_names_it_has(world: World) {
    let master = world.master().await;
    let (one, other) = (world.account(&master, "One").await, world.account(&master, "Other").await);
    let realm = other.api.get(&other.at("")).await.data()["realm"].clone();
    for data in [json!({ "name": "other!" }), json!({ "realm": realm })] {
        let field = data.as_object().unwrap().keys().next().unwrap().clone();
        let refused = one.api.patch(&one.at(""), data).await.is(400);
        assert!(refused.json()["data"][&field]["unique"].is_object(), "{}", refused.text());
    }
    // Written otherwise, they are the same ones.
    let data = one.api.patch(&one.at(""), json!({ "name": "ONE." })).await.is(200).data();
    assert_eq!(data["name"], "ONE.");
    // A refused edit changes nothing at all.
    assert!(one.api.get(&one.at("")).await.data()["realm"] != realm);
    // What an account gives up is free.
    one.api.patch(&one.at(""), json!({ "name": "Uno" })).await.is(200);
    other.api.patch(&other.at(""), json!({ "name": "One" })).await.is(200);
    world.log_in("uno", &one.username, &one.password).await.is(201);
}

async fn derived_members_that_come_back_are_dropped(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let mut whole = child.api.get(&child.at("?include_api_key=true")).await.data();
    whole["language"] = json!("de-de");
    whole["superduper_admin"] = json!(true);
    child.api.post(&child.at(""), whole).await.is(200);
    let doc = world.documents().get(&child.db(), &child.account_id).await.unwrap();
    assert_eq!(doc["language"], "de-de");
    for key in ["api_key", "superduper_admin", "is_reseller", "reseller_id", "created", "billing_mode", "id"] {
        assert!(doc.get(key).is_none(), "{key}");
    }
    assert_eq!(child.api.get(&child.at("")).await.data()["superduper_admin"], false);
}

async fn many_edits_at_once_all_count_and_both_copies_agree(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let path = child.at("");
    let edits = (0..12).map(|nth| child.api.patch(&path, json!({ "custom": { format!("k{nth}"): nth } })));
    for answer in futures_util::future::join_all(edits).await {
        answer.is(200);
    }
    let own = world.documents().get(&child.db(), &child.account_id).await.unwrap();
    let copy = world.documents().get(&names::ACCOUNTS, &child.account_id).await.unwrap();
    assert_eq!(own["custom"].as_object().unwrap().len(), 12);
    assert_eq!(own["custom"], copy["custom"]);
}

async fn hostile_edits_are_refused(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let before = child.api.get(&child.at("")).await.data();
    for data in [
        json!([1]),
        json!("x"),
        json!({ "name": 7 }),
        json!({ "name": { "a": 1 } }),
        json!({ "name": "n".repeat(129) }),
        json!({ "realm": "a b\u{1}c" }),
        json!({ "realm": 5 }),
        json!({ "ringtones": "x" }),
        json!({ "enabled": [1] }),
    ] {
        let answer = child.api.patch(&child.at(""), data.clone()).await;
        assert_eq!(answer.status, 400, "{data}: {}", answer.text());
    }
    child
        .api
        .patch(&child.at(""), json!({ "_rev": "1-0", "_id": "x", "pvt_tree": [], "pvt_deleted": true, "id": "y" }))
        .await
        .is(200);
    assert_eq!(child.api.get(&child.at("")).await.data(), before);
}

async fn a_new_api_key_is_good_and_the_old_one_void(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let old = child.api.get(&child.at("/api_key")).await.data()["api_key"].clone();
    let new = child.api.put(&child.at("/api_key"), json!({})).await.is(201).data()["api_key"].clone();
    assert!(new != old && new.as_str().unwrap().len() == 64);
    assert_eq!(child.api.get(&child.at("/api_key")).await.data()["api_key"], new);
    // It stays, whatever is edited afterwards.
    child.api.patch(&child.at(""), json!({ "language": "de-de" })).await.is(200);
    world.api.put("/v2/api_auth", json!({ "api_key": new })).await.is(201);
    world.api.put("/v2/api_auth", json!({ "api_key": old })).await.is(401);
    let shown = world.run(&["api-key", &child.account_id]).ok();
    assert_eq!(json!(shown.trim()), new);
    let renewed = world.run(&["api-key", &child.account_id, "--renew"]).ok();
    world.api.put("/v2/api_auth", json!({ "api_key": renewed.trim() })).await.is(201);
}

async fn an_api_key_is_shown_on_demand_or_where_that_is_set(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let paul = world.user(&child, &child.account_id, "Child", "paul", "user").await;
    let key = child.api.get(&child.at("/api_key")).await.data()["api_key"].clone();
    assert!(child.api.get(&child.at("")).await.data().get("api_key").is_none());
    assert_eq!(child.api.get(&child.at("?include_api_key=true")).await.data()["api_key"], key);
    let asked = json!({ "data": { "language": "de-de" }, "include_api_key": true });
    assert_eq!(child.api.send("PATCH", &child.at(""), Some(asked)).await.is(200).data()["api_key"], key);
    world.sup(&["kapps_config", "set_default", "crossbar.accounts", "expose_api_key", "true"]).ok();
    assert_eq!(child.api.get(&child.at("")).await.data()["api_key"], key);
    assert!(paul.api.get(&child.at("")).await.is(200).data().get("api_key").is_none());
}

async fn what_is_known_of_an_account_stands_beside_it_too(world: World) {
    let master = world.master().await;
    let made = master.api.put(&master.at(""), json!({ "name": "Child" })).await.is(201).json();
    let path = format!("/v2/accounts/{}", made["data"]["id"].as_str().unwrap());
    for answer in [made, master.api.get(&path).await.json(), master.api.patch(&path, json!({ "org": "Us" })).await.json()] {
        let (data, metadata) = (&answer["data"], &answer["metadata"]);
        assert_eq!((&metadata["id"], &metadata["created"]), (&data["id"], &data["created"]), "{answer}");
        assert!(metadata["modified"].as_u64() >= metadata["created"].as_u64() && data.get("modified").is_none(), "{answer}");
    }
    // What comes back from a client that puts the two together isn't stored.
    let patched = master.api.patch(&path, json!({ "modified": 5, "created": 5 })).await.is(200).data();
    assert!(patched.get("modified").is_none() && patched["created"] != 5, "{patched}");
    assert_eq!(master.api.delete(&path).await.is(200).json()["metadata"]["deleted"], true);
}
