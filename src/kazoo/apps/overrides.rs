//! Overrides: what an account shows in place of an app's own texts and pictures. Each is a document of the account's.

use std::{collections::HashMap, sync::Arc};

use super::App;
use crate::kazoo::{
    document::{self, Object, is_soft_deleted, text},
    pictures::{self, Kind, LANGUAGE, Place, names, set_names},
};

/// An override's `pvt_type`.
pub const TYPE: &str = "app_whitelabel";

/// What an override has no say in: which app it is, whether it may be had, and by whom.
const NEVER: [&str; 6] = ["id", "name", "published", "publish", "allowed_users", "users"];

/// The id of an account's override for an app.
pub fn override_id(app_id: &str) -> String {
    format!("{TYPE}-{app_id}")
}

/// Whether a document is an override.
pub fn is_override(doc: &Object) -> bool {
    text(doc, "pvt_type") == Some(TYPE) && !is_soft_deleted(doc)
}

/// Shows apps as an account's overrides (by app id) have them.
pub(super) fn apply(apps: &mut [App], overrides: &HashMap<String, Arc<Object>>) {
    for app in apps {
        if let Some(told) = overrides.get(app.id()) {
            let mut doc = (*app.doc).clone();
            merge(&mut doc, told);
            app.doc = doc.into();
        }
    }
}

/// Merges an override over an app's document.
pub fn merge(app: &mut Object, told: &Object) {
    let may = |key: &str| !document::is_private(key) && !NEVER.contains(&key);
    let patch: Object = told.iter().filter(|(key, _)| may(key)).map(|(key, value)| (key.clone(), value.clone())).collect();
    document::merge(app, &patch);
}

/// Names a new picture in an override: the icon, or the first of the screenshots. What the root names counts as the usual
/// language's, and moves there.
pub fn add_picture(doc: &mut Object, kind: Kind, language: &str, name: &str) {
    let mut all = vec![name.to_owned()];
    if kind == Kind::Screenshot {
        all.extend(pictures_in(doc, kind, language).into_iter().filter(|known| *known != name).map(str::to_owned));
    }
    set_names(doc, Place::Language(language), kind, all);
    if language == LANGUAGE {
        set_names(doc, Place::Root, kind, Vec::new());
    }
}

/// Takes a picture's name out of an override; of screenshots the one that `wanted` says, by number or name. `None` when it
/// isn't there.
pub fn remove_picture(doc: &mut Object, kind: Kind, language: &str, wanted: &str) -> Option<String> {
    let all = pictures_in(doc, kind, language);
    let name = match kind {
        Kind::Icon => all.first().copied(),
        Kind::Screenshot => pictures::pick(&all, wanted),
    }?
    .to_owned();
    let rest: Vec<String> = all.into_iter().filter(|known| *known != name).map(str::to_owned).collect();
    let place = Place::Language(language);
    let place = if names(doc, place, kind).is_empty() { Place::Root } else { place };
    set_names(doc, place, kind, rest);
    Some(name)
}

/// The pictures of exactly this language.
fn pictures_in<'a>(doc: &'a Object, kind: Kind, language: &str) -> Vec<&'a str> {
    let own = names(doc, Place::Language(language), kind);
    if own.is_empty() && language == LANGUAGE { names(doc, Place::Root, kind) } else { own }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn object(value: Value) -> Object {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn an_override_changes_texts_and_pictures_but_not_which_app_it_is_nor_who_may_have_it() {
        let mut app = object(json!({
            "_id": "a", "name": "accounts", "published": true, "i18n": {"en-US": {"label": "Accounts", "description": "D"}},
        }));
        merge(
            &mut app,
            &object(json!({
                "_id": "app_whitelabel-a", "_rev": "1-x", "pvt_type": "app_whitelabel", "id": "b", "name": "other",
                "published": false, "publish": false, "allowed_users": "all", "users": ["u"], "icon": "i.png",
                "i18n": {"en-US": {"label": "Customers"}},
            })),
        );
        let expected = json!({
            "_id": "a", "name": "accounts", "published": true, "icon": "i.png",
            "i18n": {"en-US": {"label": "Customers", "description": "D"}},
        });
        assert_eq!(Value::Object(app), expected);
    }

    #[test]
    fn a_new_icon_takes_the_place_of_the_languages_old_one() {
        let mut doc = object(json!({"icon": "r.png", "i18n": {"de-DE": {"icon": "de.png"}}}));
        add_picture(&mut doc, Kind::Icon, "de-DE", "new.png");
        assert_eq!(Value::Object(doc.clone()), json!({"icon": "r.png", "i18n": {"de-DE": {"icon": "new.png"}}}));
        add_picture(&mut doc, Kind::Icon, LANGUAGE, "en.png");
        let expected = json!({"i18n": {"de-DE": {"icon": "new.png"}, "en-US": {"icon": "en.png"}}});
        assert_eq!(Value::Object(doc), expected);
    }

    #[test]
    fn a_new_screenshot_comes_first_and_only_once() {
        let mut doc = object(json!({"screenshots": ["a", "b"], "i18n": {"de-DE": {"screenshots": ["x"]}}}));
        add_picture(&mut doc, Kind::Screenshot, LANGUAGE, "c");
        add_picture(&mut doc, Kind::Screenshot, LANGUAGE, "a");
        add_picture(&mut doc, Kind::Screenshot, "de-DE", "y");
        let expected = json!({"i18n": {"de-DE": {"screenshots": ["y", "x"]}, "en-US": {"screenshots": ["a", "c", "b"]}}});
        assert_eq!(Value::Object(doc), expected);
    }

    #[test]
    fn another_language_leaves_the_roots_screenshots_alone() {
        let mut doc = object(json!({"screenshots": ["a"]}));
        add_picture(&mut doc, Kind::Screenshot, "fr-FR", "f");
        assert_eq!(Value::Object(doc), json!({"screenshots": ["a"], "i18n": {"fr-FR": {"screenshots": ["f"]}}}));
    }

    #[test]
    fn a_picture_is_taken_from_its_own_language_only() {
        let full = object(json!({
            "icon": "r.png", "screenshots": ["r0", "r1"], "i18n": {"de-DE": {"icon": "de.png", "screenshots": ["d0", "d1"]}},
        }));
        let removed = |kind, language, wanted| {
            let mut doc = full.clone();
            remove_picture(&mut doc, kind, language, wanted).map(|name| (name, Value::Object(doc)))
        };
        let (name, left) = removed(Kind::Screenshot, "de-DE", "1").unwrap();
        assert_eq!((name.as_str(), &left["i18n"]["de-DE"]["screenshots"]), ("d1", &json!(["d0"])));
        let (name, left) = removed(Kind::Screenshot, LANGUAGE, "r0").unwrap();
        assert_eq!((name.as_str(), &left["screenshots"]), ("r0", &json!(["r1"])));
        let (name, left) = removed(Kind::Icon, LANGUAGE, "").unwrap();
        assert_eq!((name.as_str(), left.get("icon")), ("r.png", None));
        assert_eq!(removed(Kind::Icon, "fr-FR", ""), None);
        assert_eq!(removed(Kind::Screenshot, "de-DE", "2"), None);
        assert_eq!(removed(Kind::Screenshot, "de-DE", "r0"), None);
    }
}
