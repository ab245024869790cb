//! Settings, a document a category: the system's in `system_config`, and what accounts have of their own.

use futures_util::future::{try_join, try_join_all};
use serde_json::{Value, json};

use super::{Platform, found, names::SYSTEM_CONFIG, unix_now};
use crate::{
    kazoo::{
        account,
        document::{self, gregorian},
    },
    store::{self, Document, Merged, Object, update},
};

/// A category's settings as they stand in the store. Only the section `default` counts: the others belong to Kazoo's own
/// nodes and zones.
#[derive(Clone, Default)]
pub struct Settings(Option<Document>);

impl Settings {
    /// Settings as if they had been read.
    #[cfg(test)]
    pub fn given(default: Value) -> Self {
        let doc = json!({ "default": default });
        Self(doc.as_object().cloned().map(Document::new))
    }

    /// A setting; keys of nested objects are given by a dotted path.
    pub fn get(&self, path: &str) -> Option<&Value> {
        value_at(self.all()?.as_object()?, path)
    }

    /// All settings of the category.
    pub fn all(&self) -> Option<&Value> {
        self.0.as_deref()?.get("default")
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

/// A category's settings for an account: its own (a document `configs_{category}` of its database) count before those of the
/// accounts above it, the nearest first, and these before the system's.
pub struct AccountSettings {
    /// The account's and those of the accounts above it; `None` for each that has none.
    own: Vec<Option<Document>>,
    system: Settings,
}

impl AccountSettings {
    /// A setting, by its dotted path.
    pub fn get(&self, path: &str) -> Option<&Value> {
        self.own().flatten().find_map(|settings| value_at(settings, path)).or_else(|| self.system.get(path))
    }

    /// What the accounts themselves say: the account first, then those above it, the nearest first.
    pub fn own(&self) -> impl Iterator<Item = Option<&Object>> {
        self.own.iter().map(|doc| doc.as_deref())
    }

    /// What holds for all accounts.
    pub fn system(&self) -> &Settings {
        &self.system
    }

    /// Settings as if they had been read: those of accounts, the nearest first, and the system's.
    #[cfg(test)]
    pub fn layered(own: &[Value], system: &Value) -> Self {
        let doc = |value: &Value| value.as_object().cloned().map(Document::new);
        Self { own: own.iter().map(doc).collect(), system: Settings::given(system.clone()) }
    }
}

impl Platform {
    /// The settings of a category; empty when there is no document.
    pub async fn settings(&self, category: &str) -> Result<Settings, store::Error> {
        Ok(Settings(found(self.store.get(&SYSTEM_CONFIG, category).await)?))
    }

    /// The settings of several categories, read at once.
    pub async fn settings_of<const N: usize>(&self, categories: [&str; N]) -> Result<[Settings; N], store::Error> {
        let docs = found(self.store.get_many(&SYSTEM_CONFIG, &categories).await)?;
        let mut docs = docs.into_iter().flatten();
        Ok(categories.map(|_| Settings(docs.next().flatten())))
    }

    /// The settings of a category as they are for an account.
    pub async fn account_settings(&self, account: &Object, category: &str) -> Result<AccountSettings, store::Error> {
        let id = format!("configs_{category}");
        let accounts = document::id(account).into_iter().chain(account::tree(account).rev());
        let own = try_join_all(accounts.map(|account_id| self.account_doc(account_id, &id)));
        let (own, system) = try_join(own, self.settings(category)).await?;
        let own = own.into_iter().map(|doc| doc.filter(|doc| !document::is_soft_deleted(doc))).collect();
        Ok(AccountSettings { own, system })
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
    pub async fn own_settings(&self, account_id: &str, category: &str) -> Result<Option<Document>, store::Error> {
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
        let merged = self.edit_category(category, |doc| {
            if !doc.get("default").is_some_and(Value::is_object) {
                doc.insert("default".into(), json!({}));
            }
            if let Some(Value::Object(default)) = doc.get_mut("default") {
                edit(default);
            }
        });
        Ok(merged.await?.changed)
    }

    /// Merges into the document of a category.
    pub(super) async fn edit_category(&self, category: &str, mut edit: impl FnMut(&mut Object)) -> Result<Merged, store::Error> {
        update(self.store.as_ref(), &SYSTEM_CONFIG, category, async |doc: &mut Object| {
            let before = doc.clone();
            edit(doc);
            if *doc != before {
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
        .await
    }
}

/// The value at a dotted path, or under a key that is written like one.
pub fn value_at<'a>(object: &'a Object, path: &str) -> Option<&'a Value> {
    object.get(path).or_else(|| {
        let (first, rest) = path.split_once('.')?;
        rest.split('.').try_fold(object.get(first)?, |value, key| value.get(key))
    })
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
