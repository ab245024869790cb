//! Who asks: a handler that names one of these gets nobody else.

use std::{
    future::{Future, Ready, ready},
    pin::Pin,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};
use serde_json::json;

use super::{
    books::Asker,
    failure::Failure,
    operation::{Asks, Operation},
};
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

/// Anybody.
pub struct Anyone(pub Visitor);

/// Anybody with a customer's token, be it good or not.
pub struct Token(pub String);

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

/// The ways of saying who one is: their names, who that is, and where the tokens come from. Each is sent as
/// `Authorization: Bearer`.
pub const TOKENS: [(&str, &str, &str); 4] = [
    ("customer", "customers who are logged in", "The token that `POST session` gave a customer"),
    ("cluster", "the cluster that is linked", "The token that `POST connector/link` gave a cluster"),
    ("vendor", "vendors, each about his own", "The token that the staff gave a vendor"),
    ("staff", "the operator's staff", "The staff's own token, which the server is started with"),
];

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

type Extracted<T> = Pin<Box<dyn Future<Output = Result<T, Failure>>>>;

/// Finds somebody by the token that he sends.
fn with_token<T>(
    request: &HttpRequest,
    find: impl AsyncFnOnce(HttpRequest, Data<Portal>, String) -> Result<T, Error> + 'static,
) -> Extracted<T> {
    let request = request.clone();
    Box::pin(async move {
        let (portal, token) = (portal(&request)?, bearer(&request)?);
        Ok(find(request, portal, token).await?)
    })
}

impl FromRequest for Anyone {
    type Error = Failure;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Ok(Self(visitor(&*portal(&request)?, &request).await?)) })
    }
}

impl FromRequest for Token {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(bearer(request).map(Self).map_err(Failure))
    }
}

impl FromRequest for Customer {
    type Error = Failure;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        with_token(request, async |request, portal, token| {
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
        with_token(request, async |request, portal, token| {
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
        with_token(request, async |request, portal, token| {
            Ok(Self { vendor: portal.vendor(&token).await?, ip: visitor(&portal, &request).await?.ip })
        })
    }
}

impl FromRequest for Staff {
    type Error = Failure;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        with_token(request, async |request, portal, token| {
            let ip = visitor(&portal, &request).await?.ip;
            Ok(Self(portal.staff(&token, ip)?))
        })
    }
}

impl Asks for Anyone {
    fn say(operation: &mut Operation<'_>) {
        language(operation);
    }
}

impl Asks for Token {
    fn say(operation: &mut Operation<'_>) {
        operation.only("customer");
    }
}

impl Asks for Customer {
    fn say(operation: &mut Operation<'_>) {
        operation.only("customer");
        language(operation);
    }
}

impl Asks for Connector {
    fn say(operation: &mut Operation<'_>) {
        operation.only("cluster");
    }
}

impl Asks for Partner {
    fn say(operation: &mut Operation<'_>) {
        operation.only("vendor");
    }
}

impl Asks for Staff {
    fn say(operation: &mut Operation<'_>) {
        operation.only("staff");
    }
}

/// A visitor may say which language he reads.
fn language(operation: &mut Operation<'_>) {
    operation.params.push(json!({
        "name": "language", "in": "query", "schema": { "type": "string" },
        "description": "The language of what is told, `de-DE`; else the first of `Accept-Language`",
    }));
}
