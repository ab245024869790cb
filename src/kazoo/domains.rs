//! The DNS records that a brand's domain is to have: a template, and what it says for one domain.
//!
//! Its shape is record type, then host, then `{mapping: [record, …], name, …}`; `{{domain}}` in hosts and records stands for
//! the domain.

use core::net::IpAddr;

use serde_json::{Value, json};

use super::document::Object;

const PLACEHOLDER: &str = "{{domain}}";

/// The template with a domain in the places that are held for it.
pub fn rendered(template: &Object, domain: &str) -> Object {
    let mut rendered = Object::new();
    for (kind, hosts) in template {
        let Value::Object(hosts) = hosts else { continue };
        let hosts: Object = hosts.iter().filter_map(|(host, entry)| Some((fill(host, domain), filled(entry, domain)?))).collect();
        rendered.insert(kind.clone(), hosts.into());
    }
    rendered
}

fn filled(entry: &Value, domain: &str) -> Option<Value> {
    let mut entry = entry.as_object()?.clone();
    let mapping = expected(&entry).map(|record| fill(record, domain)).collect::<Vec<_>>();
    entry.insert("mapping".into(), mapping.into());
    Some(entry.into())
}

fn fill(text: &str, domain: &str) -> String {
    text.replace(PLACEHOLDER, domain)
}

fn expected(entry: &Object) -> impl Iterator<Item = &str> {
    entry.get("mapping").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// A kind of DNS record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    A,
    Aaaa,
    Cname,
    Mx,
    Naptr,
    Ns,
    Ptr,
    Srv,
    Txt,
}

impl Kind {
    /// By its name in a template; `None` for one that isn't looked up. Older templates misspell `CNAME`.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().as_str() {
            "A" => Self::A,
            "AAAA" => Self::Aaaa,
            "CNAME" | "CNAM" => Self::Cname,
            "MX" => Self::Mx,
            "NAPTR" => Self::Naptr,
            "NS" => Self::Ns,
            "PTR" => Self::Ptr,
            "SRV" => Self::Srv,
            "TXT" => Self::Txt,
            _ => return None,
        })
    }
}

/// Something to be looked up: a host's records of a kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    pub kind: Kind,
    pub host: String,
}

/// Everything that a rendered template has to have looked up.
pub fn questions(domains: &Object) -> Vec<Question> {
    let hosts =
        |(kind, hosts): (&String, &Value)| Some((Kind::parse(kind)?, hosts.as_object()?.keys().cloned().collect::<Vec<_>>()));
    let questions = domains.iter().filter_map(hosts);
    questions.flat_map(|(kind, hosts)| hosts.into_iter().map(move |host| Question { kind, host: bare(&host) })).collect()
}

/// Blanks in a host are a slip, and no part of its name.
fn bare(host: &str) -> String {
    host.split_whitespace().collect()
}

/// What a domain has, beside what it's to have: `{expected, actual, name}` for each host. `found` gives the records of a
/// question, in the words of [`Kind`]'s records without trailing dots; an MX record with its preference.
pub fn compared<'a>(domains: &Object, found: impl Fn(&Question) -> &'a [String]) -> Object {
    let compare = |kind: Option<Kind>, host: &str, entry: &Value| {
        let entry = entry.as_object()?;
        let expected: Vec<&str> = expected(entry).collect();
        let found = kind.map(|kind| (kind, found(&Question { kind, host: bare(host) })));
        let actual: Vec<String> = match found {
            Some((kind, records)) => records.iter().map(|record| spelled(kind, record, &expected)).collect(),
            None => Vec::new(),
        };
        let mut compared = Object::from_iter([("expected".to_owned(), json!(expected)), ("actual".to_owned(), json!(actual))]);
        compared.extend(entry.get("name").map(|name| ("name".to_owned(), name.clone())));
        Some(Value::from(compared))
    };
    let mut result = Object::new();
    for (name, hosts) in domains {
        let Value::Object(hosts) = hosts else { continue };
        let kind = Kind::parse(name);
        let hosts: Object = hosts.iter().filter_map(|(host, entry)| Some((host.clone(), compare(kind, host, entry)?))).collect();
        result.insert(name.clone(), hosts.into());
    }
    result
}

/// A record in the spelling of the expected one that means the same, for clients compare the texts. An MX record that nobody
/// expects goes without its preference, as in Kazoo, unless preferences are expected.
fn spelled(kind: Kind, record: &str, expected: &[&str]) -> String {
    if let Some(same) = expected.iter().find(|expected| is_same(kind, record, expected)) {
        return (*same).to_owned();
    }
    match (kind, record.split_once(' ')) {
        (Kind::Mx, Some((_, exchange))) if !expected.iter().any(|expected| expected.trim().contains(' ')) => exchange.to_owned(),
        _ => record.to_owned(),
    }
}

fn is_same(kind: Kind, record: &str, expected: &str) -> bool {
    match kind {
        Kind::Txt => record == expected,
        Kind::A | Kind::Aaaa => {
            record == expected
                || matches!((record.parse::<IpAddr>(), expected.trim().parse::<IpAddr>()), (Ok(a), Ok(b)) if a == b)
        }
        Kind::Mx => {
            let exchange = record.split_once(' ').map_or(record, |(_, exchange)| exchange);
            are_same_words(record, expected, None) || are_same_words(exchange, expected, None)
        }
        // The regular expression means what it says.
        Kind::Naptr => are_same_words(record, expected, Some(4)),
        Kind::Cname | Kind::Ns | Kind::Ptr | Kind::Srv => are_same_words(record, expected, None),
    }
}

/// Whether two records have the same words, in any case (but for the one at `exact`), with or without a dot at the end.
fn are_same_words(one: &str, other: &str, exact: Option<usize>) -> bool {
    let words = |text: &str| -> Vec<String> {
        let words = text.trim().trim_end_matches('.').split_whitespace().enumerate();
        words.map(|(n, word)| if Some(n) == exact { word.to_owned() } else { word.to_ascii_lowercase() }).collect()
    };
    words(one) == words(other)
}

#[cfg(test)]
mod tests;
