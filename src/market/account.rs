//! Customers' accounts at the marketplace, and who is logged in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Rest,
    trail::{Actor, Who},
};

/// How the operator reaches a customer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Contact {
    pub name: String,
    pub email: String,
    pub phone: String,
    pub company: String,
}

/// A customer's account: `account:{account_id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    pub r#type: String,
    pub account_id: String,
    pub name: String,
    /// The API that vouches for it; the same id from elsewhere is somebody else.
    pub identity_api: String,
    pub superduper_admin: bool,
    /// Whether applications may be delivered to its cluster.
    #[serde(default)]
    pub early_access: bool,
    #[serde(default)]
    pub contact: Contact,
    /// The hash of the access code that is good now.
    #[serde(default)]
    pub code_hash: Option<String>,
    pub created: u64,
    #[serde(flatten)]
    pub rest: Rest,
}

impl Account {
    pub fn id(account_id: &str) -> String {
        format!("account:{account_id}")
    }
}

/// Somebody who is logged in: `session:{hash of the token}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub r#type: String,
    pub account_id: String,
    pub account_name: String,
    pub superduper_admin: bool,
    pub user_id: String,
    pub user_name: String,
    /// `admin` or `user`.
    pub priv_level: String,
    pub created: u64,
    pub expires: u64,
    /// Where the login came from.
    pub ip: Option<String>,
    #[serde(flatten)]
    pub rest: Rest,
}

impl Session {
    pub fn id(token_hash: &str) -> String {
        format!("session:{token_hash}")
    }

    pub fn is_admin(&self) -> bool {
        self.priv_level == "admin"
    }

    /// An admin of the account that is on top of its cluster.
    pub fn is_superduper_admin(&self) -> bool {
        self.superduper_admin && self.is_admin()
    }

    pub fn actor(&self, ip: Option<String>) -> Actor {
        Actor { who: Who::Customer { account_id: self.account_id.clone(), user_id: self.user_id.clone() }, ip }
    }
}

/// A partner who offers listings: `vendor:{vendor_id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vendor {
    pub r#type: String,
    pub vendor_id: String,
    pub name: String,
    /// The primary contact.
    pub email: String,
    pub token_hash: String,
    pub created: u64,
    #[serde(flatten)]
    pub rest: Rest,
}

impl Vendor {
    pub fn id(vendor_id: &str) -> String {
        format!("vendor:{vendor_id}")
    }

    pub fn actor(&self, ip: Option<String>) -> Actor {
        Actor { who: Who::Vendor { vendor_id: self.vendor_id.clone() }, ip }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R7
    #[test]
    fn a_superduper_admin_is_an_admin_of_the_account_on_top() {
        let session = |superduper_admin, level: &str| Session {
            r#type: "session".into(),
            account_id: "a".into(),
            account_name: "A".into(),
            superduper_admin,
            user_id: "u".into(),
            user_name: "U".into(),
            priv_level: level.into(),
            created: 0,
            expires: 0,
            ip: None,
            rest: Rest::new(),
        };
        assert!(session(true, "admin").is_superduper_admin());
        assert!(!session(true, "user").is_superduper_admin());
        assert!(!session(false, "admin").is_superduper_admin());
    }
}
