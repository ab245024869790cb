//! The conventions of Kazoo's documents: private and public members, bookkeeping, merging.

use serde_json::{Map, Value};

/// A JSON object: a document, or a part of one.
pub type Object = Map<String, Value>;

/// Seconds from the year 0 to 1970; Kazoo counts in gregorian seconds.
const GREGORIAN_EPOCH: u64 = 62_167_219_200;

/// A Unix time in gregorian seconds, as `pvt_created` and its like have it.
pub fn gregorian(unix_seconds: u64) -> u64 {
    unix_seconds.saturating_add(GREGORIAN_EPOCH)
}

/// A time in gregorian seconds as a Unix time; `None` before 1970.
pub fn unix(gregorian_seconds: u64) -> Option<u64> {
    gregorian_seconds.checked_sub(GREGORIAN_EPOCH)
}

/// Whether a top-level key is private: written by the system and never shown. Nested keys are always public.
pub fn is_private(key: &str) -> bool {
    key.starts_with('_') || key.starts_with("pvt_")
}

/// Whether a top-level key holds what somebody logs in with or signs with: nobody may so much as compare it.
pub fn is_secret(key: &str) -> bool {
    const SECRETS: [&str; 9] = [
        "pvt_md5_auth",
        "pvt_sha1_auth",
        "pvt_signature_secret",
        "pvt_api_key",
        "pvt_cpaas_token",
        "pvt_code",
        "password",
        "confirm_password",
        "credentials",
    ];
    SECRETS.contains(&key)
}

/// Drops the private members.
pub fn strip_private(doc: &mut Object) {
    doc.retain(|key, _| !is_private(key));
}

/// The document as clients see it: its public members, and its id as the last, as `id`.
pub fn public(doc: &Object) -> Object {
    let id = ["_id", "id", "ID"].iter().find_map(|key| doc.get(*key));
    let shown = doc.iter().filter(|(key, _)| !is_private(key) && *key != "id");
    let mut public: Object = shown.map(|(key, value)| (key.clone(), value.clone())).collect();
    if let Some(id) = id {
        public.insert("id".into(), id.clone());
    }
    public
}

/// What 5.4 tells of a document beside its public members.
pub fn metadata(doc: &Object) -> Object {
    let told = [("id", "_id"), ("created", "pvt_created"), ("modified", "pvt_modified")];
    told.into_iter().filter_map(|(name, key)| Some((name.to_owned(), doc.get(key)?.clone()))).collect()
}

/// Merges `patch` into `base`, member by member and at any depth: `null` removes, a list takes the place of what was
/// there, and so does an empty object. Whether private members may be among them is the caller's affair.
pub fn merge(base: &mut Object, patch: &Object) {
    // All at once: an object closes its ranks at each removal, which takes the longer the larger it is.
    if patch.values().any(Value::is_null) {
        base.retain(|key, _| patch.get(key).is_none_or(|value| !value.is_null()));
    }
    for (key, value) in patch {
        match (base.get_mut(key), value) {
            (_, Value::Null) => {}
            (Some(Value::Object(old)), Value::Object(new)) if !new.is_empty() => merge(old, new),
            (Some(old), new) => *old = without_nulls(new),
            (None, new) => {
                base.insert(key.clone(), without_nulls(new));
            }
        }
    }
}

/// What remains of a patch where there is nothing to remove from.
fn without_nulls(patch: &Value) -> Value {
    match patch {
        Value::Object(patch) => {
            let mut kept = Object::new();
            merge(&mut kept, patch);
            Value::Object(kept)
        }
        other => other.clone(),
    }
}

/// Whether a member is true, or the text `true`.
pub fn flag(doc: &Object, key: &str) -> bool {
    doc.get(key).is_some_and(is_true)
}

/// Whether a value is true in Kazoo's sense: the boolean, or the text.
pub fn is_true(value: &Value) -> bool {
    value == &Value::Bool(true) || value == "true"
}

/// A member that is text.
pub fn text<'a>(doc: &'a Object, key: &str) -> Option<&'a str> {
    doc.get(key).and_then(Value::as_str)
}

/// The document's `_id`.
pub fn id(doc: &Object) -> Option<&str> {
    text(doc, "_id")
}

/// Whether the document has been deleted softly: it remains, and everyone passes over it.
pub fn is_soft_deleted(doc: &Object) -> bool {
    flag(doc, "pvt_deleted")
}

/// Deletes the document softly.
pub fn soft_delete(doc: &mut Object) {
    doc.insert("pvt_deleted".into(), true.into());
}

/// A name as `pvt_alphanum_name` has it: in lower case, and only what is in `a-z` and `0-9`.
pub fn alphanum(name: &str) -> String {
    name.to_lowercase().chars().filter(|c| matches!(c, 'a'..='z' | '0'..='9')).collect()
}

/// Who a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Author<'a> {
    pub account_id: &'a str,
    /// Absent for an account's API key.
    pub user_id: Option<&'a str>,
}

/// What a save leaves on a document.
#[derive(Clone, Copy, Debug)]
pub struct Stamp<'a> {
    /// Gregorian seconds.
    pub now: u64,
    pub request_id: &'a str,
    /// `None` for a request without credentials.
    pub author: Option<Author<'a>>,
    /// Who is behind the author while an administrator acts as somebody else.
    pub original: Option<Author<'a>>,
    pub account_id: Option<&'a str>,
    /// The database that is written to, with its slashes encoded.
    pub account_db: Option<&'a str>,
}

/// Writes the bookkeeping of a save that a request asked for; `_id` and `pvt_type` are the caller's to set.
pub fn stamp(doc: &mut Object, stamp: &Stamp<'_>) {
    let missing = [("pvt_vsn", Some("1")), ("pvt_account_id", stamp.account_id), ("pvt_account_db", stamp.account_db)];
    for (key, value) in missing {
        if let Some(value) = value {
            doc.entry(key).or_insert_with(|| value.into());
        }
    }
    if !doc.contains_key("_rev") {
        doc.insert("pvt_created".into(), stamp.now.into());
    }
    doc.insert("pvt_modified".into(), stamp.now.into());
    doc.insert("pvt_request_id".into(), stamp.request_id.into());
    doc.insert("pvt_is_authenticated".into(), stamp.author.is_some().into());
    let authors = [
        ("pvt_auth_account_id", stamp.author.map(|author| author.account_id)),
        ("pvt_auth_user_id", stamp.author.and_then(|author| author.user_id)),
        ("pvt_original_auth_account_id", stamp.original.map(|author| author.account_id)),
        ("pvt_original_auth_owner_id", stamp.original.and_then(|author| author.user_id)),
    ];
    for (key, value) in authors {
        // They tell of this save; what an earlier one left would tell a lie.
        match value {
            Some(value) => doc.insert(key.into(), value.into()),
            None => doc.shift_remove(key),
        };
    }
    if let Some(name) = name(doc) {
        doc.insert("pvt_alphanum_name".into(), alphanum(&name).into());
    }
}

fn name(doc: &Object) -> Option<String> {
    let name = text(doc, "name").map(str::to_owned);
    name.or_else(|| match (text(doc, "pvt_type"), text(doc, "first_name"), text(doc, "last_name")) {
        (Some("user"), None, None) => None,
        (Some("user"), first, last) => Some(first.unwrap_or_default().to_owned() + last.unwrap_or_default()),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
