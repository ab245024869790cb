//! Names that only one user of an account may have.

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{
    client::Api,
    process::Server,
    world::{PASSWORD, World},
};

on_every_world! {
    a_user_name_is_unique_within_its_account,
    a_hotdesk_id_is_unique_within_its_account,
    of_many_who_want_one_name_at_once_one_gets_it,
}

async fn a_user_name_is_unique_within_its_account(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let jane = json!({ "first_name": "Jane", "last_name": "Doe", "username": "Jane@Example.org", "password": PASSWORD });
    let path = child.at("/users");
    let made = child.api.put(&path, jane.clone()).await.is(201).data();
    assert_eq!(made["username"], "jane@example.org");
    let taken = json!({ "username": { "unique": {
        "message": "Username must be unique within account", "cause": "jane@example.org",
    } } });
    child.api.put(&path, jane.clone()).await.is_invalid(taken.clone());
    // What else is wrong is told along with it.
    let also = child.api.put(&path, json!({ "username": "JANE@example.org", "first_name": "J" })).await.is(400).json();
    assert_eq!(also["data"].as_object().unwrap().keys().collect::<Vec<_>>(), ["last_name", "username"]);
    // Another user can't take it either; she herself keeps it.
    let boss = child.at(&format!("/users/{}", child.user_id));
    child.api.patch(&boss, json!({ "username": "jane@example.org", "password": "x" })).await.is_invalid(taken);
    let own = format!("{path}/{}", made["id"].as_str().unwrap());
    child.api.patch(&own, json!({ "username": "JANE@example.org", "email": "j@example.org" })).await.is(200);
    // In another account it's free, and so it is here when she is gone. An e-mail address may be anybody's.
    master.api.put(&master.at("/users"), jane.clone()).await.is(201);
    child.api.delete(&own).await.is(200);
    child.api.put(&path, jane).await.is(201);
    let same_mail = json!({ "first_name": "a", "last_name": "b", "email": "j@example.org" });
    for _ in 0..2 {
        child.api.put(&path, same_mail.clone()).await.is(201);
    }
}

async fn a_hotdesk_id_is_unique_within_its_account(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let path = child.at("/users");
    let user = |id: &str| json!({ "first_name": "a", "last_name": "b", "hotdesk": { "id": id } });
    let first = child.api.put(&path, user("9001")).await.is(201).data();
    let second = child.api.put(&path, user("9002")).await.is(201).data();
    let taken = json!({ "hotdesk.id": { "unique": { "message": "Hotdesk ID must be unique within account", "cause": "9001" } } });
    child.api.put(&path, user("9001")).await.is_invalid(taken.clone());
    let at = |user: &serde_json::Value| format!("{path}/{}", user["id"].as_str().unwrap());
    child.api.patch(&at(&second), json!({ "hotdesk": { "id": "9001" } })).await.is_invalid(taken);
    child.api.post(&at(&first), user("9001")).await.is(200);
    child.api.patch(&at(&first), json!({ "hotdesk": { "id": null } })).await.is(200);
    child.api.patch(&at(&second), json!({ "hotdesk": { "id": "9001" } })).await.is(200);
    // Who has none is in nobody's way.
    for _ in 0..2 {
        child.api.put(&path, user("")).await.is(201);
    }
}

async fn of_many_who_want_one_name_at_once_one_gets_it(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    // Two processes on one store.
    let other = Server::serve(&world.store);
    let apis = [child.api.clone(), Api::new(other.url()).token(&child.token)];
    let path = child.at("/users");
    for round in 0..3 {
        let user = json!({
            "first_name": "a", "last_name": "b", "username": format!("wanted{round}"), "password": PASSWORD,
            "hotdesk": { "id": format!("{round}") },
        });
        let answers = join_all((0..10).map(|n| apis[n % 2].put(&path, user.clone()))).await;
        let mut made = 0;
        for answer in answers {
            match answer.status {
                201 => made += 1,
                400 => assert!(answer.json()["data"]["username"]["unique"].is_object(), "{}", answer.text()),
                _ => panic!("{} {}", answer.status, answer.text()),
            }
        }
        let listed = child.api.get(&format!("{path}?filter_username=wanted{round}")).await.is(200).data();
        assert_eq!((made, listed.as_array().unwrap().len()), (1, 1), "{listed}");
    }
    // Renaming is no way around it.
    let mut users = Vec::new();
    for _ in 0..6 {
        let made = child.api.put(&path, json!({ "first_name": "a", "last_name": "b" })).await.is(201).data();
        users.push(format!("{path}/{}", made["id"].as_str().unwrap()));
    }
    let rename = json!({ "username": "renamed", "password": PASSWORD });
    let answers = join_all(users.iter().enumerate().map(|(n, user)| apis[n % 2].patch(user, rename.clone()))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400, 400, 400, 400, 400]);
}
