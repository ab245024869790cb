//! What a URL is made of: a version, and the segments behind it.

use percent_encoding::percent_decode_str;

/// The longest segment that's logged: ids and names of files fit; a token or an access code doesn't.
const LOGGED: usize = 40;
/// How much is shown of what is longer: of a token all alike.
const SHOWN: usize = 8;

/// The first segment of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `v` and a number; `v1` is gone, every other means the same.
    Api(u64),
    /// `hooks`: as an API version, but a body needs no `data`.
    Hooks,
}

impl Version {
    fn parse(segment: &str) -> Option<Self> {
        if segment == "hooks" {
            return Some(Self::Hooks);
        }
        let digits = segment.strip_prefix('v')?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok().map(Self::Api)).flatten()
    }

    pub fn requires_envelope(self) -> bool {
        self != Self::Hooks
    }
}

/// A path of the API, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    pub version: Version,
    /// Decoded segments after the version, trailing empty ones dropped.
    pub segments: Vec<String>,
}

/// Why a path isn't one of the API's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotApi {
    /// It doesn't begin with a version.
    NoVersion,
    /// A percent escape is broken, or doesn't decode to UTF-8.
    BadEscape,
}

impl Path {
    /// Takes the raw path of a request line apart. `+` is a plus.
    pub fn parse(raw: &str) -> Result<Self, NotApi> {
        let mut segments = raw.trim_start_matches('/').split('/');
        let version = segments.next().and_then(Version::parse).ok_or(NotApi::NoVersion)?;
        let mut segments = segments.map(decode).collect::<Result<Vec<_>, _>>()?;
        while segments.last().is_some_and(String::is_empty) {
            segments.pop();
        }
        Ok(Self { version, segments })
    }
}

/// A raw path as logs may have it: a segment that's long enough to be a token is cut.
pub fn loggable(raw: &str) -> String {
    let shown = |segment: &str| match segment.char_indices().nth(SHOWN) {
        Some((end, _)) if segment.len() > LOGGED => format!("{}…", segment.get(..end).unwrap_or_default()),
        _ => segment.to_owned(),
    };
    raw.split('/').map(shown).collect::<Vec<_>>().join("/")
}

fn decode(segment: &str) -> Result<String, NotApi> {
    let mut rest = segment;
    while let Some(at) = rest.find('%') {
        let escape = rest.get(at + 1..at + 3).ok_or(NotApi::BadEscape)?;
        if !escape.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(NotApi::BadEscape);
        }
        rest = rest.get(at + 3..).unwrap_or_default();
    }
    percent_decode_str(segment).decode_utf8().map(|text| text.into_owned()).map_err(|_| NotApi::BadEscape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_segments_behind_a_version() {
        let segments = |raw: &str| Path::parse(raw).unwrap().segments;
        assert_eq!(segments("/v2/accounts/A/users/U/"), ["accounts", "A", "users", "U"]);
        assert_eq!(segments("/v2/accounts//users"), ["accounts", "", "users"]);
        assert_eq!(segments("/v2/accounts/A/descendants///"), ["accounts", "A", "descendants"]);
        assert_eq!(segments("/v2/whitelabel/a%2Fb+c%20d"), ["whitelabel", "a/b+c d"]);
        assert!(segments("/v2").is_empty() && segments("/v2/").is_empty());
    }

    #[test]
    fn any_numbered_version_is_the_api_and_nothing_else_is() {
        assert_eq!(Path::parse("/v2/about").unwrap().version, Version::Api(2));
        assert_eq!(Path::parse("/v10/about").unwrap().version, Version::Api(10));
        assert_eq!(Path::parse("/hooks/x").unwrap().version, Version::Hooks);
        for raw in ["/", "/about", "/vx/about", "/v/about", "/favicon.ico", "/v-1/about"] {
            assert_eq!(Path::parse(raw), Err(NotApi::NoVersion), "{raw}");
        }
    }

    #[test]
    fn a_token_in_a_path_is_cut_in_logs() {
        let token = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6IjEx".repeat(9);
        let logged = loggable(&format!("/v2/accounts/0a1b2c3d4e5f60718293a4b5c6d7e8f9/user_auth/{token}"));
        assert_eq!(logged, "/v2/accounts/0a1b2c3d4e5f60718293a4b5c6d7e8f9/user_auth/eyJhbGci…");
    }

    #[test]
    fn a_broken_escape_is_refused() {
        for raw in ["/v2/accounts/%zz", "/v2/%", "/v2/%4", "/v2/%ff", "/v2/a%é"] {
            assert_eq!(Path::parse(raw), Err(NotApi::BadEscape), "{raw}");
        }
    }
}
