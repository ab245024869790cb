//! Users as documents: listed, created, replaced, merged, deleted.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::world::{Session, World};

on_every_world! {
    a_new_user_has_the_schemas_defaults_and_an_id_of_its_own,
    the_list_shows_a_digest_of_each_user_by_name_backwards,
    post_replaces_and_patch_merges,
    two_who_merge_different_members_at_once_both_get_their_way,
    a_deleted_user_stays_as_a_document_or_goes_for_good,
    what_is_no_user_is_not_found,
    what_is_known_of_a_user_stands_beside_him,
    a_word_to_the_users_devices_is_no_part_of_the_user,
}

async fn make(by: &Session, data: Value) -> String {
    by.api.put(&by.at("/users"), data).await.is(201).data()["id"].as_str().unwrap().to_owned()
}

async fn a_new_user_has_the_schemas_defaults_and_an_id_of_its_own(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let new = json!({
        "id": "abc", "_id": "abc", "_rev": "7-x", "pvt_type": "account", "pvt_md5_auth": "x", "first_name": "Jane", "last_name": "Ö'Doe",
        "own": { "k": [1] }, "ui_metadata": { "ui": "monster-ui" }, "enabled": "true",
    });
    let answer = child.api.put(&child.at("/users"), new).await.is(201);
    let shown = answer.data();
    let id = shown["id"].as_str().unwrap();
    assert_eq!(answer.header("location"), Some(child.at(&format!("/users/{id}")).as_str()));
    let hotdesk = json!({ "enabled": false, "keep_logged_in_elsewhere": false, "require_pin": false });
    assert_eq!(
        shown,
        json!({
            "first_name": "Jane", "last_name": "Ö'Doe", "own": { "k": [1] }, "ui_metadata": { "ui": "monster-ui" }, "enabled": true,
            "call_restriction": {}, "contact_list": {}, "hotdesk": hotdesk, "music_on_hold": {}, "priv_level": "user",
            "require_password_update": false, "ringtones": {}, "verified": false, "vm_to_email_enabled": true, "id": id,
        })
    );
    let doc = world.documents().get(&child.db(), id).await.unwrap();
    let account_db = format!("account%2F{}%2F{}%2F{}", &child.account_id[..2], &child.account_id[2..4], &child.account_id[4..]);
    for (key, value) in [
        ("pvt_type", "user"),
        ("pvt_vsn", "1"),
        ("pvt_account_id", &child.account_id),
        ("pvt_account_db", &account_db),
        ("pvt_auth_account_id", &child.account_id),
        ("pvt_auth_user_id", &child.user_id),
        ("pvt_alphanum_name", "janedoe"),
    ] {
        assert_eq!(doc[key], *value, "{key}");
    }
    assert_eq!(doc["pvt_created"], doc["pvt_modified"]);
    assert!(!doc.contains_key("pvt_md5_auth") && doc["pvt_is_authenticated"] == true);
    for (wrong, problem) in [
        (json!({ "last_name": "b" }), "first_name"),
        (json!({ "first_name": "a", "last_name": "b", "priv_level": "god" }), "priv_level"),
        (json!({ "first_name": "a", "last_name": "b", "email": "nobody" }), "email"),
        (json!({ "first_name": "a", "last_name": "b", "username": "a b", "password": "x" }), "username"),
        (json!({ "first_name": "a", "last_name": "b", "hotdesk": { "pin": "1" } }), "hotdesk.pin"),
        (json!({ "first_name": "x".repeat(129), "last_name": "b" }), "first_name"),
    ] {
        let refused = child.api.put(&child.at("/users"), wrong).await.is(400).json();
        assert!(refused["data"][problem].is_object(), "{refused}");
    }
}

async fn the_list_shows_a_digest_of_each_user_by_name_backwards(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let jane = make(&child, json!({
        "first_name": "Jane", "last_name": "Doe", "email": "jane@example.org", "timezone": "Europe/Paris", "presence_id": "1001",
        "feature_level": "gold", "flags": ["f"], "hotdesk": { "enabled": true }, "vm_to_email_enabled": false, "call_forward": { "enabled": true },
    }))
    .await;
    make(&child, json!({ "first_name": "Adam", "last_name": "Doe" })).await;
    let list = async |query: &str| child.api.get(&child.at(&format!("/users{query}"))).await.is(200).json();
    let names = |list: &Value| -> Vec<String> {
        list["data"].as_array().unwrap().iter().map(|user| user["first_name"].as_str().unwrap().to_owned()).collect()
    };
    let all = list("").await;
    assert_eq!((names(&all), &all["page_size"]), (vec!["boss".into(), "Jane".into(), "Adam".into()], &json!(3)));
    assert_eq!(
        all["data"][1],
        json!({
            "id": jane, "features": ["hotdesk", "call_forward"], "email": "jane@example.org", "first_name": "Jane", "last_name": "Doe",
            "priv_level": "user", "feature_level": "gold", "presence_id": "1001", "timezone": "Europe/Paris", "flags": ["f"],
        })
    );
    assert_eq!(names(&list("?ascending=true").await), ["Adam", "Jane", "boss"]);
    assert_eq!(names(&list("?descending=false").await), ["boss", "Jane", "Adam"]);
    let first = list("?page_size=2").await;
    assert_eq!(names(&first), ["boss", "Jane"]);
    let next = first["next_start_key"].as_str().unwrap();
    let second = list(&format!("?page_size=2&start_key={next}")).await;
    assert_eq!((names(&second), second.get("next_start_key")), (vec!["Adam".into()], None));
    let whole = list("?paginate=false&page_size=1").await;
    assert_eq!((names(&whole).len(), whole.get("page_size")), (3, None));
    assert_eq!(names(&list("?filter_last_name=Doe&has_key=email").await), ["Jane"]);
    assert_eq!(names(&list("?filter_not_last_name=Doe").await), ["boss"]);
    assert_eq!(names(&list("?key_missing=email").await), ["boss", "Adam"]);
}

async fn post_replaces_and_patch_merges(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let new = json!({ "first_name": "J", "last_name": "D", "username": "jane", "password": "x", "own": { "a": 1, "b": 2 }, "appList": ["1"] });
    let own = child.at(&format!("/users/{}", make(&child, new).await));
    let before = child.api.get(&own).await.is(200).data();
    let merged = child.api.patch(&own, json!({ "own": { "a": null, "c": 3 }, "enabled": false })).await.is(200).data();
    let mut expected = before;
    expected["own"] = json!({ "b": 2, "c": 3 });
    expected["enabled"] = json!(false);
    assert_eq!(merged, expected);
    child.api.patch(&own, json!({ "first_name": null })).await.is_invalid(
        json!({ "first_name": { "required": { "message": "Field is required but missing", "value": "first_name" } } }),
    );
    // What a replacement doesn't name goes, or falls back to its default; what is private stays.
    let replaced = child.api.post(&own, json!({ "first_name": "J", "last_name": "D", "username": "jane" })).await.is(200).data();
    assert!(replaced.get("own").is_none() && replaced.get("appList").is_none() && replaced["enabled"] == true);
    world.log_in("Child", "jane", "x").await.is(201);
    // Whose revision isn't the current one is told.
    let old = child.api.get(&own).await.header("etag").unwrap().to_owned();
    child.api.with("if-match", &old).patch(&own, json!({ "own": 1 })).await.is(200);
    child.api.with("if-match", &old).patch(&own, json!({ "own": 2 })).await.is_bare(412);
    child.api.with("if-match", &old).post(&own, json!({ "first_name": "J", "last_name": "D" })).await.is_bare(412);
    child.api.with("if-match", &old).delete(&own).await.is_bare(412);
}

async fn two_who_merge_different_members_at_once_both_get_their_way(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let own = child.at(&format!("/users/{}", child.user_id));
    let patches = (0..8).map(|n| child.api.patch(&own, json!({ "own": { format!("k{n}"): n }, format!("m{n}"): n })));
    let photo = format!("{own}/photo");
    let (picture, answers) =
        tokio::join!(child.api.raw("POST", &photo, Some("image/png"), super::photo::PNG), join_all(patches.collect::<Vec<_>>()),);
    picture.is(200);
    child.api.get(&photo).await.is(200);
    assert!(answers.iter().all(|answer| answer.status == 200));
    let user = child.api.get(&own).await.is(200).data();
    for n in 0..8 {
        assert_eq!((&user["own"][format!("k{n}")], &user[format!("m{n}")]), (&json!(n), &json!(n)));
    }
}

async fn a_deleted_user_stays_as_a_document_or_goes_for_good(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let paul = world.user(&child, &child.account_id, "Child", "paul", "user").await;
    let gone = |id: &str| json!({ "cause": id, "message": "bad identifier" });
    let own = child.at(&format!("/users/{}", paul.user_id));
    let shown = child.api.delete(&own).await.is(200).data();
    assert_eq!((&shown["_read_only"], &shown["username"]), (&json!({ "deleted": true }), &json!("paul")));
    let doc = world.documents().get(&child.db(), &paul.user_id).await.unwrap();
    assert_eq!((&doc["pvt_deleted"], &doc["username"]), (&json!(true), &json!("paul")));
    for answer in [child.api.get(&own).await, child.api.delete(&own).await, child.api.patch(&own, json!({ "a": 1 })).await] {
        answer.is_error(404, "bad_identifier", gone(&paul.user_id));
    }
    world.log_in("Child", "paul", &paul.password).await.is(401);
    paul.api.get(&child.at("")).await.is_unauthorized();
    let id = make(&child, json!({ "first_name": "a", "last_name": "b" })).await;
    let own = child.at(&format!("/users/{id}"));
    child.api.send("DELETE", &own, Some(json!({ "data": { "should_soft_delete": false } }))).await.is(200);
    assert!(world.documents().get(&child.db(), &id).await.is_err());
    child.api.get(&own).await.is_error(404, "bad_identifier", gone(&id));
    assert_eq!(child.api.get(&child.at("/users")).await.data().as_array().unwrap().len(), 1);
}

async fn what_is_no_user_is_not_found(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    // The account's own document is in the same database.
    for id in [child.account_id.as_str(), "ffffffffffffffffffffffffffffffff", "_design%2Fusers", "..%2F..", "%20"] {
        let user = child.at(&format!("/users/{id}"));
        let new = json!({ "first_name": "a", "last_name": "b" });
        for answer in [
            child.api.get(&user).await,
            child.api.get(&format!("{user}/photo")).await,
            child.api.get(&format!("{user}/vcard")).await,
            child.api.raw("POST", &format!("{user}/photo"), Some("image/png"), super::photo::PNG).await,
            child.api.post(&user, new.clone()).await,
            child.api.patch(&user, new).await,
            child.api.delete(&user).await,
        ] {
            assert_eq!(
                (answer.status, answer.json()["message"].as_str()),
                (404, Some("bad_identifier")),
                "{id}: {}",
                answer.text()
            );
        }
    }
    child.api.put(&child.at(&format!("/users/{}", child.user_id)), json!({})).await.is(405);
    child.api.get(&child.at(&format!("/users/{}/nosuch", child.user_id))).await.is_not_found();
}

async fn what_is_known_of_a_user_stands_beside_him(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let made = child.api.put(&child.at("/users"), json!({ "first_name": "a", "last_name": "b" })).await.is(201).json();
    let own = child.at(&format!("/users/{}", made["data"]["id"].as_str().unwrap()));
    for answer in [
        made.clone(),
        child.api.get(&own).await.is(200).json(),
        child.api.patch(&own, json!({ "own": 1 })).await.is(200).json(),
        child.api.post(&own, json!({ "first_name": "a", "last_name": "c" })).await.is(200).json(),
    ] {
        let metadata = &answer["metadata"];
        assert_eq!((&metadata["id"], &metadata["created"]), (&made["data"]["id"], &made["metadata"]["created"]), "{answer}");
        assert!(metadata["modified"].as_u64() >= metadata["created"].as_u64() && metadata.get("deleted").is_none(), "{answer}");
        assert!(answer["data"].get("created").is_none(), "{answer}");
    }
    assert_eq!(child.api.delete(&own).await.is(200).json()["metadata"]["deleted"], true);
}

async fn a_word_to_the_users_devices_is_no_part_of_the_user(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let own = child.at(&format!("/users/{}", child.user_id));
    for sync in [json!(true), json!("force")] {
        let shown = child.api.patch(&own, json!({ "sync": sync, "own": 1 })).await.is(200).data();
        assert_eq!((shown.get("sync"), &shown["own"]), (None, &json!(1)));
    }
}
