//! What may stand before `apps_store` in a path.

use serde_json::json;

use super::{GIF, PNG, send, stage, texts};
use crate::support::world::World;

on_every_world! {
    a_language_by_itself_is_said_in_lower_case,
    an_app_is_the_same_behind_a_language,
    a_domain_shows_an_app_as_its_account_has_it,
    a_domain_that_nobody_has_changes_nothing,
    a_domain_does_not_tell_who_has_an_app,
    pictures_behind_a_prefix_need_a_token,
    an_account_behind_a_language_is_checked_like_any_other,
    a_list_is_the_accounts_whatever_stands_before_it,
}

async fn a_language_by_itself_is_said_in_lower_case(world: World) {
    let (_, child, _, _) = stage(&world).await;
    assert_eq!(child.api.get("/v2/i18n/de-DE").await.is(200).data(), "de-de");
    world.api.get("/v2/i18n/de-DE").await.is_unauthorized();
    child.api.post("/v2/i18n/de-DE", json!({})).await.is(405);
}

async fn an_app_is_the_same_behind_a_language(world: World) {
    let (_, child, app, path) = stage(&world).await;
    child.api.put(&path, texts("Customers")).await.is(201);
    for prefix in [child.at("/i18n/de-DE"), format!("/v2/i18n/de-DE/accounts/{}", child.account_id)] {
        let list = child.api.get(&format!("{prefix}/apps_store")).await.is(200).data();
        assert_eq!(list, child.api.get(&child.at("/apps_store")).await.data());
        let shown = child.api.get(&format!("{prefix}/apps_store/{app}")).await.is(200).data();
        assert_eq!(shown["i18n"]["en-US"]["label"], "Customers");
        child.api.get(&format!("{prefix}/apps_store/{app}/icon")).await.is(200);
        child.api.get(&format!("{prefix}/apps_store/{app}/screenshot/0")).await.is(200);
    }
}

async fn a_domain_shows_an_app_as_its_account_has_it(world: World) {
    let (master, child, app, path) = stage(&world).await;
    let below = world.account(&child, "Below").await;
    child.api.put(&child.at("/whitelabel"), json!({ "domain": "brand.example.com" })).await.is(201);
    child.api.put(&path, texts("Customers")).await.is(201);
    send(&child.api, &format!("{path}/icon?filename=a.png"), "image/png", PNG).await.is(200);
    let german = child.at(&format!("/i18n/de-DE/apps_store/{app}/override/icon?filename=b.gif"));
    send(&child.api, &german, "image/gif", GIF).await.is(200);

    let branded = below.at(&format!("/whitelabel/Brand.example.com/apps_store/{app}"));
    let shown = below.api.get(&branded).await.is(200).data();
    assert_eq!(shown["i18n"]["en-US"]["label"], "Customers");
    assert_eq!(below.api.get(&format!("{branded}/icon")).await.is(200).body, PNG);
    below.api.get(&format!("{branded}/screenshot/0")).await.is(200);
    for languages in ["/whitelabel/brand.example.com/i18n/de-DE", "/i18n/de-DE/whitelabel/brand.example.com"] {
        let icon = below.at(&format!("{languages}/apps_store/{app}/icon"));
        assert_eq!(below.api.get(&icon).await.is(200).body, GIF, "{icon}");
        assert_eq!(master.api.get(&format!("/v2{languages}/apps_store/{app}/icon")).await.is(200).body, GIF);
    }
    // Without the prefix an account has its own.
    assert_ne!(below.api.get(&below.at(&format!("/apps_store/{app}/icon"))).await.is(200).body, PNG);
    // Without an account it's for superduper admins.
    let bare = format!("/v2/whitelabel/brand.example.com/apps_store/{app}");
    assert_eq!(master.api.get(&bare).await.is(200).data()["i18n"]["en-US"]["label"], "Customers");
    child.api.get(&bare).await.is_forbidden();
    // What the domain's account may not have isn't shown.
    let hidden = world.app("api-console").await;
    below.api.get(&below.at(&format!("/whitelabel/brand.example.com/apps_store/{hidden}"))).await.is(404);
}

async fn a_domain_that_nobody_has_changes_nothing(world: World) {
    let (master, child, app, path) = stage(&world).await;
    child.api.put(&path, texts("Customers")).await.is(201);
    let shown = child.api.get(&child.at(&format!("/whitelabel/no.example.com/apps_store/{app}"))).await.is(200).data();
    assert_eq!(shown["i18n"]["en-US"]["label"], "Customers");
    let shown = master.api.get(&format!("/v2/whitelabel/no.example.com/apps_store/{app}")).await.is(200).data();
    assert_eq!((&shown["authority"], &shown["account_id"]), (&json!("master_account"), &json!(master.account_id)));
    let unknown = child.api.get(&child.at("/whitelabel/no.example.com/apps_store/nosuch")).await.is(404).json();
    assert_eq!(unknown["data"]["details"], "nosuch");
}

async fn a_domain_does_not_tell_who_has_an_app(world: World) {
    let (master, child, app, _) = stage(&world).await;
    let other = world.account(&master, "Other").await;
    child.api.put(&child.at("/whitelabel"), json!({ "domain": "brand.example.com" })).await.is(201);
    let users = json!({ "allowed_users": "specific", "users": [{ "id": child.user_id }] });
    child.api.put(&child.at(&format!("/apps_store/{app}")), users).await.is(201);
    let path = |account: &str| format!("/v2/accounts/{account}/whitelabel/brand.example.com/apps_store/{app}");
    let shown = other.api.get(&path(&other.account_id)).await.is(200).data();
    assert!(shown.get("users").is_none() && shown.get("allowed_users").is_none(), "{shown}");
    let shown = child.api.get(&path(&child.account_id)).await.is(200).data();
    assert_eq!(shown["allowed_users"], "specific");
}

async fn pictures_behind_a_prefix_need_a_token(world: World) {
    let (_, child, app, _) = stage(&world).await;
    for path in [format!("apps_store/{app}/icon"), format!("apps_store/{app}/screenshot/0")] {
        world.api.get(&format!("/v2/{path}")).await.is(200);
        for prefix in ["i18n/en-US", "whitelabel/brand.example.com", &format!("accounts/{}", child.account_id)] {
            world.api.get(&format!("/v2/{prefix}/{path}")).await.is_unauthorized();
        }
        child.api.get(&format!("/v2/i18n/en-US/{path}")).await.is_forbidden();
        // As an image's URL has it.
        world.api.get(&format!("{}?auth_token={}", child.at(&format!("/{path}")), child.token)).await.is(200);
    }
}

async fn an_account_behind_a_language_is_checked_like_any_other(world: World) {
    let (master, child, app, _) = stage(&world).await;
    let other = world.account(&master, "Other").await;
    let path = format!("/v2/i18n/en-US/accounts/{}/apps_store", child.account_id);
    other.api.get(&path).await.is_forbidden();
    other.api.put(&format!("{path}/{app}/override"), json!({})).await.is_forbidden();
    world.api.get(&path).await.is_unauthorized();
    child.api.get("/v2/i18n/en-US/accounts/0123456789abcdef0123456789abcdef/apps_store").await.is(404);
    child.api.get("/v2/i18n/en-US/accounts/short/apps_store").await.is(404);
    child.api.get("/v2/i18n/en-US/accounts").await.is_not_found();
}

async fn a_list_is_the_accounts_whatever_stands_before_it(world: World) {
    let (master, child, app, path) = stage(&world).await;
    let below = world.account(&child, "Below").await;
    child.api.put(&child.at("/whitelabel"), json!({ "domain": "brand.example.com" })).await.is(201);
    child.api.put(&path, texts("Customers")).await.is(201);
    let own = below.api.get(&below.at("/apps_store")).await.is(200).data();
    for prefix in ["/whitelabel/brand.example.com", "/whitelabel/no.example.com", "/i18n/de-DE"] {
        assert_eq!(below.api.get(&below.at(&format!("{prefix}/apps_store"))).await.is(200).data(), own, "{prefix}");
    }
    assert!(
        own.as_array()
            .unwrap()
            .iter()
            .all(|listed| listed["id"] != app.as_str() || listed["i18n"]["en-US"]["label"] != "Customers")
    );
    // Without an account there is no list.
    let required = json!({ "account_id": { "required": { "message": "account ID is required in url" } } });
    for prefix in ["/whitelabel/brand.example.com", "/i18n/de-DE"] {
        master.api.get(&format!("/v2{prefix}/apps_store")).await.is_invalid(required.clone());
        child.api.get(&format!("/v2{prefix}/apps_store")).await.is_forbidden();
        world.api.get(&format!("/v2{prefix}/apps_store")).await.is_unauthorized();
    }
}
