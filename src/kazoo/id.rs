//! Ids, and the names of the databases that belong to them.

use std::hash::{BuildHasher, Hasher, RandomState};

use super::{hex, time};

/// A new id for a document, an account or a request: 32 lower-case hexadecimal digits.
pub fn new_id() -> String {
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_err() {
        // An id has to be unique, not unguessable, so that the standard library's own seeds do for it.
        for half in bytes.chunks_exact_mut(8) {
            half.copy_from_slice(&RandomState::new().build_hasher().finish().to_le_bytes());
        }
    }
    hex(&bytes)
}

/// A secret of `bytes` random bytes in lower-case hexadecimal digits (an API key has 32, a signature secret 16).
///
/// The error is the operating system's, which has no randomness to give.
pub fn new_secret(bytes: usize) -> Result<String, getrandom::Error> {
    let mut secret = vec![0; bytes];
    getrandom::fill(&mut secret)?;
    Ok(hex(&secret))
}

/// A code of four digits that somebody types in, from 1000 to 9999. For what is tried once only: there are few of them.
pub fn new_code() -> Result<String, getrandom::Error> {
    Ok((1000 + getrandom::u64()? % 9000).to_string())
}

/// Whether this is an id as Kazoo makes them: 32 lower-case hexadecimal digits.
pub fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// The name of an account's database as CouchDB has it, `account/22/22/2222…`; `None` when this is no account's id.
pub fn account_db(account_id: &str) -> Option<String> {
    named(account_id, "/")
}

/// The name of an account's database as `pvt_account_db` has it, `account%2F22%2F22%2F2222…`.
pub fn account_db_encoded(account_id: &str) -> Option<String> {
    named(account_id, "%2F")
}

/// The id of the account that a database's name belongs to, whichever way its slashes are written.
pub fn of_account_db(name: &str) -> Option<String> {
    let id: String = name.replace("%2F", "/").replace("%2f", "/").strip_prefix("account/")?.replace('/', "");
    is_id(&id).then_some(id)
}

/// The name of an account's database for the month (of UTC) in which the time falls, `account/22/22/2222…-202503`.
pub fn month_db(account_id: &str, unix_seconds: u64) -> Option<String> {
    Some(format!("{}-{}", account_db(account_id)?, time::month(unix_seconds)))
}

fn named(id: &str, slash: &str) -> Option<String> {
    if !is_id(id) {
        return None;
    }
    let (first, rest) = id.split_at_checked(2)?;
    let (second, rest) = rest.split_at_checked(2)?;
    Some(["account", first, second, rest].join(slash))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";

    #[test]
    fn a_new_id_is_an_id_and_another_one_each_time() {
        let (one, other) = (new_id(), new_id());
        assert!(is_id(&one) && is_id(&other), "{one} {other}");
        assert_ne!(one, other);
    }

    #[test]
    fn a_databases_name_says_whose_it_is() {
        assert_eq!(of_account_db(&account_db(ID).unwrap()).as_deref(), Some(ID));
        assert_eq!(of_account_db(&account_db_encoded(ID).unwrap()).as_deref(), Some(ID));
        assert_eq!(of_account_db("accounts"), None);
        assert_eq!(of_account_db("account/22"), None);
    }

    #[test]
    fn a_secret_has_two_digits_a_byte() {
        let secret = new_secret(32).unwrap();
        assert_eq!(secret.len(), 64);
        assert_ne!(secret, new_secret(32).unwrap());
    }

    #[test]
    fn a_code_has_four_digits() {
        for _ in 0..1000 {
            let code = new_code().unwrap();
            assert!(code.len() == 4 && code.parse::<u32>().is_ok_and(|code| code >= 1000), "{code}");
        }
    }

    #[test]
    fn an_id_is_32_lower_case_hexadecimal_digits() {
        assert!(is_id(ID));
        for wrong in [
            "",
            "abc",
            "0A1B2C3D4E5F60718293A4B5C6D7E8F9",
            "0a1b2c3d4e5f60718293a4b5c6d7e8fg",
            &ID[1..],
            "é23456789012345678901234567890ab",
        ] {
            assert!(!is_id(wrong), "{wrong}");
        }
    }

    #[test]
    fn an_accounts_databases_are_named_by_its_id() {
        assert_eq!(account_db(ID).unwrap(), "account/0a/1b/2c3d4e5f60718293a4b5c6d7e8f9");
        assert_eq!(account_db_encoded(ID).unwrap(), "account%2F0a%2F1b%2F2c3d4e5f60718293a4b5c6d7e8f9");
        assert_eq!(month_db(ID, 1_740_787_200).unwrap(), "account/0a/1b/2c3d4e5f60718293a4b5c6d7e8f9-202503");
        assert_eq!(account_db("../../_users"), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_naming_functions_stumble(text in any::<String>(), time in any::<u64>()) {
            prop_assert_eq!(account_db(&text).is_some(), is_id(&text));
            let _ = month_db(&text, time);
        }
    }
}
