//! Where the link of a password reset may lead.
//!
//! A request for a reset says where its user interface is, and anybody can ask for one in another's name: whoever had the link lead
//! to himself would have the reset's id as soon as the user follows it. So it leads to interfaces only that are known.

use url::{Host, Url};

/// The address that a link leads to: the one that was asked for, if it belongs to a known interface (by scheme, host and port)
/// or is on one of the account's domains; else the first of those that are known. `None` without any.
pub fn address(asked: &str, known: &[String], domains: &[String]) -> Option<Url> {
    let known: Vec<Url> = known.iter().filter_map(|url| interface(url)).collect();
    let is_known = |url: &Url| known.iter().any(|known| known.origin() == url.origin());
    let asked = interface(asked).filter(|url| is_known(url) || domains.iter().any(|domain| is_at(url, domain)));
    asked.or_else(|| known.first().cloned())
}

/// The origin of a user interface, as browsers send it (`https://ui.example.com`); `None` when it can't be one.
pub fn origin(text: &str) -> Option<String> {
    interface(text).map(|url| url.origin().ascii_serialization())
}

/// Where a reset is redeemed, as Monster UI understands it.
pub fn link(address: &Url, reset_id: &str) -> String {
    let separator = if address.as_str().contains('?') { '&' } else { '?' };
    format!("{address}{separator}recovery={reset_id}")
}

/// An address as far as a link has it. A query, or a path that goes on with another host, could be a redirection's target, which
/// would take the id along.
fn interface(text: &str) -> Option<Url> {
    let mut url = Url::parse(text).ok()?;
    let is_plain = url.username().is_empty() && url.password().is_none() && !url.path().contains("//");
    url.set_query(None);
    (matches!(url.scheme(), "http" | "https") && url.has_host() && is_plain).then_some(url)
}

/// Whether an address is on a domain, at the usual port.
fn is_at(url: &Url, domain: &str) -> bool {
    let domain = Host::parse(domain).ok().map(|host| host.to_string());
    url.port().is_none() && domain.is_some_and(|domain| url.host_str() == Some(&domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(asked: &str, known: &[&str], domains: &[&str]) -> Option<String> {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        address(asked, &owned(known), &owned(domains)).map(|url| link(&url, "abc"))
    }

    #[test]
    fn a_link_leads_to_known_interfaces_only() {
        let known = ["https://ui.example", "http://ui.example:8080/monster/"];
        let brand = ["Brand.example"];
        for (asked, link) in [
            ("https://ui.example/", "https://ui.example/?recovery=abc"),
            ("https://UI.example/sub/index.html", "https://ui.example/sub/index.html?recovery=abc"),
            ("http://ui.example:8080/#/x", "http://ui.example:8080/#/x?recovery=abc"),
            ("https://ui.example/#/x?y=1", "https://ui.example/#/x?y=1&recovery=abc"),
            ("https://ui.example/?to=https://evil.example", "https://ui.example/?recovery=abc"),
            ("https://brand.example/#/", "https://brand.example/#/?recovery=abc"),
            ("http://brand.example/", "http://brand.example/?recovery=abc"),
        ] {
            assert_eq!(to(asked, &known, &brand).as_deref(), Some(link), "{asked}");
        }
        for foreign in [
            "https://evil.example/",
            "http://ui.example/",
            "https://ui.example:444/",
            "https://ui.example.evil.example/",
            "https://ui.example@evil.example/",
            "https://evil.example/?https://ui.example/",
            "https://evil.example#https://ui.example/",
            "https://evil.example\\@ui.example/",
            "https://brand.example:8443/",
            "https://sub.brand.example/",
            "https://someone@ui.example/",
            "https://ui.example//evil.example/",
            "https://ui.example/\\evil.example/",
            "javascript:alert(1)//ui.example",
            "data:text/html,ui.example",
            "//ui.example/",
            "ui.example",
            "https://ui.example\u{0}.evil.example/",
            "",
        ] {
            assert_eq!(to(foreign, &known, &brand).as_deref(), Some("https://ui.example/?recovery=abc"), "{foreign}");
            assert_eq!(to(foreign, &[], &brand), None, "{foreign}");
        }
    }

    #[test]
    fn what_browsers_send_is_an_origin_or_nothing() {
        assert_eq!(origin("https://UI.example:8443").as_deref(), Some("https://ui.example:8443"));
        assert_eq!(origin("http://localhost:3000/x").as_deref(), Some("http://localhost:3000"));
        for nothing in ["null", "", "file:///", "chrome-extension://abcdef"] {
            assert_eq!(origin(nothing), None, "{nothing}");
        }
    }
}
