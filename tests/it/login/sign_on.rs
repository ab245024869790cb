//! Signing on by way of other identity providers: shown as far as Kazoo has set it up, trusted by nobody.

use serde_json::json;
use storefront::platform::names;

use crate::support::world::World;

on_every_world! {
    what_kazoo_knows_of_other_providers_is_shown_without_secrets,
    nobody_is_let_in_by_another_provider,
}

async fn what_kazoo_knows_of_other_providers_is_shown_without_secrets(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let paul = world.user(&child, &child.account_id, "Child", "paul", "user").await;
    for doc in [
        json!({ "_id": "google", "pvt_type": "provider", "auth_module": "oauth", "secret": "s3cret", "pvt_secret": "s3cret" }),
        json!({ "_id": "gone", "pvt_type": "provider", "pvt_deleted": true }),
        json!({ "_id": "our.app", "pvt_type": "app", "pvt_auth_provider": "google", "pvt_secret": "s3cret" }),
        json!({
            "_id": "our.app-1", "pvt_type": "user", "pvt_app_id": "our.app", "pvt_app_provider_id": "google", "scopes": ["a"],
            "email": "paul@example.com", "pvt_account_id": child.account_id, "pvt_owner_id": paul.user_id, "pvt_token": "s3cret",
        }),
    ] {
        world.documents().put(&names::SYSTEM_AUTH, doc.as_object().unwrap()).await.unwrap();
    }
    let link = json!({ "id": "our.app-1", "app": "our.app", "provider": "google", "scopes": ["a"], "email": "paul@example.com" });
    for (path, shown) in [
        ("/v2/auth/providers", json!([{ "id": "google", "provider_type": "oauth" }])),
        ("/v2/auth/apps", json!([{ "id": "our.app", "provider": "google" }])),
        ("/v2/auth/links", json!([link])),
    ] {
        let answer = paul.api.get(path).await.is(200);
        assert_eq!(answer.data(), shown);
        assert!(!answer.text().contains("s3cret"));
        world.api.get(path).await.is_unauthorized();
    }
    // Nobody sees another's links.
    assert_eq!(child.api.get("/v2/auth/links").await.is(200).data(), json!([]));
}

async fn nobody_is_let_in_by_another_provider(world: World) {
    let master = world.master().await;
    let code = json!({ "provider": "google", "client_id": "our.app", "code": "c", "redirect_uri": "http://ui.example/" });
    let refused = json!({ "cause": "no identity provider is trusted", "message": "forbidden" });
    for path in ["/v2/auth/callback", "/v2/auth/authorize"] {
        for api in [&world.api, &master.api] {
            api.put(path, code.clone()).await.is_error(403, "forbidden", refused.clone());
        }
    }
}
