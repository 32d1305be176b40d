//! What a handler answers.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{Operation, Refusal};

/// What a handler answers when it does what it was asked for.
#[diagnostic::on_unimplemented(
    message = "the API's document does not know what `{Self}` answers",
    note = "return `Answer<T>` with `#[derive(Serialize, JsonSchema)]` on T, or `Answer<()>` when there is nothing to tell"
)]
pub trait Gives {
    /// Says what it answers.
    fn gives(operation: &mut Operation<'_>);
}

/// An answer as JSON; done and nothing to tell, `()`, is `{}`.
#[derive(Clone, Debug)]
pub struct Answered<T>(pub T);

impl<T: Serialize> IntoResponse for Answered<T> {
    fn into_response(self) -> Response {
        match serde_json::to_value(self.0) {
            Ok(Value::Null) => Json(json!({})).into_response(),
            Ok(told) => Json(told).into_response(),
            Err(error) => {
                let refusal = Json(Refusal::new(error.to_string()));
                (StatusCode::INTERNAL_SERVER_ERROR, refusal).into_response()
            }
        }
    }
}

impl<T: JsonSchema> Gives for Answered<T> {
    fn gives(operation: &mut Operation<'_>) {
        operation.answers::<T>();
    }
}

/// What is refused is the same everywhere ([`Refusal`]).
impl<T: Gives, E> Gives for Result<T, E> {
    fn gives(operation: &mut Operation<'_>) {
        T::gives(operation);
    }
}

/// With headers.
impl<T: Gives, H, const N: usize> Gives for ([H; N], T) {
    fn gives(operation: &mut Operation<'_>) {
        T::gives(operation);
    }
}
