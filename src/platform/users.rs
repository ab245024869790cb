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

    /// Makes a user document of what a client sent, by all of Kazoo's rules, ready to be written. `stored` is the user's
    /// document as it is, `None` for a new one.
    pub async fn prepare_user(
        &self,
        account_id: &str,
        mut data: Object,
        stored: Option<&Object>,
        stamp: &Stamp<'_>,
    ) -> Result<Object, CheckError> {
        user::lower_username(&mut data);
        let mut invalid = Invalid::new();
        if let Some(name) = text(&data, "username").filter(|name| !name.is_empty()) {
            let own_id = stored.and_then(document::id);
            let others = self.users_by_name(account_id, name).await?;
            if others.iter().any(|id| Some(id.as_str()) != own_id) {
                invalid.add("username", "unique", Detail::new("Username must be unique within account").cause(name));
            }
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
        };
        user::set_credentials(&mut doc, stored, &rules)?;
        if stored.is_none() {
            doc.shift_insert(0, "_id".into(), id::new_id().into());
            doc.insert("pvt_type".into(), "user".into());
        }
        document::stamp(&mut doc, stamp);
        Ok(doc)
    }

    /// A user's document; `None` when there is none, or it's no user.
    pub async fn user(&self, account_id: &str, user_id: &str) -> Result<Option<Document>, store::Error> {
        let doc = self.account_doc(account_id, user_id).await?;
        Ok(doc.filter(|doc| text(doc, "pvt_type").is_none_or(|kind| kind == "user") && !document::is_soft_deleted(doc)))
    }
}

fn new_secret(bytes: usize, account_id: &str) -> Result<String, store::Error> {
    let db = names::account_db(account_id).unwrap_or(names::ACCOUNTS);
    id::new_secret(bytes).map_err(|error| store::Error::Corrupt { db, id: String::new(), source: anyhow::anyhow!(error) })
}
