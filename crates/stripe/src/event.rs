//! Events: `/v1/events`, what Stripe remembers of the last 30 days. An event is rendered in the version of its
//! creation, whatever we ask for, so its bytes go into the inbox like a delivery's.

use serde::Deserialize;

use crate::answer::Answer;
use crate::client::{Client, path_of};
use crate::error::StripeError;
use crate::form::Form;
use crate::page::{OnePage, Pages, Step};

const EVENTS: &str = "/v1/events";

/// Stripe takes so many names in one filter.
pub const TYPES_MAX: usize = 20;

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Event {
    pub id: String,
    #[serde(default, rename = "type")]
    pub event_type: String,
    #[serde(default, rename = "created")]
    pub created_s: i64,
    #[serde(default)]
    pub livemode: bool,
    #[serde(default)]
    pub api_version: Option<String>,
    /// Endpoints that have not taken it yet.
    #[serde(default)]
    pub pending_webhooks: i64,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EventFilter {
    /// At most [`TYPES_MAX`]; empty for all.
    pub types: Vec<String>,
    pub created_from_s: Option<i64>,
    pub created_before_s: Option<i64>,
    /// Only what came after this event: then the list runs from old to new.
    pub ending_before: Option<String>,
    /// `Some(false)`: what some endpoint has not taken.
    pub delivery_success: Option<bool>,
}

impl Client {
    pub fn event(&self, id: &str) -> Result<Answer<Event>, StripeError> {
        self.get(path_of(EVENTS, id)?, Form::default())
    }

    /// Newest first; with `ending_before`, oldest first.
    #[must_use]
    pub fn events(&self, filter: &EventFilter) -> Pages<Event> {
        let mut form = Form::default();
        form.list("types", &filter.types)
            .maybe("created[gte]", filter.created_from_s)
            .maybe("created[lt]", filter.created_before_s)
            .maybe("delivery_success", filter.delivery_success);
        let step = if filter.ending_before.is_some() { Step::Newer } else { Step::Older };
        Pages::new(self, EVENTS, form, step, filter.ending_before.clone())
    }

    /// One page of the events made at `from_s` (0: any time) or later, newest first, behind the event `after`.
    pub fn events_page(&self, from_s: i64, after: Option<&str>) -> Result<OnePage, StripeError> {
        let mut form = Form::default();
        form.maybe("created[gte]", (from_s > 0).then_some(from_s));
        self.one_page(EVENTS, form, after)
    }
}
