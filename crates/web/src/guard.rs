//! Stands before every operator route: who asks, and may this request change something? One layer per
//! face (pages, API), so that no route can forget it. It also puts the security headers on every answer
//! and renders a [`Trouble`] in the face's own way.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

use crate::access::{Asker, Denied, is_https, is_same_site};
use crate::console::plain::trouble_page;
use crate::error::Trouble;
use crate::rim::Inside;
use crate::state::App;

/// The header in which a signed-in page's script would carry its form token.
const FORM_TOKEN_HEADER: &str = "x-form-token";

/// Guards the JSON API.
pub(crate) async fn api(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let admitted = admitted(&app, &parts).map_err(denied).and_then(|asker| {
        let given = parts.headers.get(FORM_TOKEN_HEADER).and_then(|value| value.to_str().ok());
        let carries_token = matches!(asker, Asker::Token | Asker::Local { .. })
            || is_safe(&parts.method)
            || given.is_some_and(|given| asker.accepts_form(given));
        if carries_token { Ok(asker) } else { Err(other_site()) }
    });
    match admitted {
        Ok(asker) => {
            parts.extensions.insert(asker);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(trouble) => trouble.into_response(),
    }
}

/// Guards the console's pages. Forms carry their token in the body: see [`crate::console::form`].
pub(crate) async fn pages(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match admitted(&app, &parts) {
        Ok(asker) => {
            parts.extensions.insert(asker);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(Refused::Denied(Denied::SignIn)) if is_safe(&parts.method) && !is_live(&parts) => {
            Redirect::to("/login").into_response()
        }
        Err(refused) => denied(refused).into_response(),
    }
}

fn is_live(parts: &Parts) -> bool {
    parts.uri.path().starts_with("/live/")
}

enum Refused {
    Denied(Denied),
    OtherSite,
}

fn admitted(app: &App, parts: &Parts) -> Result<Asker, Refused> {
    let asker = app.access.who(parts, app.now()).map_err(Refused::Denied)?;
    let fits = asker == Asker::Token || is_safe(&parts.method) || is_same_site(parts);
    if fits { Ok(asker) } else { Err(Refused::OtherSite) }
}

pub(crate) fn is_safe(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::OPTIONS].contains(method)
}

fn denied(refused: Refused) -> Trouble {
    match refused {
        Refused::OtherSite => other_site(),
        Refused::Denied(Denied::SignIn) => Trouble::new(
            StatusCode::UNAUTHORIZED,
            "sign_in",
            "sign in first, or send the API token",
            "Authorization: Bearer <COUNTINGHOUSE_API_TOKEN>",
        ),
        Refused::Denied(Denied::BadToken) => Trouble::new(
            StatusCode::UNAUTHORIZED,
            "bad_token",
            "the token given is not the API token",
            "compare it with COUNTINGHOUSE_API_TOKEN of the running server",
        ),
        Refused::Denied(Denied::NotLocal) => Trouble::forbidden(
            "not_local",
            "without a password the console and the API answer only on the machine itself",
            "set COUNTINGHOUSE_OPERATOR_PASSWORD (and COUNTINGHOUSE_API_TOKEN for programs) and restart",
        ),
    }
}

pub(crate) fn other_site() -> Trouble {
    Trouble::forbidden(
        "other_site",
        "this change was not asked for by this site's own page",
        "open the page again and send its form from there",
    )
}

const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; \
    require-trusted-types-for 'script'; trusted-types live";

/// Headers of every answer to a browser, and the face's way to show what went wrong.
pub(crate) async fn dress_page(request: Request, next: Next) -> Response {
    let https = is_https(request.headers());
    let to_root = request.uri().path() == "/";
    let mut response = next.run(request).await;
    if let Some(trouble) = response.extensions_mut().remove::<Trouble>() {
        response = tell_inside(&trouble, trouble_page(&trouble));
    } else if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        response = trouble_page(&if to_root { delivery_astray() } else { wrong_method() });
    }
    dress(response.headers_mut(), https);
    response
}

/// The same for the API.
pub(crate) async fn dress_api(request: Request, next: Next) -> Response {
    let https = is_https(request.headers());
    let mut response = next.run(request).await;
    if let Some(trouble) = response.extensions_mut().remove::<Trouble>() {
        response = tell_inside(&trouble, (trouble.status, Json(trouble.body())).into_response());
    } else if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        response = (StatusCode::METHOD_NOT_ALLOWED, Json(wrong_method().body())).into_response();
    }
    dress(response.headers_mut(), https);
    response
}

/// The rim logs it.
fn tell_inside(trouble: &Trouble, mut response: Response) -> Response {
    if let Some(inside) = &trouble.inside {
        response.extensions_mut().insert(Inside(inside.clone()));
    }
    response
}

fn wrong_method() -> Trouble {
    let message = "this address takes another method";
    Trouble::new(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", message, "see /api/openapi.json")
}

/// Whoever posts to the first page is mostly Stripe, with an endpoint whose address has no path.
fn delivery_astray() -> Trouble {
    let message = "this is the console; deliveries from Stripe go to /api/webhooks/stripe";
    let advice = "give the endpoint at Stripe that path: countinghouse webhooks setup";
    Trouble::new(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", message, advice)
}

fn dress(headers: &mut HeaderMap, https: bool) {
    let set = |headers: &mut HeaderMap, name: &'static str, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(headers, "content-security-policy", CSP);
    set(headers, "x-content-type-options", "nosniff");
    set(headers, "x-frame-options", "DENY");
    // With `no-referrer` a browser says `Origin: null` of this site's own forms, and they would all be refused.
    set(headers, "referrer-policy", "same-origin");
    set(headers, "cross-origin-opener-policy", "same-origin");
    set(headers, "cross-origin-resource-policy", "same-origin");
    set(headers, "permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()");
    if !headers.contains_key(header::CACHE_CONTROL) {
        set(headers, "cache-control", "no-store");
    }
    if https {
        set(headers, "strict-transport-security", "max-age=31536000");
    }
}

impl IntoResponse for Trouble {
    /// Empty but for the trouble itself: the face's layer renders it.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
