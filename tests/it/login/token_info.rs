//! What a token says to whoever holds it: how a user interface finds out whether it's still logged in.

use serde_json::json;

use crate::support::world::World;

on_every_world! {
    a_token_tells_whose_it_is_to_whoever_has_it,
    a_token_that_is_no_good_tells_nothing,
}

async fn a_token_tells_whose_it_is_to_whoever_has_it(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let account = child.api.get(&child.at("")).await.data();
    for answer in [
        world.api.post("/v2/auth/tokeninfo", json!({ "token": child.token })).await,
        world.api.token("undefined").post("/v2/auth/tokeninfo", json!({ "token": child.token })).await,
        world.api.get(&format!("/v2/auth/tokeninfo?token={}", child.token)).await,
        // Somebody else's credential has no say in it.
        master.api.get(&format!("/v2/auth/tokeninfo?token={}", child.token)).await,
    ] {
        let data = answer.is(200).data();
        assert_eq!((&data["account_id"], &data["owner_id"]), (&json!(child.account_id), &json!(child.user_id)));
        assert_eq!((&data["account_name"], &data["account_realm"]), (&json!("Child"), &account["realm"]));
        assert!(data["apps"].is_array() && data["language"].is_string() && data["is_reseller"] == false);
        assert_eq!(data["user_info"]["priv_level"], "admin");
        for proof in ["identity_sig", "exp", "iss", "method"] {
            assert!(data.get(proof).is_none(), "{data}");
        }
    }
    let stranger = world.api.post("/v2/auth/tokeninfo", json!({ "token": child.token })).await;
    assert!(stranger.json().get("auth_token").is_none(), "nobody is logged in by asking");
}

async fn a_token_that_is_no_good_tells_nothing(world: World) {
    world.sup(&["kapps_config", "set_default", "token_buckets", "max_bucket_tokens", "100000"]).ok();
    let child = world.account(&world.master().await, "Child").await;
    world.api.get("/v2/auth/tokeninfo").await.is_error(404, "missing token in params", json!({}));
    for data in [json!({}), json!({ "token": "" }), json!({ "token": 7 }), json!({ "token": null })] {
        world.api.post("/v2/auth/tokeninfo", data).await.is_error(404, "missing token in request", json!({}));
    }
    for token in ["nope", "aaaa.bbbb.cccc", &format!("{}x", child.token), &"a".repeat(9000)] {
        world.api.post("/v2/auth/tokeninfo", json!({ "token": token })).await.is_unauthorized();
    }
    let since = 63_800_000_000_u64;
    world.edit_account(&child.account_id, |doc| drop(doc.insert("pvt_trial_expires".into(), since.into()))).await;
    let expired = json!({ "account": { "expired": { "message": "account expired", "cause": since } } });
    world.api.post("/v2/auth/tokeninfo", json!({ "token": child.token })).await.is_invalid(expired);
    world.edit_account(&child.account_id, |doc| drop(doc.shift_remove("pvt_trial_expires"))).await;
    child.api.delete("/v2/token_auth").await.is(200);
    world.api.post("/v2/auth/tokeninfo", json!({ "token": child.token })).await.is_unauthorized();
}
