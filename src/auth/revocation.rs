//! Tokens that were logged out: kept in `token_auth` under a digest of the token, never the token itself.

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    kazoo::{document::gregorian, hex},
    platform::{Platform, found, names::TOKEN_AUTH},
    store::Error,
};

/// Whether a token was logged out.
pub async fn is_revoked(platform: &Platform, token: &str) -> Result<bool, Error> {
    Ok(found(platform.store.get(&TOKEN_AUTH, &id(token)).await)?.is_some())
}

/// Ends a token before its time. `expires` is its `exp`, after which the note may be thrown away.
pub async fn revoke(platform: &Platform, token: &str, expires: Option<u64>, now: u64) -> Result<(), Error> {
    let doc = json!({
        "_id": id(token),
        "pvt_type": "revoked_token",
        "pvt_expires": expires.map(gregorian),
        "pvt_created": gregorian(now),
        "pvt_modified": gregorian(now),
    });
    match platform.store.put(&TOKEN_AUTH, &doc.as_object().cloned().unwrap_or_default()).await {
        Ok(_) | Err(Error::Conflict { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

fn id(token: &str) -> String {
    hex(&Sha256::digest(token))
}
