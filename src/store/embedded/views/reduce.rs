//! Rows put together: by key or by a part of it, with CouchDB's built-in functions or one in JavaScript.

use rusqlite::Connection;
use serde_json::{Number, Value, json};

use super::rows::{self, Place, Stored};
use crate::store::{Query, Reduce, Row, embedded::fault::Fault};

/// A view's reduce function.
pub(super) enum Reducer {
    Count,
    Sum,
    Stats,
    /// The source of a JavaScript function.
    Script(String),
}

impl Reducer {
    pub(super) fn parse(source: &str) -> Result<Self, Fault> {
        match source.trim() {
            "_count" => Ok(Self::Count),
            "_sum" => Ok(Self::Sum),
            "_stats" => Ok(Self::Stats),
            unknown if unknown.starts_with('_') => Err(Fault::invalid(format!("there's no reduce function {unknown}"))),
            script => Ok(Self::Script(script.to_owned())),
        }
    }

    fn start(&self) -> Total {
        match self {
            Self::Count => Total::Count(0),
            Self::Sum => Total::Sum(json!(0)),
            Self::Stats => Total::Stats(Stats::default()),
            Self::Script(_) => Total::Script(Vec::new()),
        }
    }
}

/// Rows that belong together.
pub(super) struct Group {
    key: Value,
    total: Total,
}

enum Total {
    Count(u64),
    Sum(Value),
    Stats(Stats),
    /// `[key, id]` and value, JSON, as the function will get them.
    Script(Vec<(String, String)>),
}

struct Stats {
    sum: f64,
    count: u64,
    min: f64,
    max: f64,
    sumsqr: f64,
}

impl Default for Stats {
    fn default() -> Self {
        Self { sum: 0.0, count: 0, min: f64::INFINITY, max: f64::NEG_INFINITY, sumsqr: 0.0 }
    }
}

/// The groups of a query's rows in their order; `skip` and `limit` count groups.
pub(super) fn groups(conn: &Connection, place: Place, query: &Query, reducer: &Reducer) -> Result<Vec<Group>, Fault> {
    let wanted = query.skip.saturating_add(query.limit.unwrap_or(usize::MAX));
    let mut groups: Vec<Group> = Vec::new();
    for span in rows::spans(query) {
        // Each of several keys is a group of its own, even if it's named twice in a row.
        let first = groups.len();
        let whole = match (reducer, query.reduce, &span.key) {
            (Reducer::Count, Reduce::All | Reduce::Level(0), _) => Some(Value::Null),
            (Reducer::Count, Reduce::Group, Some(key)) => Some(key.clone()),
            _ => None,
        };
        if let Some(key) = whole {
            let count = span.count(conn, place)?;
            groups.extend((count > 0).then_some(Group { key, total: Total::Count(count) }));
            continue;
        }
        let mut last = None;
        span.visit(conn, place, 0, |row| {
            // Most neighbours have the same key; then it isn't parsed again.
            if groups.len() == first || last.as_deref() != Some(row.key) {
                let key = group_key(query.reduce, row.key)?;
                if groups.len() == first || groups.last().is_none_or(|group| group.key != key) {
                    if groups.len() == wanted {
                        return Ok(false);
                    }
                    groups.push(Group { key, total: reducer.start() });
                }
                last = Some(row.key.to_owned());
            }
            groups.last_mut().map_or(Ok(()), |group| group.total.add(&row))?;
            Ok(true)
        })?;
    }
    groups.truncate(wanted);
    Ok(groups.into_iter().skip(query.skip).collect())
}

fn group_key(reduce: Reduce, key: &str) -> Result<Value, Fault> {
    Ok(match (reduce, serde_json::from_str(key)?) {
        (Reduce::No | Reduce::All | Reduce::Level(0), _) => Value::Null,
        (Reduce::Level(level), Value::Array(mut elements)) => {
            elements.truncate(level);
            Value::Array(elements)
        }
        (Reduce::Group | Reduce::Level(_), key) => key,
    })
}

impl Group {
    /// The reduced row.
    pub(super) fn finish(self) -> Result<Row, Fault> {
        let value = match self.total {
            Total::Count(count) => json!(count),
            Total::Sum(sum) => sum,
            Total::Stats(Stats { sum, count, min, max, sumsqr }) => {
                json!({"sum": number(sum), "count": count, "min": number(min), "max": number(max), "sumsqr": number(sumsqr)})
            }
            Total::Script(_) => Value::Null,
        };
        Ok(Row { id: None, key: self.key, value, doc: None })
    }

    /// The key, and what a function in JavaScript gets.
    pub(super) fn into_script(self) -> (Value, Vec<(String, String)>) {
        match self.total {
            Total::Script(rows) => (self.key, rows),
            _ => (self.key, Vec::new()),
        }
    }
}

impl Total {
    fn add(&mut self, row: &Stored<'_>) -> Result<(), Fault> {
        match self {
            Self::Count(count) => *count += 1,
            Self::Sum(sum) => *sum = add(sum, &serde_json::from_str(row.value)?)?,
            Self::Stats(stats) => {
                let value: f64 = serde_json::from_str(row.value).map_err(|_| Fault::invalid("_stats: a value isn't a number"))?;
                stats.sum += value;
                stats.count += 1;
                stats.min = stats.min.min(value);
                stats.max = stats.max.max(value);
                stats.sumsqr += value * value;
            }
            Self::Script(rows) => rows.push((format!("[{},{}]", row.key, Value::from(row.id)), row.value.to_owned())),
        }
        Ok(())
    }
}

/// Numbers are added; arrays of numbers element by element, a number counting as an array of one.
fn add(a: &Value, b: &Value) -> Result<Value, Fault> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => Ok(Value::Number(add_numbers(a, b))),
        (Value::Array(a), Value::Array(b)) => {
            let zero = json!(0);
            let element = |nth: usize| add(a.get(nth).unwrap_or(&zero), b.get(nth).unwrap_or(&zero));
            (0..a.len().max(b.len())).map(element).collect()
        }
        (Value::Number(_), Value::Array(_)) => add(&Value::Array(vec![a.clone()]), b),
        (Value::Array(_), Value::Number(_)) => add(a, &Value::Array(vec![b.clone()])),
        _ => Err(Fault::invalid("_sum: a value is neither a number nor an array of numbers")),
    }
}

/// Whole numbers stay whole.
fn add_numbers(a: &Number, b: &Number) -> Number {
    match (a.as_i64(), b.as_i64()) {
        (Some(a), Some(b)) if a.checked_add(b).is_some() => Number::from(a + b),
        _ => number(a.as_f64().unwrap_or_default() + b.as_f64().unwrap_or_default()),
    }
}

/// A double as JSON has it: whole where it's whole.
fn number(value: f64) -> Number {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        return Number::from(value as i64);
    }
    Number::from_f64(value).unwrap_or_else(|| Number::from(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_of_numbers_and_of_arrays() {
        let sum = |a: Value, b: Value| add(&a, &b).unwrap();
        assert_eq!(sum(json!(1), json!(2)), json!(3));
        assert_eq!(sum(json!(1), json!(0.5)), json!(1.5));
        assert_eq!(sum(json!(0.5), json!(0.5)), json!(1));
        assert_eq!(sum(json!([1, 2]), json!([10, 20, 30])), json!([11, 22, 30]));
        assert_eq!(sum(json!(0), json!([1, 2])), json!([1, 2]));
        assert_eq!(sum(json!(i64::MAX), json!(1)), json!(9223372036854775808.0));
        assert!(add(&json!(0), &json!("1")).is_err());
    }
}
