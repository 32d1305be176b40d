//! A body that is read field by field, so that what is wrong can be said with the field's name.

use axum::Json;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use openapi::Operation;
use schemars::JsonSchema;
use serde_json::{Map, Value};
use vitals::{AdmissionId, Decimal};

use super::super::body;
use super::super::router::{Refused, answer_error};

/// What is wrong with a body: in which field, and what belongs there.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::web) enum Wrong {
    #[error("{field}: {expected}")]
    Field {
        field: &'static str,
        expected: &'static str,
    },
    /// A field that is none of ours; its name was sent, and is not said again.
    #[error("a field is not known here; the fields are in the documentation of the API")]
    Unknown,
}

impl Wrong {
    pub(super) fn new(field: &'static str, expected: &'static str) -> Wrong {
        Wrong::Field { field, expected }
    }
}

/// The fields of a body, each taken out once.
pub(in crate::web) struct Fields(Map<String, Value>);

/// What is read out of such fields; its schema names the same ones.
pub(in crate::web) trait FromFields: JsonSchema + Sized {
    /// Takes its fields out.
    fn read(fields: &mut Fields) -> Result<Self, Wrong>;
}

/// A body of such fields.
pub(in crate::web) struct Told<T>(pub T);

impl<S: Send + Sync, T: FromFields> FromRequest<S> for Told<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Told<T>, Refused> {
        let refused = |text: &str| answer_error(StatusCode::UNPROCESSABLE_ENTITY, text);
        let body = Json::from_request(request, state).await;
        let Json(body) = body.map_err(|error| refused(&body::complaint(&error.body_text())))?;
        let mut fields = Fields(body);
        let told = T::read(&mut fields)?;
        if fields.is_empty() {
            Ok(Told(told))
        } else {
            Err(Wrong::Unknown.into())
        }
    }
}

impl<T: JsonSchema> openapi::Part for Told<T> {
    fn part(operation: &mut Operation<'_>) {
        operation.says::<T>();
    }
}

impl From<Wrong> for Refused {
    fn from(wrong: Wrong) -> Refused {
        answer_error(StatusCode::UNPROCESSABLE_ENTITY, &wrong.to_string())
    }
}

impl Fields {
    pub(super) fn of(fields: Map<String, Value>) -> Fields {
        Fields(fields)
    }

    /// Every one was taken out.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A field that is there and not null.
    pub(super) fn take(&mut self, field: &str) -> Option<Value> {
        self.0.remove(field).filter(|value| !value.is_null())
    }

    pub(super) fn saw(&mut self) -> Result<AdmissionId, Wrong> {
        self.parsed("saw", "the admission that you saw")
    }

    pub(super) fn parsed<T: std::str::FromStr>(
        &mut self,
        field: &'static str,
        expected: &'static str,
    ) -> Result<T, Wrong> {
        let value = self.take(field);
        let parsed = value
            .as_ref()
            .and_then(Value::as_str)
            .and_then(|text| text.parse().ok());
        parsed.ok_or(Wrong::new(field, expected))
    }

    /// One of several words; `None` = it is not there.
    pub(super) fn one_of<T>(
        &mut self,
        field: &'static str,
        expected: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Wrong> {
        let Some(value) = self.take(field) else {
            return Ok(None);
        };
        let read = value.as_str().and_then(read);
        read.map(Some).ok_or(Wrong::new(field, expected))
    }

    /// A number, as such or as text; `None` = it is not there.
    pub(super) fn number(
        &mut self,
        field: &'static str,
        named: &'static str,
    ) -> Result<Option<Decimal>, Wrong> {
        let Some(value) = self.take(field) else {
            return Ok(None);
        };
        let text = match &value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        let number = text.parse().ok();
        number.map(Some).ok_or(Wrong::new(named, "a number such as 36.8"))
    }
}
