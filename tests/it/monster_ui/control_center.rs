//! The control center: a user's profile and his account's.

use serde_json::json;

use super::browser::{Browser, reads, reads_account, reads_user};
use crate::support::world::{PASSWORD, World};

on_every_world! {
    the_control_center_opens,
    a_user_edits_his_profile,
    a_user_chooses_another_password,
    an_account_is_edited,
    a_plain_user_edits_his_profile,
}

async fn the_control_center_opens(world: World) {
    world.account(&world.master().await, "Child").await;
    let browser = Browser::logged_in(&world, "Child", "boss").await;
    // Its badges: without the first it stays closed, without the second a dialog is in the way.
    assert!(browser.get(&browser.own("/limits")).await["data"].is_object());
    assert_eq!(browser.get(&browser.own("/ledgers/total")).await["data"], json!({ "amount": 0 }));
    reads_user(&browser.get(&browser.me()).await["data"]);
    reads_account(&browser.get(&browser.own("")).await);
}

async fn a_user_edits_his_profile(world: World) {
    world.account(&world.master().await, "Child").await;
    let browser = Browser::logged_in(&world, "Child", "boss").await;
    browser.patch(&browser.me(), json!({ "appList": ["a"], "ui_flags": { "colorblind": true } })).await;
    let mut form = browser.get(&browser.me()).await["data"].clone();
    form["first_name"] = json!("Zoë");
    form["email"] = json!("zoe@example.com");
    form["language"] = json!("fr-FR");
    form["timezone"] = json!("Europe/Paris");
    let written = browser.post(&browser.me(), form.clone()).await["data"].clone();
    reads_user(&written);
    for key in ["id", "first_name", "last_name", "email", "language", "timezone", "appList", "ui_flags", "priv_level", "username"]
    {
        assert_eq!(written[key], form[key], "{key}");
    }
    // Nothing of it ended his session or his password.
    reads_user(&browser.get(&browser.me()).await["data"]);
    let again = browser.log_in("Child", "boss", PASSWORD).await;
    assert_eq!(again["data"]["language"], "fr-FR");
}

async fn a_user_chooses_another_password(world: World) {
    world.account(&world.master().await, "Child").await;
    let mut browser = Browser::logged_in(&world, "Child", "boss").await;
    let mut form = browser.get(&browser.me()).await["data"].clone();
    form["password"] = json!("Another-1");
    form["confirm_password"] = json!("Another-1");
    let written = browser.post(&browser.me(), form).await;
    reads_user(&written["data"]);
    let stored = world.documents().get(&crate::support::world::account_db(&browser.account_id), &browser.user_id).await.unwrap();
    assert!(!serde_json::to_string(&*stored).unwrap().contains("Another-1"));
    // The old password and what it opened are no good; the page logs in anew.
    browser.try_get(&browser.me()).await.is_error(401, "invalid_credentials");
    let login = browser.log_in("Child", "boss", "Another-1").await;
    browser.keep(&login);
    reads_user(&browser.get(&browser.me()).await["data"]);
}

async fn an_account_is_edited(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let browser = Browser::logged_in(&world, "Child", "boss").await;
    browser.patch(&browser.own(""), json!({ "contact": { "billing": { "email": "a@example.com" } }, "own": [1, 2] })).await;
    let mut form = browser.get(&browser.own("")).await["data"].clone();
    let realm = form["realm"].clone();
    form["name"] = json!("Child, renamed");
    form["language"] = json!("en-US");
    form["timezone"] = json!("Europe/Berlin");
    let written = browser.post(&browser.own(""), form).await;
    reads_account(&written);
    assert_eq!((&written["data"]["name"], &written["data"]["realm"]), (&json!("Child, renamed"), &realm));
    assert_eq!(written["data"]["own"], json!([1, 2]));
    reads(&written["data"], &["contact.billing.email"]);
    // The lists above know it.
    let listed = master.api.get(&master.at("/children")).await.is(200).data();
    assert!(listed.as_array().unwrap().iter().any(|row| row["id"] == child.account_id && row["name"] == "Child, renamed"));
}

async fn a_plain_user_edits_his_profile(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    world.user(&child, &child.account_id, "Child", "paul", "user").await;
    let browser = Browser::logged_in(&world, "Child", "paul").await;
    reads_account(&browser.get(&browser.own("")).await);
    assert!(browser.get(&browser.own("/apps_store")).await["data"].is_array());
    let mut form = browser.get(&browser.me()).await["data"].clone();
    form["last_name"] = json!("Müller");
    form["priv_level"] = json!("admin");
    let written = browser.post(&browser.me(), form).await["data"].clone();
    assert_eq!((&written["last_name"], &written["priv_level"]), (&json!("Müller"), &json!("user")));
    // His first page would write the account; it goes on without.
    browser.write("POST", &browser.own(""), json!({ "name": "Mine" })).await.is_error(403, "forbidden");
}
