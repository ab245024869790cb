use proptest::{collection::vec, prelude::*};
use serde_json::json;

use super::*;

/// Keys as Kazoo shows them, and what they are keys of.
fn recorded() -> [(&'static str, Value); 5] {
    [
        ("g20AAAACYWI", json!("ab")),
        ("g20AAAAKRm9ybSBGdWxsMg", json!("Form Full2")),
        ("g20AAAAEenp6eg", json!("zzzz")),
        ("g2wAAAACZAAJdW5kZWZpbmVkbQAAAAPvv7Bq", json!([null, "\u{fff0}"])),
        (
            "g2wAAAACbQAAACBmNWE4ZmYzZWM1NGRlMzUzZTIxNjZjMTE0ZjdjNGI4YW0AAAAD77-wag",
            json!(["f5a8ff3ec54de353e2166c114f7c4b8a", "\u{fff0}"]),
        ),
    ]
}

fn of(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

#[test]
fn keys_are_written_and_read_as_kazoo_does() {
    for (text, key) in recorded() {
        assert_eq!(encode(&key), text);
        assert_eq!(decode(text), key);
    }
}

#[test]
fn numbers_have_the_forms_that_erlang_gives_them() {
    for (number, bytes) in [
        (json!(0), &[131, 97, 0][..]),
        (json!(255), &[131, 97, 255]),
        (json!(256), &[131, 98, 0, 0, 1, 0]),
        (json!(-1), &[131, 98, 255, 255, 255, 255]),
        (json!(63_908_006_400_u64), &[131, 110, 5, 0, 0, 0xca, 0x36, 0xe1, 0x0e]),
        (json!(i64::MIN), &[131, 110, 8, 1, 0, 0, 0, 0, 0, 0, 0, 128]),
        (json!(u64::MAX), &[131, 110, 8, 0, 255, 255, 255, 255, 255, 255, 255, 255]),
        (json!(1.5), &[131, 70, 63, 248, 0, 0, 0, 0, 0, 0]),
        (json!([1, 2]), &[131, 107, 0, 2, 1, 2]),
        (json!([]), &[131, 106]),
        (json!({"a": 1}), &[131, 104, 1, 108, 0, 0, 0, 1, 104, 2, 109, 0, 0, 0, 1, b'a', 97, 1, 106]),
    ] {
        assert_eq!(BASE64.decode(encode(&number)).unwrap(), bytes, "{number}");
    }
}

#[test]
fn atoms_are_read_in_the_encodings_of_all_releases() {
    for head in [&[100, 0, 4][..], &[115, 4], &[118, 0, 4], &[119, 4]] {
        assert_eq!(decode(&of(&[&[131], head, b"true"].concat())), json!(true), "{head:?}");
        assert_eq!(decode(&of(&[&[131], head, b"null"].concat())), json!(null), "{head:?}");
        assert_eq!(decode(&of(&[&[131], head, b"user"].concat())), json!("user"), "{head:?}");
    }
    assert_eq!(decode(&of(&[131, 100, 0, 1, 0xe9])), json!("é"));
}

#[test]
fn maps_and_empty_objects_are_objects() {
    assert_eq!(decode(&of(&[131, 116, 0, 0, 0, 1, 119, 1, b'a', 97, 1])), json!({"a": 1}));
    assert_eq!(decode(&of(&[131, 104, 1, 106])), json!({}));
}

#[test]
fn padding_does_not_matter() {
    assert_eq!(decode("g20AAAACYWI="), json!("ab"));
}

#[test]
fn what_is_not_a_term_is_a_string() {
    let deep = [vec![131], [108, 0, 0, 0, 1].repeat(100_000), vec![106; 100_001]].concat();
    for text in [
        "".to_owned(),
        "zzzz".to_owned(),
        "Jane Doe".to_owned(),
        "ü".to_owned(),
        of(&[131]),
        of(&[131, 109, 255, 255, 255, 255, 1]),           // longer than what is there
        of(&[131, 108, 255, 255, 255, 255, 106, 106]),    // the same of a list
        of(&[131, 116, 255, 255, 255, 255]),              // and of a map
        of(&[131, 109, 0, 0, 0, 1, 97, 0]),               // something follows
        of(&[131, 109, 0, 0, 0, 1, 255]),                 // not UTF-8
        of(&[131, 108, 0, 0, 0, 1, 97, 1, 97, 2]),        // an improper list
        of(&[131, 104, 2, 97, 1, 97, 2]),                 // a tuple
        of(&[131, 104, 1, 108, 0, 0, 0, 1, 97, 1, 106]),  // a tuple with something else in it
        of(&[131, 110, 9, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1]), // a number beyond 64 bits
        of(&[131, 70, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0]),     // not a number
        of(&[131, 80, 255, 255, 255, 255, 120, 156]),     // compressed
        of(&deep),
    ] {
        assert_eq!(decode(&text), Value::from(text.clone()));
    }
}

fn keys() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-300..300).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((any::<String>(), inner), 0..5).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn a_key_comes_back_as_it_went(key in keys()) {
        prop_assert_eq!(decode(&encode(&key)), key);
    }

    #[test]
    fn no_bytes_make_the_reader_stumble(bytes in vec(any::<u8>(), 0..64)) {
        let _ = decode(&of(&[&[VERSION], &bytes[..]].concat()));
    }

    #[test]
    fn a_term_with_a_byte_changed_does_not_make_the_reader_stumble(key in keys(), at in any::<prop::sample::Index>(), byte: u8) {
        let mut bytes = BASE64.decode(encode(&key)).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = decode(&of(&bytes));
    }

    #[test]
    fn text_that_is_no_term_stays_as_it_is(text in "[a-f][ -~]{0,40}") {
        prop_assert_eq!(decode(&text), Value::from(text));
    }
}
