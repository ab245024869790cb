//! A key pair: signing tokens with the one half, showing the other.

use aws_lc_rs::{
    encoding::AsDer,
    rsa::{KeyPair, KeySize},
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use pem::{EncodeConfig, LineEnding, Pem};
use simple_asn1::ASN1Block;

use crate::store::Object;

/// A key that signs and checks tokens.
pub struct SigningKey {
    id: String,
    fingerprint: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
    public_pem: String,
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

    /// The half that may be shown, as PKCS#1 PEM.
    pub fn public_pem(&self) -> &str {
        &self.public_pem
    }

    /// Reads a private key from PKCS#1 PEM.
    pub(super) fn parse(id: &str, fingerprint: String, pem: &[u8]) -> anyhow::Result<Self> {
        let encoding = EncodingKey::from_rsa_pem(pem)?;
        let der = pem::parse(pem)?;
        let Some(ASN1Block::Sequence(_, numbers)) = simple_asn1::from_der(der.contents())?.into_iter().next() else {
            anyhow::bail!("not an RSA private key");
        };
        let [_, ASN1Block::Integer(_, modulus), ASN1Block::Integer(_, exponent), ..] = numbers.as_slice() else {
            anyhow::bail!("not a PKCS#1 private key");
        };
        let decoding = DecodingKey::from_rsa_raw_components(&modulus.to_bytes_be().1, &exponent.to_bytes_be().1);
        let public = [modulus, exponent].map(|number| ASN1Block::Integer(0, number.clone()));
        let public = simple_asn1::to_der(&ASN1Block::Sequence(0, public.to_vec()))?;
        Ok(Self { id: id.to_owned(), fingerprint, encoding, decoding, public_pem: encode("RSA PUBLIC KEY", public) })
    }
}

/// A new 2048-bit RSA key, as PKCS#1 PEM.
pub(super) fn new_key() -> anyhow::Result<String> {
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| anyhow::anyhow!("no RSA key could be made"))?;
    let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().map_err(|_| anyhow::anyhow!("the RSA key can't be encoded"))?;
    let Some(ASN1Block::Sequence(_, parts)) = simple_asn1::from_der(der.as_ref())?.into_iter().next() else {
        anyhow::bail!("the RSA key isn't PKCS#8");
    };
    let Some(ASN1Block::OctetString(_, pkcs1)) = parts.into_iter().nth(2) else {
        anyhow::bail!("the RSA key isn't PKCS#8");
    };
    Ok(encode("RSA PRIVATE KEY", pkcs1))
}

fn encode(label: &str, der: Vec<u8>) -> String {
    pem::encode_config(&Pem::new(label, der), EncodeConfig::new().set_line_ending(LineEnding::LF))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_new_key_signs_what_it_can_check() {
        let pem = new_key().unwrap();
        assert!(pem.starts_with("-----BEGIN RSA PRIVATE KEY-----\n"));
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
    #[test]
    fn the_public_half_checks_what_the_private_one_signed() {
        let pem = new_key().unwrap();
        let key = SigningKey::parse("0123456789abcdef0123456789abcdef", "f".into(), pem.as_bytes()).unwrap();
        let public = key.public_pem();
        assert!(public.starts_with("-----BEGIN RSA PUBLIC KEY-----\n"), "{public}");
        let signed = key.sign(json!({"iss": "kazoo"}).as_object().unwrap()).unwrap();
        let mut rules = jsonwebtoken::Validation::new(Algorithm::RS256);
        rules.validate_exp = false;
        rules.required_spec_claims.clear();
        let shown = DecodingKey::from_rsa_pem(public.as_bytes()).unwrap();
        assert!(jsonwebtoken::decode::<Value>(&signed, &shown, &rules).is_ok());
    }
}
