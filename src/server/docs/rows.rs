//! Schemas as tables for people: a row for each member, nested ones by their path with dots.

use serde_json::Value;

use super::page::{entries, members, text};

/// Members within members are shown so deep.
const DEEPEST: usize = 6;

/// A parameter, or a member of an object.
#[derive(Debug, Default, PartialEq)]
pub struct Row {
    pub name: String,
    pub kind: String,
    /// The schema that says more.
    pub link: Option<String>,
    pub about: String,
    pub is_required: bool,
    /// Where it stands: `path`, `query`; of a member nothing.
    pub place: String,
}

impl Row {
    pub fn parameter(parameter: &Value) -> Self {
        Self {
            name: text(&parameter["name"]).to_owned(),
            kind: kind(&parameter["schema"]),
            about: text(&parameter["description"]).to_owned(),
            is_required: parameter["required"] == true,
            place: text(&parameter["in"]).to_owned(),
            link: None,
        }
    }

    /// What something is: one row of this name that leads to a schema, or a row for each member.
    pub fn of(name: &str, schema: &Value, is_required: bool) -> Vec<Self> {
        let whole = if schema["type"] == "array" { &schema["items"] } else { schema };
        let rows = described(whole);
        if rows.is_empty() { vec![Self::member(name, schema, is_required)] } else { rows }
    }

    fn member(name: &str, schema: &Value, is_required: bool) -> Self {
        Self {
            name: name.to_owned(),
            kind: kind(schema),
            link: link(schema),
            about: text(&schema["description"]).to_owned(),
            is_required,
            place: String::new(),
        }
    }
}

/// A text with its code, which stands between backticks, as HTML.
pub fn marked(text: &str) -> String {
    let escaped = |part: &str| {
        let mut html = String::with_capacity(part.len());
        for c in part.chars() {
            match c {
                '&' => html.push_str("&amp;"),
                '<' => html.push_str("&lt;"),
                '>' => html.push_str("&gt;"),
                '"' => html.push_str("&quot;"),
                c => html.push(c),
            }
        }
        html
    };
    let parts = text.split('`').enumerate();
    parts.map(|(at, part)| if at % 2 == 1 { format!("<code>{}</code>", escaped(part)) } else { escaped(part) }).collect()
}

/// The members of an object.
pub fn described(schema: &Value) -> Vec<Row> {
    let mut rows = Vec::new();
    collect(schema, "", 0, &mut rows);
    rows
}

fn collect(schema: &Value, before: &str, depth: usize, rows: &mut Vec<Row>) {
    let is_required = |name: &str| members(&schema["required"]).any(|required| required == name);
    let named = entries(&schema["properties"]).map(|(name, member)| (name.to_owned(), member, is_required(name)));
    let patterns = entries(&schema["patternProperties"]).map(|(pattern, member)| (format!("/{pattern}/"), member, false));
    let others = Some(&schema["additionalProperties"]).filter(|others| others.is_object());
    let others = others.map(|member| ("*".to_owned(), member, false));
    for (name, member, is_required) in named.chain(patterns).chain(others) {
        let name = format!("{before}{name}");
        rows.push(Row::member(&name, member, is_required));
        let inner = if member["type"] == "array" { &member["items"] } else { member };
        if depth < DEEPEST {
            collect(inner, &format!("{name}."), depth + 1, rows);
        }
    }
    if depth == 0 {
        // Of several schemas that hold together, or of which one has to.
        for part in ["allOf", "oneOf", "anyOf"].into_iter().flat_map(|word| members(&schema[word])) {
            match link(part) {
                Some(name) => rows.push(Row { link: Some(name), ..Row::member("…", part, false) }),
                None => collect(part, before, depth + 1, rows),
            }
        }
    }
}

/// The schema that is referred to, also as what a list is made of.
fn link(schema: &Value) -> Option<String> {
    let parts = || ["allOf", "oneOf", "anyOf"].into_iter().flat_map(|word| members(&schema[word]));
    let reference = [schema, &schema["items"]].into_iter().chain(parts()).find_map(|schema| schema["$ref"].as_str());
    let name = reference?.rsplit('/').next()?;
    Some(name.strip_suffix(".part").unwrap_or(name).to_owned())
}

/// What a value is, in a few words.
fn kind(schema: &Value) -> String {
    let words: Vec<&str> = members(&schema["enum"]).map(text).collect();
    if !words.is_empty() {
        return words.join(" | ");
    }
    let name = match &schema["type"] {
        Value::String(name) => name.clone(),
        Value::Array(names) => names.iter().map(text).collect::<Vec<_>>().join(" or "),
        _ => String::new(),
    };
    let items = &schema["items"];
    let name = match name.as_str() {
        "array" if items["type"].is_string() => format!("list of {}s", text(&items["type"])),
        "array" => "list".to_owned(),
        _ => name,
    };
    let bounds =
        [("minLength", "at least"), ("maxLength", "at most"), ("minimum", "from"), ("maximum", "to"), ("pattern", "like")];
    let bounds = bounds.into_iter().filter_map(|(keyword, word)| {
        let bound = schema.get(keyword).filter(|bound| keyword != "minLength" || **bound != 1)?;
        Some(format!("{word} {}", bound.as_str().map_or_else(|| bound.to_string(), str::to_owned)))
    });
    [name].into_iter().filter(|name| !name.is_empty()).chain(bounds).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_within_members_stand_with_their_path() {
        let schema = json!({
            "type": "object",
            "properties": {
                "name": { "type": "string", "minLength": 1, "maxLength": 9, "description": "What it's called" },
                "call": { "type": "object", "properties": { "kind": { "enum": ["in", "out"] } } },
                "parts": { "type": "array", "items": { "$ref": "#/components/schemas/part" } },
            },
            "required": ["name"],
        });
        let row = |name: &str, kind: &str| Row { name: name.into(), kind: kind.into(), ..Row::default() };
        let expected = [
            Row { about: "What it's called".into(), is_required: true, ..row("name", "string, at most 9") },
            row("call", "object"),
            row("call.kind", "in | out"),
            Row { link: Some("part".into()), ..row("parts", "list") },
        ];
        assert_eq!(described(&schema), expected);
    }

    #[test]
    fn code_in_a_text_is_set_apart() {
        assert_eq!(marked("a `b<c>` d & `e`"), "a <code>b&lt;c&gt;</code> d &amp; <code>e</code>");
    }

    #[test]
    fn a_document_leads_to_its_schema() {
        let document =
            json!({ "allOf": [{ "$ref": "#/components/schemas/users.part" }, { "properties": { "id": { "type": "string" } } }] });
        let rows = Row::of("data", &document, true);
        assert_eq!(rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["…", "id"]);
        assert_eq!(rows.first().and_then(|row| row.link.as_deref()), Some("users"));
    }
}
