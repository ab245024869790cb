//! Customers' accounts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Error, Portal, clusters::ClusterState};
use crate::{
    market::{
        account::{Account, Contact, Session},
        catalogue::{Page, Paging},
        trail::Actor,
    },
    store::{Query, Row},
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counts {
    pub subscriptions: usize,
}

/// An account as its own users see it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AccountView {
    pub id: String,
    pub name: String,
    pub superduper_admin: bool,
    pub early_access: bool,
    pub company: String,
    pub contact: Contact,
    pub cluster: ClusterState,
    pub counts: Counts,
    pub created: u64,
}

/// What a customer says of himself; what isn't said stays.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ContactChange {
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub company: Option<String>,
}

/// Bytes of each of them.
const LONGEST: usize = 300;

impl Portal {
    /// The document of somebody's account.
    pub(super) async fn account_of(&self, session: &Session) -> Result<Account, Error> {
        self.load(&Account::id(&session.account_id)).await?.ok_or(Error::Unauthorized)
    }

    pub async fn account(&self, session: &Session) -> Result<AccountView, Error> {
        let (account, cluster) = (self.account_of(session).await?, self.cluster_of(&session.account_id).await?);
        let subscriptions = self.count("subscriptions", &of_account(&session.account_id)).await?;
        Ok(AccountView {
            id: account.account_id.clone(),
            name: account.name.clone(),
            superduper_admin: account.superduper_admin,
            early_access: account.early_access,
            company: account.contact.company.clone(),
            contact: account.contact.clone(),
            cluster: self.cluster_state(session, &account, cluster),
            counts: Counts { subscriptions },
            created: account.created,
        })
    }

    /// Changes how the operator reaches the customer. For admins.
    pub async fn change_contact(
        &self,
        session: &Session,
        change: &ContactChange,
        ip: Option<String>,
    ) -> Result<AccountView, Error> {
        if !session.is_admin() {
            return Err(Error::Forbidden(crate::market::eligibility::Reason::NotAdmin));
        }
        let given = [("name", &change.name), ("email", &change.email), ("phone", &change.phone), ("company", &change.company)];
        let too_long = given.iter().filter(|(_, value)| value.as_ref().is_some_and(|value| value.len() > LONGEST));
        let complaints: Vec<_> = too_long.map(|(member, _)| (format!("contact.{member}"), "is too long".to_owned())).collect();
        if !complaints.is_empty() {
            return Err(Error::Invalid(complaints));
        }
        let id = Account::id(&session.account_id);
        self.change(&id, &session.actor(ip), "account.contact", |account: &mut Account| {
            let contact = &mut account.contact;
            for (member, value) in [
                (&mut contact.name, &change.name),
                (&mut contact.email, &change.email),
                (&mut contact.phone, &change.phone),
                (&mut contact.company, &change.company),
            ] {
                if let Some(value) = value {
                    member.clone_from(value);
                }
            }
            Ok(())
        })
        .await?;
        self.account(session).await
    }

    /// Lets an account take part in early access, or not any longer. For staff.
    pub async fn set_early_access(&self, account_id: &str, on: bool, actor: &Actor) -> Result<Account, Error> {
        let id = Account::id(account_id);
        let edit = |account: &mut Account| {
            account.early_access = on;
            Ok(())
        };
        Ok(self.change(&id, actor, "account.early_access", edit).await?.0)
    }

    /// The accounts that have been here, by name. For staff.
    pub async fn accounts(&self, paging: Paging) -> Result<Page<serde_json::Value>, Error> {
        self.page("accounts", Query::default(), paging).await
    }

    /// A page of a view that has a count, its rows' values.
    pub(super) async fn page(&self, view: &'static str, query: Query, paging: Paging) -> Result<Page<serde_json::Value>, Error> {
        let total = self.count(view, &query).await?;
        let rows = self.rows(view, &part(query, paging)).await?;
        let items = rows.into_iter().map(|Row { value, .. }| value).collect();
        Ok(Page { items, total, page: paging.page.max(1), per_page: paging.size() })
    }
}

/// The part of a query's rows that is on a page.
pub(super) fn part(query: Query, paging: Paging) -> Query {
    Query { skip: paging.skip(), limit: Some(paging.size()), ..query }
}

/// The rows of an account, of a view whose keys begin with it.
pub(super) fn of_account(account_id: &str) -> Query {
    Query::range(json!([account_id]), json!([account_id, {}]))
}
