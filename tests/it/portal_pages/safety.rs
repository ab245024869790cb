//! What keeps readers safe: from other sites, and from those who write listings.

use serde_json::json;

use crate::support::{marketplace::Market, reader::Reader, world::World};

on_every_world! {
    every_page_keeps_the_browser_in_bounds,
    a_form_from_elsewhere_is_refused,
    what_a_vendor_writes_is_text_and_nothing_else,
    sessions_travel_over_https_unless_it_is_allowed,
    too_large_or_odd_forms_are_refused,
}

async fn every_page_keeps_the_browser_in_bounds(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "affiliated", json!({})).await;
    let (guest, master) = (Reader::of(&market), Reader::master(&market).await);
    for path in ["/", "/login", "/products/alpha", "/products/alpha/pricing", "/docs", "/nowhere", "/settings/account"] {
        for reader in [&guest, &master] {
            let page = reader.get(path).await;
            let policy = page.header("content-security-policy").unwrap();
            assert!(policy.starts_with("default-src 'none';") && policy.contains("frame-ancestors 'none'"), "{policy}");
            assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"), "{policy}");
            assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
            assert_eq!(page.header("referrer-policy"), Some("same-origin"));
            assert_eq!(page.header("cache-control"), Some("private, no-store"));
            page.lacks("<style").lacks(" style=").lacks("<script>").lacks(" onclick=").lacks("//cdn").lacks("src=\"http");
        }
    }
}

/// Every form, with a session, but without the token of a page of ours, or with somebody else's.
async fn a_form_from_elsewhere_is_refused(world: World) {
    let market = Market::on(world);
    let (master, other) = (Reader::master(&market).await, Reader::master(&market).await);
    let foreign = other.get("/").await.between("name=\"csrf\" value=\"", "\"").to_owned();
    let own = master.get("/").await.between("name=\"csrf\" value=\"", "\"").to_owned();
    assert_ne!(foreign, own);
    for path in [
        "/login",
        "/logout",
        "/settings/account",
        "/settings/account/link-cluster",
        "/settings/account/manage-cluster",
        "/settings/account/manage-cluster/disconnect",
        "/settings/account/apps/alpha.1/cancel",
        "/settings/account/apps/alpha.1/refund",
        "/settings/account/apps/alpha.1/redeliver",
        "/products/alpha/buy",
    ] {
        for csrf in [&[][..], &[("csrf", "")], &[("csrf", "0")], &[("csrf", foreign.as_str())]] {
            master.post(path, csrf).await.is(403).has("This form is out of date");
        }
    }
    // The browser says itself that another site sent it.
    let master = master.with("sec-fetch-site", "cross-site");
    master.post("/logout", &[("csrf", &own)]).await.is(403);
    // Without any cookie there is nothing to hold a form against.
    Reader::of(&market).post("/login", &[("csrf", "x")]).await.is(403).has("Your browser sent no cookie");
    // Nor does a form of before the login serve somebody who has only its cookie.
    market.api.bearer(&other.cookies()["session"]).get("me").await.is(200);
}

async fn what_a_vendor_writes_is_text_and_nothing_else(world: World) {
    const EVIL: &str = "</title><script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}";
    let market = Market::on(world);
    let vendor = market.vendor().await;
    let texts = json!({ "name": EVIL, "summary": EVIL, "description": EVIL, "extended_description": EVIL, "features": [EVIL] });
    let hostile = json!({
        "author": EVIL, "release_notes": EVIL, "tags": [EVIL], "solutions": [EVIL], "categories": [EVIL], "collections": [EVIL],
        "i18n": { "en-US": texts }, "docs_url": "javascript:alert(1)", "external_charges": EVIL,
        "support": { "email": "\"><script>@vendor.example", "url": "javascript:alert(1)" },
        "license": { "name": EVIL, "version": "1", "text": EVIL },
        "plans": [{ "id": "basic", "name": EVIL, "model": "monthly", "base_price": 1, "description": EVIL, "cta_label": EVIL,
            "unit_fees": [{ "unit": EVIL, "price": 1 }] }],
    });
    market.publish(&vendor, "alpha", "affiliated", hostile).await;
    let master = Reader::master(&market).await;
    let key = "hostile";
    market.order(&market.master().await, "alpha", key).await.is(201);
    for path in [
        "/",
        "/?q=%3Cscript%3Ealert(1)%3C/script%3E",
        "/?solution=%22%3E%3Cscript%3E",
        "/products/alpha",
        "/products/alpha/releases",
        "/products/alpha/pricing",
        "/settings/account/apps",
        "/settings/account/apps?open=%22%3E%3Cscript%3E&done=%3Cscript%3E",
        "/settings/account/apps/alpha.1/cancel",
        "/settings/account/apps/alpha.1/refund",
        "/login?next=%22%3E%3Cscript%3E",
    ] {
        let page = master.get(path).await;
        page.lacks("<script>").lacks("<img src=x").lacks("javascript:").lacks("49");
    }
}

async fn sessions_travel_over_https_unless_it_is_allowed(world: World) {
    let market = Market::on_https(world);
    let reader = Reader::of(&market);
    let cookie = |page: &crate::support::reader::Page| page.header("set-cookie").unwrap().to_owned();
    let guest = cookie(&reader.get("/login").await);
    let [account, _, user, password] = crate::support::world::MASTER;
    let session = cookie(&reader.log_in(account, user, password).await);
    for (cookie, name) in [(guest, "__Host-guest="), (session, "__Host-session=")] {
        assert!(cookie.starts_with(name), "{cookie}");
        for attribute in ["; Path=/", "; HttpOnly", "; Secure", "; SameSite=Lax"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
}

async fn too_large_or_odd_forms_are_refused(world: World) {
    let market = Market::on(world);
    let reader = Reader::master(&market).await;
    let csrf = reader.get("/").await.between("name=\"csrf\" value=\"", "\"").to_owned();
    let large = "x".repeat(100_000);
    reader.post("/settings/account", &[("csrf", &csrf), ("name", &large)]).await.is(400).has("can&#39;t be understood");
    let long = "x".repeat(301);
    reader.post("/settings/account", &[("csrf", &csrf), ("name", &long)]).await.is(400).has("too long");
    // A cookie that is none.
    let odd = Reader::of(&market);
    for value in ["x", "../../etc/passwd", "%00", &"y".repeat(5_000)] {
        odd.set_cookie("session", value);
        odd.get("/").await.is(200).has("Log In");
    }
}
