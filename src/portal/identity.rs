//! Who somebody is, is known by the API of his cluster: logging in is left to it. No password is kept, and no token of it.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use url::Url;

use super::Error;
use crate::kazoo::{id, password};

/// What an API may take for each answer.
const TIMEOUT: Duration = Duration::from_secs(15);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of an answer.
const LARGEST: usize = 1 << 20;

/// The APIs that customers log in by.
pub struct Identity {
    client: Client,
    /// With version, without a slash at the end: `http://api.example.com:8000/v2`.
    apis: Vec<String>,
}

/// Somebody, as his API knows him.
#[derive(Clone, Debug)]
pub struct Person {
    pub api: String,
    pub account_id: String,
    pub account_name: String,
    pub superduper_admin: bool,
    pub user_id: String,
    pub user_name: String,
    pub email: Option<String>,
    pub priv_level: String,
}

/// What somebody logs in with.
#[derive(Clone, Debug)]
pub struct Credentials<'a> {
    /// One of the portal's APIs; `None`: the first.
    pub api: Option<&'a str>,
    pub account_name: &'a str,
    pub username: &'a str,
    pub password: &'a str,
    /// Where he comes from, which his API has to know for its own limits.
    pub ip: Option<&'a str>,
}

impl Identity {
    pub fn new(apis: &[String]) -> anyhow::Result<Self> {
        let client = Client::builder()
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .context("no client for the login service")?;
        let apis = apis.iter().map(|api| with_version(api)).collect::<anyhow::Result<_>>()?;
        Ok(Self { client, apis })
    }

    /// The APIs there are.
    pub fn apis(&self) -> &[String] {
        &self.apis
    }

    /// Asks an API who this is; [`Error::LoginRefused`] when it doesn't know him.
    pub async fn ask(&self, credentials: &Credentials<'_>) -> Result<Person, Error> {
        let api = match credentials.api {
            None => self.apis.first(),
            Some(wanted) => self.apis.iter().find(|api| api.as_str() == wanted.trim_end_matches('/')),
        };
        let api = api.ok_or(Error::LoginRefused)?;
        let call = Call { client: &self.client, api, ip: credentials.ip, token: None };
        let hashed = password::hashes(credentials.username, credentials.password).md5;
        let body = json!({ "data": { "credentials": hashed, "account_name": credentials.account_name, "method": "md5" } });
        let login = match call.send(Method::PUT, "/user_auth", Some(&body)).await? {
            (StatusCode::CREATED | StatusCode::OK, answer) => answer,
            (StatusCode::TOO_MANY_REQUESTS, _) => return Err(Error::TooMany { retry_after: Duration::from_secs(10) }),
            (status, _) if status.is_client_error() => return Err(Error::LoginRefused),
            (status, _) => return Err(Error::Identity(anyhow!("{api} answers {status} to a login"))),
        };
        let token = text(&login, "/auth_token")?;
        let call = Call { token: Some(&token), ..call };
        let person = who(&call, &login).await;
        // The portal has a session of its own from here on.
        if let Err(error) = call.send(Method::DELETE, "/token_auth", None).await {
            log::debug!("{api}: the token of a login wasn't ended: {error}");
        }
        person
    }
}

async fn who(call: &Call<'_>, login: &Value) -> Result<Person, Error> {
    let (account_id, user_id) = (text(login, "/data/account_id")?, text(login, "/data/owner_id")?);
    if !id::is_id(&account_id) || !id::is_id(&user_id) {
        return Err(Error::Identity(anyhow!("{} tells ids that aren't", call.api)));
    }
    let account = call.read(&format!("/accounts/{account_id}")).await?;
    let user = call.read(&format!("/accounts/{account_id}/users/{user_id}")).await?;
    let flag = |place: &str| account.pointer(place).and_then(Value::as_bool);
    let said = |value: &Value, place: &str| value.pointer(place).and_then(Value::as_str).map(str::to_owned);
    let names = [said(&user, "/data/first_name"), said(&user, "/data/last_name")];
    let full_name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let username = said(&user, "/data/username").unwrap_or_default();
    Ok(Person {
        api: call.api.to_owned(),
        account_name: said(&account, "/data/name").unwrap_or_else(|| account_id.clone()),
        superduper_admin: flag("/data/superduper_admin").or_else(|| flag("/metadata/superduper_admin")).unwrap_or(false),
        user_name: if full_name.trim().is_empty() { username } else { full_name },
        email: said(&user, "/data/email"),
        priv_level: said(&user, "/data/priv_level").unwrap_or_else(|| "user".into()),
        account_id,
        user_id,
    })
}

/// Requests to an API.
struct Call<'a> {
    client: &'a Client,
    api: &'a str,
    ip: Option<&'a str>,
    token: Option<&'a str>,
}

impl Call<'_> {
    async fn read(&self, path: &str) -> Result<Value, Error> {
        match self.send(Method::GET, path, None).await? {
            (StatusCode::OK, answer) => Ok(answer),
            (status, _) => Err(Error::Identity(anyhow!("{} answers {status} to GET {path}", self.api))),
        }
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<(StatusCode, Value), Error> {
        let mut request = self.client.request(method, format!("{}{path}", self.api)).header("accept", "application/json");
        if let Some(ip) = self.ip {
            request = request.header("x-forwarded-for", ip);
        }
        if let Some(token) = self.token {
            request = request.header("x-auth-token", token);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        // An error of reqwest's names the address, which has no secret.
        let mut answer = request.send().await.map_err(|error| Error::Identity(error.into()))?;
        let status = answer.status();
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| Error::Identity(error.into()))? {
            if bytes.len() + chunk.len() > LARGEST {
                return Err(Error::Identity(anyhow!("{} answers without end", self.api)));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok((status, serde_json::from_slice(&bytes).unwrap_or(Value::Null)))
    }
}

fn text(answer: &Value, place: &str) -> Result<String, Error> {
    let found = answer.pointer(place).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| Error::Identity(anyhow!("the login service's answer has no {place}")))
}

/// An API's address as it was configured, with the version behind it.
fn with_version(api: &str) -> anyhow::Result<String> {
    let url = Url::parse(api).with_context(|| format!("{api:?} is no URL of an API"))?;
    let is_plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    anyhow::ensure!(matches!(url.scheme(), "http" | "https") && url.has_host() && is_plain, "{api:?} is no URL of an API");
    let trimmed = url.as_str().trim_end_matches('/');
    Ok(if trimmed.ends_with("/v2") { trimmed.to_owned() } else { format!("{trimmed}/v2") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_is_named_with_or_without_its_version() {
        for given in ["http://api.example:8000", "http://api.example:8000/", "http://api.example:8000/v2/"] {
            assert_eq!(with_version(given).unwrap(), "http://api.example:8000/v2");
        }
        assert_eq!(with_version("https://api.example/kazoo").unwrap(), "https://api.example/kazoo/v2");
        for wrong in ["api.example", "ftp://api.example", "http://user:secret@api.example", "http://api.example/?a=b"] {
            assert!(with_version(wrong).is_err(), "{wrong}");
        }
    }
}
