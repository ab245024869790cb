use serde_json::json;

use super::*;

fn object(value: Value) -> Object {
    value.as_object().unwrap().clone()
}

fn offered(services: Value, plans: &[(&str, &str, Value)]) -> Value {
    let services = object(services);
    let docs =
        plans.iter().map(|(vendor, id, doc)| (((*vendor).to_owned(), (*id).to_owned()), Arc::new(object(doc.clone())))).collect();
    let assigned = assignments(Some(&services), &[], "reseller");
    Value::Object(applications(&assigned, &docs, Some(&services), Precedence::default()))
}

#[test]
fn a_plans_vendor_is_named_or_the_bookkeepers_or_the_reseller() {
    let vendor = |services: Value| assignments(Some(&object(services)), &[], "reseller")[0].vendor_id.clone();
    assert_eq!(vendor(json!({"plans": {"p": {"vendor_id": "v"}}, "bookkeeper": {"vendor_id": "b"}})), "v");
    assert_eq!(vendor(json!({"plans": {"p": {}}, "bookkeeper": {"vendor_id": "b"}})), "b");
    assert_eq!(vendor(json!({"plans": {"p": {}}})), "reseller");
    assert_eq!(assignments(None, &[json!({"o": {}})], "reseller")[0].plan_id, "o");
}

#[test]
fn overrides_win_over_the_plan_and_special_ones_over_general_ones() {
    let services = json!({
        "overrides": {"applications": {"a": {"enabled": false}, "b": {"enabled": false}}},
        "plans": {"p": {"overrides": {"applications": {"b": {"enabled": true}}}}}
    });
    let plan = json!({"applications": {"a": {"name": "x", "enabled": true}, "b": {}, "c": {}}});
    let expected = json!({"a": {"name": "x", "enabled": false}, "b": {"enabled": true}, "c": {}});
    assert_eq!(offered(services, &[("reseller", "p", plan)]), expected);
}

#[test]
fn of_equal_plans_the_first_wins_else_the_higher_priority_and_strategy() {
    let services = json!({"plans": {"one": {}, "two": {}}});
    let plan = |enabled: bool, merge: Value| json!({"applications": {"a": {"enabled": enabled}}, "merge": merge});
    let winner = |one: Value, two: Value| {
        let plans = [("reseller", "one", plan(true, one)), ("reseller", "two", plan(false, two))];
        offered(services.clone(), &plans)["a"]["enabled"] == json!(true)
    };
    assert!(winner(json!({}), json!({})), "the first listed");
    assert!(!winner(json!({}), json!({"priority": 1})), "the higher priority");
    assert!(winner(json!({"strategy": "recursive"}), json!({"priority": 9})), "the higher strategy");
    assert!(!winner(json!({"strategy": "recursive"}), json!({"strategy": "cumulative"})), "cumulative is the highest");
}

#[test]
fn a_plan_that_does_not_exist_offers_nothing() {
    assert_eq!(offered(json!({"plans": {"gone": {}}}), &[]), json!({}));
}

#[test]
fn an_account_without_a_services_document_has_the_plans_of_its_objects_only() {
    let rows = [json!({"o": {"vendor_id": "v", "overrides": {"applications": {"a": {"enabled": false}}}}}), json!("nonsense")];
    let assigned = assignments(None, &rows, "reseller");
    let doc = Arc::new(object(json!({"applications": {"a": {"enabled": true}, "b": {}}})));
    let docs = HashMap::from([(("v".to_owned(), "o".to_owned()), doc)]);
    let offered = applications(&assigned, &docs, None, Precedence::default());
    assert_eq!(Value::Object(offered), json!({"a": {"enabled": false}, "b": {}}));
}

#[test]
fn general_overrides_are_not_for_plans_that_objects_bring_along() {
    let services = object(json!({"overrides": {"applications": {"a": {"enabled": false}}}}));
    let assigned = assignments(Some(&services), &[json!({"o": {}})], "reseller");
    let docs = HashMap::from([(("reseller".into(), "o".into()), Arc::new(object(json!({"applications": {"a": {}}}))))]);
    let offered = applications(&assigned, &docs, Some(&services), Precedence::default());
    assert_eq!(Value::Object(offered), json!({"a": {}}));
}

#[test]
fn plans_of_one_bookkeeper_are_merged_key_by_key_those_of_several_entry_by_entry() {
    let one = json!({"applications": {"a": {"name": "one", "enabled": false}}});
    let two = |bookkeeper: Value| json!({"applications": {"a": {"vendor_id": "v"}}, "bookkeeper": bookkeeper, "merge": {"priority": 1}});
    let services = json!({"plans": {"one": {}, "two": {}}, "bookkeeper": {"id": "b", "type": "t"}});
    let merged = offered(services.clone(), &[("reseller", "one", one.clone()), ("reseller", "two", two(json!({"id": "b"})))]);
    assert_eq!(merged, json!({"a": {"name": "one", "enabled": false, "vendor_id": "v"}}));
    let replaced = offered(services, &[("reseller", "one", one), ("reseller", "two", two(json!({"id": "other"})))]);
    assert_eq!(replaced, json!({"a": {"vendor_id": "v"}}));
}

#[test]
fn which_strategy_wins_can_be_set_and_a_priority_may_be_text() {
    let services = object(json!({"plans": {"one": {}, "two": {}}}));
    let plan =
        |enabled: bool, merge: Value| Arc::new(object(json!({"applications": {"a": {"enabled": enabled}}, "merge": merge})));
    let winner = |one: Value, two: Value, precedence: Precedence| {
        let key = |id: &str| ("reseller".to_owned(), id.to_owned());
        let docs = HashMap::from([(key("one"), plan(true, one)), (key("two"), plan(false, two))]);
        let assigned = assignments(Some(&services), &[], "reseller");
        applications(&assigned, &docs, Some(&services), precedence)["a"]["enabled"] == json!(true)
    };
    let (recursive, cumulative) = (json!({"strategy": "recursive"}), json!({"strategy": "cumulative"}));
    assert!(!winner(recursive.clone(), cumulative.clone(), Precedence::default()));
    assert!(winner(recursive, cumulative, Precedence { cumulative: 20, ..Precedence::default() }));
    assert!(!winner(json!({"priority": "2"}), json!({"priority": 10.0}), Precedence::default()));
}

#[test]
fn a_plan_from_before_4_3_lists_apps_by_name() {
    let account = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
    let old = json!({"plan": {"ui_apps": {
        "voip": {"app_id": "v", "account_id": account},
        "fax": {"app_id": "f", "account_db": "account%2F0a%2F1b%2F2c3d4e5f60718293a4b5c6d7e8f9", "enabled": false},
        "reports": {"app_id": "r", "vendor_id": "somebody"},
        "lost": {"enabled": true},
        "_all": {"enabled": false}
    }}});
    let expected = json!({
        "v": {"name": "voip", "enabled": true, "vendor_id": account},
        "f": {"name": "fax", "enabled": false, "vendor_id": account},
        "r": {"name": "reports", "enabled": true, "vendor_id": "somebody"}
    });
    let services = json!({"plans": {"p": {}}});
    assert_eq!(offered(services.clone(), &[("reseller", "p", old.clone())]), expected);

    // What overrides say in the old way counts over it, and the new way over both.
    let overrides = json!({"ui_apps": {"voip": {"enabled": false}}, "applications": {"f": {"enabled": true}}});
    let overridden = offered(json!({"plans": {"p": {"overrides": overrides}}}), &[("reseller", "p", old.clone())]);
    assert_eq!((&overridden["v"]["enabled"], &overridden["f"]["enabled"]), (&json!(false), &json!(true)));

    // "All" means that none is singled out.
    let mut all = old;
    all["plan"]["ui_apps"]["_all"]["enabled"] = json!(true);
    assert_eq!(offered(services, &[("reseller", "p", all)]), json!({}));
}
