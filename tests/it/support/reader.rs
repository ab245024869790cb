//! Somebody who reads the marketplace's pages without a script: keeps cookies, sends forms, follows nothing by himself.

use std::{collections::BTreeMap, sync::Mutex};

use reqwest::{Client, Method, RequestBuilder, header::HeaderMap, redirect::Policy};

use super::{
    marketplace::Market,
    world::{MASTER, Session},
};

pub struct Reader {
    client: Client,
    /// Without a path.
    pub url: String,
    cookies: Mutex<BTreeMap<String, String>>,
    headers: Vec<(String, String)>,
}

/// What came back.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub headers: HeaderMap,
    pub html: String,
}

impl Reader {
    /// Nobody yet.
    pub fn of(market: &Market) -> Self {
        let client = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        Self { client, url: market.api.url().to_owned(), cookies: Mutex::default(), headers: Vec::new() }
    }

    /// The superduper admin.
    pub async fn master(market: &Market) -> Self {
        let [account, _, user, password] = MASTER;
        Self::customer(market, account, user, password).await
    }

    /// A user of an account.
    pub async fn user(market: &Market, account: &str, session: &Session) -> Self {
        Self::customer(market, account, &session.username, &session.password).await
    }

    async fn customer(market: &Market, account: &str, user: &str, password: &str) -> Self {
        let reader = Self::of(market);
        reader.log_in(account, user, password).await.leads_to("/");
        reader
    }

    /// The same with a header on every request.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sends the form of the login page.
    pub async fn log_in(&self, account: &str, user: &str, password: &str) -> Page {
        let form = self.get("/login").await.is(200);
        self.submit(&form, "/login", &[("account_name", account), ("username", user), ("password", password)]).await
    }

    pub async fn get(&self, path: &str) -> Page {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn head(&self, path: &str) -> Page {
        self.send(self.request(Method::HEAD, path)).await
    }

    /// Sends these fields and nothing else.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self.request(Method::POST, path).header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(body)).await
    }

    /// Sends the form with this action, its hidden fields and these.
    #[track_caller]
    pub fn submit<'a>(&'a self, page: &Page, action: &'a str, fields: &[(&str, &str)]) -> impl Future<Output = Page> + use<'a> {
        let mut all = page.hidden(action);
        all.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        async move {
            let fields: Vec<(&str, &str)> = all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            self.post(action, &fields).await
        }
    }

    /// What the cookies hold.
    pub fn cookies(&self) -> BTreeMap<String, String> {
        self.cookies.lock().unwrap().clone()
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.into(), value.into());
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let cookies: Vec<String> = self.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if cookies.is_empty() { request } else { request.header("cookie", cookies.join("; ")) }
    }

    async fn send(&self, request: RequestBuilder) -> Page {
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        for cookie in headers.get_all("set-cookie") {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            let mut cookies = self.cookies.lock().unwrap();
            if value.is_empty() {
                cookies.remove(name)
            } else {
                cookies.insert(name.into(), value.into())
            };
        }
        Page { status, headers, html: answer.text().await.unwrap() }
    }
}

impl Page {
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.html);
        self
    }

    /// Fails the test unless it sends the reader on to this address.
    #[track_caller]
    pub fn leads_to(&self, to: &str) {
        assert_eq!((self.status, self.header("location")), (303, Some(to)), "{}", self.html);
    }

    #[track_caller]
    pub fn has(&self, text: &str) -> &Self {
        assert!(self.html.contains(text), "{text:?} isn't in {}", self.html);
        self
    }

    #[track_caller]
    pub fn lacks(&self, text: &str) -> &Self {
        assert!(!self.html.contains(text), "{text:?} is in {}", self.html);
        self
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The part of the page between two texts.
    #[track_caller]
    pub fn between(&self, from: &str, to: &str) -> &str {
        let found = self.html.split_once(from).and_then(|(_, rest)| rest.split_once(to));
        found.unwrap_or_else(|| panic!("nothing between {from:?} and {to:?} in {}", self.html)).0
    }

    /// The hidden fields of the form with this action.
    #[track_caller]
    fn hidden(&self, action: &str) -> Vec<(String, String)> {
        let form = self.between(&format!("method=\"post\" action=\"{action}\""), "</form>");
        let inputs = form.split("<input type=\"hidden\" name=\"").skip(1);
        let pair = |input: &str| {
            let (name, rest) = input.split_once("\" value=\"")?;
            Some((name.to_owned(), unescaped(rest.split_once('"')?.0)))
        };
        inputs.filter_map(pair).collect()
    }
}

fn unescaped(text: &str) -> String {
    let pairs = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
    pairs.iter().fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}
