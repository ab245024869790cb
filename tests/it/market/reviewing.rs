//! Vendors' listings on their way into the marketplace.

use serde_json::json;

use crate::support::{
    marketplace::{Market, icon, package},
    smtp::MailServer,
    world::World,
};

on_every_world! {
    a_listing_goes_through_its_states,
    a_draft_may_lack_anything_a_submission_nothing,
    an_update_takes_the_place_of_what_was_before,
    a_vendor_is_told_by_mail_why_not,
    a_vendor_sees_his_own_listings_only,
    files_are_what_they_have_to_be,
}

/// R49, R59
async fn a_listing_goes_through_its_states(world: World) {
    let market = Market::on(world);
    let (vendor, staff) = (market.vendor().await, market.staff());
    market.draft(&vendor, "alpha", "affiliated", json!({})).await;
    let by_vendor = async |action: &str| vendor.post(&format!("vendor/listings/alpha/{action}"), json!({})).await;
    let by_staff =
        async |action: &str| staff.post(&format!("staff/listings/alpha/{action}"), json!({ "reason": "because" })).await;
    let state = async || vendor.get("vendor/listings/alpha").await.is(200).json()["state"].as_str().unwrap().to_owned();
    let on_sale = async || market.api.get("listings/alpha").await.status == 200;
    assert_eq!(state().await, "draft");
    for wrong in ["publish", "unpublish"] {
        assert_eq!(by_vendor(wrong).await.is(409).json()["reason"], "wrong_state");
    }
    by_vendor("submit").await.is(200);
    vendor.patch("vendor/listings/alpha", json!({ "author": "Somebody else" })).await.is(409);
    by_staff("deny").await.is(200);
    assert_eq!((state().await.as_str(), on_sale().await), ("denied", false));
    assert_eq!(vendor.get("vendor/listings/alpha").await.json()["reason"], "because");
    vendor.patch("vendor/listings/alpha", json!({ "author": "Better" })).await.is(200);
    by_vendor("submit").await.is(200);
    assert_eq!(staff.get("staff/listings?state=under_review").await.is(200).json()["items"][0]["slug"], "alpha");
    by_staff("approve").await.is(200);
    assert_eq!((state().await.as_str(), on_sale().await), ("unpublished", false));
    by_vendor("publish").await.is(200);
    assert_eq!((state().await.as_str(), on_sale().await), ("published", true));
    by_vendor("unpublish").await.is(200);
    assert_eq!((state().await.as_str(), on_sale().await), ("unpublished", false));
    by_vendor("publish").await.is(200);
    by_staff("revoke").await.is(200);
    assert_eq!((state().await.as_str(), on_sale().await), ("revoked", false));
    by_vendor("publish").await.is(409);
    by_vendor("submit").await.is(200);
    assert_eq!(state().await, "under_review");
    // Each has his own part in it.
    by_vendor("approve").await.is(404);
    vendor.post("staff/listings/alpha/approve", json!({})).await.is(401);
    market.master().await.post("staff/listings/alpha/approve", json!({})).await.is(401);
    staff.post("staff/listings/alpha/deny", json!({ "reason": " " })).await.is(400);
}

/// R34, R52, R53
async fn a_draft_may_lack_anything_a_submission_nothing(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    vendor.post("vendor/listings", json!({ "slug": "alpha", "kind": "delivered" })).await.is(201);
    vendor.post("vendor/listings", json!({ "slug": "alpha", "kind": "affiliated" })).await.is(409);
    for slug in ["", "A", "a/b", "../x", "ä"] {
        vendor.post("vendor/listings", json!({ "slug": slug, "kind": "delivered" })).await.is(400);
    }
    vendor.post("vendor/listings", json!({ "slug": "beta", "kind": "stolen" })).await.is(400);
    let refused = vendor.post("vendor/listings/alpha/submit", json!({})).await.is(400).json();
    for member in ["author", "version", "i18n.en-US.name", "icon", "license.text", "plans", "package", "startup.commands"] {
        assert!(refused["errors"].get(member).is_some(), "{member}: {refused}");
    }
    market.draft(&vendor, "beta", "affiliated", json!({})).await;
    for (change, member) in [
        (json!({ "plans": [{ "id": "a", "name": "A", "model": "free", "base_price": 5 }] }), "plans.a.base_price"),
        (json!({ "plans": [{ "id": "a", "name": "A", "model": "monthly" }] }), "plans.a.base_price"),
        (json!({ "onboarding_url": "javascript:alert(1)" }), "onboarding_url"),
    ] {
        vendor.patch("vendor/listings/beta", change).await.is(200);
        let refused = vendor.post("vendor/listings/beta/submit", json!({})).await.is(400).json();
        assert!(refused["errors"].get(member).is_some(), "{member}: {refused}");
    }
    vendor.patch("vendor/listings/beta", json!({ "plans": [{ "id": "a", "name": "A", "model": "yearly" }] })).await.is(400);
    vendor.patch("vendor/listings/beta", json!({ "tags": ["x".repeat(300_000)] })).await.is(400);
}

/// R21, R50
async fn an_update_takes_the_place_of_what_was_before(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "affiliated", json!({})).await;
    vendor.patch("vendor/listings/alpha", json!({ "release_notes": "Twice as good." })).await.is(200);
    let refused = vendor.post("vendor/listings/alpha/submit", json!({})).await.is(400).json();
    assert_eq!(refused["errors"]["version"], "was published already");
    vendor.patch("vendor/listings/alpha", json!({ "version": "1.1.0", "license": { "text": "Be kinder." } })).await.is(200);
    // What somebody accepted must be found again.
    assert!(
        vendor.post("vendor/listings/alpha/submit", json!({})).await.is(400).json()["errors"].get("license.version").is_some()
    );
    vendor.patch("vendor/listings/alpha", json!({ "license": { "version": "2" } })).await.is(200);
    vendor.upload("vendor/listings/alpha/icon", icon("new")).await.is(200);
    vendor.post("vendor/listings/alpha/submit", json!({})).await.is(200);
    market.staff().post("staff/listings/alpha/approve", json!({})).await.is(200);
    // Meanwhile what was there stays.
    let shown = market.api.get("listings/alpha").await.is(200).json();
    assert_eq!((&shown["version"], &shown["license"]["version"]), (&json!("1.0.0"), &json!("1")));
    assert_eq!(market.api.get("listings/alpha/icon").await.is(200).text(), icon("alpha"));
    vendor.post("vendor/listings/alpha/publish", json!({})).await.is(200);
    let shown = market.api.get("listings/alpha").await.is(200).json();
    assert_eq!((&shown["version"], &shown["license"]["version"]), (&json!("1.1.0"), &json!("2")));
    assert_eq!(market.api.get("listings/alpha/icon").await.is(200).text(), icon("new"));
    let releases: Vec<_> = shown["releases"].as_array().unwrap().iter().map(|one| (&one["notes"], &one["retired"])).collect();
    assert_eq!(releases, [(&json!("Twice as good."), &json!(false)), (&json!("The first."), &json!(true))]);
    // An order for the old licence comes too late.
    let master = market.master().await;
    let refused = market.order(&master, "alpha", "k").await.is(400).json();
    assert!(refused["errors"].get("license_version").is_some());
}

/// R51
async fn a_vendor_is_told_by_mail_why_not(world: World) {
    let mail = MailServer::start();
    for (key, value) in [("relay", "127.0.0.1".to_owned()), ("port", mail.address.port().to_string()), ("tls", "never".into())] {
        world.run(&["config", "set-default", "smtp_client", key, &value]).ok();
    }
    world.run(&["config", "set-default", "smtp_client", "from", "market@example.com"]).ok();
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.submit(&vendor, "alpha", "affiliated", json!({})).await;
    market.staff().post("staff/listings/alpha/deny", json!({ "reason": "It hums." })).await.is(200);
    let first = mail.next();
    assert!(first.commands.iter().any(|line| line.contains("vera@vendor.example")), "{first:?}");
    assert!(first.text.contains("was not approved") && first.text.contains("It hums."), "{first:?}");
    vendor.post("vendor/listings/alpha/submit", json!({})).await.is(200);
    market.run(&["approve", "alpha"]).ok();
    market.run(&["publish", "alpha"]).ok();
    assert!(market.run(&["revoke", "alpha", "It bites."]).ok().contains("alpha is revoked now"));
    let second = mail.next();
    assert!(second.text.contains("was removed") && second.text.contains("It bites."), "{second:?}");
    assert!(mail.is_empty());
}

/// R41
async fn a_vendor_sees_his_own_listings_only(world: World) {
    let market = Market::on(world);
    let (vera, victor) = (market.vendor().await, market.vendor().await);
    market.publish(&vera, "alpha", "affiliated", json!({})).await;
    assert_eq!(vera.get("vendor/listings").await.is(200).json()["total"], 1);
    assert_eq!(victor.get("vendor/listings").await.is(200).json()["total"], 0);
    victor.get("vendor/listings/alpha").await.is(404);
    victor.patch("vendor/listings/alpha", json!({ "author": "Victor" })).await.is(404);
    victor.post("vendor/listings/alpha/unpublish", json!({})).await.is(404);
    victor.upload("vendor/listings/alpha/icon", icon("x")).await.is(404);
    victor.upload("vendor/listings/alpha/package", package("x")).await.is(404);
    for (who, path) in [(&market.api, "vendor/listings"), (&market.master().await, "vendor/listings"), (&vera, "staff/listings")]
    {
        who.get(path).await.is(401);
    }
}

async fn files_are_what_they_have_to_be(world: World) {
    world.run(&["config", "set-default", "marketplace", "max_package_size", "100000"]).ok();
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.draft(&vendor, "alpha", "delivered", json!({})).await;
    for wrong in ["", "hello", "<html><script>alert(1)</script></html>"] {
        vendor.upload("vendor/listings/alpha/icon", wrong).await.is(400);
    }
    vendor.upload("vendor/listings/alpha/screenshots/13", icon("x")).await.is(400);
    for wrong in [Vec::new(), b"PK is no zip".to_vec(), vec![0; 100], [b"PK\x03\x04".to_vec(), vec![0; 200_000]].concat()] {
        vendor.upload("vendor/listings/alpha/package", wrong).await.is(400);
    }
    let before = vendor.get("vendor/listings/alpha").await.json()["draft"]["package"].clone();
    let kept = vendor.patch("vendor/listings/alpha", json!({ "package": null, "icon": null })).await.is(200).json();
    assert_eq!(kept["draft"]["package"], before);
    vendor.upload("vendor/listings/alpha/screenshots/2", icon("two")).await.is(200);
    let left = vendor.delete("vendor/listings/alpha/screenshots/1").await.is(200).json();
    assert_eq!(left["draft"]["screenshots"].as_array().unwrap().len(), 1);
    vendor.delete("vendor/listings/alpha/screenshots/2").await.is(404);
    assert_eq!(vendor.delete("vendor/listings/alpha/screenshots/first").await.is(404).json()["reason"], "not_found");
    let large = [b"\x89PNG\r\n\x1a\n".to_vec(), vec![0; 3 << 20]].concat();
    let status = vendor.upload("vendor/listings/alpha/icon", large).await.status;
    assert!([400, 413].contains(&status), "{status}");
}
