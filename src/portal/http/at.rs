//! A path and what can be asked of it. Who asks something else is told what can.

use actix_web::{
    FromRequest, Handler, Resource, Responder, Route,
    dev::{AppService, HttpServiceFactory},
    guard,
    http::Method,
    web,
};

/// A path, with a handler for each verb; `wrong_verb` answers all others, given what `Allow` is to say.
pub struct At<W> {
    resource: Resource,
    allowed: Vec<String>,
    wrong_verb: W,
}

impl<W> At<W> {
    pub fn new(path: &str, wrong_verb: W) -> Self {
        Self { resource: web::resource(path), allowed: Vec::new(), wrong_verb }
    }

    /// What only looks: HEAD is asked like GET, and answered without the body.
    pub fn get<H: Handler<A, Output: Responder + 'static>, A: FromRequest + 'static>(self, handler: H) -> Self {
        self.with(Method::GET, web::route().to(handler))
    }

    pub fn post<H: Handler<A, Output: Responder + 'static>, A: FromRequest + 'static>(self, handler: H) -> Self {
        self.with(Method::POST, web::route().to(handler))
    }

    /// A route for a verb.
    pub fn with(mut self, method: Method, route: Route) -> Self {
        let looks = method == Method::GET;
        let route = if looks { route.guard(guard::Any(guard::Get()).or(guard::Head())) } else { route.method(method.clone()) };
        self.allowed.push(if looks { "GET, HEAD".to_owned() } else { method.to_string() });
        Self { resource: self.resource.route(route), ..self }
    }
}

impl<R: Responder + 'static, W: Fn(&str) -> R + Clone + 'static> HttpServiceFactory for At<W> {
    fn register(self, config: &mut AppService) {
        let (allowed, wrong_verb) = (self.allowed.join(", "), self.wrong_verb);
        let otherwise = web::to(move || std::future::ready(wrong_verb(&allowed)));
        self.resource.default_service(otherwise).register(config);
    }
}
