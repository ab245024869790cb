//! What a handler works with: the request, who sent it, and the platform behind it.

use std::{future::Future, sync::Arc};

use actix_web::http::header::CONTENT_TYPE;

use super::{
    Failure, Reply, Request,
    body::essence,
    envelope::content_tag,
    paging::Page,
    precondition::{self, Verdict},
    reply::Body,
};
use crate::{
    auth::Caller,
    kazoo::{
        document::{Author, Stamp, gregorian},
        validation::Invalid,
    },
    platform::{Platform, Settings, names, schemas::CheckError},
    store::{Assembled, Db, Document, Object},
};

/// Rows on a page of a list, where neither client nor settings say.
const PAGE_SIZE: usize = 50;

/// Content types that a body may have at every endpoint.
const ALWAYS_ACCEPTED: [&str; 5] =
    ["application/json", "application/x-json", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/mixed"];

/// A request that has passed every check before its handler.
pub struct Context {
    pub platform: Arc<Platform>,
    pub(super) answers: Arc<Assembled<String>>,
    pub request: Arc<Request>,
    /// Who asks; `None` only where anybody may.
    pub caller: Option<Arc<Caller>>,
    /// The document of the account in the path.
    pub account: Option<Document>,
    /// Content types that the endpoint takes beside the usual ones.
    pub consumes: &'static [&'static str],
    /// Unix time in seconds.
    pub now: u64,
    /// Kazoo's version, as clients are told.
    pub version: String,
    /// The settings of `crossbar`.
    pub crossbar: Settings,
}

impl Context {
    /// Who asks.
    pub fn caller(&self) -> Result<&Caller, Failure> {
        self.caller.as_deref().ok_or(Failure::InvalidCredentials)
    }

    /// The account in the path; without one the request is refused.
    pub fn account(&self) -> Result<&Document, Failure> {
        self.account.as_ref().ok_or_else(|| Invalid::one("account_id", "required", "account ID is required in url").into())
    }

    /// The id of the account in the path.
    pub fn account_id(&self) -> Result<&str, Failure> {
        self.account()?;
        Ok(self.request.account_param().unwrap_or_default())
    }

    /// The database of the account in the path.
    pub fn account_db(&self) -> Result<Db, Failure> {
        account_db(self.account_id()?)
    }

    /// A parameter of the endpoint's path.
    pub fn param(&self, name: &str) -> &str {
        self.request.param(name).unwrap_or_default()
    }

    /// To be asked when everything about a write is known to be good, before anything is written: whether the client's
    /// preconditions hold for what is there now, and whether its body had a type that is taken here.
    ///
    /// `rev` is the revision of the document to be written, `None` when there is none yet.
    pub fn may_write(&self, rev: Option<&str>) -> Result<(), Failure> {
        match precondition::check(&self.request.headers, rev, rev.is_some(), false) {
            Verdict::Go => {}
            Verdict::NotModified | Verdict::Failed => return Err(Failure::Bare(412)),
            Verdict::Malformed => return Err(Failure::Bare(400)),
        }
        let Some(content_type) = self.request.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
            return Ok(());
        };
        let media_type = essence(content_type);
        let taken = ALWAYS_ACCEPTED.iter().chain(self.consumes).any(|known| *known == media_type);
        if taken { Ok(()) } else { Err(Failure::Bare(415)) }
    }

    /// The request's data as a schema wants it, or what's wrong with it.
    pub async fn check(&self, schema: &str) -> Result<Object, CheckError> {
        self.platform.check_by(&self.crossbar, schema, self.request.data.clone()).await
    }

    /// The page of a list that the client asks for.
    pub async fn page(&self) -> Result<Page, Failure> {
        let size = self.crossbar.number("pagination_page_size").and_then(|size| usize::try_from(size).ok());
        Page::of(&self.request, size.unwrap_or(PAGE_SIZE))
    }

    /// JSON with this name, put together by `make` unless it's in memory and nothing has changed since; its entity tag is made of
    /// its content. The name has to say everything that `make` goes by, and that must read all it needs itself, documents
    /// included that are in this context.
    pub async fn assembled(&self, name: &str, make: impl Future<Output = Result<Vec<u8>, Failure>>) -> Result<Reply, Failure> {
        let make = async {
            let json = make.await?;
            let tag = content_tag(&json);
            Ok::<_, Failure>((json.into(), tag))
        };
        let (json, tag) = self.answers.get_or_make(&*self.platform.store, name, make).await?;
        Ok(Reply { body: Body::Json(json), ..Reply::default() }.revision(&tag))
    }

    /// What a document says of the request that writes it.
    pub fn stamp(&self) -> Stamp<'_> {
        let caller = self.caller.as_deref();
        let original = caller.and_then(|caller| caller.original.as_ref());
        Stamp {
            now: gregorian(self.now),
            request_id: &self.request.id,
            author: caller.map(|caller| Author { account_id: &caller.account_id, user_id: caller.user_id.as_deref() }),
            original: original.map(|(account_id, user_id)| Author { account_id, user_id: user_id.as_deref() }),
            account_id: None,
            account_db: None,
        }
    }
}

/// The database of an account; an id that can't have one is a bad identifier.
pub fn account_db(account_id: &str) -> Result<Db, Failure> {
    names::account_db(account_id).ok_or_else(|| Failure::BadIdentifier { cause: account_id.to_owned() })
}
