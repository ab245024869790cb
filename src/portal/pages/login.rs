//! Logging in with what one has at one's cluster, and out.

use actix_web::{
    HttpResponse, ResponseError as _,
    http::{StatusCode, header::RETRY_AFTER},
    web::{Data, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{
    assets, at,
    failure::{Failure, sentence},
    form::Form,
    see_other, show, show_as,
    viewer::Viewer,
};
use crate::portal::{Error, Portal};

pub fn configure(config: &mut ServiceConfig) {
    config.service(at("/login").get(form).post(log_in)).service(at("/logout").post(log_out));
}

#[derive(Template)]
#[template(path = "login.html")]
struct Login<'a> {
    viewer: &'a Viewer,
    fields: &'a Fields,
    /// Clusters' APIs to choose from, where there are several.
    apis: &'a [String],
    complaint: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields {
    account_name: String,
    username: String,
    password: String,
    identity_api: String,
    /// A path of ours to go on to.
    next: String,
}

impl Fields {
    fn api(&self) -> Option<&str> {
        Some(self.identity_api.as_str()).filter(|api| !api.is_empty())
    }

    /// Where to go on: nowhere but on this site.
    fn next(&self) -> &str {
        let is_plain = self.next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
        let is_ours = self.next.starts_with('/') && !self.next.starts_with("//") && !self.next.starts_with("/login");
        if is_plain && is_ours && self.next.len() < 2_000 { &self.next } else { "/" }
    }
}

async fn form(portal: Data<Portal>, viewer: Viewer, fields: Query<Fields>) -> Result<HttpResponse, Failure> {
    if viewer.session().is_some() {
        return Ok(see_other(fields.next()));
    }
    show(&Login { viewer: &viewer, fields: &fields, apis: choice(&portal), complaint: None })
}

async fn log_in(portal: Data<Portal>, viewer: Viewer, Form(fields): Form<Fields>) -> Result<HttpResponse, Failure> {
    let tried =
        portal.log_in(fields.api(), fields.account_name.trim(), fields.username.trim(), &fields.password, viewer.visitor()).await;
    let error = match tried {
        Ok(new) => {
            let life = new.expires_at.saturating_sub(crate::platform::unix_now());
            let mut response = see_other(fields.next());
            response.add_cookie(&viewer.session_cookie(&new.token, life)).map_err(anyhow::Error::from)?;
            return Ok(response);
        }
        Err(error) => error,
    };
    let complaint = match &error {
        Error::LoginRefused => "Account name, user name or password is wrong.".into(),
        Error::TooMany { retry_after } => {
            format!("That were too many attempts. Please wait {} seconds.", retry_after.as_secs().max(1))
        }
        Error::Invalid(_) => {
            sentence(&error.to_string().replace("account_name", "account name").replace("username", "user name"))
        }
        _ => return Err(error.into()),
    };
    let retry_after = match &error {
        Error::TooMany { retry_after } => Some(retry_after.as_secs().max(1)),
        _ => None,
    };
    let status = Failure::from(error).status_code();
    // 401 would have to name a scheme that browsers ask for in a window of their own.
    let status = if status == StatusCode::UNAUTHORIZED { StatusCode::FORBIDDEN } else { status };
    let page = Login { viewer: &viewer, fields: &fields, apis: choice(&portal), complaint: Some(complaint) };
    let mut response = show_as(status, &page)?;
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    Ok(response)
}

/// The APIs, where there is something to choose.
fn choice(portal: &Portal) -> &[String] {
    let apis = portal.identity_apis();
    if apis.len() > 1 { apis } else { &[] }
}

#[derive(Deserialize)]
struct Nothing {}

async fn log_out(portal: Data<Portal>, viewer: Viewer, _: Form<Nothing>) -> Result<HttpResponse, Failure> {
    if let Some(token) = viewer.token() {
        portal.log_out(token).await?;
    }
    let mut response = see_other("/");
    response.add_cookie(&viewer.no_session()).map_err(anyhow::Error::from)?;
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_leads_nowhere_but_to_pages_of_ours() {
        let next = |next: &str| Fields { next: next.into(), ..Fields::default() }.next().to_owned();
        assert_eq!(next("/products/a?b=c"), "/products/a?b=c");
        for foreign in
            ["", "//evil.example", "/\\evil.example", "https://evil.example", "evil", "/a\r\nb: c", "/login?next=/login"]
        {
            assert_eq!(next(foreign), "/", "{foreign}");
        }
    }
}
