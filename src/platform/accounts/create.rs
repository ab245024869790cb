//! Making an account: its databases with their design documents, its document there and in `accounts`, its services document.
//!
//! The copy in `accounts` comes last, since with it the account can be found: until then nobody sees what may have to go again.

use anyhow::Context as _;
use serde_json::Value;

use super::check::{Names, secret};
use crate::{
    kazoo::{
        account::{self, documents},
        document::{self, Stamp, text},
        id, time,
        validation::{Detail, Invalid},
    },
    platform::{Platform, found, names, schemas::CheckError},
    store::{self, Db, Document, Object, Query},
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
    /// It was to go under no account while there are some, or under one that isn't there any more.
    #[error("unable to create account tree")]
    NoParent,
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
    /// Makes an account, by all of Kazoo's rules. `new.stamp.now` says in which month it begins.
    pub async fn create_account(&self, new: NewAccount<'_>) -> Result<Document, CreateError> {
        let account_id = chosen_id(&new.data)?;
        let db = names::account_db(&account_id).context("an id has a database")?;
        let mut doc = self.account_to_be(&account_id, &db, &new).await?;
        match self.store.create_database(&db).await {
            Ok(()) => {}
            Err(store::Error::DatabaseExists { .. }) => return Err(CreateError::Exists(account_id)),
            Err(error) => return Err(error.into()),
        }
        match self.furnish(&db, &doc, &new).await {
            // The database is somebody else's, who was faster.
            Err(CreateError::Exists(taken)) => Err(CreateError::Exists(taken)),
            Ok(rev) => {
                self.recount(account::tree(&doc)).await;
                doc.insert("_rev".into(), rev.into());
                Ok(doc.into())
            }
            Err(error) => {
                self.clear_away(&account_id, &db, &doc).await;
                Err(error)
            }
        }
    }

    /// The account's document, checked and complete but for its revision.
    async fn account_to_be(&self, account_id: &str, db: &Db, new: &NewAccount<'_>) -> Result<Object, CreateError> {
        let mut data = new.data.clone();
        account::strip_derived(&mut data);
        let mut doc = self.check_account(data, None).await?;
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
            doc.insert("pvt_trial_expires".into(), new.stamp.now.saturating_add(time).into());
        }
        let encoded = db.as_str().replace('/', "%2F");
        document::stamp(&mut doc, &Stamp { account_id: Some(account_id), account_db: Some(&encoded), ..new.stamp });
        if let Some(reseller_id) = self.reseller_below(new.parent).await?
            && let Some(reseller) = self.account(&reseller_id).await?
            && let Some(preference) = text(&reseller, "pvt_notification_preference")
        {
            doc.insert("pvt_notification_preference".into(), preference.into());
        }
        Ok(doc)
    }

    /// Whose customer an account is that goes under `parent`.
    pub(super) async fn reseller_below(&self, parent: Option<&Object>) -> Result<Option<String>, store::Error> {
        let Some(parent) = parent else { return Ok(None) };
        let standing = self.standing(parent).await?;
        Ok(if standing.is_reseller { document::id(parent).map(str::to_owned) } else { standing.reseller_id })
    }

    /// Writes everything that belongs to an account into databases that are its alone, and makes it known when that is done.
    /// Returns the revision of its document.
    async fn furnish(&self, db: &Db, doc: &Object, new: &NewAccount<'_>) -> Result<String, CreateError> {
        let account_id = document::id(doc).unwrap_or_default();
        // Whose document is in the database, his it is: a CouchDB cluster may let two make one of the same name.
        let rev = match self.store.put(db, doc).await {
            Err(store::Error::Conflict { .. }) => return Err(CreateError::Exists(account_id.to_owned())),
            outcome => outcome?,
        };
        self.install_views(db).await?;
        self.store.put(db, &documents::apps_store(doc)).await?;
        let unix = document::unix(new.stamp.now).unwrap_or_default();
        let month_db = names::month_db(account_id, unix).context("an id has a month's database")?;
        self.ensure_database(&month_db).await?;
        let encoded = month_db.as_str().replace('/', "%2F");
        self.store.put(&month_db, &documents::rollover(doc, &time::month(unix), &encoded)).await?;
        let reseller_id = self.reseller_below(new.parent).await?;
        self.store.put(&names::SERVICES, &documents::services(doc, reseller_id.as_deref())).await?;
        self.exclusively(names::ACCOUNT_NAMES, self.make_known(doc, new.parent)).await?;
        Ok(rev)
    }

    /// Puts the copy into `accounts` if nobody else has taken the names meanwhile, and the parent is still there.
    async fn make_known(&self, doc: &Object, parent: Option<&Object>) -> Result<(), CreateError> {
        self.check_names(&Names::of(doc), None).await?;
        let has_place = match parent.and_then(document::id) {
            Some(parent_id) => {
                let parent = found(self.store.get(&names::ACCOUNTS, parent_id).await)?;
                parent.is_some_and(|parent| !document::is_soft_deleted(&parent))
            }
            None => self.view(&names::ACCOUNTS, super::BY_ID, &Query::default().limit(1)).await?.is_empty(),
        };
        if !has_place {
            return Err(CreateError::NoParent);
        }
        self.store.put(&names::ACCOUNTS, doc).await?;
        Ok(())
    }

    /// Removes what a failed creation left, and nothing that isn't of its making. What can't be removed is logged.
    async fn clear_away(&self, account_id: &str, db: &Db, doc: &Object) {
        if let Ok(stored) = self.store.get(db, account_id).await
            && stored.get("pvt_api_key") != doc.get("pvt_api_key")
        {
            return;
        }
        let ours = |stored: &Object| {
            ["pvt_created", "pvt_tree", "pvt_account_db"].iter().all(|key| stored.get(*key) == doc.get(*key))
                && stored.get("pvt_api_key").is_none_or(|key| doc.get("pvt_api_key") == Some(key))
        };
        for shared in [&names::ACCOUNTS, &names::SERVICES] {
            if let Ok(stored) = self.store.get(shared, account_id).await
                && ours(&stored)
                && let Err(error) = self.store.delete(shared, account_id, text(&stored, "_rev").unwrap_or_default()).await
            {
                log::warn!("account {account_id} couldn't be made and left something in {shared}: {error}");
            }
        }
        if let Err(error) = self.drop_databases(account_id).await {
            log::warn!("account {account_id} couldn't be made and left a database: {error}");
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
