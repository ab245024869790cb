//! After buying: the confirmation, and the way to the partner where it goes on there.

use actix_web::{
    HttpResponse,
    web::{Data, Path, ServiceConfig},
};
use askama::Template;

use super::{
    assets, at,
    failure::Failure,
    labels, show,
    viewer::{Member, Viewer},
};
use crate::portal::{Error, Portal, orders::OrderView};

pub fn configure(config: &mut ServiceConfig) {
    config.service(at("/orders/{id}").get(confirmation)).service(at("/orders/{id}/continue").get(onward));
}

#[derive(Template)]
#[template(path = "order.html")]
struct Confirmation<'a> {
    viewer: &'a Viewer,
    order: &'a OrderView,
    name: &'a str,
    icon_url: Option<&'a str>,
    /// The partner's host.
    partner: Option<String>,
    /// Whether the browser goes on to the partner by itself.
    goes_on: bool,
}

impl Confirmation<'_> {
    /// Where it goes on, and whose host that is.
    fn partner(&self) -> Option<(&str, &str)> {
        self.order.redirect_url.as_deref().zip(self.partner.as_deref())
    }
}

async fn confirmation(portal: Data<Portal>, member: Member, id: Path<String>) -> Result<HttpResponse, Failure> {
    order(&portal, &member, &id, false).await
}

async fn onward(portal: Data<Portal>, member: Member, id: Path<String>) -> Result<HttpResponse, Failure> {
    order(&portal, &member, &id, true).await
}

async fn order(portal: &Portal, member: &Member, id: &str, goes_on: bool) -> Result<HttpResponse, Failure> {
    let order = portal.order_status(&member.session, id).await?;
    let details = match portal.listing(&order.listing, member.viewer.visitor()).await {
        Ok(details) => Some(details),
        // It was taken off the market meanwhile.
        Err(Error::NotFound) => None,
        Err(error) => return Err(error.into()),
    };
    let partner = order.redirect_url.as_deref().and_then(|url| url::Url::parse(url).ok()?.host_str().map(str::to_owned));
    show(&Confirmation {
        viewer: &member.viewer,
        order: &order,
        name: details.as_ref().map_or(order.listing.as_str(), |details| &details.card.name),
        icon_url: details.as_ref().and_then(|details| details.card.icon_url.as_deref()),
        goes_on: goes_on && partner.is_some(),
        partner,
    })
}
