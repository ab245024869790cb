//! The documents that come with a new account, beside its own.

use serde_json::{Value, json};

use super::super::document::{Object, text};

/// The id of the ledger document that opens a month (`YYYYMM`).
pub fn rollover_id(month: &str) -> String {
    format!("{month}-ledgers_monthly_rollover")
}

/// `services/{account id}`: no plan yet. `reseller_id` is whose customer the account is.
pub fn services(account: &Object, reseller_id: Option<&str>) -> Object {
    let mut services = copied(account, &["_id", "pvt_account_id", "pvt_account_db", "pvt_tree", "pvt_created", "pvt_modified"]);
    services.extend(object(json!({
        "pvt_type": "service",
        "pvt_vsn": 2,
        "pvt_status": "good_standing",
        "pvt_reseller": false,
        "plans": {},
        "quantities": { "account": {}, "cascade": {} },
    })));
    services.extend(reseller_id.map(|id| ("pvt_reseller_id".to_owned(), id.into())));
    services
}

/// `apps_store` in the account's database: nothing installed, nothing blacklisted.
pub fn apps_store(account: &Object) -> Object {
    let mut doc = object(json!({ "_id": "apps_store" }));
    doc.extend(copied(account, &["pvt_account_id", "pvt_account_db"]));
    doc
}

/// The ledger document in the account's month database (`month_db`, encoded): a new account takes nothing over.
pub fn rollover(account: &Object, month: &str, month_db: &str) -> Object {
    let mut doc = object(json!({
        "_id": rollover_id(month),
        "pvt_type": "ledger",
        "pvt_vsn": "1",
        "amount": 0,
        "description": "monthly rollover",
        "source": { "service": "rollovers", "id": month },
        "account": { "id": text(account, "_id"), "name": text(account, "name") },
        "pvt_account_db": month_db,
    }));
    doc.extend(copied(account, &["pvt_account_id", "pvt_created", "pvt_modified"]));
    doc
}

fn copied(from: &Object, keys: &[&str]) -> Object {
    keys.iter().filter_map(|key| Some(((*key).to_owned(), from.get(*key)?.clone()))).collect()
}

fn object(value: Value) -> Object {
    value.as_object().cloned().unwrap_or_default()
}
