//! `webhooks setup | check`: the endpoint at Stripe that sends events here.

mod check;
mod setup;

use std::sync::Arc;

use kernel::Book;
use stripe::{Client, WebhookEndpoint};

use crate::cli::{Common, WebhooksVerb};
use crate::config::Config;
use crate::outgoing::endpoints::{Difference, Scope, Wanted, scope_of};
use crate::outgoing::{Outgoing, Waits};
use crate::{Outcome, Stop};

pub(crate) fn run(common: &Common, verb: WebhooksVerb) -> Outcome {
    let config = Config::read(common)?;
    match verb {
        WebhooksVerb::Setup(args) => setup::run(common, &config, &args),
        WebhooksVerb::Check(args) => check::run(common, &config, &args),
    }
}

/// Which endpoint is meant.
struct Ask {
    url: Option<String>,
    connect: bool,
    any_path: bool,
}

/// What is asked of whom.
struct Desk<'a> {
    config: &'a Config,
    client: Client,
    book: Book,
    wanted: Wanted,
}

impl<'a> Desk<'a> {
    fn new(config: &'a Config, book: Option<&str>, ask: Ask) -> Result<Self, Stop> {
        let Ask { url, connect, any_path } = ask;
        let outgoing = Outgoing::new(&config.stripe, &Arc::new(Waits::default()))?;
        let book = own_book(&outgoing, book)?;
        let client = outgoing.client(&book).ok_or_else(|| {
            let name = if book.livemode { "STRIPE_API_KEY" } else { "STRIPE_API_KEY_TEST" };
            Stop::Usage(format!(
                "no key for book {}: set {name} for this command to a key that may write webhook endpoints",
                book.label()
            ))
        })?;
        let scope = if connect { Scope::Connect } else { Scope::Account };
        let wanted = Wanted { url, any_path, scope, version: config.stripe.version.clone() };
        Ok(Self { config, client, book, wanted })
    }

    /// The endpoints meant, the best first: of the right scope, then of the right version, then the newest.
    fn endpoints(&self) -> Result<Vec<WebhookEndpoint>, Stop> {
        let mut found = Vec::new();
        for endpoint in self.client.webhook_endpoints() {
            let endpoint = endpoint.map_err(said)?.object;
            if self.wanted.means(&endpoint) {
                found.push(endpoint);
            }
        }
        let version = Some(self.wanted.version.as_str());
        found.sort_by_key(|one| (scope_of(one) != self.wanted.scope, one.api_version.as_deref() != version));
        Ok(found)
    }

    /// The setting that holds this endpoint's signing secret.
    const fn setting(&self) -> &'static str {
        match (self.wanted.scope, self.book.livemode) {
            (Scope::Connect, _) => "STRIPE_WEBHOOK_SECRET_CONNECT",
            (Scope::Account, true) => "STRIPE_WEBHOOK_SECRET_LIVE",
            (Scope::Account, false) => "STRIPE_WEBHOOK_SECRET_TEST",
        }
    }

    fn has_secret(&self) -> bool {
        let connect = self.wanted.scope == Scope::Connect;
        self.config.secrets.iter().any(|secret| {
            let scope = if connect { web::Scope::Connect } else { web::Scope::Own };
            secret.modes.allow(self.book.livemode) && secret.scope == scope
        })
    }

    fn differences(&self, endpoint: &WebhookEndpoint) -> Vec<Difference> {
        let mut found = self.wanted.differences(endpoint);
        if !self.has_secret() {
            found.push(Difference::NoSecret { setting: self.setting() });
        }
        found
    }
}

/// The book named, or the only one that has a key.
fn own_book(outgoing: &Outgoing, named: Option<&str>) -> Result<Book, Stop> {
    let Some(label) = named else {
        let mut books = outgoing.own().map(|(book, _)| book);
        return match (books.next(), books.next()) {
            (Some(book), None) => Ok(book),
            (Some(_), Some(_)) => {
                Err(Stop::Usage("there are a live and a test key; say which with --book live or --book test".into()))
            }
            (None, _) => Err(Stop::Usage(
                "no Stripe key: set STRIPE_API_KEY (live) or STRIPE_API_KEY_TEST for this command to a key that may \
                 write webhook endpoints"
                    .into(),
            )),
        };
    };
    match Book::parse(label) {
        Some(book) if book.account.is_none() => Ok(book),
        _ => Err(Stop::Usage(format!(
            "'{label}' cannot have an endpoint of its own here: --book live or --book test, and --connect for the \
             events of connected accounts"
        ))),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
fn said(why: stripe::StripeError) -> Stop {
    if why.is_forbidden() {
        return Stop::Usage(format!(
            "{why}\nthis verb needs a key with Webhook Endpoints: Write (a restricted key made for the occasion will do)"
        ));
    }
    Stop::Found(why.to_string())
}
