//! What somebody proves himself by: tokens and access codes. Only their hashes are ever stored.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;

use crate::kazoo::{hex, id};

/// Random bytes of a token or code: 256 bits.
const BYTES: usize = 32;

/// What is stored of a secret.
pub fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret))
}

/// A new secret, 64 hexadecimal digits. The error is the operating system's, which has no randomness to give.
pub fn new() -> Result<String, getrandom::Error> {
    id::new_secret(BYTES)
}

/// Whether a secret is the one whose hash this is; takes as long whichever it is.
pub fn is(secret: &str, hashed: &str) -> bool {
    hash(secret).as_bytes().ct_eq(hashed.as_bytes()).into()
}

/// A token that says whose it is, so that it's found without a search: `OWNER.SECRET`.
pub fn owned(owner: &str, secret: &str) -> String {
    format!("{owner}.{secret}")
}

/// Owner and secret of such a token; `None` when it can't be one.
pub fn parts(token: &str) -> Option<(&str, &str)> {
    let (owner, secret) = token.split_once('.')?;
    let is_plain =
        |text: &str| !text.is_empty() && text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (is_plain(owner) && is_plain(secret)).then_some((owner, secret))
}

/// An access code as somebody pasted it: white space around it or in it doesn't count.
pub fn pasted(code: &str) -> String {
    code.chars().filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_256_bits_and_is_known_by_its_hash_only() {
        let secret = new().unwrap();
        assert_eq!(secret.len(), 64);
        assert_ne!(hash(&secret), secret);
        assert!(is(&secret, &hash(&secret)));
        assert!(!is("another", &hash(&secret)));
    }

    #[test]
    fn a_token_says_whose_it_is() {
        assert_eq!(parts(&owned("abc", "123")), Some(("abc", "123")));
        for wrong in ["", "abc", ".123", "abc.", "a/b.c", "a.b.c"] {
            assert_eq!(parts(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_pasted_code_may_have_line_breaks() {
        assert_eq!(pasted("  ab\ncd \r\n"), "abcd");
    }
}
