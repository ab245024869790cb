use proptest::prelude::*;

use super::*;

fn object(value: Value) -> Object {
    value.as_object().unwrap().clone()
}

fn full() -> Object {
    object(json!({
        "icon": "root.png", "screenshots": ["r0.png", "r1.png"],
        "i18n": {"en-US": {"icon": "en.png", "screenshots": ["e0.png"]}, "de-DE": {"label": "Konten", "icon": "de.png"}},
    }))
}

#[test]
fn a_language_falls_back_to_the_usual_one_and_to_the_root() {
    let doc = full();
    assert_eq!(icons(&doc, "de-DE").collect::<Vec<_>>(), ["de.png", "en.png", "root.png"]);
    assert_eq!(icons(&doc, "fr-FR").collect::<Vec<_>>(), ["en.png", "root.png"][..].to_vec());
    assert_eq!(screenshot(&doc, "de-DE", "0"), Some("e0.png"));
    let plain = object(json!({"icon": "root.png", "screenshots": ["r0.png"]}));
    assert_eq!(icons(&plain, "de-DE").next(), Some("root.png"));
    assert_eq!(screenshot(&plain, "en-US", "0"), Some("r0.png"));
    assert_eq!(screenshot(&Object::new(), "en-US", "0"), None);
}

#[test]
fn a_screenshot_is_meant_by_its_number_or_its_name() {
    let doc = object(json!({"screenshots": ["a.png", "b.png", "7"]}));
    for (wanted, name) in [("0", "a.png"), ("01", "b.png"), ("2.0", "7"), ("7", "7"), ("b.png", "b.png")] {
        assert_eq!(screenshot(&doc, LANGUAGE, wanted), Some(name), "{wanted}");
    }
    for wanted in ["3", "-1", "c.png", "", "_attachments", "99999999999999999999999"] {
        assert_eq!(screenshot(&doc, LANGUAGE, wanted), None, "{wanted}");
    }
}

#[test]
fn a_screenshots_number_is_read_as_kazoo_reads_it() {
    for (text, number) in [("0", 0), ("01", 1), ("1.0", 1), ("12", 12)] {
        assert_eq!(index(text), Some(number), "{text}");
    }
    for text in ["", "-1", "x", "1.5", "1.", "+1", "0x1", "99999999999999999999999"] {
        assert_eq!(index(text), None, "{text}");
    }
}

#[test]
fn what_loses_its_last_name_goes_with_it() {
    let mut doc = object(json!({"i18n": {"en-US": {"icon": "a"}, "de-DE": {"label": "L", "screenshots": ["b"]}}}));
    set_names(&mut doc, Place::Language("en-US"), Kind::Icon, Vec::new());
    assert_eq!(Value::Object(doc.clone()), json!({"i18n": {"de-DE": {"label": "L", "screenshots": ["b"]}}}));
    set_names(&mut doc, Place::Language("de-DE"), Kind::Screenshot, Vec::new());
    assert_eq!(Value::Object(doc.clone()), json!({"i18n": {"de-DE": {"label": "L"}}}));
    let mut only = object(json!({"i18n": {"en-US": {"icon": "a"}}, "icon": "b"}));
    set_names(&mut only, Place::Language("en-US"), Kind::Icon, Vec::new());
    assert_eq!(Value::Object(only.clone()), json!({"icon": "b"}));
    set_names(&mut only, Place::Root, Kind::Icon, Vec::new());
    assert!(only.is_empty());
}

#[test]
fn names_find_their_place_whatever_stood_there() {
    let mut doc = object(json!({"i18n": "nonsense"}));
    set_names(&mut doc, Place::Language("de-DE"), Kind::Screenshot, vec!["a".into(), "b".into()]);
    assert_eq!(Value::Object(doc), json!({"i18n": {"de-DE": {"screenshots": ["a", "b"]}}}));
}

#[test]
fn attachments_that_nothing_names_are_dropped_where_they_may_be() {
    let stubs: Object = ["root.png", "r1.png", "en.png", "de.png", "old.png", "other.bin"]
        .iter()
        .map(|name| ((*name).to_owned(), json!({ "stub": true })))
        .collect();
    let mut doc = full();
    doc.insert("_attachments".into(), stubs.into());
    let mut some = doc.clone();
    prune(&mut some, |name| name == "old.png" || name == "en.png");
    assert_eq!(some["_attachments"].as_object().unwrap().len(), 5);
    prune(&mut doc, |_| true);
    let kept: Vec<&String> = doc["_attachments"].as_object().unwrap().keys().collect();
    assert_eq!(kept, ["root.png", "r1.png", "en.png", "de.png"]);
}

#[test]
fn an_upload_is_named_after_its_kind_its_language_and_its_file() {
    let english = Place::Language("en-US");
    for (kind, place, file, content_type, name) in [
        (Kind::Icon, english, "image-icon.png", "image/png", "icon-en-US-image-icon.png"),
        (Kind::Screenshot, Place::Language("de-DE"), "main", "image/jpeg", "screenshot-de-DE-main.jpeg"),
        (Kind::Icon, Place::Root, "a b.gif", "image/gif", "icon-ab.gif"),
        (Kind::Icon, english, "../../_design/x", "image/png", "icon-en-US-x.png"),
        (Kind::Icon, english, "a\r\nb\0.png", "image/png", "icon-en-US-ab.png"),
    ] {
        assert_eq!(attachment_name(kind, place, file, content_type), name);
    }
    let random = attachment_name(Kind::Icon, english, " / ", "image/png");
    let digits = random.strip_prefix("icon-en-US-").and_then(|rest| rest.strip_suffix(".png")).unwrap();
    assert!(digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_hexdigit()), "{random}");
}

#[test]
fn a_language_is_a_tag_and_nothing_else() {
    for good in ["en-US", "de", "zh-Hant-TW", "pt_BR", "sr-Latn-RS-ekavsk"] {
        assert!(is_language(good), "{good}");
    }
    for bad in ["", "-", "en-", "../x", "en US", "ü", "e\0", &"a".repeat(36)] {
        assert!(!is_language(bad), "{bad}");
    }
}

proptest! {
    #[test]
    fn an_uploads_name_never_leads_elsewhere(file in any::<String>(), content_type in "image/(png|gif|x)") {
        let name = attachment_name(Kind::Screenshot, Place::Language("en-US"), &file, &content_type);
        prop_assert!(name.starts_with("screenshot-en-US-") && name.len() > "screenshot-en-US-".len());
        prop_assert!(!name.contains(['/', '\\', '\0', '\n', '\r', ' ']) && name.len() < 520);
    }
}
