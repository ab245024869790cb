//! Whose a domain is. The store knows no unique values, so that two accounts may find a domain free at the same time; what
//! they do then ends with one of them having it.
//!
//! An account first claims a domain, on its own document, and then looks who else does. A claim is settled once a brand says
//! the domain too, and a settled one wins. Of claims that aren't, the one with the lowest account id wins: the others take
//! theirs back, and the winner waits until they have, or have settled before they could know of it.

use std::time::Duration;

use crate::{
    kazoo::{
        document::text,
        validation::{Detail, Invalid},
        whitelabel,
    },
    platform::{Platform, names::ACCOUNTS, schemas::CheckError},
    store::{Error, Object, Query, View},
};

const BY_DOMAIN: View = View::new("accounts", "list_by_whitelabel_domain");

/// Where an account has its domain.
const CLAIM: &str = "pvt_whitelabel_domain";

/// How long others have to take their claims back. One that doesn't has come to harm, but it was read already.
const PAUSE: Duration = Duration::from_millis(20);
const PAUSES: usize = 100;

/// What somebody hears who wants a domain that another has.
pub(super) fn taken(domain: &str) -> Invalid {
    Invalid::one("domain", "unique", Detail::new("White label domain is already in use").cause(domain))
}

impl Platform {
    /// The accounts that claim a domain, in any case.
    pub(super) async fn claimants(&self, domain: &str) -> Result<Vec<String>, Error> {
        let rows = self.view(&ACCOUNTS, BY_DOMAIN, &Query::key(domain.to_lowercase())).await?;
        Ok(rows.into_iter().filter_map(|row| row.id).collect())
    }

    /// Claims a domain for an account; an error when another has it. Nothing to do without a domain.
    pub(super) async fn claim_domain(&self, account_id: &str, domain: Option<&str>) -> Result<(), CheckError> {
        let Some(domain) = domain else {
            return Ok(());
        };
        self.mark_domain(account_id, Some(domain)).await?;
        for _ in 0..PAUSES {
            let mut others = self.claimants(domain).await?;
            others.retain(|owner| owner != account_id);
            if others.is_empty() {
                return Ok(());
            }
            for other in &others {
                if other.as_str() < account_id || self.is_settled(other, domain).await? {
                    return Err(taken(domain).into());
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(taken(domain).into())
    }

    /// Gives an account the domain that its brand says, or none.
    pub(super) async fn settle_domain(&self, account_id: &str) -> Result<(), Error> {
        let brand = self.brand(account_id).await?;
        self.mark_domain(account_id, brand.as_deref().and_then(whitelabel::domain)).await
    }

    async fn is_settled(&self, account_id: &str, domain: &str) -> Result<bool, Error> {
        let brand = self.brand(account_id).await?;
        let its = brand.as_deref().and_then(whitelabel::domain);
        Ok(its.is_some_and(|its| its.eq_ignore_ascii_case(domain)))
    }

    async fn mark_domain(&self, account_id: &str, domain: Option<&str>) -> Result<(), Error> {
        self.mark_account(account_id, |account: &mut Object| match domain {
            Some(domain) if text(account, CLAIM) == Some(domain) => {}
            Some(domain) => {
                account.insert(CLAIM.into(), domain.into());
            }
            None => {
                account.shift_remove(CLAIM);
            }
        })
        .await
    }
}
