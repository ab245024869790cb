//! Kazoo's request conventions, in one place that every endpoint shares: what a URL means, how a body is read, in which
//! order a request is checked, and how an answer is wrapped. Knows no endpoint: they are handed in as [`Routes`].

pub mod access;
pub mod body;
pub mod client;
pub mod context;
pub mod cors;
pub mod csv;
pub mod describe;
pub mod documents;
pub mod endpoint;
pub mod entry;
pub mod envelope;
pub mod failure;
pub mod files;
pub mod json;
pub mod metrics;
pub mod negotiate;
pub mod openapi;
pub mod paging;
pub mod path;
pub mod pictures;
pub mod pipeline;
pub mod precondition;
pub mod preflight;
pub mod range;
pub mod reply;
pub mod request;
pub mod respond;
pub mod routes;
pub mod upstream;

pub use context::Context;
pub use endpoint::{Access, Endpoint};
pub use failure::Failure;
pub use reply::Reply;
pub use request::{Request, Upload, Verb};
pub use routes::Routes;
