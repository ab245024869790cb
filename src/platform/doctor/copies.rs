//! How an account's copy in `accounts` stands beside the account's own document, which is the one that counts.

use serde_json::Value;

use super::{Finding, Mend, Problem};
use crate::{
    kazoo::document::{is_soft_deleted, text},
    platform::{Platform, found, names},
    store::{Db, Error, Object},
};

/// What is said of a copy.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing<'a> {
    Alike,
    Missing,
    /// In these members.
    Differs(Vec<&'a str>),
    /// It was written later than what it's a copy of: the account's own may be out of a backup.
    Newer(Vec<&'a str>),
    /// There is nothing that it could be a copy of.
    NoOriginal,
}

impl<'a> Standing<'a> {
    pub(super) fn of(own: Option<&'a Object>, copy: Option<&'a Object>) -> Self {
        let (own, copy) = match (own, copy) {
            (None, _) => return Self::NoOriginal,
            (Some(own), None) if is_soft_deleted(own) => return Self::Alike,
            (Some(_), None) => return Self::Missing,
            (Some(own), Some(copy)) => (own, copy),
        };
        let differing = differing(own, copy);
        if differing.is_empty() {
            Self::Alike
        } else if modified(copy) > modified(own) {
            Self::Newer(differing)
        } else {
            Self::Differs(differing)
        }
    }
}

fn modified(doc: &Object) -> Option<u64> {
    doc.get("pvt_modified").and_then(Value::as_u64)
}

/// The members in which two documents differ, the database's own aside.
fn differing<'a>(own: &'a Object, copy: &'a Object) -> Vec<&'a str> {
    let own_members = own.iter().filter(|(name, value)| copy.get(*name) != Some(value)).map(|(name, _)| name.as_str());
    let more = copy.keys().filter(|name| !own.contains_key(*name)).map(String::as_str);
    own_members.chain(more).filter(|name| !name.starts_with('_')).collect()
}

impl Platform {
    /// Holds an account's document, as it was met, against its copy. One that `is_torn` has another revision of equal right,
    /// so that nobody knows yet what is to be copied.
    pub(super) async fn examine_copy(
        &self,
        db: &Db,
        id: &str,
        met: Option<&Object>,
        is_torn: bool,
    ) -> Result<Option<Finding>, Error> {
        let copy = match self.store.get(&names::ACCOUNTS, id).await {
            // That's told where `accounts` is looked through.
            Err(Error::Corrupt { .. }) => return Ok(None),
            copy => found(copy)?,
        };
        if Standing::of(met, copy.as_deref()) == Standing::Alike {
            return Ok(None);
        }
        // What was read at different times may differ for that alone: both once more, and whether somebody is writing just now.
        let own = match self.store.get(db, id).await {
            Err(Error::Corrupt { .. }) => return Ok(None),
            own => found(own)?,
        };
        let copy = found(self.store.get(&names::ACCOUNTS, id).await)?;
        let rev = |doc: Option<&Object>| doc.and_then(|doc| text(doc, "_rev")).map(str::to_owned);
        if rev(found(self.store.get(db, id).await)?.as_deref()) != rev(own.as_deref()) {
            return Ok(None);
        }
        let mend = (!is_torn).then(|| Mend::Copy { account_id: id.to_owned() });
        let wrong = |detail, mend| {
            Some(Finding { problem: Problem::Copy, db: names::ACCOUNTS.clone(), id: Some(id.to_owned()), detail, mend })
        };
        Ok(match Standing::of(own.as_deref(), copy.as_deref()) {
            Standing::Alike => None,
            Standing::Missing => wrong("missing".to_owned(), mend),
            Standing::Differs(members) => wrong(format!("differs from the account's own: {}", members.join(", ")), mend),
            Standing::Newer(members) => {
                wrong(format!("differs from the account's own, and was written later: {}", members.join(", ")), None)
            }
            Standing::NoOriginal => {
                let known = if copy.is_some() { "accounts still has a copy" } else { "accounts has no copy either" };
                let detail = format!("the account's document is missing; {known}");
                Some(Finding { problem: Problem::NoAccount, db: db.clone(), id: Some(id.to_owned()), detail, mend: None })
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_copy_that_was_written_later_isnt_taken_for_an_old_one() {
        let doc = |name: &str, modified: Value| {
            json!({ "_rev": name, "name": name, "pvt_modified": modified }).as_object().cloned().unwrap()
        };
        let own = doc("a", json!(5));
        let of = |copy: &Object| match Standing::of(Some(&own), Some(copy)) {
            Standing::Differs(_) => "differs",
            Standing::Newer(_) => "newer",
            _ => "neither",
        };
        assert_eq!(of(&doc("b", json!(4))), "differs");
        assert_eq!(of(&doc("b", json!(5))), "differs");
        assert_eq!(of(&doc("b", json!("x"))), "differs");
        assert_eq!(of(&doc("b", json!(6))), "newer");
        assert_eq!(Standing::of(Some(&own), Some(&own)), Standing::Alike);
        assert_eq!(Standing::of(Some(&own), None), Standing::Missing);
        assert_eq!(Standing::of(None, Some(&own)), Standing::NoOriginal);
    }
}
