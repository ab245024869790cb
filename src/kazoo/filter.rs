//! The filters of listings: which documents a query string keeps.

use std::borrow::Cow;

use serde_json::Value;

use super::document::{Object, is_secret};

/// Conditions on a document, all of which must hold. They see the whole document, private members included, but for secrets:
/// else whoever may read a list could find out passwords by guessing, as often as he likes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter(Vec<Condition>);

/// What a parameter asks of a document. One that can't be answered (it compares an object with a text, or a time with
/// something that is none) keeps no document.
#[derive(Clone, Debug, PartialEq)]
enum Condition {
    /// `filter_K=V`
    Is(Key, Wanted),
    /// `filter_not_K=V`
    IsNot(Key, Wanted),
    /// `has_key=K`
    HasKey(Key),
    /// `key_missing=K`
    KeyMissing(Key),
    /// `has_value=K`
    HasValue(Key),
    /// `value_missing=K`
    ValueMissing(Key),
    /// `created_from=T`, `modified_from=T`
    From(&'static str, Option<u64>),
    /// `created_to=T`, `modified_to=T`
    To(&'static str, Option<u64>),
}

impl Filter {
    /// The filters among a query string's parameters (decoded); others aren't its affair.
    pub fn parse<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        Self(pairs.filter_map(|(name, value)| Condition::parse(name, value)).collect())
    }

    /// Whether there is no filter, so that every document is kept.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the document is kept.
    pub fn keeps(&self, doc: &Object) -> bool {
        self.0.iter().all(|condition| condition.holds(doc).unwrap_or(false))
    }
}

impl Condition {
    fn parse(name: &str, value: &str) -> Option<Self> {
        Some(match name {
            "has_key" => Self::HasKey(Key::parse(value)),
            "key_missing" => Self::KeyMissing(Key::parse(value)),
            "has_value" => Self::HasValue(Key::parse(value)),
            "value_missing" => Self::ValueMissing(Key::parse(value)),
            "created_from" => Self::From("pvt_created", value.parse().ok()),
            "created_to" => Self::To("pvt_created", value.parse().ok()),
            "modified_from" => Self::From("pvt_modified", value.parse().ok()),
            "modified_to" => Self::To("pvt_modified", value.parse().ok()),
            _ => match (name.strip_prefix("filter_not_"), name.strip_prefix("filter_")) {
                (Some(key), _) => Self::IsNot(Key::parse(key), Wanted::parse(value)),
                (None, Some(key)) => Self::Is(Key::parse(key), Wanted::parse(value)),
                (None, None) => return None,
            },
        })
    }

    fn holds(&self, doc: &Object) -> Option<bool> {
        match self {
            Self::Is(key, wanted) => wanted.is(key.of(doc)),
            Self::IsNot(key, wanted) => wanted.is(key.of(doc)).map(|is| !is),
            Self::HasKey(key) => Some(key.of(doc).is_some()),
            Self::KeyMissing(key) => Some(key.of(doc).is_none()),
            Self::HasValue(key) => Some(!key.of(doc).is_none_or(is_blank)),
            Self::ValueMissing(key) => Some(key.of(doc).is_none_or(is_blank)),
            Self::From(key, from) => Some(doc.get(*key)?.as_u64()? >= (*from)?),
            Self::To(key, to) => Some(doc.get(*key)?.as_u64()? <= (*to)?),
        }
    }
}

/// A member of a document by its dotted name: `caller_id.internal.name`.
#[derive(Clone, Debug, PartialEq)]
struct Key(Vec<String>);

impl Key {
    fn parse(dotted: &str) -> Self {
        Self(dotted.split('.').map(str::to_owned).collect())
    }

    fn of<'a>(&self, doc: &'a Object) -> Option<&'a Value> {
        let (first, rest) = self.0.split_first().filter(|(first, _)| !is_secret(first))?;
        rest.iter().try_fold(doc.get(first)?, |value, key| value.as_object()?.get(key))
    }
}

/// The text that a value is compared with; several when the parameter is a JSON list.
#[derive(Clone, Debug, PartialEq)]
struct Wanted(Vec<String>);

impl Wanted {
    fn parse(text: &str) -> Self {
        match serde_json::from_str(text) {
            Ok(Value::Array(items)) => Self(items.iter().filter_map(as_text).map(Cow::into_owned).collect()),
            _ => Self(vec![text.to_owned()]),
        }
    }

    /// `None` when the value isn't one that can be compared as text.
    fn is(&self, value: Option<&Value>) -> Option<bool> {
        match value {
            None => Some(false),
            Some(value) => as_text(value).map(|text| self.0.iter().any(|wanted| *wanted == text)),
        }
    }
}

fn as_text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text.into()),
        Value::Bool(flag) => Some(if *flag { "true" } else { "false" }.into()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Null => Some("null".into()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn filter(query: &[(&str, &str)]) -> Filter {
        Filter::parse(query.iter().copied())
    }

    fn keeps(query: &[(&str, &str)]) -> bool {
        let doc = json!({
            "username": "carl", "enabled": true, "count": 5, "ratio": 1.5, "blank": "", "none": null, "flags": ["a"], "empty": {},
            "caller_id": {"internal": {"name": "Carl"}}, "pvt_type": "user",
            "pvt_created": 63_876_543_210_u64, "pvt_modified": 63_876_543_220_u64,
        });
        filter(query).keeps(doc.as_object().unwrap())
    }

    #[test]
    fn secrets_are_not_there() {
        let doc = json!({"username": "jane", "pvt_md5_auth": "x", "pvt_signature_secret": "y", "pvt_api_key": "z"});
        for key in ["pvt_md5_auth", "pvt_signature_secret", "pvt_api_key"] {
            for value in ["x", "y", "z", "[\"x\",\"y\",\"z\"]"] {
                assert!(!filter(&[(&format!("filter_{key}"), value)]).keeps(doc.as_object().unwrap()), "{key}");
            }
            assert!(!filter(&[("has_key", key)]).keeps(doc.as_object().unwrap()), "{key}");
        }
    }

    #[test]
    fn a_value_is_compared_as_text() {
        for (name, value) in [
            ("filter_username", "carl"),
            ("filter_enabled", "true"),
            ("filter_count", "5"),
            ("filter_ratio", "1.5"),
            ("filter_caller_id.internal.name", "Carl"),
            ("filter_pvt_type", "user"),
        ] {
            assert!(keeps(&[(name, value)]), "{name}={value}");
            assert!(!keeps(&[(name, "other")]), "{name}=other");
            assert!(!keeps(&[(&name.replacen("filter_", "filter_not_", 1), value)]), "not {name}={value}");
            assert!(keeps(&[(&name.replacen("filter_", "filter_not_", 1), "other")]), "not {name}=other");
        }
    }

    #[test]
    fn what_is_absent_equals_nothing() {
        assert!(!keeps(&[("filter_email", "undefined")]));
        assert!(keeps(&[("filter_not_email", "carl@example.org")]));
    }

    #[test]
    fn a_list_names_the_values_that_are_kept() {
        assert!(keeps(&[("filter_username", r#"["uma","carl"]"#)]));
        assert!(keeps(&[("filter_count", "[4,5]")]));
        assert!(!keeps(&[("filter_username", r#"["uma"]"#)]));
        assert!(!keeps(&[("filter_not_username", r#"["uma","carl"]"#)]));
        assert!(!keeps(&[("filter_username", "[]")]));
    }

    #[test]
    fn keys_and_values_can_be_asked_for() {
        assert!(keeps(&[("has_key", "blank")]) && keeps(&[("has_key", "caller_id.internal")]));
        assert!(!keeps(&[("has_key", "email")]) && !keeps(&[("has_key", "username.x")]));
        assert!(keeps(&[("key_missing", "email")]) && !keeps(&[("key_missing", "blank")]));
        assert!(keeps(&[("has_value", "username")]) && keeps(&[("has_value", "flags")]));
        for key in ["blank", "none", "empty", "email"] {
            assert!(!keeps(&[("has_value", key)]), "{key}");
            assert!(keeps(&[("value_missing", key)]), "{key}");
        }
    }

    #[test]
    fn times_include_both_ends() {
        assert!(keeps(&[("created_from", "63876543210")]) && keeps(&[("created_to", "63876543210")]));
        assert!(!keeps(&[("created_from", "63876543211")]) && !keeps(&[("created_to", "63876543209")]));
        assert!(keeps(&[("modified_from", "63876543220"), ("modified_to", "63876543220")]));
        assert!(!keeps(&[("modified_from", "63876543221")]));
        assert!(keeps(&[("created_from", "0")]) && !keeps(&[("created_from", "99999999999")]));
    }

    #[test]
    fn all_filters_must_hold() {
        assert!(keeps(&[("filter_username", "carl"), ("filter_not_count", "4")]));
        assert!(!keeps(&[("filter_username", "carl"), ("filter_not_count", "5")]));
    }

    #[test]
    fn a_filter_that_cannot_be_answered_keeps_nothing() {
        for (name, value) in [
            ("filter_caller_id", "x"),
            ("filter_not_caller_id", "x"),
            ("filter_flags", "a"),
            ("created_from", "yesterday"),
            ("created_to", ""),
        ] {
            assert!(!keeps(&[(name, value)]), "{name}={value}");
        }
        assert!(!filter(&[("created_from", "0")]).keeps(&Object::new()));
    }

    #[test]
    fn other_parameters_are_no_filters() {
        let others = [
            ("_", "1"),
            ("ui_metadata", "x"),
            ("page_size", "2"),
            ("missing_value", "x"),
            ("filter", "x"),
            ("paginate", "false"),
        ];
        assert!(filter(&others).is_empty());
        assert!(keeps(&others));
        assert!(!filter(&[("filter_a", "b")]).is_empty());
    }

    proptest! {
        #[test]
        fn a_scalar_is_kept_by_exactly_one_of_a_filter_and_its_opposite(
            value in prop_oneof![any::<bool>().prop_map(Value::from), any::<i64>().prop_map(Value::from), "[a-c\\[\\]\",]{0,6}".prop_map(Value::from)],
            wanted in "[a-c0-9\\[\\]\",]{0,6}",
        ) {
            let doc = Object::from_iter([("k".to_owned(), value)]);
            let kept = filter(&[("filter_k", &wanted)]).keeps(&doc);
            prop_assert_eq!(kept, !filter(&[("filter_not_k", &wanted)]).keeps(&doc));
        }

        #[test]
        fn any_parameter_is_taken(name in "(filter_|filter_not_|has_key|created_from)?[ -~]{0,12}", value in any::<String>()) {
            filter(&[(&name, &value)]).keeps(&Object::new());
        }
    }
}
