//! Numbers and booleans that came as text.

use jsonschema::{
    JsonType, ValidationError,
    error::{TypeKind, ValidationErrorKind},
};
use serde_json::{Number, Value};

/// A place in the data (as a JSON pointer) and the value to put there.
pub(super) type Conversion = (String, Value);

/// What can be made of the values of which a number or a boolean was expected.
pub(super) fn conversions(errors: &[ValidationError<'_>]) -> Vec<Conversion> {
    let conversion = |error: &ValidationError<'_>| {
        let ValidationErrorKind::Type { kind: TypeKind::Single(wanted) } = error.kind() else { return None };
        let text = error.instance().as_str()?;
        let value = match wanted {
            JsonType::Boolean => text.parse::<bool>().ok()?.into(),
            JsonType::Integer => integer(text)?,
            JsonType::Number => integer(text).or_else(|| float(text))?,
            _ => return None,
        };
        Some((error.instance_path().as_str().to_owned(), value))
    };
    errors.iter().filter_map(conversion).collect()
}

pub(super) fn apply(conversions: Vec<Conversion>, data: &mut Value) {
    for (place, value) in conversions {
        if let Some(old) = data.pointer_mut(&place) {
            *old = value;
        }
    }
}

fn integer(text: &str) -> Option<Value> {
    text.parse::<i64>().map(Value::from).or_else(|_| text.parse::<u64>().map(Value::from)).ok()
}

/// Digits, a point and digits, perhaps an exponent: not the names that Rust has for infinities.
fn float(text: &str) -> Option<Value> {
    let plain = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E'));
    let float = text.parse().ok().filter(|_| plain)?;
    Number::from_f64(float).map(Value::Number)
}
