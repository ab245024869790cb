//! The front page: what there is, filtered, searched and page by page. Open to anybody.

use actix_web::{
    HttpResponse,
    web::{Data, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{assets, at, failure::Failure, labels, show, viewer::Viewer};
use crate::{
    market::catalogue::{Counted, Filter, Item, Page, Paging},
    portal::{Portal, listings::Shelf},
};

pub fn configure(config: &mut ServiceConfig) {
    config.service(at("/").get(browse));
}

/// Cards on a page.
const PER_PAGE: usize = 12;

#[derive(Template)]
#[template(path = "browse.html")]
struct Browse<'a> {
    viewer: &'a Viewer,
    facets: Vec<Facet>,
    words: String,
    /// What a search leaves as it is: parameters of the form.
    kept: Vec<(&'static str, String)>,
    found: Page<Item>,
    pages: Vec<PageLink>,
    is_filtered: bool,
}

/// A heading of the filters on the left.
struct Facet {
    title: &'static str,
    choices: Vec<Choice>,
}

struct Choice {
    label: String,
    count: Option<usize>,
    /// Chooses it; takes it back where it's chosen.
    href: String,
    is_chosen: bool,
}

struct PageLink {
    number: usize,
    href: String,
    is_here: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wanted {
    solution: Option<String>,
    category: Option<String>,
    collection: Option<String>,
    kind: Option<String>,
    q: Option<String>,
    page: Option<String>,
}

impl Wanted {
    /// What is said, by parameter.
    fn parameters(&self) -> Vec<(&'static str, String)> {
        let all = [
            ("solution", &self.solution),
            ("category", &self.category),
            ("collection", &self.collection),
            ("kind", &self.kind),
            ("q", &self.q),
        ];
        let said = all.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?.trim().to_owned())));
        said.filter(|(_, value)| !value.is_empty()).collect()
    }

    /// A number from 1; whatever else is the first page.
    fn page(&self) -> usize {
        self.page.as_deref().and_then(|page| page.parse().ok()).unwrap_or(1).clamp(1, 10_000)
    }
}

async fn browse(portal: Data<Portal>, viewer: Viewer, wanted: Query<Wanted>) -> Result<HttpResponse, Failure> {
    let said = wanted.parameters();
    let Wanted { solution, category, collection, kind, q, .. } = &*wanted;
    let filter = Filter {
        solution: solution.clone(),
        category: category.clone(),
        collection: collection.clone(),
        kind: kind.clone(),
        q: q.clone(),
    };
    let paging = Paging { page: wanted.page(), per_page: PER_PAGE };
    let Shelf { found, solutions, categories, collections } = portal.shelf(&filter, paging, viewer.visitor()).await?;
    let kinds = [("delivered", "Delivered apps"), ("affiliated", "Affiliated"), ("integration", "Integrations")];
    let kinds = kinds.map(|(id, label)| Choice::new(&said, "kind", id, label.into(), None));
    let facets = vec![
        Facet::new("Solution", "solution", solutions, &said),
        Facet::new("Category", "category", categories, &said),
        Facet::new("Collection", "collection", collections, &said),
        Facet { title: "Kind", choices: kinds.into() },
    ];
    show(&Browse {
        viewer: &viewer,
        facets,
        words: said.iter().find(|(name, _)| *name == "q").map(|(_, words)| words.clone()).unwrap_or_default(),
        kept: said.iter().filter(|(name, _)| *name != "q").cloned().collect(),
        pages: page_links(&found, &said),
        found,
        is_filtered: !said.is_empty(),
    })
}

impl Facet {
    /// Labels that lead somewhere.
    fn new(title: &'static str, name: &'static str, counted: Vec<Counted>, said: &[(&'static str, String)]) -> Self {
        let choices = counted.into_iter().map(|one| Choice::new(said, name, &one.id, one.label, Some(one.count)));
        Self { title, choices: choices.filter(|choice| choice.is_chosen || choice.count != Some(0)).collect() }
    }
}

impl Choice {
    fn new(said: &[(&'static str, String)], name: &'static str, id: &str, label: String, count: Option<usize>) -> Self {
        let is_chosen = said.iter().any(|(said, value)| *said == name && value == id);
        let mut then: Vec<(&str, &str)> =
            said.iter().filter(|(said, _)| *said != name).map(|(name, value)| (*name, value.as_str())).collect();
        if !is_chosen {
            then.push((name, id));
        }
        Self { label, count, href: href(&then), is_chosen }
    }
}

fn page_links(found: &Page<Item>, said: &[(&'static str, String)]) -> Vec<PageLink> {
    let last = found.total.div_ceil(found.per_page.max(1));
    if last < 2 {
        return Vec::new();
    }
    let link = |number: usize| {
        let text = number.to_string();
        let mut then: Vec<(&str, &str)> = said.iter().map(|(name, value)| (*name, value.as_str())).collect();
        if number > 1 {
            then.push(("page", &text));
        }
        PageLink { number, href: href(&then), is_here: number == found.page }
    };
    // The neighbourhood, and both ends.
    let is_shown = |number: &usize| *number == 1 || *number == last || number.abs_diff(found.page) <= 2;
    (1..=last).filter(is_shown).map(link).collect()
}

fn href(parameters: &[(&str, &str)]) -> String {
    if parameters.is_empty() {
        return "/".into();
    }
    format!("/?{}", url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish())
}
