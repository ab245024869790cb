//! `vendor`: partners' own listings.

use actix_web::{
    HttpResponse,
    web::{self, Bytes, Data, Json, Path, Payload, PayloadConfig, Query, ServiceConfig},
};
use futures_util::StreamExt as _;

use super::{at, callers::Partner, failure::Failure, reply};
use crate::{
    market::{Rest, catalogue::Paging, review::Action},
    platform::names::MARKETPLACE,
    portal::{
        Error, Portal,
        listings::Which,
        submissions::{LARGEST_PICTURE, NewListing},
    },
    store,
};

/// Pieces of an upload that wait for the store.
const WAITING: usize = 16;

pub fn configure(config: &mut ServiceConfig) {
    config.service(
        web::scope("/vendor")
            .app_data(PayloadConfig::new(LARGEST_PICTURE + 1))
            .service(at("/listings").get(list).post(create))
            .service(at("/listings/{slug}").get(show).patch(edit))
            .service(at("/listings/{slug}/icon").put(icon))
            .service(at("/listings/{slug}/hero").put(hero))
            .service(at("/listings/{slug}/screenshots/{number}").put(screenshot).delete(remove_screenshot))
            .service(at("/listings/{slug}/package").put(package))
            .service(at("/listings/{slug}/{action:submit|publish|unpublish}").post(act)),
    );
}

async fn list(portal: Data<Portal>, partner: Partner, paging: Query<Paging>) -> Result<HttpResponse, Failure> {
    reply::private(200, &portal.submissions(&partner.vendor, *paging).await?)
}

async fn create(portal: Data<Portal>, partner: Partner, new: Json<NewListing>) -> Result<HttpResponse, Failure> {
    reply::private(201, &portal.new_listing(&partner.vendor, new.into_inner(), partner.ip).await?)
}

async fn show(portal: Data<Portal>, partner: Partner, slug: Path<String>) -> Result<HttpResponse, Failure> {
    reply::private(200, &portal.submission(&slug, Some(&partner.vendor)).await?)
}

async fn edit(portal: Data<Portal>, partner: Partner, slug: Path<String>, patch: Json<Rest>) -> Result<HttpResponse, Failure> {
    reply::private(200, &portal.edit_listing(&partner.vendor, &slug, &patch, partner.ip).await?)
}

async fn put_picture(
    portal: &Portal,
    partner: Partner,
    slug: &str,
    which: Which,
    bytes: &Bytes,
) -> Result<HttpResponse, Failure> {
    reply::private(200, &portal.put_picture(&partner.vendor, slug, which, bytes, partner.ip).await?)
}

async fn icon(portal: Data<Portal>, partner: Partner, slug: Path<String>, bytes: Bytes) -> Result<HttpResponse, Failure> {
    put_picture(&portal, partner, &slug, Which::Icon, &bytes).await
}

async fn hero(portal: Data<Portal>, partner: Partner, slug: Path<String>, bytes: Bytes) -> Result<HttpResponse, Failure> {
    put_picture(&portal, partner, &slug, Which::Hero, &bytes).await
}

async fn screenshot(
    portal: Data<Portal>,
    partner: Partner,
    path: Path<(String, usize)>,
    bytes: Bytes,
) -> Result<HttpResponse, Failure> {
    let (slug, number) = path.into_inner();
    put_picture(&portal, partner, &slug, Which::Screenshot(number), &bytes).await
}

async fn remove_screenshot(portal: Data<Portal>, partner: Partner, path: Path<(String, usize)>) -> Result<HttpResponse, Failure> {
    let (slug, number) = path.into_inner();
    reply::private(200, &portal.remove_screenshot(&partner.vendor, &slug, number, partner.ip).await?)
}

/// A package goes to the store as it comes.
async fn package(portal: Data<Portal>, partner: Partner, slug: Path<String>, mut body: Payload) -> Result<HttpResponse, Failure> {
    let (sender, receiver) = tokio::sync::mpsc::channel(WAITING);
    // A request's body stays on its thread; the store reads on any.
    actix_web::rt::spawn(async move {
        while let Some(chunk) = body.next().await {
            let broke_off = |error: actix_web::error::PayloadError| store::Error::Invalid {
                db: MARKETPLACE.clone(),
                id: String::new(),
                reason: format!("the upload broke off: {error}"),
            };
            if sender.send(chunk.map_err(broke_off)).await.is_err() {
                return;
            }
        }
    });
    let body = futures_util::stream::unfold(receiver, |mut receiver| async move { Some((receiver.recv().await?, receiver)) });
    reply::private(200, &portal.put_package(&partner.vendor, &slug, body.boxed(), partner.ip).await?)
}

async fn act(portal: Data<Portal>, partner: Partner, path: Path<(String, String)>) -> Result<HttpResponse, Failure> {
    let (slug, action) = path.into_inner();
    let action = match action.as_str() {
        "submit" => Action::Submit,
        "publish" => Action::Publish,
        "unpublish" => Action::Unpublish,
        _ => return Err(Failure(Error::NotFound)),
    };
    let actor = partner.vendor.actor(partner.ip);
    reply::private(200, &portal.move_listing(&slug, action, None, Some(&partner.vendor), &actor).await?)
}
