//! Who answers which noun.

use std::collections::HashSet;

use anyhow::bail;

use crate::{
    http::{
        Routes,
        metrics::{Noun, OTHER},
        path::{Path, Version},
    },
    kazoo::nouns,
};

/// What an operator's choice comes to.
pub struct Split {
    served: HashSet<&'static str>,
    /// Nouns that the operator named, beside Kazoo's own.
    named: HashSet<String>,
}

impl Split {
    /// `own` are the nouns that there are endpoints for. Of these are served those in `serve`, or all, but for those in `forward`.
    pub fn new(
        own: impl IntoIterator<Item = &'static str>,
        serve: Option<&[String]>,
        forward: &[String],
    ) -> anyhow::Result<Self> {
        let own: HashSet<&'static str> = own.into_iter().collect();
        let is_wanted = |noun: &str| serve.is_none_or(|list| list.iter().any(|named| named == noun));
        let is_forwarded = |noun: &str| forward.iter().any(|named| named == noun);
        if let Some(unknown) = serve.unwrap_or_default().iter().find(|noun| !own.contains(noun.as_str())) {
            let mut known: Vec<&str> = own.into_iter().collect();
            known.sort_unstable();
            bail!("serve_nouns: {unknown:?} can't be served; known are {}", known.join(", "));
        }
        let is_word = |word: &&String| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if let Some(wrong) = forward.iter().find(|noun| !is_word(noun)) {
            bail!("forward_nouns: {wrong:?} isn't a noun");
        }
        let served = own.into_iter().filter(|noun| is_wanted(noun) && !is_forwarded(noun)).collect();
        Ok(Self { served, named: forward.iter().cloned().collect() })
    }

    /// Whether a noun is answered here.
    pub fn serves(&self, noun: &str) -> bool {
        self.served.contains(noun)
    }

    /// The noun of a path that isn't to be answered here.
    ///
    /// A path that one of our endpoints is at is that endpoint's. For any other the last noun counts, as in Kazoo: one that is
    /// served here has no such path then, and isn't looked for elsewhere, where other rules may hold.
    pub fn forwarded(&self, path: &Path, routes: &Routes) -> Option<Noun> {
        if path.segments.is_empty() || path.version == Version::Api(1) {
            return None;
        }
        let written_out = written_out(&path.segments);
        let segments = written_out.as_deref().unwrap_or(&path.segments);
        if let Some((endpoint, _)) = routes.find(segments) {
            return (!self.serves(endpoint.noun)).then(|| endpoint.noun.into());
        }
        let Some(at) = nouns::last(segments, |word| self.named.contains(word)) else {
            return Some(OTHER.into());
        };
        let noun = segments.get(at)?.as_str();
        let is_unknown = |word: &str| !routes.endpoints().any(|endpoint| endpoint.path.split('/').nth(2) == Some(word));
        match segments.get(at + 2) {
            // Behind an account may stand a noun of a module that nobody has heard of.
            Some(word) if noun == "accounts" && at == 0 && is_unknown(word) => Some(OTHER.into()),
            _ if self.serves(noun) => None,
            _ => Some(nouns::module(noun).map_or_else(|| noun.to_owned().into(), Noun::from)),
        }
    }
}

/// `account` stands for the caller's own.
fn written_out(segments: &[String]) -> Option<Vec<String>> {
    let (first, rest) = segments.split_first()?;
    (first == "account").then(|| ["accounts", "own"].map(str::to_owned).into_iter().chain(rest.iter().cloned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Endpoint;

    fn routes() -> Routes {
        let at = |path: &'static str, noun| Endpoint::at(path).of(noun);
        Routes::new([
            at("accounts/{account}", "accounts"),
            at("accounts/{account}/tree", "accounts"),
            at("accounts/{account}/users", "users"),
            at("accounts/{account}/users/{user}", "users"),
            at("whitelabel/{domain}", "whitelabel"),
        ])
    }

    fn forwarded(split: &Split, path: &str) -> Option<String> {
        split.forwarded(&Path::parse(path).unwrap(), &routes()).map(Noun::into_owned)
    }

    fn list(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    const OWN: [&str; 3] = ["accounts", "users", "whitelabel"];

    #[test]
    fn what_isnt_served_is_forwarded() {
        let split = Split::new(OWN, None, &[]).unwrap();
        for (path, noun) in [
            ("/v2/accounts/A/devices", "devices"),
            ("/v2/accounts/A/devices/D/quickcall/1", "quickcall"),
            ("/v2/accounts/A/users/U/devices", "devices"),
            ("/v2/account/devices", "devices"),
            ("/v2/devices", "devices"),
            ("/v2/sup/accounts", "sup"),
            ("/v2/nosuch", "other"),
            ("/v2/accounts/A/nosuch", "other"),
            ("/v2/account/nosuch", "other"),
            ("/hooks/pivot", "pivot"),
        ] {
            assert_eq!(forwarded(&split, path).as_deref(), Some(noun), "{path}");
        }
    }

    #[test]
    fn what_is_served_has_no_way_around() {
        let split = Split::new(OWN, None, &[]).unwrap();
        for path in [
            "/v2",
            "/v1/devices",
            "/v2/accounts/A",
            "/v2/account",
            "/v2/accounts/A/tree/x",
            "/v2/accounts/A/users/U/nosuch",
            "/v2/devices/D/users/U",
            "/v2/users/U/accounts/A",
            "/v2/whitelabel/devices",
            "/v2/accounts/devices",
        ] {
            assert_eq!(forwarded(&split, path), None, "{path}");
        }
    }

    #[test]
    fn operators_choose() {
        let split = Split::new(OWN, Some(&list(&["users"])), &list(&["mine"])).unwrap();
        assert_eq!(forwarded(&split, "/v2/accounts/A/users"), None);
        assert_eq!(forwarded(&split, "/v2/accounts/A").as_deref(), Some("accounts"));
        assert_eq!(forwarded(&split, "/v2/accounts/A/users/U/mine").as_deref(), Some("mine"));
        let split = Split::new(OWN, None, &list(&["users"])).unwrap();
        assert_eq!(forwarded(&split, "/v2/accounts/A/users/U").as_deref(), Some("users"));
        assert_eq!(forwarded(&split, "/v2/accounts/A"), None);
        assert!(Split::new(OWN, Some(&list(&["devices"])), &[]).is_err());
        assert!(Split::new(OWN, None, &list(&["a/b"])).is_err());
    }
}
