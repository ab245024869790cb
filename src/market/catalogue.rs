//! The shelf: what can be seen of every listing at a glance, filtered, searched and counted.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    content::{AppKind, Kind, Picture, nearest},
    listing::{Listing, picture_url},
    version::Version,
};

/// What a view tells of each listing that is on sale: everything that a list needs, and no price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    pub slug: String,
    pub kind: Kind,
    #[serde(default)]
    pub author: String,
    pub version: Option<Version>,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub solutions: Vec<String>,
    #[serde(default)]
    pub categories: Vec<String>,
    #[serde(default)]
    pub collections: Vec<String>,
    pub i18n: BTreeMap<String, CardTexts>,
    pub icon: Option<Picture>,
    pub app_kind: Option<AppKind>,
    pub has_plans: bool,
    pub published_at: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CardTexts {
    pub name: String,
    pub summary: String,
}

/// A card in one language.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Item {
    pub id: String,
    pub slug: String,
    pub name: String,
    pub summary: String,
    pub author: String,
    pub icon_url: Option<String>,
    pub kind: Kind,
    pub solutions: Vec<String>,
    pub categories: Vec<String>,
    pub collections: Vec<String>,
    pub tags: Vec<String>,
    pub version: Option<Version>,
    pub has_plans: bool,
    pub published_at: u64,
}

impl Card {
    /// `None` when nothing is on sale.
    pub fn of(listing: &Listing) -> Option<Self> {
        let live = listing.live.as_ref()?;
        let content = &live.content;
        let texts = content.i18n.iter();
        Some(Self {
            slug: listing.slug.clone(),
            kind: listing.kind,
            author: content.author.clone(),
            version: content.version.clone(),
            tags: content.tags.clone(),
            solutions: content.solutions.clone(),
            categories: content.categories.clone(),
            collections: content.collections.clone(),
            i18n: texts
                .map(|(tag, texts)| (tag.clone(), CardTexts { name: texts.name.clone(), summary: texts.summary.clone() }))
                .collect(),
            icon: content.icon.clone(),
            app_kind: content.app.as_ref().map(|app| app.kind),
            has_plans: !content.plans.is_empty(),
            published_at: live.published_at,
        })
    }

    /// It in a language; addresses begin with `base`.
    pub fn item(&self, language: Option<&str>, base: &str) -> Item {
        let texts = nearest(&self.i18n, language).cloned().unwrap_or_default();
        Item {
            id: self.slug.clone(),
            slug: self.slug.clone(),
            name: texts.name,
            summary: texts.summary,
            author: self.author.clone(),
            icon_url: self.icon.as_ref().map(|picture| picture_url(base, &self.slug, "icon", &picture.name)),
            kind: self.kind,
            solutions: self.solutions.clone(),
            categories: self.categories.clone(),
            collections: self.collections.clone(),
            tags: self.tags.clone(),
            version: self.version.clone(),
            has_plans: self.has_plans,
            published_at: self.published_at,
        }
    }
}

/// What somebody looks for. Everything that is said must hold.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Filter {
    /// The id of what it's to solve.
    pub solution: Option<String>,
    /// The id of a category.
    pub category: Option<String>,
    /// The id of a collection.
    pub collection: Option<String>,
    /// `delivered`, `affiliated` or `integration`.
    pub kind: Option<String>,
    /// Words, each of which has to occur in name, summary, author or tags, in whatever language.
    pub q: Option<String>,
}

impl Filter {
    pub fn takes(&self, card: &Card) -> bool {
        let is_in =
            |wanted: &Option<String>, list: &[String]| given(wanted).is_none_or(|wanted| list.iter().any(|one| one == wanted));
        is_in(&self.solution, &card.solutions)
            && is_in(&self.category, &card.categories)
            && is_in(&self.collection, &card.collections)
            && given(&self.kind).is_none_or(|kind| kind == card.kind.as_str())
            && given(&self.q).is_none_or(|words| matches(card, words))
    }
}

/// What was said, unless it's nothing: an empty field of a form.
fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

fn matches(card: &Card, words: &str) -> bool {
    let texts = card.i18n.values().flat_map(|texts| [&texts.name, &texts.summary]);
    let all: Vec<String> = texts.chain([&card.author, &card.slug]).chain(&card.tags).map(|text| text.to_lowercase()).collect();
    words.to_lowercase().split_whitespace().all(|word| all.iter().any(|text| text.contains(word)))
}

/// A label that listings are sorted under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Term {
    pub id: String,
    pub label: String,
    /// The label in other languages.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub i18n: BTreeMap<String, String>,
}

/// The labels there are, in the order in which they're shown: `taxonomy`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Taxonomy {
    pub solutions: Vec<Term>,
    pub categories: Vec<Term>,
    pub collections: Vec<Term>,
}

/// What listings are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Facet {
    Solutions,
    Categories,
    Collections,
}

/// A label with the number of listings under it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counted {
    pub id: String,
    pub label: String,
    pub count: usize,
}

impl Taxonomy {
    fn terms(&self, facet: Facet) -> &[Term] {
        match facet {
            Facet::Solutions => &self.solutions,
            Facet::Categories => &self.categories,
            Facet::Collections => &self.collections,
        }
    }

    /// Every label that is known or used, with the number of listings under it: first those that are known, in their order, then
    /// the others.
    pub fn count(&self, facet: Facet, cards: &[Card], language: Option<&str>) -> Vec<Counted> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for card in cards {
            let labels = match facet {
                Facet::Solutions => &card.solutions,
                Facet::Categories => &card.categories,
                Facet::Collections => &card.collections,
            };
            for label in labels {
                *counts.entry(label).or_default() += 1;
            }
        }
        let known = self.terms(facet).iter().map(|term| Counted {
            id: term.id.clone(),
            label: translated(term, language),
            count: counts.remove(term.id.as_str()).unwrap_or(0),
        });
        let mut all: Vec<Counted> = known.collect();
        all.extend(counts.into_iter().map(|(id, count)| Counted { id: id.into(), label: id.into(), count }));
        all
    }
}

fn translated(term: &Term, language: Option<&str>) -> String {
    let mut labels = term.i18n.clone();
    labels.entry(super::content::LANGUAGE.into()).or_insert_with(|| term.label.clone());
    nearest(&labels, language).cloned().unwrap_or_else(|| term.label.clone())
}

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Paging {
    /// From 1.
    pub page: usize,
    /// Items on a page, 100 at most.
    pub per_page: usize,
}

/// Items on a page, where nobody says how many; and the most.
pub const USUAL_PAGE: usize = 20;
pub const LARGEST_PAGE: usize = 100;

impl Default for Paging {
    fn default() -> Self {
        Self { page: 1, per_page: USUAL_PAGE }
    }
}

impl Paging {
    /// How many items stand before the page.
    pub fn skip(self) -> usize {
        (self.page.max(1) - 1).saturating_mul(self.size())
    }

    /// How many items are on it.
    pub fn size(self) -> usize {
        self.per_page.clamp(1, LARGEST_PAGE)
    }

    /// The page of a list that is there as a whole.
    pub fn cut<T>(self, all: Vec<T>) -> Page<T> {
        let total = all.len();
        Page {
            items: all.into_iter().skip(self.skip()).take(self.size()).collect(),
            total,
            page: self.page.max(1),
            per_page: self.size(),
        }
    }
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "PageOf{T}")]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Of the whole list.
    pub total: usize,
    pub page: usize,
    pub per_page: usize,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn card(slug: &str, kind: &str, solution: &str, name: &str) -> Card {
        serde_json::from_value(json!({
            "slug": slug, "kind": kind, "solutions": [solution], "tags": ["tag"], "version": "1.0", "has_plans": true,
            "i18n": {"en-US": {"name": name, "summary": "A thing for Phones"}, "de-DE": {"name": "Ding", "summary": ""}},
            "published_at": 1,
        }))
        .unwrap()
    }

    /// R20
    #[test]
    fn filters_hold_together() {
        let card = card("fax", "delivered", "hosted", "Fax");
        let takes = |filter: serde_json::Value| serde_json::from_value::<Filter>(filter).unwrap().takes(&card);
        assert!(takes(json!({})));
        assert!(takes(json!({"solution": "hosted", "kind": "delivered", "q": "FAX phones ding"})));
        assert!(takes(json!({"solution": "", "q": " "})));
        for wrong in [
            json!({"solution": "private_cloud"}),
            json!({"category": "any"}),
            json!({"kind": "affiliated"}),
            json!({"solution": "hosted", "q": "fax printer"}),
        ] {
            assert!(!takes(wrong.clone()), "{wrong}");
        }
    }

    #[test]
    fn labels_are_counted_whether_they_are_known_or_not() {
        let taxonomy: Taxonomy = serde_json::from_value(json!({"solutions": [
            {"id": "private_cloud", "label": "Private Cloud"},
            {"id": "hosted", "label": "Hosted", "i18n": {"de-DE": "Gehostet"}},
        ]}))
        .unwrap();
        let cards =
            [card("a", "delivered", "hosted", "A"), card("b", "delivered", "hosted", "B"), card("c", "delivered", "new", "C")];
        let counted = taxonomy.count(Facet::Solutions, &cards, Some("de"));
        let shown: Vec<_> = counted.iter().map(|one| (one.id.as_str(), one.label.as_str(), one.count)).collect();
        assert_eq!(shown, [("private_cloud", "Private Cloud", 0), ("hosted", "Gehostet", 2), ("new", "new", 1)]);
    }

    /// R45
    #[test]
    fn a_page_is_a_part_of_the_list() {
        let page = |page, per_page| Paging { page, per_page }.cut((1..=5).collect());
        assert_eq!((page(1, 2).items, page(1, 2).total), (vec![1, 2], 5));
        assert_eq!(page(3, 2).items, [5]);
        assert_eq!(page(4, 2).items, [0; 0]);
        assert_eq!(page(0, 0).items, [1]);
        assert_eq!(page(usize::MAX, usize::MAX).items, [0; 0]);
    }
}
