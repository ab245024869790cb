//! Whether an account is as it has to be: its schema, and a realm and a name that no other has.

use serde_json::Value;

use crate::{
    kazoo::{
        account,
        document::{self, alphanum, text},
        id,
        validation::{Detail, Invalid},
    },
    platform::{Platform, schemas::CheckError},
    store::{Error, Object},
};

/// Time zone of accounts where neither they nor a setting say.
const TIMEZONE: &str = "America/Los_Angeles";

/// What no two accounts may have alike.
#[derive(Clone, Debug)]
pub(super) struct Names {
    realm: Option<String>,
    name: Option<String>,
}

impl Names {
    pub(super) fn of(account: &Object) -> Self {
        let named = |key| text(account, key).filter(|name| !name.is_empty()).map(str::to_owned);
        Self { realm: named("realm"), name: named("name") }
    }

    /// Whether they are taken for the same: a realm in any case, a name by its letters and digits.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let realm = |names: &Self| names.realm.as_deref().map(str::to_lowercase);
        let name = |names: &Self| names.name.as_deref().map(alphanum);
        realm(self) == realm(other) && name(self) == name(other)
    }
}

impl Platform {
    /// The public members of an account, completed and checked. `stored` is the account as it is, `None` for a new one; names
    /// that it has already aren't held against it.
    pub(super) async fn check_account(&self, mut data: Object, stored: Option<&Object>) -> Result<Object, CheckError> {
        self.complete(&mut data, stored).await?;
        let names = Names::of(&data);
        let taken = match stored {
            Some(stored) if names.is_like(&Names::of(stored)) => Ok(()),
            stored => self.check_names(&names, stored.and_then(document::id)).await,
        };
        let mut invalid = match taken {
            Ok(()) => Invalid::new(),
            Err(CheckError::Invalid(invalid)) => invalid,
            Err(error) => return Err(error),
        };
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

    /// Gives an account the realm and the time zone that it doesn't name.
    async fn complete(&self, data: &mut Object, stored: Option<&Object>) -> Result<(), CheckError> {
        match data.get("realm") {
            Some(Value::String(realm)) if !realm.is_empty() => {
                let realm = realm.replace(' ', "");
                data.insert("realm".into(), realm.into());
            }
            // What isn't text is for the schema to refuse.
            Some(other) if !other.is_null() && !other.is_string() => {}
            _ => {
                let settings = self.settings("crossbar.accounts").await?;
                let strength = settings.number("random_realm_strength").unwrap_or(3).clamp(1, 32) as usize;
                let suffix = settings.text("account_realm_suffix").unwrap_or("sip.2600hz.com");
                data.insert("realm".into(), format!("{}.{suffix}", secret(strength)?).into());
            }
        }
        if data.get("timezone").is_none_or(|zone| zone.is_null() || zone == "inherit") {
            let zone = self.inherited_timezone(stored).await?;
            data.insert("timezone".into(), zone.into());
        }
        Ok(())
    }

    /// The time zone of the nearest account above that has one, else the system's. A new account has nobody above it yet, as in
    /// Kazoo.
    async fn inherited_timezone(&self, stored: Option<&Object>) -> Result<String, Error> {
        for ancestor in stored.into_iter().flat_map(account::tree).rev() {
            if let Some(ancestor) = self.account(ancestor).await?
                && let Some(zone) = text(&ancestor, "timezone").filter(|zone| *zone != "inherit")
            {
                return Ok(zone.to_owned());
            }
        }
        Ok(self.settings("accounts").await?.text("default_timezone").unwrap_or(TIMEZONE).to_owned())
    }

    /// Refuses a realm or a name that another account has.
    pub(super) async fn check_names(&self, names: &Names, own_id: Option<&str>) -> Result<(), CheckError> {
        let mut invalid = Invalid::new();
        if let Some(realm) = &names.realm
            && is_taken(&self.accounts_by_realm(realm).await?, own_id)
        {
            invalid.add("realm", "unique", Detail::new("Account realm already in use").cause(realm.as_str()));
        }
        if let Some(name) = &names.name
            && self.settings("crossbar.accounts").await?.flag("ensure_unique_name").unwrap_or(true)
            && is_taken(&self.accounts_by_name(name).await?, own_id)
        {
            invalid.add("name", "unique", Detail::new("Account name already in use").cause(name.as_str()));
        }
        Ok(invalid.into_result()?)
    }

    /// Refuses what a customer of the master account may not do where such customers have no accounts of their own.
    /// `account` is the caller's.
    pub async fn check_may_have_accounts(&self, account: &Object) -> Result<(), CheckError> {
        if self.settings("accounts").await?.flag("allow_subaccounts_for_direct").unwrap_or(true) {
            return Ok(());
        }
        let standing = self.standing(account).await?;
        if standing.is_reseller || standing.reseller_id != standing.master_id {
            return Ok(());
        }
        let message = "Direct account is not allowed to create sub-accounts";
        let detail = Detail::new(message).cause(document::id(account).unwrap_or_default());
        Err(Invalid::one("account", "forbidden", detail).into())
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
