//! What a listing says: texts, pictures, plans, licence, the package and how it's started. Its vendor edits a draft of it; what
//! is on sale is a copy.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    plan::{self, Plan},
    version::Version,
};

/// The language of texts that aren't there in the one that is asked for.
pub const LANGUAGE: &str = "en-US";
/// Screenshots of a listing.
pub const MOST_SCREENSHOTS: usize = 12;
/// Bytes that all of it may have, written as JSON.
pub const LARGEST: usize = 256 * 1024;

/// What kind of thing is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An application that is delivered to the customer's cluster.
    Delivered,
    /// A partner's product; on-boarding happens at the partner's.
    Affiliated,
    /// A partner's product that works together with the platform; on-boarding happens at the partner's.
    Integration,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Affiliated => "affiliated",
            Self::Integration => "integration",
        }
    }
}

/// What a delivered application is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AppKind {
    MonsterUi,
    Kazoo,
}

/// Texts in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Texts {
    pub name: String,
    pub summary: String,
    pub description: String,
    pub extended_description: String,
    pub features: Vec<String>,
}

/// A picture: an attachment of the listing's document, named by its digest, so that a name never comes to mean another picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Picture {
    pub name: String,
    pub content_type: String,
}

/// A package that was uploaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Package {
    /// That of its document.
    pub id: String,
    /// Hexadecimal.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
}

/// The application in the package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct App {
    /// As the cluster knows it.
    pub name: String,
    pub kind: AppKind,
}

/// Something that is entered on the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Command {
    pub label: String,
    /// `{app}` stands for the application's name.
    pub command: String,
}

/// How the application is started once it's there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Startup {
    /// Alternatives: one of them is to be run.
    pub commands: Vec<Command>,
    pub notes: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct License {
    pub name: String,
    /// Another text needs another version.
    pub version: String,
    pub text: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Support {
    pub email: String,
    pub url: String,
}

/// Somebody that the operator may turn to; never shown to customers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SupportContact")]
#[serde(default)]
pub struct Contact {
    pub name: String,
    pub email: String,
    /// For the billing contact: the primary service address.
    pub address: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Contacts {
    pub support: Contact,
    pub technical: Contact,
    pub billing: Contact,
    pub marketing: Contact,
    pub company_overview: String,
}

/// All of it. Everything may be missing in a draft.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Content {
    pub author: String,
    pub version: Option<Version>,
    /// What is new in this version.
    pub release_notes: String,
    /// The oldest Kazoo that this version runs on.
    pub min_kazoo: Option<Version>,
    pub tags: Vec<String>,
    pub solutions: Vec<String>,
    pub categories: Vec<String>,
    pub collections: Vec<String>,
    /// Texts by language.
    pub i18n: BTreeMap<String, Texts>,
    pub docs_url: String,
    pub support: Support,
    pub license: License,
    /// What has to be paid elsewhere, or that nothing has.
    pub external_charges: String,
    pub plans: Vec<Plan>,
    /// Where customers of a partner go on.
    pub onboarding_url: Option<String>,
    pub app: Option<App>,
    pub startup: Startup,
    pub contacts: Contacts,
    pub icon: Option<Picture>,
    pub hero: Option<Picture>,
    pub screenshots: Vec<Picture>,
    pub package: Option<Package>,
}

impl Content {
    /// The texts in a language, or in the nearest to it that there is.
    pub fn texts(&self, language: Option<&str>) -> Option<&Texts> {
        nearest(&self.i18n, language)
    }

    pub fn plan(&self, id: &str) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.id == id)
    }

    /// What keeps it from being submitted: member and complaint.
    pub fn complaints(&self, kind: Kind) -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = Vec::new();
        let mut need = |is_there: bool, member: &str, complaint: &str| {
            if !is_there {
                found.push((member.to_owned(), complaint.to_owned()));
            }
        };
        let missing = "is missing";
        need(!self.author.trim().is_empty(), "author", missing);
        need(self.version.is_some(), "version", missing);
        need(!self.release_notes.trim().is_empty(), "release_notes", missing);
        let texts = self.i18n.get(LANGUAGE);
        need(texts.is_some_and(|texts| !texts.name.trim().is_empty()), "i18n.en-US.name", missing);
        need(texts.is_some_and(|texts| !texts.summary.trim().is_empty()), "i18n.en-US.summary", missing);
        need(texts.is_some_and(|texts| !texts.description.trim().is_empty()), "i18n.en-US.description", missing);
        need(self.icon.is_some(), "icon", missing);
        need(!self.screenshots.is_empty(), "screenshots", missing);
        need(!self.license.version.trim().is_empty(), "license.version", missing);
        need(!self.license.text.trim().is_empty(), "license.text", missing);
        need(!self.support.email.trim().is_empty(), "support.email", missing);
        need(!self.plans.is_empty(), "plans", missing);
        let unique: std::collections::BTreeSet<&str> = self.plans.iter().map(|plan| plan.id.as_str()).collect();
        need(unique.len() == self.plans.len(), "plans", "two have the same id");
        match kind {
            Kind::Delivered => {
                need(self.package.is_some(), "package", missing);
                need(self.min_kazoo.is_some(), "min_kazoo", missing);
                need(self.app.as_ref().is_some_and(|app| plan::is_word(&app.name.replace('_', "-"))), "app.name", missing);
                need(!self.startup.commands.is_empty(), "startup.commands", "every delivered application says how it's started");
            }
            Kind::Affiliated | Kind::Integration => {
                need(self.onboarding_url.as_deref().is_some_and(is_web_url), "onboarding_url", "is an https address");
            }
        }
        for plan in &self.plans {
            found.extend(
                plan.complaints().into_iter().map(|(member, said)| (format!("plans.{}.{member}", plan.id), said.to_owned())),
            );
        }
        found
    }
}

/// What is there for a language, or for its first part, or for the usual language, or at all.
pub fn nearest<'a, T>(i18n: &'a BTreeMap<String, T>, language: Option<&str>) -> Option<&'a T> {
    let by_language = language.and_then(|wanted| {
        let first = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let exact = i18n.iter().find(|(tag, _)| tag.eq_ignore_ascii_case(wanted));
        exact.or_else(|| i18n.iter().find(|(tag, _)| first(tag) == first(wanted))).map(|(_, texts)| texts)
    });
    by_language.or_else(|| i18n.get(LANGUAGE)).or_else(|| i18n.values().next())
}

/// Whether a browser may be sent there.
pub fn is_web_url(text: &str) -> bool {
    let url = url::Url::parse(text);
    url.is_ok_and(|url| url.scheme() == "https" && url.has_host() && url.username().is_empty() && url.password().is_none())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// R46
    #[test]
    fn texts_are_in_the_language_that_is_asked_for_if_they_can() {
        let content: Content = serde_json::from_value(json!({"i18n": {
            "en-US": {"name": "Fax"}, "de-DE": {"name": "Telefax"}, "fr-FR": {"name": "Télécopie"},
        }}))
        .unwrap();
        for (language, name) in [
            (Some("de-DE"), "Telefax"),
            (Some("de-at"), "Telefax"),
            (Some("fr"), "Télécopie"),
            (Some("ja"), "Fax"),
            (None, "Fax"),
        ] {
            assert_eq!(content.texts(language).unwrap().name, name, "{language:?}");
        }
        assert_eq!(Content::default().texts(None), None);
    }

    /// R34
    #[test]
    fn an_empty_draft_says_all_that_is_missing() {
        let complaints = |kind| Content::default().complaints(kind).into_iter().map(|(member, _)| member).collect::<Vec<_>>();
        let delivered = complaints(Kind::Delivered);
        for member in ["author", "version", "i18n.en-US.name", "icon", "license.text", "plans", "package", "startup.commands"] {
            assert!(delivered.iter().any(|one| one == member), "{member}: {delivered:?}");
        }
        let partner = complaints(Kind::Affiliated);
        assert!(partner.contains(&"onboarding_url".to_owned()) && !partner.contains(&"package".to_owned()));
    }

    #[test]
    fn only_plain_https_addresses_are_redirected_to() {
        assert!(is_web_url("https://partner.example/start?from=market"));
        for wrong in ["http://partner.example", "javascript:alert(1)", "https://", "/start", "https://user@partner.example"] {
            assert!(!is_web_url(wrong), "{wrong}");
        }
    }
}
