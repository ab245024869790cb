//! Token restrictions: what a token is good for, by how it was obtained and by the level of its user. They only ever deny.
//!
//! A template says `{method: {priv_level: {noun: [{allowed_accounts, rules: {arguments: [verb]}}]}}}`, `_` standing for
//! whatever isn't named. An account may have one of its own, and the system one for all.

use serde_json::Value;

use super::document::Object;

/// The word for "every other one", or "any".
const ANY: &str = "_";
/// The caller's own account.
const OWN: &str = "{AUTH_ACCOUNT_ID}";
/// Any account below the caller's.
const BELOW: &str = "{DESCENDANT_ACCOUNT_ID}";

/// What holds for one caller: the rules for each noun.
#[derive(Clone, Debug, PartialEq)]
pub struct Restrictions(Object);

/// A request, as far as restrictions look at it.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    pub noun: &'a str,
    /// The segments behind the noun.
    pub arguments: &'a [String],
    pub verb: &'a str,
    /// The account in the path, if there is one, and where it stands.
    pub account: Option<(&'a str, Kinship)>,
}

/// Where the account in a path stands to the caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kinship {
    Own,
    Below,
    Other,
}

impl Restrictions {
    /// What the templates have for a caller: the account's, or if that has nothing for the method, the system's. `None`: he may
    /// do whatever he may otherwise.
    pub fn of(account: Option<&Value>, system: Option<&Value>, method: &str, priv_level: &str) -> Option<Self> {
        let template = [account, system].into_iter().flatten().find_map(|template| named_or_any(template, method))?;
        match named_or_any(template, priv_level)? {
            Value::Object(nouns) => Some(Self(nouns.clone())),
            // What nobody can read as a rule lets nobody through.
            _ => Some(Self(Object::new())),
        }
    }

    /// Whether a request is let through.
    pub fn allow(&self, attempt: &Attempt<'_>) -> bool {
        let rules = self.0.get(attempt.noun).or_else(|| self.0.get(ANY)).and_then(Value::as_array);
        let Some(rule) = rules.into_iter().flatten().find(|rule| is_for(rule, attempt.account)) else {
            return false;
        };
        let patterns = rule.get("rules").and_then(Value::as_object);
        let verbs = patterns.into_iter().flatten().find(|(pattern, _)| matches(pattern, attempt.arguments));
        let mut verbs = verbs.and_then(|(_, verbs)| verbs.as_array()).into_iter().flatten().filter_map(Value::as_str);
        verbs.any(|verb| verb == ANY || verb.eq_ignore_ascii_case(attempt.verb))
    }
}

fn named_or_any<'a>(template: &'a Value, name: &str) -> Option<&'a Value> {
    template.get(name).or_else(|| template.get(ANY)).filter(|found| !found.is_null())
}

/// Whether a rule speaks of the account in the path.
fn is_for(rule: &Value, account: Option<(&str, Kinship)>) -> bool {
    let Some(allowed) = rule.get("allowed_accounts") else {
        return true;
    };
    allowed.as_array().into_iter().flatten().filter_map(Value::as_str).any(|allowed| match (allowed, account) {
        (ANY, _) => true,
        (OWN, Some((_, kinship))) => kinship == Kinship::Own,
        (BELOW, Some((_, kinship))) => kinship == Kinship::Below,
        (id, Some((account_id, _))) => id == account_id,
        (_, None) => false,
    })
}

/// Whether a pattern of segments fits the arguments: `/` none, `*` any one, `#` any number, anything else itself.
fn matches(pattern: &str, arguments: &[String]) -> bool {
    let segments: Vec<&str> = pattern.split('/').filter(|segment| !segment.is_empty()).collect();
    let mut around = segments.split(|segment| *segment == "#");
    let (head, tail) = (around.next().unwrap_or_default(), around.next());
    let enough = match tail {
        None => arguments.len() == head.len(),
        Some(tail) => around.next().is_none() && arguments.len() >= head.len() + tail.len(),
    };
    let ending = arguments.iter().rev().zip(tail.into_iter().flatten().rev());
    enough && arguments.iter().zip(head).chain(ending).all(|(argument, segment)| fits(segment, argument))
}

fn fits(segment: &str, argument: &str) -> bool {
    segment == "*" || segment == argument
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const CHILD: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";

    fn restrictions(rules: Value) -> Restrictions {
        Restrictions(rules.as_object().unwrap().clone())
    }

    fn attempt<'a>(noun: &'a str, arguments: &'a [String], verb: &'a str, kinship: Kinship) -> Attempt<'a> {
        Attempt { noun, arguments, verb, account: Some((CHILD, kinship)) }
    }

    #[test]
    fn an_account_has_the_first_word_for_a_method_and_the_system_the_second() {
        let of = |account: Option<Value>, method: &str, level: &str| {
            let system = json!({"cb_user_auth": {"_": {"system": []}}, "_": {"admin": {"others": []}}});
            let found = Restrictions::of(account.as_ref(), Some(&system), method, level);
            found.and_then(|found| found.0.keys().next().cloned())
        };
        let own = json!({"cb_api_auth": {"admin": {"own": []}}});
        assert_eq!(of(Some(own.clone()), "cb_api_auth", "admin").as_deref(), Some("own"));
        // The account speaks of the method, but not of this level.
        assert_eq!(of(Some(own.clone()), "cb_api_auth", "user"), None);
        assert_eq!(of(Some(own), "cb_user_auth", "user").as_deref(), Some("system"));
        assert_eq!(of(None, "cb_auth", "admin").as_deref(), Some("others"));
        assert_eq!(of(None, "cb_auth", "user"), None);
        assert_eq!(of(Some(json!({"_": {"_": {"any": []}}})), "cb_user_auth", "user").as_deref(), Some("any"));
        assert_eq!(Restrictions::of(None, None, "cb_user_auth", "user"), None);
        assert_eq!(Restrictions::of(Some(&json!("rubbish")), None, "cb_user_auth", "user"), None);
    }

    #[test]
    fn what_is_no_rule_lets_nobody_through() {
        for rubbish in [json!("x"), json!([]), json!(7), json!({}), json!({"users": "x"}), json!({"users": [7]})] {
            let template = json!({"_": {"_": rubbish}});
            let restrictions = Restrictions::of(Some(&template), None, "cb_user_auth", "user").unwrap();
            assert!(!restrictions.allow(&attempt("users", &[], "GET", Kinship::Own)), "{template}");
        }
    }

    #[test]
    fn the_noun_itself_counts_before_any_other() {
        let any = json!([{"rules": {"#": ["_"]}}]);
        let rules = restrictions(json!({"devices": [{"rules": {"/": ["GET"]}}], "_": any}));
        assert!(rules.allow(&attempt("devices", &[], "GET", Kinship::Own)));
        assert!(!rules.allow(&attempt("devices", &[], "PUT", Kinship::Own)));
        assert!(rules.allow(&attempt("users", &[], "PUT", Kinship::Own)));
        assert!(!restrictions(json!({"devices": any})).allow(&attempt("users", &[], "GET", Kinship::Own)));
    }

    #[test]
    fn the_first_rule_for_the_account_decides() {
        let only = |allowed: Value| {
            let first = json!({"allowed_accounts": allowed, "rules": {"#": ["GET"]}});
            restrictions(json!({"users": [first, {"rules": {"#": ["PUT"]}}]}))
        };
        for (allowed, kinship, fits) in [
            (json!(["_"]), Kinship::Other, true),
            (json!([OWN]), Kinship::Own, true),
            (json!([OWN]), Kinship::Below, false),
            (json!([BELOW]), Kinship::Below, true),
            (json!([BELOW]), Kinship::Own, false),
            (json!(["x", CHILD]), Kinship::Other, true),
            (json!(["x"]), Kinship::Own, false),
            (json!([]), Kinship::Own, false),
            (json!("_"), Kinship::Own, false),
        ] {
            let rules = only(allowed.clone());
            assert_eq!(rules.allow(&attempt("users", &[], "GET", kinship)), fits, "{allowed} {kinship:?}");
            assert_eq!(rules.allow(&attempt("users", &[], "PUT", kinship)), !fits, "{allowed} {kinship:?}");
        }
        let elsewhere = Attempt { noun: "users", arguments: &[], verb: "GET", account: None };
        assert!(only(json!(["_"])).allow(&elsewhere) && !only(json!([OWN])).allow(&elsewhere));
    }

    #[test]
    fn the_first_pattern_that_fits_decides() {
        let rules = restrictions(json!({"users": [{"rules": {"u1": ["GET"], "*": ["POST"], "#": ["_"]}}]}));
        let allow = |arguments: &[&str], verb: &str| {
            let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
            rules.allow(&attempt("users", &arguments, verb, Kinship::Own))
        };
        assert!(allow(&["u1"], "GET") && !allow(&["u1"], "POST"));
        assert!(allow(&["u2"], "POST") && !allow(&["u2"], "GET"));
        assert!(allow(&[], "DELETE") && allow(&["u1", "photo"], "DELETE"));
    }

    #[test]
    fn patterns_count_segments() {
        for (pattern, arguments, fits) in [
            ("/", "", true),
            ("/", "a", false),
            ("*", "a", true),
            ("*", "", false),
            ("*", "a b", false),
            ("*/*", "a b", true),
            ("#", "", true),
            ("#", "a b c", true),
            ("a/#", "a", true),
            ("a/#", "a b c", true),
            ("a/#", "b", false),
            ("a/*", "a b", true),
            ("a/b", "a b", true),
            ("a/b", "a c", false),
            ("#/z", "a b z", true),
            ("#/z", "z", true),
            ("#/z", "a", false),
            ("#/#", "a", false),
        ] {
            let arguments: Vec<String> = arguments.split_whitespace().map(str::to_owned).collect();
            assert_eq!(matches(pattern, &arguments), fits, "{pattern} {arguments:?}");
        }
    }
}
