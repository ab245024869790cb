//! The DNS records of a domain: fetched, tested, and configured by the system's administrator.

use serde_json::{Value, json};

use super::{ask, curl, document, documented_template, reseller};
use crate::support::{dns::NameServer, world::World};

on_every_world! {
    domains_are_fetched_for_the_accounts_domain_or_a_given_one,
    domains_are_tested_against_what_dns_says,
    only_system_administrators_configure_the_domains,
}

async fn domains_are_fetched_for_the_accounts_domain_or_a_given_one(world: World) {
    let template = documented_template(&world).await;
    let of = |domain: &str| serde_json::from_str::<Value>(&template.to_string().replace("{{domain}}", domain)).unwrap();
    let reseller = reseller(&world).await;
    let path = reseller.at("/whitelabel/domains");
    assert_eq!(reseller.api.get(&format!("{path}?domain=some.realm.com")).await.is(200).data(), of("some.realm.com"));
    let body = json!({ "data": { "domain": "some.realm.com" } });
    assert_eq!(curl(&reseller.api, "GET", &path, &body).await.is(200).data(), of("some.realm.com"));
    curl(&reseller.api, "PUT", &reseller.at("/whitelabel"), &document()).await.is(201);
    assert_eq!(reseller.api.get(&path).await.is(200).data(), of("mydomain.com"));
}

async fn domains_are_tested_against_what_dns_says(world: World) {
    documented_template(&world).await;
    let server = NameServer::serving(
        "us-east A 8.36.70.3\nus-central A 192.0.2.1\nportal CNAME ui.zswitch.net.\n\
         proxy-east NAPTR 10 100 \"S\" \"SIP+D2U\" \"\" _sip._udp.proxy-east\n_sip._udp.proxy-east SRV 10 10 7000 us-east\n",
    );
    ask(&world, &server);
    let reseller = reseller(&world).await;
    let path = reseller.at("/whitelabel/domains");
    let naptr = "10 100 \"S\" \"SIP+D2U\" \"\" _sip._udp.proxy-east.brand.example.";
    let expected = json!({
        "A": {
            "us-central.brand.example": { "expected": ["166.78.105.67"], "actual": ["192.0.2.1"], "name": "Secondary Proxy" },
            "us-east.brand.example": { "expected": ["8.36.70.3"], "actual": ["8.36.70.3"], "name": "Primary Proxy" },
            "us-west.brand.example": { "expected": ["8.30.173.3"], "actual": [], "name": "Tertiary Proxy" },
        },
        "CNAM": {
            "api.brand.example": { "expected": ["api.zswitch.net"], "actual": [], "name": "API" },
            "portal.brand.example": { "expected": ["ui.zswitch.net"], "actual": ["ui.zswitch.net"], "name": "Web GUI" },
        },
        "MX": {},
        "NAPTR": { "proxy-east.brand.example": { "expected": [naptr], "actual": [naptr], "name": "East NAPTR" } },
        "SRV": {
            "_sip._udp.proxy-east.brand.example": {
                "expected": ["10 10 7000 us-east.brand.example.", "15 15 7000 us-central.brand.example."],
                "actual": ["10 10 7000 us-east.brand.example."], "name": "East SRV",
            },
        },
        "TXT": {},
    });
    // Before the document is made, and after.
    assert_eq!(reseller.api.send("POST", &format!("{path}?domain=brand.example"), None).await.is(200).data(), expected);
    reseller.api.put(&reseller.at("/whitelabel"), json!({ "domain": "brand.example" })).await.is(201);
    assert_eq!(reseller.api.send("POST", &path, None).await.is(200).data(), expected);
}

async fn only_system_administrators_configure_the_domains(world: World) {
    let reseller = reseller(&world).await;
    let body = json!({ "data": { "A": {} } });
    curl(&reseller.api, "POST", "/v2/whitelabel/domains", &body).await.is_forbidden();
    curl(&world.api, "POST", "/v2/whitelabel/domains", &body).await.is_unauthorized();
    documented_template(&world).await;
}
