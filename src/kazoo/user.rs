//! Users: their names and credentials.

use serde_json::Value;

use super::{
    document::{self, Object, text},
    password,
    validation::{Detail, Invalid},
};

/// What clients send to be turned into hashes, and is never stored.
const SENT: [&str; 3] = ["password", "confirm_password", "credentials"];
/// What tells Kazoo to bring the user's devices up to date; it's no part of the user.
const SYNC: &str = "sync";

/// The settings of `crossbar.users` that decide over credentials, with fresh secrets to use where they ask for some.
pub struct Rules<'a> {
    pub generate_username_if_empty: bool,
    pub generate_password_if_empty: bool,
    pub reset_identity_secret_on_rehash: bool,
    /// Random hexadecimal digits, at least 64, for a generated name or password.
    pub random: &'a str,
    /// A new signature secret, should the user need one.
    pub new_secret: &'a str,
    /// Gregorian seconds.
    pub now: u64,
}

/// A user as clients see it.
pub fn public(user: &Object) -> Object {
    let mut public = document::public(user);
    public.retain(|key, _| !document::is_secret(key));
    public
}

/// Whether these members ask for something for their user that no other user of the account may have, and that the stored user
/// doesn't have yet: a name, or a hotdesk id.
pub fn wants_new_name(data: &Object, stored: Option<&Object>) -> bool {
    let differs = |of: fn(&Object) -> Option<String>| of(data).is_some_and(|name| stored.and_then(of).as_ref() != Some(&name));
    differs(username) || differs(hotdesk_id)
}

/// The user's name as it's compared.
pub fn username(user: &Object) -> Option<String> {
    text(user, "username").filter(|name| !name.is_empty()).map(str::to_lowercase)
}

/// What the user types in at somebody else's phone.
pub fn hotdesk_id(user: &Object) -> Option<String> {
    user.get("hotdesk")?.get("id")?.as_str().filter(|id| !id.is_empty()).map(str::to_owned)
}

/// What 5.4 tells about the age of the user's password. `lasts` is how long a password is good, in seconds; `None`: for ever.
/// Where passwords expire, one of unknown age has expired.
pub fn password_age(user: &Object, lasts: Option<u64>, now: u64) -> Object {
    let set = user.get("pvt_password_timestamp").and_then(Value::as_u64);
    let expires = lasts.zip(set).map(|(lasts, set)| set.saturating_add(lasts));
    let mut age = Object::new();
    age.extend(expires.map(|at| ("password_expiration_timestamp".to_owned(), at.into())));
    age.insert("is_password_expired".into(), (lasts.is_some() && expires.is_none_or(|at| at <= now)).into());
    age
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
///
/// Instead of a password, its MD5 hash may come as `credentials`, from whoever brings users along from another system.
pub fn set_credentials(doc: &mut Object, stored: Option<&Object>, rules: &Rules<'_>) -> Result<(), Invalid> {
    doc.shift_remove(SYNC);
    let [given, _, imported] = SENT.map(|key| doc.shift_remove(key));
    if text(doc, "pvt_signature_secret").is_none() {
        doc.insert("pvt_signature_secret".into(), rules.new_secret.into());
    }
    let given = given.and_then(|value| value.as_str().map(str::to_owned)).filter(|word| !word.is_empty());
    let imported = imported.filter(|value| !value.is_null() && given.is_none()).map(imported_hash).transpose()?;
    let username = text(doc, "username").filter(|name| !name.is_empty()).map(str::to_owned);
    let before = stored.and_then(|stored| text(stored, "username"));
    let random = |range: std::ops::Range<usize>| rules.random.get(range).unwrap_or_default().to_owned();
    let hashed = |name: &str, word: &str| Some(Credentials::of(name, word));
    let credentials = match (username, given, imported) {
        (Some(name), Some(word), _) => hashed(&name, &word),
        (Some(name), None, Some(md5)) => Some(Credentials { username: name, md5, sha1: None }),
        (Some(name), None, None) if before == Some(name.as_str()) => return Ok(()),
        (Some(name), None, None) if rules.generate_password_if_empty => hashed(&name, &random(0..64)),
        (Some(name), None, None) => {
            let message = "The password must be provided when creating / updating the user name";
            return Err(Invalid::one("password", "required", Detail::new(message).cause(name)));
        }
        (None, Some(word), _) if rules.generate_username_if_empty => hashed(&format!("user_{}", random(0..16)), &word),
        (None, Some(_), _) | (None, None, Some(_)) => {
            let message = "The username must be provided when updating the password";
            return Err(Invalid::one("username", "required", Detail::new(message)));
        }
        (None, None, None) if rules.generate_username_if_empty && rules.generate_password_if_empty => {
            hashed(&format!("user_{}", random(0..16)), &random(0..64))
        }
        (None, None, None) => None,
    };
    let hashes = |doc: &Object| HASHES.map(|key| text(doc, key).map(str::to_owned));
    let old = hashes(doc);
    for key in HASHES {
        doc.shift_remove(key);
    }
    if let Some(Credentials { username, md5, sha1 }) = credentials {
        doc.insert("username".into(), username.into());
        doc.insert("pvt_md5_auth".into(), md5.into());
        doc.extend(sha1.map(|sha1| ("pvt_sha1_auth".to_owned(), sha1.into())));
    }
    if old != hashes(doc) {
        doc.insert("pvt_password_timestamp".into(), rules.now.into());
        if stored.is_some() && rules.reset_identity_secret_on_rehash {
            doc.insert("pvt_signature_secret".into(), rules.new_secret.into());
        }
    }
    Ok(())
}

const HASHES: [&str; 2] = ["pvt_md5_auth", "pvt_sha1_auth"];

/// A login as it's stored.
struct Credentials {
    username: String,
    md5: String,
    /// Unknown of a hash that was brought along.
    sha1: Option<String>,
}

impl Credentials {
    fn of(username: &str, password: &str) -> Self {
        let hashes = password::hashes(username, password);
        Self { username: username.to_owned(), md5: hashes.md5, sha1: Some(hashes.sha1) }
    }
}

/// An MD5 hash that came as `credentials`. What was sent isn't repeated: it may be a password.
fn imported_hash(value: Value) -> Result<String, Invalid> {
    let hash = value.as_str().filter(|hash| hash.len() == 32 && hash.bytes().all(|b| b.is_ascii_hexdigit()));
    let wrong = || Invalid::one("credentials", "wrong_format", "Credentials must be an MD5 hash of 32 hexadecimal digits");
    hash.map(str::to_lowercase).ok_or_else(wrong)
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
            now: 63_900_000_000,
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

    #[test]
    fn a_hash_can_be_brought_along_instead_of_a_password() {
        let md5 = "877E1ABB7186483F633DA84C6AD65AFB";
        let stored =
            object(json!({"username": "admin", "pvt_md5_auth": "x", "pvt_sha1_auth": "y", "pvt_signature_secret": "old"}));
        let mut doc = stored.clone();
        doc.insert("credentials".into(), md5.into());
        set_credentials(&mut doc, Some(&stored), &rules()).unwrap();
        assert_eq!(text(&doc, "pvt_md5_auth"), Some(md5.to_lowercase().as_str()));
        assert_eq!(text(&doc, "pvt_signature_secret"), Some("fresh"));
        assert!(!doc.contains_key("pvt_sha1_auth") && !doc.contains_key("credentials"));
    }

    #[test]
    fn what_is_no_hash_is_refused_and_not_repeated() {
        for wrong in [json!("pa55word"), json!({"md5": "x"}), json!(7), json!("z".repeat(32)), json!("")] {
            let mut doc = object(json!({"username": "admin", "credentials": wrong}));
            let refused = set_credentials(&mut doc, None, &rules()).unwrap_err();
            assert_eq!(refused.into_data()["credentials"]["wrong_format"].as_object().unwrap().len(), 1, "{wrong}");
        }
        // Nobody can log in with a hash alone.
        let mut doc = object(json!({"credentials": "877e1abb7186483f633da84c6ad65afb"}));
        assert!(set_credentials(&mut doc, None, &rules()).unwrap_err().into_data().contains_key("username"));
    }

    #[test]
    fn a_user_is_shown_without_secrets() {
        let user = object(json!({
            "_id": "1", "username": "jane", "password": "a", "confirm_password": "b", "credentials": "c",
            "pvt_md5_auth": "d", "pvt_sha1_auth": "e", "pvt_signature_secret": "f",
        }));
        assert_eq!(Value::Object(public(&user)), json!({"username": "jane", "id": "1"}));
    }

    #[test]
    fn only_names_that_the_user_did_not_have_are_new() {
        let stored = object(json!({"username": "jane", "hotdesk": {"id": "9001"}}));
        assert!(wants_new_name(&stored, None));
        assert!(wants_new_name(&object(json!({"username": "JANE", "hotdesk": {"id": "9002"}})), Some(&stored)));
        assert!(wants_new_name(&object(json!({"username": "paul"})), Some(&stored)));
        assert!(!wants_new_name(&object(json!({"username": "JANE", "hotdesk": {"id": "9001"}})), Some(&stored)));
        for nothing in [json!({}), json!({"username": ""}), json!({"username": 7, "hotdesk": []}), json!({"hotdesk": {"id": 9}})]
        {
            assert!(!wants_new_name(&object(nothing.clone()), None), "{nothing}");
        }
    }

    #[test]
    fn a_passwords_age_counts_from_the_day_it_was_set() {
        let known = object(json!({"pvt_password_timestamp": 1000}));
        let at = |user: &Object, lasts, now| Value::Object(password_age(user, lasts, now));
        assert_eq!(at(&known, Some(50), 1049), json!({"password_expiration_timestamp": 1050, "is_password_expired": false}));
        assert_eq!(at(&known, Some(50), 1050), json!({"password_expiration_timestamp": 1050, "is_password_expired": true}));
        assert_eq!(at(&known, None, 9999), json!({"is_password_expired": false}));
        assert_eq!(at(&Object::new(), Some(50), 0), json!({"is_password_expired": true}));
        assert_eq!(at(&known, Some(u64::MAX), 9)["is_password_expired"], false);
    }
}
