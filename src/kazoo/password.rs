//! Credentials as Kazoo stores them, and comparing them without telling how far a guess was right.

use md5::Md5;
use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;

use super::hex;

/// What a user document keeps of a password: `pvt_md5_auth` and `pvt_sha1_auth`, lower-case hexadecimal digits.
///
/// They are weak, but Kazoo reads and writes the same documents and knows no others.
#[derive(Clone, PartialEq, Eq)]
pub struct Hashes {
    pub md5: String,
    pub sha1: String,
}

/// Hashes of `username:password`; the user name counts in lower case, the password as it is.
pub fn hashes(username: &str, password: &str) -> Hashes {
    let credentials = format!("{}:{password}", username.to_lowercase());
    Hashes { md5: hex(&Md5::digest(&credentials)), sha1: hex(&Sha1::digest(&credentials)) }
}

/// Whether two secrets are the same, in a time that depends on their lengths only.
pub fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// Hashes never show in a log.
impl std::fmt::Debug for Hashes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hashes(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_hashed_as_kazoo_hashes_them() {
        let hashes = hashes("admin", "secret123");
        assert_eq!(hashes.md5, "877e1abb7186483f633da84c6ad65afb");
        assert_eq!(hashes.sha1, "3ffd8c55b789582b4cdb71d2398744ef3f0fb52e");
    }

    #[test]
    fn the_case_of_the_user_name_does_not_count_and_that_of_the_password_does() {
        assert_eq!(hashes("Jane@Example.org", "s3cret-Horse"), hashes("jane@example.org", "s3cret-Horse"));
        assert_ne!(hashes("jane@example.org", "s3cret-horse"), hashes("jane@example.org", "s3cret-Horse"));
    }

    #[test]
    fn only_equal_secrets_are_the_same() {
        assert!(same("877e1abb", "877e1abb"));
        assert!(!same("877e1abb", "877e1abc"));
        assert!(!same("877e1abb", "877e1ab"));
        assert!(!same("", "a") && same("", ""));
    }

    #[test]
    fn hashes_do_not_show_in_a_log() {
        assert_eq!(format!("{:?}", hashes("admin", "secret123")), "Hashes(…)");
    }
}
