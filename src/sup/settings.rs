//! `kapps_config`: settings.

use serde_json::Value;

use super::Console;
use crate::platform::{Platform, settings::value_at};

/// Prints a setting as JSON, or `undefined`.
pub async fn get(platform: &Platform, console: &Console, category: &str, key: &str) -> anyhow::Result<bool> {
    let settings = platform.settings(category).await?;
    match settings.get(&path(key)) {
        Some(value) => console.say(&value.to_string()),
        None => console.say("undefined"),
    }
    Ok(true)
}

/// Sets a setting. A value that is JSON is taken as such, any other as text.
pub async fn set(platform: &Platform, console: &Console, category: &str, key: &str, value: &str) -> anyhow::Result<bool> {
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
    platform.set_setting(category, &path(key), value).await?;
    console.say("ok");
    Ok(true)
}

/// Prints a setting of an account as JSON, or `undefined`.
pub async fn get_of_account(
    platform: &Platform,
    console: &Console,
    account_id: &str,
    category: &str,
    key: &str,
) -> anyhow::Result<bool> {
    let settings = platform.own_settings(account_id, category).await?;
    match settings.as_deref().and_then(|settings| value_at(settings, &path(key))) {
        Some(value) => console.say(&value.to_string()),
        None => console.say("undefined"),
    }
    Ok(true)
}

/// Sets a setting of an account.
pub async fn set_of_account(
    platform: &Platform,
    console: &Console,
    account_id: &str,
    category: &str,
    key: &str,
    value: &str,
) -> anyhow::Result<bool> {
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
    if platform.account(account_id).await?.is_none() {
        console.warn(&format!("there is no account {account_id}"));
        return Ok(false);
    }
    platform.set_account_setting(account_id, category, &path(key), value).await?;
    console.say("ok");
    Ok(true)
}

/// A key may be given as Kazoo's operators give a nested one: `["auth_modules","cb_user_auth","enabled"]`.
fn path(key: &str) -> String {
    serde_json::from_str::<Vec<String>>(key).map_or_else(|_| key.to_owned(), |keys| keys.join("."))
}
