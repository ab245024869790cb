//! The credential a request carries, before anybody believes it.

/// What stands where a token may stand. In this order: the header `X-Auth-Token`, the request value `auth_token`, the header
/// `Authorization`, the request value `authorization`.
#[derive(Clone, PartialEq, Eq)]
pub enum Presented {
    Nothing,
    /// A token, or what is meant to be one.
    Token(String),
    /// `Basic`: base64 of `account_id:hash`.
    Basic(String),
    /// `Bearer`: a token, or the id under which one is kept.
    Bearer(String),
    /// An `Authorization` of another kind; it never authenticates.
    Unknown,
}

impl Presented {
    /// Takes the first that is there.
    pub fn first(
        x_auth_token: Option<&str>,
        auth_token: Option<&str>,
        authorization_header: Option<&str>,
        authorization: Option<&str>,
    ) -> Self {
        if let Some(token) = x_auth_token.or(auth_token) {
            return if token.is_empty() { Self::Nothing } else { Self::Token(token.to_owned()) };
        }
        match authorization_header.or(authorization).map(|text| text.split_once(' ')) {
            None => Self::Nothing,
            Some(Some(("Basic", credential))) => Self::Basic(credential.to_owned()),
            Some(Some(("Bearer", credential))) => Self::Bearer(credential.to_owned()),
            Some(_) => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_place_that_has_something_counts() {
        let bearer = Some("Bearer c");
        assert!(Presented::first(Some("a"), Some("b"), bearer, None) == Presented::Token("a".into()));
        assert!(Presented::first(None, Some("b"), bearer, None) == Presented::Token("b".into()));
        assert!(Presented::first(None, None, bearer, Some("Basic d")) == Presented::Bearer("c".into()));
        assert!(Presented::first(None, None, None, Some("Basic d")) == Presented::Basic("d".into()));
        assert!(Presented::first(None, None, Some("basic d"), None) == Presented::Unknown);
        assert!(Presented::first(Some(""), Some("b"), None, None) == Presented::Nothing);
        assert!(Presented::first(None, None, None, None) == Presented::Nothing);
    }
}
