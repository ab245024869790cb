//! Tokens that somebody else made: Kazoo, or somebody who has no business doing so.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
    signature::KeyPair as _,
};
use base64::{Engine, prelude::*};
use futures_util::TryStreamExt;
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use sha2::Sha256;
use storefront::{
    platform::names,
    store::{Query, View},
};

use crate::support::world::{Session, World};

on_every_world! {
    a_token_that_kazoo_made_is_accepted,
    a_token_that_nobody_of_ours_signed_is_refused,
    a_token_that_is_signed_but_wrong_is_refused,
    a_token_may_speak_for_somebody_below_and_nobody_else,
    a_token_that_speaks_for_another_is_no_better_than_whom_it_was_issued_to,
}

/// What Kazoo's nodes know and sign tokens with.
pub struct Keys {
    pub kid: String,
    pem: Vec<u8>,
    secret: String,
}

impl Keys {
    pub async fn of(world: &World) -> Self {
        let store = world.documents();
        let auth = store.get(&names::SYSTEM_CONFIG, "auth").await.unwrap();
        let kid = auth["default"]["system_key"].as_str().unwrap().to_owned();
        let attachment = store.attachment(&names::SYSTEM_AUTH, &kid, "private_key.pem", None).await.unwrap();
        assert_eq!(attachment.info.content_type, "application/x-pem-file");
        let chunks: Vec<bytes::Bytes> = attachment.body.try_collect().await.unwrap();
        Self { kid, pem: chunks.concat(), secret: auth["default"]["secret_for_user_signature"].as_str().unwrap().to_owned() }
    }

    /// The claims of a good token for somebody.
    pub async fn claims(&self, world: &World, who: &Session) -> Value {
        let user = world.documents().get(&who.db(), &who.user_id).await.unwrap();
        let key = format!("{}{}", user["pvt_signature_secret"].as_str().unwrap(), self.secret);
        let signature = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap().chain_update(&who.user_id).finalize();
        json!({
            "iss": "kazoo", "identity_sig": BASE64_URL_SAFE_NO_PAD.encode(signature.into_bytes()), "account_id": who.account_id,
            "owner_id": who.user_id, "method": "cb_user_auth", "exp": unix_now() + 3600,
        })
    }

    pub fn sign(&self, claims: &Value) -> String {
        sign(&self.kid, Algorithm::RS256, &EncodingKey::from_rsa_pem(&self.pem).unwrap(), claims)
    }
}

fn sign(kid: &str, algorithm: Algorithm, key: &EncodingKey, claims: &Value) -> String {
    let header = Header { kid: Some(kid.to_owned()), ..Header::new(algorithm) };
    jsonwebtoken::encode(&header, claims, key).unwrap()
}

/// A token that says to be of this type.
fn typed(kid: &str, typ: Option<&str>, key: &EncodingKey, claims: &Value) -> String {
    let header = Header { kid: Some(kid.to_owned()), typ: typ.map(str::to_owned), ..Header::new(Algorithm::RS256) };
    jsonwebtoken::encode(&header, claims, key).unwrap()
}

fn unix_now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

fn with(claims: &Value, key: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    claims[key] = value;
    claims
}

fn without(claims: &Value, key: &str) -> Value {
    let mut claims = claims.clone();
    claims.as_object_mut().unwrap().remove(key);
    claims
}

/// A key that isn't the system's, as PEM.
fn foreign_key() -> Vec<u8> {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    pem::encode(&pem::Pem::new("PRIVATE KEY", der.as_ref())).into_bytes()
}

async fn a_token_that_kazoo_made_is_accepted(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let keys = Keys::of(&world).await;
    let claims = keys.claims(&world, &child).await;
    let key = EncodingKey::from_rsa_pem(&keys.pem).unwrap();
    for token in [
        keys.sign(&claims),
        sign(&keys.kid, Algorithm::RS384, &key, &claims),
        sign(&keys.kid, Algorithm::RS512, &key, &claims),
        typed(&keys.kid, None, &key, &claims),
        // One that never ends, and one with what we don't know.
        keys.sign(&without(&claims, "exp")),
        keys.sign(&with(&claims, "mfa_resp", json!({ "a": 1 }))),
    ] {
        assert_eq!(world.api.token(&token).get(&child.at("")).await.is(200).data()["id"], child.account_id);
    }
    // A cluster has several nodes, and each may have a key of its own.
    let other = json!({
        "_id": "0123456789abcdef0123456789abcdef", "pvt_type": "system_key", "_attachments": {
            "private_key.pem": { "content_type": "application/x-pem-file", "data": BASE64_STANDARD.encode(pkcs1(&foreign_key())) },
        },
    });
    world.documents().put(&names::SYSTEM_AUTH, other.as_object().unwrap()).await.unwrap();
    let token = sign("0123456789abcdef0123456789abcdef", Algorithm::RS256, &key, &claims);
    world.api.token(&token).get(&child.at("")).await.is_unauthorized();
    let pem = attachment(&other);
    let token = sign("0123456789abcdef0123456789abcdef", Algorithm::RS256, &EncodingKey::from_rsa_pem(&pem).unwrap(), &claims);
    world.api.token(&token).get(&child.at("")).await.is(200);
}

fn attachment(doc: &Value) -> Vec<u8> {
    BASE64_STANDARD.decode(doc["_attachments"]["private_key.pem"]["data"].as_str().unwrap()).unwrap()
}

/// A PKCS#8 key as Kazoo keeps its own: PKCS#1.
fn pkcs1(pem: &[u8]) -> Vec<u8> {
    let der = pem::parse(pem).unwrap();
    let Some(simple_asn1::ASN1Block::Sequence(_, parts)) = simple_asn1::from_der(der.contents()).unwrap().into_iter().next()
    else {
        panic!("no PKCS#8");
    };
    let Some(simple_asn1::ASN1Block::OctetString(_, inner)) = parts.into_iter().nth(2) else { panic!("no PKCS#8") };
    pem::encode(&pem::Pem::new("RSA PRIVATE KEY", inner)).into_bytes()
}

async fn a_token_that_nobody_of_ours_signed_is_refused(world: World) {
    world.sup(&["kapps_config", "set_default", "token_buckets", "max_bucket_tokens", "100000"]).ok();
    let master = world.master().await;
    let keys = Keys::of(&world).await;
    let claims = keys.claims(&world, &master).await;
    let good = keys.sign(&claims);
    let parts: Vec<&str> = good.split('.').collect();
    let encode = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let private = pem::parse(&keys.pem).unwrap();
    let public = KeyPair::from_der(private.contents()).unwrap().public_key().as_ref().to_vec();
    let public_pem = pem::encode(&pem::Pem::new("RSA PUBLIC KEY", public.clone()));
    let foreign = EncodingKey::from_rsa_pem(&foreign_key()).unwrap();
    let known = rows(&world).await;
    let superduper = encode(&with(&claims, "account_id", json!("f".repeat(32))));
    let mut tokens = vec![
        // Changed after it was signed.
        format!("{}.{superduper}.{}", parts[0], parts[2]),
        format!("{}.{}.{}", parts[0], parts[1], BASE64_URL_SAFE_NO_PAD.encode([0; 256])),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}", parts[0], parts[1]),
        format!("{good}.{}", parts[2]),
        "a".repeat(20_000),
        // Not signed at all.
        format!("{}.{}.", encode(&json!({ "alg": "none", "typ": "JWT", "kid": keys.kid })), parts[1]),
        format!("{}.{}.{}", encode(&json!({ "alg": "none", "typ": "JWT", "kid": keys.kid })), parts[1], parts[2]),
        // Signed with what everybody knows.
        sign(&keys.kid, Algorithm::HS256, &EncodingKey::from_secret(&public), &claims),
        sign(&keys.kid, Algorithm::HS256, &EncodingKey::from_secret(public_pem.as_bytes()), &claims),
        sign(&keys.kid, Algorithm::HS256, &EncodingKey::from_secret(b""), &claims),
        // Of another type, or by another method.
        typed(&keys.kid, Some("at+jwt"), &EncodingKey::from_rsa_pem(&keys.pem).unwrap(), &claims),
        sign(&keys.kid, Algorithm::PS256, &EncodingKey::from_rsa_pem(&keys.pem).unwrap(), &claims),
        // As old Kazoos had them.
        "00112233445566778899aabbccddeeff".to_owned(),
        // Signed by somebody else, under our key's name.
        sign(&keys.kid, Algorithm::RS256, &foreign, &claims),
        // Without saying by whom.
        jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &foreign).unwrap(),
    ];
    let old = json!({ "_id": "00112233445566778899aabbccddeeff", "account_id": master.account_id, "owner_id": master.user_id });
    world.documents().put(&names::TOKEN_AUTH, old.as_object().unwrap()).await.unwrap();
    // By a key that doesn't exist, or that is none: nothing comes into being by being asked for.
    for kid in ["fedcba9876543210fedcba9876543210", "", "nosuch", "../system_config/auth", "_design/auth", &master.account_id] {
        tokens.push(sign(kid, Algorithm::RS256, &foreign, &claims));
    }
    for token in &tokens {
        let answer = world.api.token(token).get(&master.at("")).await;
        answer.is_unauthorized();
        assert!(answer.json().get("auth_token").is_none(), "{token}");
    }
    assert_eq!(rows(&world).await, known);
    master.api.get(&master.at("")).await.is(200);
}

/// The ids of all documents that keys may be among.
async fn rows(world: &World) -> Vec<Option<String>> {
    let rows = world.documents().view(&names::SYSTEM_AUTH, View::ALL_DOCS, &Query::default()).await.unwrap();
    rows.into_iter().map(|row| row.id).collect()
}

async fn a_token_that_is_signed_but_wrong_is_refused(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let keys = Keys::of(&world).await;
    let claims = keys.claims(&world, &child).await;
    let others = keys.claims(&world, &master).await;
    for claims in [
        without(&claims, "identity_sig"),
        with(&claims, "identity_sig", json!("")),
        with(&claims, "identity_sig", json!("AAAA")),
        with(&claims, "identity_sig", others["identity_sig"].clone()),
        without(&claims, "iss"),
        with(&claims, "iss", json!("https://accounts.example.com")),
        without(&claims, "account_id"),
        with(&claims, "account_id", json!(master.account_id)),
        with(&claims, "account_id", json!("f".repeat(32))),
        without(&claims, "owner_id"),
        with(&claims, "owner_id", json!(master.user_id)),
        with(&claims, "exp", json!("soon")),
    ] {
        let token = keys.sign(&claims);
        let answer = world.api.token(&token).get(&child.at("")).await;
        assert_eq!(answer.status, 401, "{claims} {}", answer.text());
        world.api.token(&token).get(&master.at("")).await.is(401);
    }
    // One that is past its time is told so, and isn't in the way of what is open to all.
    for exp in [1, unix_now() - 1, unix_now()] {
        let expired = world.api.token(&keys.sign(&with(&claims, "exp", json!(exp))));
        expired.get(&child.at("")).await.is_error(401, "invalid credentials", json!({}));
        expired.get("/v2/schemas").await.is(200);
        let login = json!({ "credentials": crate::support::client::md5("boss", &child.password), "account_name": "Child" });
        expired.put("/v2/user_auth", login).await.is(201);
    }
}

async fn a_token_may_speak_for_somebody_below_and_nobody_else(world: World) {
    let master = world.master().await;
    let (child, other) = (world.account(&master, "Child").await, world.account(&master, "Other").await);
    let speak = async |as_whom: &Session, by: &Session| {
        let credentials = crate::support::client::md5(&by.username, &by.password);
        let other = json!({ "account_id": as_whom.account_id, "owner_id": as_whom.user_id });
        let account = if by.account_id == master.account_id { "Master Co." } else { "Child" };
        let login = json!({ "credentials": credentials, "account_name": account, "as": other });
        world.api.token(&world.api.put("/v2/user_auth", login).await.is(201).auth_token())
    };
    let as_child = speak(&child, &master).await;
    as_child.get(&child.at("")).await.is(200);
    as_child.get(&master.at("")).await.is_forbidden();
    let as_other = speak(&other, &child).await;
    as_other.get(&other.at("")).await.is_unauthorized();
    as_other.get(&child.at("")).await.is_unauthorized();
    // What isn't somebody doesn't get into a token, let alone fill it.
    for other in [json!("x".repeat(4000)), json!({ "account_id": "x".repeat(4000), "owner_id": "y" }), json!({ "a": [1] })] {
        let credentials = crate::support::client::md5("admin", "secret123");
        let login = json!({ "credentials": credentials, "account_name": "masterco", "as": other });
        let token = world.api.put("/v2/user_auth", login).await.is(201).auth_token();
        assert!(token.len() < 1500, "{}", token.len());
        assert_eq!(world.api.token(&token).get("/v2/token_auth").await.is(200).data()["owner_id"], master.user_id);
    }
}

async fn a_token_that_speaks_for_another_is_no_better_than_whom_it_was_issued_to(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let below = world.account(&child, "Below").await;
    let ann = world.user(&child, &child.account_id, "Child", "ann", "admin").await;
    let paul = world.user(&child, &child.account_id, "Child", "paul", "user").await;
    let speak = async |by: &Session| {
        let credentials = crate::support::client::md5(&by.username, &by.password);
        let other = json!({ "account_id": below.account_id, "owner_id": below.user_id });
        let login = json!({ "credentials": credentials, "account_name": "Child", "as": other });
        world.api.token(&world.api.put("/v2/user_auth", login).await.is(201).auth_token())
    };
    let speaking = speak(&ann).await;
    speaking.get(&below.at("")).await.is(200);
    // A plain user would be an admin there.
    speak(&paul).await.get(&below.at("")).await.is_unauthorized();
    let user = child.at(&format!("/users/{}", ann.user_id));
    child.api.patch(&user, json!({ "enabled": false })).await.is(200);
    speaking.get(&below.at("")).await.is_unauthorized();
    child.api.patch(&user, json!({ "enabled": true })).await.is(200);
    speaking.get(&below.at("")).await.is(200);
    world.edit_account(&child.account_id, |doc| drop(doc.insert("pvt_enabled".into(), false.into()))).await;
    speaking.get(&below.at("")).await.is_unauthorized();
    let since = 63_800_000_000_u64;
    world
        .edit_account(&child.account_id, |doc| {
            doc.insert("pvt_enabled".into(), true.into());
            doc.insert("pvt_trial_expires".into(), since.into());
        })
        .await;
    let expired = json!({ "account": { "expired": { "message": "account expired", "cause": since } } });
    speaking.get(&below.at("")).await.is_invalid(expired);
}
