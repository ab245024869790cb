//! What a brand is made of: the host name it's reached under, and its pictures.

use serde_json::Value;

use super::{
    document::{Object, is_soft_deleted, text},
    uploads::{extension, is_picture, plain_name, with_ending},
};

/// The id of an account's brand, and its `pvt_type`.
pub const ID: &str = "whitelabel";

/// Words that stand where a domain would stand in a path, and so can't be one.
const RESERVED: [&str; 5] = ["domains", "emails", "icon", "logo", "welcome"];

/// A file of a brand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Logo,
    /// The browser's little picture of a site.
    Icon,
    /// HTML for those who aren't logged in.
    Welcome,
}

impl Part {
    const ALL: [Part; 3] = [Self::Logo, Self::Icon, Self::Welcome];

    /// By its word in a path.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.as_str() == word)
    }

    /// Its word in a path, with which its attachment's name begins.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Logo => "logo",
            Self::Icon => "icon",
            Self::Welcome => "welcome",
        }
    }

    /// Whether a file of this type can be one.
    pub fn accepts(self, content_type: &str) -> bool {
        match self {
            Self::Logo => is_picture(content_type),
            Self::Icon => is_picture(content_type) || extension(content_type) == Some("ico"),
            Self::Welcome => content_type == "text/html",
        }
    }
}

/// What an uploaded file is called among a document's attachments: `logo-acme.png`. Without blanks, folders or anything that
/// can't be seen, and with an ending.
pub fn attachment_name(part: Part, file_name: &str, content_type: &str) -> String {
    format!("{}-{}", part.as_str(), with_ending(plain_name(file_name), content_type))
}

/// The attachment of a brand that is its logo, icon or welcome page. A single one that is named after none of them is a logo:
/// older versions of Kazoo stored no more than that, under the name that it came with.
pub fn attachment(doc: &Object, part: Part) -> Option<&str> {
    attachments(doc).find(|name| name.starts_with(part.as_str())).or_else(|| {
        let mut unnamed = attachments(doc).filter(|name| !Part::ALL.into_iter().any(|part| name.starts_with(part.as_str())));
        unnamed.next().filter(|_| part == Part::Logo && unnamed.next().is_none())
    })
}

/// The attachments that a new file for this part takes the place of.
pub fn replaced(doc: &Object, part: Part) -> Vec<String> {
    let named = attachments(doc).filter(|name| name.starts_with(part.as_str()));
    let mut replaced: Vec<String> = named.map(str::to_owned).collect();
    if replaced.is_empty() {
        replaced.extend(attachment(doc, part).map(str::to_owned));
    }
    replaced
}

/// The names of a document's attachments.
pub fn attachments(doc: &Object) -> impl Iterator<Item = &str> {
    doc.get("_attachments").and_then(Value::as_object).into_iter().flat_map(|stubs| stubs.keys().map(String::as_str))
}

/// Whether a document is a brand.
pub fn is_brand(doc: &Object) -> bool {
    text(doc, "pvt_type").is_none_or(|kind| kind == ID) && !is_soft_deleted(doc)
}

/// The domain of a brand or of the data for one.
pub fn domain(doc: &Object) -> Option<&str> {
    text(doc, "domain")
}

/// Whether a brand can be reached under this domain: a host name in ASCII (browsers send no other), not a word of the API's.
pub fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        let inside = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        (1..=63).contains(&label.len()) && inside && !label.starts_with('-') && !label.ends_with('-')
    };
    domain.len() <= 253 && domain.split('.').all(label) && !RESERVED.contains(&domain.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with(names: &[&str]) -> Object {
        let stubs: Object = names.iter().map(|name| ((*name).to_owned(), json!({ "stub": true }))).collect();
        Object::from_iter([("_attachments".to_owned(), stubs.into())])
    }

    #[test]
    fn each_part_is_the_first_attachment_named_after_it() {
        let doc = with(&["icon-a.ico", "logo-b.png", "logo-c.png", "welcome-d.html"]);
        assert_eq!(attachment(&doc, Part::Logo), Some("logo-b.png"));
        assert_eq!(attachment(&doc, Part::Icon), Some("icon-a.ico"));
        assert_eq!(attachment(&doc, Part::Welcome), Some("welcome-d.html"));
    }

    #[test]
    fn a_single_attachment_without_a_known_name_is_a_logo() {
        let old = with(&["company.png"]);
        assert_eq!(attachment(&old, Part::Logo), Some("company.png"));
        assert_eq!(attachment(&old, Part::Icon), None);
        assert_eq!(attachment(&with(&["company.png", "icon-a.ico"]), Part::Logo), Some("company.png"));
        for names in [&[][..], &["icon-a.ico"], &["welcome-a.html"], &["a.png", "b.png"]] {
            assert_eq!(attachment(&with(names), Part::Logo), None, "{names:?}");
        }
        assert_eq!(attachment(&Object::new(), Part::Logo), None);
    }

    #[test]
    fn a_new_file_takes_the_place_of_all_that_there_was_for_its_part() {
        assert_eq!(replaced(&with(&["logo-a.png", "icon-a.png", "logo-b.png"]), Part::Logo), ["logo-a.png", "logo-b.png"]);
        assert_eq!(replaced(&with(&["company.png"]), Part::Logo), ["company.png"]);
        assert_eq!(replaced(&with(&["company.png"]), Part::Icon), [""; 0]);
    }

    #[test]
    fn an_upload_is_named_after_its_part_and_its_file() {
        for (file, content_type, name) in [
            ("uploaded_file_63881234567", "image/png", "logo-uploaded_file_63881234567.png"),
            ("fav.ico", "image/x-icon", "logo-fav.ico"),
            ("my logo.png", "image/jpeg", "logo-mylogo.png"),
            ("C:\\pictures\\a.gif", "image/gif", "logo-a.gif"),
            ("../../etc/passwd", "image/png", "logo-passwd.png"),
            ("a\r\nb\0.svg", "image/svg+xml", "logo-ab.svg"),
            (".png", "image/png", "logo-.png.png"),
            ("", "image/webp", "logo-.webp"),
            ("x", "application/octet-stream", "logo-x"),
        ] {
            assert_eq!(attachment_name(Part::Logo, file, content_type), name, "{file:?}");
        }
        assert!(attachment_name(Part::Icon, &"ü".repeat(5000), "image/png").chars().count() < 150);
    }

    #[test]
    fn pictures_are_pictures_and_pages_are_pages() {
        assert!(Part::Logo.accepts("image/png") && Part::Logo.accepts("image/svg+xml"));
        assert!(Part::Icon.accepts("image/vnd.microsoft.icon") && !Part::Logo.accepts("image/x-icon"));
        assert!(Part::Welcome.accepts("text/html") && !Part::Logo.accepts("text/html"));
        assert!(!Part::Welcome.accepts("image/png") && !Part::Icon.accepts("application/pdf"));
    }

    #[test]
    fn a_domain_is_a_host_name() {
        for good in ["voice.example.net", "WL.Example.COM", "localhost", "192.0.2.7", "192", "xn--mller-kva.de", "logo.com"] {
            assert!(is_domain(good), "{good}");
        }
        let long = format!("{}.example", "d".repeat(64));
        for bad in [
            "",
            " ",
            "a b.c",
            "not a domain!",
            "-a.example",
            "a-.example",
            "a_b.example",
            "a..b",
            ".a",
            "a.",
            "ü.de",
            "a.example:8000",
            "Logo",
            "domains",
            "http://a.example",
            &long,
        ] {
            assert!(!is_domain(bad), "{bad}");
        }
        assert!(!is_domain(&format!("{}e", "d.".repeat(127))));
    }
}
