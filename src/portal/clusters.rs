//! Linking a cluster to an account: once, by an access code that is carried from the portal to the cluster.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Error, Portal, limits::Attempt};
use crate::{
    market::{
        Rest,
        account::{Account, Session},
        cluster::{AccessCode, CODE_LIFE, Cluster, KAZOO_VERSIONS, LinkStatus, Warning, is_new_enough},
        eligibility::{self, Explained, Reason},
        secret,
        version::{OLDEST_KAZOO, Version},
    },
    store::Query,
};

/// The name under which clusters are linked: that a cluster belongs to one account only is no matter of one document.
const LINKING: &str = "marketplace links";
/// Bytes of what a cluster says of itself, each.
const LONGEST: usize = 500;
/// Seconds between two notes of when a cluster was seen.
const SEEN_EVERY: u64 = 30;

/// Whether an account has a cluster, and which.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ClusterState {
    Unlinked {
        /// `false`
        linked: bool,
        /// Whether whoever asks may link one now.
        eligible: bool,
        reasons: Vec<Explained>,
    },
    Linked(Box<ClusterView>),
}

/// A linked cluster.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ClusterView {
    /// `true`
    pub linked: bool,
    pub cluster_id: String,
    pub name: String,
    pub api_url: Option<String>,
    pub is_aio_cluster: bool,
    pub kazoo_version: Option<String>,
    pub reported_version: String,
    pub linked_at: u64,
    pub last_seen: u64,
    pub warnings: Vec<Warning>,
}

impl From<&Cluster> for ClusterView {
    fn from(cluster: &Cluster) -> Self {
        Self {
            linked: true,
            cluster_id: cluster.cluster_id.clone(),
            name: cluster.name.clone(),
            api_url: cluster.api_url.clone(),
            is_aio_cluster: cluster.is_aio_cluster,
            kazoo_version: cluster.kazoo_version.clone(),
            reported_version: cluster.reported_version.clone(),
            linked_at: cluster.linked_at,
            last_seen: cluster.last_seen,
            warnings: cluster.warnings(),
        }
    }
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct NewCode {
    pub access_code: String,
    /// Unix time in seconds.
    pub expires_at: u64,
}

/// What a cluster says when it's linked.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct LinkRequest {
    pub access_code: String,
    pub cluster_id: String,
    pub name: String,
    pub api_url: Option<String>,
    pub is_aio_cluster: bool,
    pub reported_version: String,
}

/// What it's told then.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Linked {
    pub link_token: String,
    pub account_id: String,
    pub account_name: String,
    pub kazoo_version: Option<String>,
}

/// What a cluster changes about itself; what isn't said stays.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ClusterChange {
    pub name: Option<String>,
    pub api_url: Option<String>,
    pub is_aio_cluster: Option<bool>,
    pub reported_version: Option<String>,
}

/// What a customer changes about his cluster; what isn't said stays.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Settings {
    pub kazoo_version: Option<String>,
    pub name: Option<String>,
}

impl Portal {
    /// The cluster that an account has linked.
    pub(super) async fn cluster_of(&self, account_id: &str) -> Result<Option<Cluster>, Error> {
        let cluster: Option<Cluster> = self.load(&Cluster::id(account_id)).await?;
        Ok(cluster.filter(Cluster::is_linked))
    }

    pub(super) fn cluster_state(&self, session: &Session, account: &Account, cluster: Option<Cluster>) -> ClusterState {
        match cluster {
            Some(cluster) => ClusterState::Linked(Box::new(ClusterView::from(&cluster))),
            None => {
                let reasons = eligibility::to_link(session, account.early_access, None);
                let eligible = reasons.is_empty();
                ClusterState::Unlinked { linked: false, eligible, reasons: reasons.into_iter().map(Explained::from).collect() }
            }
        }
    }

    /// The cluster of somebody's account, or whether he may link one.
    pub async fn cluster(&self, session: &Session) -> Result<ClusterState, Error> {
        let (account, cluster) = (self.account_of(session).await?, self.cluster_of(&session.account_id).await?);
        Ok(self.cluster_state(session, &account, cluster))
    }

    /// Kazoo's versions that can be chosen.
    pub async fn kazoo_versions(&self) -> Result<Vec<String>, Error> {
        let settings = self.settings().await?;
        let listed = settings.get("kazoo_versions").and_then(serde_json::Value::as_array);
        let listed = listed.map(|list| list.iter().filter_map(serde_json::Value::as_str).map(str::to_owned).collect());
        Ok(listed.unwrap_or_else(|| KAZOO_VERSIONS.map(str::to_owned).to_vec()))
    }

    /// A new access code; the one before is void from now on.
    pub async fn new_access_code(&self, session: &Session, ip: Option<String>) -> Result<NewCode, Error> {
        let (account, cluster) = (self.account_of(session).await?, self.cluster_of(&session.account_id).await?);
        let reasons = eligibility::to_link(session, account.early_access, cluster.as_ref());
        if let Some(reason) = reasons.first() {
            return Err(match reason {
                Reason::AlreadyLinked => Error::conflict("already_linked", reason.message()),
                reason => Error::Forbidden(*reason),
            });
        }
        let (code, now) = (secret::new()?, self.now());
        let (hash, actor) = (secret::hash(&code), session.actor(ip));
        let doc = AccessCode {
            r#type: "access_code".into(),
            account_id: session.account_id.clone(),
            created_by: session.user_id.clone(),
            expires: now + CODE_LIFE,
            used_at: None,
            rest: Rest::new(),
        };
        self.create(&AccessCode::id(&hash), &doc, &actor, "access_code.create").await?;
        // Only the code that the account names is good.
        self.change(&Account::id(&session.account_id), &actor, "account.access_code", |account: &mut Account| {
            account.code_hash = Some(hash.clone());
            Ok(())
        })
        .await?;
        Ok(NewCode { access_code: code, expires_at: doc.expires })
    }

    /// Links a cluster by an access code, which is used up.
    pub async fn link(&self, request: &LinkRequest, ip: Option<String>) -> Result<Linked, Error> {
        let payers = [ip.as_deref().unwrap_or_default()];
        self.attempt(Attempt::AccessCode, &payers)?;
        check_link(request)?;
        let hash = secret::hash(&secret::pasted(&request.access_code));
        let code = self.good_code(&hash).await?;
        let Some(code) = code else {
            self.failed(Attempt::AccessCode, &payers);
            return Err(Error::invalid("access_code", "is unknown or expired"));
        };
        match is_new_enough(&request.reported_version) {
            Ok(true) => {}
            Ok(false) => {
                let message = format!("Kazoo {OLDEST_KAZOO} or newer is needed");
                return Err(Error::Unprocessable { code: "kazoo_too_old", message });
            }
            Err(bad) => return Err(Error::Invalid(vec![("reported_version".into(), bad.to_string())])),
        }
        self.platform.exclusively(LINKING, self.link_with(request, &hash, &code, ip)).await
    }

    /// The code, if it's good: its account names it, nobody has used it, and its time isn't over.
    async fn good_code(&self, hash: &str) -> Result<Option<AccessCode>, Error> {
        let Some(code) = self.load::<AccessCode>(&AccessCode::id(hash)).await? else { return Ok(None) };
        let account: Option<Account> = self.load(&Account::id(&code.account_id)).await?;
        let is_current = account.is_some_and(|account| account.code_hash.as_deref() == Some(hash));
        Ok((is_current && code.used_at.is_none() && code.expires > self.now()).then_some(code))
    }

    /// The part of linking that only one does at a time.
    async fn link_with(&self, request: &LinkRequest, hash: &str, code: &AccessCode, ip: Option<String>) -> Result<Linked, Error> {
        let now = self.now();
        let account: Account = self.load(&Account::id(&code.account_id)).await?.ok_or(Error::NotFound)?;
        let id = Cluster::id(&code.account_id);
        let before: Option<Cluster> = self.load(&id).await?;
        if before.as_ref().is_some_and(Cluster::is_linked) {
            return Err(Error::conflict("already_linked", Reason::AlreadyLinked.message()));
        }
        if !self.rows("clusters", &Query::key(request.cluster_id.as_str()).limit(1)).await?.is_empty() {
            return Err(Error::conflict("cluster_taken", "The cluster is linked to another account."));
        }
        let secret = secret::new()?;
        let cluster = Cluster {
            r#type: "cluster".into(),
            account_id: code.account_id.clone(),
            cluster_id: request.cluster_id.clone(),
            status: LinkStatus::Linked,
            name: request.name.clone(),
            api_url: request.api_url.clone().filter(|url| !url.is_empty()),
            is_aio_cluster: request.is_aio_cluster,
            // Chosen for the cluster before, it says nothing about this one.
            kazoo_version: before
                .as_ref()
                .filter(|old| old.cluster_id == request.cluster_id)
                .and_then(|old| old.kazoo_version.clone()),
            reported_version: request.reported_version.clone(),
            link_token_hash: secret::hash(&secret),
            linked_at: now,
            linked_by: code.created_by.clone(),
            last_seen: now,
            rest: Rest::new(),
        };
        let actor = cluster.actor(ip);
        // Before the link, so that a code never makes two.
        self.change(&AccessCode::id(hash), &actor, "access_code.use", |code: &mut AccessCode| match code.used_at {
            Some(_) => Err(Error::invalid("access_code", "is unknown or expired")),
            None => {
                code.used_at = Some(now);
                Ok(())
            }
        })
        .await?;
        let is_linked = match before {
            None => self.create(&id, &cluster, &actor, "cluster.link").await?,
            Some(_) => {
                self.change(&id, &actor, "cluster.link", |old: &mut Cluster| {
                    if old.is_linked() {
                        return Ok(false);
                    }
                    *old = Cluster { rest: std::mem::take(&mut old.rest), ..cluster.clone() };
                    Ok(true)
                })
                .await?
                .1
            }
        };
        if !is_linked {
            return Err(Error::conflict("already_linked", Reason::AlreadyLinked.message()));
        }
        Ok(Linked {
            link_token: secret::owned(&code.account_id, &secret),
            account_id: code.account_id.clone(),
            account_name: account.name,
            kazoo_version: cluster.kazoo_version,
        })
    }

    /// The cluster that has this token; [`Error::Unauthorized`] for none, and for one that was unlinked.
    pub async fn linked(&self, token: &str) -> Result<Cluster, Error> {
        let (account_id, secret) = secret::parts(token).ok_or(Error::Unauthorized)?;
        let cluster = self.cluster_of(account_id).await?.filter(|cluster| secret::is(secret, &cluster.link_token_hash));
        cluster.ok_or(Error::Unauthorized)
    }

    /// Notes that a cluster was heard of.
    pub async fn seen(&self, cluster: Cluster, ip: Option<String>) -> Result<Cluster, Error> {
        let now = self.now();
        if now.saturating_sub(cluster.last_seen) < SEEN_EVERY {
            return Ok(cluster);
        }
        self.edit_link(&cluster, "cluster.seen", ip, |cluster| cluster.last_seen = now).await
    }

    /// Changes what a cluster says of itself.
    pub async fn change_link(&self, cluster: &Cluster, change: &ClusterChange, ip: Option<String>) -> Result<Cluster, Error> {
        let mut complaints = Vec::new();
        for (member, value) in
            [("name", &change.name), ("api_url", &change.api_url), ("reported_version", &change.reported_version)]
        {
            if value.as_ref().is_some_and(|value| value.len() > LONGEST) {
                complaints.push((member.to_owned(), "is too long".to_owned()));
            }
        }
        if change.name.as_ref().is_some_and(|name| name.trim().is_empty()) {
            complaints.push(("name".into(), "is missing".into()));
        }
        complaints.extend(change.api_url.as_deref().and_then(bad_url));
        if !complaints.is_empty() {
            return Err(Error::Invalid(complaints));
        }
        let now = self.now();
        self.edit_link(cluster, "cluster.change", ip, |cluster| {
            cluster.last_seen = now;
            if let Some(name) = &change.name {
                cluster.name.clone_from(name);
            }
            if let Some(url) = &change.api_url {
                cluster.api_url = Some(url.clone()).filter(|url| !url.is_empty());
            }
            if let Some(is_aio_cluster) = change.is_aio_cluster {
                cluster.is_aio_cluster = is_aio_cluster;
            }
            if let Some(reported) = &change.reported_version {
                cluster.reported_version.clone_from(reported);
            }
        })
        .await
    }

    async fn edit_link(
        &self,
        cluster: &Cluster,
        what: &str,
        ip: Option<String>,
        edit: impl Fn(&mut Cluster),
    ) -> Result<Cluster, Error> {
        let hash = &cluster.link_token_hash;
        let edit = |current: &mut Cluster| {
            // Unlinked, or linked again, since the token was looked at.
            if !current.is_linked() || current.link_token_hash != *hash {
                return Err(Error::Unauthorized);
            }
            edit(current);
            Ok(())
        };
        Ok(self.change(&Cluster::id(&cluster.account_id), &cluster.actor(ip), what, edit).await?.0)
    }

    /// Ends a link from the cluster's side.
    pub async fn unlink_itself(&self, cluster: &Cluster, ip: Option<String>) -> Result<(), Error> {
        self.edit_link(cluster, "cluster.unlink", ip, unlink).await?;
        Ok(())
    }

    /// Ends the link from the customer's side. For superduper admins.
    pub async fn unlink(&self, session: &Session, ip: Option<String>) -> Result<(), Error> {
        self.may_manage_cluster(session)?;
        self.change(&Cluster::id(&session.account_id), &session.actor(ip), "cluster.unlink", |cluster: &mut Cluster| {
            if !cluster.is_linked() {
                return Err(Error::NotFound);
            }
            unlink(cluster);
            Ok(())
        })
        .await?;
        Ok(())
    }

    /// Chooses the Kazoo version of the cluster, or gives it another name. For superduper admins.
    pub async fn change_cluster(&self, session: &Session, settings: &Settings, ip: Option<String>) -> Result<ClusterView, Error> {
        self.may_manage_cluster(session)?;
        if let Some(version) = &settings.kazoo_version {
            let is_known = version.parse::<Version>().is_ok() && self.kazoo_versions().await?.contains(version);
            if !is_known {
                return Err(Error::invalid("kazoo_version", "isn't one of those that can be chosen"));
            }
        }
        if settings.name.as_ref().is_some_and(|name| name.trim().is_empty() || name.len() > LONGEST) {
            return Err(Error::invalid("name", "is missing or too long"));
        }
        let edit = |cluster: &mut Cluster| {
            if !cluster.is_linked() {
                return Err(Error::NotFound);
            }
            if let Some(version) = &settings.kazoo_version {
                cluster.kazoo_version = Some(version.clone());
            }
            if let Some(name) = &settings.name {
                cluster.name.clone_from(name);
            }
            Ok(())
        };
        let changed = self.change(&Cluster::id(&session.account_id), &session.actor(ip), "cluster.settings", edit).await?;
        Ok(ClusterView::from(&changed.0))
    }

    fn may_manage_cluster(&self, session: &Session) -> Result<(), Error> {
        if session.is_superduper_admin() { Ok(()) } else { Err(Error::Forbidden(Reason::NotSuperduperAdmin)) }
    }
}

fn unlink(cluster: &mut Cluster) {
    cluster.status = LinkStatus::Unlinked;
    // What's no hash is nobody's token.
    cluster.link_token_hash.clear();
}

fn check_link(request: &LinkRequest) -> Result<(), Error> {
    let mut complaints = Vec::new();
    for (member, value) in [
        ("access_code", &request.access_code),
        ("cluster_id", &request.cluster_id),
        ("name", &request.name),
        ("reported_version", &request.reported_version),
    ] {
        if value.trim().is_empty() {
            complaints.push((member.to_owned(), "is missing".to_owned()));
        } else if value.len() > LONGEST {
            complaints.push((member.to_owned(), "is too long".to_owned()));
        }
    }
    complaints.extend(request.api_url.as_deref().and_then(bad_url));
    if complaints.is_empty() { Ok(()) } else { Err(Error::Invalid(complaints)) }
}

fn bad_url(text: &str) -> Option<(String, String)> {
    let is_web = |url: url::Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    let is_right = text.is_empty() || (text.len() <= LONGEST && url::Url::parse(text).is_ok_and(is_web));
    (!is_right).then(|| ("api_url".to_owned(), "is no address of an API".to_owned()))
}
