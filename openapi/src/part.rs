//! What a handler takes, extractor by extractor.

use axum::Extension;
use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::{HeaderMap, Uri};
use schemars::JsonSchema;

use crate::{Gives, Operation};

/// What a handler takes. Most of it is no matter of the document: who calls, what the handlers share, the path.
#[diagnostic::on_unimplemented(
    message = "the API's document does not know what `{Self}` takes of a request",
    note = "a body is `Result<Json<B>, JsonRejection>` and a query `Result<Query<Q>, QueryRejection>`, with \
            `#[derive(JsonSchema)]` on B or Q; anything else needs an `impl openapi::Part`"
)]
pub trait Part {
    /// Says what it takes.
    fn part(operation: &mut Operation<'_>) {
        let _ = operation;
    }
}

impl<S> Part for State<S> {}
impl<T> Part for Extension<T> {}
impl<T> Part for ConnectInfo<T> {}
impl<T> Part for Path<T> {}
impl Part for HeaderMap {}
impl Part for Uri {}
impl Part for WebSocketUpgrade {}

impl<Q: JsonSchema> Part for Result<Query<Q>, QueryRejection> {
    fn part(operation: &mut Operation<'_>) {
        operation.asks::<Q>();
    }
}

impl<B: JsonSchema> Part for Result<Json<B>, JsonRejection> {
    fn part(operation: &mut Operation<'_>) {
        operation.says::<B>();
    }
}

/// A handler whose signature says what it takes and gives. `T` is what axum makes of its arguments.
#[diagnostic::on_unimplemented(
    message = "the API's document cannot read the signature of this handler",
    note = "each argument has to be an `openapi::Part`, and what it returns has to `openapi::Gives`: \
            `Answer<T>` with `#[derive(JsonSchema)]` on T"
)]
pub trait Described<T> {
    /// Says what it takes and gives.
    fn describe(operation: &mut Operation<'_>);
}

macro_rules! described {
    ($($part:ident)*) => {
        impl<Handler, Kind, Answering, Answer, $($part,)*> Described<(Kind, $($part,)*)> for Handler
        where
            Handler: FnOnce($($part,)*) -> Answering,
            Answering: Future<Output = Answer>,
            Answer: Gives,
            $($part: Part,)*
        {
            fn describe(operation: &mut Operation<'_>) {
                operation.name = named(std::any::type_name::<Handler>());
                $($part::part(operation);)*
                Answer::gives(operation);
            }
        }
    };
}

described!(A);
described!(A B);
described!(A B C);
described!(A B C D);
described!(A B C D E);

impl<Handler, Answering, Answer> Described<((),)> for Handler
where
    Handler: FnOnce() -> Answering,
    Answering: Future<Output = Answer>,
    Answer: Gives,
{
    fn describe(operation: &mut Operation<'_>) {
        operation.name = named(std::any::type_name::<Handler>());
        Answer::gives(operation);
    }
}

/// `module.handler` of a path to a function.
fn named(path: &str) -> String {
    let mut words = path.rsplit("::");
    let (handler, module) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    format!("{module}.{handler}")
}
