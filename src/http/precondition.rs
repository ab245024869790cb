//! `If-Match` and `If-None-Match` as RFC 9110 has them.

use actix_web::http::header::HeaderMap;

/// What a request's preconditions come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They hold, or there are none.
    Go,
    /// The client has the current state already.
    NotModified,
    /// Things aren't as the client expects.
    Failed,
    /// A header that isn't a list of entity tags.
    Malformed,
}

/// Holds preconditions against the tag of what is there now (`None`: nothing, or something without a tag).
///
/// `reading` is whether the request only reads. `exists` says whether there is something now; `If-Match: *` asks for that.
pub fn check(headers: &HeaderMap, tag: Option<&str>, exists: bool, reading: bool) -> Verdict {
    let Some(if_match) = tags(headers, "if-match") else {
        return Verdict::Malformed;
    };
    let Some(if_none_match) = tags(headers, "if-none-match") else {
        return Verdict::Malformed;
    };
    if if_match.is_some_and(|list| !list.matches(tag, exists, false)) {
        return Verdict::Failed;
    }
    match if_none_match {
        Some(list) if list.matches(tag, exists, true) => {
            if reading {
                Verdict::NotModified
            } else {
                Verdict::Failed
            }
        }
        _ => Verdict::Go,
    }
}

enum Tags {
    Any,
    List(Vec<(bool, String)>),
}

impl Tags {
    fn matches(&self, tag: Option<&str>, exists: bool, weakly: bool) -> bool {
        match self {
            Self::Any => exists,
            Self::List(list) => list.iter().any(|(weak, known)| (weakly || !weak) && Some(known.as_str()) == tag),
        }
    }
}

/// The header's tags: `None` when it's malformed, `Some(None)` when it's absent.
fn tags(headers: &HeaderMap, name: &str) -> Option<Option<Tags>> {
    let mut list = Vec::new();
    let mut present = false;
    for value in headers.get_all(name) {
        present = true;
        let text = value.to_str().ok()?.trim();
        if text == "*" {
            return Some(Some(Tags::Any));
        }
        let mut rest = text;
        while !rest.is_empty() {
            let (weak, quoted) = match rest.strip_prefix("W/") {
                Some(quoted) => (true, quoted),
                None => (false, rest),
            };
            let (tag, after) = quoted.strip_prefix('"')?.split_once('"')?;
            list.push((weak, tag.to_owned()));
            let after = after.trim_start();
            rest = match after.strip_prefix(',') {
                Some(next) => next.trim_start(),
                None if after.is_empty() => after,
                None => return None,
            };
        }
    }
    Some(present.then_some(Tags::List(list)))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn verdict(name: &'static str, value: &str, tag: Option<&str>, reading: bool) -> Verdict {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        check(&headers, tag, tag.is_some(), reading)
    }

    #[test]
    fn reading_what_one_has_is_not_modified() {
        for value in ["\"1-a\"", "W/\"1-a\"", "\"0-x\", \"1-a\"", "*"] {
            assert_eq!(verdict("if-none-match", value, Some("1-a"), true), Verdict::NotModified, "{value}");
        }
        assert_eq!(verdict("if-none-match", "\"2-b\"", Some("1-a"), true), Verdict::Go);
        assert_eq!(verdict("if-none-match", "\"1-a\"", None, true), Verdict::Go);
    }

    #[test]
    fn writing_over_what_one_has_not_seen_fails() {
        assert_eq!(verdict("if-match", "\"1-a\"", Some("1-a"), false), Verdict::Go);
        assert_eq!(verdict("if-match", "*", Some("1-a"), false), Verdict::Go);
        for (value, tag) in [("\"0-x\"", Some("1-a")), ("W/\"1-a\"", Some("1-a")), ("\"1-a\"", None), ("*", None)] {
            assert_eq!(verdict("if-match", value, tag, false), Verdict::Failed, "{value} {tag:?}");
        }
        assert_eq!(verdict("if-none-match", "*", Some("1-a"), false), Verdict::Failed);
    }

    #[test]
    fn a_tag_without_quotes_is_malformed() {
        for value in ["1-a", "\"1-a", "\"a\" \"b\"", "W/1-a"] {
            assert_eq!(verdict("if-none-match", value, Some("1-a"), true), Verdict::Malformed, "{value}");
        }
    }
}
