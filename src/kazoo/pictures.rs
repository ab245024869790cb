//! The pictures of an app: which of a document's attachments is its icon, which are its screenshots, in which language.
//!
//! A document names them at two kinds of places: at its root, and for a language under `i18n`. The icon is one name, the
//! screenshots are a list.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{
    document::Object,
    id,
    uploads::{plain_name, with_ending},
};

/// The language that is meant where none is named, and shown where another has nothing.
pub const LANGUAGE: &str = "en-US";

/// The longest language tags in use have as many characters.
const LONGEST_LANGUAGE: usize = 35;

/// What a picture is to an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Icon,
    Screenshot,
}

impl Kind {
    /// With this word its attachments' names begin.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Icon => "icon",
            Self::Screenshot => "screenshot",
        }
    }

    /// The member that names them.
    fn key(self) -> &'static str {
        match self {
            Self::Icon => "icon",
            Self::Screenshot => "screenshots",
        }
    }

    fn names(self, holder: &Object) -> Vec<&str> {
        match (self, holder.get(self.key())) {
            (Self::Icon, Some(Value::String(name))) => vec![name],
            (Self::Screenshot, Some(Value::Array(names))) => names.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }
}

/// Where a document names pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    Root,
    Language(&'a str),
}

/// The names that stand at a place.
pub fn names<'a>(doc: &'a Object, place: Place<'_>, kind: Kind) -> Vec<&'a str> {
    let holder = match place {
        Place::Root => Some(doc),
        Place::Language(language) => doc.get("i18n").and_then(|i18n| i18n.get(language)?.as_object()),
    };
    holder.map(|holder| kind.names(holder)).unwrap_or_default()
}

/// Puts names in the place of those that were there. Of icons the first counts; without names the member goes, and so does
/// what it leaves empty.
pub fn set_names(doc: &mut Object, place: Place<'_>, kind: Kind, names: Vec<String>) {
    let value = match kind {
        _ if names.is_empty() => None,
        Kind::Icon => names.into_iter().next().map(Value::from),
        Kind::Screenshot => Some(names.into()),
    };
    match (place, value) {
        (Place::Root, Some(value)) => {
            doc.insert(kind.key().into(), value);
        }
        (Place::Root, None) => {
            doc.shift_remove(kind.key());
        }
        (Place::Language(language), Some(value)) => {
            edit(doc, "i18n", |i18n| {
                edit(i18n, language, |holder| {
                    holder.insert(kind.key().into(), value);
                });
            });
        }
        (Place::Language(language), None) => clear(doc, language, kind),
    }
}

fn clear(doc: &mut Object, language: &str, kind: Kind) {
    let Some(Value::Object(i18n)) = doc.get_mut("i18n") else { return };
    if let Some(Value::Object(holder)) = i18n.get_mut(language) {
        holder.shift_remove(kind.key());
        if holder.is_empty() {
            i18n.shift_remove(language);
        }
    }
    if i18n.is_empty() {
        doc.shift_remove("i18n");
    }
}

/// Edits a member that is an object; what else stood there goes.
fn edit(object: &mut Object, key: &str, edit: impl FnOnce(&mut Object)) {
    let slot = object.entry(key).or_insert(Value::Null);
    let mut member = match slot.take() {
        Value::Object(member) => member,
        _ => Object::new(),
    };
    edit(&mut member);
    *slot = member.into();
}

/// The names of what is shown in a language: its own, else the usual language's, else the root's, as far as there are any.
fn shown<'a>(doc: &'a Object, language: &str, kind: Kind) -> impl Iterator<Item = Vec<&'a str>> {
    let places = [Place::Language(language), Place::Language(LANGUAGE), Place::Root];
    places.map(|place| names(doc, place, kind)).into_iter().filter(|names| !names.is_empty())
}

/// The names of what may be the icon in a language, the best first.
pub fn icons<'a>(doc: &'a Object, language: &str) -> impl Iterator<Item = &'a str> {
    shown(doc, language, Kind::Icon).flatten()
}

/// A screenshot in a language, by its number from 0 or by its name.
pub fn screenshot<'a>(doc: &'a Object, language: &str, wanted: &str) -> Option<&'a str> {
    pick(&shown(doc, language, Kind::Screenshot).next()?, wanted)
}

/// One of some names, by its number from 0 or by itself.
pub fn pick<'a>(names: &[&'a str], wanted: &str) -> Option<&'a str> {
    let numbered = index(wanted).and_then(|number| names.get(number));
    numbered.or_else(|| names.iter().find(|name| **name == wanted)).copied()
}

/// A number in a path; `01` and `1.0` are 1 to Kazoo, too.
pub fn index(text: &str) -> Option<usize> {
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') => whole,
        Some(_) => return None,
        None => text,
    };
    let digits = !whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit());
    whole.parse().ok().filter(|_| digits)
}

/// Whether this can be the tag of a language. Pictures are named after it, so that not every text will do.
pub fn is_language(text: &str) -> bool {
    let part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
    text.len() <= LONGEST_LANGUAGE && text.split(['-', '_']).all(part)
}

/// What an uploaded picture is called among a document's attachments: `screenshot-en-US-main.png`.
pub fn attachment_name(kind: Kind, place: Place<'_>, file_name: &str, content_type: &str) -> String {
    let mut file = plain_name(file_name);
    if file.is_empty() {
        file = id::new_id().chars().take(12).collect();
    }
    let file = with_ending(file, content_type);
    match place {
        Place::Root => format!("{}-{file}", kind.as_str()),
        Place::Language(language) => format!("{}-{language}-{file}", kind.as_str()),
    }
}

/// Adds an attachment to a document that is about to be written.
pub fn attach(doc: &mut Object, name: &str, content_type: &str, base64: &str) {
    let inline = json!({ "content_type": content_type, "data": base64 });
    edit(doc, "_attachments", |stubs| {
        stubs.insert(name.to_owned(), inline);
    });
}

/// Drops those of a document's attachments that are no picture of it any more and of which `drop` says so.
pub fn prune(doc: &mut Object, drop: impl Fn(&str) -> bool) {
    let named: HashSet<String> = all_names(doc).map(str::to_owned).collect();
    let Some(Value::Object(stubs)) = doc.get_mut("_attachments") else { return };
    stubs.retain(|name, _| named.contains(name) || !drop(name));
    if stubs.is_empty() {
        doc.shift_remove("_attachments");
    }
}

/// Every picture that a document names.
fn all_names(doc: &Object) -> impl Iterator<Item = &str> {
    let languages = doc.get("i18n").and_then(Value::as_object).into_iter().flat_map(Object::values).filter_map(Value::as_object);
    let holders = std::iter::once(doc).chain(languages);
    holders.flat_map(|holder| [Kind::Icon, Kind::Screenshot].into_iter().flat_map(|kind| kind.names(holder)))
}

#[cfg(test)]
mod tests;
