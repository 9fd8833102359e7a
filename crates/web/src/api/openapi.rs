//! The OpenAPI description, made from the route table.

use axum::Json;
use serde_json::{Map, Value, json};

use super::schema::schemas;
use super::{Documented, ROUTES};
use crate::gate;
use crate::router::Verb;

pub(super) async fn answer() -> Json<Value> {
    Json(document())
}

/// The whole description.
pub(super) fn document() -> Value {
    let mut paths = Map::new();
    for documented in ROUTES {
        let method = if documented.route.method == Verb::Get { "get" } else { "post" };
        put(&mut paths, documented.route.path, method, operation(documented));
    }
    for path in gate::PATHS {
        put(&mut paths, path, "post", gate_operation());
    }
    for (path, summary) in [("/healthz", "The process is up"), ("/readyz", "The store can be read")] {
        let ready = json!({"200": {"description": "yes"}, "503": {"description": "no"}});
        put(&mut paths, path, "get", json!({"summary": summary, "security": [], "responses": ready}));
    }
    let itself = json!({"200": {"description": "OpenAPI 3.1", "content": {"application/json": {}}}});
    let about = json!({"summary": "This description", "security": [], "responses": itself});
    put(&mut paths, "/api/openapi.json", "get", about);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Countinghouse",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Amounts are whole numbers in the currency's minor unit (`_minor`), rates are basis \
                points (`_bps`), times are RFC 3339. On the machine itself no credentials are needed unless an \
                operator password is configured; elsewhere send the API token. Every answer has the request's id in `X-Request-Id`, under \
                which the server's log tells of it; a `traceparent` (W3C Trace Context) is gone on with.",
        },
        "security": [{"token": []}, {"session": []}, {}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "COUNTINGHOUSE_API_TOKEN"},
                "session": {"type": "apiKey", "in": "cookie", "name": "countinghouse"},
            },
            "schemas": schemas(),
        },
    })
}

fn put(paths: &mut Map<String, Value>, path: &str, method: &str, operation: Value) {
    let item = paths.entry(path.to_owned()).or_insert_with(|| json!({}));
    item[method] = operation;
}

fn operation(documented: &Documented) -> Value {
    let path = documented.route.path;
    let mut parameters: Vec<Value> = path
        .split('/')
        .filter_map(|piece| piece.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
        .collect();
    for param in documented.query {
        parameters.push(json!({
            "name": param.name, "in": "query", "required": false,
            "description": param.about, "schema": {"type": param.kind},
        }));
    }
    if documented.makes {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "your own name for this request: 1 to 255 visible ASCII characters", "schema": {"type": "string"},
        }));
    }
    let mut operation = json!({
        "summary": documented.summary,
        "operationId": operation_id(documented),
        "parameters": parameters,
        "responses": responses(documented),
    });
    if !documented.takes.is_empty() {
        operation["requestBody"] =
            json!({"content": {"application/json": {"schema": reference(documented.takes)}}});
    }
    operation
}

fn operation_id(documented: &Documented) -> String {
    let verb = if documented.route.method == Verb::Get { "get" } else { "post" };
    let path = documented.route.path.trim_start_matches("/api/v1");
    let words = path.split('/').filter(|word| !word.is_empty()).map(|word| word.trim_matches(['{', '}']));
    [verb].into_iter().chain(words).collect::<Vec<_>>().join("_")
}

fn responses(documented: &Documented) -> Value {
    let content = match (documented.gives, documented.many) {
        ("Text", _) => json!({"text/plain": {"schema": {"type": "string"}}}),
        (name, false) => json!({"application/json": {"schema": reference(name)}}),
        (name, true) => json!({"application/json": {"schema": {"type": "array", "items": reference(name)}}}),
    };
    let problem = |about: &str| json!({"description": about, "content": {"application/json": {"schema": reference("Error")}}});
    let mut responses = json!({
        "200": {"description": documented.summary, "content": content},
        "400": problem("what was sent cannot be read"),
        "401": problem("no credentials, or the wrong ones"),
        "403": problem("not from here, or asked for by another site"),
        "404": problem("there is no such thing"),
        "409": problem("it contradicts what is on record, or would change booked sales"),
        "503": problem("the books cannot be read now"),
    });
    if documented.makes {
        let place = json!({"Location": {"description": "the intent", "schema": {"type": "string"}}});
        responses["200"]["description"] = json!("it was made before");
        responses["201"] = json!({"description": "made", "headers": place, "content": content});
        responses["202"] =
            json!({"description": "under way; look at Location", "headers": place, "content": content});
        responses["422"] =
            problem("what is asked for cannot be, or the Idempotency-Key was used for something else");
        responses["502"] = problem("Stripe cannot be asked now");
    }
    responses
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn gate_operation() -> Value {
    json!({
        "summary": "Stripe delivers here; 2xx only after the event is durably stored",
        "security": [],
        "parameters": [{"name": "Stripe-Signature", "in": "header", "required": true, "schema": {"type": "string"}}],
        "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
            "200": {"description": "stored (in the inbox, or in quarantine when it fits no book)"},
            "400": {"description": "no valid signature, or outside the tolerance"},
            "408": {"description": "the body did not come in time"},
            "413": {"description": "the body is larger than 1 MiB"},
            "503": {"description": "could not be stored; deliver again"},
        },
    })
}
