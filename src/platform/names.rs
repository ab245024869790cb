//! The databases that Storefront works with.

use crate::{
    kazoo::id,
    store::{Db, Error},
};

/// Copies of all account documents.
pub static ACCOUNTS: Db = Db::named("accounts");
/// Notices to users.
pub static ALERTS: Db = Db::named("alerts");
/// Plans and reseller flags, a document an account.
pub static SERVICES: Db = Db::named("services");
/// Signing keys and identity providers.
pub static SYSTEM_AUTH: Db = Db::named("system_auth");
/// Settings, a document a category.
pub static SYSTEM_CONFIG: Db = Db::named("system_config");
/// The marketplace's own, where there is one: listings, customers, orders. No Kazoo has it.
pub static MARKETPLACE: Db = Db::named("marketplace");
/// Credentials of devices.
pub static SIP_AUTH: Db = Db::named("sip_auth");
/// Design documents that Kazoo puts into databases of a kind.
pub static SYSTEM_DATA: Db = Db::named("system_data");
/// JSON schemas, a document each.
pub static SYSTEM_SCHEMAS: Db = Db::named("system_schemas");
/// Tokens that were logged out.
pub static TOKEN_AUTH: Db = Db::named("token_auth");

/// Every system database that must be there.
pub static SYSTEM: [&Db; 8] =
    [&ACCOUNTS, &ALERTS, &SERVICES, &SYSTEM_AUTH, &SYSTEM_CONFIG, &SYSTEM_DATA, &SYSTEM_SCHEMAS, &TOKEN_AUTH];

/// The name under which realms and names of accounts are checked and given, see
/// [`exclusively`](super::Platform::exclusively).
pub const ACCOUNT_NAMES: &str = "account names";

/// The name under which accounts are moved.
pub const ACCOUNT_TREE: &str = "account tree";
/// The document of an account's database that restricts its tokens.
pub const TOKEN_RESTRICTIONS: &str = "token_restrictions";

/// What all account databases' names begin with.
pub const ACCOUNT_PREFIX: &str = "account/";

/// An account's database; `None` when this can't be an account's id.
pub fn account_db(account_id: &str) -> Option<Db> {
    id::account_db(account_id).and_then(|name| Db::parse(&name))
}

/// The database of an account that is known to be one.
pub fn known_account_db(account_id: &str) -> Result<Db, Error> {
    account_db(account_id).ok_or_else(|| Error::NotFound { db: ACCOUNTS.clone(), id: account_id.to_owned() })
}

/// Whose account's own database this is.
pub fn account_of(db: &Db) -> Option<String> {
    let account_id = db.as_str().strip_prefix(ACCOUNT_PREFIX)?.replace('/', "");
    id::is_id(&account_id).then_some(account_id)
}

/// Whose month's database this is.
pub fn month_of(db: &Db) -> Option<String> {
    let (own, month) = db.as_str().rsplit_once('-')?;
    let is_month = month.len() == 6 && month.bytes().all(|digit| digit.is_ascii_digit());
    Db::parse(own).filter(|_| is_month).and_then(|own| account_of(&own))
}

/// The database in which a phone number (`+14155550100`) is kept; `None` when this can't be one.
pub fn number_db(number: &str) -> Option<Db> {
    let prefix = number.get(..5).filter(|prefix| prefix.starts_with('+'))?;
    number[1..].bytes().all(|digit| digit.is_ascii_digit()).then(|| Db::parse(&format!("numbers/{prefix}")))?
}

/// The database of an account's month; `now` is Unix time in seconds.
pub fn month_db(account_id: &str, now: u64) -> Option<Db> {
    id::month_db(account_id, now).and_then(|name| Db::parse(&name))
}
