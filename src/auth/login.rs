//! Logging in: a token for whoever has proven who he is, and what a client is told with it.

use futures_util::future::try_join3;
use serde_json::{Value, json};

use super::token;
use crate::{
    kazoo::{apps, document::text, id},
    platform::{Platform, names},
    store::{self, Db, Document, Object, update},
};

/// How long a token is good, where no setting says so.
const TOKEN_SECONDS: i64 = 3600;
const DEFAULT_LANGUAGE: &str = "en-US";

/// Who logs in, and how.
pub struct Login<'a> {
    pub account: &'a Document,
    /// The user's id; `None` for an account's api key.
    pub user_id: Option<&'a str>,
    /// The module that checked the credentials: `cb_user_auth`, `cb_api_auth`, …
    pub method: &'a str,
    /// Further claims: `as`, the original identity of somebody who impersonates.
    pub claims: Object,
}

impl Platform {
    /// Issues a token. `now` is Unix time in seconds.
    pub async fn issue_token(&self, login: &Login<'_>, now: u64) -> anyhow::Result<String> {
        let account_id = text(login.account, "_id").unwrap_or_default();
        let identity = login.user_id.unwrap_or(account_id);
        let (key, settings) = futures_util::future::join(self.signing_key(), self.settings("crossbar.auth")).await;
        let secret = self.identity_secret(account_id, identity).await?;
        let system_secret = self.token_secret().await?.unwrap_or_default();
        let mut claims = Object::new();
        claims.insert("iss".into(), "kazoo".into());
        claims.insert("identity_sig".into(), token::identity_signature(identity, &secret, &system_secret).into());
        claims.insert("account_id".into(), account_id.into());
        if let Some(user_id) = login.user_id {
            claims.insert("owner_id".into(), user_id.into());
        }
        claims.insert("method".into(), login.method.into());
        let settings = settings?;
        let seconds = |path: &str| settings.get(path).and_then(Value::as_i64);
        let module = format!("auth_modules.{}.token_auth_expiry_s", login.method);
        let lifetime =
            seconds(&module).filter(|time| *time > 0).or_else(|| seconds("token_auth_expiry_s")).unwrap_or(TOKEN_SECONDS);
        if let Some(lifetime) = u64::try_from(lifetime).ok().filter(|time| *time > 0) {
            claims.insert("exp".into(), (now + lifetime).into());
        }
        // Kazoo has no such claim, and minds none. Without it two sessions begun in one second share a token, and its end.
        claims.insert("jti".into(), id::new_id().into());
        claims.extend(login.claims.clone());
        Ok(key?.sign(&claims)?)
    }

    /// An identity's secret; one is made where there is none, in both copies where the identity is the account itself.
    async fn identity_secret(&self, account_id: &str, identity: &str) -> anyhow::Result<String> {
        if let Some(doc) = self.account_doc(account_id, identity).await?
            && let Some(secret) = text(&doc, "pvt_signature_secret")
        {
            return Ok(secret.to_owned());
        }
        let Some(own) = names::account_db(account_id) else {
            anyhow::bail!("{account_id} is no account");
        };
        let secret = self.ensure_secret(&own, identity, id::new_secret(16)?).await?;
        if identity == account_id {
            self.ensure_secret(&names::ACCOUNTS, identity, secret.clone()).await?;
        }
        Ok(secret)
    }

    async fn ensure_secret(&self, db: &Db, id: &str, secret: String) -> Result<String, store::Error> {
        let merged = update(self.store.as_ref(), db, id, async |doc: &mut Object| {
            if !doc.contains_key("_rev") {
                return Err(store::Error::NotFound { db: db.clone(), id: id.to_owned() });
            }
            doc.entry("pvt_signature_secret").or_insert_with(|| secret.clone().into());
            Ok(())
        })
        .await?;
        Ok(text(&merged.doc, "pvt_signature_secret").unwrap_or_default().to_owned())
    }

    /// What a client is told about an account and user beside the token.
    pub async fn login_data(&self, account: &Document, user_id: Option<&str>) -> Result<Object, store::Error> {
        let account_id = text(account, "_id").unwrap_or_default();
        let user = match user_id {
            Some(user_id) => self.user(account_id, user_id).await?,
            None => None,
        };
        let (standing, crossbar, cluster) =
            try_join3(self.standing(account), self.settings("crossbar"), self.settings("cluster")).await?;
        let apps = self.apps_of(account, user_id.map(|id| (id, user.as_deref()))).await?;
        let default_language = crossbar.text("default_language").unwrap_or(DEFAULT_LANGUAGE);
        let own_language = user.as_deref().and_then(|user| text(user, "language")).or_else(|| text(account, "language"));
        let language = own_language.unwrap_or(default_language);
        let labels = [language, default_language, DEFAULT_LANGUAGE];
        // All of them, also those the user may not have: so Kazoo does, and so clients know the list.
        let apps: Vec<Value> = apps.iter().map(|app| apps::login_item(app, &labels)).collect();
        let mut data = Object::new();
        let mut put = |key: &str, value: Option<Value>| data.extend(value.map(|value| (key.to_owned(), value)));
        put("account_id", Some(account_id.into()));
        put("owner_id", user_id.map(Value::from));
        put("account_name", account.get("name").cloned());
        put("language", Some(language.into()));
        put("cluster_id", cluster.get("cluster_id").cloned());
        put("reseller_id", standing.reseller_id.map(Value::from));
        put("is_reseller", Some(standing.is_reseller.into()));
        put("is_master_account", Some((standing.master_id.as_deref() == Some(account_id)).into()));
        put("apps", Some(apps.into()));
        put("capabilities", Some(json!({ "voicemail": { "transcription": { "available": false, "default": false } } })));
        put("ui_config", Some(json!({})));
        Ok(data)
    }
}
