//! What logs a user in, and how it changes.

use serde_json::{Value, json};

use crate::support::{
    client::{md5, sha1},
    world::{PASSWORD, World},
};

on_every_world! {
    passwords_are_kept_as_hashes_that_nobody_gets_to_see,
    passwords_cannot_be_guessed_by_filters,
    a_new_name_needs_a_password,
    a_user_without_name_cannot_log_in,
    a_password_without_name_makes_one,
    a_login_can_be_made_up_for_who_names_none,
    an_administrator_brings_hashes_along,
    the_age_of_a_password_is_told,
}

const SECRETS: [&str; 6] =
    ["password", "confirm_password", "credentials", "pvt_md5_auth", "pvt_sha1_auth", "pvt_signature_secret"];

async fn passwords_are_kept_as_hashes_that_nobody_gets_to_see(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let path = child.at("/users");
    let new = json!({
        "first_name": "Jane", "last_name": "Doe", "username": "jane", "password": "s3cret-Horse", "confirm_password": "s3cret-Horse",
    });
    let made = child.api.put(&path, new.clone()).await.is(201);
    let id = made.data()["id"].as_str().unwrap().to_owned();
    let own = format!("{path}/{id}");
    let doc = world.documents().get(&child.db(), &id).await.unwrap();
    assert_eq!(doc["pvt_md5_auth"], md5("jane", "s3cret-Horse"));
    assert_eq!(doc["pvt_sha1_auth"], sha1("jane", "s3cret-Horse"));
    assert_eq!(doc["pvt_signature_secret"].as_str().unwrap().len(), 32);
    // Even what another program left lying about isn't shown.
    world
        .edit(&child.db(), &id, |user| {
            user.extend([("password".to_owned(), "old-Secret".into()), ("confirm_password".to_owned(), "old-Secret".into())]);
        })
        .await;
    let mut same = new;
    same.as_object_mut().unwrap().shift_remove("password");
    let answers = [
        made,
        child.api.get(&own).await,
        child.api.get(&path).await,
        child.api.get(&format!("{path}?filter_username=jane")).await,
        child.api.patch(&own, json!({ "password": "s3cret-Horse", "confirm_password": "s3cret-Horse" })).await,
        child.api.post(&own, same).await,
        child.api.with("accept", "text/csv").get(&path).await,
        child.api.get(&format!("{own}/vcard")).await,
        child.api.delete(&own).await,
    ];
    let hashes = [md5("jane", "s3cret-Horse"), sha1("jane", "s3cret-Horse"), "s3cret-Horse".into(), "old-Secret".into()];
    for answer in answers {
        assert!(answer.status < 300, "{}", answer.text());
        let text = answer.text().into_owned();
        assert!(SECRETS.iter().all(|key| !text.contains(&format!("\"{key}\""))), "{text}");
        assert!(hashes.iter().all(|hash| !text.contains(hash.as_str())), "{text}");
    }
    let doc = world.documents().get(&child.db(), &id).await.unwrap();
    assert!(SECRETS[..3].iter().all(|key| !doc.contains_key(*key)), "{doc:?}");
    assert!(hashes.iter().all(|hash| !world.server.log().contains(hash.as_str())));
}

async fn passwords_cannot_be_guessed_by_filters(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let paul = world.user(&child, &child.account_id, "Child", "paul", "user").await;
    let guesses = json!([md5("boss", "wrong"), md5("boss", PASSWORD)]).to_string();
    let guesses: String = url::form_urlencoded::byte_serialize(guesses.as_bytes()).collect();
    for filter in [
        format!("filter_pvt_md5_auth={}", md5("boss", PASSWORD)),
        format!("filter_pvt_md5_auth={guesses}"),
        format!("filter_pvt_sha1_auth={}", sha1("boss", PASSWORD)),
        "has_key=pvt_md5_auth".to_owned(),
    ] {
        let found = paul.api.get(&child.at(&format!("/users?{filter}"))).await.is(200).data();
        assert_eq!(found, json!([]), "{filter}");
    }
}

async fn a_new_name_needs_a_password(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let (path, boss) = (child.at("/users"), child.at(&format!("/users/{}", child.user_id)));
    let needed = |name: &str| {
        json!({ "password": { "required": {
            "message": "The password must be provided when creating / updating the user name", "cause": name,
        } } })
    };
    child.api.put(&path, json!({ "first_name": "a", "last_name": "b", "username": "Jane" })).await.is_invalid(needed("jane"));
    child.api.patch(&boss, json!({ "username": "chief" })).await.is_invalid(needed("chief"));
    let renamed = json!({ "first_name": "a", "last_name": "b", "username": "chief" });
    child.api.post(&boss, renamed).await.is_invalid(needed("chief"));
    // The old name without a password changes nothing; with one, the tokens from before are void.
    child
        .api
        .post(&boss, json!({ "first_name": "a", "last_name": "b", "username": "BOSS", "priv_level": "admin" }))
        .await
        .is(200);
    let child = world.session("Child", "boss", PASSWORD).await;
    child.api.patch(&boss, json!({ "username": "chief", "password": "n3w" })).await.is(200);
    child.api.get(&boss).await.is_unauthorized();
    world.log_in("Child", "boss", PASSWORD).await.is(401);
    world.log_in("Child", "chief", "n3w").await.is(201);
    world.sup(&["kapps_config", "set_default", "crossbar.users", "generate_password_if_empty", "true"]).ok();
    let chief = world.session("Child", "chief", "n3w").await;
    chief.api.put(&path, json!({ "first_name": "a", "last_name": "b", "username": "jane" })).await.is(201);
}

async fn a_user_without_name_cannot_log_in(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let paul = world.user(&child, &child.account_id, "Child", "paul", "user").await;
    let own = child.at(&format!("/users/{}", paul.user_id));
    let shown = child.api.post(&own, json!({ "first_name": "P", "last_name": "T" })).await.is(200).data();
    assert!(shown.get("username").is_none());
    let doc = world.documents().get(&child.db(), &paul.user_id).await.unwrap();
    assert!(!doc.contains_key("pvt_md5_auth") && !doc.contains_key("pvt_sha1_auth"));
    world.log_in("Child", "paul", PASSWORD).await.is(401);
    paul.api.get(&own).await.is_unauthorized();
}

async fn a_password_without_name_makes_one(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let new = json!({ "first_name": "a", "last_name": "b", "password": PASSWORD });
    let made = child.api.put(&child.at("/users"), new.clone()).await.is(201).data();
    let name = made["username"].as_str().unwrap();
    assert!(name.starts_with("user_") && name.len() == 21, "{name}");
    world.log_in("Child", name, PASSWORD).await.is(201);
    world.sup(&["kapps_config", "set_default", "crossbar.users", "generate_username_if_empty", "false"]).ok();
    let message = "The username must be provided when updating the password";
    let needed = json!({ "username": { "required": { "message": message } } });
    child.api.put(&child.at("/users"), new).await.is_invalid(needed);
}

async fn a_login_can_be_made_up_for_who_names_none(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let make = async || {
        let made = child.api.put(&child.at("/users"), json!({ "first_name": "a", "last_name": "b" })).await.is(201).data();
        let doc = world.documents().get(&child.db(), made["id"].as_str().unwrap()).await.unwrap();
        (made.get("username").cloned(), doc.contains_key("pvt_md5_auth"))
    };
    assert_eq!(make().await, (None, false));
    world.sup(&["kapps_config", "set_default", "crossbar.users", "generate_password_if_empty", "true"]).ok();
    let (name, hashed) = make().await;
    assert!(hashed && name.unwrap().as_str().unwrap().starts_with("user_"));
    // Where names aren't made up, neither is a login.
    world.sup(&["kapps_config", "set_default", "crossbar.users", "generate_username_if_empty", "false"]).ok();
    assert_eq!(make().await, (None, false));
}

async fn an_administrator_brings_hashes_along(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let new = json!({ "first_name": "a", "last_name": "b", "username": "jane", "credentials": md5("jane", PASSWORD) });
    let made = child.api.put(&child.at("/users"), new).await.is(201).data();
    assert!(made.get("credentials").is_none());
    let jane = world.session("Child", "jane", PASSWORD).await;
    let own = child.at(&format!("/users/{}", jane.user_id));
    child.api.patch(&own, json!({ "credentials": md5("jane", "n3w") })).await.is(200);
    jane.api.get(&own).await.is_unauthorized();
    let jane = world.session("Child", "jane", "n3w").await;
    let sha = json!({ "credentials": sha1("jane", "n3w"), "account_name": "Child", "method": "sha" });
    world.api.put("/v2/user_auth", sha).await.is(401);
    let wrong = json!({ "credentials": { "wrong_format": {
        "message": "Credentials must be an MD5 hash of 32 hexadecimal digits",
    } } });
    child.api.patch(&own, json!({ "credentials": "n3w" })).await.is_invalid(wrong);
    // That's an administrator's work; a plain user has a password.
    jane.api.patch(&own, json!({ "credentials": md5("jane", "other") })).await.is(200);
    world.log_in("Child", "jane", "other").await.is(401);
    world.log_in("Child", "jane", "n3w").await.is(201);
}

async fn the_age_of_a_password_is_told(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let boss = child.at(&format!("/users/{}", child.user_id));
    let told = async || {
        let user = child.api.get(&boss).await.is(200).json();
        // One that has expired has to be replaced.
        assert_eq!(user["data"]["require_password_update"], user["metadata"]["is_password_expired"]);
        let mut metadata = user["metadata"].clone();
        ["id", "created", "modified"].iter().for_each(|key| drop(metadata.as_object_mut().unwrap().remove(*key)));
        metadata
    };
    assert_eq!(told().await, json!({ "is_password_expired": false }));
    world.sup(&["kapps_config", "set_default", "crossbar", "password_expiry_s", "3600"]).ok();
    let doc = world.documents().get(&child.db(), &child.user_id).await.unwrap();
    let expires = doc["pvt_password_timestamp"].as_u64().unwrap() + 3600;
    let fresh = json!({ "password_expiration_timestamp": expires, "is_password_expired": false });
    assert_eq!(told().await, fresh);
    let patched = child.api.patch(&boss, json!({ "first_name": "B" })).await.is(200).json();
    for (key, value) in fresh.as_object().unwrap() {
        assert_eq!(patched["metadata"][key], *value);
    }
    for (set, age) in [
        (json!(1000), json!({ "password_expiration_timestamp": 4600, "is_password_expired": true })),
        (Value::Null, json!({ "is_password_expired": true })),
    ] {
        world
            .edit(&child.db(), &child.user_id, |user| {
                user.insert("pvt_password_timestamp".into(), set.clone());
            })
            .await;
        assert_eq!(told().await, age);
    }
}
