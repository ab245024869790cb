//! The API as a table: a path, a verb, what it's for, and its handler, whose types say the rest.

use actix_web::{
    FromRequest, Handler, Responder, Route,
    http::Method,
    web::{self, ServiceConfig},
};

use super::{
    at::At,
    failure,
    operation::{Asks, Gives, Operation},
};

/// What can be asked at a path with a verb.
pub struct Endpoint {
    /// Below the API, with its parameters: `/staff/refunds/{id}/{verdict:approve|reject}`.
    pub path: &'static str,
    pub method: Method,
    /// A sentence without its full stop.
    pub about: &'static str,
    route: Route,
    say: fn(&mut Operation<'_>),
    fails: &'static [u16],
}

macro_rules! verbs {
    ($($name:ident $method:ident),+) => {
        $(
            pub fn $name<H, A>(path: &'static str, about: &'static str, handler: H) -> Endpoint
            where
                H: Handler<A, Output: Responder + Gives + 'static>,
                A: FromRequest + Asks + 'static,
            {
                Endpoint::new(Method::$method, path, about, handler)
            }
        )+
    };
}

verbs! { get GET, post POST, put PUT, patch PATCH, delete DELETE }

impl Endpoint {
    fn new<H, A>(method: Method, path: &'static str, about: &'static str, handler: H) -> Self
    where
        H: Handler<A, Output: Responder + Gives + 'static>,
        A: FromRequest + Asks + 'static,
    {
        let say = |operation: &mut Operation<'_>| {
            A::say(operation);
            H::Output::say(operation);
        };
        Self { path, method, about, route: web::route().to(handler), say, fails: &[] }
    }

    /// Statuses of errors that don't follow from the handler's types.
    pub fn fails(mut self, statuses: &'static [u16]) -> Self {
        self.fails = statuses;
        self
    }

    /// Says what there is to say.
    pub fn describe(&self, operation: &mut Operation<'_>) {
        (self.say)(operation);
        self.fails.iter().for_each(|status| operation.fails(*status));
    }
}

/// Lets a server answer at all paths of a table; endpoints of the same path stand together in it.
pub fn configure(endpoints: Vec<Endpoint>, config: &mut ServiceConfig) {
    let mut paths: Vec<(&'static str, At<_>)> = Vec::new();
    for endpoint in endpoints {
        let at = match paths.pop_if(|(path, _)| *path == endpoint.path) {
            Some((_, at)) => at,
            None => At::new(endpoint.path, failure::wrong_verb as fn(&str) -> _),
        };
        paths.push((endpoint.path, at.with(endpoint.method, endpoint.route)));
    }
    for (_, at) in paths {
        config.service(at);
    }
}
