//! `system_config`: settings, a document a category.

use serde_json::{Value, json};

use super::{Platform, found, names::SYSTEM_CONFIG, unix_now};
use crate::{
    kazoo::document::gregorian,
    store::{self, Document, Object, update},
};

/// A category's settings as they stand in the store. Only the section `default` counts: the others belong to Kazoo's own
/// nodes and zones.
pub struct Settings(Option<Document>);

impl Settings {
    /// A setting; keys of nested objects are given by a dotted path.
    pub fn get(&self, path: &str) -> Option<&Value> {
        value_at(self.0.as_deref()?.get("default")?.as_object()?, path)
    }

    pub fn text(&self, path: &str) -> Option<&str> {
        self.get(path).and_then(Value::as_str)
    }

    /// A whole number, which may also be written as text.
    pub fn number(&self, path: &str) -> Option<u64> {
        match self.get(path)? {
            Value::String(text) => text.parse().ok(),
            number => number.as_u64(),
        }
    }

    /// A switch, which may also be written as text.
    pub fn flag(&self, path: &str) -> Option<bool> {
        match self.get(path)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }
}

impl Platform {
    /// The settings of a category; empty when there is no document.
    pub async fn settings(&self, category: &str) -> Result<Settings, store::Error> {
        Ok(Settings(found(self.store.get(&SYSTEM_CONFIG, category).await)?))
    }

    /// Sets a setting in the section `default`; `path` may be dotted. Returns whether anything changed.
    pub async fn set_setting(&self, category: &str, path: &str, value: Value) -> Result<bool, store::Error> {
        self.edit_settings(category, |default| {
            put_path(default, path, value.clone());
        })
        .await
    }

    /// Sets a setting unless it's there, and returns what it is afterwards: of several that do this at once one wins.
    pub async fn ensure_setting(&self, category: &str, key: &str, value: Value) -> Result<Value, store::Error> {
        let mut settled = Value::Null;
        self.edit_settings(category, |default| {
            settled = default.entry(key).or_insert_with(|| value.clone()).clone();
        })
        .await?;
        Ok(settled)
    }

    /// An account's own settings of a category, the document as it stands; `None` when it has none.
    pub async fn account_settings(&self, account_id: &str, category: &str) -> Result<Option<Document>, store::Error> {
        self.account_doc(account_id, &format!("configs_{category}")).await
    }

    /// Sets a setting of an account; `path` may be dotted.
    pub async fn set_account_setting(
        &self,
        account_id: &str,
        category: &str,
        path: &str,
        value: Value,
    ) -> Result<(), store::Error> {
        let id = format!("configs_{category}");
        let no_account = || store::Error::NotFound { db: SYSTEM_CONFIG.clone(), id: id.clone() };
        let db = super::names::account_db(account_id).ok_or_else(no_account)?;
        let now = gregorian(unix_now());
        update(self.store.as_ref(), &db, &id, async |doc: &mut Object| {
            put_path(doc, path, value.clone());
            doc.entry("pvt_type").or_insert_with(|| "account_config".into());
            doc.entry("pvt_account_id").or_insert_with(|| account_id.into());
            doc.entry("pvt_account_db").or_insert_with(|| crate::kazoo::id::account_db_encoded(account_id).into());
            doc.entry("pvt_created").or_insert_with(|| now.into());
            doc.insert("pvt_modified".into(), now.into());
            Ok::<_, store::Error>(())
        })
        .await?;
        Ok(())
    }

    async fn edit_settings(&self, category: &str, mut edit: impl FnMut(&mut Object)) -> Result<bool, store::Error> {
        let merged = update(self.store.as_ref(), &SYSTEM_CONFIG, category, async |doc: &mut Object| {
            let before = doc.get("default").cloned();
            if !doc.get("default").is_some_and(Value::is_object) {
                doc.insert("default".into(), json!({}));
            }
            if let Some(Value::Object(default)) = doc.get_mut("default") {
                edit(default);
            }
            if doc.get("default") != before.as_ref() {
                for (key, value) in
                    [("pvt_type", "config"), ("pvt_account_id", "system_config"), ("pvt_account_db", "system_config")]
                {
                    doc.entry(key).or_insert_with(|| value.into());
                }
                doc.entry("pvt_created").or_insert_with(|| gregorian(unix_now()).into());
                doc.insert("pvt_modified".into(), gregorian(unix_now()).into());
            }
            Ok::<_, store::Error>(())
        })
        .await?;
        Ok(merged.changed)
    }
}

/// A member, or what a dotted path leads to.
pub fn value_at<'a>(object: &'a Object, path: &str) -> Option<&'a Value> {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    let deep = || rest.split('.').try_fold(object.get(first)?, |value, key| value.get(key));
    object.get(path).or_else(deep)
}

/// Puts a value at a dotted path, making objects on the way.
fn put_path(object: &mut Object, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            object.insert(path.to_owned(), value);
        }
        Some((key, rest)) => {
            let inner = object.entry(key).or_insert_with(|| json!({}));
            if !inner.is_object() {
                *inner = json!({});
            }
            if let Value::Object(inner) = inner {
                put_path(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_found_under_its_key_or_by_a_path() {
        let doc = json!({"default": {"port": 8000, "a.b": 1, "on": "true", "auth": {"cb": {"enabled": false}}}});
        let settings = Settings(doc.as_object().cloned().map(Document::new));
        assert_eq!(settings.number("port"), Some(8000));
        assert_eq!(settings.number("a.b"), Some(1));
        assert_eq!(settings.flag("auth.cb.enabled"), Some(false));
        assert_eq!(settings.flag("on"), Some(true));
        assert_eq!(settings.get("nosuch.key"), None);
    }

    #[test]
    fn a_path_makes_the_objects_it_needs() {
        let mut object = json!({"a": 1}).as_object().cloned().unwrap();
        put_path(&mut object, "a.b.c", json!(2));
        put_path(&mut object, "d", json!(3));
        assert_eq!(Value::Object(object), json!({"a": {"b": {"c": 2}}, "d": 3}));
    }
}
