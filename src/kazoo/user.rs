//! Users: their names and credentials.

use serde_json::Value;

use super::{
    document::{Object, text},
    password,
    validation::{Detail, Invalid},
};

/// The settings of `crossbar.users` that decide over credentials, with fresh secrets to use where they ask for some.
pub struct Rules<'a> {
    pub generate_username_if_empty: bool,
    pub generate_password_if_empty: bool,
    pub reset_identity_secret_on_rehash: bool,
    /// Random hexadecimal digits, at least 64, for a generated name or password.
    pub random: &'a str,
    /// A new signature secret, should the user need one.
    pub new_secret: &'a str,
}

/// User names are compared and stored in lower case.
pub fn lower_username(data: &mut Object) {
    if let Some(Value::String(name)) = data.get_mut("username") {
        *name = name.to_lowercase();
    }
}

/// Whether the user may be used; one that doesn't say may.
pub fn is_enabled(user: &Object) -> bool {
    user.get("enabled") != Some(&Value::Bool(false))
}

/// Turns the password in a user document into the hashes that logins are held against, by what the stored document (`None` for
/// a new user) had before. Passwords are never stored, in any key.
pub fn set_credentials(doc: &mut Object, stored: Option<&Object>, rules: &Rules<'_>) -> Result<(), Invalid> {
    doc.shift_remove("confirm_password");
    if text(doc, "pvt_signature_secret").is_none() {
        doc.insert("pvt_signature_secret".into(), rules.new_secret.into());
    }
    let given = doc.shift_remove("password").and_then(|value| value.as_str().map(str::to_owned)).filter(|word| !word.is_empty());
    let username = text(doc, "username").filter(|name| !name.is_empty()).map(str::to_owned);
    let before = stored.and_then(|stored| text(stored, "username"));
    let random = |range: std::ops::Range<usize>| rules.random.get(range).unwrap_or_default().to_owned();
    let pair = match (username, given) {
        (Some(name), Some(word)) => Some((name, word)),
        (Some(name), None) if before == Some(name.as_str()) => return Ok(()),
        (Some(name), None) if rules.generate_password_if_empty => Some((name, random(0..64))),
        (Some(name), None) => {
            let message = "The password must be provided when creating / updating the user name";
            return Err(Invalid::one("password", "required", Detail::new(message).cause(name)));
        }
        (None, Some(word)) if rules.generate_username_if_empty => Some((format!("user_{}", random(0..16)), word)),
        (None, Some(_)) => {
            let message = "The username must be provided when updating the password";
            return Err(Invalid::one("username", "required", Detail::new(message)));
        }
        (None, None) if rules.generate_username_if_empty && rules.generate_password_if_empty => {
            Some((format!("user_{}", random(0..16)), random(0..64)))
        }
        (None, None) => None,
    };
    let old = (text(doc, "pvt_md5_auth").map(str::to_owned), text(doc, "pvt_sha1_auth").map(str::to_owned));
    match pair {
        Some((name, word)) => {
            let hashes = password::hashes(&name, &word);
            doc.insert("username".into(), name.into());
            doc.insert("pvt_md5_auth".into(), hashes.md5.into());
            doc.insert("pvt_sha1_auth".into(), hashes.sha1.into());
        }
        None => {
            doc.shift_remove("pvt_md5_auth");
            doc.shift_remove("pvt_sha1_auth");
        }
    }
    let new = (text(doc, "pvt_md5_auth").map(str::to_owned), text(doc, "pvt_sha1_auth").map(str::to_owned));
    if stored.is_some() && old != new && rules.reset_identity_secret_on_rehash {
        doc.insert("pvt_signature_secret".into(), rules.new_secret.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const RANDOM: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn rules() -> Rules<'static> {
        Rules {
            generate_username_if_empty: true,
            generate_password_if_empty: false,
            reset_identity_secret_on_rehash: true,
            random: RANDOM,
            new_secret: "fresh",
        }
    }

    fn object(value: Value) -> Object {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_password_becomes_hashes_and_goes() {
        let mut doc = object(json!({"username": "admin", "password": "secret123", "confirm_password": "secret123"}));
        set_credentials(&mut doc, None, &rules()).unwrap();
        assert_eq!(text(&doc, "pvt_md5_auth"), Some("877e1abb7186483f633da84c6ad65afb"));
        assert_eq!(text(&doc, "pvt_signature_secret"), Some("fresh"));
        assert!(!doc.contains_key("password") && !doc.contains_key("confirm_password"));
    }

    #[test]
    fn a_name_without_a_password_is_refused_unless_it_stays() {
        let mut doc = object(json!({"username": "jane"}));
        let refused = set_credentials(&mut doc.clone(), None, &rules()).unwrap_err();
        assert!(refused.into_data().contains_key("password"));
        let stored = object(json!({"username": "jane", "pvt_md5_auth": "x"}));
        doc.extend(stored.clone());
        set_credentials(&mut doc, Some(&stored), &rules()).unwrap();
        assert_eq!(text(&doc, "pvt_md5_auth"), Some("x"));
    }

    #[test]
    fn a_password_without_a_name_gets_one() {
        let mut doc = object(json!({"password": "word"}));
        set_credentials(&mut doc, None, &rules()).unwrap();
        assert_eq!(text(&doc, "username"), Some("user_0123456789abcdef"));
        assert!(text(&doc, "pvt_sha1_auth").is_some());
    }

    #[test]
    fn a_new_password_ends_the_tokens_issued_before() {
        let stored =
            object(json!({"username": "jane", "pvt_md5_auth": "x", "pvt_sha1_auth": "y", "pvt_signature_secret": "old"}));
        let mut doc = stored.clone();
        doc.insert("password".into(), "new".into());
        set_credentials(&mut doc, Some(&stored), &rules()).unwrap();
        assert_eq!(text(&doc, "pvt_signature_secret"), Some("fresh"));
    }

    #[test]
    fn without_name_and_password_there_is_no_login() {
        let stored = object(json!({"pvt_md5_auth": "x", "pvt_sha1_auth": "y", "pvt_signature_secret": "old"}));
        let mut doc = stored.clone();
        set_credentials(&mut doc, Some(&stored), &rules()).unwrap();
        assert!(!doc.contains_key("pvt_md5_auth") && !doc.contains_key("pvt_sha1_auth"));
    }
}
