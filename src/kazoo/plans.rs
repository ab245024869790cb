//! Service plans: which applications the plans assigned to an account offer.

use std::{collections::HashMap, sync::Arc};

use serde_json::{Value, json};

use super::{
    document::{self, Object, is_true, text},
    id,
};

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

/// Which merge strategy's plans win over which: those with the higher number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Precedence {
    pub cumulative: i64,
    pub recursive: i64,
    pub simple: i64,
}

impl Default for Precedence {
    fn default() -> Self {
        Self { cumulative: 50, recursive: 25, simple: 10 }
    }
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
    precedence: Precedence,
) -> Object {
    let mut groups: Vec<(Value, Vec<Plan>)> = Vec::new();
    for (place, assignment) in assignments.iter().enumerate() {
        let key = (assignment.vendor_id.clone(), assignment.plan_id.clone());
        let Some(doc) = docs.get(&key) else { continue };
        let plan = Plan::new(place, doc, &assignment.overrides, precedence);
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
            document::merge(&mut group, &listed(&plan.doc));
        }
        offered.extend(group);
    }
    offered
}

struct Plan {
    doc: Object,
    /// Its merge strategy's number.
    strategy: i64,
    priority: i64,
    place: usize,
}

impl Plan {
    fn new(place: usize, doc: &Object, overrides: &Object, precedence: Precedence) -> Self {
        let mut doc = doc.clone();
        document::merge(&mut doc, overrides);
        let merge = doc.get("merge");
        let strategy = match merge.and_then(|merge| merge.get("strategy")?.as_str()) {
            Some("cumulative") => precedence.cumulative,
            Some("recursive") => precedence.recursive,
            _ => precedence.simple,
        };
        let priority = merge.and_then(|merge| whole(merge.get("priority")?)).unwrap_or(0);
        Self { doc, strategy, priority, place }
    }
}

/// A whole number, which may also be written as text or with a fraction.
fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        number => number.as_i64().or_else(|| number.as_f64().map(|number| number as i64)),
    }
}

/// The applications that a plan, its overrides included, lists by id.
///
/// Before Kazoo 4.3 a plan listed them by name under `plan.ui_apps`, and overrides under `ui_apps`; what stands under
/// `applications` counts over that.
fn listed(plan: &Object) -> Object {
    let mut by_name = Object::new();
    for old in [plan.get("plan").and_then(|plan| plan.get("ui_apps")), plan.get("ui_apps")].into_iter().flatten() {
        old.as_object().into_iter().for_each(|old| document::merge(&mut by_name, old));
    }
    // All apps, whichever are listed.
    if by_name.get("_all").and_then(|all| all.get("enabled")).is_some_and(is_true) {
        by_name.clear();
    }
    let mut listed: Object = by_name
        .iter()
        .filter_map(|(name, entry)| Some((text(entry.as_object()?, "app_id")?.to_owned(), current(name, entry))))
        .collect();
    if let Some(applications) = plan.get("applications").and_then(Value::as_object) {
        document::merge(&mut listed, applications);
    }
    listed
}

/// An entry of `ui_apps` as it would stand under `applications`.
fn current(name: &str, entry: &Value) -> Value {
    let word = |key: &str| entry.get(key).and_then(Value::as_str);
    let vendor = word("account_id").map(str::to_owned).or_else(|| id::of_account_db(word("account_db")?));
    let mut current = json!({ "name": name, "enabled": entry.get("enabled").is_none_or(is_true) });
    if let Some(vendor) = vendor.or_else(|| word("vendor_id").map(str::to_owned)) {
        current["vendor_id"] = vendor.into();
    }
    current
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
mod tests;
