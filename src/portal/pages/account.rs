//! Manage Account: who the customer is, how he's reached, and whether a cluster is linked.

use actix_web::{
    HttpResponse,
    web::{Data, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{
    assets, at,
    failure::Failure,
    form::Form,
    labels,
    product::{Obstacle, obstacles},
    see_other, show,
    viewer::{Member, Viewer},
};
use crate::portal::{
    Portal,
    accounts::{AccountView, ContactChange},
    clusters::ClusterState,
};

pub fn configure(config: &mut ServiceConfig) {
    config.service(at("/settings/account").get(account).post(change));
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    viewer: &'a Viewer,
    account: &'a AccountView,
    user_name: &'a str,
    is_admin: bool,
    /// What keeps whoever looks from linking a cluster.
    obstacles: Vec<Obstacle>,
    notice: Option<&'static str>,
}

/// What was just done.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Done {
    pub done: String,
}

async fn account(portal: Data<Portal>, member: Member, done: Query<Done>) -> Result<HttpResponse, Failure> {
    let account = portal.account(&member.session).await?;
    let obstacles = match &account.cluster {
        ClusterState::Unlinked { reasons, .. } => obstacles(reasons, portal.contact().await?.as_deref()),
        ClusterState::Linked(_) => Vec::new(),
    };
    show(&AccountPage {
        viewer: &member.viewer,
        account: &account,
        user_name: &member.session.user_name,
        is_admin: member.session.is_admin(),
        obstacles,
        notice: (done.done == "saved").then_some("The contact details were saved."),
    })
}

async fn change(portal: Data<Portal>, member: Member, Form(change): Form<ContactChange>) -> Result<HttpResponse, Failure> {
    portal.change_contact(&member.session, &change, member.viewer.ip()).await?;
    Ok(see_other("/settings/account?done=saved"))
}
