//! Whether an account is as it has to be: its schema, and a realm and a name that no other has.

use serde_json::Value;

use crate::{
    kazoo::{
        document::text,
        id,
        validation::{Detail, Invalid},
    },
    platform::{Platform, schemas::CheckError},
    store::{Error, Object},
};

/// Members that are derived, or set by operators only: not a client's to store.
const DERIVED: [&str; 4] = ["id", "wnm_allow_additions", "superduper_admin", "billing_mode"];

impl Platform {
    /// The public members of an account, completed and checked. `own_id` is the account's, `None` for one to be made.
    pub(super) async fn check_account(&self, mut data: Object, own_id: Option<&str>) -> Result<Object, CheckError> {
        for key in DERIVED {
            data.shift_remove(key);
        }
        let settings = self.settings("crossbar.accounts").await?;
        let realm = text(&data, "realm").map(|realm| realm.replace(' ', "")).filter(|realm| !realm.is_empty());
        let realm = match realm {
            Some(realm) => realm,
            None => {
                let strength = settings.number("random_realm_strength").unwrap_or(3).clamp(1, 32) as usize;
                let suffix = settings.text("account_realm_suffix").unwrap_or("sip.2600hz.com");
                format!("{}.{suffix}", secret(strength)?)
            }
        };
        data.insert("realm".into(), realm.as_str().into());
        if data.get("timezone").is_none_or(|zone| zone == "inherit") {
            let zone = self.settings("accounts").await?.text("default_timezone").unwrap_or("America/Los_Angeles").to_owned();
            data.insert("timezone".into(), zone.into());
        }
        let mut invalid = Invalid::new();
        if is_taken(&self.accounts_by_realm(&realm).await?, own_id) {
            invalid.add("realm", "unique", Detail::new("Account realm already in use").cause(realm));
        }
        if let Some(name) = text(&data, "name").filter(|name| !name.is_empty())
            && settings.flag("ensure_unique_name").unwrap_or(true)
            && is_taken(&self.accounts_by_name(name).await?, own_id)
        {
            invalid.add("name", "unique", Detail::new("Account name already in use").cause(name));
        }
        match self.check("accounts", Value::Object(data)).await {
            Ok(mut checked) => {
                invalid.into_result()?;
                checked.shift_remove("enabled");
                Ok(checked)
            }
            Err(CheckError::Invalid(others)) => {
                invalid.merge(others);
                Err(invalid.into())
            }
            Err(error) => Err(error),
        }
    }
}

fn is_taken(holders: &[String], own_id: Option<&str>) -> bool {
    holders.iter().any(|holder| Some(holder.as_str()) != own_id)
}

/// Random hexadecimal digits.
pub(super) fn secret(bytes: usize) -> Result<String, Error> {
    let no_randomness = |error: getrandom::Error| Error::Corrupt {
        db: crate::platform::names::ACCOUNTS.clone(),
        id: String::new(),
        source: anyhow::anyhow!("no randomness: {error}"),
    };
    id::new_secret(bytes).map_err(no_randomness)
}
