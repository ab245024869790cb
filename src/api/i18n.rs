//! `i18n/{language}`: a language in a path. Before other nouns it says in which one texts and pictures are wanted.

use crate::{
    handler,
    http::{Access, Context, Endpoint, Failure, Reply, describe::does},
};

/// Its endpoint.
pub fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::at("i18n/{language}").get(
        Access::Token,
        handler!(show),
        does("Says which language the path names").gives_text(),
    )]
}

/// `GET i18n/{language}`: the language, in lower case.
async fn show(context: &Context) -> Result<Reply, Failure> {
    Ok(Reply::data(context.param("language").to_lowercase()))
}
