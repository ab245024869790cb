//! The cluster that an account has linked, and the access codes that link it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Rest,
    trail::{Actor, Who},
    version::{self, BadVersion, OLDEST_KAZOO, Version},
};

/// Seconds that an access code is good.
pub const CODE_LIFE: u64 = 15 * 60;

/// Kazoo's versions that can be chosen, where no setting says so.
pub const KAZOO_VERSIONS: [&str; 5] = ["5.1", "5.2", "5.3", "5.4", "5.5"];

/// An access code: `access_code:{hash}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccessCode {
    pub r#type: String,
    pub account_id: String,
    /// A user's id.
    pub created_by: String,
    pub expires: u64,
    pub used_at: Option<u64>,
    #[serde(flatten)]
    pub rest: Rest,
}

impl AccessCode {
    pub fn id(hash: &str) -> String {
        format!("access_code:{hash}")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkStatus {
    Linked,
    Unlinked,
}

/// The cluster of an account: `cluster:{account_id}`, so that there is one at most.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cluster {
    pub r#type: String,
    pub account_id: String,
    pub cluster_id: String,
    pub status: LinkStatus,
    pub name: String,
    pub api_url: Option<String>,
    #[serde(default)]
    pub is_aio_cluster: bool,
    /// The version that deliveries are chosen by.
    pub kazoo_version: Option<String>,
    /// What the cluster says of itself.
    pub reported_version: String,
    pub link_token_hash: String,
    pub linked_at: u64,
    /// A user's id.
    pub linked_by: String,
    pub last_seen: u64,
    #[serde(flatten)]
    pub rest: Rest,
}

/// Something about a link that isn't as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// Nothing is delivered until a version is chosen.
    KazooVersionMissing,
    /// The version that was chosen isn't the one that the cluster reports: deliveries are held.
    KazooVersionMismatch,
    /// Not confirmed to run the same applications on all nodes.
    NotAllInOne,
}

impl Cluster {
    pub fn id(account_id: &str) -> String {
        format!("cluster:{account_id}")
    }

    pub fn is_linked(&self) -> bool {
        self.status == LinkStatus::Linked
    }

    pub fn actor(&self, ip: Option<String>) -> Actor {
        Actor { who: Who::Cluster { account_id: self.account_id.clone(), cluster_id: self.cluster_id.clone() }, ip }
    }

    /// The version that deliveries are chosen by, once it's chosen and right.
    pub fn delivery_version(&self) -> Result<Version, Warning> {
        let chosen = self.kazoo_version.as_deref().and_then(|chosen| chosen.parse::<Version>().ok());
        let chosen = chosen.ok_or(Warning::KazooVersionMissing)?;
        match version::reported(&self.reported_version) {
            Ok(reported) if reported.series() == chosen.series() => Ok(chosen),
            _ => Err(Warning::KazooVersionMismatch),
        }
    }

    pub fn warnings(&self) -> Vec<Warning> {
        let aio = (!self.is_aio_cluster).then_some(Warning::NotAllInOne);
        self.delivery_version().err().into_iter().chain(aio).collect()
    }
}

/// Whether a Kazoo of this version can be linked.
pub fn is_new_enough(reported: &str) -> Result<bool, BadVersion> {
    let oldest: Version = OLDEST_KAZOO.parse()?;
    Ok(version::reported(reported)?.series() >= oldest.series())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(chosen: Option<&str>, reported: &str) -> Cluster {
        Cluster {
            r#type: "cluster".into(),
            account_id: "a".into(),
            cluster_id: "c".into(),
            status: LinkStatus::Linked,
            name: "lab".into(),
            api_url: None,
            is_aio_cluster: true,
            kazoo_version: chosen.map(str::to_owned),
            reported_version: reported.into(),
            link_token_hash: String::new(),
            linked_at: 0,
            linked_by: "u".into(),
            last_seen: 0,
            rest: Rest::new(),
        }
    }

    /// R14
    #[test]
    fn deliveries_are_held_until_the_version_is_chosen_and_right() {
        assert_eq!(cluster(None, "5.1.3").delivery_version().err(), Some(Warning::KazooVersionMissing));
        assert_eq!(cluster(Some("5.2"), "5.1.3").delivery_version().err(), Some(Warning::KazooVersionMismatch));
        assert_eq!(cluster(Some("5.1"), "5.1.3-beta").delivery_version().unwrap().series(), (5, 1));
    }

    /// R15
    #[test]
    fn a_cluster_that_is_not_all_in_one_is_warned_of() {
        let mut cluster = cluster(Some("5.1"), "5.1");
        assert_eq!(cluster.warnings(), []);
        cluster.is_aio_cluster = false;
        assert_eq!(cluster.warnings(), [Warning::NotAllInOne]);
    }

    /// R10
    #[test]
    fn kazoo_has_to_be_5_1_at_least() {
        for (reported, enough) in [("5.0.99", false), ("4.3", false), ("5.1", true), ("5.1.0-beta", true), ("6.0", true)] {
            assert_eq!(is_new_enough(reported), Ok(enough), "{reported}");
        }
        assert!(is_new_enough("latest").is_err());
    }
}
