//! The apps that a login is told.

use serde_json::json;

use super::people;
use crate::support::world::{Session, World};

on_every_world! {
    a_login_tells_the_apps_that_the_user_may_use,
}

async fn a_login_tells_the_apps_that_the_user_may_use(world: World) {
    let (master, child) = people(&world).await;
    let ann = world.user(&child, &child.account_id, "Child", "ann", "user").await;
    let bob = world.user(&child, &child.account_id, "Child", "bob", "user").await;
    let install = async |app: &str, permission: serde_json::Value| {
        child.api.put(&child.at(&format!("/apps_store/{}", world.app(app).await)), permission).await.is(201);
    };
    let told = async |session: &Session| {
        let names = |data: serde_json::Value| {
            let names: Vec<_> =
                data["apps"].as_array().unwrap().iter().map(|app| app["name"].as_str().unwrap().to_owned()).collect();
            names.join(" ")
        };
        let again = world.log_in(
            if session.account_id == master.account_id { "Master Co." } else { "Child" },
            &session.username,
            &session.password,
        );
        let login = names(again.await.is(201).data());
        assert_eq!(login, names(session.api.get("/v2/token_auth").await.is(200).data()));
        login
    };
    // Of what nobody has restricted, all that is published.
    assert_eq!(told(&ann).await, "accounts port reports");
    assert_eq!(told(&master).await, "accounts api-console port reports");
    install("accounts", json!({ "allowed_users": "admins" })).await;
    install("port", json!({ "allowed_users": "specific", "users": [{ "id": ann.user_id }] })).await;
    install("reports", json!({ "allowed_users": "specific", "users": [bob.user_id] })).await;
    for (session, apps) in [(&child, "accounts"), (&ann, "port"), (&bob, "reports")] {
        assert_eq!(told(session).await, apps, "{}", session.username);
    }
    master.api.post(&child.at("/apps_store/blacklist"), json!({ "blacklist": [world.app("port").await] })).await.is(200);
    assert_eq!(told(&ann).await, "");
    // The list is the account's, whoever asks for it.
    let list = ann.api.get(&ann.at("/apps_store")).await.data();
    assert_eq!(super::names(&list), ["accounts", "reports"]);
    assert_eq!(child.api.get(&child.at(&format!("/users/{}/apps_store", ann.user_id))).await.data(), list);
    world.sup(&["kapps_config", "set_default", "apps_store", "login_apps", "all"]).ok();
    assert_eq!(told(&ann).await, "accounts api-console port reports");
}
