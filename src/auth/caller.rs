//! From a credential to somebody: whose account and user it stands for, as their documents are now.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD};
use futures_util::future::try_join;
use serde_json::{Value, json};

use super::{
    Presented, revocation,
    token::{self, Bad},
};
use crate::{
    kazoo::{
        account,
        document::{gregorian, is_soft_deleted, text},
        password,
    },
    platform::{Platform, names},
    store::{self, Document, Object},
};

/// Somebody who has proven who he is.
pub struct Caller {
    pub account_id: String,
    /// The user; `None` for an account's api key.
    pub user_id: Option<String>,
    pub account: Document,
    pub user: Option<Document>,
    /// The token as it came, fit to be sent back; `None` for basic authentication.
    pub token: Option<String>,
    pub claims: Object,
    /// Whether the credential costs a token at every use (basic authentication does).
    pub metered: bool,
    /// Who really acts, while somebody is impersonated: account and user.
    pub original: Option<(String, String)>,
}

impl Caller {
    /// Whether the account is a superduper admin's; such an account may reach everything.
    pub fn is_superduper(&self) -> bool {
        account::is_superduper(&self.account)
    }

    /// Whether it's a user with `priv_level` admin.
    pub fn is_account_admin(&self) -> bool {
        self.user.as_deref().is_some_and(|user| text(user, "priv_level") == Some("admin"))
    }

    /// Whether it's a user without `priv_level` admin.
    pub fn is_plain_user(&self) -> bool {
        self.user_id.is_some() && !self.is_account_admin()
    }

    /// Whether an account is the caller's own or below it.
    pub fn reaches(&self, account: &Object) -> bool {
        text(account, "_id") == Some(&self.account_id) || self.is_above(account)
    }

    /// Whether an account is below the caller's.
    pub fn is_above(&self, account: &Object) -> bool {
        account::tree(account).any(|ancestor| ancestor == self.account_id)
    }
}

/// Why nobody could be made out.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    #[error("no valid credential")]
    Invalid,
    #[error("expired")]
    Expired,
    /// The account's trial is over; since when (gregorian seconds).
    #[error("account expired")]
    AccountExpired(u64),
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl From<Bad> for Denied {
    fn from(bad: Bad) -> Self {
        match bad {
            Bad::Invalid => Self::Invalid,
            Bad::Expired => Self::Expired,
            Bad::Store(error) => Self::Store(error),
        }
    }
}

/// Makes out who presents a credential. `account_header` is `X-Auth-Account-ID`: the account that a token must be of.
/// `now` is Unix time in seconds.
pub async fn authenticate(
    platform: &Platform,
    presented: &Presented,
    account_header: Option<&str>,
    now: u64,
) -> Result<Arc<Caller>, Denied> {
    let caller = match presented {
        Presented::Nothing | Presented::Unknown => return Err(Denied::Invalid),
        Presented::Token(token) => by_token(platform, token, now).await?,
        Presented::Bearer(text) if text.contains('.') => by_token(platform, text, now).await?,
        Presented::Bearer(id) => by_token(platform, &kept_token(platform, id).await?, now).await?,
        Presented::Basic(credential) => by_hash(platform, credential).await?,
    };
    if account_header.is_some_and(|id| id != caller.account_id) {
        return Err(Denied::Invalid);
    }
    if !account::is_enabled(&caller.account)
        || caller.user.as_deref().is_some_and(|user| user.get("enabled") == Some(&Value::Bool(false)))
    {
        return Err(Denied::Invalid);
    }
    match account::expired_since(&caller.account, gregorian(now)) {
        Some(since) => Err(Denied::AccountExpired(since)),
        None => Ok(Arc::new(caller)),
    }
}

async fn by_token(platform: &Platform, token: &str, now: u64) -> Result<Caller, Denied> {
    let claims = token::verify(platform, token, now).await?;
    let account_id = text(&claims, "account_id").ok_or(Denied::Invalid)?;
    let identity = token::identity(&claims).ok_or(Denied::Invalid)?;
    let (identity_doc, (secret, revoked)) = try_join(
        present(platform.account_doc(account_id, identity)),
        try_join(platform.token_secret(), revocation::is_revoked(platform, token)),
    )
    .await?;
    let identity_doc = identity_doc.ok_or(Denied::Invalid)?;
    let secret = secret.ok_or(Denied::Invalid)?;
    if revoked || !token::identity_holds(&claims, &identity_doc, &secret) {
        return Err(Denied::Invalid);
    }
    let user_id = text(&claims, "owner_id").map(str::to_owned);
    let account = if identity == account_id { identity_doc.clone() } else { living(platform, account_id).await? };
    let original = text(&claims, "original_account_id").zip(text(&claims, "original_owner_id"));
    let caller = Caller {
        account_id: account_id.to_owned(),
        user: user_id.as_deref().filter(|id| *id == identity).map(|_| identity_doc),
        user_id,
        account,
        token: Some(token.to_owned()),
        original: original.map(|(account, user)| (account.to_owned(), user.to_owned())),
        metered: false,
        claims,
    };
    acting_as(platform, caller).await
}

/// The claim `as`: a token that speaks for a user of an account below the one it was issued to.
async fn acting_as(platform: &Platform, caller: Caller) -> Result<Caller, Denied> {
    let other = caller.claims.get("as").and_then(Value::as_object);
    let Some((account_id, user_id)) = other.and_then(|other| Some((text(other, "account_id")?, text(other, "owner_id")?))) else {
        return Ok(caller);
    };
    let (account, user) = try_join(living(platform, account_id), living_doc(platform, account_id, user_id)).await?;
    if !caller.is_above(&account) {
        return Err(Denied::Invalid);
    }
    Ok(Caller { account_id: account_id.to_owned(), user_id: Some(user_id.to_owned()), account, user: Some(user), ..caller })
}

/// The token that is kept under an id in `system_auth`.
async fn kept_token(platform: &Platform, id: &str) -> Result<String, Denied> {
    let doc = present(async { platform.store.get(&names::SYSTEM_AUTH, id).await.map(Some) }).await?.ok_or(Denied::Invalid)?;
    let token = text(&doc, "Token").filter(|_| text(&doc, "pvt_type") == Some("bearer-token") && !is_soft_deleted(&doc));
    token.map(str::to_owned).ok_or(Denied::Invalid)
}

/// Basic authentication: `account_id:hash`, the hash being what a login would send.
async fn by_hash(platform: &Platform, credential: &str) -> Result<Caller, Denied> {
    let decoded =
        BASE64_STANDARD.decode(credential).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(Denied::Invalid)?;
    let (account_id, secret) = decoded.split_once(':').ok_or(Denied::Invalid)?;
    let settings = platform.settings("crossbar.auth").await?;
    let method = settings.text("basic_auth_type").unwrap_or("md5");
    let found = match method {
        "md5" | "sha" => platform.users_by_hash(account_id, method, secret).await?,
        _ => match secret.split_once(':') {
            Some((user, word)) => platform.users_by_hash(account_id, "md5", &password::hashes(user, word).md5).await?,
            None => Vec::new(),
        },
    };
    let [user_id] = found.as_slice() else {
        return Err(Denied::Invalid);
    };
    let (account, user) = try_join(living(platform, account_id), living_doc(platform, account_id, user_id)).await?;
    let claims = json!({ "account_id": account_id, "owner_id": user_id, "iss": "kazoo", "method": "cb_basic_auth" });
    Ok(Caller {
        account_id: account_id.to_owned(),
        user_id: Some(user_id.clone()),
        account,
        user: Some(user),
        token: None,
        claims: claims.as_object().cloned().unwrap_or_default(),
        metered: true,
        original: None,
    })
}

async fn living(platform: &Platform, account_id: &str) -> Result<Document, Denied> {
    living_doc(platform, account_id, account_id).await
}

async fn living_doc(platform: &Platform, account_id: &str, id: &str) -> Result<Document, Denied> {
    present(platform.account_doc(account_id, id)).await?.ok_or(Denied::Invalid)
}

/// What doesn't exist, or exists no longer, as `None`.
async fn present(read: impl Future<Output = Result<Option<Document>, store::Error>>) -> Result<Option<Document>, store::Error> {
    match read.await {
        Ok(doc) => Ok(doc.filter(|doc| !is_soft_deleted(doc))),
        Err(store::Error::NotFound { .. } | store::Error::NoDatabase { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
