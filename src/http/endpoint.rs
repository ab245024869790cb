//! What an endpoint is: a path, which verbs it has, who may use each, what answers, and what is said of it.

use futures_util::future::LocalBoxFuture;

use super::{Context, Failure, Reply, Verb, describe::Description};

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
    /// As [`Access::Admin`], whatever `user_rights` says: here Kazoo itself asks for an admin.
    AdminAlways,
    /// As [`Access::AdminAlways`], and his own account must be a reseller's.
    Reseller,
    /// Superduper admins only, whatever `user_rights` says: what concerns the whole system takes both halves of the word.
    Superduper,
}

/// Answers a request.
pub type Handler = for<'a> fn(&'a Context) -> LocalBoxFuture<'a, Result<Reply, Failure>>;

/// What a verb of an endpoint does, for whom, and how that is told.
#[derive(Clone, Copy)]
pub struct Action {
    pub access: Access,
    pub handler: Handler,
    pub description: Description,
}

/// A path and its verbs.
#[derive(Clone)]
pub struct Endpoint {
    /// Its path behind the version, parameters in braces: `accounts/{account}/users/{user}`. `account` and `user` are what
    /// [`Access`] speaks of.
    pub path: &'static str,
    /// The noun that it belongs to: `users`, also at `accounts/{account}/users/{user}/photo`.
    pub noun: &'static str,
    actions: [Option<Action>; 5],
    /// Content types that a body may have here beside JSON and forms.
    pub consumes: &'static [&'static str],
    /// Whether a success is a file with a type of its own rather than JSON.
    pub provides_file: bool,
    /// Whether that file comes in several types, by what the client takes.
    pub varies_by_type: bool,
    /// Whether each use costs a token, and a refused login many.
    pub guards_login: bool,
    /// Whether there is no DELETE where the account is the master.
    pub spares_master: bool,
}

impl Endpoint {
    /// An endpoint without verbs.
    pub const fn at(path: &'static str) -> Self {
        Self {
            path,
            noun: "",
            actions: [None; 5],
            consumes: &[],
            provides_file: false,
            varies_by_type: false,
            guards_login: false,
            spares_master: false,
        }
    }

    /// Says which noun it belongs to.
    pub fn of(self, noun: &'static str) -> Self {
        Self { noun, ..self }
    }

    /// What stands behind the noun in a path that led here.
    pub fn arguments<'a>(&self, segments: &'a [String]) -> &'a [String] {
        let before = self.path.split('/').collect::<Vec<_>>().iter().rposition(|word| *word == self.noun);
        before.and_then(|at| segments.get(at + 1..)).unwrap_or_default()
    }

    pub fn get(self, access: Access, handler: Handler, description: Description) -> Self {
        self.on(Verb::Get, Action { access, handler, description })
    }

    pub fn put(self, access: Access, handler: Handler, description: Description) -> Self {
        self.on(Verb::Put, Action { access, handler, description })
    }

    pub fn post(self, access: Access, handler: Handler, description: Description) -> Self {
        self.on(Verb::Post, Action { access, handler, description })
    }

    pub fn patch(self, access: Access, handler: Handler, description: Description) -> Self {
        self.on(Verb::Patch, Action { access, handler, description })
    }

    pub fn delete(self, access: Access, handler: Handler, description: Description) -> Self {
        self.on(Verb::Delete, Action { access, handler, description })
    }

    fn on(mut self, verb: Verb, action: Action) -> Self {
        if let Some(slot) = self.actions.get_mut(verb as usize) {
            *slot = Some(action);
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

    /// Says that a success is a file, of a type that depends on what the client takes.
    pub fn provides_file_as_taken(self) -> Self {
        Self { provides_file: true, varies_by_type: true, ..self }
    }

    /// Says that credentials are tried here, which costs.
    pub fn guards_login(self) -> Self {
        Self { guards_login: true, ..self }
    }

    /// Says that the master account can't be deleted: there, that verb doesn't exist.
    pub fn spares_master(self) -> Self {
        Self { spares_master: true, ..self }
    }

    pub fn action(&self, verb: Verb) -> Option<Action> {
        self.actions.get(verb as usize).copied().flatten()
    }

    /// The verbs there are.
    pub fn verbs(&self) -> impl Iterator<Item = Verb> {
        Verb::ALL.into_iter().filter(|verb| self.action(*verb).is_some())
    }
}

/// Makes a [`Handler`] of an async function, and of what it's to be given beside the context, if anything.
#[macro_export]
macro_rules! handler {
    ($function:path $(, $argument:path)*) => {
        |context| Box::pin($function(context $(, $argument)*))
    };
}
