//! Pages of a view: Kazoo reads one row more than it shows and gives its key to the client as the next page's start.

use serde_json::Value;

use super::{Failure, Request, reply::Paging};
use crate::{
    kazoo::{filter::Filter, term},
    store::{self, Keys, Query, Row},
};

const LARGEST_CHUNK: usize = 50;
/// Rows that are read at once where a filter may drop most of them.
const FILTERED_AT_ONCE: usize = 200;

/// How a list is wanted.
#[derive(Debug)]
pub struct Page {
    /// Rows on a page; `None`: all of them.
    size: Option<usize>,
    start: Option<Value>,
    pub ascending: bool,
    pub filter: Filter,
}

impl Page {
    /// Reads the paging values of a request. `default_size` is the size of a page when the client names none.
    pub fn of(request: &Request, default_size: usize) -> Result<Self, Failure> {
        let size = count(request, "page_size", "page size")?.unwrap_or(default_size);
        // A list is sent in one piece here; a client that wants it in chunks gets the same JSON.
        if count(request, "chunk_size", "chunk size")?.is_some_and(|size| size > LARGEST_CHUNK) {
            return Err(Failure::Faulty(format!("chunk size must be lower than {LARGEST_CHUNK}")));
        }
        let paginate = !request.refuses("paginate");
        let text = |value: &Value| value.as_str().map(term::decode);
        let query = request.query.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)));
        Ok(Self {
            size: paginate.then_some(size),
            start: request.value("start_key").and_then(text).filter(|_| paginate),
            ascending: request.flag("ascending"),
            filter: Filter::parse(query),
        })
    }

    /// The same with so many rows at most, whatever the client asks for.
    pub fn at_most(self, rows: usize) -> Self {
        Self { size: Some(self.size.map_or(rows, |size| size.min(rows))), ..self }
    }

    /// Reads a page of the rows between two keys (open where there is none), as `read` gets them from a view.
    pub async fn rows<F>(
        &self,
        low: Option<Value>,
        high: Option<Value>,
        read: impl Fn(Query) -> F,
    ) -> Result<(Vec<Row>, Paging), Failure>
    where
        F: Future<Output = Result<Vec<Row>, store::Error>>,
    {
        let named = self.start.clone().and_then(|start| within(start, low.as_ref(), high.as_ref()));
        let (first, end) = if self.ascending { (low, high) } else { (high, low) };
        let start = named.or(first);
        let limit =
            self.size.map(|size| if self.filter.is_empty() { size.saturating_add(1) } else { size.max(FILTERED_AT_ONCE) });
        let (mut kept, mut next) = (Vec::new(), None);
        let mut query = Query {
            keys: Keys::Range { start: start.clone(), end, inclusive_end: true },
            descending: !self.ascending,
            limit,
            include_docs: !self.filter.is_empty(),
            ..Query::default()
        };
        loop {
            let rows = read(query.clone()).await?;
            let more = limit == Some(rows.len());
            query.follow(&rows);
            for row in rows {
                if self.size == Some(kept.len()) {
                    next = Some(row.key);
                    break;
                }
                if self.filter.is_empty() || row.doc.as_ref().is_some_and(|doc| self.filter.keeps(doc)) {
                    kept.push(row);
                }
            }
            if next.is_some() || !more {
                break;
            }
        }
        let paging = match self.size {
            Some(_) => Paging {
                page_size: Some(kept.len()),
                start_key: start.as_ref().map(term::encode),
                next_start_key: next.as_ref().map(term::encode),
            },
            None => Paging::default(),
        };
        Ok((kept, paging))
    }
}

/// The start that a client names, in the part of the view that its list is: what the bounds' keys have in common says which
/// part, and a client can't get into another's. A text alone is taken as what follows there.
fn within(start: Value, low: Option<&Value>, high: Option<&Value>) -> Option<Value> {
    let (Some(Value::Array(low)), Some(Value::Array(high))) = (low, high) else {
        return Some(start);
    };
    let part: Vec<&Value> = low.iter().zip(high).take_while(|(low, high)| low == high).map(|(low, _)| low).collect();
    match start {
        Value::Array(key) => {
            (key.len() > part.len() && key.iter().zip(&part).all(|(one, other)| one == *other)).then_some(key.into())
        }
        Value::String(_) => Some(part.into_iter().cloned().chain([start]).collect()),
        _ => None,
    }
}

/// A request value that counts something, called `what` in complaints.
fn count(request: &Request, key: &str, what: &str) -> Result<Option<usize>, Failure> {
    let Some(value) = request.value(key) else {
        return Ok(None);
    };
    let Some(number) = value.as_i64().or_else(|| value.as_str()?.parse().ok()) else {
        return Err(Failure::Faulty(format!("invalid {what}")));
    };
    match usize::try_from(number) {
        Ok(number) if number > 0 => Ok(Some(number)),
        _ => Err(Failure::Faulty(format!("{what} must be at least 1"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_starts_within_its_part_of_the_view() {
        let (low, high) = (json!(["b"]), json!(["b", "\u{fff0}"]));
        let start = |start| within(start, Some(&low), Some(&high));
        assert_eq!(start(json!(["b", "x"])), Some(json!(["b", "x"])));
        assert_eq!(start(json!("x")), Some(json!(["b", "x"])));
        for elsewhere in [json!(["a", "x"]), json!(["c"]), json!(["b"]), json!([]), json!(7), json!(null), json!([["b"], "x"])] {
            assert_eq!(start(elsewhere.clone()), None, "{elsewhere}");
        }
        // A list that is a whole view starts anywhere.
        assert_eq!(within(json!(7), None, None), Some(json!(7)));
    }

    #[test]
    fn a_search_continues_behind_what_it_looks_for() {
        let (low, high) = (json!(["b", "account", "na"]), json!(["b", "account", "na\u{fff0}"]));
        let start = |start| within(start, Some(&low), Some(&high));
        assert_eq!(start(json!(["b", "account", "nat"])), Some(json!(["b", "account", "nat"])));
        assert_eq!(start(json!("nat")), Some(json!(["b", "account", "nat"])));
        assert_eq!(start(json!(["b", "user", "nat"])), None);
    }
}
