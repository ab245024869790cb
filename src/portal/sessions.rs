//! Logging in and out.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Error, Portal, Visitor,
    identity::{Credentials, Person},
    limits::Attempt,
};
use crate::{
    market::{
        Rest,
        account::{Account, Contact, Session},
        eligibility::{self, Explained},
        secret,
        trail::{Actor, Who},
    },
    platform::names::MARKETPLACE,
    store::{Keys, Query},
};

/// Seconds that a session lasts where no setting says so.
const LIFE: u64 = 12 * 60 * 60;
/// Sessions and codes past their time that a login clears away.
const CLEARED: usize = 50;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AccountName {
    pub id: String,
    pub name: String,
    pub superduper_admin: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UserName {
    pub id: String,
    pub name: String,
    pub priv_level: String,
}

/// What a login gives.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LoggedIn {
    /// To be sent as `Authorization: Bearer`.
    pub token: String,
    /// Unix time in seconds.
    pub expires_at: u64,
    pub account: AccountName,
    pub user: UserName,
}

/// Who somebody is, and what he may.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Me {
    pub account: AccountName,
    pub user: UserName,
    pub can_purchase: bool,
    /// Why not, for those who can't.
    pub purchase_reasons: Vec<Explained>,
    pub can_link_cluster: bool,
    pub early_access: bool,
    pub cluster: super::clusters::ClusterState,
    /// Whom to write to.
    pub contact: Option<String>,
}

fn names(session: &Session) -> (AccountName, UserName) {
    (
        AccountName {
            id: session.account_id.clone(),
            name: session.account_name.clone(),
            superduper_admin: session.superduper_admin,
        },
        UserName { id: session.user_id.clone(), name: session.user_name.clone(), priv_level: session.priv_level.clone() },
    )
}

impl Portal {
    /// The APIs that one can log in by.
    pub fn identity_apis(&self) -> &[String] {
        self.identity.apis()
    }

    /// Logs somebody in with what he has at his cluster.
    pub async fn log_in(
        &self,
        api: Option<&str>,
        account_name: &str,
        username: &str,
        password: &str,
        visitor: &Visitor,
    ) -> Result<LoggedIn, Error> {
        let missing = [("account_name", account_name), ("username", username), ("password", password)]
            .into_iter()
            .filter(|(_, value)| value.trim().is_empty() || value.len() > 1_000)
            .map(|(member, _)| (member.to_owned(), "is missing".to_owned()))
            .collect::<Vec<_>>();
        if !missing.is_empty() {
            return Err(Error::Invalid(missing));
        }
        let user = format!("{}/{}", account_name.to_lowercase(), username.to_lowercase());
        let payers = [visitor.ip.as_deref().unwrap_or_default(), user.as_str()];
        self.attempt(Attempt::Login, &payers)?;
        let credentials = Credentials { api, account_name, username, password, ip: visitor.ip.as_deref() };
        let person = self.identity.ask(&credentials).await.inspect_err(|error| {
            // His own API may have had enough of him already.
            if matches!(error, Error::LoginRefused | Error::TooMany { .. }) {
                self.failed(Attempt::Login, &payers);
            }
        })?;
        self.welcome(&person, visitor).await?;
        self.begin_session(person, visitor).await
    }

    /// Makes or refreshes the account's document.
    async fn welcome(&self, person: &Person, visitor: &Visitor) -> Result<(), Error> {
        let now = self.now();
        let who = Who::Customer { account_id: person.account_id.clone(), user_id: person.user_id.clone() };
        let actor = Actor { who, ip: visitor.ip.clone() };
        let id = Account::id(&person.account_id);
        let account = Account {
            r#type: "account".into(),
            account_id: person.account_id.clone(),
            name: person.account_name.clone(),
            identity_api: person.api.clone(),
            superduper_admin: person.superduper_admin,
            early_access: false,
            contact: Contact { email: person.email.clone().unwrap_or_default(), ..Contact::default() },
            code_hash: None,
            created: now,
            rest: Rest::new(),
        };
        if self.load::<Account>(&id).await?.is_none() && self.create(&id, &account, &actor, "account.create").await? {
            return Ok(());
        }
        self.change(&id, &actor, "account.refresh", |account: &mut Account| {
            // Whoever runs one API could make an account with the id of an account of another.
            if account.identity_api != person.api {
                return Err(Error::LoginRefused);
            }
            account.name.clone_from(&person.account_name);
            account.superduper_admin = person.superduper_admin;
            Ok(())
        })
        .await?;
        Ok(())
    }

    async fn begin_session(&self, person: Person, visitor: &Visitor) -> Result<LoggedIn, Error> {
        let (now, token) = (self.now(), secret::new()?);
        let life = self.settings().await?.number("session_s").unwrap_or(LIFE);
        let session = Session {
            r#type: "session".into(),
            account_id: person.account_id,
            account_name: person.account_name,
            superduper_admin: person.superduper_admin,
            user_id: person.user_id,
            user_name: person.user_name,
            priv_level: person.priv_level,
            created: now,
            expires: now.saturating_add(life),
            ip: visitor.ip.clone(),
            rest: Rest::new(),
        };
        let actor = session.actor(visitor.ip.clone());
        self.create(&Session::id(&secret::hash(&token)), &session, &actor, "session.begin").await?;
        if let Err(error) = self.clear(now).await {
            log::warn!("old sessions weren't cleared away: {error}");
        }
        let (account, user) = names(&session);
        Ok(LoggedIn { token, expires_at: session.expires, account, user })
    }

    /// Deletes some of the sessions and access codes that are past their time.
    async fn clear(&self, now: u64) -> Result<(), Error> {
        let keys = Keys::Range { start: None, end: Some(now.into()), inclusive_end: false };
        let rows = self.rows("expiring", &Query { keys, limit: Some(CLEARED), ..Query::default() }).await?;
        for row in rows {
            if let (Some(id), Some(rev)) = (&row.id, row.value.as_str()) {
                // Somebody else may do the same.
                let _ = self.platform.store.delete(&MARKETPLACE, id, rev).await;
            }
        }
        Ok(())
    }

    /// Who has this token; [`Error::Unauthorized`] for nobody.
    pub async fn session(&self, token: &str) -> Result<Session, Error> {
        let session: Option<Session> = self.load(&Session::id(&secret::hash(token))).await?;
        session.filter(|session| session.expires > self.now()).ok_or(Error::Unauthorized)
    }

    /// Ends a session. One that isn't there is ended.
    pub async fn log_out(&self, token: &str) -> Result<(), Error> {
        let id = Session::id(&secret::hash(token));
        let Some(session) = self.load::<Session>(&id).await? else { return Ok(()) };
        if let Some(rev) = session.rest.get("_rev").and_then(serde_json::Value::as_str) {
            self.platform.store.delete(&MARKETPLACE, &id, rev).await?;
        }
        Ok(())
    }

    /// Who somebody is, and what he may.
    pub async fn me(&self, session: &Session) -> Result<Me, Error> {
        let (account, user) = names(session);
        let (stored, cluster) = (self.account_of(session).await?, self.cluster_of(&session.account_id).await?);
        let purchase = eligibility::to_purchase(session);
        Ok(Me {
            account,
            user,
            can_purchase: purchase.is_none(),
            purchase_reasons: purchase.into_iter().map(Explained::from).collect(),
            can_link_cluster: session.is_superduper_admin(),
            early_access: stored.early_access,
            cluster: self.cluster_state(session, &stored, cluster),
            contact: self.contact().await?,
        })
    }
}
