//! Accounts: making the first and further ones, finding them, and what only an operator may change.

use anyhow::Context as _;
use serde_json::{Value, json};

use super::Console;
use crate::{
    kazoo::{
        document::{Stamp, gregorian, text},
        id,
    },
    platform::{
        Platform,
        accounts::{CreateError, NewAccount},
        names,
        schemas::CheckError,
        unix_now,
    },
    store::{Document, Object},
};

mod find;
mod mark;
mod named;

pub use find::{By, find};
pub use mark::{Switch, api_key, recount, relocate, reseller, reseller_id, switch};
pub(super) use named::{account_id_of, find_account};

/// Makes an account below the master account and an admin in it. The first account of all becomes the master.
pub async fn create(
    platform: &Platform,
    console: &Console,
    name: &str,
    realm: &str,
    username: &str,
    password: &str,
) -> anyhow::Result<bool> {
    console.say("prechecks passed");
    let parent = match platform.master_id().await? {
        Some(master_id) => platform.account(&master_id).await?,
        None => None,
    };
    let request_id = id::new_id();
    let stamp = Stamp {
        now: gregorian(unix_now()),
        request_id: &request_id,
        author: None,
        original: None,
        account_id: None,
        account_db: None,
    };
    let first = parent.is_none();
    let new = NewAccount {
        parent: parent.as_deref(),
        parent_named: parent.is_some(),
        data: object(json!({ "name": name, "realm": realm })),
        enabled: None,
        stamp,
    };
    let account = match platform.create_account(new).await {
        Ok(account) => account,
        Err(CreateError::Check(CheckError::Invalid(invalid))) => {
            complain(console, "account", invalid.into_data());
            return Ok(false);
        }
        Err(error) => return Err(error).context("failed to create the account"),
    };
    let account_id = text(&account, "_id").unwrap_or_default();
    let encoded = id::account_db_encoded(account_id).unwrap_or_default();
    console.say(&format!("created new account '{account_id}' in db '{encoded}'"));
    if !create_admin(platform, console, &account, username, password, &stamp).await? {
        return Ok(false);
    }
    if first {
        console.say(&format!("account {account_id} is the first, promoting it to sysadmin"));
        platform.crown(account_id).await?;
        console.say("updated master account id in system_config.accounts");
        console.say("finished promoting account");
    }
    Ok(true)
}

async fn create_admin(
    platform: &Platform,
    console: &Console,
    account: &Document,
    username: &str,
    password: &str,
    stamp: &Stamp<'_>,
) -> anyhow::Result<bool> {
    let account_id = text(account, "_id").unwrap_or_default();
    let data = object(json!({
        "username": username, "password": password, "first_name": "Account", "last_name": "Admin", "priv_level": "admin",
    }));
    let user = match platform.prepare_user(account_id, data, None, stamp).await {
        Ok(user) => user,
        Err(CheckError::Invalid(invalid)) => {
            complain(console, "user", invalid.into_data());
            return Ok(false);
        }
        Err(error) => return Err(error).context("failed to create the admin user"),
    };
    let db = names::account_db(account_id).context("an account has a database")?;
    platform.store.put(&db, &user).await?;
    console.say(&format!("created new account admin user '{}'", text(&user, "_id").unwrap_or_default()));
    Ok(true)
}

/// Says what's wrong with what was given, a line for each field.
fn complain(console: &Console, what: &str, data: Object) {
    for (path, codes) in &data {
        for (code, detail) in codes.as_object().into_iter().flatten() {
            let message = detail.get("message").and_then(Value::as_str).unwrap_or_default();
            console.warn(&format!("failed to validate {what} {path}: {code} {message}"));
        }
    }
}

fn object(value: Value) -> Object {
    value.as_object().cloned().unwrap_or_default()
}
