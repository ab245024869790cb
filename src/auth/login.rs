//! Logging in: a token for whoever has proven who he is.

use super::{module::Module, token};
use crate::{
    kazoo::{document::text, id},
    platform::{Platform, names},
    store::{self, Db, Document, Object, update},
};

/// Who logs in, and how.
pub struct Login<'a> {
    pub account: &'a Document,
    /// The user; `None` for an account's api key.
    pub user: Option<&'a Document>,
    pub module: &'a Module,
    /// Further claims: `as`, the original identity of somebody who impersonates.
    pub claims: Object,
}

impl Platform {
    /// Issues a token. `now` is Unix time in seconds.
    pub async fn issue_token(&self, login: &Login<'_>, now: u64) -> anyhow::Result<String> {
        let account_id = text(login.account, "_id").unwrap_or_default();
        let doc = login.user.unwrap_or(login.account);
        let identity = text(doc, "_id").unwrap_or_default();
        let signatory = self.signatory().await?;
        let secret = match text(doc, "pvt_signature_secret") {
            Some(secret) => secret.to_owned(),
            None => self.make_identity_secret(account_id, identity).await?,
        };
        let mut claims = Object::new();
        claims.insert("iss".into(), "kazoo".into());
        claims.insert("identity_sig".into(), token::identity_signature(identity, &secret, &signatory.secret).into());
        claims.insert("account_id".into(), account_id.into());
        if login.user.is_some() {
            claims.insert("owner_id".into(), identity.into());
        }
        claims.insert("method".into(), login.module.name.into());
        if let Some(lifetime) = login.module.lifetime {
            claims.insert("exp".into(), now.saturating_add(lifetime).into());
        }
        // Kazoo has no such claim, and minds none. Without it two sessions begun in one second share a token, and its end.
        claims.insert("jti".into(), id::new_id().into());
        claims.extend(login.claims.clone());
        Ok(signatory.key.sign(&claims)?)
    }

    /// Makes an identity's secret where there is none, in both copies where the identity is the account itself.
    async fn make_identity_secret(&self, account_id: &str, identity: &str) -> anyhow::Result<String> {
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
            must_exist(doc, db, id)?;
            doc.entry("pvt_signature_secret").or_insert_with(|| secret.clone().into());
            Ok(())
        })
        .await?;
        Ok(text(&merged.doc, "pvt_signature_secret").unwrap_or_default().to_owned())
    }

    /// Gives a user, or the account itself where none is named, a new secret: every token of that identity ends.
    pub async fn reset_identity_secret(&self, account_id: &str, user_id: Option<&str>) -> anyhow::Result<()> {
        let secret = id::new_secret(16)?;
        let set = |doc: &mut Object| {
            doc.insert("pvt_signature_secret".into(), secret.as_str().into());
        };
        let Some(user_id) = user_id else {
            return Ok(self.mark_account(account_id, set).await?);
        };
        let Some(db) = names::account_db(account_id) else {
            anyhow::bail!("{account_id} is no account");
        };
        update(self.store.as_ref(), &db, user_id, async |doc: &mut Object| {
            must_exist(doc, &db, user_id)?;
            set(doc);
            Ok::<_, store::Error>(())
        })
        .await?;
        Ok(())
    }
}

fn must_exist(doc: &Object, db: &Db, id: &str) -> Result<(), store::Error> {
    let missing = || store::Error::NotFound { db: db.clone(), id: id.to_owned() };
    doc.contains_key("_rev").then_some(()).ok_or_else(missing)
}
