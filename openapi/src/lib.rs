//! The OpenAPI document of a program's interface, folded out of its routes: what a handler takes and gives is read from
//! the types in its signature ([`Described`]), so that the document cannot say anything else.
//!
//! A handler takes extractors, each of which is a [`Part`], and returns what [`Gives`]. Types come with their doc comments
//! from `#[derive(JsonSchema)]`; what is said in a request is described as it is read, what is answered as it is written.
#![warn(missing_docs)]

pub mod check;
mod gives;
mod part;

use std::fmt;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

pub use gives::{Answered, Gives};
pub use part::{Described, Part};

/// How a route describes itself: [`Described::describe`] of its handler.
pub type Describe = fn(&mut Operation<'_>);

/// What one route takes and gives.
pub struct Operation<'a> {
    takes: &'a mut SchemaGenerator,
    gives: &'a mut SchemaGenerator,
    /// `module.handler`.
    name: String,
    /// The first word about it: of what is said, else of what is answered.
    summary: Option<Value>,
    query: Vec<Value>,
    body: Option<Value>,
    answers: Map<String, Value>,
}

/// One route, as the document needs it.
pub struct Endpoint<'a> {
    /// `GET`, `POST` and so on.
    pub method: &'a str,
    /// Its path, with `{names}` of what stands in it.
    pub path: &'a str,
    /// What it takes and gives.
    pub describe: Describe,
    /// Who may call it, in a sentence.
    pub needs: String,
    /// The names of the cookies that let a request in, one of which is enough; none = nobody has to be signed in.
    pub cookies: &'a [&'a str],
}

/// Two types have one name in the document: one of them needs `#[schemars(rename = "…")]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameTaken {
    /// The name.
    pub name: String,
}

impl fmt::Display for NameTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        write!(
            f,
            "two types of the API are called {name}: give one of them another name with #[schemars(rename = \"…\")]"
        )
    }
}

impl std::error::Error for NameTaken {}

/// The document while it is written.
pub struct Document {
    takes: SchemaGenerator,
    gives: SchemaGenerator,
    paths: Map<String, Value>,
}

impl Default for Document {
    fn default() -> Document {
        let settings = || {
            let mut settings = SchemaSettings::draft2020_12();
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
            settings
        };
        Document {
            takes: settings().for_deserialize().into_generator(),
            gives: settings().for_serialize().into_generator(),
            paths: Map::new(),
        }
    }
}

impl Document {
    /// Adds a route.
    pub fn add(&mut self, endpoint: &Endpoint<'_>) {
        let mut operation = Operation {
            takes: &mut self.takes,
            gives: &mut self.gives,
            name: String::new(),
            summary: None,
            query: Vec::new(),
            body: None,
            answers: Map::new(),
        };
        (endpoint.describe)(&mut operation);
        let told = operation.told(endpoint);
        let path = self.paths.entry(endpoint.path).or_insert_with(|| json!({}));
        path[endpoint.method.to_lowercase()] = told;
    }

    /// The whole document. `cookies`: each cookie that lets a request in, with what it is.
    ///
    /// # Errors
    /// Two types have one name.
    pub fn finish(
        mut self,
        title: &str,
        description: &str,
        cookies: &[(&str, &str)],
    ) -> Result<Value, NameTaken> {
        let refusal = self.gives.subschema_for::<Refusal>();
        let takes = self.takes.take_definitions(true);
        let mut schemas = self.gives.take_definitions(true);
        for (name, schema) in takes {
            if schemas.get(&name).is_some_and(|known| *known != schema) {
                return Err(NameTaken { name });
            }
            schemas.insert(name, schema);
        }
        // The generator numbers the second type of a name.
        let numbered = |name: &&String| {
            let base = name.trim_end_matches(|c: char| c.is_ascii_digit());
            base.len() < name.len() && schemas.contains_key(base)
        };
        if let Some(name) = schemas.keys().find(numbered) {
            return Err(NameTaken { name: name.clone() });
        }
        schemas.values_mut().for_each(refer_beside);
        let refused = json!({
            "description": "Refused, and why: a sentence for people.",
            "content": { "application/json": { "schema": refusal } },
        });
        let cookies = cookies.iter().map(|(name, what)| {
            (
                (*name).to_owned(),
                json!({ "type": "apiKey", "in": "cookie", "name": name, "description": what }),
            )
        });
        Ok(json!({
            "openapi": "3.1.0",
            "info": { "title": title, "version": "1", "description": description },
            "paths": self.paths,
            "components": {
                "schemas": schemas,
                "responses": { "Refused": refused },
                "securitySchemes": cookies.collect::<Map<String, Value>>(),
            },
        }))
    }
}

/// What stands beside a reference is said beside it: some readers of documents see nothing but the reference.
fn refer_beside(schema: &mut Value) {
    match schema {
        Value::Array(all) => all.iter_mut().for_each(refer_beside),
        Value::Object(rules) => {
            rules.values_mut().for_each(refer_beside);
            if rules.contains_key("$ref") && rules.contains_key("properties") {
                let reference = rules.remove("$ref");
                let beside = Value::Object(std::mem::take(rules));
                rules.insert("allOf".to_owned(), json!([{ "$ref": reference }, beside]));
            }
        }
        _ => {}
    }
}

/// Why a request was refused.
#[derive(JsonSchema, serde::Serialize)]
pub struct Refusal {
    /// A sentence for people: what happened, and what to do next.
    pub error: String,
    /// What else is needed to sign in: `code`, six digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs: Option<String>,
    /// How long to wait before the next try, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_s: Option<u64>,
}

impl Refusal {
    /// One that says only why.
    pub fn new(error: impl Into<String>) -> Refusal {
        Refusal {
            error: error.into(),
            needs: None,
            wait_s: None,
        }
    }
}

impl Operation<'_> {
    /// In a query.
    pub fn asks<Q: JsonSchema>(&mut self) {
        let schema = Q::json_schema(self.takes);
        let required = schema
            .get("required")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let properties = schema.get("properties").and_then(Value::as_object).cloned();
        for (name, mut schema) in properties.unwrap_or_default() {
            let description = schema
                .as_object_mut()
                .and_then(|schema| schema.remove("description"));
            let mut parameter = json!({ "name": name, "in": "query", "schema": schema });
            if required.iter().any(|one| *one == name) {
                parameter["required"] = true.into();
            }
            if let Some(description) = description {
                parameter["description"] = description;
            }
            self.query.push(parameter);
        }
    }

    /// In a body of JSON.
    pub fn says<B: JsonSchema>(&mut self) {
        let words = B::json_schema(self.takes).get("description").cloned();
        self.summary = words.or(self.summary.take());
        let schema = self.takes.subschema_for::<B>();
        let body = json!({ "required": true, "content": { "application/json": { "schema": schema } } });
        self.body = Some(body);
    }

    /// As JSON.
    pub fn answers<T: JsonSchema>(&mut self) {
        let mut schema = self.gives.subschema_for::<T>();
        if schema == schemars::json_schema!({ "type": "null" }) {
            schema = schemars::json_schema!({ "type": "object", "additionalProperties": false });
        } else if self.summary.is_none() {
            self.summary = T::json_schema(self.gives).get("description").cloned();
        }
        self.answers_with("application/json", "Done.", schema.to_value());
    }

    /// As text of another kind, with what it is.
    pub fn answers_text(&mut self, media_type: &str, what: &str) {
        self.summary.get_or_insert(what.into());
        self.answers_with(media_type, what, json!({ "type": "string" }));
    }

    /// The connection becomes a WebSocket: `Told` is what the server says there, `Said` what it hears.
    pub fn upgrades<Told: JsonSchema, Said: JsonSchema>(&mut self) {
        let told = self.gives.subschema_for::<Told>();
        let said = self.takes.subschema_for::<Said>();
        let what =
            "A WebSocket from here on. Each text of the server is `x-told`, each text of the page `x-said`.";
        self.summary
            .get_or_insert("What is shown, and each change of it from then on.".into());
        self.answers.insert(
            "101".to_owned(),
            json!({ "description": what, "x-told": told, "x-said": said }),
        );
    }

    fn answers_with(&mut self, media_type: &str, what: &str, schema: Value) {
        let answer = json!({ "description": what, "content": { media_type: { "schema": schema } } });
        self.answers.insert("200".to_owned(), answer);
    }

    fn told(self, endpoint: &Endpoint<'_>) -> Value {
        let in_path = endpoint.path.split(['{', '}']).skip(1).step_by(2);
        let in_path = in_path.map(
            |name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }),
        );
        let parameters: Vec<Value> = in_path.chain(self.query).collect();
        let cookies = endpoint.cookies.iter().map(|name| json!({ *name: [] }));
        let mut told = json!({
            "operationId": self.name,
            "description": endpoint.needs,
            "security": cookies.collect::<Vec<_>>(),
            "responses": self.answers,
        });
        told["responses"]["default"] = json!({ "$ref": "#/components/responses/Refused" });
        if let Some(summary) = self.summary {
            told["summary"] = summary;
        }
        if !parameters.is_empty() {
            told["parameters"] = parameters.into();
        }
        if let Some(body) = self.body {
            told["requestBody"] = body;
        }
        told
    }
}
