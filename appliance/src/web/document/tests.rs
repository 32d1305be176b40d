//! The document says what the API does: every route is in it, and every answer that a test of this part gets is as it says.

use std::path::Path;

use openapi::check::check;

use super::*;

fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| document_of_routes().unwrap())
}

/// Holds an answer against the document.
pub(in crate::web) fn holds(method: &str, target: &str, status: u16, body: &str) {
    let path = target.split('?').next().unwrap_or_default();
    let Ok(answer) = serde_json::from_str::<Value>(body) else {
        return;
    };
    let schema = match operation(method, path) {
        Some(operation) if status < 300 => {
            operation["responses"]["200"]["content"]["application/json"]["schema"].clone()
        }
        Some(_) => serde_json::json!({ "$ref": "#/components/schemas/Refusal" }),
        None => return,
    };
    if let Err(why) = check(document(), &schema, &answer) {
        panic!("{method} {target} answered {status}, which is not as the document says: {why}\n{answer:#}");
    }
}

/// Holds a message of the live connection against the document.
pub(in crate::web) fn holds_live(message: &Value) {
    let schema = &operation("GET", "/api/v1/live").unwrap()["responses"]["101"]["x-told"];
    if let Err(why) = check(document(), schema, message) {
        panic!("a message is not as the document says: {why}\n{message:#}");
    }
}

fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let fits = |template: &str| {
        let parts = template.split('/').zip(path.split('/'));
        template.split('/').count() == path.split('/').count()
            && parts
                .into_iter()
                .all(|(said, is)| said.starts_with('{') || said == is)
    };
    let paths = document()["paths"].as_object().unwrap();
    let found = paths.iter().find(|(template, _)| fits(template))?;
    found.1.get(method.to_lowercase())
}

#[test]
fn the_document_is_the_one_that_is_kept() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("api/openapi.json");
    let now = written(document());
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&file, &now).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == now,
        "the API is another one than {} says. If it is meant so: UPDATE_EXPECT=1 rewrites it, read the difference, and \
         `npm run api` in web-ui writes the page's types anew",
        file.display()
    );
}

#[test]
fn every_route_is_in_the_document_with_what_it_needs() {
    for route in table() {
        let operation = &document()["paths"][route.path][route.method.as_str().to_lowercase()];
        let (method, path) = (route.method.as_str(), route.path);
        let words = operation["description"].as_str();
        let words = words.unwrap_or_else(|| panic!("{method} {path} is not in the document"));
        let asks = operation["security"].as_array().unwrap();
        match route.needs {
            Access::Open => assert!(asks.is_empty(), "{path}"),
            Access::Screen => assert_eq!(asks.len(), 2, "{path}"),
            Access::Person(action) => assert!(words.contains(action.key()) && asks.len() == 1, "{path}"),
        }
    }
    let told = document()["paths"].as_object().unwrap().values();
    let operations = told.map(|path| path.as_object().unwrap().len()).sum::<usize>();
    assert_eq!(operations, table().len(), "no route twice");
}

#[test]
fn no_two_operations_have_one_name() {
    let paths = document()["paths"].as_object().unwrap().values();
    let operations = paths.flat_map(|path| path.as_object().unwrap().values());
    let mut names: Vec<&str> = operations.filter_map(|one| one["operationId"].as_str()).collect();
    names.sort_unstable();
    let twice = names.windows(2).find(|pair| pair[0] == pair[1]);
    assert_eq!((twice, names.len()), (None, table().len()));
}

#[test]
fn the_document_is_served_to_everybody() {
    let mut running = super::super::tests::Running::start();
    running.cookies.clear();
    let (status, served) = running.get("/api/v1/openapi.json");
    assert_eq!((status, &served), (200, document()));
}
