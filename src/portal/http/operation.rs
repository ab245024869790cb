//! What can be said of an endpoint, told by the types that its handler takes and gives.

use std::collections::BTreeMap;

use actix_web::{
    Either,
    web::{Data, Json, Path, Query},
};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};

use crate::portal::Portal;

/// An endpoint's description, as it comes together.
pub struct Operation<'a> {
    /// Makes schemas of what is answered; those of what is sent stand where they are used.
    schemas: &'a mut SchemaGenerator,
    sent: &'a mut SchemaGenerator,
    /// How one says who one is, by its name among the security schemes; nothing for what's open to anybody.
    pub caller: Option<&'static str>,
    pub params: Vec<Value>,
    pub body: Option<Value>,
    /// Successes, by their status.
    pub answers: BTreeMap<u16, Value>,
    /// Statuses of errors.
    pub errors: Vec<u16>,
}

impl<'a> Operation<'a> {
    pub fn new(schemas: &'a mut SchemaGenerator, sent: &'a mut SchemaGenerator) -> Self {
        // The store may be away whatever is asked.
        let errors = vec![503];
        Self { schemas, sent, caller: None, params: Vec::new(), body: None, answers: BTreeMap::new(), errors }
    }

    pub fn fails(&mut self, status: u16) {
        self.errors.push(status);
    }

    /// Only those may ask who say who they are in this way.
    pub fn only(&mut self, caller: &'static str) {
        self.caller = Some(caller);
        self.fails(401);
    }

    /// A success with a body of JSON.
    pub fn gives<T: JsonSchema>(&mut self, status: u16, about: &str) {
        let schema = self.schemas.subschema_for::<T>();
        let answer = json!({ "description": about, "content": { "application/json": { "schema": schema } } });
        self.answers.insert(status, answer);
    }

    /// A success with a file, or with nothing, for no types.
    pub fn gives_file(&mut self, status: u16, about: &str, types: &[&str]) {
        let mut answer = json!({ "description": about });
        if !types.is_empty() {
            answer["content"] = files(types);
        }
        self.answers.insert(status, answer);
    }

    fn takes<T: JsonSchema>(&mut self, is_required: bool) {
        let schema = self.sent.subschema_for::<T>();
        self.body = Some(json!({ "required": is_required, "content": { "application/json": { "schema": schema } } }));
        self.fails(400);
        self.fails(413);
    }

    /// A body that is a file.
    pub fn takes_file(&mut self, about: &str, types: &[&str]) {
        self.body = Some(json!({ "required": true, "description": about, "content": files(types) }));
        self.fails(400);
        self.fails(413);
    }
}

/// Content of any of these types, of which there's no more to say.
fn files(types: &[&str]) -> Value {
    types.iter().map(|media_type| ((*media_type).to_owned(), json!({}))).collect()
}

/// What a handler takes, as far as clients notice.
pub trait Asks {
    fn say(operation: &mut Operation<'_>);
}

/// What a handler gives.
pub trait Gives {
    fn say(operation: &mut Operation<'_>);
}

macro_rules! tuples {
    ($(($($part:ident)*))*) => {
        $(
            impl<$($part: Asks),*> Asks for ($($part,)*) {
                #[allow(unused_variables, reason = "nothing asks for nothing")]
                fn say(operation: &mut Operation<'_>) {
                    $($part::say(operation);)*
                }
            }
        )*
    };
}

tuples! { () (A) (A B) (A B C) (A B C D) (A B C D E) }

impl Asks for Data<Portal> {
    fn say(_: &mut Operation<'_>) {}
}

/// What the parameters are is in the path.
impl<T> Asks for Path<T> {
    fn say(operation: &mut Operation<'_>) {
        operation.fails(404);
    }
}

impl<T: JsonSchema> Asks for Query<T> {
    fn say(operation: &mut Operation<'_>) {
        let schema = T::json_schema(operation.sent);
        for (name, member) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let mut member = member.clone();
            let about = member.as_object_mut().and_then(|member| member.remove("description")).unwrap_or_default();
            // In a query nothing is `null`: what isn't said isn't there.
            if let Some(kind) = member["type"].as_array().and_then(|kinds| kinds.first().cloned()) {
                member["type"] = kind;
            }
            if member["default"].is_null() {
                member.as_object_mut().map(|member| member.remove("default"));
            }
            operation.params.push(json!({ "name": name, "in": "query", "description": about, "schema": member }));
        }
        operation.fails(400);
    }
}

impl<T: JsonSchema> Asks for Json<T> {
    fn say(operation: &mut Operation<'_>) {
        operation.takes::<T>(true);
    }
}

impl<T: JsonSchema> Asks for Option<Json<T>> {
    fn say(operation: &mut Operation<'_>) {
        operation.takes::<T>(false);
    }
}

impl<T: Gives, E> Gives for Result<T, E> {
    fn say(operation: &mut Operation<'_>) {
        T::say(operation);
    }
}

impl<L: Gives, R: Gives> Gives for Either<L, R> {
    fn say(operation: &mut Operation<'_>) {
        L::say(operation);
        R::say(operation);
    }
}
