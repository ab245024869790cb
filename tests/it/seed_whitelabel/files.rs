//! Custom logos and icons: uploaded and fetched, for the account or for its domain.

use super::{curl, document, reseller};
use crate::support::world::World;

on_every_world! {
    a_logo_is_uploaded_and_fetched,
    an_icon_is_uploaded_and_fetched,
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR rest of the picture";

async fn a_logo_is_uploaded_and_fetched(world: World) {
    uploaded_and_fetched(&world, "logo").await;
}

async fn an_icon_is_uploaded_and_fetched(world: World) {
    uploaded_and_fetched(&world, "icon").await;
}

async fn uploaded_and_fetched(world: &World, part: &str) {
    let reseller = reseller(world).await;
    curl(&reseller.api, "PUT", &reseller.at("/whitelabel"), &document()).await.is(201);
    for (n, path) in [format!("/whitelabel/{part}"), format!("/whitelabel/mydomain.com/{part}")].iter().enumerate() {
        let picture = [PNG, &[n as u8]].concat();
        reseller.api.raw("POST", &reseller.at(path), Some("image/png"), picture.clone()).await.is(200);
        for path in [format!("/whitelabel/{part}"), format!("/whitelabel/mydomain.com/{part}")] {
            let fetched = reseller.api.get(&reseller.at(&path)).await.is(200);
            assert_eq!((fetched.header("content-type"), fetched.body.to_vec()), (Some("image/png"), picture.clone()));
        }
    }
}
