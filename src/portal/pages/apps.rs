//! Manage My Apps: what was bought, how it's started, and ending it.

use actix_web::{
    HttpResponse,
    web::{Data, Path, Query, ServiceConfig},
};
use askama::Template;
use futures_util::future::try_join_all;
use serde::Deserialize;

use super::{
    assets, at,
    cluster::Confirm,
    failure::Failure,
    form::Form,
    labels, see_other, show,
    viewer::{Member, Viewer},
};
use crate::{
    market::{catalogue::Paging, content::Kind, delivery::State},
    portal::{Portal, subscriptions::SubscriptionView},
};

const APPS: &str = "/settings/account/apps";

pub fn configure(config: &mut ServiceConfig) {
    config
        .service(at(APPS).get(list))
        .service(at("/settings/account/apps/{id}/cancel").get(confirm).post(cancel))
        .service(at("/settings/account/apps/{id}/refund").get(refund).post(request_refund))
        .service(at("/settings/account/apps/{id}/redeliver").post(redeliver));
}

/// Rows on a page, each of which shows all there is to say.
const PER_PAGE: usize = 10;

#[derive(Template)]
#[template(path = "apps.html")]
struct Apps<'a> {
    viewer: &'a Viewer,
    apps: Vec<SubscriptionView>,
    /// The one whose details are open.
    open: String,
    may_change: bool,
    earlier: Option<usize>,
    later: Option<usize>,
    notice: Option<&'static str>,
}

impl Apps<'_> {
    /// Whether another delivery may be asked for.
    fn can_redeliver(&self, app: &SubscriptionView) -> bool {
        app.cancellable && app.row.delivery.as_ref().is_some_and(|delivery| delivery.state == State::Error)
    }

    fn has_actions(&self, app: &SubscriptionView) -> bool {
        self.may_change && (app.cancellable || app.refundable_until.is_some())
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wanted {
    page: Option<String>,
    done: String,
    open: String,
}

async fn list(portal: Data<Portal>, member: Member, wanted: Query<Wanted>) -> Result<HttpResponse, Failure> {
    let (session, visitor) = (&member.session, member.viewer.visitor());
    let page = wanted.page.as_deref().and_then(|page| page.parse().ok()).unwrap_or(1).clamp(1, 10_000);
    let rows = portal.subscriptions(session, Paging { page, per_page: PER_PAGE }, visitor).await?;
    let apps = try_join_all(rows.items.iter().map(|row| portal.subscription(session, &row.id, visitor))).await?;
    show(&Apps {
        viewer: &member.viewer,
        apps,
        open: wanted.open.clone(),
        may_change: session.is_admin(),
        earlier: (page > 1).then(|| page - 1),
        later: (rows.total > page * PER_PAGE).then_some(page + 1),
        notice: match wanted.done.as_str() {
            "cancelled" => Some("The subscription was cancelled. It stays in this list."),
            "refund" => Some("The refund was requested. You'll find the answer here, in the app's details."),
            "redeliver" => Some("It's delivered once more."),
            _ => None,
        },
    })
}

/// The list, after something was done about a row.
fn back(done: &str, id: &str) -> HttpResponse {
    see_other(&format!("{APPS}?done={done}&open={id}"))
}

#[derive(Deserialize)]
struct Nothing {}

async fn confirm(portal: Data<Portal>, member: Member, id: Path<String>) -> Result<HttpResponse, Failure> {
    let app = portal.subscription(&member.session, &id, member.viewer.visitor()).await?;
    if !app.cancellable {
        return Ok(see_other(APPS));
    }
    let consequence = match app.row.kind {
        Kind::Delivered => "The app is withdrawn from your cluster.",
        Kind::Affiliated | Kind::Integration => "The partner may ask you to end your account there as well.",
    };
    show(&Confirm {
        viewer: &member.viewer,
        title: "Cancel subscription",
        question: &format!("Cancel the subscription to {}?", app.row.listing.name),
        consequences: &[consequence, "The app stays in the list of your apps, as cancelled."],
        action: &format!("{APPS}/{}/cancel", app.row.id),
        yes: "Yes, Proceed",
        no: "No, keep it",
        back: APPS,
    })
}

async fn cancel(portal: Data<Portal>, member: Member, id: Path<String>, _: Form<Nothing>) -> Result<HttpResponse, Failure> {
    let app = portal.cancel(&member.session, &id, member.viewer.visitor()).await?;
    Ok(back("cancelled", &app.row.id))
}

#[derive(Template)]
#[template(path = "refund.html")]
struct Refund<'a> {
    viewer: &'a Viewer,
    app: &'a SubscriptionView,
    until: u64,
}

async fn refund(portal: Data<Portal>, member: Member, id: Path<String>) -> Result<HttpResponse, Failure> {
    let app = portal.subscription(&member.session, &id, member.viewer.visitor()).await?;
    match app.refundable_until {
        Some(until) => show(&Refund { viewer: &member.viewer, app: &app, until }),
        None => Ok(see_other(APPS)),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Why {
    reason: String,
}

async fn request_refund(
    portal: Data<Portal>,
    member: Member,
    id: Path<String>,
    Form(why): Form<Why>,
) -> Result<HttpResponse, Failure> {
    let app = portal.request_refund(&member.session, &id, why.reason.trim(), member.viewer.visitor()).await?;
    Ok(back("refund", &app.row.id))
}

async fn redeliver(portal: Data<Portal>, member: Member, id: Path<String>, _: Form<Nothing>) -> Result<HttpResponse, Failure> {
    let app = portal.redeliver(&member.session, &id, member.viewer.visitor()).await?;
    Ok(back("redeliver", &app.row.id))
}
