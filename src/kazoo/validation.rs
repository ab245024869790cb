//! What is wrong with a request's `data`, in the shape of Kazoo's "validation error".

use std::{collections::BTreeMap, fmt};

use serde_json::Value;

use super::document::Object;

/// Of a list's wrong elements so many are told: else an answer could be a hundred times as long as what was sent.
pub const ELEMENTS: usize = 100;

/// The problems found, at most one for each key path; of several on one path the last added stays, as in Kazoo.
///
/// A path names a member of `data` by its keys from the root, joined by `.`; elements of a list by their index from 0.
/// [`path()`] makes one from keys that may themselves contain dots.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Invalid {
    problems: BTreeMap<String, (String, Object)>,
}

impl Invalid {
    /// No problem yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A single problem.
    pub fn one(path: impl Into<String>, code: &str, detail: impl Into<Detail>) -> Self {
        let mut invalid = Self::new();
        invalid.add(path, code, detail);
        invalid
    }

    /// A field that has to be there and isn't, in the words that Kazoo has for it.
    pub fn required(path: &str) -> Self {
        Self::one(path, "required", Detail::new("Field is required but missing").value(path))
    }

    /// Adds a problem; it takes the place of an earlier one with the same path.
    pub fn add(&mut self, path: impl Into<String>, code: &str, detail: impl Into<Detail>) {
        self.problems.insert(path.into(), (code.to_owned(), detail.into().0));
    }

    /// Adds all problems of another; they take the places of those with the same paths.
    pub fn merge(&mut self, other: Invalid) {
        self.problems.extend(other.problems);
    }

    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// Itself as an error, unless there is no problem.
    pub fn into_result(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }

    /// The `data` of the answer: `{"<path>": {"<code>": {"message": …, …}}, …}`, sorted by path.
    pub fn into_data(self) -> Object {
        let leaf = |(code, object)| Value::Object(Object::from_iter([(code, Value::Object(object))]));
        self.problems.into_iter().map(|(path, problem)| (path, leaf(problem))).collect()
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("validation error")?;
        for (n, (path, (code, _))) in self.problems.iter().enumerate() {
            write!(f, "{} {path:?} {code}", if n == 0 { ":" } else { "," })?;
        }
        Ok(())
    }
}

impl std::error::Error for Invalid {}

/// What is said of a problem: a message and, where they help, what caused it, what was expected, what was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Detail(Object);

impl Detail {
    pub fn new(message: impl Into<String>) -> Self {
        Self(Object::from_iter([("message".to_owned(), Value::String(message.into()))]))
    }

    pub fn target(self, target: impl Into<Value>) -> Self {
        self.with("target", target)
    }

    pub fn cause(self, cause: impl Into<Value>) -> Self {
        self.with("cause", cause)
    }

    pub fn value(self, value: impl Into<Value>) -> Self {
        self.with("value", value)
    }

    /// Any other member.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }
}

impl From<&str> for Detail {
    fn from(message: &str) -> Self {
        Self::new(message)
    }
}

impl From<Object> for Detail {
    fn from(object: Object) -> Self {
        Self(object)
    }
}

/// The path of a member by its keys; a dot inside a key is written `%2E`.
pub fn path<S: AsRef<str>>(keys: impl IntoIterator<Item = S>) -> String {
    let keys: Vec<String> = keys.into_iter().map(|key| key.as_ref().replace('.', "%2E")).collect();
    keys.join(".")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_problem_is_shown_under_its_path_and_code() {
        let mut invalid =
            Invalid::one("realm", "unique", Detail::new("Account realm already in use").cause("bluefox.example.org"));
        invalid.add("to", "required", "Field 'to' is required");
        assert_eq!(
            Value::Object(invalid.into_data()),
            json!({
                "realm": {"unique": {"message": "Account realm already in use", "cause": "bluefox.example.org"}},
                "to": {"required": {"message": "Field 'to' is required"}},
            })
        );
    }

    #[test]
    fn a_missing_field_names_itself() {
        assert_eq!(
            Value::Object(Invalid::required("credentials").into_data()),
            json!({"credentials": {"required": {"message": "Field is required but missing", "value": "credentials"}}})
        );
    }

    #[test]
    fn the_last_problem_of_a_path_stays() {
        let mut invalid = Invalid::one("name", "minLength", "too short");
        invalid.merge(Invalid::one("name", "unique", "taken"));
        assert_eq!(Value::Object(invalid.into_data()), json!({"name": {"unique": {"message": "taken"}}}));
    }

    #[test]
    fn problems_of_different_paths_are_all_shown_sorted_by_path() {
        let mut invalid = Invalid::required("username");
        invalid.merge(Invalid::required("first_name"));
        invalid.merge(Invalid::required("last_name"));
        assert_eq!(invalid.to_string(), r#"validation error: "first_name" required, "last_name" required, "username" required"#);
        assert_eq!(invalid.into_data().keys().collect::<Vec<_>>(), ["first_name", "last_name", "username"]);
    }

    #[test]
    fn a_dot_inside_a_key_is_told_from_one_between_keys() {
        assert_eq!(path(["A", "us.{{domain}}", "mapping", "0"]), "A.us%2E{{domain}}.mapping.0");
        assert_eq!(path([""; 0]), "");
    }

    #[test]
    fn no_problem_is_no_error() {
        assert_eq!(Invalid::new().into_result(), Ok(()));
        assert!(Invalid::required("name").into_result().is_err());
    }
}
