//! The addresses that a brand sends mail from. Each is proved by a code that is sent to it.

use serde_json::Value;
use subtle::ConstantTimeEq;

use super::{Platform, mail::Mail, names, schemas::CheckError};
use crate::{
    kazoo::{
        document::{self, Stamp, flag, is_soft_deleted, text},
        id,
        validation::{Detail, Invalid},
    },
    store::{Document, Error, Object, Query, View, update},
};

pub const LISTING: View = View::new("emails", "crossbar_listing");

/// The `pvt_type` of an address.
const TYPE: &str = "email";
const CODE: &str = "pvt_code";
const VERIFIED: &str = "pvt_verified";

/// Whether an address has been proved.
pub fn is_verified(email: &Object) -> bool {
    flag(email, VERIFIED)
}

impl Platform {
    /// An address of an account, by its document's id.
    pub async fn email(&self, account_id: &str, id: &str) -> Result<Option<Document>, Error> {
        let doc = self.account_doc(account_id, id).await?;
        Ok(doc.filter(|doc| text(doc, "pvt_type") == Some(TYPE) && !is_soft_deleted(doc)))
    }

    /// The public members of an address, checked: its schema, and that the account hasn't got it already.
    pub async fn check_email(&self, account_id: &str, mut data: Object, own_id: Option<&str>) -> Result<Object, CheckError> {
        data.shift_remove("id");
        let checked = self.check("emails", Value::Object(data)).await?;
        self.must_be_the_only(account_id, &checked, own_id).await?;
        Ok(checked)
    }

    /// An error when an account has the same address elsewhere.
    async fn must_be_the_only(&self, account_id: &str, email: &Object, own_id: Option<&str>) -> Result<(), CheckError> {
        let address = text(email, "email").unwrap_or_default();
        let known = self.view(&names::known_account_db(account_id)?, LISTING, &Query::default()).await?;
        let same =
            |value: &Value| value.get("email").and_then(Value::as_str).is_some_and(|known| known.eq_ignore_ascii_case(address));
        if known.iter().any(|row| same(&row.value) && row.id.as_deref() != own_id) {
            let detail = Detail::new("Whitelabel email address is already in use").cause(address);
            return Err(Invalid::one("email", "unique", detail).into());
        }
        Ok(())
    }

    /// Writes a new address that was checked, and sends a code to it. Of several that add it at once, one does.
    pub async fn add_email(&self, account_id: &str, mut email: Object, stamp: &Stamp<'_>) -> Result<Document, CheckError> {
        let db = names::known_account_db(account_id)?;
        email.insert("_id".into(), id::new_id().into());
        email.insert("pvt_type".into(), TYPE.into());
        let code = demand(&mut email)?;
        let encoded = id::account_db_encoded(account_id);
        document::stamp(&mut email, &Stamp { account_id: Some(account_id), account_db: encoded.as_deref(), ..*stamp });
        let put = async {
            self.must_be_the_only(account_id, &email, None).await?;
            Ok::<_, CheckError>(self.store.put(&db, &email).await?)
        };
        let rev = self.exclusively(&addresses_of(account_id), put).await?;
        email.insert("_rev".into(), rev.into());
        self.send_code(&email, code).await;
        Ok(email.into())
    }

    /// Gives an address new public members, which were checked. If it's another one then, it has to be proved anew.
    pub async fn change_email(
        &self,
        account_id: &str,
        id: &str,
        data: &Object,
        stamp: &Stamp<'_>,
    ) -> Result<Document, CheckError> {
        let mut code = None;
        let db = names::known_account_db(account_id)?;
        let edit = async |email: &mut Object| {
            let other = text(email, "email") != text(data, "email");
            email.retain(|key, _| document::is_private(key));
            email.extend(data.clone());
            code = if other { Some(demand(email)?) } else { None };
            document::stamp(email, stamp);
            Ok::<_, CheckError>(())
        };
        let work = async {
            self.must_be_the_only(account_id, data, Some(id)).await?;
            update(self.store.as_ref(), &db, id, edit).await
        };
        let merged = self.exclusively(&addresses_of(account_id), work).await?;
        if let Some(code) = code {
            self.send_code(&merged.doc, code).await;
        }
        Ok(merged.doc)
    }

    /// Holds a code against the one that was sent to an address. If it's wrong, another is sent, so that guessing is of no
    /// use; `None` then.
    pub async fn verify_email(
        &self,
        account_id: &str,
        id: &str,
        code: &str,
        stamp: &Stamp<'_>,
    ) -> Result<Option<Document>, Error> {
        let mut other = None;
        let merged = update(self.store.as_ref(), &names::known_account_db(account_id)?, id, async |email: &mut Object| {
            other = None;
            if is_verified(email) {
                return Ok(());
            }
            if text(email, CODE).is_some_and(|sent| sent.as_bytes().ct_eq(code.as_bytes()).into()) {
                email.insert(VERIFIED.into(), true.into());
                email.shift_remove(CODE);
            } else {
                other = Some(demand(email)?);
            }
            document::stamp(email, stamp);
            Ok::<_, Error>(())
        })
        .await?;
        match other {
            None => Ok(Some(merged.doc)),
            Some(code) => {
                self.send_code(&merged.doc, code).await;
                Ok(None)
            }
        }
    }

    async fn send_code(&self, email: &Object, code: String) {
        let text = format!(
            "Your verification code is {code}.\n\nIt proves that mail may be sent from this address. If you don't expect this, ignore it.\n"
        );
        let to = document::text(email, "email").unwrap_or_default();
        self.send_mail(Mail { to, subject: "Verify your email address", text }).await;
    }
}

/// The name under which an account's addresses are given.
fn addresses_of(account_id: &str) -> String {
    format!("emails of {account_id}")
}

/// Lets an address be proved by a new code, which is returned.
fn demand(email: &mut Object) -> Result<String, Error> {
    let code = id::new_code().map_err(|error| Error::Corrupt {
        db: names::ACCOUNTS.clone(),
        id: String::new(),
        source: anyhow::anyhow!("no randomness: {error}"),
    })?;
    email.insert(CODE.into(), code.as_str().into());
    email.insert(VERIFIED.into(), false.into());
    Ok(code)
}
