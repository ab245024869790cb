//! Service plans: which applications the plans assigned to an account offer.

use std::{collections::HashMap, sync::Arc};

use serde_json::Value;

use super::document::{self, Object, text};

/// A plan assigned to an account.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    pub plan_id: String,
    /// The account in whose database the plan is.
    pub vendor_id: String,
    overrides: Object,
}

/// The plans assigned by a services document, and those that documents of the account bring along (the rows of
/// `services/object_plans`). `reseller_id` is the vendor of a plan that names none.
pub fn assignments(services: Option<&Object>, object_plans: &[Value], reseller_id: &str) -> Vec<Assignment> {
    let bookkeeper = services.and_then(|services| services.get("bookkeeper")?.get("vendor_id")?.as_str());
    let default_vendor = bookkeeper.unwrap_or(reseller_id);
    let general = services.and_then(|services| services.get("overrides")?.as_object());
    let own = services.and_then(|services| services.get("plans")).into_iter().map(|plans| (plans, general));
    own.chain(object_plans.iter().map(|plans| (plans, None)))
        .filter_map(|(plans, general)| Some((plans.as_object()?, general)))
        .flat_map(|(plans, general)| plans.iter().map(move |(id, entry)| (id, entry, general)))
        .map(|(id, entry, general)| {
            let mut overrides = general.cloned().unwrap_or_default();
            if let Some(special) = entry.get("overrides").and_then(Value::as_object) {
                document::merge(&mut overrides, special);
            }
            let vendor = entry.get("vendor_id").and_then(Value::as_str).unwrap_or(default_vendor);
            Assignment { plan_id: id.clone(), vendor_id: vendor.to_owned(), overrides }
        })
        .collect()
}

/// What the plans offer: app id → `{name?, vendor_id?, enabled?}`. `docs` are the plan documents by vendor and id; a plan without
/// one is left out.
///
/// Plans with one bookkeeper are merged: a higher strategy over a lower, a higher priority over a lower, and of equals the one
/// listed first over the others. Between bookkeepers whole entries replace one another.
pub fn applications(
    assignments: &[Assignment],
    docs: &HashMap<(String, String), Arc<Object>>,
    services: Option<&Object>,
) -> Object {
    let mut groups: Vec<(Value, Vec<Plan>)> = Vec::new();
    for (place, assignment) in assignments.iter().enumerate() {
        let key = (assignment.vendor_id.clone(), assignment.plan_id.clone());
        let Some(doc) = docs.get(&key) else { continue };
        let plan = Plan::new(place, doc, &assignment.overrides);
        let bookkeeper = bookkeeper(&plan.doc, services);
        match groups.iter_mut().find(|(known, _)| *known == bookkeeper) {
            Some((_, plans)) => plans.push(plan),
            None => groups.push((bookkeeper, vec![plan])),
        }
    }
    let mut offered = Object::new();
    for (_, mut plans) in groups {
        plans.sort_by_key(|plan| (plan.strategy, plan.priority, std::cmp::Reverse(plan.place)));
        let mut group = Object::new();
        for plan in &plans {
            if let Some(applications) = plan.doc.get("applications").and_then(Value::as_object) {
                document::merge(&mut group, applications);
            }
        }
        offered.extend(group);
    }
    offered
}

struct Plan {
    doc: Object,
    /// 0 simple, 1 recursive, 2 cumulative.
    strategy: u8,
    priority: i64,
    place: usize,
}

impl Plan {
    fn new(place: usize, doc: &Object, overrides: &Object) -> Self {
        let mut doc = doc.clone();
        document::merge(&mut doc, overrides);
        let merge = doc.get("merge");
        let strategy = match merge.and_then(|merge| merge.get("strategy")?.as_str()) {
            Some("cumulative") => 2,
            Some("recursive") => 1,
            _ => 0,
        };
        let priority = merge.and_then(|merge| merge.get("priority")?.as_i64()).unwrap_or(0);
        Self { doc, strategy, priority, place }
    }
}

/// What tells bookkeepers apart: the plan's own, or else the account's.
fn bookkeeper(plan: &Object, services: Option<&Object>) -> Value {
    let of = |doc: Option<&Object>, key: &str| doc.and_then(|doc| doc.get("bookkeeper")?.get(key).cloned());
    ["id", "type", "vendor_id"]
        .into_iter()
        .map(|key| of(Some(plan), key).or_else(|| of(services, key)).unwrap_or(Value::Null))
        .collect()
}

/// The account that a services document names as reseller.
pub fn reseller_id(services: Option<&Object>) -> Option<&str> {
    services.and_then(|services| text(services, "pvt_reseller_id"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Object {
        value.as_object().unwrap().clone()
    }

    fn offered(services: Value, plans: &[(&str, &str, Value)]) -> Value {
        let services = object(services);
        let docs = plans
            .iter()
            .map(|(vendor, id, doc)| (((*vendor).to_owned(), (*id).to_owned()), Arc::new(object(doc.clone()))))
            .collect();
        let assigned = assignments(Some(&services), &[], "reseller");
        Value::Object(applications(&assigned, &docs, Some(&services)))
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
}
