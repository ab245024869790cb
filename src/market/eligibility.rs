//! Who may link a cluster and who may buy what, and why not.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    account::Session,
    cluster::{Cluster, Warning},
    content::Kind,
    release::{self, Release},
};

/// Why something isn't possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Purchases are for admins.
    NotAdmin,
    NotSuperduperAdmin,
    NotEarlyAccess,
    AlreadyLinked,
    ClusterNotLinked,
    KazooVersionMissing,
    KazooVersionMismatch,
    /// No version of it runs on the cluster's Kazoo.
    KazooTooOld,
}

impl Reason {
    /// As it's written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAdmin => "not_admin",
            Self::NotSuperduperAdmin => "not_superduper_admin",
            Self::NotEarlyAccess => "not_early_access",
            Self::AlreadyLinked => "already_linked",
            Self::ClusterNotLinked => "cluster_not_linked",
            Self::KazooVersionMissing => "kazoo_version_missing",
            Self::KazooVersionMismatch => "kazoo_version_mismatch",
            Self::KazooTooOld => "kazoo_too_old",
        }
    }

    /// In words.
    pub fn message(self) -> &'static str {
        match self {
            Self::NotAdmin => "Only an admin of the account can buy.",
            Self::NotSuperduperAdmin => "Only an admin of the cluster's top-level account can do this.",
            Self::NotEarlyAccess => "Delivery to clusters is for early access customers. Write to us if you want to take part.",
            Self::AlreadyLinked => "The account has a linked cluster already.",
            Self::ClusterNotLinked => "Link your cluster first.",
            Self::KazooVersionMissing => "Choose your cluster's Kazoo version first, in Manage Cluster.",
            Self::KazooVersionMismatch => "The Kazoo version that was chosen isn't the one that the cluster reports.",
            Self::KazooTooOld => "No version of this application runs on your cluster's Kazoo.",
        }
    }

    /// Whether it's about who asks, rather than about how far things have come.
    pub fn is_about_rights(self) -> bool {
        matches!(self, Self::NotAdmin | Self::NotSuperduperAdmin)
    }
}

/// A reason as it's shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Explained {
    pub code: Reason,
    pub message: &'static str,
}

impl From<Reason> for Explained {
    fn from(code: Reason) -> Self {
        Self { code, message: code.message() }
    }
}

/// Why somebody can't buy anything at all.
pub fn to_purchase(session: &Session) -> Option<Reason> {
    (!session.is_admin()).then_some(Reason::NotAdmin)
}

/// Why somebody can't link a cluster.
pub fn to_link(session: &Session, early_access: bool, cluster: Option<&Cluster>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if !session.is_superduper_admin() {
        reasons.push(Reason::NotSuperduperAdmin);
    }
    if !early_access {
        reasons.push(Reason::NotEarlyAccess);
    }
    if cluster.is_some_and(Cluster::is_linked) {
        reasons.push(Reason::AlreadyLinked);
    }
    reasons
}

/// Why somebody can't buy a listing: the first reason is the first thing to be done about it.
pub fn to_buy(session: &Session, kind: Kind, early_access: bool, cluster: Option<&Cluster>, releases: &[Release]) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = to_purchase(session).into_iter().collect();
    if kind != Kind::Delivered {
        return reasons;
    }
    if !session.superduper_admin {
        reasons.push(Reason::NotSuperduperAdmin);
    }
    if !early_access {
        reasons.push(Reason::NotEarlyAccess);
    }
    match cluster.filter(|cluster| cluster.is_linked()) {
        None => reasons.push(Reason::ClusterNotLinked),
        Some(cluster) => match cluster.delivery_version() {
            Ok(kazoo) if release::fitting(releases, &kazoo).is_none() => reasons.push(Reason::KazooTooOld),
            Ok(_) | Err(Warning::NotAllInOne) => {}
            Err(Warning::KazooVersionMissing) => reasons.push(Reason::KazooVersionMissing),
            Err(Warning::KazooVersionMismatch) => reasons.push(Reason::KazooVersionMismatch),
        },
    }
    reasons
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn session(superduper_admin: bool, level: &str) -> Session {
        serde_json::from_value(json!({
            "type": "session", "account_id": "a", "account_name": "A", "superduper_admin": superduper_admin, "user_id": "u",
            "user_name": "U", "priv_level": level, "created": 0, "expires": 0, "ip": null,
        }))
        .unwrap()
    }

    fn cluster(chosen: Option<&str>, status: &str) -> Cluster {
        serde_json::from_value(json!({
            "type": "cluster", "account_id": "a", "cluster_id": "c", "status": status, "name": "lab", "api_url": null,
            "kazoo_version": chosen, "reported_version": "5.1.2", "link_token_hash": "", "linked_at": 0, "linked_by": "u",
            "last_seen": 0,
        }))
        .unwrap()
    }

    fn releases() -> Vec<Release> {
        vec![serde_json::from_value(json!({"version": "1.0", "notes": "", "published_at": 0, "min_kazoo": "5.1"})).unwrap()]
    }

    /// R25, R48
    #[test]
    fn what_keeps_somebody_from_buying_is_said_in_the_order_of_what_is_to_be_done() {
        use Reason as R;
        let buy = |session: &Session, early, cluster: Option<Cluster>| {
            to_buy(session, Kind::Delivered, early, cluster.as_ref(), &releases())
        };
        let admin = session(true, "admin");
        assert_eq!(buy(&admin, true, Some(cluster(Some("5.1"), "linked"))), []);
        assert_eq!(buy(&admin, false, None), [R::NotEarlyAccess, R::ClusterNotLinked]);
        assert_eq!(buy(&admin, true, Some(cluster(None, "unlinked"))), [R::ClusterNotLinked]);
        assert_eq!(buy(&admin, true, Some(cluster(None, "linked"))), [R::KazooVersionMissing]);
        assert_eq!(buy(&admin, true, Some(cluster(Some("5.3"), "linked"))), [R::KazooVersionMismatch]);
        assert_eq!(buy(&session(false, "admin"), true, None), [R::NotSuperduperAdmin, R::ClusterNotLinked]);
        assert_eq!(buy(&session(true, "user"), true, Some(cluster(Some("5.1"), "linked"))), [R::NotAdmin]);
    }

    /// R24
    #[test]
    fn partners_listings_need_no_cluster() {
        for kind in [Kind::Affiliated, Kind::Integration] {
            assert_eq!(to_buy(&session(false, "admin"), kind, false, None, &[]), []);
            assert_eq!(to_buy(&session(false, "user"), kind, false, None, &[]), [Reason::NotAdmin]);
        }
    }

    /// R6, R16
    #[test]
    fn linking_is_for_superduper_admins_with_early_access_and_without_a_cluster() {
        use Reason as R;
        let linked = cluster(None, "linked");
        assert_eq!(to_link(&session(true, "admin"), true, None), []);
        assert_eq!(to_link(&session(true, "admin"), true, Some(&cluster(None, "unlinked"))), []);
        assert_eq!(to_link(&session(true, "user"), true, None), [R::NotSuperduperAdmin]);
        assert_eq!(
            to_link(&session(false, "admin"), false, Some(&linked)),
            [R::NotSuperduperAdmin, R::NotEarlyAccess, R::AlreadyLinked]
        );
    }
}
