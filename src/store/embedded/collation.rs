//! CouchDB's order of JSON values as bytes: of two encoded values the lesser one in CouchDB is the lesser one in `memcmp`.
//!
//! A type byte comes first: null, false, true, numbers, strings, arrays, objects. A number is its double, the bits turned
//! so that they compare as unsigned; a string is its sort key in ICU's root collation, which has no zero byte, and a zero;
//! an array is its elements and a zero; an object its members in their order, name and value, and a zero.

use std::sync::LazyLock;

use icu_collator::{Collator, CollatorBorrowed, options::CollatorOptions};
use serde_json::{Number, Value};

/// Belongs to every index's signature. To be raised when encoded keys change, by this module or by newer collation data.
pub(super) const VERSION: &str = "collation 1";

/// Below every encoded value.
pub(super) const LOWEST: &[u8] = &[];
/// Above every encoded value.
pub(super) const HIGHEST: &[u8] = &[0xff];

const END: u8 = 0;
const NULL: u8 = 1;
const FALSE: u8 = 2;
const TRUE: u8 = 3;
const NUMBER: u8 = 4;
const STRING: u8 = 5;
const ARRAY: u8 = 6;
const OBJECT: u8 = 7;

#[expect(clippy::expect_used, reason = "the data is compiled in")]
static ROOT: LazyLock<CollatorBorrowed<'static>> =
    LazyLock::new(|| Collator::try_new(Default::default(), CollatorOptions::default()).expect("collation data"));

/// The encoded value.
pub(super) fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(32);
    write(value, &mut bytes);
    bytes
}

fn write(value: &Value, into: &mut Vec<u8>) {
    match value {
        Value::Null => into.push(NULL),
        Value::Bool(false) => into.push(FALSE),
        Value::Bool(true) => into.push(TRUE),
        Value::Number(number) => write_number(number, into),
        Value::String(text) => write_string(text, into),
        Value::Array(elements) => {
            into.push(ARRAY);
            elements.iter().for_each(|element| write(element, into));
            into.push(END);
        }
        Value::Object(members) => {
            into.push(OBJECT);
            for (name, value) in members {
                write_string(name, into);
                write(value, into);
            }
            into.push(END);
        }
    }
}

fn write_number(number: &Number, into: &mut Vec<u8>) {
    // `+ 0.0` makes one zero of the two.
    let bits = (number.as_f64().unwrap_or_default() + 0.0).to_bits();
    let ordered = if bits >> 63 == 1 { !bits } else { bits | 1 << 63 };
    into.push(NUMBER);
    into.extend(ordered.to_be_bytes());
}

fn write_string(text: &str, into: &mut Vec<u8>) {
    into.push(STRING);
    // A `Vec` takes whatever is written.
    let _ = ROOT.write_sort_key_to(text, into);
    into.push(END);
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// CouchDB's comparison, spelled out.
    fn compare(a: &Value, b: &Value) -> Ordering {
        match (a, b) {
            (Value::Number(a), Value::Number(b)) => a.as_f64().partial_cmp(&b.as_f64()).unwrap(),
            (Value::String(a), Value::String(b)) => ROOT.compare(a, b),
            (Value::Array(a), Value::Array(b)) => {
                let unequal = a.iter().zip(b).map(|(a, b)| compare(a, b)).find(|order| order.is_ne());
                unequal.unwrap_or(a.len().cmp(&b.len()))
            }
            (Value::Object(a), Value::Object(b)) => {
                let member =
                    |((an, av), (bn, bv)): ((&String, &Value), (&String, &Value))| ROOT.compare(an, bn).then(compare(av, bv));
                a.iter().zip(b).map(member).find(|order| order.is_ne()).unwrap_or(a.len().cmp(&b.len()))
            }
            _ => rank(a).cmp(&rank(b)),
        }
    }

    fn rank(value: &Value) -> usize {
        match value {
            Value::Null => 0,
            Value::Bool(false) => 1,
            Value::Bool(true) => 2,
            Value::Number(_) => 3,
            Value::String(_) => 4,
            Value::Array(_) => 5,
            Value::Object(_) => 6,
        }
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (-1e18..1e18).prop_map(|number: f64| json!(number)),
            "[aAbB_ -]{0,3}".prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec(("[ab]{0,2}", inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn bytes_compare_as_the_values_do(a in values(), b in values()) {
            prop_assert_eq!(encode(&a).cmp(&encode(&b)), compare(&a, &b), "{} and {}", a, b);
        }

        #[test]
        fn every_value_lies_between_the_two_ends(a in values()) {
            let bytes = encode(&a);
            prop_assert!(bytes.as_slice() > LOWEST && bytes.as_slice() < HIGHEST);
        }
    }

    #[test]
    fn types_and_strings_stand_in_couchdbs_order() {
        let ordered = [
            json!(null),
            json!(false),
            json!(true),
            json!(-1e300),
            json!(-2),
            json!(-1.5),
            json!(0),
            json!(0.5),
            json!(1),
            json!(9_007_199_254_740_992_i64),
            json!(""),
            json!("_"),
            json!("!"),
            json!("~"),
            json!("1"),
            json!("a"),
            json!("A"),
            json!("á"),
            json!("aa"),
            json!("Aé"),
            json!("b"),
            json!("B"),
            json!("ba"),
            json!("\u{fff0}"),
            json!([]),
            json!([null]),
            json!([1, "a"]),
            json!([1, "a", {}]),
            json!([1, {}]),
            json!(["a"]),
            json!({}),
            json!({"a": 1}),
            json!({"a": 2}),
            json!({"b": 0}),
            json!({"b": 0, "a": 1}),
        ];
        for pair in ordered.windows(2) {
            assert!(encode(&pair[0]) < encode(&pair[1]), "{} before {}", pair[0], pair[1]);
        }
        assert_eq!(encode(&json!(1)), encode(&json!(1.0)));
        assert_eq!(encode(&json!(0.0)), encode(&json!(-0.0)));
    }

    #[test]
    fn stored_keys_keep_their_meaning() {
        // When this fails after an update of the collation data, VERSION must be raised: indexes on disk hold such keys.
        let hex = encode(&json!(["Kazoo-42 é", -1.5])).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex, "06053f2b5d4747050e1a160433013c8801dc0e00044007ffffffffffff00");
    }
}
