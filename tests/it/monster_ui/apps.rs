//! The app exchange.

use serde_json::json;

use super::browser::{Browser, reads, reads_user};
use crate::support::world::World;

on_every_world! { an_app_is_installed_changed_and_removed }

async fn an_app_is_installed_changed_and_removed(world: World) {
    world.account(&world.master().await, "Child").await;
    let browser = Browser::logged_in(&world, "Child", "boss").await;
    let people = browser.get(&browser.own("/users?paginate=false")).await;
    for user in people["data"].as_array().unwrap() {
        // They are sorted by these; one without ends the page.
        assert!(user["first_name"].is_string() && user["last_name"].is_string(), "{user}");
        reads(user, &["id", "username", "priv_level"]);
    }
    let app = async || {
        let apps = browser.get(&browser.own("/apps_store")).await["data"].clone();
        apps.as_array().unwrap().iter().find(|app| app["name"] == "reports").unwrap().clone()
    };
    let id = app().await["id"].as_str().unwrap().to_owned();
    browser.image(&browser.own(&format!("/apps_store/{id}/icon"))).await;
    browser.image(&format!("/apps_store/{id}/screenshot/0")).await;

    let path = browser.own(&format!("/apps_store/{id}"));
    let specific = json!({ "allowed_users": "specific", "users": [{ "id": browser.user_id }] });
    let installed = browser.put(&path, specific.clone()).await["data"].clone();
    assert_eq!((&installed["allowed_users"], &installed["users"]), (&specific["allowed_users"], &specific["users"]));
    assert_eq!(app().await["allowed_users"], "specific");
    let list = browser.patch(&browser.me(), json!({ "appList": [id] })).await["data"].clone();
    reads_user(&list);
    let all = browser.post(&path, json!({ "allowed_users": "all", "users": [] })).await["data"].clone();
    assert_eq!((&all["allowed_users"], &all["users"]), (&json!("all"), &json!([])));
    browser.write("DELETE", &path, json!({})).await;
    assert!(app().await.get("allowed_users").is_none());
}
