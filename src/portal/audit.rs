//! The audit trail, for staff to read.

use serde_json::{Value, json};

use super::{Error, Portal, accounts::part};
use crate::{
    market::catalogue::{Page, Paging},
    store::{Keys, Query},
};

impl Portal {
    /// Who changed what, the newest first: everywhere, or in one document (`order:…`, `listing:…`).
    pub async fn audit(&self, subject: Option<&str>, paging: Paging) -> Result<Page<Value>, Error> {
        let subject = subject.unwrap_or_default();
        let (first, last) = (json!([subject]), json!([subject, {}]));
        let total = self.count("audit", &Query::range(first.clone(), last.clone())).await?;
        let keys = Keys::Range { start: Some(last), end: Some(first), inclusive_end: true };
        let rows = self.rows("audit", &part(Query { keys, descending: true, ..Query::default() }, paging)).await?;
        let items = rows.into_iter().map(|row| row.value).collect();
        Ok(Page { items, total, page: paging.page.max(1), per_page: paging.size() })
    }
}
