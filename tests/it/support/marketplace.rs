//! A marketplace beside a world, whose users log in at it: a server of its own on a store of its own.

use std::io::Write as _;

use serde_json::{Value, json};

use super::{
    client::{Answer, Api},
    process::{self, Done, Server},
    promise,
    world::{MASTER, World},
};

pub const STAFF: &str = "the staff's token";

/// A marketplace, and the world whose users are its customers. Both use the same store.
pub struct Market {
    pub world: World,
    pub server: Server,
    /// Nobody's client.
    pub api: Shop,
}

/// A client of the marketplace's API.
#[derive(Clone)]
pub struct Shop {
    api: Api,
    /// What it proves itself by; empty for nobody's.
    pub token: String,
}

impl Shop {
    /// Nobody's client.
    fn of(server: &Server) -> Self {
        Self { api: Api::new(url(server)), token: String::new() }
    }

    /// Where the marketplace is, without a path.
    pub fn url(&self) -> &str {
        &self.api.url
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask("POST", path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.ask("PATCH", path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.ask("PUT", path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.ask("DELETE", path, None).await
    }

    /// Uploads a file.
    pub async fn upload(&self, path: &str, bytes: impl Into<bytes::Bytes>) -> Answer {
        let answer = self.api.raw("PUT", &at(path), Some("application/octet-stream"), bytes).await;
        promise::keeps("PUT", &at(path), &answer);
        answer
    }

    async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let answer = self.api.send(method, &at(path), body).await;
        promise::keeps(method, &at(path), &answer);
        answer
    }

    pub fn bearer(&self, token: &str) -> Self {
        Self { api: self.api.with("authorization", &format!("Bearer {token}")), token: token.to_owned() }
    }

    pub fn with(&self, name: &str, value: &str) -> Self {
        Self { api: self.api.with(name, value), token: self.token.clone() }
    }
}

fn at(path: &str) -> String {
    format!("/api/v1/{path}")
}

fn start(world: &World, flags: &[&str]) -> Server {
    let arguments = [
        "--store",
        &world.store,
        "marketplace",
        "--listen",
        "127.0.0.1:0",
        "--workers",
        "2",
        "--identity-api",
        &world.server.url(),
        "--staff-token",
        STAFF,
    ];
    Server::start([&arguments, flags].concat())
}

fn url(server: &Server) -> String {
    let began = "The marketplace listens on ";
    server.wait_for_print(|text| text.split_once(began).is_some_and(|(_, rest)| rest.contains('\n')));
    let printed = server.printed();
    printed.split_once(began).unwrap().1.lines().next().unwrap().to_owned()
}

impl Market {
    /// An empty one.
    pub fn on(world: World) -> Self {
        Self::with(world, &["--plain-http"])
    }

    /// One that browsers have to reach by HTTPS.
    pub fn on_https(world: World) -> Self {
        Self::with(world, &[])
    }

    fn with(world: World, flags: &[&str]) -> Self {
        let server = start(&world, flags);
        let api = Shop::of(&server);
        Self { world, server, api }
    }

    /// Ends the server where it stands, and starts another.
    pub fn restart(&mut self) {
        let killed = std::process::Command::new("kill").args(["-9", &self.server.id().to_string()]).status().unwrap();
        assert!(killed.success() && !self.server.wait());
        self.server = start(&self.world, &["--plain-http"]);
        self.api = Shop::of(&self.server);
    }

    /// Runs one of its commands.
    pub fn run(&self, arguments: &[&str]) -> Done {
        process::run(["--store", &self.world.store, "marketplace"].iter().chain(arguments))
    }

    pub fn staff(&self) -> Shop {
        self.api.bearer(STAFF)
    }

    /// Tries to log in.
    pub async fn log_in(&self, account: &str, user: &str, password: &str) -> Answer {
        self.api.post("session", json!({ "account_name": account, "username": user, "password": password })).await
    }

    /// A client of somebody who is logged in.
    pub async fn customer(&self, account: &str, user: &str, password: &str) -> Shop {
        let answer = self.log_in(account, user, password).await.is(201).json();
        self.api.bearer(answer["token"].as_str().unwrap())
    }

    /// The superduper admin.
    pub async fn master(&self) -> Shop {
        let [account, _, user, password] = MASTER;
        self.customer(account, user, password).await
    }

    /// The superduper admin, whose account has early access.
    pub async fn early(&self) -> Shop {
        let master = self.master().await;
        let me = master.get("me").await.is(200).json();
        let path = format!("staff/accounts/{}", me["account"]["id"].as_str().unwrap());
        self.staff().patch(&path, json!({ "early_access": true })).await.is(200);
        master
    }

    /// Links a cluster to the account; returns a client with the link's token.
    pub async fn link(&self, master: &Shop, cluster_id: &str) -> Shop {
        let code = master.post("account/cluster/access_code", json!({})).await.is(201).json();
        let linked = self.api.post("connector/link", link_request(&code["access_code"], cluster_id)).await.is(201).json();
        self.api.bearer(linked["link_token"].as_str().unwrap())
    }

    /// The superduper admin with all that it takes to buy applications, and his cluster's client.
    pub async fn ready(&self) -> (Shop, Shop) {
        let master = self.early().await;
        let cluster = self.link(&master, "c1").await;
        master.patch("account/cluster", json!({ "kazoo_version": "5.1" })).await.is(200);
        (master, cluster)
    }

    /// A vendor's client.
    pub async fn vendor(&self) -> Shop {
        let new = json!({ "name": "Vera Vendor", "email": "vera@vendor.example" });
        let made = self.staff().post("staff/vendors", new).await.is(201).json();
        self.api.bearer(made["token"].as_str().unwrap())
    }

    /// A listing on sale.
    pub async fn publish(&self, vendor: &Shop, slug: &str, kind: &str, changes: Value) {
        self.submit(vendor, slug, kind, changes).await;
        self.staff().post(&format!("staff/listings/{slug}/approve"), json!({})).await.is(200);
        vendor.post(&format!("vendor/listings/{slug}/publish"), json!({})).await.is(200);
    }

    /// A listing under review.
    pub async fn submit(&self, vendor: &Shop, slug: &str, kind: &str, changes: Value) {
        self.draft(vendor, slug, kind, changes).await;
        vendor.post(&format!("vendor/listings/{slug}/submit"), json!({})).await.is(200);
    }

    /// A listing that has all it needs.
    pub async fn draft(&self, vendor: &Shop, slug: &str, kind: &str, changes: Value) {
        let mut content = content(slug, kind);
        content.as_object_mut().unwrap().extend(changes.as_object().cloned().unwrap_or_default());
        vendor.post("vendor/listings", json!({ "slug": slug, "kind": kind, "content": content })).await.is(201);
        vendor.upload(&format!("vendor/listings/{slug}/icon"), icon(slug)).await.is(200);
        vendor.upload(&format!("vendor/listings/{slug}/screenshots/1"), icon("one")).await.is(200);
        if kind == "delivered" {
            vendor.upload(&format!("vendor/listings/{slug}/package"), package(slug)).await.is(200);
        }
    }

    /// Buys something.
    pub async fn order(&self, customer: &Shop, slug: &str, key: &str) -> Answer {
        customer.post("orders", order(slug, key)).await
    }
}

pub fn order(slug: &str, key: &str) -> Value {
    json!({ "listing": slug, "plan_id": "basic", "license_version": "1", "license_accepted": true, "idempotency_key": key })
}

pub fn link_request(code: &Value, cluster_id: &str) -> Value {
    json!({
        "access_code": code, "cluster_id": cluster_id, "name": "lab", "api_url": "https://api.lab.example:8443/v2/",
        "is_aio_cluster": true, "reported_version": "5.1.7",
    })
}

/// What a complete listing says.
fn content(slug: &str, kind: &str) -> Value {
    let mut content = json!({
        "author": "Vera", "version": "1.0.0", "release_notes": "The first.", "tags": ["tag"], "solutions": ["private_cloud"],
        "categories": ["tools"], "collections": ["new"],
        "i18n": {
            "en-US": { "name": format!("The {slug}"), "summary": "It helps.", "description": "Much.", "features": ["All"] },
            "de-DE": { "name": format!("Das {slug}"), "summary": "Es hilft.", "description": "Sehr." },
        },
        "support": { "email": "help@vendor.example" }, "license": { "name": "Terms", "version": "1", "text": "Be kind." },
        "external_charges": "None.",
        "plans": [
            { "id": "basic", "name": "Basic", "model": "monthly", "base_price": 990, "unit_fees": [{ "unit": "device", "price": 50 }] },
            { "id": "gratis", "name": "Gratis", "model": "free" },
        ],
        "contacts": { "technical": { "name": "Terry", "email": "terry@vendor.example" } },
    });
    let more = match kind {
        "delivered" => json!({
            "min_kazoo": "5.1", "app": { "name": slug, "kind": "kazoo" },
            "startup": {
                "commands": [
                    { "label": "Once", "command": "sup kapps_controller start_app {app}" },
                    { "label": "Always", "command": "sup kapps_maintenance start_and_persist {app}" },
                ],
                "notes": "Then wait.",
            },
        }),
        _ => json!({ "onboarding_url": format!("https://partner.example/{slug}") }),
    };
    content.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    content
}

pub fn icon(text: &str) -> String {
    format!("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><title>{text}</title></svg>")
}

/// A small package.
pub fn package(app: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file(format!("{app}/metadata/app.json"), zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(json!({ "name": app }).to_string().as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}
