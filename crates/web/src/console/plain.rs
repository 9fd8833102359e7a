//! Pages outside the books: signing in and out, what went wrong, and the three static files.

use std::time::Duration;

use askama::Template;
use axum::extract::{Form, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::form::{Checked, Tokened, render};
use crate::access::{caller, cookie, is_https, is_same_site, session_cookie};
use crate::error::Trouble;
use crate::guard::other_site;
use crate::state::App;

#[derive(Template)]
#[template(path = "trouble.html")]
pub struct TroublePage<'a> {
    pub title: &'static str,
    pub message: &'a str,
    pub hint: &'a str,
}

/// A failure as a page of its own, in the right status.
pub(crate) fn trouble_page(trouble: &Trouble) -> Response {
    let title = match trouble.status {
        StatusCode::NOT_FOUND => "Not found",
        StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => "No access",
        StatusCode::BAD_REQUEST | StatusCode::CONFLICT => "That did not work",
        _ => "Not now",
    };
    let page = TroublePage { title, message: &trouble.message, hint: trouble.hint };
    let html = page.render().unwrap_or_else(|_| "the page could not be made".to_owned());
    (trouble.status, Html(html)).into_response()
}

#[derive(Template)]
#[template(path = "login.html")]
pub struct LoginPage {
    pub problem: String,
}

pub(super) async fn login_page(State(app): State<App>) -> Result<Response, Trouble> {
    if app.access.password().is_none() {
        return Ok(Redirect::to("/").into_response());
    }
    Ok(render(&LoginPage { problem: String::new() })?.into_response())
}

#[derive(Deserialize)]
pub(super) struct Login {
    password: String,
}

pub(super) async fn login(State(app): State<App>, request: Request) -> Result<Response, Trouble> {
    let (parts, body) = request.into_parts();
    if !is_same_site(&parts) {
        return Err(other_site());
    }
    let (caller, https) = (caller(&parts), is_https(&parts.headers));
    let request = Request::from_parts(parts, body);
    let form = <Form<Login> as axum::extract::FromRequest<App>>::from_request(request, &app).await;
    let Form(Login { password: given }) =
        form.map_err(|error| Trouble::bad_input(error.body_text(), "fill in the password"))?;
    let Some(password) = app.access.password().cloned() else { return Ok(Redirect::to("/").into_response()) };
    if let Err(wait_ms) = app.access.throttle.admit(&caller, app.now()) {
        return Ok(too_often(wait_ms));
    }
    let held = tokio::time::timeout(COMPARE_WAIT, app.access.throttle.at_once.acquire()).await;
    let Ok(Ok(_held)) = held else { return Ok(too_often(1000)) };
    // An Argon2 hash takes its time: not on the threads that serve the gate.
    let matches = tokio::task::spawn_blocking(move || password.matches(&given)).await.unwrap_or(false);
    if !matches {
        tracing::warn!(caller, "a wrong operator password was given");
        let page = LoginPage { problem: "That is not the password.".to_owned() };
        return Ok((StatusCode::UNAUTHORIZED, render(&page)?).into_response());
    }
    app.access.throttle.succeeded(&caller);
    let token = app.access.sessions.open(app.now());
    let token = token.ok_or_else(|| Trouble::internal("no randomness for a session"))?;
    Ok(([(header::SET_COOKIE, cookie(&token, https))], Redirect::to("/")).into_response())
}

/// How long a guess waits for its turn to be compared.
const COMPARE_WAIT: Duration = Duration::from_secs(10);

fn too_often(wait_ms: i64) -> Response {
    let seconds = wait_ms.div_euclid(1000) + 1;
    let page = LoginPage { problem: format!("Too many tries. Wait {seconds} seconds.") };
    let retry = [(header::RETRY_AFTER, seconds.to_string())];
    match render(&page) {
        Ok(html) => (StatusCode::TOO_MANY_REQUESTS, retry, html).into_response(),
        Err(trouble) => trouble.into_response(),
    }
}

#[derive(Deserialize)]
pub(super) struct Logout {
    form_token: String,
}

impl Tokened for Logout {
    fn form_token(&self) -> &str {
        &self.form_token
    }
}

pub(super) async fn logout(State(app): State<App>, headers: HeaderMap, _: Checked<Logout>) -> Response {
    if let Some(token) = session_cookie(&headers) {
        app.access.sessions.close(token);
    }
    let gone = cookie("", is_https(&headers));
    ([(header::SET_COOKIE, gone)], Redirect::to("/login")).into_response()
}

pub(super) async fn stylesheet() -> Response {
    asset("text/css; charset=utf-8", include_str!("../../assets/console.css"))
}

pub(super) async fn script() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("../../assets/live.js"))
}

pub(super) async fn icon() -> Response {
    asset("image/svg+xml", include_str!("../../assets/icon.svg"))
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=300")];
    (headers, text).into_response()
}
