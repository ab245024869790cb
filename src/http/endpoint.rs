//! What an endpoint is: which verbs it has, who may use each, and what answers.

use futures_util::future::LocalBoxFuture;

use super::{Context, Failure, Reply, Verb};
use crate::platform::Platform;

/// Who may use an endpoint.
///
/// "The account" is the one in the path; wherever it's asked for, a superduper admin may too. A *plain user* is a user whose
/// `priv_level` isn't `admin`; an account's own api key is no plain user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody; a bad or expired token is ignored.
    Public,
    /// Whoever has a valid token.
    Token,
    /// The account itself and every account above it.
    Account,
    /// As [`Access::Account`], but no plain user.
    Admin,
    /// As [`Access::Admin`], and the plain user whom the path names (`users/{id}`).
    Oneself,
    /// Superduper admins only.
    Superduper,
}

/// Answers a request.
pub type Handler = for<'a> fn(&'a Context) -> LocalBoxFuture<'a, Result<Reply, Failure>>;

/// What a verb of an endpoint does, and for whom.
#[derive(Clone, Copy)]
pub struct Action {
    pub access: Access,
    pub handler: Handler,
}

/// A path's verbs.
#[derive(Clone, Default)]
pub struct Endpoint {
    actions: [Option<Action>; 5],
    /// Content types that a body may have here beside JSON and forms.
    pub consumes: &'static [&'static str],
    /// Whether a success is a file with a type of its own rather than JSON.
    pub provides_file: bool,
    /// Whether each use costs a token, and a refused login many.
    pub guards_login: bool,
}

impl Endpoint {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a verb.
    pub fn on(mut self, verb: Verb, access: Access, handler: Handler) -> Self {
        if let Some(slot) = self.actions.get_mut(verb as usize) {
            *slot = Some(Action { access, handler });
        }
        self
    }

    /// Takes a verb away.
    pub fn without(mut self, verb: Verb) -> Self {
        if let Some(slot) = self.actions.get_mut(verb as usize) {
            *slot = None;
        }
        self
    }

    /// Lets bodies have these types too.
    pub fn consumes(self, types: &'static [&'static str]) -> Self {
        Self { consumes: types, ..self }
    }

    /// Says that a success is a file.
    pub fn provides_file(self) -> Self {
        Self { provides_file: true, ..self }
    }

    /// Says that credentials are tried here, which costs.
    pub fn guards_login(self) -> Self {
        Self { guards_login: true, ..self }
    }

    pub fn action(&self, verb: Verb) -> Option<Action> {
        self.actions.get(verb as usize).copied().flatten()
    }

    /// The verbs there are.
    pub fn verbs(&self) -> impl Iterator<Item = Verb> {
        Verb::ALL.into_iter().filter(|verb| self.action(*verb).is_some())
    }
}

/// The endpoints of an API: where the conventions find what they serve.
pub trait Routes: Send + Sync + 'static {
    /// Whether a word of the path is a noun.
    fn is_noun(&self, word: &str) -> bool;

    /// Whether a noun takes everything behind it as its parameters.
    fn swallows(&self, noun: &str) -> bool;

    /// The endpoint of a path; `None` when the last noun doesn't know the parameters, or doesn't go with the nouns before it.
    fn endpoint<'a>(
        &'a self,
        platform: &'a Platform,
        nouns: &'a [super::path::Noun],
    ) -> LocalBoxFuture<'a, Result<Option<Endpoint>, Failure>>;
}

/// Makes a [`Handler`] of an async function.
#[macro_export]
macro_rules! handler {
    ($function:path) => {
        |context| Box::pin($function(context))
    };
}
