//! `search`: accounts by the beginning of their name, realm or id; users and other documents of an account by name or number.

use serde_json::Value;

use crate::{
    handler,
    http::{
        Access, Context, Endpoint, Failure, Reply,
        describe::{Description, Member, does},
        reply::Paging,
    },
    kazoo::{
        document::alphanum,
        validation::{Detail, Invalid},
    },
    platform::names::ACCOUNTS,
    store::{Db, Object, View},
};

/// What can be looked for by which word.
type Fields = [(&'static str, View); 3];

const ACCOUNT_FIELDS: Fields = [
    ("id", View::new("search", "search_by_id")),
    ("name", View::new("search", "search_by_name")),
    ("realm", View::new("search", "search_by_realm")),
];
const DOCUMENT_FIELDS: Fields = [
    ("name", View::new("search", "search_by_name")),
    ("name_and_number", View::new("search", "search_by_name_and_number")),
    ("number", View::new("search", "search_by_number")),
];
/// The types that a client is told of.
const TYPES: [&str; 4] = ["account", "user", "callflow", "device"];
/// Rows on a page, however many a client asks for: there may be a great many accounts below.
const LARGEST: usize = 200;
/// Sorts behind everything that a text may go on with.
const LAST: &str = "\u{fff0}";

const KINDS: &[&str] = &TYPES;
const ONE: &[Member] = &[
    Member::word("t", KINDS, "What is looked for").required(),
    Member::word(
        "q",
        &["id", "name", "realm", "name_and_number", "number"],
        "Where: `id`, `name` or `realm` of accounts, `name`, `number` or `name_and_number` of all else",
    )
    .required(),
    Member::text("v", "How it begins; case and punctuation don't count").required(),
];
const MANY: &[Member] = &[
    Member::word("t", KINDS, "What is looked for").required(),
    Member::text("by_id", "How an account's id begins"),
    Member::text("by_name", "How a name begins"),
    Member::text("by_realm", "How an account's realm begins"),
    Member::text("by_number", "How a number begins"),
    Member::text("by_name_and_number", "How a name or number begins"),
];
const FOUND: &[Member] = &[
    Member::text("id", "Its id"),
    Member::text("name", "Its name"),
    Member::text("realm", "An account's realm"),
    Member::number("descendants_count", "How many accounts are below"),
];
const FOUND_BY: &[Member] = &[
    Member::list("id", "What was found by its id"),
    Member::list("name", "What was found by its name"),
    Member::list("realm", "What was found by its realm"),
    Member::list("number", "What was found by its number"),
    Member::list("name_and_number", "What was found by its name or number"),
];
const BELOW: &str = "Accounts are looked for below the account in the path, or else the caller's.";

const FINDS: Description = does("Searches by one field").note(BELOW).asked(ONE).in_pages().gives_list(FOUND);
const FINDS_BY: Description = does("Searches by several fields").note(BELOW).asked(MANY).gives_members(FOUND_BY);

/// Its endpoints: which verbs each has, and who may use them.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("search").get(Access::Token, handler!(one), FINDS),
        Endpoint::at("search/multi").get(Access::Token, handler!(multi), FINDS_BY),
        Endpoint::at("accounts/{account}/search").get(Access::Account, handler!(one), FINDS),
        Endpoint::at("accounts/{account}/search/multi").get(Access::Account, handler!(multi), FINDS_BY),
    ]
}

/// `GET search?t=TYPE&q=FIELD&v=TEXT`: a page of what begins with the text.
async fn one(context: &Context) -> Result<Reply, Failure> {
    let realm = Realm::of(context)?;
    let Some(field) = context.request.text("q") else {
        let detail = Detail::new("search needs a view to search in").target(realm.words());
        return Err(Invalid::one("q", "required", detail).into());
    };
    let view = realm.view(field)?;
    let text = match context.request.value("v") {
        Some(Value::String(text)) => text.as_str(),
        Some(Value::Bool(true)) => "",
        _ => return Err(Invalid::one("v", "required", "search needs a value to search for").into()),
    };
    let (rows, paging) = realm.find(context, view, text).await?;
    Ok(Reply::list(rows).paging(paging))
}

/// `GET search/multi?t=TYPE&by_FIELD=TEXT&…`: what is found in each field, the first page of it.
async fn multi(context: &Context) -> Result<Reply, Failure> {
    let realm = Realm::of(context)?;
    let mut wanted: Vec<(&str, View, &str)> = Vec::new();
    for (name, value) in &context.request.query {
        if let Some(field) = name.strip_prefix("by_") {
            let view = realm.view(field)?;
            wanted.retain(|(known, ..)| *known != field);
            wanted.push((field, view, value.as_str().unwrap_or_default()));
        }
    }
    if wanted.is_empty() {
        let detail = Detail::new("multi search needs some values to search for").target(realm.words());
        return Err(Invalid::one("multi", "enum", detail).into());
    }
    let mut found = Object::new();
    for (field, view, text) in wanted {
        let (rows, _) = realm.find(context, view, text).await?;
        found.insert(field.to_owned(), rows.into());
    }
    Ok(Reply::data(found))
}

/// Where is looked: a database, and which part of its search views.
struct Realm {
    db: Db,
    fields: &'static Fields,
    /// What every key begins with.
    part: Vec<Value>,
}

impl Realm {
    /// Accounts are looked for below the account in the path, or else the caller's; everything else in the account in the path.
    fn of(context: &Context) -> Result<Self, Failure> {
        match context.request.text("t") {
            None => {
                let detail = Detail::new("search needs a document type to search on").target(TYPES.as_slice());
                Err(Invalid::one("t", "required", detail).into())
            }
            Some("account") => {
                let top = match &context.account {
                    Some(_) => context.account_id()?,
                    None => &context.caller()?.account_id,
                };
                Ok(Self { db: ACCOUNTS.clone(), fields: &ACCOUNT_FIELDS, part: vec![top.into(), "account".into()] })
            }
            Some(kind) => Ok(Self { db: context.account_db()?, fields: &DOCUMENT_FIELDS, part: vec![kind.into()] }),
        }
    }

    fn words(&self) -> Vec<Value> {
        self.fields.iter().map(|(word, _)| Value::from(*word)).collect()
    }

    fn view(&self, field: &str) -> Result<View, Failure> {
        let known = self.fields.iter().find(|(word, _)| *word == field);
        let unknown = || {
            let detail = Detail::new("value not found in enumerated list of values").target(self.words()).cause(field);
            Invalid::one("q", "enum", detail)
        };
        Ok(known.map(|(_, view)| *view).ok_or_else(unknown)?)
    }

    /// A page of what begins with a text; case and punctuation don't count.
    async fn find(&self, context: &Context, view: View, text: &str) -> Result<(Vec<Value>, Paging), Failure> {
        let mut page = context.page().await?.at_most(LARGEST);
        page.ascending = true;
        let text = alphanum(text);
        let key = |end: String| Value::Array(self.part.iter().cloned().chain([end.into()]).collect());
        let (low, high) = (key(text.clone()), key(text + LAST));
        let read = async |query| context.platform.view(&self.db, view, &query).await;
        let (rows, paging) = page.rows(Some(low), Some(high), read).await?;
        Ok((rows.into_iter().map(|row| self.shown(row.value)).collect(), paging))
    }

    /// A row as it's shown: an account without a count of what is below has nothing below.
    fn shown(&self, mut row: Value) -> Value {
        if let Some(account) = row.as_object_mut().filter(|_| self.db == ACCOUNTS) {
            account.entry("descendants_count").or_insert_with(|| 0.into());
        }
        row
    }
}
