//! Commands that change a single account, or where it stands.

use serde_json::Value;

use crate::{
    kazoo::{
        document::{self, gregorian},
        id,
    },
    platform::{Platform, accounts::MoveError, unix_now},
    store::{Error, Object},
    sup::Console,
};

/// What is switched on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    SuperduperAdmin,
    NumberAdditions,
    Enabled,
}

/// Switches something of an account, in both copies.
pub async fn switch(platform: &Platform, console: &Console, what: Switch, account_id: &str, on: bool) -> anyhow::Result<bool> {
    let (key, done, failed) = match what {
        Switch::SuperduperAdmin => ("pvt_superduper_admin", "is admin-ified", "admin-ify account"),
        Switch::NumberAdditions => ("pvt_wnm_allow_additions", "allowed to add numbers", "change number additions of account"),
        Switch::Enabled => ("pvt_enabled", "", "change account"),
    };
    let set = |doc: &mut Object| {
        doc.insert(key.into(), on.into());
    };
    if !known(console, account_id, failed, platform.mark_account(account_id, set).await)? {
        return Ok(false);
    }
    if on && !done.is_empty() {
        let account = platform.account(account_id).await?;
        let shown = Value::Object(account.map(|account| document::public(&account)).unwrap_or_default());
        console.say(&format!("  account {account_id} {done}: {shown}"));
    }
    console.say("ok");
    Ok(true)
}

/// `move_account`
pub async fn relocate(platform: &Platform, console: &Console, account_id: &str, to: &str) -> anyhow::Result<bool> {
    match platform.move_account(account_id, to, gregorian(unix_now())).await {
        Ok(()) => {
            console.say("move complete!");
            Ok(true)
        }
        Err(MoveError::Store(error)) => Err(error.into()),
        Err(error @ MoveError::Itself) => {
            console.warn(&error.to_string());
            Ok(false)
        }
        Err(error) => {
            console.warn(&format!("unable to complete move: {error}"));
            Ok(false)
        }
    }
}

/// `make_reseller` and `demote_reseller`
pub async fn reseller(platform: &Platform, console: &Console, account_id: &str, on: bool) -> anyhow::Result<bool> {
    let refusal = if platform.account(account_id).await?.is_none() {
        Some("there is no such account")
    } else if platform.has_reseller_below(account_id).await? {
        Some("there are resellers below it")
    } else if platform.master_id().await?.as_deref() == Some(account_id) {
        Some("it is the master account")
    } else {
        None
    };
    if let Some(reason) = refusal {
        console.warn(&format!("failed to change account {account_id}: {reason}"));
        return Ok(false);
    }
    console.say(&format!("{} account {account_id}, updating sub accounts", if on { "promoting" } else { "demoting" }));
    platform.set_reseller(account_id, on).await?;
    console.say("ok");
    Ok(true)
}

/// `set_reseller_id` and, with `below`, `cascade_reseller_id`
pub async fn reseller_id(
    platform: &Platform,
    console: &Console,
    reseller_id: &str,
    account_id: &str,
    below: bool,
) -> anyhow::Result<bool> {
    for one in [reseller_id, account_id] {
        if platform.account(one).await?.is_none() {
            console.warn(&format!("failed to set a reseller id: there is no account {one}"));
            return Ok(false);
        }
    }
    if below {
        console.say(&format!("setting the reseller id of all accounts below {account_id} to {reseller_id}"));
        platform.cascade_reseller_id(account_id, reseller_id).await?;
    } else {
        console.say(&format!("setting account {account_id} reseller id to {reseller_id}"));
        platform.set_reseller_id(account_id, reseller_id).await?;
    }
    console.say("ok");
    Ok(true)
}

/// `descendants_count`, of one account or all.
pub async fn recount(platform: &Platform, console: &Console, account_id: Option<&str>) -> anyhow::Result<bool> {
    let Some(account_id) = account_id else {
        let changed = platform.recount_all().await?;
        console.say(&format!("corrected the counts of {changed} accounts"));
        return Ok(true);
    };
    match platform.recount_account(account_id).await {
        Ok(count) => {
            console.say(&format!("account {account_id} has {count} descendants"));
            Ok(true)
        }
        Err(error) => known(console, account_id, "count the descendants of account", Err(error)),
    }
}

/// Shows an account's api key, or makes a new one first.
pub async fn api_key(platform: &Platform, console: &Console, account_id: &str, renew: bool) -> anyhow::Result<bool> {
    let key = if renew {
        let key = id::new_secret(32)?;
        let set = |doc: &mut Object| {
            doc.insert("pvt_api_key".into(), key.as_str().into());
        };
        if !known(console, account_id, "renew the api key of account", platform.mark_account(account_id, set).await)? {
            return Ok(false);
        }
        Some(key)
    } else {
        let account = platform.account(account_id).await?;
        account.and_then(|account| document::text(&account, "pvt_api_key").map(str::to_owned))
    };
    match &key {
        Some(key) => console.say(key),
        None => console.warn(&format!("there is no account {account_id}, or it has no api key")),
    }
    Ok(key.is_some())
}

/// Says of an account that isn't there that it isn't. `false` then.
fn known(console: &Console, account_id: &str, what: &str, outcome: Result<(), Error>) -> anyhow::Result<bool> {
    match outcome {
        Ok(()) => Ok(true),
        Err(Error::NotFound { .. } | Error::NoDatabase { .. }) => {
            console.warn(&format!("  failed to {what} {account_id}: not_found"));
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}
