//! What an override does to the account's apps.

use serde_json::{Value, json};

use super::{GIF, PNG, send, stage, texts};
use crate::support::world::World;

on_every_world! {
    an_account_sees_its_apps_in_its_own_words,
    an_override_says_nothing_of_who_may_have_an_app,
    the_accounts_below_keep_the_words_of_the_catalogue,
    the_master_account_has_no_overrides,
    an_overrides_pictures_are_shown_in_place_of_the_apps_own,
    pictures_that_are_named_and_not_there_give_way_to_those_that_are,
}

fn label<'a>(list: &'a Value, id: &str) -> &'a Value {
    &list.as_array().unwrap().iter().find(|app| app["id"] == id).unwrap()["i18n"]["en-US"]["label"]
}

async fn an_account_sees_its_apps_in_its_own_words(world: World) {
    let (_, child, app, path) = stage(&world).await;
    child.api.put(&path, texts("Customers")).await.is(201);
    let list = child.api.get(&child.at("/apps_store")).await.data();
    assert_eq!(label(&list, &app), "Customers");
    assert_ne!(label(&list, &world.app("reports").await), "Customers");
    let shown = child.api.get(&child.at(&format!("/apps_store/{app}"))).await.data();
    assert_eq!(shown["i18n"]["en-US"]["label"], "Customers");
    // The rest is as it was.
    assert_eq!((&shown["i18n"]["de-DE"]["label"], &shown["name"]), (&json!("Konten"), &json!("accounts")));
    assert_eq!((&shown["id"], &shown["authority"]), (&json!(app), &json!("master_account")));
    child.api.delete(&path).await.is(200);
    assert_eq!(label(&child.api.get(&child.at("/apps_store")).await.data(), &app), "Accounts");
}

async fn an_override_says_nothing_of_who_may_have_an_app(world: World) {
    let (_, child, app, path) = stage(&world).await;
    let hidden = world.app("api-console").await;
    let told = json!({ "name": "other", "published": true, "allowed_users": "all", "users": ["x"], "id": "y" });
    child.api.put(&child.at(&format!("/apps_store/{hidden}/override")), told.clone()).await.is(201);
    child.api.put(&path, json!({ "name": "other", "published": false, "allowed_users": "all" })).await.is(201);
    child.api.get(&child.at(&format!("/apps_store/{hidden}"))).await.is(404);
    let shown = child.api.get(&child.at(&format!("/apps_store/{app}"))).await.is(200).data();
    assert_eq!((&shown["name"], shown.get("allowed_users")), (&json!("accounts"), None));
    // An installation keeps the app's own name, too.
    let installed =
        child.api.put(&child.at(&format!("/apps_store/{app}")), json!({ "allowed_users": "all" })).await.is(201).data();
    assert_eq!(installed["name"], "accounts");
}

async fn the_accounts_below_keep_the_words_of_the_catalogue(world: World) {
    let (_, child, app, path) = stage(&world).await;
    let below = world.account(&child, "Below").await;
    child.api.put(&path, texts("Customers")).await.is(201);
    assert_eq!(label(&below.api.get(&below.at("/apps_store")).await.data(), &app), "Accounts");
}

async fn the_master_account_has_no_overrides(world: World) {
    let (master, _, app, _) = stage(&world).await;
    let path = master.at(&format!("/apps_store/{app}/override"));
    master.api.put(&path, texts("Customers")).await.is(201);
    send(&master.api, &format!("{path}/icon"), "image/png", PNG).await.is(200);
    assert_eq!(label(&master.api.get(&master.at("/apps_store")).await.data(), &app), "Accounts");
    let icon = master.api.get(&master.at(&format!("/apps_store/{app}/icon"))).await.is(200);
    assert_ne!(icon.body, PNG);
}

async fn an_overrides_pictures_are_shown_in_place_of_the_apps_own(world: World) {
    let (master, child, app, path) = stage(&world).await;
    let at = |what: &str| child.at(&format!("/apps_store/{app}/{what}"));
    let plain = child.api.get(&at("icon")).await.is(200).body;
    child.api.put(&path, texts("Customers")).await.is(201);
    assert_eq!(child.api.get(&at("icon")).await.is(200).body, plain);
    send(&child.api, &format!("{path}/icon?filename=a.png"), "image/png", PNG).await.is(200);
    send(&child.api, &format!("{path}/screenshot?filename=s.gif"), "image/gif", GIF).await.is(200);
    let icon = child.api.get(&at("icon")).await.is(200);
    assert_eq!((icon.body.as_ref(), icon.header("content-type")), (PNG, Some("image/png")));
    let tag = icon.header("etag").unwrap().to_owned();
    child.api.with("if-none-match", &tag).get(&at("icon")).await.is(304);
    assert_eq!(child.api.get(&at("screenshot/0")).await.is(200).body, GIF);
    assert_eq!(child.api.get(&at("screenshot/screenshot-en-US-s.gif")).await.is(200).body, GIF);
    // Others see the app's own, and so do those who aren't logged in.
    assert_eq!(world.api.get(&format!("/v2/apps_store/{app}/icon")).await.is(200).body, plain);
    assert_eq!(master.api.get(&master.at(&format!("/apps_store/{app}/icon"))).await.is(200).body, plain);
}

async fn pictures_that_are_named_and_not_there_give_way_to_those_that_are(world: World) {
    let (_, child, app, path) = stage(&world).await;
    let icon = child.at(&format!("/apps_store/{app}/icon"));
    let mut told = texts("Customers");
    told["i18n"]["en-US"]["icon"] = json!("nosuch.png");
    child.api.put(&path, told).await.is(201);
    child.api.get(&icon).await.is(200);
    child.api.get(&format!("{path}/icon")).await.is_error(
        404,
        "not_found",
        json!({ "cause": "icon attachment", "message": "failed to find attachment" }),
    );
}
