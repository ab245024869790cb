//! `vendor`: partners' own listings.

use actix_web::{
    FromRequest, HttpRequest, dev,
    web::{Bytes, Data, Json, Path, Payload, Query},
};
use futures_util::{FutureExt as _, StreamExt as _, future::LocalBoxFuture};
use serde_json::Value;

use super::{
    callers::Partner,
    endpoint::{Endpoint, delete, get, patch, post, put},
    failure::{self, Failure},
    operation::{Asks, Operation},
    reply::{Created, PACKAGE, PICTURES, Private},
};
use crate::{
    market::{
        Rest,
        catalogue::{Page, Paging},
        review::Action,
    },
    platform::names::MARKETPLACE,
    portal::{
        Error, Portal,
        listings::Which,
        submissions::{NewListing, Submission},
    },
    store,
};

/// Pieces of an upload that wait for the store.
const WAITING: usize = 16;

/// A picture, which is held as a whole.
struct Upload(Bytes);

impl FromRequest for Upload {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, actix_web::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let bytes = Bytes::from_request(request, payload);
        async { bytes.await.map(Self).map_err(failure::bad_upload) }.boxed_local()
    }
}

impl Asks for Upload {
    fn say(operation: &mut Operation<'_>) {
        operation.takes_file("A picture", &PICTURES);
    }
}

/// A package is streamed.
impl Asks for Payload {
    fn say(operation: &mut Operation<'_>) {
        operation.takes_file("A package", &[PACKAGE]);
    }
}

pub fn endpoints() -> Vec<Endpoint> {
    vec![
        get("/vendor/listings", "The vendor's listings", list),
        post("/vendor/listings", "A new listing, which begins as a draft", create).fails(&[409]),
        get("/vendor/listings/{slug}", "One of them, with its draft and what is in its way", show),
        patch("/vendor/listings/{slug}", "Changes the draft; `null` removes a member, what isn't said stays", edit).fails(&[409]),
        put("/vendor/listings/{slug}/icon", "The draft's icon", icon).fails(&[409]),
        put("/vendor/listings/{slug}/hero", "The draft's large picture", hero).fails(&[409]),
        put(
            "/vendor/listings/{slug}/screenshots/{number}",
            "A picture of the app at work; a number after the last adds one",
            screenshot,
        )
        .fails(&[409]),
        delete("/vendor/listings/{slug}/screenshots/{number}", "Removes such a picture", remove_screenshot).fails(&[409]),
        put("/vendor/listings/{slug}/package", "The draft's package, which is streamed", package).fails(&[409]),
        post("/vendor/listings/{slug}/{action:submit|publish|unpublish}", "Takes the listing a step further", act)
            .fails(&[400, 409]),
    ]
}

async fn list(portal: Data<Portal>, partner: Partner, paging: Query<Paging>) -> Result<Private<Page<Value>>, Failure> {
    Ok(Private(portal.submissions(&partner.vendor, *paging).await?))
}

async fn create(portal: Data<Portal>, partner: Partner, new: Json<NewListing>) -> Result<Created<Submission>, Failure> {
    Ok(Created(portal.new_listing(&partner.vendor, new.into_inner(), partner.ip).await?))
}

async fn show(portal: Data<Portal>, partner: Partner, slug: Path<String>) -> Result<Private<Submission>, Failure> {
    Ok(Private(portal.submission(&slug, Some(&partner.vendor)).await?))
}

async fn edit(
    portal: Data<Portal>,
    partner: Partner,
    slug: Path<String>,
    patch: Json<Rest>,
) -> Result<Private<Submission>, Failure> {
    Ok(Private(portal.edit_listing(&partner.vendor, &slug, &patch, partner.ip).await?))
}

async fn put_picture(
    portal: &Portal,
    partner: Partner,
    slug: &str,
    which: Which,
    bytes: &Bytes,
) -> Result<Private<Submission>, Failure> {
    Ok(Private(portal.put_picture(&partner.vendor, slug, which, bytes, partner.ip).await?))
}

async fn icon(
    portal: Data<Portal>,
    partner: Partner,
    slug: Path<String>,
    Upload(bytes): Upload,
) -> Result<Private<Submission>, Failure> {
    put_picture(&portal, partner, &slug, Which::Icon, &bytes).await
}

async fn hero(
    portal: Data<Portal>,
    partner: Partner,
    slug: Path<String>,
    Upload(bytes): Upload,
) -> Result<Private<Submission>, Failure> {
    put_picture(&portal, partner, &slug, Which::Hero, &bytes).await
}

async fn screenshot(
    portal: Data<Portal>,
    partner: Partner,
    path: Path<(String, usize)>,
    Upload(bytes): Upload,
) -> Result<Private<Submission>, Failure> {
    let (slug, number) = path.into_inner();
    put_picture(&portal, partner, &slug, Which::Screenshot(number), &bytes).await
}

async fn remove_screenshot(
    portal: Data<Portal>,
    partner: Partner,
    path: Path<(String, usize)>,
) -> Result<Private<Submission>, Failure> {
    let (slug, number) = path.into_inner();
    Ok(Private(portal.remove_screenshot(&partner.vendor, &slug, number, partner.ip).await?))
}

/// A package goes to the store as it comes.
async fn package(
    portal: Data<Portal>,
    partner: Partner,
    slug: Path<String>,
    mut body: Payload,
) -> Result<Private<Submission>, Failure> {
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
    Ok(Private(portal.put_package(&partner.vendor, &slug, body.boxed(), partner.ip).await?))
}

async fn act(portal: Data<Portal>, partner: Partner, path: Path<(String, String)>) -> Result<Private<Submission>, Failure> {
    let (slug, action) = path.into_inner();
    let action = match action.as_str() {
        "submit" => Action::Submit,
        "publish" => Action::Publish,
        "unpublish" => Action::Unpublish,
        _ => return Err(Failure(Error::NotFound)),
    };
    let actor = partner.vendor.actor(partner.ip);
    Ok(Private(portal.move_listing(&slug, action, None, Some(&partner.vendor), &actor).await?))
}
