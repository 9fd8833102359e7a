//! Which path is whose, and what a handler is given and gives back. One line per resource. It must not know
//! what any handler does.

use super::list::Listed;
use super::{Method, Params};
use crate::model::Object;
use crate::render::Version;
use crate::world::{Book, BookKey, Kind, Refusal, World};

/// One call: its book, its version, what the path captured, and its parameters.
pub(crate) struct Call<'a> {
    pub(crate) world: &'a mut World,
    pub(crate) book: BookKey,
    pub(crate) version: Version,
    /// The `{}` parts of the path, in order.
    pub(crate) captured: Vec<String>,
    pub(crate) params: Params,
}

impl Call<'_> {
    /// The book the call is about.
    pub(crate) fn book(&mut self) -> Result<&mut Book, Refusal> {
        let message = "The provided key does not have access to this account (or it does not exist).";
        self.world
            .book(&self.book)
            .ok_or_else(|| Refusal::plain(403, Kind::InvalidRequest, message).code("account_invalid"))
    }

    /// The parameters, to read and `finish` before anything is changed.
    pub(crate) fn params(&mut self) -> Params {
        std::mem::replace(&mut self.params, Params::new(Vec::new()))
    }

    /// The `index`th captured part of the path.
    pub(crate) fn path(&self, index: usize) -> &str {
        self.captured.get(index).map_or("", String::as_str)
    }
}

pub(crate) enum Reply {
    Object(Object),
    List(Listed),
    Deleted {
        object: &'static str,
        id: String,
    },
    /// Written by the handler.
    Json(String),
}

pub(crate) type Handler = fn(&mut Call<'_>) -> Result<Reply, Refusal>;

pub(crate) struct Route {
    pub(crate) method: Method,
    /// `{}` captures one segment.
    pub(crate) path: &'static str,
    pub(crate) handler: Handler,
}

/// Every resource's routes.
const TABLES: &[&[Route]] = &[
    super::account::ROUTES,
    super::balance::ROUTES,
    super::charge::ROUTES,
    super::coupon::ROUTES,
    super::credit_note::ROUTES,
    super::dispute::ROUTES,
    super::event::ROUTES,
    // Before `/v1/invoices/{}`, which would take `upcoming` for an id.
    super::invoice_preview::ROUTES,
    super::invoice::ROUTES,
    super::invoice_item::ROUTES,
    super::invoice_line::ROUTES,
    super::invoice_payment::ROUTES,
    super::payment_intent::ROUTES,
    super::payment_method::ROUTES,
    super::payout::ROUTES,
    super::promotion_code::ROUTES,
    super::refund::ROUTES,
    super::session::ROUTES,
    super::shelf::ROUTES,
    super::setup_intent::ROUTES,
    super::subscription::ROUTES,
    super::subscription_item::ROUTES,
    super::test_clock::ROUTES,
    super::transfer::ROUTES,
    super::customer::ROUTES,
    super::price::ROUTES,
    super::product::ROUTES,
    super::shipping_rate::ROUTES,
    super::tax_rate::ROUTES,
    super::webhook_endpoint::ROUTES,
];

pub(super) fn find(method: Method, path: &str) -> Result<(&'static Route, Vec<String>), Refusal> {
    let routes = || TABLES.iter().copied().flatten();
    let found = routes()
        .filter(|route| route.method == method)
        .find_map(|route| captured(route.path, path).map(|captured| (route, captured)));
    found.ok_or_else(|| {
        let why = super::later::known(path).unwrap_or_default();
        let message = format!("Unrecognized request URL ({}: {path}). {why}", method.name());
        Refusal::plain(404, Kind::InvalidRequest, message.trim_end())
    })
}

fn captured(pattern: &str, path: &str) -> Option<Vec<String>> {
    let mut captured = Vec::new();
    let (mut wanted, mut given) = (pattern.split('/'), path.trim_end_matches('/').split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(captured),
            (Some("{}"), Some(part)) if !part.is_empty() => captured.push(part.to_owned()),
            (Some(want), Some(part)) if want == part => {}
            _ => return None,
        }
    }
}
