//! What a domain's DNS records are, beside what they are to be: asked of a real name server, and of servers with a fault.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use storefront::{
    kazoo::domains::{Kind, Question},
    platform::dns::Dns,
};

use crate::support::{
    dns::{BROKEN, NameServer, Reply, ZONE, misbehaving},
    world::{Session, World},
};

on_every_world! {
    what_a_domain_has_stands_beside_what_it_is_to_have,
    a_record_that_means_the_same_is_spelled_as_expected,
    a_name_that_is_not_there_and_a_server_that_fails_have_no_records,
    one_silent_name_does_not_hold_up_the_others,
    silence_ends_after_the_time_limit,
    a_domain_can_be_tested_before_anybody_has_it,
}

/// Makes the servers that are asked, and the template, those of this test.
fn configure(world: &World, servers: &[SocketAddr], template: &Value) {
    let servers: Vec<String> = servers.iter().map(SocketAddr::to_string).collect();
    for (key, value) in [("dns_servers", json!(servers)), ("domains", template.clone()), ("dns_timeout_ms", json!(20_000))] {
        world.run(&["config", "set-default", "whitelabel", key, &value.to_string()]).ok();
    }
}

/// An account with a brand whose domain is the zone of the name server.
async fn branded(world: &World) -> Session {
    let master = world.master().await;
    master.api.put(&master.at("/whitelabel"), json!({ "domain": ZONE })).await.is(201);
    master
}

async fn tested(session: &Session, query: &str) -> Value {
    session.api.post(&session.at(&format!("/whitelabel/domains{query}")), json!({})).await.is(200).data()
}

fn entry(mapping: &[&str]) -> Value {
    json!({ "mapping": mapping, "name": "n" })
}

fn shown(expected: &[&str], actual: &[&str]) -> Value {
    json!({ "expected": expected, "actual": actual, "name": "n" })
}

async fn what_a_domain_has_stands_beside_what_it_is_to_have(world: World) {
    let long = ["v=long ", &"x".repeat(248), &"y".repeat(255), &"z".repeat(255)].concat();
    let strings = [&long[..255], &long[255..510], &long[510..]].map(|part| format!("\"{part}\"")).join(" ");
    let server = NameServer::serving(&format!(
        "us-east A 192.0.2.10\nus-west A 192.0.2.99\nus-west A 192.0.2.98\n\
         v6 AAAA 2001:db8::a\nmapped AAAA ::ffff:192.0.2.7\n\
         sip CNAME one\none CNAME two\ntwo A 192.0.2.20\n\
         portal CNAME ui.example.org.\napi CNAME other.example.org.\n\
         @ MX 10 mail\n@ MX 20 backup.example.org.\n\
         proxy-east NAPTR 10 100 \"s\" \"SIP+d2u\" \"\" _sip._udp.proxy-east\n\
         _sip._udp.proxy-east SRV 10 10 7000 us-east\n_sip._udp.proxy-east SRV 15 15 7000 us-west\n\
         back PTR host.example.org.\n\
         @ TXT \"v=spf1 \" \"-all\"\nlong TXT {strings}\n"
    ));
    let naptr = "10 100 \"S\" \"SIP+D2U\" \"\" _sip._udp.proxy-east.brand.example";
    configure(
        &world,
        &[server.address],
        &json!({
            "A": {
                "us-east.{{domain}}": { "mapping": ["192.0.2.10"], "name": "Primary Proxy", "zone": "us-east" },
                "us-west.{{domain}}": entry(&["192.0.2.30"]),
                "us-south.{{domain}}": entry(&["192.0.2.40"]),
                "sip.{{domain}}": entry(&["192.0.2.20"]),
            },
            "AAAA": { "v6.{{domain}}": entry(&["2001:db8:0:0:0:0:0:b"]), "mapped.{{domain}}": entry(&[]) },
            "NS": { "{{domain}}": entry(&[]) },
            "PTR": { "back.{{domain}}": entry(&[]) },
            "CNAME": { "portal.{{domain}}": entry(&["ui.example.org"]), "api.{{domain}}": entry(&["api.example.org"]) },
            "CNAM": { "sip.{{domain}}": entry(&["one.{{domain}}"]) },
            "MX": { "{{domain}}": entry(&["10 mail.{{domain}}"]) },
            "NAPTR": { "proxy-east.{{domain}}": entry(&["10 100 \"S\" \"SIP+D2U\" \"\" _sip._udp.proxy-east.{{domain}}"]) },
            "SRV": { "_sip._udp.proxy-east.{{domain}}": entry(&["10 10 7000 us-east.{{domain}}"]) },
            "TXT": { "{{domain}}": entry(&["v=spf1 -all"]), "long.{{domain}}": entry(&[&long]) },
            "CAA": { "{{domain}}": entry(&["0 issue x"]) },
        }),
    );
    let session = branded(&world).await;
    for query in ["", "?use_tcp=true", "?use_tcp=false"] {
        let mut actual = tested(&session, query).await;
        // Several records of a name come in any order.
        for sorted in
            ["/A/us-west.brand.example/actual", "/MX/brand.example/actual", "/SRV/_sip._udp.proxy-east.brand.example/actual"]
        {
            actual.pointer_mut(sorted).unwrap().as_array_mut().unwrap().sort_by_key(Value::to_string);
        }
        let expected = json!({
            "A": {
                "us-east.brand.example": { "expected": ["192.0.2.10"], "actual": ["192.0.2.10"], "name": "Primary Proxy" },
                "us-west.brand.example": shown(&["192.0.2.30"], &["192.0.2.98", "192.0.2.99"]),
                "us-south.brand.example": shown(&["192.0.2.40"], &[]),
                "sip.brand.example": shown(&["192.0.2.20"], &["192.0.2.20"]),
            },
            "AAAA": {
                "v6.brand.example": shown(&["2001:db8:0:0:0:0:0:b"], &["2001:db8:0:0:0:0:0:a"]),
                "mapped.brand.example": shown(&[], &["192.0.2.7"]),
            },
            "NS": { "brand.example": shown(&[], &["ns1.brand.example"]) },
            "PTR": { "back.brand.example": shown(&[], &["host.example.org"]) },
            "CNAME": {
                "portal.brand.example": shown(&["ui.example.org"], &["ui.example.org"]),
                "api.brand.example": shown(&["api.example.org"], &["other.example.org"]),
            },
            "CNAM": { "sip.brand.example": shown(&["one.brand.example"], &["one.brand.example"]) },
            "MX": { "brand.example": shown(&["10 mail.brand.example"], &["10 mail.brand.example", "20 backup.example.org"]) },
            "NAPTR": { "proxy-east.brand.example": shown(&[naptr], &[naptr]) },
            "SRV": {
                "_sip._udp.proxy-east.brand.example":
                    shown(&["10 10 7000 us-east.brand.example"], &["10 10 7000 us-east.brand.example", "15 15 7000 us-west.brand.example"]),
            },
            "TXT": {
                "brand.example": shown(&["v=spf1 -all"], &["v=spf1 -all"]),
                "long.brand.example": shown(&[&long], &[&long]),
            },
            "CAA": { "brand.example": shown(&["0 issue x"], &[]) },
        });
        assert_eq!(actual, expected, "{query}");
    }
}

async fn a_record_that_means_the_same_is_spelled_as_expected(world: World) {
    let server = NameServer::serving(
        "PORTAL CNAME UI.Example.ORG.\n@ MX 10 mail\n_sip._udp SRV 10 10 7000 US-east\n@ AAAA 2001:db8::1\n\
         n NAPTR 10 100 \"S\" \"SIP+D2U\" \"\" _sip._udp\n",
    );
    let template = json!({
        "CNAM": { "portal.{{domain}}": entry(&["ui.example.org."]) },
        "MX": { "{{domain}}": entry(&["mail.{{domain}}."]) },
        "NAPTR": { "n.{{domain}}": entry(&["10 100 \"s\" \"SIP+D2U\" \"\" _sip._udp.{{domain}}."]) },
        "SRV": { "_sip._udp.{{domain}}": entry(&["10 10 7000 us-east.{{domain}}."]) },
        "AAAA": { "{{domain}}": entry(&["2001:DB8::1"]) },
    });
    configure(&world, &[server.address], &template);
    let session = branded(&world).await;
    // The domain's own case is the client's affair, too.
    for domain in ["brand.example", "Brand.EXAMPLE"] {
        for hosts in tested(&session, &format!("?domain={domain}")).await.as_object().unwrap().values() {
            for host in hosts.as_object().unwrap().values() {
                assert_eq!(host["actual"], host["expected"], "{domain}");
            }
        }
    }
}

async fn a_name_that_is_not_there_and_a_server_that_fails_have_no_records(world: World) {
    let server = NameServer::serving("here A 192.0.2.1\n");
    let template = json!({
        "A": {
            "here.{{domain}}": entry(&["192.0.2.1"]),
            "nowhere.{{domain}}": entry(&["192.0.2.1"]),
            format!("x.{BROKEN}"): entry(&["192.0.2.1"]),
            "somebody-elses.example.com": entry(&["192.0.2.1"]),
            "no name..at all": entry(&["192.0.2.1"]),
        },
        "TXT": { "here.{{domain}}": entry(&["none"]) },
    });
    configure(&world, &[server.address], &template);
    let session = branded(&world).await;
    let found = tested(&session, "").await;
    assert_eq!(found["A"]["here.brand.example"]["actual"], json!(["192.0.2.1"]));
    for host in ["nowhere.brand.example", "x.broken.example", "somebody-elses.example.com", "no name..at all"] {
        assert_eq!(found["A"][host], shown(&["192.0.2.1"], &[]), "{host}");
    }
    assert_eq!(found["TXT"]["here.brand.example"]["actual"], json!([]));
}

async fn one_silent_name_does_not_hold_up_the_others(world: World) {
    let good = NameServer::serving("a A 192.0.2.1\n");
    let bad = misbehaving(|name| match name {
        name if name.starts_with("servfail") => Reply::Servfail,
        name if name.starts_with("garbage") => Reply::Garbage,
        name if name.starts_with("gone") => Reply::Nxdomain,
        _ => Reply::Silence,
    });
    let hosts = ["a", "servfail", "garbage", "gone", "silent"];
    let template: serde_json::Map<String, Value> =
        hosts.map(|host| (format!("{host}.{{{{domain}}}}"), entry(&["192.0.2.1"]))).into_iter().collect();
    configure(&world, &[bad, good.address], &json!({ "A": template }));
    world.run(&["config", "set-default", "whitelabel", "dns_timeout_ms", "8000"]).ok();
    let session = branded(&world).await;
    let found = tested(&session, "").await;
    assert_eq!(found["A"]["a.brand.example"]["actual"], json!(["192.0.2.1"]), "the second server knows");
    for host in &hosts[1..] {
        assert_eq!(found["A"][format!("{host}.brand.example")]["actual"], json!([]), "{host}");
    }
}

async fn silence_ends_after_the_time_limit(world: World) {
    let hosts: serde_json::Map<String, Value> =
        (0..60).map(|n| (format!("h{n}.{{{{domain}}}}"), entry(&["192.0.2.1"]))).collect();
    configure(&world, &[misbehaving(|_| Reply::Silence)], &json!({ "A": hosts }));
    world.run(&["config", "set-default", "whitelabel", "dns_timeout_ms", "1000"]).ok();
    let session = branded(&world).await;
    for query in ["", "?use_tcp=true"] {
        let began = Instant::now();
        let found = tested(&session, query).await;
        // One after the other, they would take a minute and more.
        assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
        assert_eq!(found["A"].as_object().unwrap().len(), 60);
        assert!(found["A"].as_object().unwrap().values().all(|host| *host == shown(&["192.0.2.1"], &[])));
    }
}

async fn a_domain_can_be_tested_before_anybody_has_it(world: World) {
    let server = NameServer::serving("a A 192.0.2.1\n");
    configure(&world, &[server.address], &json!({ "A": { "a.{{domain}}": entry(&["192.0.2.1"]) } }));
    let master = world.master().await;
    let path = master.at("/whitelabel/domains");
    let none = "No domain found to use. Supply one on the request or create one via the whitelabel API";
    master.api.send("POST", &path, None).await.is_invalid(json!({ "domain": { "required": { "message": none } } }));
    for answer in [
        master.api.send("POST", &format!("{path}?domain={ZONE}"), None).await,
        master.api.post(&path, json!({ "domain": ZONE })).await,
        master.api.send("POST", &path, Some(json!({ "data": {}, "domain": ZONE }))).await,
    ] {
        assert_eq!(answer.is(200).data(), json!({ "A": { "a.brand.example": shown(&["192.0.2.1"], &["192.0.2.1"]) } }));
    }
    // Whatever is sent besides is of no account, and nothing is kept.
    let besides = Some(json!({ "data": [], "A": { "x": 1 } }));
    master.api.send("POST", &format!("{path}?domain={ZONE}"), besides).await.is(200);
    let none = json!({ "domain": { "required": { "message": none } } });
    master.api.post(&path, json!({ "domain": ["x.example"], "A": {} })).await.is_invalid(none);
    assert_eq!(master.api.get(&format!("{path}?domain=x.example")).await.data()["A"]["a.x.example"]["mapping"][0], "192.0.2.1");
    let long = "d".repeat(254);
    master.api.post(&path, json!({ "domain": long })).await.is(400);
    world.api.send("POST", &path, None).await.is_unauthorized();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_domains_own_name_servers_are_asked_rather_than_those_that_remember() {
    let own = NameServer::serving("a A 192.0.2.2\n");
    let remembering = NameServer::serving("a A 192.0.2.1\n");
    let dns = Dns {
        resolvers: Some(vec![remembering.address]),
        port: own.address.port(),
        limit: Duration::from_secs(20),
        ..Dns::default()
    };
    let question = |host: &str| Question { kind: Kind::A, host: host.to_owned() };
    // Also for a domain below the one that has the name servers.
    for domain in [ZONE.to_owned(), format!("deep.below.{ZONE}")] {
        let found = dns.look_up(&domain, &[question("a.brand.example")]).await;
        assert_eq!(found[&question("a.brand.example")], ["192.0.2.2"], "{domain}");
    }
    // Where nobody is responsible, whoever was asked for that has to do.
    let found = dns.look_up("example.com", &[question("a.brand.example")]).await;
    assert_eq!(found[&question("a.brand.example")], ["192.0.2.1"]);
}
