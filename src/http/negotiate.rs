//! Which of the offered representations a client takes.

use super::Request;

const JSON: [&str; 2] = ["application/json", "application/x-json"];
const CSV: [&str; 3] = ["text/csv", "application/octet-stream", "text/comma-separated-values"];

/// How data is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Json,
    Csv,
}

/// Picks the format of an answer with data; `None` when the client takes neither.
///
/// The request value `accept` overrides the header for a GET; beside media types it knows the word `csv`.
pub fn format(request: &Request) -> Option<Format> {
    if !request.method.writes() {
        match request.text("accept") {
            Some("csv") => return Some(Format::Csv),
            Some(accept) if accept.contains('/') => return choose(accept),
            _ => {}
        }
    }
    choose(request.header("accept").unwrap_or("*/*"))
}

/// Whether a client takes this one type.
pub fn takes(request: &Request, media_type: &str) -> bool {
    quality(request.header("accept").unwrap_or("*/*"), media_type) > 0
}

/// The type that a client likes best of those that are offered, the first of several that it likes as much; `None` when it
/// takes none.
pub fn among(request: &Request, offered: &[&'static str]) -> Option<&'static str> {
    best(request.header("accept").unwrap_or("*/*"), offered)
}

fn best(accept: &str, offered: &[&'static str]) -> Option<&'static str> {
    let weighed = offered.iter().rev().map(|media_type| (quality(accept, media_type), *media_type));
    weighed.filter(|(weight, _)| *weight > 0).max_by_key(|(weight, _)| *weight).map(|(_, media_type)| media_type)
}

/// The language an answer says it's in: the client's first, else English.
pub fn language(request: &Request) -> String {
    let first = request.header("accept-language").and_then(|list| list.split([',', ';']).next()).unwrap_or_default().trim();
    let sane = !first.is_empty() && first.len() <= 35 && first.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if sane { first.to_ascii_lowercase() } else { "en".to_owned() }
}

fn choose(accept: &str) -> Option<Format> {
    let best = |types: &[&str]| types.iter().map(|media_type| quality(accept, media_type)).max().unwrap_or(0);
    match (best(&JSON), best(&CSV)) {
        (0, 0) => None,
        (json, csv) if json >= csv => Some(Format::Json),
        _ => Some(Format::Csv),
    }
}

/// The weight in thousandths that an `Accept` header gives a type; the most specific range that matches decides.
fn quality(accept: &str, media_type: &str) -> u32 {
    let kind = media_type.split('/').next().unwrap_or_default();
    accept
        .split(',')
        .filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next()?.to_ascii_lowercase();
            let specific = match name.as_str() {
                "*/*" | "*" => 0,
                _ if name.strip_suffix("/*") == Some(kind) => 1,
                _ if name == media_type => 2,
                _ => return None,
            };
            let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1.0, |q| q.parse::<f32>().unwrap_or(0.0));
            Some((specific, (weight.clamp(0.0, 1.0) * 1000.0).round() as u32))
        })
        .max_by_key(|(specific, _)| *specific)
        .map_or(0, |(_, weight)| weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_offered_first_and_csv_to_those_who_ask() {
        for accept in
            ["*/*", "application/json", "application/*", "application/json, text/javascript, */*; q=0.01", "text/html, */*"]
        {
            assert_eq!(choose(accept), Some(Format::Json), "{accept}");
        }
        for accept in ["text/csv", "text/csv, application/json;q=0.5", "application/octet-stream"] {
            assert_eq!(choose(accept), Some(Format::Csv), "{accept}");
        }
        for accept in ["text/html", "application/xml", "image/*", "application/javascript", "*/*;q=0"] {
            assert_eq!(choose(accept), None, "{accept}");
        }
    }

    #[test]
    fn the_first_of_what_is_liked_as_much_is_chosen() {
        let offered = ["application/json", "application/x-pem-file"];
        for (accept, chosen) in [
            ("*/*", Some(offered[0])),
            ("application/*", Some(offered[0])),
            ("application/x-pem-file", Some(offered[1])),
            ("application/x-pem-file, application/json;q=0.5", Some(offered[1])),
            ("application/json, application/x-pem-file", Some(offered[0])),
            ("text/html", None),
        ] {
            assert_eq!(best(accept, &offered), chosen, "{accept}");
        }
    }

    #[test]
    fn the_most_specific_range_decides() {
        assert_eq!(quality("image/*, image/png;q=0", "image/png"), 0);
        assert_eq!(quality("image/png,image/*;q=0.8", "image/jpeg"), 800);
        assert_eq!(quality("text/html", "image/png"), 0);
    }
}
