//! `storefront serve`: beginning and ending.

use std::process::Command;

use serde_json::json;

use crate::support::{
    client::{Api, md5},
    process::{self, Server},
    world::{World, embedded},
};

#[test]
fn an_address_that_is_taken_is_told() {
    let world = World::embedded();
    let taken = world.server.url().replace("http://", "");
    let said = world.run(&["serve", "--listen", &taken]).failed();
    assert!(said.contains("is something else listening there?") && said.contains(&taken), "{said}");
}

#[tokio::test]
async fn a_server_on_an_empty_store_says_what_is_missing_and_serves_what_comes() {
    let directory = tempfile::tempdir().unwrap();
    let store = embedded(directory.path());
    let server = Server::serve(&store);
    let api = Api::new(server.url());
    server.wait_for_log("storefront create-account NAME REALM USERNAME PASSWORD");
    let login = json!({ "credentials": md5("root", "x"), "account_name": "First" });
    api.put("/v2/user_auth", login.clone()).await.is_unauthorized();
    assert_eq!(api.get("/v2/apps_store/abc/icon").await.status, 404);
    process::run(["--store", &store, "create-account", "First", "first.example.com", "root", "x"]).ok();
    let data = api.put("/v2/user_auth", login).await.is(201).data();
    assert_eq!(data["is_master_account"], true);
}

#[tokio::test]
async fn a_server_that_is_told_to_ends_in_good_order() {
    for signal in ["-TERM", "-INT"] {
        let mut world = World::embedded();
        let master = world.master().await;
        let made = master.api.put(&master.at("/users"), json!({ "first_name": "a", "last_name": "b" })).await.is(201).data();
        assert!(Command::new("kill").args([signal, &world.server.id().to_string()]).status().unwrap().success());
        assert!(world.server.wait(), "{}", world.server.log());
        let user = world.documents().get(&master.db(), made["id"].as_str().unwrap()).await.unwrap();
        assert_eq!(user["first_name"], "a");
    }
}

#[tokio::test]
async fn the_servers_log_tells_no_secrets() {
    let world = World::embedded();
    let master = world.master().await;
    world.log_in("masterco", "admin", "a-wrong-one").await.is_unauthorized();
    master.api.get(&format!("{}?auth_token={}", master.at("/nosuch"), master.token)).await.is(404);
    world.api.put("/v2/api_auth", json!({ "api_key": "c0ffee".repeat(10) + "beef" })).await.is_unauthorized();
    let log = world.server.log();
    let hash = md5("admin", "secret123");
    for secret in ["secret123", "a-wrong-one", hash.as_str(), master.token.as_str(), "c0ffeec0ffee"] {
        assert!(!log.contains(secret), "{log}");
    }
}
