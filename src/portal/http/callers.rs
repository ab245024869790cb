//! Who asks: a handler that names one of these gets nobody else.

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};

use super::{books::Asker, failure::Failure};
use crate::{
    http::client,
    market::{
        account::{Session, Vendor},
        cluster::Cluster,
        content,
        trail::Actor,
    },
    portal::{Error, Portal, Visitor},
};

type Extracted<T> = Pin<Box<dyn Future<Output = Result<T, Failure>>>>;

/// Anybody.
pub struct Anyone(pub Visitor);

/// A customer who is logged in.
pub struct Customer {
    pub session: Session,
    pub visitor: Visitor,
}

/// A cluster that is linked.
pub struct Connector {
    pub cluster: Cluster,
    pub ip: Option<String>,
}

/// A vendor.
pub struct Partner {
    pub vendor: Vendor,
    pub ip: Option<String>,
}

/// The operator's staff.
pub struct Staff(pub Actor);

/// The portal that a server serves.
fn portal(request: &HttpRequest) -> Result<Data<Portal>, Error> {
    request.app_data::<Data<Portal>>().cloned().ok_or_else(|| Error::Internal(anyhow::anyhow!("the server has no portal")))
}

/// The token that comes with a request; [`Error::Unauthorized`] without one.
pub fn bearer(request: &HttpRequest) -> Result<String, Error> {
    let header = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    token
        .map(|(_, token)| token.trim().to_owned())
        .filter(|token| !token.is_empty() && token.len() < 1_000)
        .ok_or(Error::Unauthorized)
}

/// Where a request comes from, and the language that it asks for: `?language=`, else the first that the browser names.
pub async fn visitor(portal: &Portal, request: &HttpRequest) -> Result<Visitor, Error> {
    let ip = Some(client::address(request, &portal.proxies().await?)).filter(|ip| !ip.is_empty());
    Asker::note(request, ip.as_deref(), None);
    let in_query = url::form_urlencoded::parse(request.query_string().as_bytes()).find(|(key, _)| key == "language");
    let accepted = request.headers().get("accept-language").and_then(|value| value.to_str().ok());
    let first = accepted.and_then(|list| list.split([',', ';']).next()).map(|tag| tag.trim().to_owned());
    let language = in_query.map(|(_, tag)| tag.into_owned()).or(first);
    let is_tag = |tag: &String| !tag.is_empty() && tag.len() <= 35 && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    Ok(Visitor { ip, language: language.filter(is_tag).or_else(|| Some(content::LANGUAGE.into())) })
}

impl FromRequest for Anyone {
    type Error = Failure;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Ok(Self(visitor(&*portal(&request)?, &request).await?)) })
    }
}

impl FromRequest for Customer {
    type Error = Failure;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (portal, token) = (portal(&request)?, bearer(&request)?);
            let session = portal.session(&token).await?;
            Asker::note(&request, None, Some(&session.account_id));
            Ok(Self { session, visitor: visitor(&portal, &request).await? })
        })
    }
}

impl FromRequest for Connector {
    type Error = Failure;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (portal, token) = (portal(&request)?, bearer(&request)?);
            let cluster = portal.linked(&token).await?;
            Asker::note(&request, None, Some(&cluster.account_id));
            Ok(Self { cluster, ip: visitor(&portal, &request).await?.ip })
        })
    }
}

impl FromRequest for Partner {
    type Error = Failure;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (portal, token) = (portal(&request)?, bearer(&request)?);
            Ok(Self { vendor: portal.vendor(&token).await?, ip: visitor(&portal, &request).await?.ip })
        })
    }
}

impl FromRequest for Staff {
    type Error = Failure;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (portal, token) = (portal(&request)?, bearer(&request)?);
            let ip = visitor(&portal, &request).await?.ip;
            Ok(Self(portal.staff(&token, ip)?))
        })
    }
}
