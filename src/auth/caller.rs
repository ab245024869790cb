//! From a credential to somebody: whose account and user it stands for, as their documents are now.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD};
use futures_util::future::try_join3;
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
        restrictions::{Kinship, Restrictions},
        user,
    },
    platform::{Platform, Settings, found, names, settings},
    store::{self, Document, Object},
};

/// The category with the restrictions for all accounts.
const SYSTEM_RESTRICTIONS: &str = "crossbar.token_restrictions";

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
    /// Who really acts, while somebody is impersonated: account and user.
    pub original: Option<(String, Option<String>)>,
    /// What the credential is good for; `None`: for everything.
    pub restrictions: Option<Restrictions>,
    /// Whether plain users are held to what is theirs (`system_config/auth`, `user_rights`).
    strict: bool,
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
    pub fn is_user_but_no_admin(&self) -> bool {
        self.user_id.is_some() && !self.is_account_admin()
    }

    /// Whether it's a user without `priv_level` admin, who is held to what is his.
    pub fn is_plain_user(&self) -> bool {
        self.strict && self.is_user_but_no_admin()
    }

    /// Whether it may change what concerns the whole system: an admin of a superduper admin's account.
    pub fn is_system_admin(&self) -> bool {
        self.is_superduper() && self.is_account_admin()
    }

    /// The module that the credential comes from: `cb_user_auth`, `cb_api_auth`, …
    pub fn method(&self) -> &str {
        text(&self.claims, "method").unwrap_or_default()
    }

    /// Where an account stands to the caller's.
    pub fn kinship(&self, account: &Object) -> Kinship {
        match account {
            own if text(own, "_id") == Some(&self.account_id) => Kinship::Own,
            other if self.is_above(other) => Kinship::Below,
            _ => Kinship::Other,
        }
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
    may_act(&caller, now)?;
    Ok(Arc::new(caller))
}

/// Refuses somebody who is disabled, or whose account is, or whose trial is over.
fn may_act(caller: &Caller, now: u64) -> Result<(), Denied> {
    if !account::is_enabled(&caller.account) || caller.user.as_deref().is_some_and(|user| !user::is_enabled(user)) {
        return Err(Denied::Invalid);
    }
    match account::expired_since(&caller.account, gregorian(now)) {
        Some(since) => Err(Denied::AccountExpired(since)),
        None => Ok(()),
    }
}

/// What the system's settings say about every caller, read at once.
struct Rules {
    auth: Settings,
    restrictions: Settings,
}

impl Rules {
    async fn read(platform: &Platform) -> Result<Self, store::Error> {
        let [auth, restrictions] = platform.settings_of(["auth", SYSTEM_RESTRICTIONS]).await?;
        Ok(Self { auth, restrictions })
    }

    /// Somebody, with what these rules make of him.
    fn caller(&self, home: Home, account_id: &str, user_id: Option<&str>, claims: Object) -> Caller {
        let original = text(&claims, "original_account_id")
            .map(|account_id| (account_id.to_owned(), text(&claims, "original_owner_id").map(str::to_owned)));
        let mut caller = Caller {
            account_id: account_id.to_owned(),
            user_id: user_id.map(str::to_owned),
            account: home.account,
            user: home.user,
            token: None,
            original,
            claims,
            restrictions: None,
            strict: self.auth.text("user_rights") != Some("kazoo"),
        };
        if !caller.is_superduper() {
            let level = match &caller.user {
                Some(user) => text(user, "priv_level").unwrap_or("user"),
                None => self.restrictions.text("default_priv_level").unwrap_or("admin"),
            };
            let own = home.restrictions.as_deref().and_then(|doc| doc.get("restrictions"));
            caller.restrictions = Restrictions::of(own, self.restrictions.all(), caller.method(), level);
        }
        caller
    }
}

/// What an account's database says about a caller, read at once.
struct Home {
    account: Document,
    user: Option<Document>,
    restrictions: Option<Document>,
}

impl Home {
    /// `None` when the account isn't there, or the user isn't.
    async fn read(platform: &Platform, account_id: &str, user_id: Option<&str>) -> Result<Option<Self>, store::Error> {
        let ids = [account_id, user_id.unwrap_or(account_id), names::TOKEN_RESTRICTIONS];
        let [account, user, restrictions] = platform.account_docs(account_id, ids).await?;
        let Some((account, user)) = account.zip(user) else {
            return Ok(None);
        };
        Ok(Some(Self { account, user: user_id.map(|_| user), restrictions }))
    }
}

async fn by_token(platform: &Platform, token: &str, now: u64) -> Result<Caller, Denied> {
    let claims = token::verify(platform, token, now).await?;
    let account_id = text(&claims, "account_id").ok_or(Denied::Invalid)?.to_owned();
    let user_id = text(&claims, "owner_id").map(str::to_owned);
    let home = Home::read(platform, &account_id, user_id.as_deref());
    let (home, rules, revoked) = try_join3(home, Rules::read(platform), revocation::is_revoked(platform, token)).await?;
    let home = home.ok_or(Denied::Invalid)?;
    let secret = rules.auth.text("secret_for_user_signature").ok_or(Denied::Invalid)?;
    let genuine = match text(&claims, "device_id") {
        None => token::identity_holds(&claims, home.user.as_ref().unwrap_or(&home.account), secret),
        Some(device_id) => {
            let [device] = platform.account_docs(&account_id, [device_id]).await?;
            device.is_some_and(|device| token::identity_holds(&claims, &device, secret))
        }
    };
    if revoked || !genuine {
        return Err(Denied::Invalid);
    }
    let caller = acting_as(platform, &rules, rules.caller(home, &account_id, user_id.as_deref(), claims), now).await?;
    Ok(Caller { token: Some(token.to_owned()), ..caller })
}

/// The claim `as`: a token that speaks for a user of an account below the one it was issued to. It's good as long as whom it was
/// issued to may do something there himself: whoever is disabled may not, nor may a plain user, who could pick an admin.
async fn acting_as(platform: &Platform, rules: &Rules, caller: Caller, now: u64) -> Result<Caller, Denied> {
    let other = caller.claims.get("as").and_then(Value::as_object);
    let Some((account_id, user_id)) = other.and_then(|other| Some((text(other, "account_id")?, text(other, "owner_id")?))) else {
        return Ok(caller);
    };
    may_act(&caller, now)?;
    let home = Home::read(platform, account_id, Some(user_id)).await?.ok_or(Denied::Invalid)?;
    if caller.is_plain_user() || !caller.is_above(&home.account) {
        return Err(Denied::Invalid);
    }
    Ok(rules.caller(home, account_id, Some(user_id), caller.claims.clone()))
}

/// The token that is kept under an id in `system_auth`.
async fn kept_token(platform: &Platform, id: &str) -> Result<String, Denied> {
    let doc = found(platform.store.get(&names::SYSTEM_AUTH, id).await)?.ok_or(Denied::Invalid)?;
    let token = text(&doc, "Token").filter(|_| text(&doc, "pvt_type") == Some("bearer-token") && !is_soft_deleted(&doc));
    token.map(str::to_owned).ok_or(Denied::Invalid)
}

/// Basic authentication: `account_id:hash`, the hash being what a login would send. How it's made may be said by the account
/// itself.
async fn by_hash(platform: &Platform, credential: &str) -> Result<Caller, Denied> {
    let decoded =
        BASE64_STANDARD.decode(credential).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(Denied::Invalid)?;
    let (account_id, secret) = decoded.split_once(':').ok_or(Denied::Invalid)?;
    let own = platform.account_docs(account_id, ["configs_crossbar.auth"]);
    let (rules, settings, [own]) = try_join3(Rules::read(platform), platform.settings("crossbar.auth"), own).await?;
    let own_type = own.as_deref().and_then(|own| settings::value_at(own, "basic_auth_type")).and_then(Value::as_str);
    let found = match own_type.or_else(|| settings.text("basic_auth_type")).unwrap_or("md5") {
        method @ ("md5" | "sha") => platform.users_by_hash(account_id, method, secret).await?,
        _ => match secret.split_once(':') {
            Some((user, word)) => platform.users_by_hash(account_id, "md5", &password::hashes(user, word).md5).await?,
            None => Vec::new(),
        },
    };
    let [user_id] = found.as_slice() else {
        return Err(Denied::Invalid);
    };
    let home = Home::read(platform, account_id, Some(user_id)).await?.ok_or(Denied::Invalid)?;
    let claims = json!({ "account_id": account_id, "owner_id": user_id, "iss": "kazoo", "method": "cb_basic_auth" });
    let claims = claims.as_object().cloned().unwrap_or_default();
    Ok(rules.caller(home, account_id, Some(user_id), claims))
}
