//! Partners who offer listings.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Error, Portal};
use crate::{
    kazoo::id,
    market::{
        Rest,
        account::Vendor,
        catalogue::{Page, Paging},
        secret,
        trail::Actor,
    },
    store::Query,
};

/// A new vendor, or an old one with a new token.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct NewVendor {
    pub id: String,
    pub name: String,
    pub email: String,
    /// Told once; only its hash is kept.
    pub token: String,
}

impl Portal {
    /// Lets a partner in.
    pub async fn add_vendor(&self, name: &str, email: &str, actor: &Actor) -> Result<NewVendor, Error> {
        let is_right = |text: &str| !text.trim().is_empty() && text.len() <= 300;
        if !is_right(name) || !is_right(email) || !email.contains('@') {
            return Err(Error::Invalid(vec![("name".into(), "and email are there".into())]));
        }
        let (vendor_id, secret) = (id::new_id(), secret::new()?);
        let vendor = Vendor {
            r#type: "vendor".into(),
            vendor_id: vendor_id.clone(),
            name: name.into(),
            email: email.into(),
            token_hash: secret::hash(&secret),
            created: self.now(),
            rest: Rest::new(),
        };
        self.create(&Vendor::id(&vendor_id), &vendor, actor, "vendor.create").await?;
        let token = secret::owned(&vendor_id, &secret);
        Ok(NewVendor { id: vendor_id, name: name.into(), email: email.into(), token })
    }

    /// Gives a vendor another token; the one before is void.
    pub async fn renew_vendor(&self, vendor_id: &str, actor: &Actor) -> Result<NewVendor, Error> {
        let secret = secret::new()?;
        let (vendor, ()) = self
            .change(&Vendor::id(vendor_id), actor, "vendor.renew", |vendor: &mut Vendor| {
                vendor.token_hash = secret::hash(&secret);
                Ok(())
            })
            .await?;
        Ok(NewVendor {
            token: secret::owned(&vendor.vendor_id, &secret),
            id: vendor.vendor_id,
            name: vendor.name,
            email: vendor.email,
        })
    }

    /// The vendor who has this token.
    pub async fn vendor(&self, token: &str) -> Result<Vendor, Error> {
        let (vendor_id, secret) = secret::parts(token).ok_or(Error::Unauthorized)?;
        let vendor: Option<Vendor> = self.load(&Vendor::id(vendor_id)).await?;
        vendor.filter(|vendor| secret::is(secret, &vendor.token_hash)).ok_or(Error::Unauthorized)
    }

    /// The vendor of that id. For staff.
    pub async fn vendor_by_id(&self, vendor_id: &str) -> Result<Vendor, Error> {
        self.load(&Vendor::id(vendor_id)).await?.ok_or(Error::NotFound)
    }

    /// All vendors, by name. For staff.
    pub async fn vendors(&self, paging: Paging) -> Result<Page<serde_json::Value>, Error> {
        self.page("vendors", Query::default(), paging).await
    }
}
