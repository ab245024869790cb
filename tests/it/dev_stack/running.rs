//! The stack's programs, started by hand as docker-compose.yml says, and used as a browser and a developer would.

use std::{fs, os::unix::fs::symlink, path::Path, time::Duration};

use serde_json::{Value, json};
use storefront::{
    platform::names,
    store::{Query, Store, View, couch::CouchStore},
};

use crate::support::{
    client::{Api, md5},
    compose::{Compose, Source, root},
    couch::Standin,
    nginx::{Nginx, replaced},
    process::{Server, run_in},
};

/// A developer's machine: what he has built, what he works on, and what stands for the stack's volumes.
struct Machine {
    home: tempfile::TempDir,
    compose: Compose,
    standin: Standin,
}

impl Machine {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let at = |path: &str| home.path().join(path);
        for (path, text) in [
            ("monster-ui/index.html", "<title>Monster UI</title>"),
            ("monster-ui/js/config.js", "the one that it was built with"),
            ("monster-ui/js/main.js", "main"),
            ("monster-ui/apps/core/app.js", "core"),
            ("monster-ui/apps/hello/app.js", "an old build of hello"),
            ("delivered/apps/bought/app.js", "bought"),
            ("delivered/apps/.storefront/incoming/app.js", "half of it"),
            ("own/hello/app.js", "hello"),
            ("own/hello/i18n/en-US.json", "{}"),
            ("own/hello/metadata/app.json", &documented_app()),
            ("own/hello/.git/config", "[remote]"),
        ] {
            fs::create_dir_all(at(path).parent().unwrap()).unwrap();
            fs::write(at(path), text).unwrap();
        }
        fs::create_dir_all(at("own/hello/metadata/icon")).unwrap();
        fs::copy(root().join(ICON), at("own/hello/metadata/icon/hello.png")).unwrap();
        let (ui, apps) = (at("monster-ui"), at("own"));
        let compose = Compose::read(&[("MONSTER_UI", ui.to_str().unwrap()), ("APPS", apps.to_str().unwrap())]);
        let couchdb = &compose.services["couchdb"].environment;
        let admin = format!("{}:{}", couchdb["COUCHDB_USER"], couchdb["COUCHDB_PASSWORD"]);
        let standin = Standin::start(&["--in-memory", "--admin", &admin]);
        Self { home, compose, standin }
    }

    fn mounted(&self, service: &str, target: &str) -> String {
        mounted(&self.compose, self.home.path(), service, target)
    }

    /// The environment of Storefront's service, with this machine's addresses and folders.
    fn environment(&self) -> Vec<(String, String)> {
        let own = |(name, value): (&String, &String)| {
            let value = match name.as_str() {
                "STOREFRONT_STORE" => replaced(value, "couchdb:5984", self.standin.url.authority().rsplit_once('@').unwrap().1),
                "STOREFRONT_LISTEN" => replaced(value, "0.0.0.0:8000", "127.0.0.1:0"),
                "STOREFRONT_MARKETPLACE_APPS" => self.mounted("storefront", value),
                _ => value.clone(),
            };
            (name.clone(), value)
        };
        self.compose.services["storefront"].environment.iter().map(own).collect()
    }

    fn storefront(&self) -> Server {
        let environment = self.environment();
        let command = &self.compose.services["storefront"].command;
        Server::start_in(self.home.path(), &pairs(&environment), command)
    }

    /// The web server's service, before this Storefront.
    fn web(&self, storefront: &Server) -> Nginx {
        Nginx::start(&configuration(&self.compose, self.home.path(), &storefront.url()))
    }

    /// Waits until the demo has an account.
    async fn has_begun(&self) {
        let mut url = self.standin.url.clone();
        let couchdb = &self.compose.services["couchdb"].environment;
        url.set_username(&couchdb["COUCHDB_USER"]).unwrap();
        url.set_password(Some(&couchdb["COUCHDB_PASSWORD"])).unwrap();
        let store = CouchStore::new(&url).unwrap();
        let count = async || {
            let rows = store.view(&names::ACCOUNTS, View::ALL_DOCS, &Query::default()).await;
            rows.map_or(0, |rows| rows.iter().filter(|row| row.id.as_ref().is_some_and(|id| !id.starts_with('_'))).count())
        };
        let begun = async {
            while count().await == 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), begun).await.expect("the demo is begun");
    }
}

/// Where something of a service's is on the host that's mounted at a path of its container.
fn mounted(compose: &Compose, home: &Path, service: &str, target: &str) -> String {
    let mounts = compose.services[service].mounts();
    let mount = mounts.iter().find(|mount| mount.target == target).unwrap_or_else(|| panic!("nothing is mounted at {target}"));
    match &mount.source {
        Source::Path(path) => path.display().to_string(),
        Source::Volume(volume) => home.join(volume).join("apps").display().to_string(),
    }
}

/// The web server's configuration, with a folder of the host in the place of `/srv`, in which everything is mounted, and with
/// this API.
fn configuration(compose: &Compose, home: &Path, api: &str) -> String {
    let srv = home.join("srv");
    let _ = fs::remove_dir_all(&srv);
    for mount in compose.services["monster-ui"].mounts() {
        if let Some(path) = mount.target.strip_prefix("/srv/") {
            fs::create_dir_all(srv.join(path).parent().unwrap()).unwrap();
            symlink(mounted(compose, home, "monster-ui", &mount.target), srv.join(path)).unwrap();
        }
    }
    let configuration = fs::read_to_string(mounted(compose, home, "monster-ui", "/etc/nginx/nginx.conf")).unwrap();
    replaced(&replaced(&configuration, "http://storefront:8000", api), "/srv", srv.to_str().unwrap())
}

fn pairs(environment: &[(String, String)]) -> Vec<(&str, &str)> {
    environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

const ICON: &str = "fixtures/demo/apps/reports/metadata/icon/reports.png";

/// The app that the documentation has its reader write.
fn documented_app() -> String {
    let text = fs::read_to_string(root().join("docs/dev-stack.md")).unwrap();
    let (_, begun) = text.split_once("hello/metadata/app.json <<'END'\n").unwrap();
    begun.split_once("\nEND\n").unwrap().0.to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_of_ones_own_is_in_the_app_exchange_within_minutes() {
    let machine = Machine::new();
    // Somebody is impatient, and begins again.
    let mut interrupted = machine.storefront();
    machine.has_begun().await;
    interrupted.kill();
    drop(interrupted);
    let storefront = machine.storefront();
    let web = machine.web(&storefront);
    let visitor = Api::new(web.url.clone());
    page_and_configuration(&visitor).await;

    // What is needed from another origin, a tool on the developer's machine for one, is let through too.
    let preflight = visitor.with("origin", "http://127.0.0.1:1234").with("access-control-request-method", "PATCH");
    let answer = preflight.raw("OPTIONS", "/v2/user_auth", None, "").await;
    assert!(answer.status < 300 && answer.header("access-control-allow-origin") == Some("*"), "{answer:?}");
    visitor.get("/v2/whitelabel/localhost").await.is(404);

    let login = json!({ "credentials": md5("admin", "demo"), "account_name": "Demo Master" });
    let answer = visitor.put("/v2/user_auth", login).await.is(201);
    let (admin, account_id) = (visitor.token(&answer.auth_token()), answer.data()["account_id"].as_str().unwrap().to_owned());
    let account = format!("/v2/accounts/{account_id}");
    admin.get(&account).await.is(200);
    // Without an answer of this companion the control center never opens.
    admin.get(&format!("{account}/limits")).await.is(200);
    let names = async || {
        let apps = admin.get(&format!("{account}/apps_store")).await.is(200).data();
        apps.as_array().unwrap().iter().map(|app| (app["name"].clone(), app["id"].clone())).collect::<Vec<(Value, Value)>>()
    };
    let before = names().await.len();
    assert_eq!(before, 14);

    // docker compose exec storefront storefront init-apps /srv/own/apps
    let apps = machine.mounted("storefront", "/srv/own/apps");
    run_in(&pairs(&machine.environment()), ["init-apps", &apps]).ok();
    let hello = loop {
        // The server's memory may be two seconds behind.
        if let Some((_, id)) = names().await.into_iter().find(|(name, _)| name == "hello") {
            break id.as_str().unwrap().to_owned();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let icon = admin.get(&format!("{account}/apps_store/{hello}/icon")).await.is(200);
    assert_eq!(icon.header("content-type"), Some("image/png"));
    assert_eq!(icon.body, fs::read(root().join(ICON)).unwrap());
    let tag = icon.header("etag").unwrap().to_owned();
    admin.with("if-none-match", &tag).get(&format!("{account}/apps_store/{hello}/icon")).await.is(304);
    admin.put(&format!("{account}/apps_store/{hello}"), json!({ "allowed_users": "all", "users": [] })).await.is(201);

    // More than what nginx lets through by itself.
    let logo = [&b"\x89PNG\r\n\x1a\n"[..], &vec![7; 2_000_000]].concat();
    admin.put(&format!("{account}/whitelabel"), json!({ "domain": "localhost" })).await.is(201);
    admin.raw("POST", &format!("{account}/whitelabel/logo"), Some("image/png"), logo.clone()).await.is(200);
    assert_eq!(visitor.get("/v2/whitelabel/localhost/logo").await.is(200).body, logo);

    // Up once more: everything is as it was left.
    drop((web, storefront));
    let storefront = machine.storefront();
    let web = machine.web(&storefront);
    let again = Api::new(web.url.clone()).token(&answer.auth_token());
    let apps = again.get(&format!("{account}/apps_store")).await.is(200).data();
    assert!(apps.as_array().unwrap().len() == before + 1 && !storefront.log().contains("Making a demo"), "{apps}");
}

/// What a browser gets before anybody logs in.
async fn page_and_configuration(visitor: &Api) {
    for (path, text) in [
        ("/", "<title>Monster UI</title>"),
        ("/js/main.js", "main"),
        ("/apps/core/app.js", "core"),
        ("/apps/hello/app.js?_=1", "hello"),
        ("/apps/hello/i18n/en-US.json", "{}"),
        ("/apps/bought/app.js", "bought"),
    ] {
        let answer = visitor.get(path).await.is(200);
        assert_eq!((answer.text().as_ref(), answer.header("cache-control")), (text, Some("no-cache")), "{path}");
    }
    let configuration = visitor.get("/js/config.js?_=1").await.is(200);
    assert!(configuration.text().contains("origin + '/v2/'"), "{}", configuration.text());
    assert!(configuration.header("content-type").unwrap().contains("javascript"), "{configuration:?}");
    for hidden in ["/apps/hello/.git/config", "/apps/.storefront/incoming/app.js", "/nothing-mounted.html", "/apps/nobody/app.js"]
    {
        visitor.get(hidden).await.is(404);
    }
    // Slashes in names stay what they are: no such account, rather than another path.
    assert_eq!(visitor.get("/v2/accounts/a%2Fusers").await.is(404).header("content-type"), Some("application/json"));
    assert_eq!(visitor.get("/v2/about").await.header("cache-control"), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_mounted_no_monster_ui_is_told_how() {
    let home = tempfile::tempdir().unwrap();
    let nobody = "http://127.0.0.1:9";
    let web = Nginx::start(&configuration(&Compose::read(&[]), home.path(), nobody));
    let page = Api::new(web.url.clone()).get("/").await.is(503);
    assert!(page.text().contains("MONSTER_UI=") && page.header("content-type") == Some("text/html"), "{}", page.text());
    assert!(page.text().contains("docs/dev-stack.md") && root().join("docs/dev-stack.md").exists());
}
