//! Whitelabel, as its documentation shows it call by call, sent as its `curl` lines send it: `-d` without a content type.

use serde_json::{Value, json};

use crate::support::{
    client::{Answer, Api},
    dns::NameServer,
    world::{Session, World},
};

mod brand;
mod domains;
mod files;

/// A reseller, who is nobody special.
async fn reseller(world: &World) -> Session {
    let master = world.master().await;
    world.account(&master, "My VoIP Reseller Company").await
}

/// `curl -X METHOD -d BODY`, which says that it sends a form.
async fn curl(api: &Api, method: &str, path: &str, body: &Value) -> Answer {
    api.raw(method, path, Some("application/x-www-form-urlencoded"), body.to_string()).await
}

/// The whitelabel document of all examples.
fn document() -> Value {
    json!({ "data": { "company_name": "My VoIP Reseller Company", "domain": "mydomain.com" } })
}

/// Has the system's template be the documentation's: `CNAM` and dots at the ends of names, as it was once written.
async fn documented_template(world: &World) -> Value {
    let template = json!({
        "A": {
            "us-central.{{domain}}": { "mapping": ["166.78.105.67"], "name": "Secondary Proxy", "zone": "us-central" },
            "us-east.{{domain}}": { "mapping": ["8.36.70.3"], "name": "Primary Proxy", "zone": "us-east" },
            "us-west.{{domain}}": { "mapping": ["8.30.173.3"], "name": "Tertiary Proxy", "zone": "us-west" },
        },
        "CNAM": {
            "api.{{domain}}": { "mapping": ["api.zswitch.net"], "name": "API" },
            "portal.{{domain}}": { "mapping": ["ui.zswitch.net"], "name": "Web GUI" },
        },
        "MX": {},
        "NAPTR": {
            "proxy-east.{{domain}}": {
                "mapping": ["10 100 \"S\" \"SIP+D2U\" \"\" _sip._udp.proxy-east.{{domain}}."], "name": "East NAPTR",
            },
        },
        "SRV": {
            "_sip._udp.proxy-east.{{domain}}": {
                "mapping": ["10 10 7000 us-east.{{domain}}.", "15 15 7000 us-central.{{domain}}."], "name": "East SRV",
            },
        },
        "TXT": {},
    });
    let master = world.master().await;
    let set = curl(&master.api, "POST", "/v2/whitelabel/domains", &json!({ "data": template })).await.is(200);
    assert_eq!(set.data(), template);
    template
}

/// Has the server's questions go to a name server of ours.
fn ask(world: &World, server: &NameServer) {
    let servers = json!([server.address.to_string()]).to_string();
    world.run(&["config", "set-default", "whitelabel", "dns_servers", &servers]).ok();
    world.run(&["config", "set-default", "whitelabel", "dns_timeout_ms", "20000"]).ok();
}
