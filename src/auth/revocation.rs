//! Tokens that were logged out: kept in `token_auth` under a digest of the token, never the token itself.

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    kazoo::{document::gregorian, hex},
    platform::{Platform, found, names::TOKEN_AUTH},
    store::{Error, Query, View},
};

const BY_EXPIRY: View = View::new("storefront", "revoked_by_expiry");
const FORGOTTEN_AT_ONCE: usize = 10;

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
        Ok(_) | Err(Error::Conflict { .. }) => {}
        Err(error) => return Err(error),
    }
    if let Err(error) = forget_expired(platform, now).await {
        log::warn!("notes of tokens that ended by themselves weren't deleted: {error}");
    }
    Ok(())
}

/// Deletes some of the notes whose tokens are past their time anyway. Done a few at a time, whenever somebody logs out, so that
/// the notes never outgrow the tokens.
async fn forget_expired(platform: &Platform, now: u64) -> Result<(), Error> {
    let past = Query::range(0.into(), gregorian(now).into()).limit(FORGOTTEN_AT_ONCE);
    for row in platform.view(&TOKEN_AUTH, BY_EXPIRY, &past).await? {
        if let (Some(id), Some(rev)) = (row.id, row.value.as_str()) {
            match platform.store.delete(&TOKEN_AUTH, &id, rev).await {
                // Another process was faster.
                Ok(_) | Err(Error::Conflict { .. } | Error::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

fn id(token: &str) -> String {
    hex(&Sha256::digest(token))
}
