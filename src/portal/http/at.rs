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
    allowed: Vec<&'static str>,
    wrong_verb: W,
}

impl<W> At<W> {
    pub fn new(path: &str, wrong_verb: W) -> Self {
        Self { resource: web::resource(path), allowed: Vec::new(), wrong_verb }
    }

    /// What only looks: HEAD is asked like GET, and answered without the body.
    pub fn get<H: Handler<A, Output: Responder + 'static>, A: FromRequest + 'static>(self, handler: H) -> Self {
        let looks = guard::Any(guard::Get()).or(guard::Head());
        self.with(&["GET", "HEAD"], web::route().guard(looks).to(handler))
    }

    pub fn post<H: Handler<A, Output: Responder + 'static>, A: FromRequest + 'static>(self, handler: H) -> Self {
        self.with(&["POST"], web::post().to(handler))
    }

    pub fn put<H: Handler<A, Output: Responder + 'static>, A: FromRequest + 'static>(self, handler: H) -> Self {
        self.with(&["PUT"], web::put().to(handler))
    }

    pub fn patch<H: Handler<A, Output: Responder + 'static>, A: FromRequest + 'static>(self, handler: H) -> Self {
        self.with(&["PATCH"], web::method(Method::PATCH).to(handler))
    }

    pub fn delete<H: Handler<A, Output: Responder + 'static>, A: FromRequest + 'static>(self, handler: H) -> Self {
        self.with(&["DELETE"], web::delete().to(handler))
    }

    fn with(mut self, verbs: &[&'static str], route: Route) -> Self {
        self.allowed.extend(verbs);
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
