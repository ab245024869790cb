//! From the operator's `--store` to a store.

use std::{path::PathBuf, str::FromStr, sync::Arc};

use super::{
    Error, Store,
    couch::CouchStore,
    embedded::{self, EmbeddedStore},
};

/// Where the documents are: `embedded:DIRECTORY`, or the URL of a CouchDB server with its credentials.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A directory that holds the embedded store's file; made when it's absent.
    Embedded(PathBuf),
    /// `http://user:password@host:5984`
    Couch(url::Url),
}

impl Location {
    /// Whether there can be something already. What is at a URL is found out by asking.
    pub fn is_made(&self) -> bool {
        match self {
            Self::Embedded(dir) => dir.join(embedded::FILE).exists(),
            Self::Couch(_) => true,
        }
    }
}

impl FromStr for Location {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let help = "say embedded:DIRECTORY, or a CouchDB URL like http://user:password@127.0.0.1:5984";
        if let Some(dir) = text.strip_prefix("embedded:") {
            return if dir.is_empty() {
                Err(format!("the directory is missing; {help}"))
            } else {
                Ok(Self::Embedded(dir.into()))
            };
        }
        match url::Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(Self::Couch(url)),
            _ => Err(format!("not a store; {help}")),
        }
    }
}

/// The location without its password, fit for logs.
impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Embedded(dir) => write!(f, "embedded:{}", dir.display()),
            Self::Couch(url) => {
                let mut shown = url.clone();
                if shown.password().is_some() {
                    let _ = shown.set_password(Some("***"));
                }
                write!(f, "{shown}")
            }
        }
    }
}

impl std::fmt::Debug for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// Opens a store. The embedded one's file is made when it's absent; CouchDB isn't asked anything yet.
pub fn open(location: &Location) -> Result<Arc<dyn Store>, Error> {
    Ok(match location {
        Location::Embedded(dir) => Arc::new(EmbeddedStore::open(dir)?),
        Location::Couch(url) => Arc::new(CouchStore::new(url)?),
    })
}
