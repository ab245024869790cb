//! Whose a domain is: each account has the one that its brand says, and no two have the same.
//!
//! What an account has stands on its own document. It's written there before the brand is: should the work stop in between,
//! the domain is taken rather than nobody's, and the next write of the brand mends it.

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

    /// Gives an account a domain that nobody else has.
    pub(super) async fn claim_domain(&self, account_id: &str, domain: &str) -> Result<(), CheckError> {
        if self.claimants(domain).await?.iter().any(|owner| owner != account_id) {
            return Err(taken(domain).into());
        }
        Ok(self.mark_domain(account_id, Some(domain)).await?)
    }

    /// Gives an account the domain that its brand says, or none.
    pub(super) async fn settle_domain(&self, account_id: &str) -> Result<(), Error> {
        let brand = self.brand(account_id).await?;
        self.mark_domain(account_id, brand.as_deref().and_then(whitelabel::domain)).await
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
