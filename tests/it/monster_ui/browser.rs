//! A browser with Monster UI in it.

use serde_json::{Value, json};

use crate::support::{
    client::{Answer, Api, md5},
    world::{PASSWORD, World},
};

/// Where its pages come from.
const ORIGIN: &str = "http://ui.example.com";
const ACCEPT: &str = "application/json, text/javascript, */*; q=0.01";

/// Sends requests as the page does: asked for beforehand, and with the page's headers.
#[derive(Clone)]
pub struct Browser {
    pub api: Api,
    /// The page's token; before a login it sends the word `undefined`.
    pub token: String,
    pub account_id: String,
    pub user_id: String,
}

impl Browser {
    /// Nobody is logged in.
    pub fn new(world: &World) -> Self {
        Self { api: world.api.clone(), token: "undefined".into(), account_id: String::new(), user_id: String::new() }
    }

    /// Logs in as the form does.
    pub async fn logged_in(world: &World, account: &str, user: &str) -> Self {
        let mut browser = Self::new(world);
        let answer = browser.log_in(account, user, PASSWORD).await;
        browser.keep(&answer);
        browser
    }

    pub async fn log_in(&self, account: &str, user: &str, password: &str) -> Value {
        let credentials = md5(&user.to_lowercase(), password);
        self.send_bare("PUT", "/user_auth", json!({ "credentials": credentials, "account_name": account })).await
    }

    /// What it keeps of a login, all of it together in one cookie.
    pub fn keep(&mut self, login: &Value) {
        reads(login, &["auth_token"]);
        reads(&login["data"], &["account_id", "owner_id", "language", "is_reseller", "reseller_id", "capabilities"]);
        let of = |value: &Value| value.as_str().unwrap().to_owned();
        (self.token, self.account_id, self.user_id) =
            (of(&login["auth_token"]), of(&login["data"]["account_id"]), of(&login["data"]["owner_id"]));
        let cookie = json!({
            "language": login["data"]["language"], "authToken": self.token, "accountId": self.account_id,
            "credentials": md5("boss", PASSWORD), "accountName": "A name",
        });
        assert!(cookie.to_string().len() < 4096, "a browser drops this cookie");
        assert_eq!(self.token.split('.').count(), 3, "the page takes a token apart");
    }

    /// The path of the account that it shows.
    pub fn own(&self, path: &str) -> String {
        format!("/accounts/{}{path}", self.account_id)
    }

    /// The path of its user.
    pub fn me(&self) -> String {
        self.own(&format!("/users/{}", self.user_id))
    }

    /// A GET, with what keeps it out of caches.
    pub async fn get(&self, path: &str) -> Value {
        self.try_get(path).await.success("GET", path)
    }

    /// A GET that may fail.
    pub async fn try_get(&self, path: &str) -> Said {
        let mark = if path.contains('?') { '&' } else { '?' };
        self.send("GET", &format!("{path}{mark}_=1764547200000"), None).await
    }

    pub async fn put(&self, path: &str, data: Value) -> Value {
        self.write("PUT", path, data).await.success("PUT", path)
    }

    pub async fn post(&self, path: &str, data: Value) -> Value {
        self.write("POST", path, data).await.success("POST", path)
    }

    pub async fn patch(&self, path: &str, data: Value) -> Value {
        self.write("PATCH", path, data).await.success("PATCH", path)
    }

    pub async fn delete(&self, path: &str) -> Value {
        self.write("DELETE", path, json!({})).await.success("DELETE", path)
    }

    /// A write, with what the page adds to nearly each.
    pub async fn write(&self, method: &str, path: &str, mut data: Value) -> Said {
        data["ui_metadata"] = json!({ "version": "5.3.0", "ui": "monster-ui", "origin": "accounts" });
        self.send(method, path, Some(json!({ "data": data }))).await
    }

    /// A call without a token and without the page's additions, as those around a login are.
    pub async fn send_bare(&self, method: &str, path: &str, data: Value) -> Value {
        let stranger = Self { token: String::new(), ..self.clone() };
        stranger.send(method, path, Some(json!({ "data": data }))).await.success(method, path)
    }

    /// An image as a page shows it: no headers, the token in the address.
    pub async fn image(&self, path: &str) -> Answer {
        let image = self.api.get(&format!("/v2{path}?auth_token={}", self.token)).await.is(200);
        assert!(image.header("content-type").unwrap().starts_with("image/"), "{path}");
        image
    }

    async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Said {
        let url = format!("/v2{path}");
        let mut page = self.api.with("origin", ORIGIN).with("accept", ACCEPT);
        let mut asks = "content-type";
        if !self.token.is_empty() {
            page = page.token(&self.token);
            asks = "content-type,x-auth-token";
        }
        let preflight = self.api.with("origin", ORIGIN).with("access-control-request-method", method);
        let preflight = preflight.with("access-control-request-headers", asks).send("OPTIONS", &url, None).await.is(200);
        let lists = |header: &str, wanted: &str| preflight.header(header).unwrap().split(", ").any(|one| one == wanted);
        assert!(lists("access-control-allow-methods", method), "{method} {path}");
        assert!(asks.split(',').all(|header| lists("access-control-allow-headers", header)), "{method} {path}");
        assert!([ORIGIN, "*"].contains(&preflight.header("access-control-allow-origin").unwrap()));

        // Each GET says the type of a body that it hasn't got.
        let answer =
            page.raw(method, &url, Some("application/json"), body.map(|body| body.to_string()).unwrap_or_default()).await;
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{method} {path}");
        // Compared literally: with a charset behind it, the page reads no error.
        assert_eq!(answer.header("content-type"), Some("application/json"), "{method} {path}");
        Said { status: answer.status, body: answer.json() }
    }
}

/// What an answer said.
pub struct Said {
    pub status: u16,
    pub body: Value,
}

impl Said {
    #[track_caller]
    pub fn success(self, method: &str, path: &str) -> Value {
        assert!((200..300).contains(&self.status), "{method} {path}: {} {}", self.status, self.body);
        assert_eq!(self.body["status"], "success");
        assert!(self.body["data"].is_object() || self.body["data"].is_array() || self.body["data"].is_string(), "{}", self.body);
        self.body
    }

    /// The page goes on without it; a 401 would make it log in again, without end.
    #[track_caller]
    pub fn is_tolerated(&self) {
        assert!([200, 403, 404].contains(&self.status), "{} {}", self.status, self.body);
    }

    /// Fails the test unless it's an error that the page has a dialog for: its `data` is there, and so is what it tells support.
    #[track_caller]
    pub fn is_error(&self, status: u16, message: &str) {
        assert_eq!((self.status, &self.body["message"]), (status, &json!(message)), "{}", self.body);
        assert!(self.body["data"].is_object() && self.body["request_id"].is_string(), "{}", self.body);
        assert_eq!(self.body["error"], status.to_string());
    }
}

/// Fails the test unless all these members are there.
#[track_caller]
pub fn reads(value: &Value, members: &[&str]) {
    for member in members {
        let found = member.split('.').try_fold(value, |value, key| value.get(key));
        assert!(found.is_some_and(|found| !found.is_null()), "{member} of {value}");
    }
}

/// What the page reads of every account, partly from `metadata` and partly from `data`; of what stands in both, `data` counts.
#[track_caller]
pub fn reads_account(body: &Value) {
    reads(&body["data"], &["id", "name", "realm", "timezone"]);
    for flag in ["superduper_admin", "is_reseller", "reseller_id", "wnm_allow_additions", "enabled", "created", "billing_mode"] {
        reads(&body["data"], &[flag]);
        assert_eq!(body["data"][flag], body["metadata"][flag], "{flag}");
    }
    reads(body, &["version"]);
}

/// What the page reads of its user.
#[track_caller]
pub fn reads_user(data: &Value) {
    reads(data, &["id", "first_name", "last_name", "priv_level", "username"]);
    for secret in ["password", "confirm_password", "pvt_md5_auth", "pvt_sha1_auth", "pvt_signature_secret"] {
        assert!(data.get(secret).is_none(), "{secret} of {data}");
    }
}
