//! `create_account`

use serde_json::json;
use storefront::platform::names;

use crate::support::{
    couch::Clean,
    process,
    world::{PASSWORD, World, account_db, embedded},
};

on_every_world! {
    a_further_account_is_one_below_the_master,
    an_account_that_cant_be_is_told_why,
}

/// Makes the first account of an empty store.
fn the_first_account_becomes_the_master(store: &str) {
    let run = |arguments: &[&str]| process::run(["--store", store].iter().chain(arguments));
    let no_master = run(&["apps"]).failed();
    assert!(no_master.contains("there is no master account yet; make it with create-account"), "{no_master}");
    let said = run(&["sup", "crossbar_maintenance", "create_account", "First", "first.example.com", "root", "s3cret!"]).ok();
    let id = said.lines().find_map(|line| line.strip_prefix("created new account '")?.split('\'').next()).unwrap();
    let encoded = account_db(id).as_str().replace('/', "%2F");
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines[0], "prechecks passed");
    assert_eq!(lines[1], format!("created new account '{id}' in db '{encoded}'"));
    assert!(lines[2].starts_with("created new account admin user '"), "{said}");
    assert_eq!(
        lines[3..],
        [
            format!("account {id} is the first, promoting it to sysadmin").as_str(),
            "updated master account id in system_config.accounts",
            "finished promoting account"
        ]
    );
    assert!(!said.contains("s3cret!"));
    let master = run(&["sup", "kapps_config", "get", "accounts", "master_account_id"]).ok();
    assert_eq!(master.trim(), json!(id).to_string());
}

#[test]
fn the_first_account_becomes_the_master_in_an_embedded_store() {
    let directory = tempfile::tempdir().unwrap();
    the_first_account_becomes_the_master(&embedded(directory.path()));
}

#[tokio::test]
async fn the_first_account_becomes_the_master_in_couchdb() {
    let clean = Clean::new().await;
    the_first_account_becomes_the_master(clean.url().as_str());
}

async fn a_further_account_is_one_below_the_master(world: World) {
    let said = world.run(&["create-account", "Second", "second.example.com", "Boss", PASSWORD]).ok();
    assert!(said.contains("created new account '") && !said.contains("promoting"), "{said}");
    // User names are compared, and hashed, in lower case.
    let second = world.session("second", "boss", PASSWORD).await;
    let master = world.master().await;
    let doc = world.documents().get(&second.db(), &second.account_id).await.unwrap();
    assert_eq!(doc["pvt_tree"], json!([master.account_id]));
    assert!(doc.get("pvt_superduper_admin").is_none());
    let copy = world.documents().get(&names::ACCOUNTS, &second.account_id).await.unwrap();
    for key in ["name", "realm", "pvt_api_key", "pvt_tree", "pvt_type"] {
        assert_eq!(copy[key], doc[key], "{key}");
    }
    assert_eq!(second.api.get(&second.at(&format!("/users/{}", second.user_id))).await.data()["priv_level"], "admin");
    master.api.get(&second.at("")).await.is(200);
    second.api.get(&master.at("")).await.is_forbidden();
}

async fn an_account_that_cant_be_is_told_why(world: World) {
    let databases = async || world.documents().databases("").await.unwrap();
    let before = databases().await;
    for (name, realm, field) in [
        ("master co", "new.example.com", "name"),
        ("New", "master.example.com", "realm"),
        ("New", "no realm!", "realm"),
        ("", "new.example.com", "name"),
    ] {
        let said = world.run(&["create-account", name, realm, "root", "x"]).failed();
        assert!(said.contains(&format!("failed to validate account {field}")), "{said}");
    }
    assert_eq!(databases().await, before);
}
