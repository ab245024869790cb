//! The marketplace as a cluster sees it: a server that keeps to the script, and that a test can have answer otherwise.

use std::{
    collections::HashMap,
    sync::{Arc, Condvar, Mutex, mpsc::channel},
    thread,
    time::{Duration, Instant},
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, body::SizedStream, dev::ServerHandle, web};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Longer than this nothing takes, not even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub const CODE: &str = "4f6d-a-good-code";
pub const TOKEN: &str = "t0ken-of-the-link";

/// A request that came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Method and path behind `/api/v1/`, with its query; and the state, where one is told.
    pub what: String,
    pub token: Option<String>,
    pub body: Value,
}

/// An answer.
#[derive(Clone)]
pub enum Say {
    Json(u16, Value),
    Bytes(Bytes),
    Redirect(String),
    /// So many bytes are announced, and after these the connection breaks off.
    Cut(u64, Bytes),
    /// So many bytes are announced, and after these comes nothing for ever.
    Stall(u64, Bytes),
    /// Nothing, for ever.
    Hang,
    /// The usual is done, and then nothing is said, for ever.
    Swallow,
    /// What would have been said, but not before the test says so.
    Hold(Arc<tokio::sync::Notify>),
}

#[derive(Default)]
struct Script {
    asked: Vec<Asked>,
    /// What is said in the place of the usual: to what begins so, how many times.
    instead: Vec<(String, usize, Say)>,
    linked: bool,
    name: Value,
    kazoo_version: Value,
    /// As they're listed, with a `state`.
    deliveries: Vec<Value>,
    packages: HashMap<String, Bytes>,
}

pub struct Portal {
    pub url: String,
    script: Arc<(Mutex<Script>, Condvar)>,
    handle: ServerHandle,
}

impl Portal {
    pub fn start() -> Self {
        let script = Arc::new((Mutex::new(Script::default()), Condvar::new()));
        let (sender, started) = channel();
        let shared = web::Data::from(script.clone());
        thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let app = move || App::new().app_data(shared.clone()).default_service(web::to(answer));
                let server = HttpServer::new(app).workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
                let address = server.addrs()[0];
                let server = server.run();
                sender.send((address, server.handle())).unwrap();
                server.await.unwrap();
            });
        });
        let (address, handle) = started.recv_timeout(PATIENCE).unwrap();
        Self { url: format!("http://{address}"), script, handle }
    }

    fn edit<T>(&self, edit: impl FnOnce(&mut Script) -> T) -> T {
        let (script, news) = &*self.script;
        let result = edit(&mut script.lock().unwrap());
        news.notify_all();
        result
    }

    /// Requests that came so far, those that begin so.
    pub fn asked(&self, what: &str) -> Vec<Asked> {
        self.edit(|script| script.asked.iter().filter(|asked| asked.what.starts_with(what)).cloned().collect())
    }

    /// Waits until so many requests came that begin so.
    #[track_caller]
    pub fn wait_for(&self, what: &str, times: usize) {
        self.wait(|script| script.asked.iter().filter(|asked| asked.what.starts_with(what)).count() >= times);
    }

    /// Waits until a delivery is in a state.
    #[track_caller]
    pub fn wait_for_state(&self, id: &str, state: &str) {
        self.wait(|script| script.deliveries.iter().any(|entry| entry["id"] == id && entry["state"] == state));
    }

    #[track_caller]
    fn wait(&self, is_there: impl Fn(&Script) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let (script, news) = &*self.script;
        let mut script = script.lock().unwrap();
        while !is_there(&script) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "only this came: {:#?}; {:?}", script.asked, script.deliveries);
            script = news.wait_timeout(script, left).unwrap().0;
        }
    }

    /// Says this so many times to what begins so, in the place of the usual.
    pub fn say(&self, what: &str, times: usize, say: Say) {
        self.edit(|script| script.instead.push((what.to_owned(), times, say)));
    }

    /// Says the usual again.
    pub fn say_the_usual(&self) {
        self.edit(|script| script.instead.clear());
    }

    /// The cluster is linked, by [`TOKEN`].
    pub fn link(&self, linked: bool) {
        self.edit(|script| script.linked = linked);
    }

    pub fn set(&self, name: impl Into<Value>, kazoo_version: impl Into<Value>) {
        self.edit(|script| (script.name, script.kazoo_version) = (name.into(), kazoo_version.into()));
    }

    /// Has an app delivered.
    pub fn deliver(&self, id: &str, app: &str, version: &str, package: &[u8]) {
        let sha256 = hex(&Sha256::digest(package));
        self.deliver_as(id, app, version, package, json!({ "sha256": sha256, "size": package.len() }));
    }

    /// The same, where something else is said of the package.
    pub fn deliver_as(&self, id: &str, app: &str, version: &str, package: &[u8], mut said: Value) {
        if said.get("url").is_none() {
            said["url"] = format!("/api/v1/connector/packages/{id}").into();
        }
        self.edit(|script| script.packages.insert(id.to_owned(), Bytes::copy_from_slice(package)));
        self.queue(json!({
            "id": id, "subscription_id": format!("s-{id}"), "remove": false, "package": said,
            "app": { "name": app, "version": version, "kind": "monster_ui" },
        }));
    }

    /// Has an app removed.
    pub fn remove(&self, id: &str, app: &str) {
        self.queue(json!({ "id": id, "subscription_id": "s", "app": { "name": app }, "package": null, "remove": true }));
    }

    /// Has any delivery wait.
    pub fn queue(&self, mut entry: Value) {
        entry["state"] = "queued".into();
        self.edit(|script| script.deliveries.push(entry));
    }

    /// Has a delivery wait again.
    pub fn requeue(&self, id: &str) {
        self.edit(|script| {
            for entry in script.deliveries.iter_mut().filter(|entry| entry["id"] == id) {
                entry["state"] = "queued".into();
            }
        });
    }

    /// What the cluster said of a delivery: its states, and the last one's detail.
    pub fn told(&self, id: &str) -> (Vec<String>, String) {
        let told = self.asked(&format!("POST connector/deliveries/{id} "));
        let detail = told.last().and_then(|asked| asked.body["detail"].as_str()).unwrap_or_default().to_owned();
        (told.iter().map(|asked| asked.body["state"].as_str().unwrap().to_owned()).collect(), detail)
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        // Said to the server's own thread, which takes it from there.
        drop(self.handle.stop(false));
    }
}

async fn answer(request: HttpRequest, body: Bytes, script: web::Data<(Mutex<Script>, Condvar)>) -> HttpResponse {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let path = path.strip_prefix("/api/v1/").unwrap_or(path);
    let token = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let state = body["state"].as_str().map(|state| format!(" {state}")).unwrap_or_default();
    let asked = Asked {
        what: format!("{} {path}{state}", request.method()),
        token: token.and_then(|value| value.strip_prefix("Bearer ")).map(str::to_owned),
        body,
    };
    let said = {
        let mut script = script.0.lock().unwrap();
        script.asked.push(asked.clone());
        let instead = script.instead.iter_mut().find(|(what, times, _)| *times > 0 && asked.what.starts_with(what.as_str()));
        instead.map(|(_, times, say)| {
            *times -= 1;
            say.clone()
        })
    };
    script.1.notify_all();
    if let Some(Say::Hold(until)) = &said {
        until.notified().await;
    }
    let said = match said {
        Some(Say::Swallow) => {
            usual(&mut script.0.lock().unwrap(), &asked);
            Say::Hang
        }
        Some(Say::Hold(_)) | None => usual(&mut script.0.lock().unwrap(), &asked),
        Some(said) => said,
    };
    script.1.notify_all();
    match said {
        Say::Json(status, body) => HttpResponse::build(status.try_into().unwrap()).json(body),
        Say::Bytes(bytes) => HttpResponse::Ok().content_type("application/zip").body(bytes),
        Say::Redirect(to) => HttpResponse::Found().insert_header(("location", to)).finish(),
        Say::Cut(length, bytes) => {
            let broken = stream::once(async { Err(std::io::Error::other("it breaks off")) });
            HttpResponse::Ok().body(SizedStream::new(length, stream::iter([Ok(bytes)]).chain(broken)))
        }
        Say::Stall(length, bytes) => {
            let stalled = stream::once(std::future::pending::<Result<Bytes, std::io::Error>>());
            HttpResponse::Ok().body(SizedStream::new(length, stream::iter([Ok(bytes)]).chain(stalled)))
        }
        Say::Hang | Say::Swallow | Say::Hold(_) => std::future::pending().await,
    }
}

fn usual(script: &mut Script, asked: &Asked) -> Say {
    let words: Vec<&str> = asked.what.split([' ', '/']).collect();
    if words[1..] == ["connector", "link"] {
        if asked.body["access_code"] != CODE {
            return Say::Json(400, json!({ "message": "unknown access code" }));
        }
        script.linked = true;
        script.name = asked.body["name"].clone();
        let said = json!({
            "link_token": TOKEN, "account_id": "a1", "account_name": "Acme", "name": script.name,
            "kazoo_version": script.kazoo_version,
        });
        return Say::Json(201, said);
    }
    if !script.linked || asked.token.as_deref() != Some(TOKEN) {
        return Say::Json(401, json!({ "message": "Unauthorized" }));
    }
    match words[..] {
        ["GET", "connector"] => {}
        ["PATCH", "connector"] => {
            if let Some(name) = asked.body.get("name") {
                script.name = name.clone();
            }
        }
        ["DELETE", "connector"] => script.linked = false,
        ["GET", "connector", "deliveries?state=queued"] => {
            let queued = script.deliveries.iter().filter(|entry| entry["state"] == "queued").cloned().collect();
            return Say::Json(200, Value::Array(queued));
        }
        ["GET", "connector", "packages", id] => {
            return match script.packages.get(id) {
                Some(package) => Say::Bytes(package.clone()),
                None => Say::Json(404, json!({ "message": "no such package" })),
            };
        }
        ["POST", "connector", "deliveries", id, _] => {
            return match script.deliveries.iter_mut().find(|entry| entry["id"] == id) {
                Some(entry) => {
                    entry["state"] = asked.body["state"].clone();
                    Say::Json(200, entry.clone())
                }
                None => Say::Json(404, json!({ "message": "no such delivery" })),
            };
        }
        _ => return Say::Json(404, json!({ "message": "not found" })),
    }
    Say::Json(200, json!({ "name": script.name, "kazoo_version": script.kazoo_version }))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
