//! Which addresses exist: the gate's, the API's and the console's tables put together. The tables
//! themselves are in [`crate::api::ROUTES`] and [`crate::console::ROUTES`].

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};

use crate::error::Trouble;
use crate::rim::Inside;
use crate::state::App;
use crate::{api, console, gate, guard, rim};

/// One address of a table, and what answers there.
pub struct Route {
    pub method: Verb,
    pub path: &'static str,
    pub handler: fn() -> MethodRouter<App>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verb {
    Get,
    Post,
}

/// The gate alone: deliveries and health.
pub fn gate(app: App) -> Router {
    watched(gate::router().merge(health()), app)
}

/// Console and API, without the gate.
pub fn console(app: App) -> Router {
    watched(operator(&app).merge(health()).fallback(nowhere), app)
}

/// Everything on one address.
pub fn combined(app: App) -> Router {
    watched(operator(&app).merge(gate::router()).merge(health()).fallback(nowhere), app)
}

fn watched(router: Router<App>, app: App) -> Router {
    router.layer(from_fn_with_state(app.clone(), rim::watch)).with_state(app)
}

const FORM_BYTES_MAX: usize = 64 * 1024;

fn operator(app: &App) -> Router<App> {
    let api = table(api::ROUTES.iter().map(|documented| &documented.route))
        .route_layer(from_fn_with_state(app.clone(), guard::api))
        .merge(table(&api::OPEN_ROUTES))
        .layer(from_fn(guard::dress_api));
    let pages = table(console::ROUTES)
        .route_layer(from_fn_with_state(app.clone(), guard::pages))
        .merge(table(console::OPEN_ROUTES))
        .layer(from_fn(guard::dress_page));
    api.merge(pages).layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
}

fn table<'a>(routes: impl IntoIterator<Item = &'a Route>) -> Router<App> {
    routes.into_iter().fold(Router::new(), |router, route| router.route(route.path, (route.handler)()))
}

/// An address that does not exist, in the face that was asked.
async fn nowhere(request: Request) -> Response {
    let trouble = Trouble::not_found("address");
    if request.uri().path().starts_with("/api/") {
        return (StatusCode::NOT_FOUND, axum::Json(trouble.body())).into_response();
    }
    console::plain::trouble_page(&trouble)
}

fn health() -> Router<App> {
    Router::new().route("/healthz", get(async || "ok\n")).route("/readyz", get(ready))
}

/// Ready when the books can be read.
async fn ready(State(app): State<App>) -> Response {
    match app.ask(engine::status::ready).await {
        Ok(_) => "ready\n".into_response(),
        Err(trouble) => {
            let retry = [(header::RETRY_AFTER, "5")];
            let answer = (StatusCode::SERVICE_UNAVAILABLE, retry, "the store cannot be read\n");
            let mut response = answer.into_response();
            if let Some(inside) = trouble.inside {
                response.extensions_mut().insert(Inside(inside));
            }
            response
        }
    }
}
