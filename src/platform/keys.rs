//! The keys that sign tokens, where Kazoo keeps them: an RSA key as an attachment of a document in `system_auth`, and a secret
//! in `system_config/auth`. Whichever of Kazoo and Storefront is first makes them.

use std::sync::Arc;

use anyhow::Context as _;
use base64::{Engine, prelude::BASE64_STANDARD};
use futures_util::TryStreamExt;
use serde_json::{Value, json};

use super::{Platform, found, names::SYSTEM_AUTH, unix_now};
use crate::{
    kazoo::{
        document::{gregorian, is_soft_deleted, text},
        id,
    },
    store::{self, Document, Error, Object},
};

mod signing;

pub use signing::SigningKey;

const ATTACHMENT: &str = "private_key.pem";
/// A key's PEM is under two kilobytes.
const LONGEST_PEM: usize = 64 * 1024;

/// The halves that a new token is made of beside the identity's own secret.
pub struct Signatory {
    pub key: Arc<SigningKey>,
    /// The system's half of the secret that identities are signed with.
    pub secret: String,
}

impl Platform {
    /// The key of a token's `kid`; `None` when there is none. An unknown `kid` makes nothing.
    pub async fn verifying_key(&self, kid: &str) -> Result<Option<Arc<SigningKey>>, Error> {
        if !id::is_id(kid) {
            return Ok(None);
        }
        let Some(doc) = found(self.store.get(&SYSTEM_AUTH, kid).await)? else {
            return Ok(None);
        };
        let is_key = text(&doc, "pvt_type").is_none_or(|kind| kind == "system_key") && !is_soft_deleted(&doc);
        match doc.get("_attachments").and_then(|all| all.get(ATTACHMENT)).and_then(|stub| stub.get("digest")) {
            Some(Value::String(digest)) if is_key => self.load_key(kid, digest, &doc).await.map(Some),
            _ => Ok(None),
        }
    }

    async fn load_key(&self, kid: &str, digest: &str, doc: &Document) -> Result<Arc<SigningKey>, Error> {
        let fingerprint = format!("{digest} {}", text(doc, "_rev").unwrap_or_default());
        if let Some(key) = self.parsed_keys.get(kid).filter(|key| key.fingerprint() == fingerprint) {
            return Ok(key);
        }
        let mut body = self.store.attachment(&SYSTEM_AUTH, kid, ATTACHMENT, None).await?.body;
        let mut pem = Vec::new();
        while let Some(chunk) = body.try_next().await? {
            pem.extend_from_slice(&chunk);
            if pem.len() > LONGEST_PEM {
                break;
            }
        }
        let key = SigningKey::parse(kid, fingerprint, &pem).map_err(|source| Error::Corrupt {
            db: SYSTEM_AUTH.clone(),
            id: kid.to_owned(),
            source,
        })?;
        let key = Arc::new(key);
        self.parsed_keys.insert(kid.to_owned(), key.clone());
        Ok(key)
    }

    /// What new tokens are signed with.
    pub async fn signatory(&self) -> anyhow::Result<Signatory> {
        let settings = self.settings("auth").await?;
        let kid = settings.text("system_key").context("system_config/auth names no system_key")?;
        let secret = settings.text("secret_for_user_signature").context("system_config/auth has no secret_for_user_signature")?;
        let key = self.verifying_key(kid).await?.with_context(|| format!("system_auth has no key {kid}"))?;
        Ok(Signatory { key, secret: secret.to_owned() })
    }

    /// The ids of all keys that tokens may be signed with.
    pub async fn key_ids(&self) -> Result<Vec<String>, Error> {
        let rows = self.view(&SYSTEM_AUTH, super::sign_on::BY_TYPE, &store::Query::key("system_key")).await?;
        Ok(rows.into_iter().filter_map(|row| row.id).collect())
    }

    /// Puts a new key in the place of one that's there: every token that was signed with it ends.
    pub async fn replace_key(&self, kid: &str) -> anyhow::Result<()> {
        let pem = new_attachment()?;
        store::update(self.store.as_ref(), &SYSTEM_AUTH, kid, async |doc: &mut Object| {
            if !doc.contains_key("_rev") {
                return Err(Error::NotFound { db: SYSTEM_AUTH.clone(), id: kid.to_owned() });
            }
            doc.insert("_attachments".into(), pem.clone());
            doc.insert("pvt_modified".into(), gregorian(unix_now()).into());
            Ok(())
        })
        .await?;
        log::warn!("the key {kid} was replaced: tokens that it signed are void");
        Ok(())
    }

    /// Makes a new secret of the system's: every token there is ends.
    pub async fn replace_token_secret(&self) -> anyhow::Result<()> {
        self.set_setting("auth", "secret_for_user_signature", id::new_secret(16)?.into()).await?;
        log::warn!("the secret for identity signatures was replaced: all tokens are void");
        Ok(())
    }

    /// Makes the key and the secrets that aren't there yet.
    pub async fn ensure_keys(&self) -> anyhow::Result<()> {
        self.ensure_setting("auth", "secret_for_user_signature", id::new_secret(16)?.into()).await?;
        self.ensure_setting("cluster", "cluster_id", id::new_secret(16)?.into()).await?;
        let kid = self.ensure_setting("auth", "system_key", id::new_secret(16)?.into()).await?;
        let kid = kid.as_str().context("system_config/auth: system_key isn't a text")?;
        if self.verifying_key(kid).await?.is_some() {
            return Ok(());
        }
        let now = gregorian(unix_now());
        log::info!("making the key that signs tokens ({kid})");
        let doc = json!({
            "_id": kid,
            "pvt_type": "system_key",
            "pvt_account_id": "system_auth",
            "pvt_account_db": "system_auth",
            "pvt_created": now,
            "pvt_modified": now,
            "_attachments": new_attachment()?,
        });
        match self.store.put(&SYSTEM_AUTH, doc.as_object().context("a document")?).await {
            // Another process was faster; its key is as good.
            Ok(_) | Err(store::Error::Conflict { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// A new key as a document carries it.
fn new_attachment() -> anyhow::Result<Value> {
    let data = BASE64_STANDARD.encode(signing::new_key()?);
    Ok(json!({ ATTACHMENT: { "content_type": "application/x-pem-file", "data": data } }))
}
