//! The keys that sign tokens, as far as they are shown.

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};

use crate::support::world::World;

on_every_world! {
    the_public_half_of_a_key_is_shown_to_admins,
    a_key_comes_as_a_file_to_who_asks_for_one,
}

/// Whether a token was signed with the other half of this key.
fn signed_with(public: &str, token: &str) -> bool {
    let mut rules = Validation::new(Algorithm::RS256);
    rules.validate_exp = false;
    rules.required_spec_claims.clear();
    jsonwebtoken::decode::<Value>(token, &DecodingKey::from_rsa_pem(public.as_bytes()).unwrap(), &rules).is_ok()
}

async fn the_public_half_of_a_key_is_shown_to_admins(world: World) {
    let master = world.master().await;
    let clerk = world.user(&master, &master.account_id, "Master Co.", "clerk", "user").await;
    let child = world.account(&master, "Child").await;
    let paul = world.user(&child, &child.account_id, "Child", "paul", "user").await;
    let kid = jsonwebtoken::decode_header(&master.token).unwrap().kid.unwrap();
    let path = format!("/v2/auth/keys/{kid}");
    for api in [&master.api, &clerk.api, &child.api] {
        assert_eq!(api.get("/v2/auth/keys").await.is(200).data(), json!([kid]));
        let shown = api.get(&path).await.is(200);
        assert!(signed_with(shown.data()["public_key_pem"].as_str().unwrap(), &child.token));
        assert!(!shown.text().contains("PRIVATE"));
    }
    for path in ["/v2/auth/keys", &path] {
        paul.api.get(path).await.is_forbidden();
        world.api.get(path).await.is_unauthorized();
    }
    for unknown in ["0123456789abcdef0123456789abcdef", "nosuch", "_design%2Fauth"] {
        let answer = child.api.get(&format!("/v2/auth/keys/{unknown}")).await;
        let cause = unknown.replace("%2F", "/");
        answer.is_error(404, "bad_identifier", json!({ "cause": cause, "message": "bad identifier" }));
    }
}

async fn a_key_comes_as_a_file_to_who_asks_for_one(world: World) {
    let master = world.master().await;
    let kid = jsonwebtoken::decode_header(&master.token).unwrap().kid.unwrap();
    let path = format!("/v2/auth/keys/{kid}");
    let file = master.api.with("accept", "application/x-pem-file").get(&path).await.is(200);
    assert_eq!(file.header("content-type"), Some("application/x-pem-file"));
    assert_eq!(file.header("content-disposition"), Some(format!("attachment; filename={kid}.pem").as_str()));
    assert!(file.text().starts_with("-----BEGIN RSA PUBLIC KEY-----\n") && signed_with(&file.text(), &master.token));
    master.api.with("accept", "*/*").get(&path).await.is(200).data();
    master.api.with("accept", "image/png").get(&path).await.is_bare(406);
}
