//! Every path that is asked of CouchDB, made of checked segments.
//!
//! URLs resolve dot segments before they are sent, percent-encoded ones too: a document called `..` would turn the
//! deletion of a document into that of its database. So there is one way to make a segment, and it refuses those names.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::store::{Db, Error, View};

/// What RFC 3986 leaves unreserved goes as it is, all else percent-encoded: slashes, spaces and plus signs included.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A name as one segment of a path; `None` for those that can't be one.
fn segment(name: &str) -> Option<String> {
    (!matches!(name, "" | "." | "..")).then(|| utf8_percent_encode(name, RESERVED).to_string())
}

/// The paths below a server's URL.
#[derive(Clone, Debug)]
pub(super) struct Paths {
    /// The path of the server's URL, for a CouchDB behind a proxy; no slash at its end.
    base: String,
}

impl Paths {
    pub(super) fn below(url: &url::Url) -> Self {
        Self { base: url.path().trim_end_matches('/').to_owned() }
    }

    pub(super) fn databases(&self) -> String {
        format!("{}/_all_dbs", self.base)
    }

    /// The feed of all databases.
    pub(super) fn updates(&self) -> String {
        format!("{}/_db_updates", self.base)
    }

    pub(super) fn database(&self, db: &Db) -> Result<String, Error> {
        let name = segment(db.as_str()).ok_or_else(|| refused(db, "", "not a database's name"))?;
        Ok(format!("{}/{name}", self.base))
    }

    /// One of the endpoints that CouchDB keeps beside a database's documents: `_bulk_docs`, `_changes`, …
    pub(super) fn endpoint(&self, db: &Db, endpoint: &'static str) -> Result<String, Error> {
        Ok(format!("{}/{endpoint}", self.database(db)?))
    }

    pub(super) fn document(&self, db: &Db, id: &str) -> Result<String, Error> {
        let id = document_id(id).ok_or_else(|| refused(db, id, "not a document's id"))?;
        Ok(format!("{}/{id}", self.database(db)?))
    }

    pub(super) fn attachment(&self, db: &Db, id: &str, name: &str) -> Result<String, Error> {
        // Below a design document a name with an underscore is one of CouchDB's functions; elsewhere it's forbidden anyway.
        let name = Some(name).filter(|name| !name.starts_with('_')).and_then(segment);
        let name = name.ok_or_else(|| refused(db, id, "not an attachment's name"))?;
        Ok(format!("{}/{name}", self.document(db, id)?))
    }

    pub(super) fn view(&self, db: &Db, view: View) -> Result<String, Error> {
        if view == View::ALL_DOCS {
            return self.endpoint(db, View::ALL_DOCS.name);
        }
        let (Some(design), Some(name)) = (segment(view.design), segment(view.name)) else {
            return Err(refused(db, view.design, "not a view's name"));
        };
        Ok(format!("{}/_design/{design}/_view/{name}", self.database(db)?))
    }
}

/// Whether a document may be called so. Names with an underscore in front are CouchDB's own endpoints, save for two kinds
/// of documents.
pub(super) fn is_document_id(id: &str) -> bool {
    document_id(id).is_some()
}

fn document_id(id: &str) -> Option<String> {
    for kind in ["_design/", "_local/"] {
        if let Some(name) = id.strip_prefix(kind) {
            // CouchDB redirects when this slash is encoded, so it stays.
            return segment(name).map(|name| format!("{kind}{name}"));
        }
    }
    if id.starts_with('_') { None } else { segment(id) }
}

fn refused(db: &Db, id: &str, reason: &str) -> Error {
    Error::Invalid { db: db.clone(), id: id.to_owned(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode_str;
    use proptest::prelude::*;
    use url::Url;

    use super::*;

    const DB: Db = Db::named("account/0a/1b/2c");

    fn paths() -> Paths {
        Paths::below(&Url::parse("http://127.0.0.1:5984").unwrap())
    }

    /// The segments a server gets to see when this path is asked of it.
    fn sent(path: &str) -> Vec<String> {
        let mut url = Url::parse("http://127.0.0.1:5984").unwrap();
        url.set_path(path);
        let url = Url::parse(url.as_str()).unwrap();
        url.path_segments().unwrap().map(|segment| percent_decode_str(segment).decode_utf8().unwrap().into_owned()).collect()
    }

    #[test]
    fn slashes_spaces_and_plus_signs_are_encoded() {
        assert_eq!(paths().document(&DB, "a/b c+d%2Fé").unwrap(), "/account%2F0a%2F1b%2F2c/a%2Fb%20c%2Bd%252F%C3%A9");
        assert_eq!(paths().attachment(&DB, "app", "a b/c+.png").unwrap(), "/account%2F0a%2F1b%2F2c/app/a%20b%2Fc%2B.png");
    }

    #[test]
    fn the_slash_of_design_and_local_documents_stays() {
        assert_eq!(paths().document(&DB, "_design/a/b").unwrap(), "/account%2F0a%2F1b%2F2c/_design/a%2Fb");
        assert_eq!(paths().document(&DB, "_local/x").unwrap(), "/account%2F0a%2F1b%2F2c/_local/x");
    }

    #[test]
    fn names_that_would_lead_elsewhere_are_refused() {
        for id in ["", ".", "..", "_all_docs", "_security", "_design/", "_design/..", "_design/.", "_local/"] {
            assert!(matches!(paths().document(&DB, id), Err(Error::Invalid { .. })), "{id:?}");
            assert!(matches!(paths().attachment(&DB, id, "icon"), Err(Error::Invalid { .. })), "{id:?}");
        }
        for name in ["", ".", "..", "_view", "_"] {
            assert!(matches!(paths().attachment(&DB, "_design/x", name), Err(Error::Invalid { .. })), "{name:?}");
        }
        for db in ["", ".", ".."] {
            assert!(matches!(paths().database(&Db::named(db)), Err(Error::Invalid { .. })), "{db:?}");
        }
        assert!(matches!(paths().view(&DB, View::new("..", "x")), Err(Error::Invalid { .. })));
        assert!(matches!(paths().view(&DB, View::new("x", "..")), Err(Error::Invalid { .. })));
    }

    #[test]
    fn encoded_dots_are_ordinary_names() {
        for id in ["%2E%2E", "%2e", "...", ".a", "a..", "../x", "./"] {
            assert_eq!(sent(&paths().document(&DB, id).unwrap()), ["account/0a/1b/2c", id]);
        }
    }

    #[test]
    fn a_base_path_stands_in_front_of_everything() {
        let paths = Paths::below(&Url::parse("http://127.0.0.1/proxy/couch/").unwrap());
        assert_eq!(paths.databases(), "/proxy/couch/_all_dbs");
        assert_eq!(paths.document(&Db::named("accounts"), "x").unwrap(), "/proxy/couch/accounts/x");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_asked_for_is_what_arrives(db in "\\PC{1,20}", id in "\\PC{1,20}", name in "\\PC{1,20}") {
            let db: Db = Db(db.into());
            match paths().attachment(&db, &id, &name) {
                Ok(path) => {
                    let mut expected = vec![db.as_str().to_owned()];
                    match id.split_once('/') {
                        Some((kind @ ("_design" | "_local"), rest)) => expected.extend([kind.to_owned(), rest.to_owned()]),
                        _ => expected.push(id.clone()),
                    }
                    expected.push(name);
                    prop_assert_eq!(sent(&path), expected);
                }
                Err(error) => prop_assert!(matches!(error, Error::Invalid { .. }), "{error}"),
            }
        }

        #[test]
        fn dots_and_slashes_never_leave_the_database(id in "[./%2eE]{1,8}") {
            if let Ok(path) = paths().document(&DB, &id) {
                prop_assert_eq!(sent(&path), vec![DB.as_str().to_owned(), id]);
            }
        }
    }
}
