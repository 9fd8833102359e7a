//! Calling a running sandbox from the command line. It must not know what is asked.

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::header::CONTENT_TYPE;
use hyper::{Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

/// Posts a form to `http://<at><path>`, or gets it without one; gives the status and the body.
pub async fn ask(at: &str, path: &str, form: Option<String>) -> Result<(u16, String), String> {
    let unsaid = |why: &dyn std::fmt::Display| {
        format!("no sandbox answers at {at} ({why}); start one: countinghouse sandbox --listen {at}")
    };
    let client = Client::builder(TokioExecutor::new()).build_http();
    let method = if form.is_some() { Method::POST } else { Method::GET };
    let request = Request::builder()
        .method(method)
        .uri(format!("http://{at}{path}"))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Full::new(Bytes::from(form.unwrap_or_default())))
        .map_err(|why| unsaid(&why))?;
    let response = client.request(request).await.map_err(|why| unsaid(&why))?;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.map_err(|why| unsaid(&why))?;
    Ok((status, String::from_utf8_lossy(&body.to_bytes()).into_owned()))
}
