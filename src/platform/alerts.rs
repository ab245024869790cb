//! The alerts that reach somebody.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{
    Platform, found,
    names::{ACCOUNTS, ALERTS},
};
use crate::{
    kazoo::{
        account,
        alert::{self, Reader},
        document::{self, text},
        id,
    },
    store::{Document, Error, Object, Query, Row, View},
};

const AVAILABLE: View = View::new("alerts", "available");
/// Rows that are looked at for one reader, and on the whole platform of those for `descendants`.
const MOST: usize = 500;

impl Platform {
    /// The alerts for somebody that aren't past their time, oldest first. `now` is in gregorian seconds.
    ///
    /// An alert about the accounts below one is looked up from the alert's side: there are few of them, and may be very many
    /// accounts below.
    pub async fn alerts(&self, reader: &Reader<'_>, now: u64) -> Result<Vec<Value>, Error> {
        let mut rows = self.view(&ALERTS, AVAILABLE, &Query::keys(reader.addresses()).limit(MOST)).await?;
        let below = Query::range(json!(["descendants", []]), json!(["descendants", {}])).limit(MOST);
        let concerned = |row: &Row| row.key.get(1).and_then(|value| reader.concerns(value)).map(str::to_owned);
        let mut about = self.view(&ALERTS, AVAILABLE, &below).await?;
        let accounts: BTreeSet<String> = about.iter().filter_map(concerned).collect();
        let ours = self.those_below(reader.account_id, &accounts).await?;
        about.retain(|row| concerned(row).is_some_and(|id| ours.contains(&id)));
        rows.append(&mut about);
        let mut alerts = BTreeMap::new();
        for row in rows.into_iter().filter(|row| !alert::is_expired(&row.value, now)) {
            alerts.insert((row.value.get("created").and_then(Value::as_u64), row.id), row.value);
        }
        Ok(alerts.into_values().collect())
    }

    /// An alert's document; `None` when there is none.
    pub async fn alert(&self, id: &str) -> Result<Option<Document>, Error> {
        let doc = found(self.store.get(&ALERTS, id).await)?;
        Ok(doc.filter(|doc| text(doc, "pvt_type") == Some("alert") && !document::is_soft_deleted(doc)))
    }

    /// Whether an alert is for somebody.
    pub async fn reaches(&self, alert: &Object, reader: &Reader<'_>) -> Result<bool, Error> {
        let addresses = reader.addresses();
        let mut about = BTreeSet::new();
        for (kind, value) in alert::recipients(alert) {
            if addresses.contains(&json!([kind, value])) {
                return Ok(true);
            }
            about.extend((kind == "descendants").then(|| reader.concerns(value)).flatten().map(str::to_owned));
        }
        Ok(!self.those_below(reader.account_id, &about).await?.is_empty())
    }

    /// Those of some accounts that are below this one.
    async fn those_below(&self, account_id: &str, ids: &BTreeSet<String>) -> Result<BTreeSet<String>, Error> {
        if ids.is_empty() {
            return Ok(BTreeSet::new());
        }
        let ids: Vec<&str> = ids.iter().map(String::as_str).filter(|id| id::is_id(id)).collect();
        let docs = self.store.get_many(&ACCOUNTS, &ids).await?;
        let below = docs.iter().flatten().filter(|doc| account::tree(doc).any(|above| above == account_id));
        Ok(below.filter_map(|doc| document::id(doc).map(str::to_owned)).collect())
    }
}
