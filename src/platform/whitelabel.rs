//! Brands: an account's `whitelabel` document with its files, and the domain that leads there.
//!
//! Which account has a domain stands on the account's document, in both its copies, since the view over the one in `accounts`
//! is where a visitor's domain is looked up.

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde_json::Value;

use super::{Platform, names, schemas::CheckError};
use crate::{
    kazoo::{
        document::{self, Stamp, text},
        validation::{Detail, Invalid},
        whitelabel::{self, ID, Part},
    },
    store::{Document, Error, Object, Rev, Upload, update},
};

mod claim;

/// How often a file is stored again on a fresh revision before the conflict is reported.
const ATTEMPTS: usize = 20;

/// Bytes that a store is given at a time.
const PIECE: usize = 64 << 10;

/// A file for a brand, as it came.
pub struct BrandFile<'a> {
    pub part: Part,
    /// What it's called among the attachments.
    pub name: &'a str,
    pub content_type: &'a str,
    pub bytes: &'a Bytes,
}

impl Platform {
    /// An account's brand.
    pub async fn brand(&self, account_id: &str) -> Result<Option<Document>, Error> {
        Ok(self.account_doc(account_id, ID).await?.filter(|doc| whitelabel::is_brand(doc)))
    }

    /// The account that has a domain, in any case. A domain that more than one claims is nobody's.
    pub async fn brand_owner(&self, domain: &str) -> Result<Option<String>, Error> {
        let mut owners = self.claimants(domain).await?;
        Ok(owners.pop().filter(|_| owners.is_empty()))
    }

    /// The public members of a brand, completed and checked: its schema, and a domain that is one and nobody else's.
    pub async fn check_brand(&self, account_id: &str, mut data: Object) -> Result<Object, CheckError> {
        data.shift_remove("id");
        let mut invalid = Invalid::new();
        if let Some(domain) = whitelabel::domain(&data) {
            if !whitelabel::is_domain(domain) {
                let message = "White label domain must be a host name";
                invalid.add("domain", "wrong_format", Detail::new(message).cause(domain));
            } else if self.claimants(domain).await?.iter().any(|owner| owner != account_id) {
                invalid.merge(claim::taken(domain));
            }
        }
        match self.check(ID, Value::Object(data)).await {
            Ok(checked) => {
                invalid.into_result()?;
                Ok(checked)
            }
            Err(CheckError::Invalid(others)) => {
                invalid.merge(others);
                Err(invalid.into())
            }
            Err(error) => Err(error),
        }
    }

    /// Writes a brand that was checked, and makes its domain the account's. Of several accounts that want one domain at the
    /// same time, one gets it.
    pub async fn save_brand(&self, account_id: &str, brand: &Object) -> Result<Rev, CheckError> {
        let db = names::known_account_db(account_id)?;
        let saved = match whitelabel::domain(brand) {
            Some(domain) => {
                let work = async {
                    self.claim_domain(account_id, domain).await?;
                    Ok(self.store.put(&db, brand).await?)
                };
                self.exclusively(&format!("domain {}", domain.to_lowercase()), work).await
            }
            None => self.store.put(&db, brand).await.map_err(CheckError::from),
        };
        // Whatever came of it: the account has the domain that its brand says.
        self.settle_domain(account_id).await?;
        saved
    }

    /// Removes a brand with its files and its domain. Only the revision that is named.
    pub async fn delete_brand(&self, account_id: &str, rev: &str) -> Result<(), Error> {
        self.store.delete(&names::known_account_db(account_id)?, ID, rev).await?;
        self.settle_domain(account_id).await
    }

    /// Stores a file of a brand in place of the one that was there; there is never a moment without either. `None` when the
    /// account has no brand. `may_write` is asked before anything is written, with the revision that's to be replaced.
    pub async fn save_brand_file<E: From<Error>>(
        &self,
        account_id: &str,
        file: &BrandFile<'_>,
        stamp: &Stamp<'_>,
        may_write: impl Fn(Option<&str>) -> Result<(), E>,
    ) -> Result<Option<Document>, E> {
        let db = names::known_account_db(account_id)?;
        let mut attempt = 0;
        let replaced = loop {
            let Some(brand) = self.brand(account_id).await? else {
                return Ok(None);
            };
            let rev = text(&brand, "_rev");
            may_write(rev)?;
            match self.store.put_attachment(&db, ID, rev, file.name, upload(file)).await {
                Ok(_) => break whitelabel::replaced(&brand, file.part),
                // Somebody wrote another part of it.
                Err(Error::Conflict { .. }) if attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error.into()),
            }
        };
        let merged = update(self.store.as_ref(), &db, ID, async |brand: &mut Object| {
            if let Some(Value::Object(stubs)) = brand.get_mut("_attachments") {
                stubs.retain(|name, _| name == file.name || !replaced.contains(name));
            }
            document::stamp(brand, stamp);
            Ok::<_, E>(())
        });
        Ok(Some(merged.await?.doc))
    }
}

/// The file as a stream of small pieces: a store that takes one at a time needn't hold the whole once more.
fn upload(file: &BrandFile<'_>) -> Upload {
    let (bytes, length) = (file.bytes.clone(), file.bytes.len());
    let pieces = (0..length).step_by(PIECE).map(move |from| Ok(bytes.slice(from..length.min(from + PIECE))));
    Upload { content_type: file.content_type.to_owned(), length: Some(length as u64), body: stream::iter(pieces).boxed() }
}
