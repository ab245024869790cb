//! The validator's findings in Kazoo's words.

use jsonschema::{
    ValidationError,
    error::{TypeKind, ValidationErrorKind as Kind},
};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{
    super::{
        document::Object,
        validation::{Detail, Invalid, path},
    },
    Sources,
    compile::ORIGINAL_PATTERN,
};

/// How long a report may get, in bytes, roughly. It repeats what was sent: each value that's refused and, for each
/// superfluous member of an object, that whole object. At least one problem is always shown.
const LENGTH: usize = 256 * 1024;
/// What a problem comes to without the value.
const PROBLEM: usize = 256;

/// All that is wrong. Of several problems on one path it's the one whose keyword is last in the alphabet: that is the
/// order of keywords in Kazoo's own schema documents, in which Kazoo evaluates them.
pub(super) fn invalid(errors: &[ValidationError<'_>], sources: &Sources) -> Invalid {
    let mut errors: Vec<_> = errors.iter().collect();
    errors.sort_by(|one, other| one.kind().keyword().cmp(other.kind().keyword()));
    let mut invalid = Invalid::new();
    let mut left = LENGTH;
    for error in errors {
        let value = error.instance().as_ref();
        let length = PROBLEM + length(value);
        match error.kind() {
            Kind::Required { property } if !is_dependency(error) => {
                let property = property.as_str().unwrap_or_default();
                let detail = Detail::new("Field is required but missing").value(property);
                invalid.add(path_of(error, Some(property)), "required", detail);
                left = left.saturating_sub(PROBLEM);
            }
            Kind::AdditionalProperties { unexpected } => {
                for property in unexpected.iter().take(1 + left / length) {
                    let message = "Strict checking of data is enabled; only include schema-defined properties";
                    let detail = Detail::new(message).value(value.clone());
                    invalid.add(path_of(error, Some(property)), "additionalProperties", detail);
                    left = left.saturating_sub(length);
                }
            }
            _ => {
                let (code, detail) = described(error, sources);
                invalid.add(path_of(error, None), code, detail.value(value.clone()));
                left = left.saturating_sub(length);
            }
        }
        if left == 0 {
            break;
        }
    }
    invalid
}

/// The code and what is said, but for the value.
fn described(error: &ValidationError<'_>, sources: &Sources) -> (&'static str, Detail) {
    let value = error.instance().as_ref();
    match error.kind() {
        Kind::Type { kind } => {
            let types = expected_types(error, kind, sources);
            ("type", Detail::new(format!("Value did not match type(s): {types}")).target(types))
        }
        Kind::Enum { options } => {
            ("enum", Detail::new("Value not found in enumerated list of values").target(options.as_ref().clone()))
        }
        Kind::MinLength { limit } => {
            let message = format!("String must be at least {limit} characters");
            ("minLength", Detail::new(message).target(*limit).cause(value.clone()))
        }
        Kind::MaxLength { limit } => {
            let message = format!("String must not be more than {limit} characters");
            ("maxLength", Detail::new(message).target(*limit).cause(value.clone()))
        }
        Kind::Minimum { limit } | Kind::ExclusiveMinimum { limit } => {
            ("minimum", Detail::new(format!("Value must be at least {limit}")).target(limit.clone()))
        }
        Kind::Maximum { limit } | Kind::ExclusiveMaximum { limit } => {
            ("maximum", Detail::new(format!("Value must be at most {limit}")).target(limit.clone()))
        }
        Kind::MinItems { limit } => {
            ("minItems", Detail::new(format!("The list must have at least {limit} items")).target(*limit))
        }
        Kind::MaxItems { limit } => ("maxItems", Detail::new(format!("The list is more than {limit} items")).target(*limit)),
        Kind::UniqueItems => ("uniqueItems", Detail::new("List of items is not unique")),
        Kind::Pattern { pattern } => failed_pattern(error, pattern, sources),
        Kind::AdditionalItems { .. } => {
            ("additionalItems", Detail::new("Strict checking of data is enabled; only include schema-defined items"))
        }
        Kind::Format { format } => {
            ("wrong_format", Detail::new("Field is not in the correct format").with("format", format.as_str()))
        }
        Kind::Required { .. } => ("dependencies", Detail::new("Dependencies were not validated")),
        Kind::OneOfNotValid { .. } => failed("not_one_schema_valid"),
        Kind::OneOfMultipleValid { .. } => failed("not_one_schema_valid"),
        Kind::AnyOf { .. } => failed("any_schemas_not_valid"),
        Kind::Not { .. } => failed("not_schema_valid"),
        Kind::MinProperties { .. } => failed("too_few_properties"),
        Kind::MaxProperties { .. } => failed("too_many_properties"),
        Kind::MultipleOf { .. } => failed("not_multiple_of"),
        // Not of draft 4, or a pattern on which the engine gave up.
        _ => failed("error"),
    }
}

fn failed(code: &'static str) -> (&'static str, Detail) {
    (code, Detail::new("failed to validate"))
}

fn failed_pattern(error: &ValidationError<'_>, translated: &str, sources: &Sources) -> (&'static str, Detail) {
    let schema = schema_of(error, sources);
    let pattern = schema.and_then(|schema| schema.get(ORIGINAL_PATTERN)?.as_str()).unwrap_or(translated);
    ("pattern", Detail::new(format!("Failed to match pattern '{pattern}'")).target(pattern))
}

/// The types that the schema names, in its order; the validator has forgotten that of several.
fn expected_types(error: &ValidationError<'_>, kind: &TypeKind, sources: &Sources) -> String {
    let several = match kind {
        TypeKind::Single(one) => return one.to_string(),
        TypeKind::Multiple(several) => several,
    };
    let named: Option<Vec<&str>> = schema_of(error, sources)
        .and_then(|schema| schema.get("type")?.as_array())
        .and_then(|names| names.iter().map(Value::as_str).collect());
    named.map_or_else(|| several.iter().map(|one| one.to_string()).collect::<Vec<_>>().join(", "), |names| names.join(", "))
}

/// The schema whose keyword failed.
fn schema_of<'a>(error: &ValidationError<'_>, sources: &'a Sources) -> Option<&'a Object> {
    let (uri, place) = error.absolute_keyword_location()?.as_str().split_once('#')?;
    let place = percent_decode_str(place).decode_utf8().ok()?;
    let (schema, _keyword) = place.rsplit_once('/')?;
    sources.get(uri)?.pointer(schema)?.as_object()
}

/// Whether what is required is so only because of another member.
fn is_dependency(error: &ValidationError<'_>) -> bool {
    error.schema_path().as_str().ends_with("/dependencies")
}

/// The path of the value that failed, or of a member of it.
fn path_of(error: &ValidationError<'_>, member: Option<&str>) -> String {
    let pointer = error.instance_path().as_str();
    let keys = pointer.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~"));
    path(keys.chain(member.map(str::to_owned)))
}

fn length(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 2,
        Value::Array(items) => items.iter().map(|item| length(item) + 1).sum::<usize>() + 2,
        Value::Object(members) => members.iter().map(|(key, member)| key.len() + length(member) + 4).sum::<usize>() + 2,
        _ => 8,
    }
}
