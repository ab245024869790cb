//! Making an account: its database, its document there and in `accounts`, its services document, its design documents.

use anyhow::Context as _;
use serde_json::{Value, json};

use super::check::secret;
use crate::{
    kazoo::{
        account,
        document::{self, Stamp, text},
        id,
        validation::{Detail, Invalid},
    },
    platform::{Platform, names, schemas::CheckError},
    store::{self, Db, Document, Object},
};

/// How long a trial account may be tried, where no setting says so.
const TRIAL_SECONDS: u64 = 1_209_600;

/// An account to be made.
pub struct NewAccount<'a> {
    /// The account that it goes under; `None` for the first of all.
    pub parent: Option<&'a Object>,
    /// Whether the parent was named (rather than being whoever asks): only then Kazoo notes it down.
    pub parent_named: bool,
    /// What the client sent.
    pub data: Object,
    /// Whether it's to be enabled, where the one who asks may decide that; else it's as its parent is.
    pub enabled: Option<bool>,
    pub stamp: Stamp<'a>,
}

/// Why an account wasn't made. Nothing of it is left then.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    #[error(transparent)]
    Check(#[from] CheckError),
    /// The id that the client chose is taken.
    #[error("an account {0} exists already")]
    Exists(String),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("{0:#}")]
    Internal(#[from] anyhow::Error),
}

impl From<Invalid> for CreateError {
    fn from(invalid: Invalid) -> Self {
        Self::Check(invalid.into())
    }
}

impl Platform {
    /// Makes an account, by all of Kazoo's rules.
    pub async fn create_account(&self, new: NewAccount<'_>) -> Result<Document, CreateError> {
        let account_id = chosen_id(&new.data)?;
        let db = names::account_db(&account_id).context("an id has a database")?;
        let doc = self.account_to_be(&account_id, &db, &new).await?;
        match self.store.create_database(&db).await {
            Ok(()) => {}
            Err(store::Error::DatabaseExists { .. }) => return Err(CreateError::Exists(account_id)),
            Err(error) => return Err(error.into()),
        }
        match self.furnish(&db, &doc, &new).await {
            Ok(doc) => {
                if let Some(parent_id) = new.parent.and_then(document::id) {
                    self.recount(parent_id).await;
                }
                Ok(doc)
            }
            Err(error) => {
                self.clear_away(&account_id, &db).await;
                Err(error.into())
            }
        }
    }

    /// The account's document, checked and complete but for its revision.
    async fn account_to_be(&self, account_id: &str, db: &Db, new: &NewAccount<'_>) -> Result<Object, CreateError> {
        let mut doc = self.check_account(new.data.clone(), None).await?;
        doc.shift_insert(0, "_id".into(), account_id.into());
        doc.insert("pvt_type".into(), "account".into());
        doc.insert("pvt_api_key".into(), secret(32)?.into());
        doc.insert("pvt_cpaas_token".into(), secret(32)?.into());
        doc.insert("pvt_signature_secret".into(), secret(16)?.into());
        let parent_id = new.parent.and_then(document::id);
        let ancestors = new.parent.into_iter().flat_map(account::tree).chain(parent_id);
        doc.insert("pvt_tree".into(), ancestors.collect());
        if let Some(parent_id) = parent_id.filter(|_| new.parent_named) {
            doc.insert("pvt_parent_id".into(), parent_id.into());
        }
        if let Some(enabled) = new.enabled.or_else(|| new.parent.map(account::is_enabled)) {
            doc.insert("pvt_enabled".into(), enabled.into());
        }
        if doc.shift_remove("is_trial_account") == Some(Value::Bool(true)) {
            let time = self.settings("crossbar.accounts").await?.number("trial_time").unwrap_or(TRIAL_SECONDS);
            doc.insert("pvt_trial_expires".into(), (new.stamp.now + time).into());
        }
        let encoded = db.as_str().replace('/', "%2F");
        document::stamp(&mut doc, &Stamp { account_id: Some(account_id), account_db: Some(&encoded), ..new.stamp });
        Ok(doc)
    }

    /// Everything that belongs to an account. The copy in `accounts` comes last: with it the account can be found.
    async fn furnish(&self, db: &Db, doc: &Object, new: &NewAccount<'_>) -> Result<Document, store::Error> {
        self.install_views(db).await?;
        let copied =
            |keys: &[&str]| keys.iter().filter_map(|key| Some(((*key).to_owned(), doc.get(*key)?.clone()))).collect::<Object>();
        let mut apps_store = copied(&["pvt_account_id", "pvt_account_db"]);
        apps_store.shift_insert(0, "_id".into(), "apps_store".into());
        self.store.put(db, &apps_store).await?;
        let mut services = copied(&["_id", "pvt_account_id", "pvt_account_db", "pvt_tree", "pvt_created", "pvt_modified"]);
        let standing = match new.parent {
            Some(parent) => {
                let standing = self.standing(parent).await?;
                if standing.is_reseller { document::id(parent).map(str::to_owned) } else { standing.reseller_id }
            }
            None => None,
        };
        let members = json!({
            "pvt_type": "service", "pvt_vsn": 2, "pvt_status": "good_standing", "pvt_reseller": false,
            "pvt_reseller_id": standing, "plans": {},
        });
        services.extend(
            members.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()).map(|(k, v)| (k.clone(), v.clone())),
        );
        let rev = self.store.put(db, doc).await?;
        self.store.put(&names::SERVICES, &services).await?;
        self.store.put(&names::ACCOUNTS, doc).await?;
        let mut doc = doc.clone();
        doc.insert("_rev".into(), rev.into());
        Ok(doc.into())
    }

    /// Removes what a failed creation left. What can't be removed is logged: it's not in `accounts` and does no harm.
    async fn clear_away(&self, account_id: &str, db: &Db) {
        for shared in [&names::ACCOUNTS, &names::SERVICES] {
            if let Ok(doc) = self.store.get(shared, account_id).await
                && let Err(error) = self.store.delete(shared, account_id, text(&doc, "_rev").unwrap_or_default()).await
            {
                log::warn!("an account that couldn't be made left something behind: {error}");
            }
        }
        if let Err(error) = self.store.delete_database(db).await {
            log::warn!("an account that couldn't be made left something behind: {error}");
        }
    }

    /// Makes an account the first of an installation: superduper admin, reseller, and master.
    pub async fn crown(&self, account_id: &str) -> Result<(), store::Error> {
        self.mark_account(account_id, |doc| {
            for key in ["pvt_superduper_admin", "pvt_wnm_allow_additions", "pvt_reseller"] {
                doc.insert(key.into(), true.into());
            }
        })
        .await?;
        let reseller = |doc: &mut Object| {
            doc.insert("pvt_reseller".into(), true.into());
        };
        self.mark_services(account_id, reseller).await?;
        self.set_setting("accounts", "master_account_id", account_id.into()).await?;
        Ok(())
    }
}

/// The id that a client chose for a new account, or a new one.
fn chosen_id(data: &Object) -> Result<String, Invalid> {
    match data.get("id").or_else(|| data.get("_id")) {
        None => Ok(id::new_id()),
        Some(Value::String(chosen)) if id::is_id(chosen) => Ok(chosen.clone()),
        Some(other) => {
            let message = "An account id is 32 lower-case hexadecimal digits";
            Err(Invalid::one("id", "invalid", Detail::new(message).cause(other.clone())))
        }
    }
}
