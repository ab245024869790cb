//! Accounts as operators name them.

use crate::{kazoo::document, platform::Platform, store::Document};

/// The id of the account that [`find_account`] finds.
pub async fn account_id_of(platform: &Platform, wanted: &str) -> anyhow::Result<Result<String, String>> {
    let found = find_account(platform, wanted).await?;
    Ok(found.map(|account| document::id(&account).unwrap_or_default().to_owned()))
}

/// The account of this id, else the only one of this name, else of this realm; or what to tell the operator.
pub async fn find_account(platform: &Platform, wanted: &str) -> anyhow::Result<Result<Document, String>> {
    if let Some(account) = platform.account(wanted).await? {
        return Ok(Ok(account));
    }
    let mut ids = platform.accounts_by_name(wanted).await?;
    if ids.is_empty() {
        ids = platform.accounts_by_realm(wanted).await?;
    }
    let several = ids.len() > 1;
    let account = match ids.pop() {
        Some(id) if !several => platform.account(&id).await?,
        _ => None,
    };
    Ok(account.ok_or_else(|| {
        if several {
            format!("several accounts are called {wanted}; give the id")
        } else {
            format!("there is no account {wanted}")
        }
    }))
}
