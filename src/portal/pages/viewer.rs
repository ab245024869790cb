//! Who looks at a page: what a browser's cookies say, and the token that proves that a form came from one of our pages.

use std::{future::Ready, rc::Rc};

use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
    dev::Payload,
};
use subtle::ConstantTimeEq as _;

use super::{Options, failure::Failure};
use crate::{
    market::{account::Session, secret},
    portal::{
        Error, Portal, Visitor,
        http::{books::Asker, callers},
    },
};

/// Holds the session's token.
const SESSION: &str = "session";
/// Holds a secret of those who aren't logged in, for the login's form.
const GUEST: &str = "guest";
/// The only page that gives it, so that whoever just looks around has no cookie.
const LOGIN: &str = "/login";
/// Characters of a secret in a cookie.
const LONGEST: usize = 200;

/// Somebody in front of a browser.
#[derive(Clone)]
pub struct Viewer(Rc<Known>);

#[derive(Default)]
struct Known {
    session: Option<Session>,
    /// The session's token.
    token: Option<String>,
    guest: Option<String>,
    is_new_guest: bool,
    is_secure: bool,
    visitor: Visitor,
    path: String,
}

/// Somebody who is logged in.
pub struct Member {
    pub viewer: Viewer,
    pub session: Session,
}

impl Viewer {
    /// Finds out.
    pub async fn of(portal: &Portal, request: &HttpRequest, options: Options) -> Result<Self, Error> {
        let is_secure = !options.plain_http;
        let token = cookie(request, SESSION, is_secure);
        let session = match &token {
            Some(token) => match portal.session(token).await {
                Ok(session) => Some(session),
                Err(Error::Unauthorized) => None,
                Err(error) => return Err(error),
            },
            None => None,
        };
        let guest = cookie(request, GUEST, is_secure);
        let is_new_guest = guest.is_none() && request.path() == LOGIN && request.method() == "GET";
        let guest = if is_new_guest { Some(secret::new()?) } else { guest };
        let visitor = callers::visitor(portal, request).await?;
        Asker::note(request, None, session.as_ref().map(|session| session.account_id.as_str()));
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let token = token.filter(|_| session.is_some());
        Ok(Self(Rc::new(Known { session, token, guest, is_new_guest, is_secure, visitor, path })))
    }

    /// Somebody of whom nothing could be found out.
    pub fn unknown() -> Self {
        Self(Rc::default())
    }

    pub fn session(&self) -> Option<&Session> {
        self.0.session.as_ref()
    }

    pub fn visitor(&self) -> &Visitor {
        &self.0.visitor
    }

    pub fn ip(&self) -> Option<String> {
        self.0.visitor.ip.clone()
    }

    /// The session's token.
    pub fn token(&self) -> Option<&str> {
        self.0.token.as_deref()
    }

    /// What every form carries. It comes of the secret in the cookie, which a foreign page neither knows nor can set.
    pub fn csrf(&self) -> String {
        self.secret().map(|secret| secret::hash(&format!("csrf {secret}"))).unwrap_or_default()
    }

    /// Whether a form came from one of our pages in this browser, with the same login or none.
    pub fn has_written(&self, csrf: &str) -> bool {
        self.secret().is_some() && self.csrf().as_bytes().ct_eq(csrf.as_bytes()).into()
    }

    fn secret(&self) -> Option<&str> {
        self.0.token.as_deref().or(self.0.guest.as_deref())
    }

    /// Whether the browser sent no cookie at all that a form could be held against.
    pub fn has_no_cookie(&self) -> bool {
        self.0.token.is_none() && (self.0.guest.is_none() || self.0.is_new_guest)
    }

    /// Where to log in, and come back here.
    pub fn login_url(&self) -> String {
        login_url(&self.0.path)
    }

    /// Whether the page is at this path or below it.
    pub fn is_below(&self, path: &str) -> bool {
        self.is_at(path) || self.0.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
    }

    /// Whether the page is at this path.
    pub fn is_at(&self, path: &str) -> bool {
        self.0.path.split('?').next() == Some(path)
    }

    /// The cookie that the next answer has to set.
    pub fn new_guest(&self) -> Option<Cookie<'static>> {
        let secret = self.0.guest.as_ref().filter(|_| self.0.is_new_guest)?;
        Some(self.cookie(GUEST, secret, None))
    }

    /// The cookie of a session that lasts so many seconds.
    pub fn session_cookie(&self, token: &str, life: u64) -> Cookie<'static> {
        self.cookie(SESSION, token, Some(Duration::seconds(i64::try_from(life).unwrap_or(i64::MAX))))
    }

    /// Takes the session's cookie away.
    pub fn no_session(&self) -> Cookie<'static> {
        self.cookie(SESSION, "", Some(Duration::ZERO))
    }

    fn cookie(&self, name: &str, value: &str, life: Option<Duration>) -> Cookie<'static> {
        let mut cookie = Cookie::new(full_name(name, self.0.is_secure), value.to_owned());
        cookie.set_path("/");
        cookie.set_http_only(true);
        cookie.set_same_site(SameSite::Lax);
        cookie.set_secure(self.0.is_secure);
        cookie.set_max_age(life);
        cookie
    }
}

/// Where to log in before going on to a path.
pub fn login_url(next: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
    if next == "/" || next.starts_with(LOGIN) { LOGIN.to_owned() } else { format!("{LOGIN}?{query}") }
}

fn cookie(request: &HttpRequest, name: &str, is_secure: bool) -> Option<String> {
    let cookie = request.cookie(&full_name(name, is_secure))?;
    Some(cookie.value().to_owned()).filter(|value| !value.is_empty() && value.len() <= LONGEST)
}

/// A browser keeps a cookie that is called so from being set by a neighbouring host or over plain HTTP.
fn full_name(name: &str, is_secure: bool) -> String {
    if is_secure { format!("__Host-{name}") } else { name.to_owned() }
}

impl FromRequest for Viewer {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let viewer = request.extensions().get::<Self>().cloned();
        std::future::ready(viewer.ok_or_else(|| anyhow::anyhow!("a page without its frame").into()))
    }
}

impl FromRequest for Member {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let viewer = request.extensions().get::<Viewer>().cloned();
        let member = viewer.and_then(|viewer| viewer.session().cloned().map(|session| Self { viewer: viewer.clone(), session }));
        std::future::ready(member.ok_or_else(|| Error::Unauthorized.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_leads_back_to_where_it_was_asked_for() {
        assert_eq!(login_url("/"), "/login");
        assert_eq!(login_url("/login?next=%2Fx"), "/login");
        assert_eq!(login_url("/products/a/pricing?b=c&d"), "/login?next=%2Fproducts%2Fa%2Fpricing%3Fb%3Dc%26d");
    }
}
