//! `crossbar_maintenance find_account_by_…`: the words of Kazoo's own commands, for scripts that read them.

use serde_json::Value;

use crate::{
    kazoo::{
        account::{is_enabled, is_superduper},
        document::text,
        id,
    },
    platform::Platform,
    sup::Console,
};

/// By what an account is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Id,
    Name,
    Realm,
    Number,
}

/// Shows the accounts that are found.
pub async fn find(platform: &Platform, console: &Console, by: By, wanted: &str) -> anyhow::Result<bool> {
    let found = match by {
        By::Id => vec![wanted.to_owned()],
        By::Name => platform.accounts_by_name(wanted).await?,
        By::Realm => platform.accounts_by_realm(wanted).await?,
        By::Number => match platform.account_of_number(wanted).await? {
            Some(account_id) => vec![account_id],
            None => {
                console.warn(&format!("failed to find account assigned to number '{wanted}': not_found"));
                return Ok(false);
            }
        },
    };
    let mut all_there = true;
    for account_id in &found {
        all_there &= show(platform, console, account_id).await?;
    }
    match found.as_slice() {
        [] => {
            console.warn("failed to find account: not_found");
            console.say("{error,not_found}");
            return Ok(false);
        }
        [account_id] => console.say(&format!("{{ok,<<\"{account_id}\">>}}")),
        several => {
            let ids: Vec<String> = several.iter().map(|account_id| format!("<<\"{account_id}\">>")).collect();
            console.say(&format!("{{multiples,[{}]}}", ids.join(",")));
        }
    }
    Ok(all_there)
}

async fn show(platform: &Platform, console: &Console, account_id: &str) -> anyhow::Result<bool> {
    let db = id::account_db_encoded(account_id).unwrap_or_default();
    let Some(account) = platform.account(account_id).await? else {
        console.say(&format!("Account ID: {account_id} ({db}) does not exist\n"));
        return Ok(false);
    };
    let shown = |key: &str| text(&account, key).unwrap_or("undefined").to_owned();
    let lines = [
        format!("Account ID: {account_id} ({db})"),
        format!("  Name: {}", shown("name")),
        format!("  Realm: {}", shown("realm")),
        format!("  Enabled: {}", Value::from(is_enabled(&account))),
        format!("  System Admin: {}", Value::from(is_superduper(&account))),
    ];
    for line in lines {
        console.say(&format!("{line}\n"));
    }
    Ok(true)
}
