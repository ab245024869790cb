use serde_json::json;

use super::*;

fn object(value: Value) -> Object {
    value.as_object().unwrap().clone()
}

fn app(id: &str, more: Value) -> Arc<Object> {
    let mut doc = object(json!({ "_id": id, "name": id, "type": "monster_ui", "pvt_type": TYPE }));
    doc.extend(object(more));
    Arc::new(doc)
}

/// Two of the master's applications, `a` and `b`, both activated for all, and whatever a test changes.
struct Case {
    master: Vec<Arc<Object>>,
    reseller: Vec<Arc<Object>>,
    blocked: &'static [&'static str],
    offered: Value,
    entitlements: Value,
    user: Option<(&'static str, Value)>,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            master: vec![app("a", json!({})), app("b", json!({}))],
            reseller: Vec::new(),
            blocked: &[],
            offered: json!({}),
            entitlements: json!({ "a": { "type": "all" }, "b": { "type": "all" } }),
            user: None,
        }
    }
}

impl Case {
    /// Which are shown, with a `-` before those that aren't activated.
    fn shown(self) -> String {
        let shown = self.docs();
        let word =
            |doc: &Object| format!("{}{}", if doc["published"] == json!(true) { "" } else { "-" }, text(doc, "_id").unwrap());
        shown.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    fn docs(self) -> Vec<Object> {
        let entitlements = object(self.entitlements).into_iter().map(|(id, doc)| (id, Arc::new(object(doc)))).collect();
        let user = self.user.map(|(id, doc)| (id, object(doc)));
        available(&Inputs {
            master: &self.master,
            reseller: &self.reseller,
            blocked: &self.blocked.iter().map(|id| (*id).to_owned()).collect(),
            offered: &object(self.offered),
            entitlements: &entitlements,
            user: user.as_ref().map(|(id, doc)| (*id, doc)),
        })
    }
}

#[test]
fn an_account_has_what_it_activated() {
    assert_eq!(Case::default().shown(), "a b");
    // Whoever may activate the others sees them too, a user doesn't.
    let some = || Case { entitlements: json!({ "a": { "type": "all" } }), ..Case::default() };
    assert_eq!(some().shown(), "a -b");
    assert_eq!(Case { user: Some(("u", json!({}))), ..some() }.shown(), "a");
}

#[test]
fn an_entitlement_says_for_whom() {
    let specific = json!({ "a": { "type": "specific", "users": ["jane"] }, "b": { "type": "admins" } });
    let seen_by = |user| Case { entitlements: specific.clone(), user, ..Case::default() }.shown();
    assert_eq!(seen_by(None), "-a -b");
    assert_eq!(seen_by(Some(("jane", json!({ "priv_level": "user" })))), "a");
    assert_eq!(seen_by(Some(("boss", json!({ "priv_level": "admin" })))), "b");
    assert_eq!(seen_by(Some(("paul", json!({})))), "");
    let odd = json!({ "a": { "type": "nobody" }, "b": {} });
    assert_eq!(Case { entitlements: odd, user: Some(("jane", json!({}))), ..Case::default() }.shown(), "");
}

#[test]
fn what_is_not_published_is_not_there() {
    let master = vec![app("a", json!({ "published": false })), app("b", json!({ "published": true }))];
    assert_eq!(Case { master, ..Case::default() }.shown(), "b");
}

#[test]
fn a_reseller_adds_applications_and_changes_how_the_masters_look() {
    let reseller = vec![app("b", json!({ "name": "Ours", "i18n": { "en-US": { "label": "Ours" } } })), app("c", json!({}))];
    let case = Case { reseller, ..Case::default() };
    let docs = case.docs();
    assert_eq!(docs.iter().map(|doc| text(doc, "name").unwrap()).collect::<Vec<_>>(), ["a", "Ours", "c"]);
    assert_eq!(docs[1]["i18n"]["en-US"]["label"], "Ours");
}

#[test]
fn a_reseller_does_not_publish_or_hide_what_is_the_masters() {
    let master = vec![app("a", json!({ "published": false })), app("b", json!({}))];
    let reseller = vec![app("a", json!({ "published": true })), app("b", json!({ "published": false }))];
    assert_eq!(Case { master, reseller, ..Case::default() }.shown(), "b");
}

#[test]
fn what_is_blocked_is_gone_for_everybody() {
    assert_eq!(Case { blocked: &["a"], ..Case::default() }.shown(), "b");
    assert_eq!(Case { blocked: &["a", "b"], user: Some(("u", json!({}))), ..Case::default() }.shown(), "");
}

#[test]
fn a_service_plan_blocks_and_allows_even_what_a_reseller_blocked() {
    let offered = json!({ "a": { "publish": "allow" }, "b": { "publish": "block" } });
    assert_eq!(Case { blocked: &["a"], offered, ..Case::default() }.shown(), "a");
    let offered = json!({ "a": { "publish": true }, "b": { "publish": false } });
    assert_eq!(Case { blocked: &["a"], offered, ..Case::default() }.shown(), "a");
    let offered = json!({ "a": { "publish": "maybe" }, "b": { "enabled": false } });
    assert_eq!(Case { blocked: &["a"], offered, ..Case::default() }.shown(), "b");
    // Allowed isn't activated.
    let offered = json!({ "a": { "publish": "allow" } });
    assert_eq!(Case { offered, entitlements: json!({}), user: Some(("u", json!({}))), ..Case::default() }.shown(), "");
}

#[test]
fn an_id_is_a_uuid() {
    for good in ["0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", "0A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9"] {
        assert!(is_uuid(good), "{good}");
    }
    for bad in [
        "",
        "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f",
        "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8fg",
        "0a1b2c3-d4e5f-6071-8293-a4b5c6d7e8f9",
        "_design/-4e5f-6071-8293-a4b5c6d7e8f9",
        "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9-",
    ] {
        assert!(!is_uuid(bad), "{bad}");
    }
}

#[test]
fn an_entitlements_users_are_ids() {
    let mut data = object(json!({ "type": "specific", "users": ["a", { "id": "b" }, 5], "app_id": "other" }));
    Ruling::Entitlement.complete(&mut data, "x", "monster_ui");
    let expected = json!({ "type": "specific", "users": ["a", "b", 5], "app_id": "x", "app_type": "monster_ui" });
    assert_eq!(Value::Object(data), expected);
    let mut data = object(json!({ "type": "specific" }));
    Ruling::Entitlement.complete(&mut data, "x", "t");
    assert_eq!(data["users"], json!([]));
    assert_eq!(Ruling::Entitlement.id("x", "t"), "x_t_entitlement");
    assert_eq!(Ruling::Blocklist.id("x", "t"), "x_t_blocklist");
}

#[test]
fn a_new_screenshot_comes_last_and_a_new_icon_replaces() {
    let mut doc = object(json!({ "icon": "i", "screenshots": ["a", "b"] }));
    assert_eq!(add_picture(&mut doc, Kind::Icon, Place::Root, "j"), ["i"]);
    assert!(add_picture(&mut doc, Kind::Screenshot, Place::Root, "c").is_empty());
    add_picture(&mut doc, Kind::Screenshot, Place::Root, "a");
    add_picture(&mut doc, Kind::Screenshot, Place::Language("de-DE"), "d");
    let expected = json!({ "icon": "j", "screenshots": ["b", "c", "a"], "i18n": { "de-DE": { "screenshots": ["d"] } } });
    assert_eq!(Value::Object(doc), expected);
}

#[test]
fn a_languages_screenshot_is_taken_from_that_language_only() {
    let mut doc = object(json!({ "screenshots": ["r0", "r1"], "i18n": { "de-DE": { "screenshots": ["d0", "d1"] } } }));
    assert_eq!(remove_picture(&mut doc, Kind::Screenshot, Place::Language("de-DE"), "0").as_deref(), Some("d0"));
    assert_eq!(remove_picture(&mut doc, Kind::Screenshot, Place::Root, "r1").as_deref(), Some("r1"));
    assert_eq!(remove_picture(&mut doc, Kind::Screenshot, Place::Root, "5"), None);
    assert_eq!(remove_picture(&mut doc, Kind::Icon, Place::Root, ""), None);
    assert_eq!(Value::Object(doc), json!({ "screenshots": ["r0"], "i18n": { "de-DE": { "screenshots": ["d1"] } } }));
}
