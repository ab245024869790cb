//! Link My Cluster, and Manage Cluster.

use actix_web::{
    HttpResponse,
    web::{Data, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{
    account::Done,
    assets, at,
    failure::Failure,
    form::Form,
    labels,
    product::{Obstacle, obstacles},
    see_other, show,
    viewer::{Member, Viewer},
};
use crate::{
    market::cluster::Warning,
    portal::{
        Portal,
        clusters::{ClusterState, ClusterView, NewCode, Settings},
    },
};

const LINK: &str = "/settings/account/link-cluster";
const MANAGE: &str = "/settings/account/manage-cluster";

pub fn configure(config: &mut ServiceConfig) {
    config
        .service(at(LINK).get(link).post(generate))
        .service(at(MANAGE).get(manage).post(save))
        .service(at("/settings/account/manage-cluster/disconnect").get(confirm).post(disconnect));
}

#[derive(Template)]
#[template(path = "link.html")]
struct Link<'a> {
    viewer: &'a Viewer,
    obstacles: Vec<Obstacle>,
    code: Option<&'a NewCode>,
}

#[derive(Deserialize)]
struct Nothing {}

async fn link(portal: Data<Portal>, member: Member) -> Result<HttpResponse, Failure> {
    match portal.cluster(&member.session).await? {
        ClusterState::Linked(_) => Ok(see_other(MANAGE)),
        ClusterState::Unlinked { reasons, .. } => {
            let obstacles = obstacles(&reasons, portal.contact().await?.as_deref());
            show(&Link { viewer: &member.viewer, obstacles, code: None })
        }
    }
}

/// The code is shown once, in the answer itself: nothing keeps it.
async fn generate(portal: Data<Portal>, member: Member, _: Form<Nothing>) -> Result<HttpResponse, Failure> {
    let code = portal.new_access_code(&member.session, member.viewer.ip()).await?;
    show(&Link { viewer: &member.viewer, obstacles: Vec::new(), code: Some(&code) })
}

#[derive(Template)]
#[template(path = "manage_cluster.html")]
struct Manage<'a> {
    viewer: &'a Viewer,
    /// `None` while nothing is linked.
    cluster: Option<&'a ClusterView>,
    versions: Vec<String>,
    /// Whether whoever looks may change something.
    may_change: bool,
    notice: Option<&'static str>,
}

impl Manage<'_> {
    /// A warning in words.
    fn warning(&self, cluster: &ClusterView, warning: &Warning) -> String {
        match warning {
            Warning::KazooVersionMissing => {
                "Choose your Kazoo version below. Until then no application can be delivered.".to_owned()
            }
            Warning::KazooVersionMismatch => format!(
                "The version that is chosen isn't the one that the cluster reports ({}). Until they match, deliveries are held.",
                cluster.reported_version
            ),
            Warning::NotAllInOne => {
                "Confirm in Monster UI, under Marketplace Connector, that the cluster is an all-in-one configuration, if it is one."
                    .to_owned()
            }
        }
    }

    fn is_serious(&self, warning: &Warning) -> bool {
        *warning != Warning::NotAllInOne
    }
}

async fn manage(portal: Data<Portal>, member: Member, done: Query<Done>) -> Result<HttpResponse, Failure> {
    let cluster = match portal.cluster(&member.session).await? {
        ClusterState::Linked(cluster) => Some(cluster),
        ClusterState::Unlinked { .. } => None,
    };
    show(&Manage {
        viewer: &member.viewer,
        cluster: cluster.as_deref(),
        versions: portal.kazoo_versions().await?,
        may_change: member.session.is_superduper_admin(),
        notice: match done.done.as_str() {
            "saved" => Some("Your changes were saved."),
            "disconnected" => Some("The cluster was disconnected."),
            _ => None,
        },
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields {
    name: String,
    /// Nothing, as long as none is chosen.
    kazoo_version: String,
}

async fn save(portal: Data<Portal>, member: Member, Form(fields): Form<Fields>) -> Result<HttpResponse, Failure> {
    let settings = Settings {
        kazoo_version: Some(fields.kazoo_version).filter(|version| !version.is_empty()),
        name: Some(fields.name.trim().to_owned()),
    };
    portal.change_cluster(&member.session, &settings, member.viewer.ip()).await?;
    Ok(see_other("/settings/account/manage-cluster?done=saved"))
}

#[derive(Template)]
#[template(path = "confirm.html")]
pub struct Confirm<'a> {
    pub viewer: &'a Viewer,
    pub title: &'a str,
    pub question: &'a str,
    pub consequences: &'a [&'a str],
    pub action: &'a str,
    pub yes: &'a str,
    pub no: &'a str,
    pub back: &'a str,
}

async fn confirm(portal: Data<Portal>, member: Member) -> Result<HttpResponse, Failure> {
    let ClusterState::Linked(cluster) = portal.cluster(&member.session).await? else { return Ok(see_other(MANAGE)) };
    show(&Confirm {
        viewer: &member.viewer,
        title: "Disconnect the cluster",
        question: &format!("Disconnect {} from the marketplace?", cluster.name),
        consequences: &[
            "The link is ended for good; the cluster can be linked again with a new access code.",
            "Applications that run go on running, but can't be started any more, and nothing is delivered.",
        ],
        action: "/settings/account/manage-cluster/disconnect",
        yes: "Yes, Disconnect",
        no: "No, keep it linked",
        back: MANAGE,
    })
}

async fn disconnect(portal: Data<Portal>, member: Member, _: Form<Nothing>) -> Result<HttpResponse, Failure> {
    portal.unlink(&member.session, member.viewer.ip()).await?;
    Ok(see_other("/settings/account/manage-cluster?done=disconnected"))
}
