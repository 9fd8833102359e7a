//! Forms of the console: the only way a page changes something. A form without its token does not get
//! past here.

use axum::extract::{Form, FromRequest, Request};
use axum::response::Html;
use serde::de::DeserializeOwned;

use crate::access::Asker;
use crate::error::Trouble;
use crate::guard::other_site;
use crate::state::App;

/// Every form names its token field.
pub(crate) trait Tokened: DeserializeOwned {
    fn form_token(&self) -> &str;
}

/// A form whose token was checked.
pub(crate) struct Checked<T>(pub(crate) T);

impl<T: Tokened> FromRequest<App> for Checked<T> {
    type Rejection = Trouble;

    async fn from_request(request: Request, app: &App) -> Result<Self, Trouble> {
        let asker = request.extensions().get::<Asker>().cloned();
        let Form(form) = Form::<T>::from_request(request, app)
            .await
            .map_err(|error| Trouble::bad_input(error.body_text(), "fill in the form again"))?;
        match asker {
            Some(asker) if asker.accepts_form(form.form_token()) => Ok(Self(form)),
            _ => Err(other_site()),
        }
    }
}

/// Renders a template; its failure would be a fault of ours, not of the caller.
pub(crate) fn render(template: &impl askama::Template) -> Result<Html<String>, Trouble> {
    template.render().map(Html).map_err(|error| Trouble::internal(&error.to_string()))
}
