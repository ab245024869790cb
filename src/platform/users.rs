//! Users of an account.

use serde_json::Value;

use super::{Platform, names, schemas::CheckError};
use crate::{
    kazoo::{
        document::{self, Stamp, text},
        id,
        user::{self, Rules},
        validation::{Detail, Invalid},
    },
    store::{self, Document, Object, Query, View},
};

const BY_MD5: View = View::new("users", "creds_by_md5");
const BY_SHA: View = View::new("users", "creds_by_sha");
const BY_USERNAME: View = View::new("users", "list_by_username");
const BY_HOTDESK_ID: View = View::new("users", "list_by_hotdesk_id");

impl Platform {
    /// Ids of the enabled users of an account whose login has this hash. `method` is `md5` or `sha`; another finds nobody.
    pub async fn users_by_hash(&self, account_id: &str, method: &str, hash: &str) -> Result<Vec<String>, store::Error> {
        let view = match method {
            "md5" => BY_MD5,
            "sha" => BY_SHA,
            _ => return Ok(Vec::new()),
        };
        self.user_ids(account_id, view, hash).await
    }

    /// Ids of the users of an account with this name, as it's written.
    pub async fn users_by_name(&self, account_id: &str, name: &str) -> Result<Vec<String>, store::Error> {
        self.user_ids(account_id, BY_USERNAME, name).await
    }

    async fn user_ids(&self, account_id: &str, view: View, key: &str) -> Result<Vec<String>, store::Error> {
        let Some(db) = names::account_db(account_id) else {
            return Ok(Vec::new());
        };
        match self.view(&db, view, &Query::key(key)).await {
            Ok(rows) => Ok(rows.into_iter().filter_map(|row| row.id).collect()),
            Err(store::Error::NoDatabase { .. }) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Does the work that writes a user. If the user gets a name by it (see [`user::wants_new_name`]), nobody else in the account
    /// gets one meanwhile: between the look whether it's free and the write another could take it.
    pub async fn naming_users<T, E: From<store::Error>>(
        &self,
        account_id: &str,
        new_name: bool,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        if new_name { self.exclusively(&format!("users of {account_id}"), work).await } else { work.await }
    }

    /// Makes a user document of what a client sent, by all of Kazoo's rules, ready to be written. `stored` is the user's
    /// document as it is, `None` for a new one. To be called, and what it makes to be
    /// written, within [`Platform::naming_users`].
    pub async fn prepare_user(
        &self,
        account_id: &str,
        mut data: Object,
        stored: Option<&Object>,
        stamp: &Stamp<'_>,
    ) -> Result<Object, CheckError> {
        user::lower_username(&mut data);
        let mut invalid = Invalid::new();
        let taken = async |view, name: &Option<String>| match name {
            Some(name) => {
                let own_id = stored.and_then(document::id);
                let bearers = self.user_ids(account_id, view, name).await?;
                Ok::<_, store::Error>(bearers.iter().any(|id| Some(id.as_str()) != own_id))
            }
            None => Ok(false),
        };
        let new = |of: fn(&Object) -> Option<String>| of(&data).filter(|name| stored.and_then(of).as_ref() != Some(name));
        let (username, hotdesk_id) = (new(user::username), new(user::hotdesk_id));
        if taken(BY_USERNAME, &username).await? {
            invalid.add("username", "unique", Detail::new("Username must be unique within account").cause(username));
        }
        if taken(BY_HOTDESK_ID, &hotdesk_id).await? {
            invalid.add("hotdesk.id", "unique", Detail::new("Hotdesk ID must be unique within account").cause(hotdesk_id));
        }
        let mut doc = stored.cloned().unwrap_or_default();
        doc.retain(|key, _| document::is_private(key));
        match self.check("users", Value::Object(data)).await {
            Ok(checked) => doc.extend(checked.into_iter().filter(|(key, _)| key != "id")),
            Err(CheckError::Invalid(others)) => invalid.merge(others),
            Err(error) => return Err(error),
        }
        invalid.into_result()?;
        let settings = self.settings("crossbar.users").await?;
        let random = new_secret(32, account_id)?;
        let new_secret = new_secret(16, account_id)?;
        let rules = Rules {
            generate_username_if_empty: settings.flag("generate_username_if_empty").unwrap_or(true),
            generate_password_if_empty: settings.flag("generate_password_if_empty").unwrap_or(false),
            reset_identity_secret_on_rehash: settings.flag("reset_identity_secret_on_rehash").unwrap_or(true),
            random: &random,
            new_secret: &new_secret,
            now: stamp.now,
        };
        user::set_credentials(&mut doc, stored, &rules)?;
        if stored.is_none() {
            doc.shift_insert(0, "_id".into(), id::new_id().into());
            doc.insert("pvt_type".into(), "user".into());
        }
        let account_db = id::account_db_encoded(account_id);
        let stamp = Stamp { account_id: Some(account_id), account_db: account_db.as_deref(), ..*stamp };
        document::stamp(&mut doc, &stamp);
        Ok(doc)
    }

    /// A user's document; `None` when there is none, or it's no user.
    pub async fn user(&self, account_id: &str, user_id: &str) -> Result<Option<Document>, store::Error> {
        if user_id.starts_with('_') {
            // Design documents have no type, as some users have that old Kazoos wrote.
            return Ok(None);
        }
        let doc = self.account_doc(account_id, user_id).await?;
        Ok(doc.filter(|doc| text(doc, "pvt_type").is_none_or(|kind| kind == "user") && !document::is_soft_deleted(doc)))
    }
}

fn new_secret(bytes: usize, account_id: &str) -> Result<String, store::Error> {
    let db = names::account_db(account_id).unwrap_or_else(|| names::ACCOUNTS.clone());
    id::new_secret(bytes).map_err(|error| store::Error::Corrupt { db, id: String::new(), source: anyhow::anyhow!(error) })
}
