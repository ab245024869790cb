//! Kazoo's access tokens: RS256-signed JWTs that also carry a signature of the identity they speak for, so that a token dies
//! with the secret on its user's (or account's) document.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, Validation};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{
    kazoo::document::text,
    platform::{Platform, keys::SigningKey},
    store::{self, Object},
};

const ALGORITHMS: [Algorithm; 3] = [Algorithm::RS256, Algorithm::RS384, Algorithm::RS512];
/// A token that's longer is none of ours.
const LONGEST: usize = 8192;

/// Why a token isn't believed.
#[derive(Debug, thiserror::Error)]
pub enum Bad {
    /// Not a token, not signed by a key of ours, or without a claim that it must have.
    #[error("not a valid token")]
    Invalid,
    /// It was good once.
    #[error("expired")]
    Expired,
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// The claims of a token whose RSA signature and time are good. The identity's signature is still to be checked.
///
/// `now` is Unix time in seconds; there's no allowance for clocks that differ.
pub async fn verify(platform: &Platform, token: &str, now: u64) -> Result<Object, Bad> {
    if token.len() > LONGEST || token.split('.').count() != 3 {
        return Err(Bad::Invalid);
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| Bad::Invalid)?;
    let kid = header.kid.as_deref().ok_or(Bad::Invalid)?;
    if !ALGORITHMS.contains(&header.alg) || header.typ.is_some_and(|typ| typ != "JWT") {
        return Err(Bad::Invalid);
    }
    let key = platform.verifying_key(kid).await?.ok_or(Bad::Invalid)?;
    let digest: [u8; 32] = Sha256::new_with_prefix(key.fingerprint()).chain_update(token).finalize().into();
    let claims = match platform.known_tokens.get(&digest) {
        Some(claims) => claims,
        None => {
            let claims = std::sync::Arc::new(check_signature(token, header.alg, &key)?);
            platform.known_tokens.insert(digest, claims.clone());
            claims
        }
    };
    if claims.get("exp").is_some_and(|exp| exp.as_f64().is_none_or(|exp| exp <= now as f64)) {
        return Err(Bad::Expired);
    }
    Ok((*claims).clone())
}

fn check_signature(token: &str, algorithm: Algorithm, key: &SigningKey) -> Result<Object, Bad> {
    let mut rules = Validation::new(algorithm);
    rules.validate_exp = false;
    rules.validate_aud = false;
    rules.required_spec_claims.clear();
    let claims = jsonwebtoken::decode::<Object>(token, key.decoding(), &rules).map_err(|_| Bad::Invalid)?.claims;
    if text(&claims, "iss") != Some("kazoo") || text(&claims, "account_id").is_none() || text(&claims, "identity_sig").is_none() {
        return Err(Bad::Invalid);
    }
    Ok(claims)
}

/// The id of the identity that claims speak for: a device, a user, or the account itself.
pub fn identity(claims: &Object) -> Option<&str> {
    ["device_id", "owner_id", "account_id"].into_iter().find_map(|claim| text(claims, claim))
}

/// The identity's signature: an HMAC over its id, keyed with its own secret and the system's.
pub fn identity_signature(identity: &str, identity_secret: &str, system_secret: &str) -> String {
    let key = [identity_secret, system_secret].concat();
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else {
        return String::new();
    };
    BASE64_URL_SAFE_NO_PAD.encode(mac.chain_update(identity).finalize().into_bytes())
}

/// Whether the claims' identity signature is the one that the secrets give.
pub fn identity_holds(claims: &Object, identity_doc: &Object, system_secret: &str) -> bool {
    let (Some(identity), Some(claimed), Some(secret)) =
        (identity(claims), text(claims, "identity_sig"), text(identity_doc, "pvt_signature_secret"))
    else {
        return false;
    };
    let expected = identity_signature(identity, secret, system_secret);
    !claimed.is_empty() && !expected.is_empty() && bool::from(claimed.as_bytes().ct_eq(expected.as_bytes()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn object(value: Value) -> Object {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn an_identity_signature_depends_on_both_secrets_and_the_identity() {
        let sig = identity_signature("user", "aa", "bb");
        assert_eq!(sig.len(), 43);
        let doc = object(json!({"pvt_signature_secret": "aa"}));
        let claims = object(json!({"account_id": "acc", "owner_id": "user", "identity_sig": sig}));
        assert!(identity_holds(&claims, &doc, "bb"));
        assert!(!identity_holds(&claims, &doc, "bc"));
        assert!(!identity_holds(&claims, &object(json!({})), "bb"));
        assert!(!identity_holds(&object(json!({"account_id": "acc", "identity_sig": sig})), &doc, "bb"));
        assert!(!identity_holds(&object(json!({"owner_id": "user", "identity_sig": ""})), &doc, "bb"));
    }
}
