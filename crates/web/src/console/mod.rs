//! The console: pages made on the server, one file and one template per page. Everything works without
//! JavaScript; the one script only keeps figures fresh. It must not know SQL or how a commission comes about.

pub mod chart;
pub mod customer;
pub mod event;
pub mod events;
pub(crate) mod form;
pub mod frame;
pub mod leakage;
pub mod overview;
pub mod parked;
pub mod partner;
pub mod partner_forms;
pub mod partners;
pub mod payments;
pub mod plain;
pub mod reconcile;
mod redact;
pub mod sale;
mod sale_shown;
pub mod sales;
pub mod search;
pub mod show;
pub mod types;

#[cfg(test)]
mod tests;

use axum::routing::{get, post};

use crate::router::{Route, Verb};

/// Pages and forms behind the guard: path, and what answers there.
pub const ROUTES: &[Route] = &[
    Route { method: Verb::Get, path: "/", handler: || get(overview::page) },
    Route { method: Verb::Get, path: "/live/overview", handler: || get(overview::live) },
    Route { method: Verb::Get, path: "/sales", handler: || get(sales::page) },
    Route { method: Verb::Get, path: "/sales/leakage", handler: || get(leakage::page) },
    Route { method: Verb::Get, path: "/sales/customer/{id}", handler: || get(customer::page) },
    Route { method: Verb::Get, path: "/sales/{id}", handler: || get(sale::page) },
    Route { method: Verb::Get, path: "/partners", handler: || get(partners::page) },
    Route { method: Verb::Post, path: "/partners", handler: || post(partner_forms::add) },
    Route { method: Verb::Get, path: "/partners/{handle}", handler: || get(partner::page) },
    Route { method: Verb::Post, path: "/partners/{handle}/codes", handler: || post(partner_forms::adopt) },
    Route { method: Verb::Post, path: "/partners/{handle}/terms", handler: || post(partner_forms::terms) },
    Route { method: Verb::Post, path: "/partners/{handle}/status", handler: || post(partner_forms::status) },
    Route { method: Verb::Get, path: "/events", handler: || get(events::page) },
    Route { method: Verb::Get, path: "/live/events", handler: || get(events::live) },
    Route { method: Verb::Get, path: "/search", handler: || get(search::page) },
    Route { method: Verb::Get, path: "/events/search", handler: || get(search::page) },
    Route { method: Verb::Get, path: "/events/types", handler: || get(types::page) },
    Route { method: Verb::Get, path: "/reconcile", handler: || get(reconcile::page) },
    Route { method: Verb::Get, path: "/events/{id}", handler: || get(event::page) },
    Route { method: Verb::Post, path: "/events/{id}/body", handler: || post(event::body_shown) },
    Route { method: Verb::Post, path: "/events/{id}/retry", handler: || post(event::retry) },
    Route { method: Verb::Post, path: "/events/{id}/discard", handler: || post(event::discard) },
    Route { method: Verb::Get, path: "/events/parked", handler: || get(parked::page) },
    Route { method: Verb::Post, path: "/events/parked/retry", handler: || post(parked::retry) },
    Route { method: Verb::Post, path: "/events/parked/discard", handler: || post(parked::discard) },
    Route { method: Verb::Get, path: "/payments", handler: || get(payments::page) },
    Route { method: Verb::Post, path: "/logout", handler: || post(plain::logout) },
];

/// What a browser needs before it is let in. Nothing of the books.
pub const OPEN_ROUTES: &[Route] = &[
    Route { method: Verb::Get, path: "/login", handler: || get(plain::login_page) },
    Route { method: Verb::Post, path: "/login", handler: || post(plain::login) },
    Route { method: Verb::Get, path: "/assets/console.css", handler: || get(plain::stylesheet) },
    Route { method: Verb::Get, path: "/assets/live.js", handler: || get(plain::script) },
    Route { method: Verb::Get, path: "/assets/icon.svg", handler: || get(plain::icon) },
];
