//! The stylesheet, the script and the sign in the browser's tab. Their addresses have their digest in them, so that they're kept for
//! ever and a new version counts at once.

use std::sync::LazyLock;

use actix_web::{
    HttpResponse,
    web::{Path, ServiceConfig},
};
use rust_embed::RustEmbed;

use super::at;
use crate::kazoo::hex;

#[derive(RustEmbed)]
#[folder = "static"]
struct Assets;

/// Of all of them.
static DIGEST: LazyLock<String> = LazyLock::new(|| {
    let digests = Assets::iter().filter_map(|name| Assets::get(&name)).map(|file| file.metadata.sha256_hash());
    let all = digests.fold([0; 8], |mut all: [u8; 8], one| {
        all.iter_mut().zip(one).for_each(|(all, one)| *all ^= one);
        all
    });
    hex(&all)
});

/// Where one is.
pub fn url(name: &str) -> String {
    format!("/assets/{}/{name}", *DIGEST)
}

pub fn configure(config: &mut ServiceConfig) {
    config.service(at("/assets/{digest}/{name}").get(show));
}

async fn show(path: Path<(String, String)>) -> HttpResponse {
    let (digest, name) = path.into_inner();
    let Some(file) = Assets::get(&name) else { return HttpResponse::NotFound().finish() };
    let content_type = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        _ => "image/svg+xml",
    };
    // A page of an older server asks by an older digest, and gets what there is; but not for ever.
    let life = if digest == *DIGEST { "public, max-age=31536000, immutable" } else { "no-cache" };
    HttpResponse::Ok()
        .insert_header(("cache-control", life))
        .insert_header(("x-content-type-options", "nosniff"))
        .content_type(content_type)
        .body(file.data.into_owned())
}
