//! Data as CSV: a header row, then a row for each object, nested members under dotted names.

use serde_json::Value;

/// Writes an object, or an array of them. Empty for anything else.
pub fn write(data: &Value) -> Result<Vec<u8>, csv::Error> {
    let rows: Vec<Vec<(String, String)>> = match data {
        Value::Array(rows) => rows.iter().map(flatten).collect(),
        row => vec![flatten(row)],
    };
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in rows.iter().flatten() {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
    if !names.is_empty() {
        writer.write_record(&names)?;
        for row in &rows {
            let cell = |name: &&str| row.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value.as_str());
            writer.write_record(names.iter().map(cell))?;
        }
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

fn flatten(row: &Value) -> Vec<(String, String)> {
    let mut cells = Vec::new();
    if let Value::Object(members) = row {
        for (name, value) in members {
            collect(name, value, &mut cells);
        }
    }
    cells
}

fn collect(path: &str, value: &Value, cells: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| collect(&format!("{path}.{name}"), value, cells)),
        Value::String(text) => cells.push((path.to_owned(), text.clone())),
        Value::Null => cells.push((path.to_owned(), String::new())),
        other => cells.push((path.to_owned(), other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn csv(data: Value) -> String {
        String::from_utf8(write(&data).unwrap()).unwrap()
    }

    #[test]
    fn an_object_is_a_header_and_a_row() {
        assert_eq!(csv(json!({"version": "5.0", "ports": 10})), "\"version\",\"ports\"\n\"5.0\",\"10\"\n");
    }

    #[test]
    fn rows_share_a_header_and_nested_members_have_dotted_names() {
        let rows = json!([{"id": "1", "a": {"b": true}}, {"id": "2", "c": "x \"y\", z"}]);
        assert_eq!(csv(rows), "\"id\",\"a.b\",\"c\"\n\"1\",\"true\",\"\"\n\"2\",\"\",\"x \"\"y\"\", z\"\n");
    }

    #[test]
    fn nothing_is_nothing() {
        for nothing in [json!([]), json!({}), json!("x")] {
            assert_eq!(csv(nothing), "");
        }
    }
}
