//! The keys that sign tokens, where Kazoo keeps them: an RSA key as an attachment of a document in `system_auth`, and a secret
//! in `system_config/auth`. Whichever of Kazoo and Storefront is first makes them.

use anyhow::Context as _;
use aws_lc_rs::{
    encoding::AsDer,
    rsa::{KeyPair, KeySize},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use futures_util::TryStreamExt;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde_json::{Value, json};
use simple_asn1::ASN1Block;

use super::{Platform, found, names::SYSTEM_AUTH, unix_now};
use crate::{
    kazoo::{
        document::{gregorian, is_soft_deleted, text},
        id,
    },
    store::{self, Document, Error, Object},
};

const ATTACHMENT: &str = "private_key.pem";
/// A key's PEM is under two kilobytes.
const LONGEST_PEM: usize = 64 * 1024;

/// A key that signs and checks tokens.
pub struct SigningKey {
    id: String,
    fingerprint: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl SigningKey {
    /// The `kid` of tokens that it signs.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What tells it from another key under the same id.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// A token with these claims.
    pub fn sign(&self, claims: &Object) -> Result<String, jsonwebtoken::errors::Error> {
        let header = Header { kid: Some(self.id.clone()), ..Header::new(Algorithm::RS256) };
        jsonwebtoken::encode(&header, claims, &self.encoding)
    }

    pub fn decoding(&self) -> &DecodingKey {
        &self.decoding
    }

    fn parse(id: &str, fingerprint: String, pem: &[u8]) -> anyhow::Result<Self> {
        let encoding = EncodingKey::from_rsa_pem(pem)?;
        let der = pem::parse(pem)?;
        let Some(ASN1Block::Sequence(_, numbers)) = simple_asn1::from_der(der.contents())?.into_iter().next() else {
            anyhow::bail!("not an RSA private key");
        };
        let [_, ASN1Block::Integer(_, modulus), ASN1Block::Integer(_, exponent), ..] = numbers.as_slice() else {
            anyhow::bail!("not a PKCS#1 private key");
        };
        let decoding = DecodingKey::from_rsa_raw_components(&modulus.to_bytes_be().1, &exponent.to_bytes_be().1);
        Ok(Self { id: id.to_owned(), fingerprint, encoding, decoding })
    }
}

impl Platform {
    /// The key of a token's `kid`; `None` when there is none. An unknown `kid` makes nothing.
    pub async fn verifying_key(&self, kid: &str) -> Result<Option<std::sync::Arc<SigningKey>>, Error> {
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

    async fn load_key(&self, kid: &str, digest: &str, doc: &Document) -> Result<std::sync::Arc<SigningKey>, Error> {
        let fingerprint = format!("{digest} {}", text(doc, "_rev").unwrap_or_default());
        if let Some(key) = self.parsed_keys.get(kid).filter(|key| key.fingerprint == fingerprint) {
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
        let key = std::sync::Arc::new(key);
        self.parsed_keys.insert(kid.to_owned(), key.clone());
        Ok(key)
    }

    /// The key that new tokens are signed with.
    pub async fn signing_key(&self) -> anyhow::Result<std::sync::Arc<SigningKey>> {
        let settings = self.settings("auth").await?;
        let kid = settings.text("system_key").context("system_config/auth names no system_key")?;
        self.verifying_key(kid).await?.with_context(|| format!("system_auth has no key {kid}"))
    }

    /// The system's half of the secret that identities are signed with; `None` before it's made.
    pub async fn token_secret(&self) -> Result<Option<String>, Error> {
        Ok(self.settings("auth").await?.text("secret_for_user_signature").map(str::to_owned))
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
            "_attachments": {
                ATTACHMENT: { "content_type": "application/x-pem-file", "data": BASE64_STANDARD.encode(new_key()?) }
            },
        });
        match self.store.put(&SYSTEM_AUTH, doc.as_object().context("a document")?).await {
            // Another process was faster; its key is as good.
            Ok(_) | Err(store::Error::Conflict { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// A new 2048-bit RSA key, as PKCS#1 PEM.
fn new_key() -> anyhow::Result<String> {
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| anyhow::anyhow!("no RSA key could be made"))?;
    let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().map_err(|_| anyhow::anyhow!("the RSA key can't be encoded"))?;
    let Some(ASN1Block::Sequence(_, parts)) = simple_asn1::from_der(der.as_ref())?.into_iter().next() else {
        anyhow::bail!("the RSA key isn't PKCS#8");
    };
    let Some(ASN1Block::OctetString(_, pkcs1)) = parts.into_iter().nth(2) else {
        anyhow::bail!("the RSA key isn't PKCS#8");
    };
    Ok(pem::encode(&pem::Pem::new("RSA PRIVATE KEY", pkcs1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_signs_what_it_can_check() {
        let pem = new_key().unwrap();
        assert!(pem.starts_with("-----BEGIN RSA PRIVATE KEY-----"));
        let key = SigningKey::parse("0123456789abcdef0123456789abcdef", "f".into(), pem.as_bytes()).unwrap();
        let claims = json!({"iss": "kazoo", "account_id": "a"});
        let signed = key.sign(claims.as_object().unwrap()).unwrap();
        let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
        rules.validate_exp = false;
        rules.required_spec_claims.clear();
        let read = jsonwebtoken::decode::<Value>(&signed, key.decoding(), &rules).unwrap();
        assert_eq!(read.claims, claims);
        assert_eq!(read.header.kid.as_deref(), Some(key.id()));
        assert!(jsonwebtoken::decode::<Value>(&format!("{signed}x"), key.decoding(), &rules).is_err());
    }
}
